// SPDX-License-Identifier: Apache-2.0
// The mode of the standard deviations: quasi-Newton steps on the marginal likelihood, then
// Newton's.
#include <algorithm>
#include <cmath>

#include "numeric/latent_state_internal.hpp"

namespace kinescape::numeric {
namespace {

// Two more move errors of held-out potencies by less than a hundredth.
constexpr int tail_rounds = 3;

}  // namespace

double LatentPosterior::State::cost_and_gradient(const Eigen::VectorXd& theta,
                                                 Eigen::VectorXd& gradient) const {
  gradient.resize(theta.size());
  if (!std::isnan(model.student_df)) {
    constexpr double h = 1e-4;
    for (Eigen::Index i = 0; i < theta.size(); ++i) {
      Eigen::VectorXd up = theta, down = theta;
      up[i] += h;
      down[i] -= h;
      gradient[i] = (cost(up) - cost(down)) / (2 * h);
    }
    return cost(theta);
  }
  const Mode m = solve(theta);
  if (!m.converged || !std::isfinite(m.log_marginal)) {
    gradient.setZero();
    return 1e100;
  }
  const std::vector<double> slope = engine.slope(m);
  for (std::size_t i = 0; i < free.size(); ++i) {
    const std::size_t k = free[i];
    const double scale = model.components[k].prior_scale;
    const double z = std::isnan(scale) ? 0.0 : std::exp(m.log_sd[k]) / scale;
    gradient[static_cast<Eigen::Index>(i)] = -slope[k] - (std::isnan(scale) ? 0.0 : 1.0 - z * z);
  }
  return -m.log_marginal - log_prior(m.log_sd);
}

Eigen::MatrixXd LatentPosterior::State::hessian(const Eigen::VectorXd& theta, double h) const {
  const Eigen::Index n = theta.size();
  Eigen::MatrixXd out(n, n);
  Eigen::VectorXd up(n), down(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    Eigen::VectorXd a = theta, b = theta;
    a[i] += h;
    b[i] -= h;
    cost_and_gradient(a, up);
    cost_and_gradient(b, down);
    out.col(i) = (up - down) / (2 * h);
  }
  return 0.5 * (out + out.transpose());
}

bool LatentPosterior::State::has_tails() const {
  return std::any_of(model.components.begin(), model.components.end(), [](const auto& c) {
    return !std::isnan(c.tail_df);
  });
}

/// The scale of each column with a Student-t prior, from what is known of the column by now.
void LatentPosterior::State::adapt_tails(const Eigen::VectorXd& theta) {
  const Mode m = solve(theta, true);
  if (!m.converged) return;
  for (std::size_t j = 0; j < model.columns.size(); ++j) {
    LatentColumn& column = model.columns[j];
    if (column.component == LatentColumn::no_prior) continue;
    const double df = model.components[column.component].tail_df;
    if (std::isnan(df)) continue;
    const auto at = static_cast<Eigen::Index>(j);
    const Eigen::VectorXd unit = Eigen::VectorXd::Unit(m.x.size(), at);
    const double variance = m.factor->matrixL().solve(unit).squaredNorm();
    const double square = std::pow(m.x[at] - column.mean, 2) + variance;
    column.scale = (df + square * std::exp(-2 * m.log_sd[column.component])) / (df + 1.0);
  }
}

double LatentPosterior::State::approach(Eigen::VectorXd& theta,
                                        Eigen::VectorXd& g,
                                        Eigen::MatrixXd& inverse) {
  const auto n = theta.size();
  Eigen::VectorXd g_next(n);
  double now = cost_and_gradient(theta, g);
  bool settled = false;
  for (std::size_t step = 0; step < options.max_steps && !settled; ++step) {
    Eigen::VectorXd direction = -inverse * g;
    if (direction.dot(g) > 0) {
      inverse = Eigen::MatrixXd::Identity(n, n) * 0.2;
      direction = -inverse * g;
    }
    const double longest = direction.cwiseAbs().maxCoeff();
    if (longest > 1.0) direction /= longest;
    double length = 1.0, next = now;
    Eigen::VectorXd to = theta;
    for (; length > 1e-6; length *= 0.5) {
      to = (theta + length * direction).cwiseMax(least_log_sd).cwiseMin(most_log_sd);
      next = cost(to);
      if (next <= now + 1e-4 * length * direction.dot(g)) break;
    }
    if (length <= 1e-6) break;
    next = cost_and_gradient(to, g_next);
    const Eigen::VectorXd s = to - theta, y = g_next - g;
    settled = now - next < 1e-4 && g_next.cwiseAbs().maxCoeff() < 1e-2;
    if (const double sy = s.dot(y); sy > 1e-12) {
      const Eigen::MatrixXd left = Eigen::MatrixXd::Identity(n, n) - s * y.transpose() / sy;
      inverse = (left * inverse * left.transpose() + s * s.transpose() / sy).eval();
    }
    theta = to;
    now = next;
    g = g_next;
  }
  return now;
}

void LatentPosterior::State::maximise() {
  const auto n = static_cast<Eigen::Index>(free.size());
  Eigen::VectorXd theta(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const double scale = model.components[free[static_cast<std::size_t>(i)]].prior_scale;
    theta[i] = std::log(std::isnan(scale) ? 0.5 : 0.6 * scale);
  }
  const int rounds = has_tails() ? tail_rounds : 0;
  if (n == 0) {
    for (int i = 0; i < rounds; ++i) adapt_tails(theta);
    mode = solve(theta, true);
    converged = mode.converged;
    if (!converged) why = "the latent values have no mode";
    return;
  }
  Eigen::VectorXd g(n), g_next(n);
  Eigen::MatrixXd inverse = Eigen::MatrixXd::Identity(n, n) * 0.2;
  double now = approach(theta, g, inverse);
  for (int i = 0; i < rounds; ++i) {
    adapt_tails(theta);
    now = approach(theta, g, inverse);
  }
  // A component that the data put at zero lies at the lower limit: flat there, and no fault.
  Eigen::VectorXd inside = g;
  for (Eigen::Index i = 0; i < n; ++i) {
    if (theta[i] < least_log_sd + 1.0) inside[i] = 0;
  }
  Eigen::MatrixXd curvature = hessian(theta, 0.01);
  // Newton steps to the last digits.
  for (int step = 0; step < 6 && g.cwiseAbs().maxCoeff() > 1e-7; ++step) {
    const Eigen::VectorXd polish = -solve_symmetric(curvature, g);
    if (!polish.allFinite() || polish.cwiseAbs().maxCoeff() > 0.05) break;
    const double polished = cost_and_gradient(theta + polish, g_next);
    if (polished > now + 1e-10) break;
    theta += polish;
    now = polished;
    g = g_next;
  }
  mode = solve(theta, true);
  converged = mode.converged && inside.cwiseAbs().maxCoeff() < 0.05;
  if (!converged) why = "the standard deviations of the model did not settle";
  if (mode.converged) integrate(theta, now, curvature);
}

}  // namespace kinescape::numeric
