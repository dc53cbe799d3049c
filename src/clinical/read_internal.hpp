// SPDX-License-Identifier: Apache-2.0
/// \file What rows of a follow-up table say against each other.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "clinical/table.hpp"

namespace kinescape::clinical {

/// Whether `cell` is one of `codes`, without regard to case.
[[nodiscard]] bool among(const std::string& cell, const std::vector<std::string>& codes);

/// "1, true or yes"
[[nodiscard]] std::string joined(const std::vector<std::string>& words);

/// The reference first: the one that is named, else a control by its name. `file`: of the problem
/// where no arm bears the name.
[[nodiscard]] std::vector<std::string> arms_in_order(const std::set<std::string>& names,
                                                     std::string reference,
                                                     const std::string& file,
                                                     Problems& problems);

/// Finds patients in two arms, twice, or in stretches that overlap; names the arms, the reference
/// first; makes covariates of `cells` (one row a patient, in the order of the options).
/// `entries`: the table has a column of entry times.
void settle(const ReadOptions& options,
            bool entries,
            const std::vector<std::vector<std::string>>& cells,
            Table& table,
            Problems& problems);

}  // namespace kinescape::clinical
