// SPDX-License-Identifier: Apache-2.0
/// \file How far is each cell of a dose matrix from what the single agents lead one to expect?
///
/// Scores are in percentage points of effect: positive where the combination leaves less viability
/// than the reference (synergy), negative where it leaves more (antagonism).
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "combination/block.hpp"

namespace kinescape::combination {

/// What "no interaction" means.
enum class Reference : std::size_t {
  hsa,    ///< The better of the single agents (Gaddum; Berenbaum 1989).
  bliss,  ///< Independent action (Bliss 1939, doi:10.1111/j.1744-7348.1939.tb06990.x).
  loewe,  ///< Dose addition (Loewe & Muischnek 1926, doi:10.1007/BF01952257).
  zip,    ///< No change of potency (Yadav et al. 2015, doi:10.1016/j.csbj.2015.09.001).
};
inline constexpr std::size_t reference_count = 4;
inline constexpr std::array<Reference, reference_count> references{
    Reference::hsa, Reference::bliss, Reference::loewe, Reference::zip};
[[nodiscard]] std::string_view name(Reference reference);  ///< "HSA"
[[nodiscard]] std::string_view key(Reference reference);   ///< "hsa"

/// The curve of one agent alone: bottom + (top - bottom) / (1 + (x / ec50)^hill_slope).
struct Agent {
  double top = unknown, bottom = unknown, ec50_nM = unknown, hill_slope = unknown;
};

struct ScoreOptions {
  double floor = 0.0;  ///< The lowest response there is: 0, or -1 of growth-rate values.
  std::array<bool, reference_count> wanted{true, true, true, true};
  bool full_range = false;  ///< Curves run from 1 to `floor`, whatever the wells say.
};

/// Of one surface. Vectors have its order; NaN in cells without a reference or a reading, and in
/// cells in which some drug has no dose.
struct PointScores {
  std::array<std::vector<double>, reference_count> expected;  ///< Viability.
  std::array<std::vector<double>, reference_count> delta;     ///< Percentage points.
  std::array<double, reference_count> summary{unknown, unknown, unknown, unknown};
  std::array<int, reference_count> cells{};  ///< That have a score.
  std::vector<double> zip_fitted;
  std::vector<Agent> agents;
  int combined_cells = 0;   ///< Measured, all drugs dosed.
  int loewe_undefined = 0;  ///< Of those, past the largest effect of the weaker drug.
};

/// HSA and Bliss take the mean of a single agent at that dose, or its curve where it was not
/// measured there; Loewe and ZIP take the curves, which share the response without drug. Loewe is
/// solved exactly; where no dose of the weaker drug reaches the effect it is NaN, and counted.
/// ZIP refits each row and column with the response to the other drug alone for its top and
/// averages these curves; with three or more drugs that top is the mean that was measured. The
/// summary is the mean over the cells that have a score.
[[nodiscard]] PointScores score(const Surface& surface, const ScoreOptions& options = {});

/// The viability at which the doses (nM, one per agent) add up to one by Loewe's equation
/// sum d_k / D_k(y) = 1; NaN where there is none. Agents share their top.
[[nodiscard]] double loewe_viability(const std::vector<Agent>& agents,
                                     const std::vector<double>& dose_nM);

}  // namespace kinescape::combination
