// SPDX-License-Identifier: Apache-2.0
/// \file The fit of one lane's profile.
#pragma once

#include <vector>

#include "immunoblot/plane_internal.hpp"

namespace kinescape::immunoblot {

/// What a lane's fit starts from.
struct LaneData {
  std::vector<double> sum, variance;  ///< Counts of each row of pixels, and the camera's variance.
  std::vector<double> beside;  ///< Counts that the level beside the lane would give; or empty.
  std::vector<double> centre, sigma;  ///< Of each band, in rows from the top; where it was seen.
  std::vector<bool> seen;
  std::vector<double> shape;  ///< Of the strip's other lanes: LaneFit::shape; or empty.
  /// Where the strip's other lanes put each band (LaneFit::centre), and how well they know; with a
  /// shape only, or empty.
  std::vector<double> expected;
  double expected_sd = 0.0;
};

struct LaneFit {
  bool converged = false;
  std::vector<double> volume, se;         ///< Of each band, counts.
  std::vector<double> centre, sigma;      ///< Of each band, rows.
  std::vector<double> background, peaks;  ///< Of each row, counts.
  std::vector<double> shape;              ///< Widths and skewness, as the fit holds them.
};

/// Steps of the fit: all that it takes, or enough to see what is left over.
inline constexpr int full_fit = 300, rough_fit = 60;

[[nodiscard]] LaneFit fit_lane(const LaneData& data, int most_steps = full_fit);
/// The same row by row, however wide the bands are.
[[nodiscard]] LaneFit fit_rows(const LaneData& data, int most_steps);

/// A lane of a strip and its own fit.
struct FittedLane {
  int strip = 0;
  const LaneData* data = nullptr;
  const LaneFit* fit = nullptr;
};

/// Gives lane `i` what the strip's lanes have in common. They ran side by side: their bands have
/// one shape (the middle one of the lanes that show most of their bands), and lie at the same
/// places but for a shift, a stretch and a bend from lane to lane, to the robust spread of what
/// that leaves. Fewer than three lanes of as many bands have nothing in common; the places need
/// four bands.
void add_common(const std::vector<FittedLane>& lanes, std::size_t i, LaneData& data);

}  // namespace kinescape::immunoblot
