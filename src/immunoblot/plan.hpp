// SPDX-License-Identifier: Apache-2.0
/// \file How many samples and membranes tell a fold from none?
#pragma once

#include <string>
#include <vector>

#include "base/estimated.hpp"

namespace kinescape::immunoblot {

/// Two treatments, each sample on every membrane, compared as `analyze` compares them.
struct PlanOptions {
  double fold = 2.0;  ///< To be told from 1; 0.5 is the same.
  double power = 0.9, level = 0.95;
  /// Of log ratios, natural log: between samples of a treatment, and between two blots of one
  /// sample (transfer, antibody, fit). The latter is `between_lanes_sd` of an experiment that was
  /// analysed.
  double sample_sd = 0.25, blot_sd = 0.15;
  int most_samples = 20, most_membranes = 4;
};

struct PlanRow {
  int samples, membranes;  ///< Samples of each treatment; membranes that show all of them.
  double power;
};

struct Plan {
  std::vector<PlanRow> rows;  ///< For each number of membranes, samples up to the wanted power.
  std::string says;
};

/// Power of the two-sided t test of log ratios over samples: SE^2 = 2 (sample^2 + blot^2 /
/// membranes) / samples at 2 (samples - 1) degrees of freedom, by the non-central t distribution.
/// UsageError for a fold of 1 or below 0, or an SD below 0.
[[nodiscard]] Plan plan(const PlanOptions& options);

}  // namespace kinescape::immunoblot
