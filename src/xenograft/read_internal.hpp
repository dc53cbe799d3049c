// SPDX-License-Identifier: Apache-2.0
/// \file What rows of a caliper table say against each other.
#pragma once

#include <cstddef>
#include <map>
#include <set>

#include "xenograft/experiment.hpp"

namespace kinescape::xenograft {

/// Orders visits, finds duplicates, days out of order and visits after removal, names the palpable
/// limit and the reference arm. `removed_day`: by index of the animal.
void settle(const ReadOptions& options,
            const std::map<std::ptrdiff_t, double>& removed_day,
            Experiment& experiment,
            Problems& problems);

}  // namespace kinescape::xenograft
