// SPDX-License-Identifier: Apache-2.0
/// \file Which wells does "A1,A3,...,A11" name? The patterns of layout keys.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "plate/plate.hpp"

namespace kinescape::plate {

/// "A", "A,B", "A,B,...,H", "A,C,...,G"; empty when it names no rows. Indices from 0.
[[nodiscard]] std::vector<int> row_pattern(std::string_view text);
/// "1", "1,2", "1,3,...,11".
[[nodiscard]] std::vector<int> column_pattern(std::string_view text);
/// "A1", "A1,B3", "A1,A2,...,A12", and in both directions "A1,C3,...,E5" (row by row).
[[nodiscard]] std::vector<Position> well_pattern(std::string_view text);
/// "2x3": 2 columns wide, 3 rows high.
[[nodiscard]] std::optional<Format> block_size(std::string_view text);

}  // namespace kinescape::plate
