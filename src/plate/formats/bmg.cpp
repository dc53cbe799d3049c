// SPDX-License-Identifier: Apache-2.0
// BMG LABTECH MARS and SMART Control: a few "Key: value" cells, then blocks titled "Raw Data
// (450)".
#include <map>

#include "base/text.hpp"
#include "plate/cells_internal.hpp"
#include "plate/formats/formats_internal.hpp"

namespace kinescape::plate {
namespace {

/// The value of "key: value" in any cell of the row.
std::optional<std::string> cell_value(const Grid& grid, std::size_t row, std::string_view key) {
  for (std::size_t c = 0; c < grid.columns(row); ++c) {
    const auto cell = grid.at(row, c);
    if (cell.size() > key.size() && iequal(cell.substr(0, key.size()), key) &&
        cell[key.size()] == ':') {
      return std::string(trimmed(cell.substr(key.size() + 1)));
    }
  }
  return std::nullopt;
}

/// "Raw Data (450 1)" -> "450 nm (1)"; "Raw Data (484)" -> "484 nm"; other titles in full.
std::string channel_of(const std::string& title) {
  if (iequal(title, "Raw Data")) return {};
  const auto open = title.find('(');
  const auto close = title.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open) return title;
  const std::string inside = title.substr(open + 1, close - open - 1);
  const auto space = inside.find(' ');
  if (space == std::string::npos) return channel_name(inside);
  const std::string first = channel_name(inside.substr(0, space));
  const std::string rest = inside.substr(space + 1);
  if (first.ends_with("nm") && parse_column(rest)) return first + " (" + rest + ")";
  return inside;
}

bool is_raw(const std::string& title) {
  return title.size() >= 8 && iequal(std::string_view(title).substr(0, 8), "Raw Data");
}

}  // namespace

int score_bmg(const Source& source) {
  if (source.grids.empty()) return 0;
  const Grid& grid = source.grids.front();
  bool user = false, test = false;
  for (std::size_t row = 0; row < std::min<std::size_t>(12, grid.rows()); ++row) {
    user = user || cell_value(grid, row, "User").has_value();
    test = test || cell_value(grid, row, "Test name").has_value() ||
           cell_value(grid, row, "Testname").has_value();
  }
  return user && test ? 100 : 0;
}

Checked<PlateSet> read_bmg(const Source& source, const ReadOptions& options) {
  InstrumentSet set("BMG LABTECH", source);
  for (const Grid& grid : source.grids) {
    const auto blocks = find_blocks(grid);
    bool any_raw = false;
    for (const Block& block : blocks) any_raw = any_raw || is_raw(block.title);
    std::size_t row = 0;
    std::string plate;
    for (const Block& block : blocks) {
      for (; row < block.header_row; ++row) {
        if (cell_value(grid, row, "Test name")) plate.clear();
        const auto id = cell_value(grid, row, "ID1");
        if (id && plate.empty()) plate = *id;
      }
      const std::string channel = channel_of(block.title);
      if (any_raw && !is_raw(block.title) && !iequal(options.channel, channel)) {
        set.warn(grid.where(block.header_row),
                 "the calculated block \"" + printable(block.title) + "\" was not read",
                 "The raw data are analysed; name the block as the channel to read it instead.");
        continue;
      }
      set.plate(plate.empty() ? file_stem(source.file) : plate, block.format());
      set.add(grid, block, channel);
    }
    if (!blocks.empty()) continue;
    for (row = 0; row < grid.rows(); ++row) {
      if (const auto id = cell_value(grid, row, "ID1")) plate = *id;
      if (const auto table = time_table_at(grid, row)) {
        set.plate(plate.empty() ? file_stem(source.file) : plate);
        row = add_time_table(grid, *table, "", set) - 1;
      }
    }
  }
  return set.finish("the BMG export holds no block of wells");
}

}  // namespace kinescape::plate
