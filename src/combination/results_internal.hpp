// SPDX-License-Identifier: Apache-2.0
/// \file The pieces of a block's result.
#pragma once

#include "combination/estimate.hpp"

namespace kinescape::combination {

/// Everything of one block but what answers for the number of blocks.
[[nodiscard]] PairResult pair_result(const Block& block, const Options& options);

/// What the errors of a pair's summaries should be in proportion to, from its fitted surface: the
/// spread of wells, and how a day that moves both potencies moves the score. Fills ScoreError.
void expect_errors(PairResult& pair, const ScoreOptions& scoring);

/// The summaries' intervals and p values from the spread of all combinations together.
void share_errors(std::vector<PairResult>& pairs, double level);

/// The call of a score from its adjusted p, and its sentence.
void call(ScoreResult& score, double level);

/// Robustness and the sentence of the whole, once the calls stand.
void conclude(PairResult& pair);

}  // namespace kinescape::combination
