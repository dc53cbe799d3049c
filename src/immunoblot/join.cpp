// SPDX-License-Identifier: Apache-2.0
// Several lanes and membranes to one number for each treatment.
#include <algorithm>
#include <cmath>

#include "immunoblot/ratios_internal.hpp"
#include "numeric/distribution.hpp"
#include "numeric/least_squares.hpp"

namespace kinescape::immunoblot {
namespace {

/// Mean and variance of a normal below (sign -1) or above (+1) `bound`.
struct Tail {
  double mean, variance;
};

Tail tail_of(double mean, double sd, double bound, int sign) {
  const double a = sign * (bound - mean) / sd;  // the value lies above a, in its own direction
  const double upper = numeric::normal_cdf(-a);
  const double density = std::exp(-0.5 * a * a) / std::sqrt(2.0 * M_PI);
  // Far in the tail the ratio tends to a.
  const double mills = upper > 1e-12 ? density / upper : a + 1.0 / std::max(a, 1.0);
  const double variance = std::clamp(1.0 - mills * (mills - a), 1e-3, 1.0);
  return {mean + sign * sd * mills, sd * sd * variance};
}

struct Linear {
  numeric::LeastSquaresFit fit;
  std::size_t k = 0;
};

/// Groups, then membranes but the first.
Linear solve(const std::vector<LogRatio>& data,
             const std::vector<double>& y,
             std::size_t groups,
             std::size_t membranes) {
  Linear out;
  out.k = groups + membranes - 1;
  const auto function = [&](std::span<const double> p, std::span<double> r, std::span<double> j) {
    std::ranges::fill(j, 0.0);
    for (std::size_t i = 0; i < data.size(); ++i) {
      const LogRatio& d = data[i];
      r[i] = p[d.group] + (d.membrane > 0 ? p[groups + d.membrane - 1] : 0.0) - y[i];
      if (j.empty()) continue;
      j[i * out.k + d.group] = 1.0;
      if (d.membrane > 0) j[i * out.k + groups + d.membrane - 1] = 1.0;
    }
    return true;
  };
  out.fit = numeric::least_squares(function, data.size(), std::vector<double>(out.k, 0.0));
  return out;
}

}  // namespace

Joint join(const std::vector<LogRatio>& data, std::size_t groups, std::size_t membranes) {
  Joint out;
  if (data.empty() || groups == 0) return out;
  std::vector<double> y;
  double measured = 0.0, exact_n = 0.0;
  for (const LogRatio& d : data) {
    y.push_back(d.value);
    if (d.relation == Relation::equal) measured += d.se * d.se, exact_n += 1.0;
  }
  if (exact_n == 0.0) return out;
  measured /= exact_n;
  Linear linear;
  double variance = std::max(measured, 1e-4), extra = 0.0;
  const double k = double(groups + membranes - 1);
  const bool any_bound = exact_n < double(data.size());
  out.df = exact_n - k;
  out.measurement_only = out.df < 1.0;
  for (int pass = 0; pass < (any_bound ? 60 : 1); ++pass) {
    linear = solve(data, y, groups, membranes);
    if (!linear.fit.usable()) return out;
    if (!out.measurement_only) {
      variance = std::max((linear.fit.residual_sum + extra) / (double(data.size()) - k), 1e-8);
    }
    extra = 0.0;
    const auto& p = linear.fit.parameters;
    for (std::size_t i = 0; any_bound && i < data.size(); ++i) {
      const LogRatio& d = data[i];
      if (d.relation == Relation::equal) continue;
      const double mean = p[d.group] + (d.membrane > 0 ? p[groups + d.membrane - 1] : 0.0);
      const Tail t =
          tail_of(mean, std::sqrt(variance), d.value, d.relation == Relation::less ? -1 : 1);
      y[i] = t.mean;
      extra += t.variance;
    }
  }
  const std::size_t size = linear.k;
  for (std::size_t a = 0; a < groups; ++a) {
    out.mean.push_back(linear.fit.parameters[a]);
    for (std::size_t b = 0; b < groups; ++b) {
      out.covariance.push_back(variance * linear.fit.covariance_unscaled[a * size + b]);
    }
  }
  out.sd = out.measurement_only ? unknown : std::sqrt(variance);
  if (membranes >= 3) {
    double mean = 0.0, sum = 0.0;
    std::vector<double> effect{0.0};
    for (std::size_t m = 1; m < membranes; ++m)
      effect.push_back(linear.fit.parameters[groups + m - 1]);
    for (const double e : effect) mean += e / double(membranes);
    for (const double e : effect) sum += (e - mean) * (e - mean);
    const double per = double(data.size()) / double(membranes);
    out.membrane_sd = std::sqrt(std::max(0.0, sum / double(membranes - 1) - variance / per));
  }
  out.usable = std::ranges::all_of(out.covariance, [](double c) { return std::isfinite(c); });
  return out;
}

}  // namespace kinescape::immunoblot
