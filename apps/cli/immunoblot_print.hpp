// SPDX-License-Identifier: Apache-2.0
/// \file What a terminal shows of blots.
#pragma once

#include "immunoblot/estimate.hpp"

namespace kinescape::cli {

/// Bands, ratios, folds, dose series, courses, ranges and readings, to standard output.
void print_blots(const immunoblot::Estimate& estimate);

}  // namespace kinescape::cli
