// SPDX-License-Identifier: Apache-2.0
/// \file Can this plate be trusted? Controls, spatial effects, drift and outliers of each plate,
/// with a verdict and its reason. Nothing is dropped here: wells are flagged.
#pragma once

#include <string>
#include <vector>

#include "base/estimated.hpp"
#include "plate/plate.hpp"

namespace kinescape::plate {

enum class Verdict {
  pass,
  caution,       ///< Usable; something should be looked at.
  fail,          ///< The controls do not separate, or are missing.
  not_assessed,  ///< No controls and no raw signal: nothing to judge by.
};
[[nodiscard]] std::string_view name(Verdict verdict);

struct FlaggedWell {
  Position position;
  std::string what;  ///< "7.2 SD above the other wells at this dose"
  double robust_z = unknown;
};

/// One spatial test: is the effect there, and how large, in percent of the net vehicle signal?
/// An F test of a term in the place of the well beside one mean per treatment (role, line, drug,
/// dose, repeat), weighted by the plate's own additive + proportional error, flagged wells left
/// out. NaN where the layout cannot tell the place from the treatment.
struct SpatialEffect {
  double percent = unknown;
  double p = unknown;
};

struct Quality {
  std::string plate;
  Format format;
  Verdict verdict = Verdict::not_assessed;
  std::vector<std::string> reasons;  ///< Sentences, worst first.
  int vehicle_n = 0, blank_n = 0, positive_n = 0, sample_n = 0;
  // Several lines on a plate: each is judged by its own vehicle wells, and the worst is given here.
  /// 1 - 3 (sd+ + sd-) / |mean+ - mean-| (Zhang, Chung & Oldenburg 1999,
  /// doi:10.1177/108705719900400206), vehicle against positive wells, or blanks where there are no
  /// positive ones. Interval: generalised pivotal quantities (Weerahandi 1993,
  /// doi:10.1080/01621459.1993.10476355). `n` counts wells.
  Estimated z_prime;
  /// Strictly standardised mean difference of the same wells, (mean+ - mean-) / sqrt(sd+^2 + sd-^2)
  /// (Zhang 2007, doi:10.1016/j.ygeno.2006.12.014), with the same kind of interval.
  Estimated ssmd;
  double z_prime_robust = unknown;        ///< With median and 1.4826 MAD.
  double signal_to_background = unknown;  ///< Mean vehicle over mean blank (else positive) signal.
  double vehicle_cv_percent = unknown;    ///< SD over mean of the vehicle wells as printed.
  /// Fisher's intraclass correlation over all pairs of sample wells of one treatment; NaN under 3
  /// pairs.
  double replicate_correlation = unknown;
  SpatialEffect edge;         ///< Outermost wells against the rest, beside linear trends.
  SpatialEffect row, column;  ///< Beside the edge effect. percent: SD over wells, noise subtracted.
  SpatialEffect drift;        ///< From the first to the last well in reading order, beside edge.
  std::vector<FlaggedWell> outliers;
  int saturated = 0, masked = 0, missing = 0;
};

/// One entry per plate of the set, in its order. Plates of one day whose vehicle signals differ
/// strongly say so in `reasons`. Of several reads of a plate the last one (first channel) is
/// judged. Masked, missing, saturated and excluded wells are counted and take no part in the
/// statistics.
[[nodiscard]] std::vector<Quality> assess(const PlateSet& plates);

}  // namespace kinescape::plate
