// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "plate/blocks_internal.hpp"
#include "plate/cells_internal.hpp"

namespace kinescape::plate {
namespace {

/// The run of column numbers n, n+1, ... in `row` that begins at `start`; its length.
int run_length(const Grid& grid, std::size_t row, std::size_t start, int first) {
  int length = 1;
  while (start + static_cast<std::size_t>(length) < grid.columns(row)) {
    const auto next = parse_column(grid.at(row, start + static_cast<std::size_t>(length)));
    if (!next || *next != first + length) break;
    ++length;
  }
  return length;
}

/// Rows under the header whose label is a row letter, in plate order. Blank rows end the block.
std::vector<BlockRow> labelled_rows(const Grid& grid, std::size_t header, std::size_t column) {
  std::vector<BlockRow> rows;
  for (std::size_t r = header + 1; r < grid.rows(); ++r) {
    const auto row = parse_row(grid.at(r, column));
    if (!row || (!rows.empty() && *row <= rows.back().plate_row)) break;
    rows.push_back({r, *row});
  }
  return rows;
}

std::string title_above(const Grid& grid, std::size_t header) {
  constexpr std::size_t most_rows_up = 3;
  for (std::size_t up = 1; up <= most_rows_up && up <= header; ++up) {
    const std::size_t row = header - up;
    std::string text;
    for (std::size_t c = 0; c < grid.columns(row); ++c) {
      const auto cell = grid.at(row, c);
      if (cell.empty()) continue;
      if (!text.empty()) text += ' ';
      text += cell;
    }
    if (text.empty()) continue;
    // The row above may be the last one of another block.
    if (parse_row(grid.at(row, 0))) return {};
    return text.size() > 200 ? std::string{} : text;
  }
  return {};
}

}  // namespace

Format Block::format() const {
  int last_row = 0;
  for (const BlockRow& row : rows) last_row = std::max(last_row, row.plate_row + 1);
  return smallest_format(last_row, first_plate_column + columns).value_or(Format{0, 0});
}

std::vector<Block> find_blocks(const Grid& grid) {
  std::vector<Block> blocks;
  std::vector<std::size_t> open;  // blocks whose rows are not passed yet
  for (std::size_t r = 0; r + 1 < grid.rows(); ++r) {
    std::erase_if(open, [&](std::size_t b) { return blocks[b].rows.back().grid_row < r; });
    for (std::size_t c = 1; c < grid.columns(r); ++c) {
      // Values of a block may count 1, 2, 3 as well.
      const auto inside = std::find_if(open.begin(), open.end(), [&](std::size_t b) {
        return c > blocks[b].label_column &&
               c <= blocks[b].label_column + static_cast<std::size_t>(blocks[b].columns);
      });
      if (inside != open.end()) {
        c = blocks[*inside].label_column + static_cast<std::size_t>(blocks[*inside].columns);
        continue;
      }
      const auto first = parse_column(grid.at(r, c));
      if (!first) continue;
      const int length = run_length(grid, r, c, *first);
      const std::size_t next = c + static_cast<std::size_t>(length);
      if (length >= 2 && parse_row(grid.at(r + 1, c - 1))) {
        Block block;
        block.header_row = r;
        block.label_column = c - 1;
        block.first_plate_column = *first;
        block.columns = length;
        block.rows = labelled_rows(grid, r, c - 1);
        const auto corner = grid.at(r, c - 1);
        if (corner != "<>" && !parse_column(corner)) block.corner = corner;
        block.title = title_above(grid, r);
        open.push_back(blocks.size());
        blocks.push_back(std::move(block));
      }
      c = next - 1;
    }
  }
  return blocks;
}

}  // namespace kinescape::plate
