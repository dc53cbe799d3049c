// SPDX-License-Identifier: Apache-2.0
#include "base/table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"

namespace kinescape {
namespace {

/// The row as the user has it before them. A wide row shows the neighbourhood of the cell only.
std::string shown_row(const std::vector<std::string>& cells, std::size_t column, char delimiter) {
  constexpr std::size_t most = 110;
  const std::string between = delimiter == '\0' ? " | " : std::string(1, delimiter);
  std::size_t first = 0, last = cells.size();
  auto length = [&] {
    std::size_t n = 0;
    for (std::size_t i = first; i < last; ++i) n += cells[i].size() + between.size();
    return n;
  };
  std::size_t total = length();
  // Drop from the far end until it fits, so that the cell in question stays in sight.
  while (total > most && last - first > 1) {
    const bool drop_back = last - 1 > column && (last - 1 - column >= column - first);
    const std::size_t dropped = drop_back ? --last : first++;
    total -= cells[dropped].size() + between.size();
  }
  std::string out = first > 0 ? "..." + between : "";
  for (std::size_t i = first; i < last; ++i) {
    if (i > first) out += between;
    std::size_t bytes = std::min(cells[i].size(), 2 * most);
    while (bytes < cells[i].size() &&
           (static_cast<unsigned char>(cells[i][bytes]) & 0xC0U) == 0x80U) {
      ++bytes;  // never half a character
    }
    out.append(cells[i], 0, bytes);
  }
  if (last < cells.size()) out += between + "...";
  return out;
}

}  // namespace

std::string_view Grid::at(std::size_t row, std::size_t column) const {
  if (row >= rows_.size() || column >= rows_[row].cells.size()) return "";
  return trimmed(rows_[row].cells[column]);
}

Where Grid::where(std::size_t row) const {
  Where w;
  w.file = file_;
  if (row >= rows_.size()) return w;
  w.line = rows_[row].line;
  if (!sheet_.empty()) w.item = fmt::format("{}!{}", sheet_, w.line);
  w.shown = shown_row(rows_[row].cells, 0, delimiter_);
  return w;
}

Where Grid::where(std::size_t row, std::size_t column) const {
  Where w = where(row);
  w.column = column + 1;
  if (row >= rows_.size()) return w;
  if (!sheet_.empty()) w.item = fmt::format("{}!{}{}", sheet_, column_letters(column + 1), w.line);
  const auto& cells = rows_[row].cells;
  w.shown = shown_row(cells, std::min(column, cells.empty() ? 0 : cells.size() - 1), delimiter_);
  return w;
}

bool Grid::blank(std::size_t row) const {
  if (row >= rows_.size()) return true;
  return std::ranges::all_of(rows_[row].cells,
                             [](const std::string& cell) { return trimmed(cell).empty(); });
}

void Grid::add_row(std::vector<std::string> cells, std::size_t line) {
  rows_.push_back({std::move(cells), line});
}

Origin origin_of(const Where& where) {
  if (!where.item.empty()) return {where.file, where.item};
  std::string cell;
  if (where.line != 0) cell = fmt::format("line {}", where.line);
  if (where.column != 0) cell += fmt::format("{}column {}", cell.empty() ? "" : ", ", where.column);
  return {where.file, cell};
}

}  // namespace kinescape
