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

/// One spatial test: is the effect there, and how large, in percent of the vehicle signal?
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
  Estimated
      z_prime;     ///< 1 - 3 (sd+ + sd-) / |mean+ - mean-| (Zhang 1999); blank or positive as low.
  Estimated ssmd;  ///< Strictly standardised mean difference (Zhang 2007).
  double z_prime_robust = unknown;  ///< With median and MAD.
  double signal_to_background = unknown;
  double vehicle_cv_percent = unknown;
  double replicate_correlation =
      unknown;  ///< Of replicate wells of one treatment; NaN under 3 pairs.
  SpatialEffect edge, row, column, drift;  ///< drift: along the reading order.
  std::vector<FlaggedWell> outliers;
  int saturated = 0, masked = 0, missing = 0;
};

/// One entry per plate of the set, in its order. Plates of one day whose vehicle signals differ
/// strongly say so in `reasons`.
[[nodiscard]] std::vector<Quality> assess(const PlateSet& plates);

}  // namespace kinescape::plate
