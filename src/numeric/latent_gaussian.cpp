// SPDX-License-Identifier: Apache-2.0
// The standard deviations: their mode by quasi-Newton steps, their uncertainty by importance draws.
#include "numeric/latent_gaussian.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/errors.hpp"
#include "numeric/distribution.hpp"
#include "numeric/latent_gaussian_internal.hpp"

namespace kinescape::numeric {

using latent::Engine;
using latent::Mode;

namespace {

constexpr double least_log_sd = -9.0, most_log_sd = 3.5;
constexpr std::size_t candidates_a_draw = 4;

void check(const LatentModel& model) {
  for (const auto& c : model.columns) {
    if (c.component != LatentColumn::no_prior && c.component >= model.components.size()) {
      throw UsageError("a latent column names a component that is not there");
    }
  }
  for (const auto& o : model.observations) {
    if (o.noise.empty()) throw UsageError("an observation has no noise");
    for (const auto& share : o.noise) {
      if (share.component >= model.components.size())
        throw UsageError("noise of a component that is not there");
    }
    const bool fixed = o.low.terms.empty() && o.high.terms.empty();
    if (o.seen == SeenAs::between && fixed && !(o.low.constant < o.high.constant)) {
      throw UsageError("an interval observation whose bounds cross");
    }
  }
}

}  // namespace

struct LatentPosterior::State {
  State(LatentModel m, const LatentOptions& o) : model(std::move(m)), options(o), engine(model) {}
  LatentModel model;
  LatentOptions options;
  Engine engine;
  std::vector<std::size_t> free;  // components that are estimated
  Mode mode;
  std::vector<Mode> draws;
  std::vector<double> weights;
  bool converged = false;
  std::string why;
  mutable Eigen::VectorXd last;  // where the next solve starts

  [[nodiscard]] std::vector<double> all_log_sd(const Eigen::VectorXd& theta) const {
    std::vector<double> out;
    for (const auto& c : model.components)
      out.push_back(std::isnan(c.fixed_sd) ? 0.0 : std::log(c.fixed_sd));
    for (std::size_t i = 0; i < free.size(); ++i)
      out[free[i]] = theta[static_cast<Eigen::Index>(i)];
    return out;
  }
  [[nodiscard]] double log_prior(const std::vector<double>& log_sd) const {
    double sum = 0;
    for (const std::size_t k : free) {
      const double scale = model.components[k].prior_scale;
      if (std::isnan(scale)) continue;
      const double z = std::exp(log_sd[k]) / scale;
      sum += log_sd[k] - 0.5 * z * z;
    }
    return sum;
  }
  [[nodiscard]] Mode solve(const Eigen::VectorXd& theta, bool keep = false) const {
    Mode m = engine.solve(all_log_sd(theta), last, {}, keep);
    if (m.converged) last = m.x;
    return m;
  }
  [[nodiscard]] double cost(const Eigen::VectorXd& theta) const {
    const Mode m = solve(theta);
    if (!m.converged || !std::isfinite(m.log_marginal)) return 1e100;
    return -m.log_marginal - log_prior(m.log_sd);
  }
  [[nodiscard]] Eigen::VectorXd gradient(const Eigen::VectorXd& theta, double h) const {
    Eigen::VectorXd g(theta.size());
    for (Eigen::Index i = 0; i < theta.size(); ++i) {
      Eigen::VectorXd up = theta, down = theta;
      up[i] += h;
      down[i] -= h;
      g[i] = (cost(up) - cost(down)) / (2 * h);
    }
    return g;
  }
  [[nodiscard]] Eigen::MatrixXd hessian(const Eigen::VectorXd& theta,
                                        double center,
                                        double h) const;
  void maximise();
  void integrate(const Eigen::VectorXd& theta, double center, const Eigen::MatrixXd& hessian);
  void keep_of(std::vector<Mode>& tried, const std::vector<double>& log_weight);
};

Eigen::MatrixXd LatentPosterior::State::hessian(const Eigen::VectorXd& theta,
                                                double center,
                                                double h) const {
  const Eigen::Index n = theta.size();
  Eigen::MatrixXd out(n, n);
  Eigen::VectorXd up(n), down(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    Eigen::VectorXd a = theta, b = theta;
    a[i] += h;
    b[i] -= h;
    up[i] = cost(a);
    down[i] = cost(b);
    out(i, i) = (up[i] + down[i] - 2 * center) / (h * h);
  }
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < i; ++j) {
      Eigen::VectorXd a = theta, b = theta;
      a[i] += h;
      a[j] += h;
      b[i] -= h;
      b[j] -= h;
      const double mixed = cost(a) + cost(b) + 2 * center - up[i] - down[i] - up[j] - down[j];
      out(i, j) = out(j, i) = mixed / (2 * h * h);
    }
  }
  return out;
}

