// SPDX-License-Identifier: Apache-2.0
/// \file The pieces of a block's result.
#pragma once

#include "combination/estimate.hpp"

namespace kinescape::combination {

/// Everything of one block but what answers for the number of blocks.
[[nodiscard]] PairResult pair_result(const Block& block, const Options& options);

/// The call of a score from its adjusted p, and its sentence.
void call(ScoreResult& score, double level);

/// Robustness and the sentence of the whole, once the calls stand.
void conclude(PairResult& pair);

}  // namespace kinescape::combination
