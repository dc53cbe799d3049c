// SPDX-License-Identifier: Apache-2.0
/// \file How much signal does each band hold? Volumes with their intervals, and how much they
/// depend on the choice of background.
#pragma once

#include <string>
#include <vector>

#include "base/estimated.hpp"
#include "base/parallel.hpp"
#include "immunoblot/image.hpp"
#include "immunoblot/layout.hpp"

namespace kinescape::immunoblot {

/// The usual ways to take away a background, for comparison; counts, NaN where one does not apply.
struct Alternatives {
  double rolling_ball = unknown;  ///< Sternberg 1983, on the lane's profile.
  double ring_median = unknown;   ///< Median above and below the box.
  double inter_lane = unknown;    ///< Level beside the lane; lanes that touch have none.
  double valley_line = unknown;   ///< Straight line between the lowest places beside the band.
  double none = unknown;          ///< Nothing taken away.
};

struct BandResult {
  BandBox where;
  Estimated volume;             ///< Counts above the background; "<" and ">" are bounds.
  double background = unknown;  ///< Counts of the background inside the box.
  double snr = unknown;         ///< Volume over its standard error.
  double sigma_px = unknown;    ///< Half width down the lane.
  int clipped_pixels = 0;       ///< At the largest value that the camera gave.
  Alternatives alternatives;
  /// Largest over smallest of the volume and its alternatives (none left out), inside this image.
  double choice_fold = unknown;
};

struct LaneResult {
  LaneBox where;
  double background_per_px = unknown;  ///< Median over the lane.
  bool converged = false;
  std::vector<double> y, profile, background, fitted;  ///< For figures: counts a row of pixels.
};

struct Measured {
  Layout layout;
  std::vector<LaneResult> lanes;
  std::vector<BandResult> bands;
  double noise_floor = unknown, noise_gain = unknown;  ///< Variance = floor + gain x counts.
  double clipped_at = unknown;  ///< Value of clipped pixels, if there are any.
  std::size_t dust_pixels = 0;
  int width = 0, height = 0, bits = 0;
  std::vector<std::string> methods, citations;
};

struct MeasureOptions {
  double level = 0.95;
  double censor_sd = 3.0;  ///< Volumes under so many standard errors are bounds.
  Threads threads;
};

/// Fits each lane's profile: bands of one skewed shape whose width changes smoothly down the lane,
/// on a smooth background. The layout must fit the image (find_layout's, or read_layout's).
[[nodiscard]] Measured measure(const Image& image,
                               const Layout& layout,
                               const MeasureOptions& options = {});

/// The image with the boxes drawn in, for a person to check.
[[nodiscard]] Picture overlay(const Image& image, const Measured& measured);

}  // namespace kinescape::immunoblot
