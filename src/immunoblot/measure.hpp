// SPDX-License-Identifier: Apache-2.0
/// \file How much signal does each band hold? Volumes with their intervals, and how much they
/// depend on the choice of background.
#pragma once

#include <string>
#include <string_view>
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

/// Where a signal lies against those that a dilution series showed to be proportional to the load.
enum class LinearPlace { untested, inside, above, below };
[[nodiscard]] std::string_view name(LinearPlace place);

struct BandResult {
  BandBox where;
  Estimated volume;    ///< Counts above the background; "<" and ">" are bounds.
  Estimated mass_kDa;  ///< By the strip's marker lane; not_applicable where there is none.
  LinearPlace linear = LinearPlace::untested;
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
  Estimated total;  ///< Counts of all that stands in the lane: a total-protein stain.
  std::vector<double> y, profile, background, fitted;  ///< For figures: counts a row of pixels.
};

/// What the marker lanes of a strip say of masses: log10 kDa as a polynomial of the place.
struct MassScale {
  int strip = 0, points = 0, degree = 0;
  double sd_log10 = unknown;  ///< Of the marker's bands about the curve.
  Status status = Status::not_run;
  std::string why;
  std::vector<double> y, mass_kDa;  ///< Of the marker's bands, freed of the strip's smile.
};

struct Measured {
  Layout layout;
  std::vector<LaneResult> lanes;
  std::vector<BandResult> bands;
  std::vector<MassScale> masses;                       ///< Of strips with a marker lane.
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

/// Masses of all bands of strips with a marker lane; measure() calls it. log10 mass is a polynomial
/// of degree 1 to 3 in the place (smallest AICc of those that fall all the way), its prediction
/// interval by t. Places are freed of tilt and smile by the rows of bands that lanes share. A band
/// beyond the marker's outermost bands has a bound, never an extrapolated mass.
void add_masses(Measured& measured, double level);

/// The image with the boxes drawn in, for a person to check.
[[nodiscard]] Picture overlay(const Image& image, const Measured& measured);

}  // namespace kinescape::immunoblot
