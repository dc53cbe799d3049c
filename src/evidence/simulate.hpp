// SPDX-License-Identifier: Apache-2.0
/// \file A virtual literature: what would laboratories print if the truth were this?
///
/// The forward half of PotencyModel: the same effects, bounds, folds and words, from known numbers.
#pragma once

#include <string>
#include <vector>

#include "base/stream.hpp"
#include "evidence/library.hpp"

namespace kinescape::evidence {

/// Which laboratories measured what, in invented names: agent-0.., A100C.., source-0... Counts are
/// of one target; each has agents, changes and sources of its own.
struct LiteratureDesign {
  int targets = 1;
  int agents = 6, variants = 8, sources = 12;
  int compound = 2;                 ///< Pairs of the first changes on one molecule.
  double measured = 0.35;           ///< Chance that a source measures an agent and a variant.
  double wild_type_measured = 0.8;  ///< Chance that a source has the wild type of an agent it uses.
  double agents_per_source = 0.5;   ///< Chance that a source uses an agent.
  double words = 0.25;              ///< Of the mutant rows: printed as a word.
  double folds = 0.15;              ///< Of the mutant rows: printed as a fold.
  double top_dose_log10_nM = 2.9;   ///< Values above are printed as bounds; each source near it.
  double low_dose_log10_nM = 0.9;
  double dose_spread_log10 = 0.4;
  double enzymes = 0.0;  ///< Chance that a source measures the proteins by themselves.
  double lines = 0.0;    ///< Chance that a source uses one of three cancer lines.
};

/// Standard deviations in log10 units.
struct LiteratureTruth {
  double target = 0.0, target_shift = 0.0;  ///< Of the mean, and of the shift, by target.
  double mean = 2.0, agent = 0.6, variant = 0.5, pair = 0.35, epistasis = 0.3;
  double source = 0.3, source_agent = 0.15, series = 0.15, residual = 0.2;
  double enzyme_shift = -0.8, enzyme_agent = 0.5, enzyme_variant = 0.3;
  double system = 0.3, system_agent = 0.2;
  double word = 0.3;                     ///< What a word adds to the spread of a number.
  double outliers = 0.0, outlier = 1.0;  ///< Share of printed values that are off, and by how much.
  double shift = 0.5;                    ///< Mean shift of a change.
  double tail_df =
      unknown;  ///< Shifts of changes and pairs: Student-t of these degrees of freedom.
  double cut_sensitive = 0.4, cut_resistant = 0.9;  ///< log10 fold at which words change.
};

struct VirtualLiterature {
  Library library;
  std::vector<std::string> agents;
  std::vector<VariantOf> variants;  ///< Of each target the wild type first.
  /// True mean over sources, [variant][agent]; NaN: of another target.
  std::vector<std::vector<double>> log10_ic50_nM;
  int rows = 0, censored = 0, words = 0;
};

/// The effects are drawn from `truth`, then the rows. Same seed, same rows.
[[nodiscard]] VirtualLiterature simulate(const LiteratureDesign& design,
                                         const LiteratureTruth& truth,
                                         Seed seed);

}  // namespace kinescape::evidence
