// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/text.hpp"
#include "plate/cells_internal.hpp"
#include "plate/tidy_internal.hpp"

namespace kinescape::plate {
namespace {

/// A file that is wrong throughout need not fill the memory with its problems.
constexpr std::size_t most_problems = 2000;

struct Rows {
  std::vector<Plan> plans;
  std::vector<std::size_t> rows;  ///< Of the grid, one for each plan.
};

const Column& value_column(const Header& header) {
  for (Field field : {Field::signal, Field::viability, Field::inhibition}) {
    if (const Column* column = header.find(field)) return *column;
  }
  return *header.find(Field::response);
}

/// A row that repeats the header, as in files that were put one under the other.
bool repeats_header(const Grid& grid, const Header& header, std::size_t row) {
  return std::all_of(header.columns.begin(), header.columns.end(), [&](const Column& c) {
    return grid.at(row, c.index) == grid.at(header.row, c.index);
  });
}

void check_width(const Grid& grid, const Header& header, std::size_t row, Problems& problems) {
  const std::size_t width = grid.columns(header.row);
  for (std::size_t c = width; c < grid.columns(row); ++c) {
    if (grid.at(row, c).empty()) continue;
    problems.push_back({grid.where(row),
                        "the row has more cells than the table has columns",
                        "Quote cells that hold the delimiter; with decimal commas, separate cells "
                        "by semicolons or tabs.",
                        Severity::error});
    return;
  }
}

void read_value(const Grid& grid,
                const Column& column,
                std::size_t row,
                Decimal decimal,
                Well& well,
                Problems& problems) {
  const auto text = grid.at(row, column.index);
  const SignalCell cell = read_signal(text, decimal, Printer::person);
  if (!cell.understood) {
    problems.push_back({grid.where(row, column.index), cell.why, cell.fix, Severity::error});
  }
  put_signal(well, cell, text);
  if (!column.channel.empty() && well.channel.empty()) well.channel = column.channel;
  well.origin = origin_at(grid, row, column.index);
}

void subtract_background(const Grid& grid,
                         const Header& header,
                         Decimal decimal,
                         const Rows& rows,
                         PlateSet& set,
                         Problems& problems) {
  const Column* column = header.find(Field::background);
  if (column == nullptr || set.scale != Scale::signal) return;
  for (std::size_t i = 0; i < set.wells.size(); ++i) {
    const auto text = grid.at(rows.rows[i], column->index);
    const SignalCell cell = read_signal(text, decimal, Printer::person);
    if (!cell.understood) {
      problems.push_back(
          {grid.where(rows.rows[i], column->index), cell.why, cell.fix, Severity::error});
    } else if (cell.reading == Reading::measured) {
      set.wells[i].signal -= cell.value;
    }
  }
  problems.push_back({grid.where(header.row, column->index),
                      "the column \"" + column->title + "\" was subtracted from \"" +
                          header.find(Field::signal)->title + "\" well by well",
                      "Remove or rename the column if its values are subtracted already.",
                      Severity::warning});
}

/// Replicates on one plate are wells of one culture; on plates of their own they may be repeats.
void settle_replicates(const Grid& grid, const Header& header, Rows& rows, Problems& problems) {
  const Column* column = header.find(Field::replicate);
  if (column == nullptr || header.has(Field::repeat)) return;
  bool technical = false;
  if (header.has_position()) {
    std::map<std::pair<std::string, std::string>, std::string> first;
    if (header.has(Field::plate)) {
      for (const Plan& plan : rows.plans) {
        if (plan.replicate.empty()) continue;
        const auto key = std::pair{plan.well.plate, plan.well.line};
        const auto [at, fresh] = first.try_emplace(key, plan.replicate);
        technical = technical || (!fresh && at->second != plan.replicate);
      }
    } else {
      std::map<Position, std::string> at_well;
      bool shared = false;  // the same well in two replicates: each has a plate of its own
      for (const Plan& plan : rows.plans) {
        const auto [at, fresh] = at_well.try_emplace(plan.well.position, plan.replicate);
        shared = shared || (!fresh && at->second != plan.replicate);
      }
      technical = !shared;
    }
  }
  if (!technical) {
    for (Plan& plan : rows.plans) {
      if (!plan.replicate.empty()) plan.well.repeat = plan.replicate;
    }
  }
  problems.push_back(
      {grid.where(header.row, column->index),
       technical ? "the column \"" + column->title +
                       "\" numbers wells of one plate: technical replicates, which never count as n"
                 : "the column \"" + column->title +
                       "\" was read as biological repeats (independent cultures)",
       technical
           ? "Name it repeat if these are independent cultures."
           : "Name it repeat if that is so; name it technical_replicate if these are wells of "
             "one culture.",
       Severity::warning});
}

std::vector<std::size_t> collect(const Grid& grid,
                                 const Header& header,
                                 const ReadOptions& options,
                                 Rows& rows,
                                 Problems& problems) {
  PlanRows reader(grid, header, options, true);
  for (std::size_t row = header.row + 1; row < grid.rows(); ++row) {
    if (grid.blank(row) || grid.at(row, 0).starts_with('#')) continue;
    if (repeats_header(grid, header, row)) continue;
    check_width(grid, header, row, problems);
    rows.plans.push_back(reader.read(row, problems));
    rows.rows.push_back(row);
    if (problems.size() > most_problems) {
      problems.push_back({grid.where(row),
                          "more than " + std::to_string(most_problems) +
                              " problems: the rest of the file was not read",
                          "Mend these first.",
                          Severity::error});
      break;
    }
  }
  return rows.rows;
}

/// A table without plate names is one plate for each repeat; where a well would then be there
/// twice, one for each line as well.
void name_plates(const Header& header, const std::string& stem, PlateSet& set) {
  if (header.has(Field::plate)) {
    for (Well& w : set.wells) {
      if (w.plate.empty()) w.plate = stem;
    }
    return;
  }
  if (set.scale != Scale::signal && !header.has_position()) return;
  std::set<std::string> repeats;
  for (const Well& w : set.wells) repeats.insert(w.repeat);
  using Key = std::tuple<std::string_view, Position, std::string_view, double>;
  std::set<Key> seen;
  bool by_line = false;
  for (const Well& w : set.wells) {
    if (!w.placed) break;
    const double time = std::isnan(w.time_h) ? -1.0 : w.time_h;
    by_line = by_line || !seen.insert(Key{w.repeat, w.position, w.channel, time}).second;
  }
  std::set<std::string> lines;
  for (const Well& w : set.wells) lines.insert(w.line);
  by_line = by_line && lines.size() > 1;
  for (Well& w : set.wells) {
    w.plate = stem;
    if (repeats.size() > 1) w.plate += " repeat " + (w.repeat.empty() ? "?" : w.repeat);
    if (by_line) w.plate += " " + w.line;
  }
}

void list_plates(const std::string& file, PlateSet& set) {
  std::map<std::string, std::size_t> known;
  for (const Well& w : set.wells) {
    if (w.plate.empty()) continue;
    const auto [at, fresh] = known.try_emplace(w.plate, set.plates.size());
    if (fresh) set.plates.push_back({w.plate, Format{0, 0}, "", file});
    if (!w.placed) continue;
    Format& format = set.plates[at->second].format;
    format.rows = std::max(format.rows, w.position.row + 1);
    format.columns = std::max(format.columns, w.position.column + 1);
  }
  for (PlateInfo& plate : set.plates) {
    if (plate.format.rows == 0) continue;
    // A table may leave out the outer wells: a handful of wells does not make a 6-well plate of a
    // 96-well one, but nothing else is known.
    plate.format = smallest_format(plate.format.rows, plate.format.columns).value_or(plate.format);
  }
}

/// Wells of a plate that was read at 0 h and never dosed are the cells at the start.
void find_day0(PlateSet& set) {
  std::map<std::string_view, bool> dosed;
  bool later = false;
  for (const Well& w : set.wells) {
    dosed[w.plate] = dosed[w.plate] || w.role == Role::sample || w.time_h > 0.0;
    later = later || w.time_h > 0.0;
  }
  if (!later) return;
  for (Well& w : set.wells) {
    if (w.role == Role::vehicle && w.time_h == 0.0 && !dosed[w.plate]) w.role = Role::day0;
  }
}

Scale settle_scale(const Grid& grid,
                   const Header& header,
                   const ReadOptions& options,
                   PlateSet& set,
                   Problems& problems) {
  const Column& value = value_column(header);
  if (value.field == Field::signal) return Scale::signal;
  bool inhibition = value.field == Field::inhibition;
  const Where where = grid.where(header.row, value.index);
  if (value.field == Field::response) {
    inhibition = options.response == "inhibition";
    if (!inhibition && options.response != "viability") {
      problems.push_back(
          {where,
           "the column \"" + value.title + "\" does not say whether it is viability or inhibition",
           "Rename it viability_percent or inhibition_percent, or give the option "
           "--response viability or --response inhibition.",
           Severity::error});
      return Scale::fraction_of_vehicle;
    }
  }
  to_fraction(set, value, inhibition, where, problems);
  return inhibition ? Scale::percent_inhibition : Scale::fraction_of_vehicle;
}

}  // namespace

Checked<PlateSet> read_tidy(const Grid& grid, const Header& header, const ReadOptions& options) {
  Checked<PlateSet> result;
  PlateSet& set = result.value;
  Problems& problems = result.problems;
  problems = header.problems;
  Rows rows;
  collect(grid, header, options, rows, problems);
  if (rows.plans.empty()) {
    problems.push_back({grid.where(header.row),
                        "the table has column titles but no rows",
                        "Save the file with its data.",
                        Severity::error});
    return result;
  }
  settle_replicates(grid, header, rows, problems);
  const Column& value = value_column(header);
  set.scale = value.field == Field::signal ? Scale::signal : Scale::fraction_of_vehicle;
  set.wells.reserve(rows.plans.size());
  for (std::size_t i = 0; i < rows.plans.size(); ++i) {
    Well& well = set.wells.emplace_back(std::move(rows.plans[i].well));
    if (problems.size() > most_problems) break;
    const Decimal decimal = options.decimal != Decimal::unstated ? options.decimal : grid.decimal();
    read_value(grid, value, rows.rows[i], decimal, well, problems);
  }
  const Decimal decimal = options.decimal != Decimal::unstated ? options.decimal : grid.decimal();
  rows.rows.resize(set.wells.size());
  subtract_background(grid, header, decimal, rows, set, problems);
  set.scale = settle_scale(grid, header, options, set, problems);
  if (header.has(Field::signal_control)) {
    add_gr_controls(grid, header, rows.rows, set, problems);
  } else {
    name_plates(header, file_stem(grid.file()), set);
    if (header.has(Field::time)) find_day0(set);
  }
  list_plates(grid.file(), set);
  return result;
}

void to_fraction(
    PlateSet& set, const Column& column, bool inhibition, const Where& where, Problems& problems) {
  std::vector<double> vehicle, all;
  for (const Well& w : set.wells) {
    if (w.reading != Reading::measured) continue;
    (w.role == Role::vehicle ? vehicle : all).push_back(std::abs(w.signal));
  }
  const auto quantile = [](std::vector<double> v, double q) {
    if (v.empty()) return unknown;
    const auto at =
        v.begin() + static_cast<std::ptrdiff_t>(std::ceil(q * static_cast<double>(v.size() - 1)));
    std::nth_element(v.begin(), at, v.end());
    return *at;
  };
  const bool by_vehicle = !vehicle.empty() && !inhibition;
  const double typical = by_vehicle ? quantile(vehicle, 0.5) : quantile(all, 0.95);
  const std::string seen =
      (by_vehicle ? "the median of its vehicle rows is " : "its values go up to about ") +
      rounded(typical);
  const std::string kind = inhibition ? "inhibition" : "viability";
  const bool percent = column.unit == "%" || column.field == Field::response;
  if (!percent && typical > 5.0) {
    problems.push_back(
        {where,
         "the column \"" + column.title + "\" should be a fraction (1 = all), but " + seen,
         "If these are percent, name the column " + kind + "_percent.",
         Severity::error});
    return;
  }
  if (percent && typical <= (inhibition ? 1.2 : 2.0) && column.field != Field::response) {
    problems.push_back(
        {where,
         "the column \"" + column.title + "\" should be percent, but " + seen,
         "If these are fractions, name the column " + kind + (inhibition ? "_fraction." : "."),
         Severity::error});
    return;
  }
  const double unit = percent ? 0.01 : 1.0;
  for (Well& w : set.wells) {
    w.signal = inhibition ? 1.0 - unit * w.signal : unit * w.signal;
    if (!inhibition || w.reading == Reading::measured) continue;
    if (w.reading == Reading::saturated) {
      w.reading = Reading::below;
    } else if (w.reading == Reading::below) {
      w.reading = Reading::saturated;
    }
  }
}

}  // namespace kinescape::plate
