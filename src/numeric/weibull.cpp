// SPDX-License-Identifier: Apache-2.0
// Weibull times from exact, interval- and right-censored rows, by Newton's method in ln shape and
// ln scale.
#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/estimated.hpp"
#include "numeric/distribution.hpp"
#include "numeric/information.hpp"
#include "numeric/interval_censored.hpp"

namespace kinescape::numeric {
namespace {

/// ln likelihood and its gradient at (ln shape, ln scale).
double likelihood(const IntervalRows& rows,
                  double log_shape,
                  double log_scale,
                  Eigen::Vector2d& g) {
  const double shape = std::exp(log_shape);
  double sum = 0.0;
  g.setZero();
  // H(t) = (t / scale)^shape and its derivatives in the two logarithms.
  const auto hazard = [&](double t, Eigen::Vector2d& d) {
    if (!(t > 0.0)) {
      d.setZero();
      return 0.0;
    }
    const double u = std::log(t) - log_scale, h = std::exp(shape * u);
    d << h * shape * u, -h * shape;
    return h;
  };
  for (std::size_t i = 0; i < rows.low.size(); ++i) {
    Eigen::Vector2d dl, dh;
    const double a = hazard(rows.low[i], dl);
    if (rows.low[i] == rows.high[i]) {
      const double u = std::log(std::max(rows.low[i], 1e-300)) - log_scale;
      sum += log_shape - std::log(std::max(rows.low[i], 1e-300)) + shape * u - a;
      g += Eigen::Vector2d(1.0 + shape * u, -shape) - dl;
    } else if (std::isinf(rows.high[i])) {
      sum -= a;
      g -= dl;
    } else {
      const double b = hazard(rows.high[i], dh), inside = -std::expm1(a - b);
      sum += -a + std::log(std::max(inside, 1e-300));
      g += -dl + std::exp(a - b) / std::max(inside, 1e-300) * (dh - dl);
    }
  }
  return sum;
}

}  // namespace

WeibullFit fit_weibull(const IntervalRows& rows, double level) {
  WeibullFit out{
      unknown, unknown, unknown, {unknown, unknown, unknown, unknown}, unknown, unknown, unknown};
  double total = 0.0, events = 0.0;
  for (std::size_t i = 0; i < rows.low.size(); ++i) {
    const bool seen = std::isfinite(rows.high[i]);
    events += seen;
    total += seen ? 0.5 * (rows.low[i] + rows.high[i]) : rows.low[i];
  }
  if (!(events >= 2.0) || !(total > 0.0)) return out;
  Eigen::Vector2d at(0.0, std::log(total / events)), g, next_g;
  double here = likelihood(rows, at(0), at(1), g);
  const GradientFunction gradient = [&](std::span<const double> x, std::span<double> d) {
    Eigen::Vector2d v;
    static_cast<void>(likelihood(rows, x[0], x[1], v));
    d[0] = -v(0), d[1] = -v(1);
  };
  for (int i = 0; i < 200 && g.cwiseAbs().maxCoeff() > 1e-10 * events; ++i) {
    const double x[2] = {at(0), at(1)};
    const auto inverse = inverse_hessian(gradient, x, {true, true});
    Eigen::Vector2d step = std::isfinite(inverse[0])
                               ? Eigen::Vector2d(inverse[0] * g(0) + inverse[1] * g(1),
                                                 inverse[2] * g(0) + inverse[3] * g(1))
                               : Eigen::Vector2d(g / events);
    const double longest = step.cwiseAbs().maxCoeff();
    if (longest > 1.0) step /= longest;
    double there = likelihood(rows, at(0) + step(0), at(1) + step(1), next_g);
    int halved = 0;
    for (; !(there >= here) && halved < 50; ++halved) {
      step *= 0.5;
      there = likelihood(rows, at(0) + step(0), at(1) + step(1), next_g);
    }
    if (halved == 50) break;
    at += step, here = there, g = next_g;
  }
  if (!(g.cwiseAbs().maxCoeff() < 1e-5 * events) || at(0) > 6.0) return out;  // no interior maximum
  const double x[2] = {at(0), at(1)};
  const auto v = inverse_hessian(gradient, x, {true, true});
  out.shape = std::exp(at(0)), out.scale = std::exp(at(1)), out.log_likelihood = here;
  std::copy(v.begin(), v.end(), out.covariance);
  // ln median = ln scale + ln(ln 2) / shape
  const double d0 = -std::log(std::numbers::ln2) / out.shape;
  const double se = std::sqrt(d0 * d0 * v[0] + 2.0 * d0 * v[1] + v[3]);
  const double z = normal_quantile(0.5 + 0.5 * level);
  out.median = out.scale * std::pow(std::numbers::ln2, 1.0 / out.shape);
  out.median_low = out.median * std::exp(-z * se);
  out.median_high = out.median * std::exp(z * se);
  return out;
}

}  // namespace kinescape::numeric
