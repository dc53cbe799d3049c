// SPDX-License-Identifier: Apache-2.0
/// \file Which group of a TOML layout speaks for which well? Rows, columns, blocks and wells laid
/// over each other.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "plate/layout_internal.hpp"

namespace kinescape::plate {

using Cells = std::map<std::string, PlanCell>;
using Run = std::vector<Position>;

/// Later layers win. Of blocks, the smaller wins.
enum class Layer { icol, irow, col, row, block, well };

struct Group {
  Layer layer = Layer::well;
  int area = 1;
  std::vector<Run> runs;    ///< Along the direction of a dose series.
  std::vector<Run> across;  ///< The same wells, the other way: a block's columns.
  Cells cells;
  std::size_t line = 0;  ///< Where the group begins in the file; names it.
};

/// What one scope (the file, or one [plate.X]) says.
struct Scope {
  Cells common;
  std::vector<Group> groups;
};

/// All wells that a 1536-well plate would have on this line.
[[nodiscard]] Run line_of(Layer layer, int index);

/// Adds a block with this corner; false when it does not fit on a 1536-well plate.
[[nodiscard]] bool add_block(Position corner, Format size, Group& group);

/// Lays the scopes over each other, the last on top, and appends an entry for each well that
/// exists. Returns what holds for all wells.
Cells resolve_scopes(const std::string& plate,
                     const std::vector<const Scope*>& scopes,
                     std::vector<PlanEntry>& entries,
                     Problems& problems);

}  // namespace kinescape::plate
