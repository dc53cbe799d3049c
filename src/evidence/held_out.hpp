// SPDX-License-Identifier: Apache-2.0
/// \file How well would the model have said what a laboratory prints, had its paper not been there?
///
/// Each source is left out in turn, the model fitted anew without it (standard deviations too), and
/// every value the source prints is held against what one more laboratory was expected to print.
/// Beside it stands the geometric mean of what the other sources print for the same pair.
#pragma once

#include <string>
#include <vector>

#include "evidence/potency.hpp"

namespace kinescape::evidence {

/// One printed value whose source was left out. log10 nM.
struct HeldOutValue {
  std::size_t row = 0;  ///< Index into Library::rows.
  double printed = unknown;
  double expected = unknown, sd = unknown;  ///< Of one more source in the row's system and readout.
  double answer = unknown;   ///< What was answered for the pair: viability in engineered cells.
  double p_below = unknown;  ///< Chance that a source prints less; uniform if the model is true.
  double log_density = unknown;     ///< Of the printed value under the prediction.
  double geometric_mean = unknown;  ///< Of the other sources; NaN where none prints the pair.
};

/// Errors of a group of values. The geometric mean has a root mean squared error of its own as its
/// spread, fitted to these very values, so that its density and coverage are the best it can have.
struct HeldOutScore {
  std::string
      group;  ///< "all values", "pair printed elsewhere", "compound variants", a target, ...
  int n = 0;
  double rmse = unknown, mae = unknown, coverage = unknown, log_density = unknown;
  double answer_rmse = unknown;  ///< Of the answer for the pair, whatever the row's system.
  double geometric_rmse = unknown, geometric_mae = unknown, geometric_log_density = unknown;
};

struct HeldOut {
  int sources = 0;
  double level = 0.95;
  std::vector<HeldOutValue> values;  ///< In the order of Library::rows.
  std::vector<HeldOutScore> scores;
};

/// Values of agents that no other source has on the target, and bounds, words and folds, are not
/// held against anything. `threads`: over sources; the same bits at any count.
[[nodiscard]] HeldOut leave_sources_out(const Library& library,
                                        const PotencyOptions& options,
                                        Threads threads);

}  // namespace kinescape::evidence
