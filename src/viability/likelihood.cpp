// SPDX-License-Identifier: Apache-2.0
// The objective of a curve, its Gauss-Newton matrix, and the minimiser.
#include <algorithm>
#include <cmath>
#include <limits>

#include "numeric/distribution.hpp"
#include "viability/model_internal.hpp"

namespace kinescape::viability::model {
namespace {

constexpr double nu = 4.0;  // Degrees of freedom of the heavy-tailed wells (Lange et al. 1989).

// Half of the first derivative (negative) and of the curvature of one observation's deviance by
// its mean, and the deviance.
struct Part {
  double deviance, score, weight;
};

// -2 log Phi(a) and the inverse Mills ratio, without overflow far in the tail.
Part censored(double mean, double bound, double sd, double sign) {
  const double a = sign * (mean - bound) / sd;
  double log_phi, mills;
  if (a > -8.0) {
    const double p = numeric::normal_cdf(a);
    log_phi = std::log(p);
    mills = 0.39894228040143267794 * std::exp(-0.5 * a * a) / p;
  } else {
    // Phi(a) ~ phi(a) / -a (1 - 1/a^2 + 3/a^4)
    const double inverse = 1.0 / (a * a), series = 1.0 - inverse * (1.0 - 3.0 * inverse);
    log_phi = -0.5 * a * a - std::log(-a) - 0.91893853320467274178 + std::log(series);
    mills = -a / series;
  }
  return {-2.0 * log_phi, sign * mills / sd, std::max(0.0, mills * (mills + a)) / (sd * sd)};
}

Part part(const Data& data, const Obs& o, double mean, double variance) {
  if (o.reading == plate::Reading::saturated) return censored(mean, o.y, std::sqrt(variance), 1.0);
  if (o.reading == plate::Reading::below) return censored(mean, o.y, std::sqrt(variance), -1.0);
  const double w = o.n / variance, r = o.y - mean;
  if (!data.student_t) return {w * r * r, w * r, w};
  const double d = w * r * r, u = (nu + 1.0) / (nu + d);
  return {(nu + 1.0) * std::log1p(d / nu), w * u * r, w * u};
}

// The mean of an observation and its derivatives, as (index, value) pairs of the parameter vector.
struct Row {
  double mean = 0.0;
  int count = 0;
  std::array<int, 16> index{};
  std::array<double, 16> value{};
  void add(int i, double v) {
    if (i < 0) return;
    index[static_cast<std::size_t>(count)] = i;
    value[static_cast<std::size_t>(count++)] = v;
  }
};

double at(std::span<const double> p, int i, double fixed) {
  return i < 0 ? fixed : p[static_cast<std::size_t>(i)];
}

Row row_of(const Obs& o, const Fit& fit, const Theta& theta, std::span<const double> p) {
  const Layout& l = fit.layout;
  const auto plate = static_cast<std::size_t>(o.plate);
  Row row;
  const double b = at(p, l.blank[plate], 0.0);
  row.add(l.blank[plate], 1.0);
  row.mean = b;
  if (o.blank) return row;
  const double v = at(p, l.vehicle[plate], 1.0);
  const double spatial =
      1.0 + at(p, l.edge[plate], 0.0) * o.edge + at(p, l.gradient[plate], 0.0) * o.gradient;
  double f = 1.0;
  if (!o.vehicle) {
    std::array<double, 9> d{};
    const int shift =
        o.repeat >= 0 && !l.shift.empty() ? l.shift[static_cast<std::size_t>(o.repeat)] : -1;
    f = response(theta, o.log10_dose - at(p, shift, 0.0), d);
    for (std::size_t j = 0; j < l.theta.size(); ++j)
      row.add(static_cast<int>(j), v * spatial * d[static_cast<std::size_t>(l.theta[j])]);
    row.add(shift, v * spatial * d[0]);
  }
  row.add(l.vehicle[plate], spatial * f);
  if (o.edge != 0.0) row.add(l.edge[plate], v * f * o.edge);
  if (o.gradient != 0.0) row.add(l.gradient[plate], v * f * o.gradient);
  row.mean += v * spatial * f;
  return row;
}

Theta theta_of(const Fit& fit, std::span<const double> p) {
  Theta theta = fit.theta;
  for (std::size_t j = 0; j < fit.layout.theta.size(); ++j)
    theta.at[static_cast<std::size_t>(fit.layout.theta[j])] = p[j];
  return theta;
}

}  // namespace

double objective(const Data& data,
                 const Fit& fit,
                 std::span<const double> p,
                 const Pull& pull,
                 std::vector<double>* hessian,
                 std::vector<double>* score,
                 int only) {
  const auto n = static_cast<std::size_t>(fit.layout.size);
  if (hessian) hessian->assign(n * n, 0.0);
  if (score) score->assign(n, 0.0);
  const Theta theta = theta_of(fit, p);
  double q = 0.0;
  const auto add = [&](const Row& row, const Part& part, double share) {
    q += share * part.deviance;
    if (!hessian) return;
    for (int a = 0; a < row.count; ++a) {
      const auto i = static_cast<std::size_t>(row.index[static_cast<std::size_t>(a)]);
      const double va = share * row.value[static_cast<std::size_t>(a)];
      (*score)[i] += part.score * va;
      for (int b = 0; b < row.count; ++b)
        (*hessian)[i * n + static_cast<std::size_t>(row.index[static_cast<std::size_t>(b)])] +=
            part.weight * va * row.value[static_cast<std::size_t>(b)];
    }
  };
  const double shared = 1.0 / static_cast<double>(std::max<std::size_t>(1, data.repeats.size()));
  for (std::size_t i = 0; i < data.obs.size(); ++i) {
    const Obs& o = data.obs[i];
    if (only >= 0 && o.repeat >= 0 && o.repeat != only) continue;
    const Row row = row_of(o, fit, theta, p);
    add(row, part(data, o, row.mean, fit.variance[i]), only >= 0 && o.repeat < 0 ? shared : 1.0);
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (!(fit.ridge[i] > 0.0)) continue;
    double share = 1.0;
    if (only >= 0) {
      const auto& s = fit.layout.shift;
      const auto own = std::find(s.begin(), s.end(), static_cast<int>(i));
      share = own == s.end() ? shared : (own - s.begin() == only ? 1.0 : 0.0);
    }
    q += share * fit.ridge[i] * p[i] * p[i];
    if (!hessian) continue;
    (*score)[i] -= share * fit.ridge[i] * p[i];
    (*hessian)[i * n + i] += share * fit.ridge[i];
  }
  if (pull.quantity) {
    std::array<double, 9> g{};
    const double psi = pull.quantity->value(theta, g), off = psi - pull.target;
    q += off * (pull.stiffness * off + pull.pull);
    if (!std::isfinite(psi)) return std::numeric_limits<double>::infinity();
    if (hessian) {
      const double force = -(pull.stiffness * off + 0.5 * pull.pull);
      for (std::size_t a = 0; a < fit.layout.theta.size(); ++a) {
        const double ga = g[static_cast<std::size_t>(fit.layout.theta[a])];
        (*score)[a] += force * ga;
        for (std::size_t b = 0; b < fit.layout.theta.size(); ++b)
          (*hessian)[a * n + b] +=
              pull.stiffness * ga * g[static_cast<std::size_t>(fit.layout.theta[b])];
      }
    }
  }
  return q;
}

std::vector<Lever> leverages(const Data& data, const Fit& fit) {
  const auto n = static_cast<std::size_t>(fit.layout.size);
  std::vector<Lever> levers;
  for (std::size_t i = 0; i < data.obs.size(); ++i) {
    const Row row = row_of(data.obs[i], fit, fit.theta, fit.p);
    const Part p = part(data, data.obs[i], row.mean, fit.variance[i]);
    double leverage = 0.0;
    for (std::size_t a = 0; a < static_cast<std::size_t>(row.count); ++a)
      for (std::size_t b = 0; b < static_cast<std::size_t>(row.count); ++b)
        leverage += row.value[a] * row.value[b] *
                    fit.covariance[static_cast<std::size_t>(row.index[a]) * n +
                                   static_cast<std::size_t>(row.index[b])];
    levers.push_back({std::max(0.0, p.weight * leverage), p.deviance});
  }
  return levers;
}

bool cholesky(std::vector<double>& a, int size) {
  const auto n = static_cast<std::size_t>(size);
  for (std::size_t j = 0; j < n; ++j) {
    double d = a[j * n + j];
    for (std::size_t k = 0; k < j; ++k) d -= a[j * n + k] * a[j * n + k];
    if (!(d > 0.0) || !std::isfinite(d)) return false;
    d = std::sqrt(d);
    a[j * n + j] = d;
    for (std::size_t i = j + 1; i < n; ++i) {
      double s = a[i * n + j];
      for (std::size_t k = 0; k < j; ++k) s -= a[i * n + k] * a[j * n + k];
      a[i * n + j] = s / d;
    }
  }
  return true;
}

void cholesky_solve(const std::vector<double>& l, int size, std::span<double> b) {
  const auto n = static_cast<std::size_t>(size);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= l[i * n + k] * b[k];
    b[i] /= l[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) b[i] -= l[k * n + i] * b[k];
    b[i] /= l[i * n + i];
  }
}

