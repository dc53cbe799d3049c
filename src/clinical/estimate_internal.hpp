// SPDX-License-Identifier: Apache-2.0
/// \file Rows of a table as the numeric room takes them, and the comparisons of arms.
#pragma once

#include "clinical/estimate.hpp"
#include "numeric/interval_censored.hpp"
#include "numeric/survival.hpp"

namespace kinescape::clinical {

/// Of one arm, or of all (nullptr), in the order of the table.
[[nodiscard]] numeric::FollowUp follow_up_of(const Table& table, const std::string* arm);
[[nodiscard]] numeric::IntervalRows intervals_of(const Table& table, const std::string* arm);

void compare_ranks(const Table& table, const Options& options, Estimate& out);
void fit_cox(const Table& table, const Options& options, Estimate& out);

}  // namespace kinescape::clinical
