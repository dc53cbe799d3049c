// SPDX-License-Identifier: Apache-2.0
// A matrix as Combenefit keeps it: doses of agent 1 down the first column, of agent 2 along the
// first row, and rows "Agent1, name" and "Unit1, uM" below it. And what the values of any table
// mean.
#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "base/quantity.hpp"
#include "base/text.hpp"
#include "combination/rows_internal.hpp"

namespace kinescape::combination {
namespace {

struct Corner {
  std::size_t row = 0, rows = 0, columns = 0;
};

bool is_number(std::string_view text, Decimal decimal) {
  return parse_number(text, decimal).kind == NumberKind::number;
}

/// The first block of numbers with a zero dose at the start of both edges.
std::optional<Corner> find_matrix(const Grid& grid, Decimal decimal) {
  for (std::size_t row = 0; row + 2 < grid.rows() && row < 30; ++row) {
    std::size_t columns = 1;
    while (columns < grid.columns(row) && is_number(grid.at(row, columns), decimal)) ++columns;
    if (columns < 3) continue;
    std::size_t rows = row + 1;
    while (rows < grid.rows()) {
      bool all = is_number(grid.at(rows, 0), decimal);
      for (std::size_t c = 1; c < columns; ++c) {
        const auto cell = grid.at(rows, c);
        all = all && (cell.empty() || is_number(cell, decimal));
      }
      if (!all) break;
      ++rows;
    }
    if (rows < row + 3) continue;
    bool zero = false;
    for (std::size_t c = 1; c < columns; ++c) {
      zero = zero || parse_number(grid.at(row, c), decimal).value == 0.0;
    }
    if (zero) return Corner{row, rows, columns};
  }
  return std::nullopt;
}

struct Notes {
  std::string agent[2], unit[2], line;
};

Notes notes_of(const Grid& grid) {
  Notes out;
  for (std::size_t row = 0; row < grid.rows(); ++row) {
    std::string key;
    for (const char c : lower(grid.at(row, 0))) {
      if (std::isalnum(static_cast<unsigned char>(c))) key += c;
    }
    const std::string value(grid.at(row, 1));
    if (key == "agent1" || key == "drug1") out.agent[0] = value;
    if (key == "agent2" || key == "drug2") out.agent[1] = value;
    if (key == "unit1") out.unit[0] = value;
    if (key == "unit2") out.unit[1] = value;
    if (key == "cellline" || key == "line") out.line = value;
  }
  return out;
}

}  // namespace

std::optional<Checked<Rows>> read_matrix(const Grid& grid, const ReadOptions& options) {
  const Decimal decimal = options.decimal != Decimal::unstated ? options.decimal : grid.decimal();
  const auto corner = find_matrix(grid, decimal);
  if (!corner) return std::nullopt;
  Checked<Rows> out;
  Notes notes = notes_of(grid);
  const std::string given[2] = {options.drug_a, options.drug_b};
  double nM[2] = {unknown, unknown};
  for (int k = 0; k < 2; ++k) {
    if (notes.agent[k].empty()) notes.agent[k] = given[k];
    if (notes.agent[k].empty()) notes.agent[k] = "drug " + std::to_string(k + 1);
    if (notes.unit[k].empty()) {
      notes.unit[k] =
          k == 1 && !options.dose_unit_b.empty() ? options.dose_unit_b : options.dose_unit;
    }
    const auto unit = nanomolar_per(notes.unit[k]);
    if (unit) {
      nM[k] = *unit;
      continue;
    }
    out.problems.push_back(
        {grid.where(corner->row),
         notes.unit[k].empty()
             ? "the doses of \"" + printable(notes.agent[k]) + "\" have no unit"
             : "\"" + printable(notes.unit[k]) + "\" is not a unit of concentration",
         "Add a row \"Unit" + std::to_string(k + 1) +
             ", uM\" below the matrix, or give --dose-unit.",
         Severity::error});
  }
  std::vector<double> vehicles, all;
  for (std::size_t row = corner->row + 1; row < corner->rows; ++row) {
    const double a = parse_number(grid.at(row, 0), decimal).value;
    for (std::size_t c = 1; c < corner->columns; ++c) {
      const auto cell = parse_number(grid.at(row, c), decimal);
      if (cell.kind != NumberKind::number) {
        ++out.value.excluded;
        continue;
      }
      const double b = parse_number(grid.at(corner->row, c), decimal).value;
      if (a < 0.0 || b < 0.0) {
        out.problems.push_back({grid.where(row, a < 0.0 ? 0 : c),
                                "a dose is negative",
                                "Give concentrations of 0 or more.",
                                Severity::error});
        return out;
      }
      Row r;
      r.line = notes.line.empty() ? options.line : notes.line;
      r.repeat = options.repeat;
      r.drug = {notes.agent[0], notes.agent[1]};
      r.dose_nM = {a * nM[0], b * nM[1]};
      if (a == 0.0) r.dose_nM[0] = 0.0;
      if (b == 0.0) r.dose_nM[1] = 0.0;
      for (std::size_t k = 0; k < 2; ++k) {
        if (!(r.dose_nM[k] > most_dose_nM)) continue;
        out.problems.push_back(
            undissolved(grid.where(k == 0 ? row : corner->row, k == 0 ? 0 : c), r.dose_nM[k]));
        return out;
      }
      r.viability = cell.value;
      all.push_back(cell.value);
      if (a == 0.0 && b == 0.0) vehicles.push_back(cell.value);
      out.value.rows.push_back(std::move(r));
    }
  }
  const Scale scale =
      settle_scale({}, options, vehicles, all, grid.where(corner->row), "matrix", out.problems);
  for (Row& r : out.value.rows) r.viability = scale.viability(r.viability);
  return out;
}

Problem undissolved(Where where, double dose_nM) {
  return {std::move(where),
          "a dose of " + rounded(dose_nM / 1e9) + " M cannot be dissolved",
          "Check the unit of the doses.",
          Severity::error};
}

Scale settle_scale(Meaning title,
                   const ReadOptions& options,
                   const std::vector<double>& vehicles,
                   const std::vector<double>& all,
                   const Where& where,
                   const std::string& column,
                   Problems& problems) {
  const auto complain = [&](const std::string& what, const std::string& fix, Severity severity) {
    problems.push_back({where, what, fix, severity});
  };
  const bool house = title.unit == "fraction?";
  if (house) title.unit.clear();
  std::string direction = title.direction.empty() ? options.response : title.direction;
  if (direction.empty()) {
    complain("the column \"" + column + "\" does not say whether it is viability or inhibition",
             "Give --response viability or --response inhibition; a wrong guess would turn synergy "
             "into antagonism.",
             Severity::error);
    return {};
  }
  if (!title.direction.empty() && !options.response.empty() &&
      title.direction != options.response) {
    complain("the column \"" + column + "\" says " + title.direction + ", the option says " +
                 options.response,
             "Leave the option out, or rename the column.",
             Severity::error);
  }
  Scale out;
  out.inhibition = direction == "inhibition";
  std::string unit = title.unit.empty() ? options.scale : title.unit;
  if (unit.empty()) {
    // Values that only one scale can hold settle it: a vehicle is 1 or 100, and no effect is far
    // above all of it.
    double largest = 0.0, vehicle = 0.0;
    for (const double v : all) largest = std::max(largest, std::fabs(v));
    for (const double v : vehicles) vehicle += v / static_cast<double>(vehicles.size());
    const bool by_vehicle = !out.inhibition && !vehicles.empty();
    if (by_vehicle ? vehicle > 30.0 && vehicle < 300.0 : largest > 5.0) unit = "percent";
    if (by_vehicle ? vehicle > 0.3 && vehicle < 3.0 : largest > 0.2 && largest < 2.0) {
      unit = "fraction";
    }
    if (unit.empty() && house) unit = "fraction";
    if (unit.empty()) {
      complain("the column \"" + column +
                   "\" does not say whether it is percent or fraction, and " +
                   (by_vehicle ? "its vehicle wells are at " + rounded(vehicle)
                               : "its values go up to " + rounded(largest)),
               "Give --scale percent or --scale fraction.",
               Severity::error);
      return out;
    }
    if (!house || unit == "percent") {
      complain("the column \"" + column + "\" was read as " + unit + ": " +
                   (by_vehicle ? "its vehicle wells are at " + rounded(vehicle)
                               : "its values go up to " + rounded(largest)),
               "Say so with --scale " + unit + ", or by the column's name.",
               Severity::warning);
    }
  }
  out.unit = unit == "percent" ? 0.01 : 1.0;
  return out;
}

}  // namespace kinescape::combination
