// SPDX-License-Identifier: Apache-2.0
/// \file What do the blots say? Bands of all images, and target over total where a lane sheet says
/// what stood in each lane.
#pragma once

#include <string>
#include <vector>

#include "base/estimated.hpp"
#include "base/problem.hpp"
#include "immunoblot/lane_sheet.hpp"
#include "immunoblot/measure.hpp"

namespace kinescape::immunoblot {

/// One image and what was measured on it.
struct BlotImage {
  std::string file;
  Measured measured;
  Picture overlay;  ///< With the boxes drawn in; may be empty.
};

/// Target over reference of one lane. The interval is that of the two volumes alone.
struct Ratio {
  std::string target, reference;  ///< Antibodies.
  std::string image, membrane, sample, line, drug;
  int lane = 0;
  double dose_nM = unknown;
  Estimated ratio;
};

/// Is the target off at this dose?
enum class Call { suppressed, not_suppressed, inconclusive, cannot_say };
[[nodiscard]] std::string_view name(Call call);

/// The ratio of one treatment over another, joined over lanes and membranes on the log scale.
struct Fold {
  std::string target, reference, line, drug;
  double dose_nM = unknown;
  std::string against;  ///< "no drug", or the line it is compared with.
  Estimated fold;
  double p_suppressed = unknown;  ///< That the fold is below the declared level.
  Call call = Call::cannot_say;
  int lanes = 0, membranes = 0;
};

/// The dose at which target over reference is half of that without drug.
struct DoseSeries {
  std::string target, reference, line, drug;
  int doses = 0;
  Estimated ic50_nM;
};

struct RatioOptions {
  double level = 0.95;
  /// "TARGET/REFERENCE" antibodies. Empty: names that differ by a leading "p" or "phospho"; else,
  /// of two antibodies, the first over the second.
  std::vector<std::string> ratios;
  struct Pair {
    std::string line, against;
  };
  std::vector<Pair> pairs;  ///< Lines compared with each other at the same drug and dose.
  /// Suppressed: less than this share of the target's signal is left. Declared before the data are
  /// seen; a quarter is what immunoblots tell from a half with three repeats.
  double suppressed_below = 0.3;
};

struct Estimate {
  std::vector<BlotImage> images;
  std::vector<Ratio> ratios;
  std::vector<Fold> folds;
  std::vector<DoseSeries> series;
  double between_membranes_sd = unknown;  ///< Of log ratios of one treatment, natural log.
  double between_lanes_sd = unknown;      ///< Within a membrane.
  std::vector<std::string> methods, citations;
  Problems problems;  ///< Warnings that touch these results.
};

/// Fills ratios, folds and series of `estimate` from its images and the sheet. Problems: lanes and
/// images that are not there, antibodies that no strip can be told for.
[[nodiscard]] Problems add_ratios(const LaneSheet& sheet,
                                  const RatioOptions& options,
                                  Estimate& estimate);

}  // namespace kinescape::immunoblot