void LatentPosterior::State::maximise() {
  const auto n = static_cast<Eigen::Index>(free.size());
  Eigen::VectorXd theta(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    const double scale = model.components[free[static_cast<std::size_t>(i)]].prior_scale;
    theta[i] = std::log(std::isnan(scale) ? 0.5 : 0.6 * scale);
  }
  double now = cost(theta);
  if (n == 0) {
    mode = solve(theta, true);
    converged = mode.converged;
    if (!converged) why = "the latent values have no mode";
    return;
  }
  Eigen::VectorXd g = gradient(theta, 1e-4);
  Eigen::MatrixXd inverse = Eigen::MatrixXd::Identity(n, n) * 0.2;
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
    const Eigen::VectorXd g_next = gradient(to, 1e-4);
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
  // A component that the data put at zero lies at the lower limit: flat there, and no fault.
  Eigen::VectorXd inside = g;
  for (Eigen::Index i = 0; i < n; ++i) {
    if (theta[i] < least_log_sd + 1.0) inside[i] = 0;
  }
  Eigen::MatrixXd curvature = hessian(theta, now, 0.02);
  // Newton steps to the last digits.
  for (int step = 0; step < 6 && g.cwiseAbs().maxCoeff() > 1e-7; ++step) {
    const Eigen::VectorXd polish = -solve_symmetric(curvature, g);
    if (!polish.allFinite() || polish.cwiseAbs().maxCoeff() > 0.05) break;
    const double polished = cost(theta + polish);
    if (polished > now + 1e-10) break;
    theta += polish;
    now = polished;
    if (step > 0 && polish.cwiseAbs().maxCoeff() < 1e-6) break;
    g = gradient(theta, 1e-4);
  }
  mode = solve(theta, true);
  converged = mode.converged && inside.cwiseAbs().maxCoeff() < 0.05;
  if (!converged) why = "the standard deviations of the model did not settle";
  if (mode.converged) integrate(theta, now, curvature);
}

