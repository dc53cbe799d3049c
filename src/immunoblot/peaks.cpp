// SPDX-License-Identifier: Apache-2.0
// One lane: its profile, the peaks in it, and whether a peak crosses its lane.
#include <algorithm>
#include <array>
#include <cmath>

#include "immunoblot/bands_internal.hpp"

namespace kinescape::immunoblot {
namespace {

constexpr std::array<double, 9> peak_sigmas{1.2, 1.7, 2.4, 3.4, 4.8, 6.8, 9.6, 13.5, 19.0};

/// Standard error of sigma^2 x the second derivative of white noise of variance 1.
double curvature_error(double sigma) {
  return sigma * sigma * std::sqrt(3.0 / (8.0 * std::sqrt(M_PI))) * std::pow(sigma, -2.5);
}

/// Curvature of a profile at one scale, and its standard error.
struct Scale {
  double sigma;
  std::vector<double> bent, error;
};

std::vector<Scale> scales_of(const LaneProfile& profile) {
  std::vector<Scale> out;
  const std::size_t n = profile.sum.size();
  double excess = 1.0;  // the membrane's texture makes curvature, too
  for (const double sigma : peak_sigmas) {
    if (8.0 * sigma > static_cast<double>(n)) break;
    Scale scale{sigma, smoothed(profile.sum, sigma, 2), std::vector<double>(n)};
    const double unit_error = curvature_error(sigma);
    for (std::size_t i = 0; i < n; ++i) {
      scale.bent[i] *= -sigma * sigma;
      scale.error[i] = unit_error * std::sqrt(profile.variance[i]);
    }
    if (out.empty()) {
      std::vector<double> size;
      for (std::size_t i = 0; i < n; ++i) size.push_back(std::abs(scale.bent[i]) / scale.error[i]);
      excess = std::max(1.0, quantile_of(std::move(size), 0.3) / 0.385);  // normal: 0.385 SD
    }
    for (double& e : scale.error) e *= excess;
    out.push_back(std::move(scale));
  }
  return out;
}

}  // namespace

std::vector<Peak> peaks_of(const LaneProfile& profile, std::size_t lane, double least_snr) {
  std::vector<Peak> out;
  const std::size_t n = profile.sum.size();
  if (n < 12) return out;
  const auto steady = smoothed(profile.sum, 1.0);
  const auto scales = scales_of(profile);
  std::vector<double> best(n, 0.0);
  for (const Scale& s : scales) {
    for (std::size_t i = 0; i < n; ++i) best[i] = std::max(best[i], s.bent[i]);
  }
  const double highest = *std::ranges::max_element(best);
  for (const Scale& s : scales) {
    for (std::size_t i = 2; i + 2 < n; ++i) {
      const double c = s.bent[i], snr = c / s.error[i];
      if (c <= 0.0 || c < s.bent[i - 1] || c <= s.bent[i + 1]) continue;
      if (snr < least_snr || c < 0.3 * best[i] || c < 0.004 * highest) continue;
      const auto reach = static_cast<std::size_t>(std::lround(1.8 * s.sigma));
      const double side =
          std::max(steady[i > reach ? i - reach : 0], steady[std::min(n - 1, i + reach)]);
      if (steady[i] - side < 0.1 * c) continue;  // an edge, or a shoulder without a top
      const double y = profile.top + double(i);
      const bool taken = std::ranges::any_of(
          out, [&](const Peak& p) { return std::abs(p.y - y) < std::max(2.0, 1.3 * s.sigma); });
      if (!taken) out.push_back({lane, y, s.sigma, snr, steady[i] - side, 0.0});
    }
  }
  // Its width: the scale at which it is strongest, as far as its neighbours let one see.
  for (Peak& p : out) {
    double room = 1e300;
    for (const Peak& q : out) {
      if (&q != &p) room = std::min(room, std::abs(q.y - p.y));
    }
    const auto i = static_cast<std::size_t>(p.y - profile.top);
    double most = 0.0;
    for (const Scale& s : scales) {
      if (s.sigma > p.sigma && s.sigma > 0.5 * room) break;
      if (s.bent[i] > most)
        most = s.bent[i], p.sigma = s.sigma, p.snr = std::max(p.snr, s.bent[i] / s.error[i]);
    }
  }
  return out;
}

double coverage(const Signal& signal, const LaneBox& lane, const Peak& peak) {
  const double middle = 0.5 * (lane.box.x0 + lane.box.x1),
               mid_y = 0.5 * (lane.box.y0 + lane.box.y1);
  std::vector<double> heights;
  const Plane& plane = signal.plane;
  for (double x = lane.box.x0; x < lane.box.x1; x += 1.0) {
    const double off = x - middle;
    const double y = peak.y + lane.tilt * off + lane.bend * off * off;
    const int column = std::clamp(int(x + lane.shear * (y - mid_y)), 0, plane.width - 1);
    const auto mean = [&](double from, double to) {
      double sum = 0.0;
      int n = 0;
      for (int r = int(std::lround(from)); r <= int(std::lround(to)); ++r) {
        sum += double(plane.at(column, std::clamp(r, 0, plane.height - 1))), ++n;
      }
      return sum / n;
    };
    const double s = peak.sigma;
    heights.push_back(mean(y - 0.7 * s, y + 0.7 * s) -
                      0.5 * (mean(y - 3.5 * s, y - 2.0 * s) + mean(y + 2.0 * s, y + 3.5 * s)));
  }
  heights = smoothed(heights, std::max(1.0, 0.05 * lane.box.width()));
  const double high = *std::ranges::max_element(heights);
  double n = 0.0;
  for (const double h : heights) n += h > 0.3 * high;
  return n / static_cast<double>(heights.size());
}

LaneProfile lane_profile(const Signal& signal, const LaneBox& lane) {
  LaneProfile out;
  const Plane& plane = signal.plane;
  out.top = std::clamp(int(std::floor(lane.box.y0)), 0, plane.height - 1);
  const int bottom = std::clamp(int(std::ceil(lane.box.y1)), out.top + 1, plane.height);
  const double middle = 0.5 * (lane.box.x0 + lane.box.x1),
               mid_y = 0.5 * (lane.box.y0 + lane.box.y1);
  const int x0 = int(std::lround(lane.box.x0)), x1 = int(std::lround(lane.box.x1));
  out.columns = std::max(1, x1 - x0);
  for (int row = out.top; row < bottom; ++row) {
    double sum = 0.0, variance = 0.0;
    for (int x = x0; x < x1; ++x) {
      const double off = x + 0.5 - middle;
      const double y = row + lane.tilt * off + lane.bend * off * off;
      const int column =
          std::clamp(int(std::lround(x + lane.shear * (row - mid_y))), 0, plane.width - 1);
      const double floor = std::floor(y), share = y - floor;
      const int a = std::clamp(int(floor), 0, plane.height - 1),
                b = std::min(a + 1, plane.height - 1);
      const double value =
          (1.0 - share) * double(plane.at(column, a)) + share * double(plane.at(column, b));
      sum += value;
      variance += signal.noise.variance(value);
    }
    out.sum.push_back(sum);
    out.variance.push_back(variance);
  }
  return out;
}

}  // namespace kinescape::immunoblot
