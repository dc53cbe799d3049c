// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>

#include "base/text.hpp"
#include "plate/cells_internal.hpp"
#include "plate/tidy_internal.hpp"

namespace kinescape::plate {
namespace {

/// Columns that tell conditions apart though Kinescape has no name for them: few values, but more
/// than one.
std::vector<std::size_t> condition_columns(const Grid& grid,
                                           const Header& header,
                                           const std::vector<std::size_t>& rows) {
  constexpr std::size_t most_values = 20;
  std::vector<std::size_t> kept;
  for (std::size_t column : header.others) {
    std::set<std::string, std::less<>> values;
    for (std::size_t row : rows) {
      values.emplace(grid.at(row, column));
      if (values.size() > most_values) break;
    }
    if (values.size() > 1 && values.size() <= most_values) kept.push_back(column);
  }
  return kept;
}

struct Condition {
  std::string name;
  std::set<double> controls;  ///< Means already turned into a well.
  std::set<double> day0;
};

}  // namespace

void add_gr_controls(const Grid& grid,
                     const Header& header,
                     const std::vector<std::size_t>& rows,
                     PlateSet& set,
                     Problems& problems) {
  const auto conditions = condition_columns(grid, header, rows);
  const std::string stem = file_stem(grid.file());
  std::map<std::string, Condition> known;
  std::vector<Well> controls;
  const auto add =
      [&](Field field, std::size_t row, Role role, const Well& like, std::set<double>& seen) {
        const Column* column = header.find(field);
        if (column == nullptr) return;
        const SignalCell cell =
            read_signal(grid.at(row, column->index), grid.decimal(), Printer::person);
        if (!cell.understood) {
          problems.push_back({grid.where(row, column->index), cell.why, cell.fix, Severity::error});
          return;
        }
        if (cell.reading != Reading::measured || !seen.insert(cell.value).second) return;
        Well well;
        well.plate = like.plate;
        well.role = role;
        well.line = like.line;
        well.repeat = like.repeat;
        well.time_h = role == Role::day0 ? 0.0 : like.time_h;
        well.signal = cell.value;
        well.origin = origin_at(grid, row, column->index);
        controls.push_back(std::move(well));
      };
  for (std::size_t i = 0; i < set.wells.size(); ++i) {
    Well& w = set.wells[i];
    std::string extra;
    for (std::size_t column : conditions) {
      if (!extra.empty()) extra += ", ";
      extra +=
          std::string(grid.at(header.row, column)) + " " + std::string(grid.at(rows[i], column));
    }
    if (!extra.empty()) w.line += " (" + extra + ")";
    std::string plate = stem + ": " + w.line;
    if (!w.drug.empty()) plate += ", " + w.drug;
    if (!w.repeat.empty()) plate += ", repeat " + w.repeat;
    if (w.time_h == w.time_h) plate += ", " + exact(w.time_h) + " h";
    w.plate = std::move(plate);
    Condition& condition = known[w.plate];
    add(Field::signal_control, rows[i], Role::vehicle, w, condition.controls);
    add(Field::signal_day0, rows[i], Role::day0, w, condition.day0);
  }
  set.wells.insert(set.wells.end(), controls.begin(), controls.end());
}

}  // namespace kinescape::plate
