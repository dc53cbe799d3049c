// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "immunoblot/background_internal.hpp"

namespace kinescape::immunoblot {
namespace {

constexpr double clear_share = 0.25;  ///< Of a lane's width: a gap that shows the membrane.
constexpr double level_sigma = 6.0;   ///< Rows: what the level is smoothed by.
constexpr double slow_sigma = 25.0;   ///< Rows: a membrane changes no faster than this, bands do.
constexpr double most_leak = 0.8;

}  // namespace

bool gaps_are_clear(const std::vector<LaneBox>& lanes) {
  for (std::size_t i = 1; i < lanes.size(); ++i) {
    const double gap = lanes[i].box.x0 - lanes[i - 1].box.x1;
    if (gap < clear_share * std::min(lanes[i].box.width(), lanes[i - 1].box.width())) return false;
  }
  return lanes.size() > 1;
}

Beside beside(const std::vector<LaneBox>& lanes, std::size_t i, int width) {
  Beside out;
  const auto span = [&](double from, double to, bool left) {
    // The quarter next to either lane is left out: bands end softly.
    const double edge = 0.25 * (to - from);
    const int a = std::clamp(int(std::lround(from + edge)), 0, width);
    const int b = std::clamp(int(std::lround(to - edge)), a, width);
    (left ? out.left0 : out.right0) = a;
    (left ? out.left1 : out.right1) = b;
  };
  if (i > 0) span(lanes[i - 1].box.x1, lanes[i].box.x0, true);
  if (i + 1 < lanes.size()) span(lanes[i].box.x1, lanes[i + 1].box.x0, false);
  // Beyond the last lane the strip may end: the gap that lies between lanes is used twice.
  if (i == 0) out.left0 = out.left1 = 0;
  return out;
}

std::vector<double> level_beside(const Plane& plane,
                                 const LaneBox& lane,
                                 const LaneProfile& profile,
                                 const Beside& at) {
  std::vector<double> out;
  const double middle = 0.5 * (lane.box.x0 + lane.box.x1),
               mid_y = 0.5 * (lane.box.y0 + lane.box.y1);
  for (std::size_t r = 0; r < profile.sum.size(); ++r) {
    const double row = profile.top + double(r);
    double sum = 0.0;
    int sides = 0;
    for (const bool left : {true, false}) {
      std::vector<double> values;
      for (int x = left ? at.left0 : at.right0; x < (left ? at.left1 : at.right1); ++x) {
        const double off = x + 0.5 - middle, drop = lane.tilt * off + lane.bend * off * off;
        const int column = int(std::lround(x + lane.shear * (row - mid_y)));
        values.push_back(
            double(plane.at(std::clamp(column, 0, plane.width - 1),
                            std::clamp(int(std::lround(row + drop)), 0, plane.height - 1))));
      }
      if (values.empty()) continue;
      sum += median_of(std::move(values)), ++sides;
    }
    out.push_back(sum / std::max(sides, 1));
  }
  return smoothed(out, level_sigma);
}

std::vector<double> without_leak(const std::vector<double>& level, const LaneProfile& profile) {
  if (level.empty()) return level;
  std::vector<double> lane;
  for (const double s : profile.sum) lane.push_back(s / profile.columns);
  lane = smoothed(lane, level_sigma);
  const auto slow_level = smoothed(level, slow_sigma), slow_lane = smoothed(lane, slow_sigma);
  double both = 0.0, own = 0.0;
  for (std::size_t i = 0; i < level.size(); ++i) {
    const double l = lane[i] - slow_lane[i];
    both += l * (level[i] - slow_level[i]), own += l * l;
  }
  const double share = own > 0.0 ? std::clamp(both / own, 0.0, most_leak) : 0.0;
  std::vector<double> out;
  for (std::size_t i = 0; i < level.size(); ++i)
    out.push_back((level[i] - share * lane[i]) / (1.0 - share));
  return out;
}

std::vector<double> rolled(const std::vector<double>& profile, double radius) {
  const auto n = std::ptrdiff_t(profile.size()), r = std::ptrdiff_t(radius);
  std::vector<double> centre(profile.size(), 1e300), out(profile.size(), -1e300);
  const auto cap = [&](std::ptrdiff_t d) {
    return std::sqrt(std::max(0.0, radius * radius - double(d * d)));
  };
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    for (std::ptrdiff_t d = -r; d <= r; ++d) {
      const auto at = std::size_t(std::clamp<std::ptrdiff_t>(i + d, 0, n - 1));
      centre[std::size_t(i)] = std::min(centre[std::size_t(i)], profile[at] - cap(d));
    }
  }
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    for (std::ptrdiff_t d = -r; d <= r; ++d) {
      const auto at = std::size_t(std::clamp<std::ptrdiff_t>(i + d, 0, n - 1));
      out[std::size_t(i)] = std::max(out[std::size_t(i)], centre[at] + cap(d));
    }
  }
  return out;
}

double ball_radius(std::vector<double> sigmas) {
  return std::max(25.0, 6.0 * (sigmas.empty() ? 4.0 : median_of(std::move(sigmas))));
}

Alternatives alternatives_of(const LaneProfile& profile,
                             const std::vector<double>& ball,
                             const std::vector<double>& level,
                             const BandBox& band) {
  Alternatives out;
  const auto n = int(profile.sum.size());
  const int a = std::clamp(int(std::lround(band.box.y0)) - profile.top, 0, n - 1);
  const int b = std::clamp(int(std::lround(band.box.y1)) - profile.top, a + 1, n);
  double total = 0.0, under_ball = 0.0, under_level = 0.0;
  for (int i = a; i < b; ++i) {
    total += profile.sum[std::size_t(i)];
    under_ball += ball[std::size_t(i)] * profile.columns;
    if (!level.empty()) under_level += level[std::size_t(i)] * profile.columns;
  }
  out.none = total;
  out.rolling_ball = total - under_ball;
  if (!level.empty()) out.inter_lane = total - under_level;
  std::vector<double> ring;
  const int ring_rows = std::max(3, (b - a) / 2);
  for (int i = a - ring_rows; i < b + ring_rows; ++i) {
    if (i >= 0 && i < n && (i < a || i >= b)) ring.push_back(profile.sum[std::size_t(i)]);
  }
  if (!ring.empty()) out.ring_median = total - median_of(std::move(ring)) * (b - a);
  // Lowest places within a few rows of either end of the box.
  const auto lowest = [&](int from, int to) {
    int best = std::clamp(from, 0, n - 1);
    for (int i = best; i <= std::clamp(to, 0, n - 1); ++i) {
      if (profile.sum[std::size_t(i)] < profile.sum[std::size_t(best)]) best = i;
    }
    return best;
  };
  const int left = lowest(a - 3, a + 3), right = lowest(b - 4, b + 2);
  if (right > left) {
    double above = 0.0;
    for (int i = left; i <= right; ++i) {
      const double share = double(i - left) / (right - left);
      above += profile.sum[std::size_t(i)] - (1.0 - share) * profile.sum[std::size_t(left)] -
               share * profile.sum[std::size_t(right)];
    }
    out.valley_line = above;
  }
  return out;
}

}  // namespace kinescape::immunoblot
