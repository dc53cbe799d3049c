// SPDX-License-Identifier: Apache-2.0
/// \file What does SynergyFinder print for this matrix, and where does that differ from what stands
/// beside it? For a laboratory that moves over and must see its old numbers first.
///
/// SynergyFinder 3 (Zheng et al. 2022, doi:10.1016/j.gpb.2022.01.004) fits its curves with R's drc
/// and takes them where drc's search ends, which in a flat valley is not the minimum; the same
/// search is made here, so that its numbers are met, not approached. They carry no interval: it
/// takes the cells of one matrix for independent replicates.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/estimated.hpp"
#include "base/problem.hpp"
#include "combination/reference.hpp"
#include "combination/specification.hpp"

namespace kinescape::combination {

struct CompatibleOptions {
  Baseline baseline = Baseline::none;  ///< Its correct_baseline: non, part, all.
  double emin_percent = unknown;       ///< Its Emin and Emax: plateaus of the single agents' curves
  double emax_percent = unknown;       ///< in percent inhibition, fixed unless NaN.
  /// Its dose unit in nM. Matters only where its log-logistic fit fails: it then writes "no drug"
  /// as 1e-10 of that unit.
  double unit_nM = 1.0;
  [[nodiscard]] Problems check() const;
};

/// A single agent's curve as drc ends: c + (d - c) / (1 + exp(b (x - e))), percent inhibition,
/// where x and e are logarithms ("L.4") or x - e is that of dose over e ("LL.4").
struct CompatibleCurve {
  std::string drug, shape;  ///< "LL.4", "L.4"
  double b = unknown, c = unknown, d = unknown, e = unknown;
  double residual_sum = unknown;  ///< Squared points.
  double least_sum = unknown;     ///< What a log-logistic curve can reach.
};

struct CompatibleCell {
  std::array<double, most_drugs> dose_nM{};
  double inhibition_percent = unknown;                      ///< After its baseline correction.
  double zip_fitted = unknown;                              ///< Percent inhibition.
  std::array<double, reference_count> expected{}, delta{};  ///< Percent inhibition, points.
};

struct Compatible {
  CompatibleOptions options;
  Status status = Status::not_run;
  std::string why;
  std::array<double, reference_count> summary{unknown, unknown, unknown, unknown};
  std::vector<CompatibleCurve> curves;
  std::vector<CompatibleCell> cells;
  std::vector<std::string> differs;  ///< Sentences: what makes its numbers other than ours here.
};

/// Its scores of the mean over repeats (it draws replicates at random instead; their mean is what
/// that tends to). Needs every cell of the matrix: it would invent the missing ones.
///
/// Baseline: inhibition x becomes x - (100 - x) m / 100, m the least value on the single agents'
/// curves. ZIP: the product of the single agents' curves, against the mean over drugs of a curve
/// through each row and column that starts at the measured response to the other drug alone. Loewe:
/// of 100 levels between the outermost plateaus the one whose doses come nearest to adding up to
/// one; the higher of the curves at the summed dose where neither drug reaches the measured effect.
[[nodiscard]] Compatible compatible_scores(const std::vector<std::string>& drugs,
                                           const Surface& mean,
                                           const PointScores& ours,
                                           const CompatibleOptions& options);

}  // namespace kinescape::combination
