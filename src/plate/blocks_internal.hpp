// SPDX-License-Identifier: Apache-2.0
/// \file Where in this grid does a plate stand? Rectangles of cells labelled A, B, ... down the
/// side and 1, 2, ... along the top, as most instruments print them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/table.hpp"
#include "plate/plate.hpp"

namespace kinescape::plate {

struct BlockRow {
  std::size_t grid_row = 0;
  int plate_row = 0;
};

/// A labelled rectangle. Cell (rows[i], first_column + j) belongs to well
/// (rows[i].plate_row, first_plate_column + j).
struct Block {
  std::size_t header_row = 0;
  std::size_t label_column = 0;  ///< Where the row letters stand; the numbers start right of it.
  int first_plate_column = 0;
  int columns = 0;
  std::vector<BlockRow> rows;
  std::string corner;  ///< The text in the corner, "<>" left out.
  std::string title;   ///< The nearest text above, up to three rows.

  [[nodiscard]] std::size_t first_column() const { return label_column + 1; }
  /// Rows and columns of the smallest standard plate that holds the block; 0 x 0 if none does.
  [[nodiscard]] Format format() const;
};

/// All labelled rectangles of the grid from top to bottom, at least two columns wide. Linear in the
/// number of cells.
[[nodiscard]] std::vector<Block> find_blocks(const Grid& grid);

/// Calls f(position, grid row, grid column) for each well of the block, row by row.
template <class F>
void for_each_well(const Block& block, F f) {
  for (const BlockRow& row : block.rows) {
    for (int j = 0; j < block.columns; ++j) {
      f(Position{row.plate_row, block.first_plate_column + j},
        row.grid_row,
        block.first_column() + static_cast<std::size_t>(j));
    }
  }
}

}  // namespace kinescape::plate
