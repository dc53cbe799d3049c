// SPDX-License-Identifier: Apache-2.0
/// \file Is it synergy, by which meaning of the word, where in the matrix, and how sure is that?
/// The results of the combination room, and the verb that makes them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/estimated.hpp"
#include "base/parallel.hpp"
#include "base/problem.hpp"
#include "base/progress.hpp"
#include "base/stream.hpp"
#include "combination/block.hpp"
#include "combination/compatible.hpp"
#include "combination/median_effect.hpp"
#include "combination/reference.hpp"
#include "combination/sensitise.hpp"
#include "combination/specification.hpp"
#include "combination/surface.hpp"

namespace kinescape::combination {

/// What the effect is counted in: this changes Bliss.
enum class Effect {
  viability,    ///< Fraction of vehicle.
  growth_rate,  ///< 1: unhindered growth, 0: stasis, -1: death.
};
[[nodiscard]] std::string_view name(Effect effect);

struct Options {
  double level = 0.95;
  Seed seed{1};      ///< Of the bootstrap behind peaks and best pairs.
  int draws = 1999;  ///< Of that.
  Effect effect = Effect::viability;
  double doublings = unknown;  ///< Of untreated cells during the assay, for growth_rate.
  bool surfaces = true;        ///< MuSyC, BRAID and effective-dose fits.
  bool specifications = true;
  bool share_spread = true;  ///< Of summaries, over the combinations of one estimate.
  /// Highest dose to advise, where the block does not say; NaN: none.
  double cap_a_nM = unknown, cap_b_nM = unknown;
  /// Also what SynergyFinder prints of the same data.
  std::optional<CompatibleOptions> compatible;
  std::vector<LinePair> pairs;  ///< Resistant and parental lines, for sensitisation.
  Threads threads;
  ProgressSink progress;
  [[nodiscard]] Problems check() const;
};

enum class Call {
  synergy,
  antagonism,
  additive_within_error,
  not_identifiable,  ///< The design cannot tell; `says` names what is missing.
};
[[nodiscard]] std::string_view name(Call call);

/// What is known of a summary's error from its own repeats, and why it should be so large.
struct ScoreError {
  double se = unknown, df = unknown;
  std::vector<double> by_repeat;  ///< Deviations in points whose squares sum to se^2.
  double technical = unknown;     ///< Variance that the spread of wells explains.
  double moved = unknown;         ///< d(score)^2 by days: both log potencies moved by 1.
};

/// Of one reference model. Percentage points of effect; above 0 is synergy.
struct ScoreResult {
  Reference reference = Reference::hsa;
  Estimated summary;  ///< Mean over the cells that have a score.
  Estimated peak;     ///< The highest mean over 3 x 3 neighbouring dose pairs.
  std::array<double, most_drugs> peak_low_nM{}, peak_high_nM{};  ///< The doses of that region.
  double p = unknown;                                            ///< Two-sided, of summary = 0.
  double p_adjusted = unknown;  ///< Holm over the combinations of this run.
  double q_bh = unknown;        ///< Benjamini-Hochberg over the same.
  Call call = Call::not_identifiable;
  std::string says;
  int cells = 0, undefined_cells = 0;
  ScoreError error;
};

/// One dose pair (or triple) with both drugs.
struct CellResult {
  std::array<double, most_drugs> dose_nM{};
  double viability = unknown;
  std::array<double, reference_count> expected{}, delta{}, p_adjusted{};
  std::array<bool, reference_count> significant{};
};

/// The dose pair that leaves the least viability under the caps.
struct BestPair {
  std::array<double, most_drugs> dose_nM{};
  Estimated viability;
  double p_best = unknown;  ///< Share of bootstrap draws in which no other pair is better.
};

struct PairResult {
  std::string line;
  std::vector<std::string> drugs;
  int repeats = 0, wells = 0, excluded_wells = 0;
  std::vector<std::string> repeat_names;
  Cells cells;
  std::array<ScoreResult, reference_count> scores;
  std::vector<CellResult> matrix;
  std::vector<Agent> agents;
  SurfaceFit musyc, braid, zimmer;
  MedianEffect median_effect;
  Isobologram isobologram;
  BestPair best;
  SpecificationTable specifications;
  std::optional<Compatible> compatible;
  std::string says;
  [[nodiscard]] const ScoreResult& of(Reference r) const {
    return scores[static_cast<std::size_t>(r)];
  }
};

struct Estimate {
  Effect effect = Effect::viability;
  std::vector<PairResult> pairs;
  std::vector<Sensitisation> sensitisation;
  std::vector<SensitisationComparison> comparisons;
  Problems problems;
  std::vector<std::string> methods, citations;
};

/// Every number's noise comes from the wells. With two or more biological repeats: each repeat left
/// out in turn (plates and days go with their repeat) and Student's t; the summaries of several
/// combinations share what their repeats say of spread (docs/adr/0005). With one repeat: the spread
/// of its wells, which holds technical error only (Status::single_repeat). One well a cell: the
/// residuals of MuSyC stand in for it, and the result says so.
[[nodiscard]] Checked<Estimate> estimate(const std::vector<Block>& blocks,
                                         const Options& options = {});

/// One block, without multiplicity: what a stream of many blocks is made of.
[[nodiscard]] PairResult estimate_block(const Block& block, const Options& options);

}  // namespace kinescape::combination