void LatentPosterior::State::integrate(const Eigen::VectorXd& theta,
                                       double center,
                                       const Eigen::MatrixXd& hessian_at) {
  if (options.draws == 0) return;
  const Eigen::Index n = theta.size();
  const SymmetricEigen eigen = symmetric_eigen(hessian_at);
  // Directions that the data hardly bend are cut at a standard deviation of 1 (a factor e).
  const Eigen::VectorXd scale = eigen.values.cwiseMax(1.0).cwiseSqrt().cwiseInverse();
  // The symmetric root: it does not depend on the order or the signs of the eigenvectors.
  const Eigen::MatrixXd root = eigen.with(scale);
  // The posterior of a log standard deviation leans: a long tail to zero, a short one upwards. Each
  // direction has a spread of its own on either side, as far as one step there says (Rue 2009,
  // section 6.5), else the draws would lie where the posterior is not and few would weigh.
  const auto side = [&](Eigen::Index i, double step) {
    const double rise = cost(theta + step * root.col(i)) - center;
    if (!(rise > 0) || rise > 1e50) return rise > 0 ? 0.5 : 2.0;
    return std::clamp(std::abs(step) / std::sqrt(2.0 * rise), 0.5, 2.0);
  };
  // How the latent values follow each direction, so that the solves start where they end.
  Eigen::VectorXd up(n), down(n);
  Eigen::MatrixXd follows_up(mode.x.size(), n), follows_down(mode.x.size(), n);
  for (Eigen::Index i = 0; i < n; ++i) {
    last = mode.x;
    up[i] = side(i, 1.5);
    follows_up.col(i) = (last - mode.x) / 1.5;
    last = mode.x;
    down[i] = side(i, -1.5);
    follows_down.col(i) = (last - mode.x) / 1.5;
  }
  const double df = 7.0;  // heavier tails than a Gaussian, so that no weight runs away
  struct Candidate {
    Mode mode;
    double log_weight = unknown;  // unknown: none
  };
  std::vector<Candidate> candidates(candidates_a_draw * options.draws);
  parallel_for(candidates.size(), options.threads, [&](std::size_t d) {
    Stream stream(options.seed, 1, d / 2);
    Eigen::VectorXd z(n), leaning(n), start = mode.x;
    for (Eigen::Index i = 0; i < n; ++i) z[i] = stream.normal();
    const double chi = 2.0 * stream.gamma(0.5 * df) / df;
    z *= (d % 2 == 0 ? 1.0 : -1.0) / std::sqrt(chi);
    double log_scale = 0;
    for (Eigen::Index i = 0; i < n; ++i) {
      const double s = z[i] > 0 ? up[i] : down[i];
      leaning[i] = s * z[i];
      log_scale += std::log(s);
      start += std::min(std::abs(leaning[i]), 2.0) * (z[i] > 0 ? follows_up : follows_down).col(i);
    }
    const Eigen::VectorXd at = theta + root * leaning;
    if (at.minCoeff() < least_log_sd - 3 || at.maxCoeff() > most_log_sd) return;
    // A factor of its own: threads share none. A weight needs no more than 1e-4.
    Mode m = engine.solve(all_log_sd(at), start, {}, true, 1e-4);
    if (!m.converged) return;
    const double cost_at = -m.log_marginal - log_prior(m.log_sd);
    candidates[d].log_weight =
        center - cost_at + log_scale +
        0.5 * (df + static_cast<double>(n)) * std::log1p(z.squaredNorm() / df);
    m.factor.reset();
    candidates[d].mode = std::move(m);
  });
  std::vector<Mode> tried;
  std::vector<double> log_weight;
  for (Candidate& c : candidates) {
    if (std::isnan(c.log_weight)) continue;
    tried.push_back(std::move(c.mode));
    log_weight.push_back(c.log_weight);
  }
  keep_of(tried, log_weight);
}

/// As many of the candidates as draws were asked for, by systematic resampling (Kitagawa 1996,
/// doi:10.1080/10618600.1996.10474692): every answer costs a solve for each draw that is kept.
/// Cutting large weights instead would leave the spread of the proposal in the answer.
void LatentPosterior::State::keep_of(std::vector<Mode>& tried,
                                     const std::vector<double>& log_weight) {
  if (tried.empty()) return;
  const double top = *std::max_element(log_weight.begin(), log_weight.end());
  double sum = 0;
  for (const double w : log_weight) sum += std::exp(w - top);
  const double step = sum / static_cast<double>(options.draws);
  double next = 0.5 * step, passed = 0;
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < tried.size(); ++i) {
    passed += std::exp(log_weight[i] - top);
    double times = 0;
    for (; next < passed; next += step) times += 1.0;
    if (times == 0) continue;
    kept.push_back(i);
    weights.push_back(times);
  }
  draws.resize(kept.size());
  parallel_for(kept.size(), options.threads, [&](std::size_t k) {
    const Mode& at = tried[kept[k]];
    draws[k] = engine.solve(at.log_sd, at.x, {}, true);
  });
  sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& w : weights) w /= sum;
}

LatentPosterior::LatentPosterior(LatentModel model, const LatentOptions& options) {
  check(model);
  state_ = std::make_unique<State>(std::move(model), options);
  for (std::size_t k = 0; k < state_->model.components.size(); ++k) {
    if (std::isnan(state_->model.components[k].fixed_sd)) state_->free.push_back(k);
  }
  state_->maximise();
  if (state_->draws.empty()) {
    state_->draws.push_back(state_->mode);
    state_->weights = {1.0};
  }
}

