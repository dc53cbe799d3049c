// SPDX-License-Identifier: Apache-2.0
// BMG LABTECH MARS and SMART Control: a few "Key: value" cells, then blocks titled "Raw Data
// (450)", or a list with a row for each well and a column "Raw Data (450)" for each channel or
// time.
#include <algorithm>

#include "base/number.hpp"
#include "base/quantity.hpp"
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
  std::string inside = title.substr(open + 1, close - open - 1);
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

/// "0 h 15 min", "0 h", "12 s": the sum of its parts in hours.
std::optional<double> spoken_hours(std::string_view text) {
  double sum = 0.0;
  bool any = false;
  text = trimmed(text);
  while (!text.empty()) {
    const auto digits = text.find_first_not_of("0123456789.");
    const auto value = plain_number(text.substr(0, digits));
    if (!value || digits == std::string_view::npos) return std::nullopt;
    text = trimmed(text.substr(digits));
    const auto letters = std::min(text.find_first_of("0123456789 "), text.size());
    const auto factor = hours_per(text.substr(0, letters));
    if (!factor) return std::nullopt;
    sum += *value * *factor;
    any = true;
    text = trimmed(text.substr(letters));
  }
  return any ? std::optional<double>(sum) : std::nullopt;
}

/// The head of a list: "Well, Content, Raw Data (450), ..." or "Well Row, Well Col, Content, ...".
struct List {
  std::size_t head = 0, first_row = 0;
  bool split = false;  ///< The row letter and the column number stand in two cells.
  struct Values {
    std::size_t column = 0;
    std::string title;
    double time_h = unknown;
  };
  std::vector<Values> values;
};

std::optional<List> list_at(const Grid& grid, std::size_t row) {
  List list;
  list.head = row;
  list.split = iequal(grid.at(row, 0), "Well Row") && iequal(grid.at(row, 1), "Well Col");
  if (!list.split && !iequal(grid.at(row, 0), "Well")) return std::nullopt;
  const std::size_t content = list.split ? 2 : 1;
  const bool has_content = iequal(grid.at(row, content), "Content");
  for (std::size_t c = content + (has_content ? 1 : 0); c < grid.columns(row); ++c) {
    if (!grid.at(row, c).empty()) list.values.push_back({c, std::string(grid.at(row, c)), unknown});
  }
  if (list.values.empty()) return std::nullopt;
  list.first_row = row + 1;
  while (list.first_row < grid.rows() && grid.blank(list.first_row)) ++list.first_row;
  // A kinetic list has the times in a second line.
  if (list.first_row < grid.rows() && grid.at(list.first_row, 0).empty()) {
    for (List::Values& v : list.values) {
      v.time_h = spoken_hours(grid.at(list.first_row, v.column)).value_or(unknown);
    }
    ++list.first_row;
  }
  return list;
}

/// Adds the rows of a list; the first row after it.
std::size_t add_list(const Grid& grid,
                     const List& list,
                     const ReadOptions& options,
                     InstrumentSet& set) {
  const bool any_raw =
      std::ranges::any_of(list.values, [](const auto& v) { return is_raw(v.title); });
  std::vector<List::Values> wanted;
  for (const List::Values& v : list.values) {
    if (!any_raw || is_raw(v.title) || iequal(options.channel, channel_of(v.title))) {
      wanted.push_back(v);
      continue;
    }
    set.warn(grid.where(list.head, v.column),
             "the calculated column \"" + printable(v.title) + "\" was not read",
             "The raw data are analysed; name the column as the channel to read it instead.");
  }
  std::size_t row = list.first_row;
  for (; row < grid.rows(); ++row) {
    if (grid.blank(row)) continue;
    const std::string cell = std::string(grid.at(row, 0));
    const auto position = parse_position(list.split ? cell + std::string(grid.at(row, 1)) : cell);
    if (!position) break;
    for (const List::Values& v : wanted) {
      if (grid.at(row, v.column).empty()) continue;
      set.add(grid, row, v.column, *position, channel_of(v.title), v.time_h);
    }
  }
  return row;
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
      if (const auto list = list_at(grid, row)) {
        set.plate(plate.empty() ? file_stem(source.file) : plate);
        row = add_list(grid, *list, options, set) - 1;
      } else if (const auto table = time_table_at(grid, row)) {
        set.plate(plate.empty() ? file_stem(source.file) : plate);
        row = add_time_table(grid, *table, "", set) - 1;
      }
    }
  }
  return set.finish("the BMG export holds no block of wells");
}

}  // namespace kinescape::plate
