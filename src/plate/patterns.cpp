// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.hpp"
#include "plate/cells_internal.hpp"
#include "plate/patterns_internal.hpp"

namespace kinescape::plate {
namespace {

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto comma = text.find(',');
    parts.push_back(trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

/// first, first + step, ..., last; empty when the steps do not meet `last`. A step of 0 stays.
std::vector<int> series(int first, int second, int last) {
  const int step = second - first;
  if (step == 0) return first == last ? std::vector<int>{first} : std::vector<int>{};
  if ((last - first) % step != 0 || (last - first) / step < 0) return {};
  std::vector<int> all;
  for (int i = 0; i <= (last - first) / step; ++i) all.push_back(first + i * step);
  return all;
}

template <class Parse>
std::vector<int> indices(std::string_view text, Parse parse) {
  const auto parts = split(text);
  const auto dots = std::find(parts.begin(), parts.end(), "...");
  std::vector<int> found;
  for (const auto part : parts) {
    if (part == "...") continue;
    const auto index = parse(part);
    if (!index) return {};
    found.push_back(*index);
  }
  if (dots == parts.end()) return found;
  const auto at = dots - parts.begin();
  if (parts.size() == 4 && at == 2) return series(found[0], found[1], found[2]);
  if (parts.size() == 3 && at == 1) {  // "A,...,H"
    return series(found[0], found[0] + (found[1] < found[0] ? -1 : 1), found[1]);
  }
  return {};
}

}  // namespace

std::vector<int> row_pattern(std::string_view text) {
  return indices(text, [](std::string_view part) { return parse_row(part); });
}

std::vector<int> column_pattern(std::string_view text) {
  return indices(text, [](std::string_view part) { return parse_column(part); });
}

std::vector<Position> well_pattern(std::string_view text) {
  const auto parts = split(text);
  const auto dots = std::find(parts.begin(), parts.end(), "...");
  std::vector<Position> wells;
  for (const auto part : parts) {
    if (part == "...") continue;
    const auto position = parse_position(part);
    if (!position) return {};
    wells.push_back(*position);
  }
  if (dots == parts.end()) return wells;
  if (parts.size() != 4 || dots - parts.begin() != 2) return {};
  std::vector<Position> all;
  const auto rows = series(wells[0].row, wells[1].row, wells[2].row);
  const auto columns = series(wells[0].column, wells[1].column, wells[2].column);
  for (int row : rows) {
    for (int column : columns) all.push_back({row, column});
  }
  return all;
}

std::optional<Format> block_size(std::string_view text) {
  const auto x = text.find_first_of("xX");
  if (x == std::string_view::npos) return std::nullopt;
  const auto columns = parse_column(trimmed(text.substr(0, x)));
  const auto rows = parse_column(trimmed(text.substr(x + 1)));
  if (!columns || !rows) return std::nullopt;
  return Format{*rows + 1, *columns + 1};
}

}  // namespace kinescape::plate