LatentPosterior::~LatentPosterior() = default;
LatentPosterior::LatentPosterior(LatentPosterior&&) noexcept = default;
LatentPosterior& LatentPosterior::operator=(LatentPosterior&&) noexcept = default;

bool LatentPosterior::converged() const {
  return state_->converged;
}
const std::string& LatentPosterior::why() const {
  return state_->why;
}
double LatentPosterior::log_marginal() const {
  return state_->mode.log_marginal;
}
double LatentPosterior::sd(std::size_t component) const {
  return std::exp(state_->mode.log_sd.at(component));
}

namespace {

double value_at(const LatentForm& form, const Eigen::VectorXd& x) {
  double sum = form.constant;
  for (const auto& t : form.terms) sum += t.weight * x[static_cast<Eigen::Index>(t.column)];
  return sum;
}

Eigen::VectorXd dense(const LatentForm& form, Eigen::Index n) {
  Eigen::VectorXd out = Eigen::VectorXd::Zero(n);
  for (const auto& t : form.terms) out[static_cast<Eigen::Index>(t.column)] += t.weight;
  return out;
}

/// L^-1 P c: its squared length is the variance of c'x.
Eigen::VectorXd half_solved(const latent::Factor& factor, const Eigen::VectorXd& c) {
  const Eigen::VectorXd permuted = factor.permutationP() * c;
  return factor.matrixL().solve(permuted);
}

}  // namespace

LatentMixture LatentPosterior::sd_log(std::size_t component) const {
  LatentMixture out;
  out.weight = state_->weights;
  for (const auto& d : state_->draws) {
    out.mean.push_back(d.log_sd.at(component));
    out.variance.push_back(0.0);
  }
  return out;
}

double LatentPosterior::at_mode(const LatentForm& form) const {
  return value_at(form, state_->mode.x);
}

LatentMixture LatentPosterior::distribution(const LatentForm& form,
                                            const std::vector<NoiseShare>& extra) const {
  LatentMixture out;
  out.weight = state_->weights;
  for (const auto& d : state_->draws) {
    out.mean.push_back(value_at(form, d.x));
    double variance = half_solved(*d.factor, dense(form, d.x.size())).squaredNorm();
    for (const auto& share : extra)
      variance += share.weight * std::exp(2 * d.log_sd.at(share.component));
    out.variance.push_back(variance);
  }
  return out;
}

LatentJoint LatentPosterior::joint(const std::vector<LatentForm>& forms) const {
  LatentJoint out;
  out.weight = state_->weights;
  const auto m = static_cast<Eigen::Index>(forms.size());
  for (const auto& d : state_->draws) {
    Eigen::MatrixXd half(d.x.size(), m);
    std::vector<double> mean;
    for (Eigen::Index i = 0; i < m; ++i) {
      const auto& form = forms[static_cast<std::size_t>(i)];
      half.col(i) = half_solved(*d.factor, dense(form, d.x.size()));
      mean.push_back(value_at(form, d.x));
    }
    const Eigen::MatrixXd covariance = half.transpose() * half;
    out.mean.push_back(std::move(mean));
    out.covariance.emplace_back(covariance.data(), covariance.data() + covariance.size());
  }
  return out;
}

LatentMixture LatentPosterior::noisier(LatentMixture mixture,
                                       const std::vector<NoiseShare>& extra) const {
  for (std::size_t d = 0; d < mixture.variance.size(); ++d) {
    for (const auto& share : extra)
      mixture.variance[d] +=
          share.weight * std::exp(2 * state_->draws[d].log_sd.at(share.component));
  }
  return mixture;
}

double LatentPosterior::at_mode_without(const LatentForm& form,
                                        const std::vector<std::size_t>& observations) const {
  std::vector<double> weights;
  for (const auto& o : state_->model.observations) weights.push_back(o.weight);
  for (const std::size_t i : observations) weights.at(i) = 0.0;
  const Mode m = state_->engine.solve(state_->mode.log_sd, state_->mode.x, weights);
  return m.converged ? value_at(form, m.x) : unknown;
}

}  // namespace kinescape::numeric
