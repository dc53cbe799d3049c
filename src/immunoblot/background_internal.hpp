// SPDX-License-Identifier: Apache-2.0
/// \file What lies under the bands of a lane, by the ways people use.
#pragma once

#include <vector>

#include "immunoblot/find_internal.hpp"
#include "immunoblot/measure.hpp"

namespace kinescape::immunoblot {

/// Columns beside a lane that show the membrane alone, left and right; empty: there are none.
struct Beside {
  int left0 = 0, left1 = 0, right0 = 0, right1 = 0;
  [[nodiscard]] bool any() const { return left1 > left0 || right1 > right0; }
};

/// Lanes of a strip have a level beside them if all its gaps are clear: then all are measured
/// alike.
[[nodiscard]] bool gaps_are_clear(const std::vector<LaneBox>& lanes);
[[nodiscard]] Beside beside(const std::vector<LaneBox>& lanes, std::size_t i, int width);

/// Level beside the lane in each row, counts a pixel: medians of either side along the lane's lean
/// and tilt, their mean, smoothed down the lane (a membrane changes slowly; a speck does not
/// count).
[[nodiscard]] std::vector<double> level_beside(const Plane& plane,
                                               const LaneBox& lane,
                                               const LaneProfile& profile,
                                               const Beside& at);

/// The level without what reaches it from the lane: a membrane is smooth, so that bands seen beside
/// a lane are its own light, and their share there is that of the lane's whole signal.
[[nodiscard]] std::vector<double> without_leak(const std::vector<double>& level,
                                               const LaneProfile& profile);

/// A ball of `radius` rolled under the profile (counts a pixel): the highest place it reaches.
[[nodiscard]] std::vector<double> rolled(const std::vector<double>& profile, double radius);

/// Its radius for bands of these half widths.
[[nodiscard]] double ball_radius(std::vector<double> sigmas);

[[nodiscard]] Alternatives alternatives_of(const LaneProfile& profile,
                                           const std::vector<double>& ball,
                                           const std::vector<double>& level,
                                           const BandBox& band);

}  // namespace kinescape::immunoblot
