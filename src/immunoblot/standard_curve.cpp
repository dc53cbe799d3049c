// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "immunoblot/standard_curve_internal.hpp"

namespace kinescape::immunoblot {
namespace {

bool logistic(ProteinCurve curve) {
  return curve == ProteinCurve::logistic4 || curve == ProteinCurve::logistic5;
}

/// Starts for the midpoint and the slope; the plateaus are those of the data.
std::vector<std::vector<double>> starts_of(ProteinCurve curve, const Calibration& data) {
  if (!logistic(curve)) return {std::vector<double>(parameters_of(curve), 0.0)};
  const auto [low_y, high_y] = std::ranges::minmax(data.y);
  double low = 1e300, high = 0.0;
  for (const double x : data.x) {
    if (x > 0.0) low = std::min(low, x), high = std::max(high, x);
  }
  std::vector<std::vector<double>> out;
  for (const double share : {0.3, 0.6, 0.9, 1.3}) {
    const double m = std::log(low) + share * (std::log(high) - std::log(low));
    for (const double h : {0.7, 1.2, 2.5}) {
      std::vector<double> p{low_y, high_y + 0.3 * (high_y - low_y), m, h};
      if (curve == ProteinCurve::logistic5) p.push_back(0.0);
      out.push_back(std::move(p));
    }
  }
  return out;
}

}  // namespace

std::string_view name(ProteinCurve curve) {
  switch (curve) {
    case ProteinCurve::linear:
      return "linear";
    case ProteinCurve::quadratic:
      return "quadratic";
    case ProteinCurve::logistic4:
      return "4-parameter logistic";
    case ProteinCurve::logistic5:
      return "5-parameter logistic";
  }
  return "";
}

std::size_t parameters_of(ProteinCurve curve) {
  switch (curve) {
    case ProteinCurve::linear:
      return 2;
    case ProteinCurve::quadratic:
      return 3;
    case ProteinCurve::logistic4:
      return 4;
    case ProteinCurve::logistic5:
      return 5;
  }
  return 0;
}

double curve_value(ProteinCurve curve, std::span<const double> p, double x) {
  if (curve == ProteinCurve::linear) return p[0] + p[1] * x;
  if (curve == ProteinCurve::quadratic) return p[0] + x * (p[1] + x * p[2]);
  if (x <= 0.0) return p[0];
  const double g = curve == ProteinCurve::logistic5 ? std::exp(p[4]) : 1.0;
  const double e = std::exp(std::min(-p[3] * (std::log(x) - p[2]), 600.0));
  return p[0] + (p[1] - p[0]) * std::pow(1.0 + e, -g);
}

void curve_gradient(ProteinCurve curve, std::span<const double> p, double x, std::span<double> g) {
  g[0] = 1.0;
  if (!logistic(curve)) {
    g[1] = x;
    if (curve == ProteinCurve::quadratic) g[2] = x * x;
    return;
  }
  std::fill(g.begin() + 1, g.end(), 0.0);
  if (x <= 0.0) return;
  const double asymmetry = curve == ProteinCurve::logistic5 ? std::exp(p[4]) : 1.0;
  const double d = std::log(x) - p[2], e = std::exp(std::min(-p[3] * d, 600.0));
  const double s = std::pow(1.0 + e, -asymmetry), span = p[1] - p[0];
  const double ds_de = -asymmetry * s / (1.0 + e);
  g[0] = 1.0 - s;
  g[1] = s;
  g[2] = span * ds_de * e * p[3];
  g[3] = -span * ds_de * e * d;
  if (curve == ProteinCurve::logistic5) g[4] = -span * s * asymmetry * std::log1p(e);
}

numeric::LeastSquaresFit fit_standard(ProteinCurve curve,
                                      const Calibration& data,
                                      std::span<const double> start) {
  const std::size_t n = data.x.size(), k = parameters_of(curve);
  const auto function = [&](std::span<const double> p, std::span<double> r, std::span<double> j) {
    std::vector<double> g(k);
    for (std::size_t i = 0; i < n; ++i) {
      const double root = data.weight.empty() ? 1.0 : std::sqrt(data.weight[i]);
      r[i] = root * (curve_value(curve, p, data.x[i]) - data.y[i]);
      if (!std::isfinite(r[i])) return false;
      if (j.empty()) continue;
      curve_gradient(curve, p, data.x[i], g);
      for (std::size_t c = 0; c < k; ++c) j[i * k + c] = root * g[c];
    }
    return true;
  };
  numeric::LeastSquaresOptions options;
  if (logistic(curve)) {  // a rising curve, its midpoint within a decade or two of the standards
    options.lower = {-1e3, -1e3, -20.0, 0.05};
    options.upper = {1e3, 1e3, 25.0, 20.0};
    if (curve == ProteinCurve::logistic5)
      options.lower.push_back(-4.0), options.upper.push_back(4.0);
  }
  std::vector<std::vector<double>> starts = starts_of(curve, data);
  if (!start.empty()) starts = {std::vector<double>(start.begin(), start.end())};
  numeric::LeastSquaresFit best;
  for (const auto& from : starts) {
    auto fit = numeric::least_squares(function, n, from, options);
    if (!fit.usable()) continue;
    if (!best.usable() || fit.residual_sum < best.residual_sum) best = std::move(fit);
  }
  return best;
}

double inverse(ProteinCurve curve, std::span<const double> p, double y, double low, double high) {
  const auto off = [&](double x) { return curve_value(curve, p, x) - y; };
  double a = low, b = high, at_a = off(a);
  if (!(at_a * off(b) <= 0.0)) return unknown;
  for (int i = 0; i < 200 && b - a > 1e-14 * std::max(b, 1e-300); ++i) {
    const double middle = 0.5 * (a + b), at = off(middle);
    if ((at < 0.0) == (at_a < 0.0)) {
      a = middle, at_a = at;
    } else {
      b = middle;
    }
  }
  return 0.5 * (a + b);
}

}  // namespace kinescape::immunoblot
