// SPDX-License-Identifier: Apache-2.0
/// \file A study's results as the tests of this room need them: filled by hand, with everything in
/// it that a report must show. Not part of the library.
#pragma once

#include <string>

#include "study/study.hpp"

namespace kinescape::report {

/// Lines H-P and H-R on drugs A to F in three repeats: a large and a small fold, a restored one, an
/// IC50 that is not reached, a flat pair, an excluded and a saturated well, an edge effect.
[[nodiscard]] study::Results fixture();

/// The results.json that a report of them holds.
[[nodiscard]] std::string results_json(const study::Results& results);

}  // namespace kinescape::report