bool minimise(const Data& data, Fit& fit, const Pull& pull, int steps, double tolerance) {
  const auto n = static_cast<std::size_t>(fit.layout.size);
  std::vector<double> hessian, score, factor(n * n), step(n), trial(n);
  double q = objective(data, fit, fit.p, pull, &hessian, &score), lambda = 1e-4;
  bool converged = false;
  for (int it = 0; it < steps && !converged && std::isfinite(q); ++it) {
    // A parameter at its bound that wants to go further is held there.
    std::vector<char> held(n, 0);
    for (std::size_t i = 0; i < n; ++i)
      held[i] = (fit.p[i] <= fit.lower[i] && score[i] < 0.0) ||
                        (fit.p[i] >= fit.upper[i] && score[i] > 0.0)
                    ? 1
                    : 0;
    bool moved = false;
    while (!moved && lambda < 1e12) {
      for (std::size_t i = 0; i < n; ++i) {
        step[i] = held[i] ? 0.0 : score[i];
        for (std::size_t j = 0; j <= i; ++j)
          factor[i * n + j] = held[i] || held[j] ? (i == j ? 1.0 : 0.0) : hessian[i * n + j];
        if (!held[i]) factor[i * n + i] += lambda * factor[i * n + i] + 1e-14;
      }
      double expected = 0.0;
      if (cholesky(factor, fit.layout.size)) {
        cholesky_solve(factor, fit.layout.size, step);
        for (std::size_t i = 0; i < n; ++i) {
          trial[i] = std::clamp(fit.p[i] + step[i], fit.lower[i], fit.upper[i]);
          expected += score[i] * step[i];
        }
        const double next = objective(data, fit, trial, pull, nullptr, nullptr);
        if (next <= q) {
          moved = true;
          const double gain = q - next;
          converged = gain <= tolerance * (1.0 + std::abs(q)) && expected <= 1e-6 * (1.0 + q);
          fit.p = trial;
          q = objective(data, fit, fit.p, pull, &hessian, &score);
          lambda = gain > 0.5 * expected ? std::max(lambda * 0.1, 1e-12) : lambda;
          break;
        }
        if (expected <= tolerance * (1.0 + std::abs(q))) {
          converged = true;  // Nothing left to gain that the arithmetic could show.
          break;
        }
      }
      lambda = std::max(lambda * 8.0, 1e-8);
    }
    if (!moved) break;
  }
  fit.theta = theta_of(fit, fit.p);
  fit.q = objective(data, fit, fit.p, Pull{}, nullptr, nullptr);
  return converged;
}

