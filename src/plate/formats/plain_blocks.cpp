// SPDX-License-Identifier: Apache-2.0
// Grids without a vendor's signature: labelled blocks, or one bare rectangle of a plate's size.
#include <set>

#include "base/text.hpp"
#include "plate/cells_internal.hpp"
#include "plate/formats/formats_internal.hpp"

namespace kinescape::plate {
namespace {

/// A grid that is nothing but the values of one plate of 24 wells or more.
std::optional<Block> bare_plate(const Grid& grid) {
  std::size_t first = 0;
  while (first < grid.rows() && grid.blank(first)) ++first;
  std::size_t rows = 0;
  std::size_t columns = 0;
  for (std::size_t r = first; r < grid.rows(); ++r) {
    if (grid.blank(r)) break;
    std::size_t width = grid.columns(r);
    while (width > 0 && grid.at(r, width - 1).empty()) --width;
    columns = std::max(columns, width);
    for (std::size_t c = 0; c < width; ++c) {
      if (!read_signal(grid.at(r, c), grid.decimal(), Printer::instrument).understood) {
        return std::nullopt;
      }
    }
    ++rows;
  }
  for (std::size_t r = first + rows; r < grid.rows(); ++r) {
    if (!grid.blank(r)) return std::nullopt;
  }
  const auto format = smallest_format(static_cast<int>(rows), static_cast<int>(columns));
  if (!format || format->wells() < 24) return std::nullopt;
  if (format->rows != static_cast<int>(rows) || format->columns != static_cast<int>(columns)) {
    return std::nullopt;
  }
  Block block;
  block.columns = format->columns;
  for (std::size_t r = 0; r < rows; ++r) block.rows.push_back({first + r, static_cast<int>(r)});
  return block;
}

}  // namespace

int score_blocks(const Source& source) {
  for (const Grid& grid : source.grids) {
    if (!find_blocks(grid).empty()) return 20;
  }
  for (const Grid& grid : source.grids) {
    if (bare_plate(grid)) return 10;
  }
  return 0;
}

Checked<PlateSet> read_block_source(const Source& source, const ReadOptions&) {
  InstrumentSet set("", source);
  const std::string stem = file_stem(source.file);
  std::size_t count = 0;
  for (const Grid& grid : source.grids) count += find_blocks(grid).size();
  std::set<std::string> names;
  std::size_t number = 0;
  for (const Grid& grid : source.grids) {
    for (const Block& block : find_blocks(grid)) {
      ++number;
      std::string name = !block.title.empty()    ? block.title
                         : !block.corner.empty() ? block.corner
                                                 : grid.sheet();
      if (count == 1) name = stem;
      if (name.empty()) name = stem + " " + std::to_string(number);
      while (!names.insert(name).second) name += " (" + std::to_string(number) + ")";
      set.plate(name, block.format());
      set.add(grid, block, "");
    }
  }
  if (count > 0) return set.finish("no block holds a well");
  for (const Grid& grid : source.grids) {
    const auto block = bare_plate(grid);
    if (!block) continue;
    set.plate(grid.sheet().empty() ? stem : grid.sheet(), block->format());
    for (const BlockRow& row : block->rows) {
      for (int c = 0; c < block->columns; ++c) {
        set.add(grid, row.grid_row, static_cast<std::size_t>(c), {row.plate_row, c}, "");
      }
    }
  }
  return set.finish("no block holds a well");
}

}  // namespace kinescape::plate
