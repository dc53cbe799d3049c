// SPDX-License-Identifier: Apache-2.0
// Wide bands are fitted in means of several rows: more say nothing new.
#include <algorithm>
#include <cmath>

#include "immunoblot/fit_internal.hpp"

namespace kinescape::immunoblot {
namespace {

constexpr double fine_rows = 5.0;  ///< Rows in the half width of a band: more say nothing new.

/// Means of `by` rows each.
LaneData coarse(const LaneData& data, std::size_t by) {
  LaneData out;
  const auto means = [&](const std::vector<double>& v, double over) {
    std::vector<double> m;
    for (std::size_t i = 0; i + by <= v.size(); i += by) {
      double sum = 0.0;
      for (std::size_t k = 0; k < by; ++k) sum += v[i + k];
      m.push_back(sum / over);
    }
    return m;
  };
  const double b = double(by);
  out.sum = means(data.sum, b), out.variance = means(data.variance, b * b);
  out.beside = means(data.beside, b);
  for (const double c : data.centre) out.centre.push_back((c - 0.5 * (b - 1.0)) / b);
  for (const double s : data.sigma) out.sigma.push_back(s / b);
  for (const double e : data.expected) out.expected.push_back((e - 0.5 * (b - 1.0)) / b);
  out.expected_sd = data.expected_sd / b;
  out.seen = data.seen, out.shape = data.shape;
  if (!out.shape.empty()) out.shape.front() -= std::log(b);
  return out;
}

/// A coarse fit in the rows of the lane.
LaneFit fine(const LaneFit& fit, std::size_t rows, std::size_t by) {
  LaneFit out = fit;
  const double b = double(by);
  for (double& v : out.volume) v *= b;
  for (double& s : out.se) s *= b;
  for (double& c : out.centre) c = c * b + 0.5 * (b - 1.0);
  for (double& s : out.sigma) s *= b;
  if (!out.shape.empty()) out.shape.front() += std::log(b);
  const auto spread = [&](const std::vector<double>& v) {
    std::vector<double> at;
    for (std::size_t i = 0; i < rows && !v.empty(); ++i) {
      const double x = std::clamp((double(i) - 0.5 * (b - 1.0)) / b, 0.0, double(v.size() - 1));
      const auto low = std::size_t(x), high = std::min(low + 1, v.size() - 1);
      at.push_back(v[low] + (x - double(low)) * (v[high] - v[low]));
    }
    return at;
  };
  out.background = spread(fit.background), out.peaks = spread(fit.peaks);
  return out;
}

}  // namespace

LaneFit fit_lane(const LaneData& data, int most_steps) {
  const double narrowest = data.sigma.empty() ? 0.0 : std::ranges::min(data.sigma);
  const auto by = static_cast<std::size_t>(std::max(1.0, narrowest / fine_rows));
  if (by < 2) return fit_rows(data, most_steps);
  return fine(fit_rows(coarse(data, by), most_steps), data.sum.size(), by);
}

}  // namespace kinescape::immunoblot
