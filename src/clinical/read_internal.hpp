// SPDX-License-Identifier: Apache-2.0
/// \file What rows of a follow-up table say against each other.
#pragma once

#include <string>
#include <vector>

#include "clinical/table.hpp"

namespace kinescape::clinical {

/// Whether `cell` is one of `codes`, without regard to case.
[[nodiscard]] bool among(const std::string& cell, const std::vector<std::string>& codes);

/// "1, true or yes"
[[nodiscard]] std::string joined(const std::vector<std::string>& words);

/// Finds patients in two arms, twice, or in stretches that overlap; names the arms, the reference
/// first; makes covariates of `cells` (one row a patient, in the order of the options).
/// `entries`: the table has a column of entry times.
void settle(const ReadOptions& options,
            bool entries,
            const std::vector<std::vector<std::string>>& cells,
            Table& table,
            Problems& problems);

}  // namespace kinescape::clinical
