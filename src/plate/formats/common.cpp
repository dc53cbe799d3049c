// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "base/quantity.hpp"
#include "base/text.hpp"
#include "plate/cells_internal.hpp"
#include "plate/formats/formats_internal.hpp"

namespace kinescape::plate {

void InstrumentSet::plate(const std::string& name, Format format) {
  plate_ = name;
  auto& plates = result_.value.plates;
  for (std::size_t i = 0; i < plates.size(); ++i) {
    if (plates[i].name != name) continue;
    index_ = i;
    if (format.rows > plates[i].format.rows) plates[i].format = format;
    return;
  }
  index_ = plates.size();
  plates.push_back({name, format, instrument_, source_.file});
}

void InstrumentSet::add(const Grid& grid,
                        std::size_t row,
                        std::size_t column,
                        Position position,
                        const std::string& channel,
                        double time_h) {
  if (result_.value.plates.empty()) plate(file_stem(source_.file));
  const auto text = grid.at(row, column);
  const SignalCell cell = read_signal(text, grid.decimal(), Printer::instrument);
  if (!cell.understood) {
    Where where = grid.where(row, column);
    where.item += (where.item.empty() ? "well " : ", well ") + name(position);
    result_.problems.push_back({std::move(where), cell.why, cell.fix, Severity::error});
  }
  Well& well = result_.value.wells.emplace_back();
  well.plate = plate_;
  well.position = position;
  well.placed = true;
  well.channel = channel;
  well.time_h = time_h;
  put_signal(well, cell, text);
  well.origin = origin_at(grid, row, column);
  Format& format = result_.value.plates[index_].format;
  if (position.row >= format.rows || position.column >= format.columns) {
    format = smallest_format(std::max(format.rows, position.row + 1),
                             std::max(format.columns, position.column + 1))
                 .value_or(Format{32, 48});
  }
}

void InstrumentSet::add(const Grid& grid,
                        const Block& block,
                        const std::string& channel,
                        double time_h) {
  for_each_well(block, [&](Position position, std::size_t row, std::size_t column) {
    add(grid, row, column, position, channel, time_h);
  });
}

void InstrumentSet::warn(const Where& where, std::string what, std::string fix) {
  result_.problems.push_back({where, std::move(what), std::move(fix), Severity::warning});
}

Checked<PlateSet> InstrumentSet::finish(const std::string& nothing) {
  if (empty()) {
    result_.problems.push_back({{source_.file, 0, 0, "", ""},
                                nothing,
                                "Export the plate again with its values.",
                                Severity::error});
  }
  return std::move(result_);
}

std::string_view first_cell(const Grid& grid, std::size_t row) {
  for (std::size_t c = 0; c < grid.columns(row); ++c) {
    if (const auto cell = grid.at(row, c); !cell.empty()) return cell;
  }
  return {};
}

std::optional<std::string> value_of(const Grid& grid, std::size_t row, std::string_view key) {
  std::size_t c = 0;
  while (c < grid.columns(row) && grid.at(row, c).empty()) ++c;
  auto cell = grid.at(row, c);
  if (cell.size() < key.size() || !iequal(cell.substr(0, key.size()), key)) return std::nullopt;
  cell.remove_prefix(key.size());
  if (!cell.empty() && cell.front() != ':' && cell.front() != ' ') return std::nullopt;
  if (cell.starts_with(':')) cell.remove_prefix(1);
  if (!trimmed(cell).empty()) return std::string(trimmed(cell));
  for (++c; c < grid.columns(row); ++c) {
    if (const auto next = grid.at(row, c); !next.empty()) return std::string(next);
  }
  return std::string{};
}

bool mentions(const Source& source, std::string_view text, std::size_t rows) {
  for (const Grid& grid : source.grids) {
    for (std::size_t r = 0; r < std::min(rows, grid.rows()); ++r) {
      for (std::size_t c = 0; c < grid.columns(r); ++c) {
        const auto cell = grid.at(r, c);
        if (cell.size() >= text.size() && iequal(cell.substr(0, text.size()), text)) return true;
      }
    }
  }
  return false;
}

std::optional<double> clock_hours(std::string_view text, std::string_view unit) {
  text = trimmed(text);
  if (text.find(':') == std::string_view::npos) {
    const auto amount = parse_amount(text, Decimal::point);
    if (!amount) return std::nullopt;
    const std::string_view stated = amount->unit.empty() ? unit : std::string_view(amount->unit);
    const auto factor = stated.empty() ? std::optional<double>(1.0) : hours_per(stated);
    if (!factor) return std::nullopt;
    return amount->value * *factor;
  }
  double days = 0.0;
  const auto colon = text.find(':');
  const auto dot = text.find('.');
  if (dot < colon) {
    const auto d = parse_number(text.substr(0, dot), Decimal::point);
    if (d.kind != NumberKind::number) return std::nullopt;
    days = d.value;
    text.remove_prefix(dot + 1);
  }
  std::vector<double> parts;
  while (true) {
    const auto at = text.find(':');
    const auto part = parse_number(text.substr(0, at), Decimal::point);
    if (part.kind != NumberKind::number || part.value < 0.0) return std::nullopt;
    parts.push_back(part.value);
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + 1);
  }
  if (parts.size() == 2) return 24.0 * days + (parts[0] * 60.0 + parts[1]) / 3600.0;  // mm:ss
  if (parts.size() != 3) return std::nullopt;
  return 24.0 * days + parts[0] + parts[1] / 60.0 + parts[2] / 3600.0;
}

std::string channel_name(std::string_view label) {
  label = trimmed(label);
  const bool digits = label.size() == 3 &&
                      label.find_first_not_of("0123456789") == std::string_view::npos &&
                      label.front() >= '2';
  return digits ? std::string(label) + " nm" : std::string(label);
}

std::optional<TimeTable> time_table_at(const Grid& grid, std::size_t row) {
  TimeTable table;
  table.header_row = row;
  bool timed = false;
  for (std::size_t c = 0; c < grid.columns(row); ++c) {
    const auto cell = grid.at(row, c);
    if (cell.empty()) continue;
    const auto open = cell.find_first_of("[(");
    const auto bare = trimmed(cell.substr(0, open));
    if (iequal(bare, "time") || iequal(bare, "elapsed") || iequal(bare, "elapsed time")) {
      table.time_column = c;
      timed = true;
      if (open != std::string_view::npos) {
        const auto unit = cell.substr(open + 1, cell.find_first_of("])") - open - 1);
        if (hours_per(unit)) table.time_unit = std::string(unit);
      }
    } else if (const auto position = parse_position(cell)) {
      table.wells.emplace_back(c, *position);
    }
  }
  if (!timed || table.wells.empty()) return std::nullopt;
  return table;
}

std::size_t add_time_table(const Grid& grid,
                           const TimeTable& table,
                           const std::string& channel,
                           InstrumentSet& set) {
  std::size_t row = table.header_row + 1;
  for (; row < grid.rows(); ++row) {
    const auto text = grid.at(row, table.time_column);
    if (text.empty()) break;
    // A workbook stores a clock time as a part of a day.
    const bool workbook_day = !grid.sheet().empty() && table.time_unit.empty() &&
                              text.find(':') == std::string_view::npos;
    const auto time = clock_hours(text, workbook_day ? "d" : std::string_view(table.time_unit));
    if (!time) break;
    for (const auto& [column, position] : table.wells) {
      set.add(grid, row, column, position, channel, *time);
    }
  }
  return row;
}

}  // namespace kinescape::plate
