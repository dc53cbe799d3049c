// SPDX-License-Identifier: Apache-2.0
#include "dose_response/curve.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "base/errors.hpp"
#include "dose_response/infinity_internal.hpp"
#include "numeric/distribution.hpp"
#include "numeric/quadrature.hpp"

namespace kinescape::dose_response {
namespace {

using enum Parameter;
using std::numbers::ln10;

constexpr std::array flat_free{top};
constexpr std::array two_free{log10_ec50, hill_slope};
constexpr std::array three_free{log10_ec50, hill_slope, top};
constexpr std::array three_u_free{log10_ec50, hill_slope, bottom};
constexpr std::array four_free{log10_ec50, hill_slope, top, bottom};
constexpr std::array five_free{log10_ec50, hill_slope, top, bottom, asymmetry};
constexpr std::array hormesis_free{log10_ec50, hill_slope, top, bottom, hormesis};
constexpr std::array biphasic_free{
    log10_ec50, hill_slope, top, bottom, fraction, log10_ec50_b, hill_slope_b};

/// How far along one phase is: share of (top - bottom) that is left, and its derivatives.
struct Phase {
  double share = 1.0;  ///< 1 before, 0 after.
  double lost = 0.0;   ///< 1 - share, without cancellation.
  double by_u = 0.0;   ///< d share / d u.
  double by_asymmetry = 0.0;
};

/// ln(1 + e^u) without overflow.
double softplus(double u) {
  return u > 0.0 ? u + std::log1p(std::exp(-u)) : std::log1p(std::exp(u));
}

Phase logistic(double u) {
  const double small = std::exp(-std::fabs(u));
  const double near = 1.0 / (1.0 + small), far = small / (1.0 + small);
  return {u > 0.0 ? far : near, u > 0.0 ? near : far, -near * far, 0.0};
}

Phase phase(Shape shape, double u, double a) {
  switch (shape) {
    case Shape::log_logistic5: {
      const Phase one = logistic(u);
      const double soft = softplus(u);
      const double share = std::exp(-a * soft);
      return {
          share, -std::expm1(-a * soft), -a * one.lost * share, share > 0 ? -soft * share : 0.0};
    }
    case Shape::weibull1: {
      const double e = std::exp(u);
      const double share = std::exp(-e);
      return {share, -std::expm1(-e), share > 0.0 ? -e * share : 0.0, 0.0};
    }
    case Shape::weibull2: {
      const double e = std::exp(-u);
      const double lost = std::exp(-e);
      return {-std::expm1(-e), lost, lost > 0.0 ? -e * lost : 0.0, 0.0};
    }
    case Shape::log_normal: {
      constexpr double root = std::numbers::sqrt2;
      const double density = std::exp(-0.5 * u * u) * std::numbers::inv_sqrtpi / root;
      return {0.5 * std::erfc(u / root), 0.5 * std::erfc(-u / root), -density, 0.0};
    }
    default:
      return logistic(u);
  }
}

/// slope * ln(x/e); a slope of zero has no dose at which it is anything but half way.
double exponent(double slope, double log10_e, double log10_x) {
  return slope == 0.0 ? 0.0 : slope * ln10 * (log10_x - log10_e);
}

/// The u at which a single phase has lost the share x.
double exponent_at_loss(Shape shape, double x, double a) {
  switch (shape) {
    case Shape::log_logistic5:
      return std::log(std::expm1(-std::log1p(-x) / a));
    case Shape::weibull1:
      return std::log(-std::log1p(-x));
    case Shape::weibull2:
      return -std::log(-std::log(x));
    case Shape::log_normal:
      return numeric::normal_quantile(x);
    default:
      return std::log(x / (1.0 - x));
  }
}

/// Where f (of log10 dose) changes sign between low and high, to the last bit.
template <class F>
double bisect(F f, double low, double high) {
  const bool sign = f(low) > 0.0;
  for (int i = 0; i < 200; ++i) {
    const double middle = 0.5 * (low + high);
    if (middle <= std::min(low, high) || middle >= std::max(low, high)) break;
    ((f(middle) > 0.0) == sign ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

/// The last place where a hormetic curve falls through `level`.
double last_fall(const Curve& c, double level) {
  const auto above = [&](double z) { return value_at_log10(c, z) - level; };
  const double h = c[hill_slope], step = 0.02 / std::max(1.0, h);
  if (!(h > 0.0)) return unknown;
  double high = c[log10_ec50];
  for (double reach = 1.0; above(high) > 0.0; reach *= 2.0) {
    if (high > 300.0) return inf;
    high += reach / h;
  }
  const double lowest = c[log10_ec50] - 20.0 - 20.0 / h;
  for (double z = high; z > lowest; z -= step) {
    if (above(z - step) > 0.0) return bisect(above, z - step, z);
  }
  return -inf;
}

double monotone_crossing(const Curve& c, double level) {
  const auto f = [&](double z) { return value_at_log10(c, z) - level; };
  double low = std::min(c[log10_ec50], c[log10_ec50_b]);
  double high = std::max(c[log10_ec50], c[log10_ec50_b]);
  const bool start = f(-inf) > 0.0;
  for (double reach = 1.0; (f(low) > 0.0) != start && low > -1e6; reach *= 2.0) low -= reach;
  for (double reach = 1.0; (f(high) > 0.0) == start && high < 1e6; reach *= 2.0) high += reach;
  return bisect(f, low, high);
}

bool single_phase(Shape shape) {
  return shape != Shape::flat && shape != Shape::brain_cousens && shape != Shape::biphasic;
}

/// Mean of 1/(1 + e^u) for u from a to b.
double mean_logistic(double a, double b) {
  if (std::fabs(b - a) < 1e-4) {
    const Phase m = logistic(0.5 * (a + b));  // + f'' (b-a)^2 / 24, below 1e-10
    return m.share;
  }
  return (softplus(-a) - softplus(-b)) / (b - a);
}

/// Panel ends for the integral of a curve over [a, b] on log10 dose: doubling widths away from each
/// midpoint, where the shapes bend.
std::vector<double> panels(const Curve& c, double a, double b) {
  std::vector<double> ends{a, b};
  const auto around = [&](double middle, double slope) {
    const double unit = 1.0 / std::max(std::fabs(slope) * ln10, 1e-6);
    if (middle > a && middle < b) ends.push_back(middle);
    for (double d = 0.5 * unit; d < 1e9; d *= 2.0) {
      if (middle - d > a && middle - d < b) ends.push_back(middle - d);
      if (middle + d > a && middle + d < b) ends.push_back(middle + d);
      if (middle - d <= a && middle + d >= b) break;
    }
  };
  around(c[log10_ec50], c[hill_slope]);
  if (c.shape == Shape::brain_cousens || c.shape == Shape::log_logistic5) {
    for (double z = a + 0.5; z < b; z += 0.5) ends.push_back(z);
  }
  std::sort(ends.begin(), ends.end());
  return ends;
}

}  // namespace

std::span<const Parameter> free_parameters(Shape shape) {
  switch (shape) {
    case Shape::flat:
      return flat_free;
    case Shape::log_logistic2:
      return two_free;
    case Shape::log_logistic3:
      return three_free;
    case Shape::log_logistic3u:
      return three_u_free;
    case Shape::log_logistic5:
      return five_free;
    case Shape::brain_cousens:
      return hormesis_free;
    case Shape::biphasic:
      return biphasic_free;
    default:
      return four_free;
  }
}

double value_at_log10(const Curve& c, double z) {
  if (c.shape == Shape::flat) return c[top];
  const Phase a = phase(c.shape, exponent(c[hill_slope], c[log10_ec50], z), c[asymmetry]);
  if (c.shape == Shape::biphasic) {
    const Phase b = logistic(exponent(c[hill_slope_b], c[log10_ec50_b], z));
    const double f = c[fraction];
    return c[top] * (f * a.share + (1.0 - f) * b.share) +
           c[bottom] * (f * a.lost + (1.0 - f) * b.lost);
  }
  double y = c[top] * a.share + c[bottom] * a.lost;
  if (c.shape == Shape::brain_cousens && a.share > 0.0) {
    y += c[hormesis] * std::exp(z * ln10) * a.share;
  }
  return y;
}

double value(const Curve& curve, double dose_nM) {
  return value_at_log10(curve, std::log10(dose_nM));
}

void gradient(const Curve& c, double dose_nM, std::span<double> out) {
  const auto free = free_parameters(c.shape);
  if (out.size() != free.size()) throw UsageError("gradient: one slot per free parameter");
  if (c.shape == Shape::flat) {
    out[0] = 1.0;
    return;
  }
  const double z = std::log10(dose_nM);
  const bool biphasic = c.shape == Shape::biphasic;
  const Phase a = phase(c.shape, exponent(c[hill_slope], c[log10_ec50], z), c[asymmetry]);
  const Phase b = biphasic ? logistic(exponent(c[hill_slope_b], c[log10_ec50_b], z)) : Phase{};
  const double f = biphasic ? c[fraction] : 1.0;
  const double hormetic = c.shape == Shape::brain_cousens ? c[hormesis] * dose_nM : 0.0;
  const double range = c[top] - c[bottom];
  // A phase that is over (or has not begun) has no slope, however far away it is.
  const auto by_slope = [&](const Phase& p, double middle, double height) {
    return p.by_u == 0.0 ? 0.0 : height * p.by_u * ln10 * (z - middle);
  };
  for (std::size_t i = 0; i < free.size(); ++i) {
    switch (free[i]) {
      case log10_ec50:
        out[i] = -(range + hormetic) * f * a.by_u * ln10 * c[hill_slope];
        break;
      case hill_slope:
        out[i] = by_slope(a, c[log10_ec50], (range + hormetic) * f);
        break;
      case top:
        out[i] = biphasic ? f * a.share + (1.0 - f) * b.share : a.share;
        break;
      case bottom:
        out[i] = biphasic ? f * a.lost + (1.0 - f) * b.lost : a.lost;
        break;
      case asymmetry:
        out[i] = range * a.by_asymmetry;
        break;
      case hormesis:
        out[i] = a.share > 0.0 ? dose_nM * a.share : 0.0;
        break;
      case fraction:
        out[i] = range * (a.share - b.share);
        break;
      case log10_ec50_b:
        out[i] = -range * (1.0 - f) * b.by_u * ln10 * c[hill_slope_b];
        break;
      case hill_slope_b:
        out[i] = by_slope(b, c[log10_ec50_b], range * (1.0 - f));
        break;
    }
  }
}

double log10_relative_ic_nM(const Curve& c, double x) {
  if (c.shape == Shape::flat || !(x > 0.0 && x < 1.0)) return unknown;
  if (single_phase(c.shape)) {
    return c[log10_ec50] + exponent_at_loss(c.shape, x, c[asymmetry]) / (c[hill_slope] * ln10);
  }
  const double z = log10_dose_at_nM(c, c[top] + x * (c[bottom] - c[top]));
  return std::isfinite(z) ? z : unknown;
}

double log10_dose_at_nM(const Curve& c, double level) {
  const auto outside = [&](double y) { return y > level ? inf : -inf; };
  if (c.shape == Shape::flat) return std::isnan(c[top]) ? unknown : outside(c[top]);
  for (const Parameter p : free_parameters(c.shape)) {
    if (std::isnan(c[p])) return unknown;
  }
  if (c.shape == Shape::brain_cousens) return last_fall(c, level);
  const double first = value_at_log10(c, -inf);
  const double last = value_at_log10(c, inf);
  if (!((first > level) != (last > level)) || first == level || last == level) {
    // Asymptotes themselves are never reached.
    return outside(first == level ? last : first);
  }
  if (c.shape == Shape::biphasic) return monotone_crossing(c, level);
  return log10_relative_ic_nM(c, (c[top] - level) / (c[top] - c[bottom]));
}

double normalised_auc(const Curve& c, double low_nM, double high_nM) {
  if (!(low_nM > 0.0 && high_nM > low_nM)) return unknown;
  const double a = std::log10(low_nM), b = std::log10(high_nM);
  // Shares left and lost apart: far from its plateau a curve is a small share of a large fall.
  const auto mean = [&](Parameter slope, Parameter middle, double sign) {
    return mean_logistic(sign * exponent(c[slope], c[middle], a),
                         sign * exponent(c[slope], c[middle], b));
  };
  switch (c.shape) {
    case Shape::flat:
      return c[top];
    case Shape::log_logistic2:
    case Shape::log_logistic3:
    case Shape::log_logistic3u:
    case Shape::log_logistic4:
      return c[top] * mean(hill_slope, log10_ec50, 1.0) +
             c[bottom] * mean(hill_slope, log10_ec50, -1.0);
    case Shape::biphasic: {
      const double f = c[fraction];
      const auto both = [&](double sign) {
        return f * mean(hill_slope, log10_ec50, sign) +
               (1.0 - f) * mean(hill_slope_b, log10_ec50_b, sign);
      };
      return c[top] * both(1.0) + c[bottom] * both(-1.0);
    }
    default:
      break;
  }
  double sum = 0.0;
  const auto ends = panels(c, a, b);
  for (std::size_t i = 1; i < ends.size(); ++i) {
    sum += numeric::gauss_legendre(
        [&](double z) { return value_at_log10(c, z); }, ends[i - 1], ends[i]);
  }
  return sum / (b - a);
}

}  // namespace kinescape::dose_response
