// SPDX-License-Identifier: Apache-2.0
// Sartorius Incucyte: a few "Key: value" rows, then "Date Time", "Elapsed" (hours) and a column for
// each well. The date changes its form within real files; the elapsed hours do not.
#include "base/text.hpp"
#include "plate/cells_internal.hpp"
#include "plate/formats/formats_internal.hpp"

namespace kinescape::plate {
namespace {

std::optional<std::size_t> header_row(const Grid& grid) {
  for (std::size_t row = 0; row < grid.rows() && row < 60; ++row) {
    if (iequal(grid.at(row, 0), "Date Time") && iequal(grid.at(row, 1), "Elapsed")) return row;
  }
  return std::nullopt;
}

}  // namespace

int score_incucyte(const Source& source) {
  for (const Grid& grid : source.grids) {
    if (header_row(grid)) return 100;
  }
  return 0;
}

Checked<PlateSet> read_incucyte(const Source& source, const ReadOptions&) {
  InstrumentSet set("Incucyte", source);
  for (const Grid& grid : source.grids) {
    const auto header = header_row(grid);
    if (!header) continue;
    std::string plate, channel;
    for (std::size_t row = 0; row < *header; ++row) {
      if (const auto name = value_of(grid, row, "Vessel Name"); name && !name->empty())
        plate = *name;
      if (const auto name = value_of(grid, row, "Label"); name && plate.empty()) plate = *name;
      if (const auto name = value_of(grid, row, "Metric"); name) channel = *name;
    }
    set.plate(plate.empty() ? file_stem(source.file) : plate);
    auto table = time_table_at(grid, *header);
    if (!table) {
      set.warn(grid.where(*header),
               "no column is named after a well",
               "Export each well (or image) by its well, not by groups.");
      continue;
    }
    table->time_column = 1;
    table->time_unit = "h";
    const std::size_t end = add_time_table(grid, *table, channel, set);
    if (end < grid.rows() && !grid.blank(end)) {
      set.warn(grid.where(end),
               "the time course ends here: the elapsed time is not a number",
               "Check the rows from here on.");
    }
  }
  return set.finish("the Incucyte export holds no well");
}

}  // namespace kinescape::plate
