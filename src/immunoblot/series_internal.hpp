// SPDX-License-Identifier: Apache-2.0
/// \file From ratios of lanes to folds of treatments and dose series.
#pragma once

#include "immunoblot/estimate.hpp"

namespace kinescape::immunoblot {

/// Multiple of a standard error that a normal interval of this level has.
[[nodiscard]] double normal_z(double level);

void add_folds(const RatioOptions& options, Estimate& estimate);

}  // namespace kinescape::immunoblot
