// SPDX-License-Identifier: Apache-2.0
/// \file What the survival files share: rows in the order of time and the checks of their form.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "numeric/survival.hpp"

namespace kinescape::numeric {

/// Throws UsageError for rows of unequal length, without a number, or that end before they begin.
void check_rows(const FollowUp& rows);

/// Indices in ascending order of `key`, which holds no NaN; ties in the order of the rows.
[[nodiscard]] std::vector<std::size_t> ascending(std::span<const double> key);

/// Interval of a survival probability on the scale of `band`.
[[nodiscard]] Limits survival_limits(double survival, double variance_sum, Band band, double z);

}  // namespace kinescape::numeric
