// SPDX-License-Identifier: Apache-2.0
/// \file Does a fixed dose of one drug make the other more potent, and more so in the resistant
/// line? If a bypass kinase carries growth, blocking it gives back the first drug's potency.
#pragma once

#include <string>
#include <vector>

#include "base/estimated.hpp"
#include "combination/block.hpp"

namespace kinescape::combination {

struct LinePair {
  std::string resistant, parental;
};

/// The IC50 of `drug` alone over its IC50 beside a fixed dose of `with`: above 1, sensitised.
struct Sensitisation {
  std::string line, drug, with;
  double with_dose_nM = unknown;
  double ic50_alone_nM = unknown, ic50_with_nM = unknown;
  Estimated fold;  ///< Relative IC50s: halfway between the plateaus of each curve.
  double p = unknown, p_adjusted = unknown;  ///< Of fold = 1; Holm over all shifts of the run.
  /// ln fold, its standard error and degrees of freedom, for comparisons.
  double log_fold = unknown, se = unknown, df = unknown;
};

/// The shift in the resistant line over the shift in the parental line.
struct SensitisationComparison {
  std::string resistant, parental, drug, with;
  double with_dose_nM = unknown;
  Estimated ratio;  ///< Above 1: sensitised more where it is resistant.
  double p = unknown, p_adjusted = unknown;
};

/// All shifts of a block of two drugs: each drug beside each dose of the other. Curves share no
/// parameter; each repeat is left out in turn for the error, as for the scores.
[[nodiscard]] std::vector<Sensitisation> sensitisation_of(
    const Block& block, const Cells& cells, double residual_sd, double floor, double level);

/// Fills p_adjusted of the shifts, and compares lines (Welch).
[[nodiscard]] std::vector<SensitisationComparison> compare_lines(std::vector<Sensitisation>& shifts,
                                                                 const std::vector<LinePair>& pairs,
                                                                 double level);

}  // namespace kinescape::combination