void finish(const Data& data, Fit& fit) {
  const auto n = static_cast<std::size_t>(fit.layout.size);
  std::vector<double> score;
  fit.q = objective(data, fit, fit.p, Pull{}, &fit.hessian, &score);
  fit.at_bound.assign(n, 0);
  int parameters = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double slack = 1e-9 * (1.0 + std::abs(fit.p[i]));
    fit.at_bound[i] = fit.p[i] - fit.lower[i] <= slack || fit.upper[i] - fit.p[i] <= slack ? 1 : 0;
    if (!(fit.ridge[i] > 0.0)) ++parameters;
  }
  std::vector<double> factor = fit.hessian;
  double largest = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    largest = std::max(largest, factor[i * n + i]);
    for (std::size_t j = 0; j < n; ++j)
      if (fit.at_bound[i] || fit.at_bound[j]) factor[i * n + j] = i == j ? 1.0 : 0.0;
  }
  for (std::size_t i = 0; i < n; ++i) factor[i * n + i] += 1e-13 * factor[i * n + i] + 1e-300;
  fit.covariance.assign(n * n, 0.0);
  fit.usable = cholesky(factor, fit.layout.size);
  for (std::size_t j = 0; j < n && fit.usable; ++j) {
    if (fit.at_bound[j]) continue;
    std::vector<double> e(n, 0.0);
    e[j] = 1.0;
    cholesky_solve(factor, fit.layout.size, e);
    for (std::size_t i = 0; i < n; ++i) fit.covariance[i * n + j] = fit.at_bound[i] ? 0.0 : e[i];
  }
  fit.df = std::max(1.0, data.wells - parameters);
}

}  // namespace kinescape::viability::model
