// SPDX-License-Identifier: Apache-2.0
/// \file The other direction: from amounts of protein to the picture an imager would write.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/estimated.hpp"
#include "base/problem.hpp"
#include "base/stream.hpp"
#include "immunoblot/image.hpp"

namespace kinescape::immunoblot {

/// One probed strip of the virtual membrane; lanes are the same on all strips of an image.
struct StripDesign {
  std::string antibody;
  double counts_per_amount = 4e6;     ///< Volume of a band of amount 1: antibody and substrate.
  double depletion_counts = unknown;  ///< Volume at which the substrate gives half; NaN: never.
  double sigma_px = 6.0, skew = 1.0;  ///< Half width of a band down the lane, and its lean.
  /// Where the band runs; NaN: in the middle. Masses outside the strip's are not on it.
  double mass_kDa = unknown, top_kDa = 250.0, bottom_kDa = 10.0;
  int proteins = 0;  ///< More than 0: a total-protein stain that shows so many bands in each lane.
};

struct Design {
  std::vector<StripDesign> strips;
  int lanes = 9;
  double lane_px = 60.0, gap_px = 14.0;
  double strip_px = 150.0;  ///< Height of a strip.
  int bits = 16;
  int marker_lane = 0;  ///< From 1; 0: none. Its amounts are not used.
  std::vector<double> marker_masses_kDa;
  std::vector<double> loads;  ///< Of each lane, 1 = as planned; empty: all 1. A dilution series.
};

/// What is true: amounts[strip][lane], 1 = as in an untreated control.
struct Truth {
  std::vector<std::vector<double>> amounts;
};

/// How gel, membrane and camera blur it. Spreads are standard deviations.
struct Noise {
  double load_percent = 5.0;  ///< Of a lane, the same on all strips: pipetting and protein assay.
  double transfer_percent = 5.0;              ///< Of each band.
  double gain_percent = 10.0;                 ///< Of a whole strip: antibody, substrate, exposure.
  double floor_counts2 = 100.0, gain = 0.27;  ///< Camera: variance = floor + gain x counts.
  double dark_counts = 300.0;                 ///< Outside the membrane.
  double membrane_counts = 150.0;             ///< More than that on it.
  double uneven_percent = 20.0;               ///< Of the membrane's counts, over the picture.
  double tilt_degrees = 0.0;                  ///< Of the whole membrane (not an SD).
  double smile_px = 0.0;                      ///< How much lower the outer lanes run (not an SD).
  double dust_per_megapixel = 20.0;           ///< Hot pixels.
  double migration_px = 0.0;                  ///< Of each band's place.
};

/// The picture, and what was truly in it.
struct Simulated {
  Image image;
  struct Band {
    int strip, lane;
    std::string antibody;
    double amount, volume_counts;  ///< Planned amount; counts of the band before the camera.
    double x0, x1, y_centre;
    int clipped_pixels;
    double mass_kDa = unknown;
  };
  std::vector<Band> bands;
};

/// counts(x, y) = dark + membrane (uneven) + sum over bands of volume x flat-topped lane across x
/// skew normal down y; volume = amount x load x transfer x gain x counts_per_amount, through the
/// substrate's depletion v / (1 + v / v_half). Then the camera's noise, rounding and clipping. Each
/// draw is named by its strip and lane. UsageError where check() has errors.
[[nodiscard]] Simulated simulate(const Design& design,
                                 const Truth& truth,
                                 const Noise& noise,
                                 Seed seed);

[[nodiscard]] Problems check(const Design& design, const Truth& truth, const Noise& noise);

struct VirtualBlot {
  Design design;
  Truth truth;
  Noise noise;
  std::optional<Seed> seed;
};

/// Reads `seed`, `[image]`, `[[strip]]` (antibody, amounts) and `[noise]`; all problems at once.
[[nodiscard]] Checked<VirtualBlot> read_design(std::string_view bytes, const std::string& file);

/// The truth as a CSV beside the picture.
[[nodiscard]] std::string truth_csv(const Simulated& simulated);

}  // namespace kinescape::immunoblot
