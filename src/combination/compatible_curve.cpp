// SPDX-License-Identifier: Apache-2.0
// drc's curve of one agent: its units, its start, and where its search ends.
#include <algorithm>
#include <cmath>

#include "combination/compatible_internal.hpp"
#include "numeric/variable_metric.hpp"

namespace kinescape::combination {
namespace {

constexpr double no_drug = 1e-10;  // what the tool takes the logarithm of, of no drug

double median(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  return 0.5 * (x[(x.size() - 1) / 2] + x[x.size() / 2]);
}

/// The power of ten at or below the median; 1 where that has no logarithm.
double decade(const std::vector<double>& x) {
  const double unit = std::pow(10.0, std::floor(std::log10(median(x))));
  return unit >= 1e-15 ? unit : 1.0;  // also where it is NaN
}

struct Start {
  double b, c, d, e;
};

/// Plateaus just outside the responses, slope and midpoint from the line through logit response on
/// log dose. No dose has no logarithm and is left out of the line.
Start start_of(const std::vector<double>& x, const std::vector<double>& y, bool in_logarithm) {
  const auto [low, high] = std::minmax_element(y.begin(), y.end());
  const double margin = 0.001 * (*high - *low);
  Start s{unknown, *low - margin, *high + margin, unknown};
  double n = 0.0, mx = 0.0, my = 0.0, xx = 0.0, xy = 0.0;
  for (const bool means : {true, false}) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (!in_logarithm && !(x[i] > 0.0)) continue;
      const double u = in_logarithm ? x[i] : std::log(x[i]);
      const double v = std::log((s.d - y[i]) / (y[i] - s.c));
      if (means) {
        n += 1.0;
        mx += u;
        my += v;
      } else {
        xx += (u - mx) * (u - mx);
        xy += (u - mx) * (v - my);
      }
    }
    if (means) mx /= n;
    if (means) my /= n;
  }
  s.b = xy / xx;
  const double middle = mx - my / s.b;
  s.e = in_logarithm ? middle : std::exp(middle);
  return s;
}

ToolCurve fit(const std::vector<double>& dose,
              const std::vector<double>& percent,
              double lower,
              double upper,
              bool in_logarithm) {
  ToolCurve curve;
  curve.in_logarithm = in_logarithm;
  std::vector<double> x = dose, y = percent;
  double dose_unit = 1.0, unit = 1.0;
  if (in_logarithm) {
    for (double& v : x) v = std::log(v > 0.0 ? v : no_drug);
  } else {
    dose_unit = decade(x);
    unit = decade(y);
    for (double& v : x) v /= dose_unit;
    for (double& v : y) v /= unit;
  }
  const Start s = start_of(x, y, in_logarithm);
  const bool free_c = std::isnan(lower), free_d = std::isnan(upper);
  std::vector<double> start{s.b};
  if (free_c) start.push_back(s.c);
  if (free_d) start.push_back(s.d);
  start.push_back(s.e);
  const auto at = [&](const std::vector<double>& p) {
    ToolCurve c = curve;
    std::size_t next = 0;
    c.b = p[next++];
    c.c = free_c ? p[next++] : lower / unit;
    c.d = free_d ? p[next++] : upper / unit;
    c.e = p[next];
    return c;
  };
  const auto sum = [&](const std::vector<double>& p) {
    const ToolCurve c = at(p);
    double total = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double gap = in_logarithm ? x[i] - c.e : std::log(x[i] / c.e);
      const double miss = y[i] - (c.c + (c.d - c.c) / (1.0 + std::exp(c.b * gap)));
      total += miss * miss;
    }
    return total;
  };
  const numeric::VariableMetricEnd end = numeric::variable_metric(sum, start);
  if (!end.finite) return curve;
  curve = at(end.at);
  curve.c *= unit;
  curve.d *= unit;
  curve.e *= dose_unit;
  curve.usable = true;
  return curve;
}

}  // namespace

double value(const ToolCurve& k, double dose) {
  const double gap =
      k.in_logarithm ? std::log(dose > 0.0 ? dose : no_drug) - k.e : std::log(dose / k.e);
  return k.c + (k.d - k.c) / (1.0 + std::exp(k.b * gap));
}

double dose_for(const ToolCurve& k, double y) {
  const double x = k.in_logarithm ? std::exp(k.e + std::log((k.d - y) / (y - k.c)) / k.b)
                                  : k.e * std::pow((y - k.d) / (k.c - y), 1.0 / k.b);
  if (!std::isnan(x)) return x;
  return y > std::max(k.c, k.d) ? HUGE_VAL : 0.0;
}

ToolCurve fit_tool_curve(const std::vector<double>& dose,
                         std::vector<double> percent,
                         double lower,
                         double upper) {
  if (percent.empty()) return {};
  const bool flat =
      std::all_of(percent.begin(), percent.end(), [&](double y) { return y == percent.front(); });
  if (flat) percent.back() += 1e-10;
  const ToolCurve first = fit(dose, percent, lower, upper, false);
  return first.usable ? first : fit(dose, percent, lower, upper, true);
}

}  // namespace kinescape::combination
