// SPDX-License-Identifier: Apache-2.0
// The curve shapes in the coordinates that are fitted. Checked against dose_response/curve by test.
#include <cmath>
#include <limits>
#include <numbers>

#include "numeric/distribution.hpp"
#include "viability/model_internal.hpp"

namespace kinescape::viability::model {
namespace {

using std::numbers::ln10;

enum : int { midpoint, slope, top, bottom, asymmetry, hormesis, fraction, distance, slope_b };

// The share g of (top - bottom) that is left at w = h ln(x / e), and dg/dw.
struct Left {
  double g, slope;
};

Left left(Shape shape, double w) {
  switch (shape) {
    case Shape::weibull1: {
      const double e = std::exp(std::min(w, 300.0)), g = std::exp(-e);
      return {g, -e * g};
    }
    case Shape::weibull2: {
      const double e = std::exp(std::min(-w, 300.0)), g = std::exp(-e);
      return {1.0 - g, -e * g};
    }
    case Shape::log_normal:
      return {numeric::normal_cdf(-w), -0.39894228040143267794 * std::exp(-0.5 * w * w)};
    default: {
      const double e = std::exp(-std::abs(w)), s = 1.0 / (1.0 + e);
      return {w > 0.0 ? e * s : s, -e * s * s};
    }
  }
}

double log1p_exp(double w) {
  return w > 0.0 ? w + std::log1p(std::exp(-w)) : std::log1p(std::exp(w));
}

double biphasic(const Theta& theta, double u, std::array<double, 9>& d) {
  const auto& q = theta.at;
  const double h1 = std::exp(q[slope]), h2 = std::exp(q[slope_b]), gap = std::exp(q[distance]);
  const double phi = 1.0 / (1.0 + std::exp(-q[fraction]));
  const double w1 = h1 * ln10 * (u - q[midpoint]), w2 = h2 * ln10 * (u - q[midpoint] - gap);
  const Left a = left(Shape::log_logistic4, w1), b = left(Shape::log_logistic4, w2);
  const double span = q[top] - q[bottom], g = phi * a.g + (1.0 - phi) * b.g;
  d[midpoint] = -span * ln10 * (phi * a.slope * h1 + (1.0 - phi) * b.slope * h2);
  d[slope] = span * phi * a.slope * w1;
  d[slope_b] = span * (1.0 - phi) * b.slope * w2;
  d[distance] = -span * (1.0 - phi) * b.slope * h2 * ln10 * gap;
  d[fraction] = span * (a.g - b.g) * phi * (1.0 - phi);
  d[top] = g;
  d[bottom] = 1.0 - g;
  return q[bottom] + span * g;
}

}  // namespace

double response(const Theta& theta, double u, std::array<double, 9>& d) {
  const auto& q = theta.at;
  d.fill(0.0);
  if (theta.shape == Shape::flat || !(u > -std::numeric_limits<double>::infinity())) {
    d[top] = 1.0;
    return q[top];
  }
  if (theta.shape == Shape::biphasic) return biphasic(theta, u, d);
  const double h = std::exp(q[slope]), w = h * ln10 * (u - q[midpoint]);
  Left l = left(theta.shape, w);
  if (theta.shape == Shape::log_logistic5) {
    const double s = std::exp(q[asymmetry]), log_one = log1p_exp(w);
    const double share = 1.0 - l.g;  // e^w / (1 + e^w)
    l.g = std::exp(-s * log_one);
    l.slope = -s * l.g * share;
    d[asymmetry] = -(q[top] - q[bottom]) * l.g * s * log_one;
  }
  double span = q[top] - q[bottom];
  if (theta.shape == Shape::brain_cousens) {
    const double ratio = std::exp(ln10 * (u - q[midpoint]));
    span += q[hormesis] * ratio;
    d[hormesis] = ratio * l.g;
    d[midpoint] -= q[hormesis] * ratio * ln10 * l.g;
  }
  d[midpoint] -= span * l.slope * h * ln10;
  d[slope] = span * l.slope * w;
  d[top] = l.g;
  d[bottom] = 1.0 - l.g;
  return q[bottom] + span * l.g;
}

double response(const Theta& theta, double u) {
  std::array<double, 9> d{};
  return response(theta, u, d);
}

std::vector<int> free_parameters(Shape shape, bool top_free) {
  std::vector<int> free;
  const auto add = [&](std::initializer_list<int> more) { free.insert(free.end(), more); };
  if (shape != Shape::flat) add({midpoint, slope});
  if (top_free || shape == Shape::log_logistic4 || shape == Shape::log_logistic3) add({top});
  const bool full = shape == Shape::log_logistic2 || shape == Shape::log_logistic3;
  if (shape != Shape::flat && !full) add({bottom});
  if (shape == Shape::log_logistic5) add({asymmetry});
  if (shape == Shape::brain_cousens) add({hormesis});
  if (shape == Shape::biphasic) add({fraction, distance, slope_b});
  return free;
}

dose_response::Curve to_curve(const Theta& theta) {
  using P = dose_response::Parameter;
  const auto& q = theta.at;
  dose_response::Curve c;
  c.shape = theta.shape;
  c[P::log10_ec50] = theta.shape == Shape::flat ? unknown : q[midpoint];
  c[P::hill_slope] = std::exp(q[slope]);
  c[P::top] = q[top];
  c[P::bottom] = theta.shape == Shape::flat ? q[top] : q[bottom];
  c[P::asymmetry] = std::exp(q[asymmetry]);
  if (theta.shape == Shape::brain_cousens)
    c[P::hormesis] = q[hormesis] * std::exp(-ln10 * q[midpoint]);
  if (theta.shape == Shape::biphasic) {
    c[P::fraction] = 1.0 / (1.0 + std::exp(-q[fraction]));
    c[P::log10_ec50_b] = q[midpoint] + std::exp(q[distance]);
    c[P::hill_slope_b] = std::exp(q[slope_b]);
  }
  return c;
}

}  // namespace kinescape::viability::model
