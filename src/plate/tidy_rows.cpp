// SPDX-License-Identifier: Apache-2.0
// The cells of a row: place, doses, times, marks.
#include <cmath>
#include <optional>

#include "base/errors.hpp"
#include "base/quantity.hpp"
#include "base/text.hpp"
#include "plate/cells_internal.hpp"
#include "plate/problem_internal.hpp"
#include "plate/tidy_internal.hpp"

namespace kinescape::plate {
namespace {

double factor_of_option(const ReadOptions& options) {
  if (options.dose_unit.empty()) return unknown;
  const auto factor = nanomolar_per(options.dose_unit);
  if (!factor) {
    throw UsageError("\"" + options.dose_unit + "\" is no unit of concentration; use " +
                     std::string(dose_units_allowed));
  }
  return *factor;
}

}  // namespace

PlanRows::PlanRows(const Grid& grid, const Header& header, const ReadOptions& options, bool data)
    : grid_(grid),
      header_(header),
      options_(options),
      decimal_(options.decimal != Decimal::unstated ? options.decimal : grid.decimal()),
      option_factor_(factor_of_option(options)),
      data_(data),
      unnamed_drug_(data && !header.has(Field::drug) ? "drug" : "") {}

std::string_view PlanRows::cell(Field field, std::size_t row) const {
  const Column* column = header_.find(field);
  return column == nullptr ? std::string_view{} : grid_.at(row, column->index);
}

Where PlanRows::where(Field field, std::size_t row) const {
  const Column* column = header_.find(field);
  return column == nullptr ? grid_.where(row) : grid_.where(row, column->index);
}

void PlanRows::read_position(std::size_t row, Plan& plan, Problems& problems) const {
  if (header_.has(Field::well)) {
    const auto text = cell(Field::well, row);
    if (text.empty()) return;
    if (const auto position = parse_position(text)) {
      plan.well.position = *position;
      plan.well.placed = true;
      return;
    }
    problems.push_back(error(where(Field::well, row),
                             in_quotes(text) + " is not a well of a plate",
                             "Write the row's letters and the column's number: A1 to AF48."));
    return;
  }
  if (!header_.has_position()) return;
  const auto letters = cell(Field::row, row);
  auto r = parse_row(letters);
  if (!r) {  // some tables number the rows
    if (const auto numbered = parse_column(letters); numbered && *numbered < 32) r = numbered;
  }
  const auto c = parse_column(cell(Field::column, row));
  if (r && c) {
    plan.well.position = {*r, *c};
    plan.well.placed = true;
    return;
  }
  problems.push_back(error(where(r ? Field::column : Field::row, row),
                           in_quotes(cell(r ? Field::column : Field::row, row)) + " is not a " +
                               (r ? "column" : "row") + " of a plate",
                           "Rows are A to AF, columns 1 to 48."));
}

double PlanRows::dose_factor(
    Field field, std::size_t row, const std::string& cell_unit, bool zero, Problems& problems) {
  if (!cell_unit.empty()) return nanomolar_per(cell_unit).value_or(unknown);
  const Column* column = header_.find(field);
  if (column != nullptr && !column->unit.empty()) {
    return nanomolar_per(column->unit).value_or(unknown);
  }
  Field unit_field = field == Field::dose_b ? Field::dose_b_unit : Field::dose_unit;
  if (!header_.has(unit_field)) unit_field = Field::dose_unit;
  const auto unit = cell(unit_field, row);
  if (!unit.empty()) {
    if (const auto factor = nanomolar_per(unit)) return *factor;
    if (zero) return 1.0;
    problems.push_back(error(where(unit_field, row),
                             in_quotes(unit) + " is no unit of concentration",
                             "Use " + std::string(dose_units_allowed) + "."));
    return unknown;
  }
  if (!std::isnan(option_factor_)) return option_factor_;
  if (zero) return 1.0;
  if (!said_no_unit_) {
    said_no_unit_ = true;
    const std::size_t index = column == nullptr ? 0 : column->index;
    problems.push_back(error(
        grid_.where(header_.row, index),
        "the dose column " + in_quotes(column == nullptr ? "" : column->title) + " names no unit",
        "Name it in the title (dose_nM, dose_uM), in a column dose_unit, or give the dose "
        "unit as an option; allowed are " +
            std::string(dose_units_allowed) + "."));
  }
  return unknown;
}

void PlanRows::read_dose(Field field, std::size_t row, Plan& plan, Problems& problems) {
  const Column* column = header_.find(field);
  if (column == nullptr) return;
  const auto text = grid_.at(row, column->index);
  if (says_nothing(text) || text == "-") return;
  Well& w = plan.well;
  const bool first = field == Field::dose;
  if (const auto control = control_in(text)) {
    if (!plan.role_given && first) {
      w.role = *control;
      plan.role_given = true;
    }
    return;
  }
  const auto amount = parse_amount(text, decimal_);
  if (!amount) {
    const bool split = parse_number(text, decimal_).kind == NumberKind::ambiguous;
    problems.push_back(
        error(where(field, row),
              in_quotes(text) + (split ? " may be a decimal or a thousand" : " is not a dose"),
              split ? "Say how decimals are written: --decimal comma or --decimal point."
                    : "Write a number, or a number and " + std::string(dose_units_allowed) + "."));
    plan.dose_faulty = true;
    return;
  }
  const double value = column->log10 ? std::pow(10.0, amount->value) : amount->value;
  const double factor = dose_factor(field, row, amount->unit, value == 0.0, problems);
  if (value < 0.0) {
    problems.push_back(error(where(field, row),
                             "the dose " + in_quotes(text) + " is negative",
                             "A dose is 0 or more; name the column log10_dose_M (or _uM, _nM) if "
                             "these are logarithms."));
    plan.dose_faulty = true;
    return;
  }
  (first ? w.dose_nM : w.dose_b_nM) = std::isnan(factor) ? value : value * factor;
  (first ? plan.dose_given : plan.dose_b_given) = true;
}

bool PlanRows::has_doses() const {
  return header_.has(Field::dose) || header_.has(Field::top_dose);
}

/// Once for the table; names a column whose title speaks of doses in a unit that is not known.
void PlanRows::complain_of_no_doses(Problems& problems) {
  if (said_no_doses_) return;
  said_no_doses_ = true;
  for (const std::size_t index : header_.others) {
    const auto title = grid_.at(header_.row, index);
    const std::string spelled = compact(title);
    if (spelled.starts_with("dose") || spelled.starts_with("conc")) {
      problems.push_back(
          error(grid_.where(header_.row, index),
                "the column " + in_quotes(title) + " is no dose in a unit that is known",
                "Give molar doses, and the unit in the title (dose_nM, dose_uM): " +
                    std::string(dose_units_allowed) + "."));
      return;
    }
  }
  problems.push_back(error(grid_.where(header_.row),
                           "the table has drugs but no column of doses",
                           "Add a column dose_nM (or dose_uM, ...), 0 for a vehicle well."));
}

/// Top dose, dilution factor and step: top / factor^step.
void PlanRows::read_series(std::size_t row, Plan& plan, Problems& problems) {
  if (!header_.has(Field::top_dose) || plan.dose_given) return;
  const auto top_text = cell(Field::top_dose, row);
  if (says_nothing(top_text)) return;
  const auto top = parse_amount(top_text, decimal_);
  const auto factor = parse_number(cell(Field::dilution_factor, row), decimal_);
  const auto step = parse_number(cell(Field::dilution_step, row), decimal_);
  const bool good = top && top->value > 0.0 && factor.kind == NumberKind::number &&
                    factor.value > 1.0 && step.kind == NumberKind::number && step.value >= 0.0;
  if (!good) {
    problems.push_back(
        error(where(Field::top_dose, row),
              "the dose series is not complete",
              "Give top_dose with a unit (top_dose_uM), dilution_factor above 1, and "
              "dilution_step counted from 0 at the top dose."));
    plan.dose_faulty = true;
    return;
  }
  const double unit = dose_factor(Field::top_dose, row, top->unit, false, problems);
  plan.well.dose_nM =
      top->value * (std::isnan(unit) ? 1.0 : unit) / std::pow(factor.value, step.value);
  plan.dose_given = true;
}

void PlanRows::read_time(std::size_t row, Plan& plan, Problems& problems) {
  const Column* column = header_.find(Field::time);
  if (column == nullptr) return;
  const auto text = grid_.at(row, column->index);
  if (says_nothing(text)) return;
  const auto amount = parse_amount(text, decimal_);
  std::string unit = amount ? amount->unit : "";
  if (unit.empty()) unit = column->unit;
  if (unit.empty()) unit = cell(Field::time_unit, row);
  const auto factor = unit.empty() ? std::optional<double>(1.0) : hours_per(unit);
  if (!amount || !factor || amount->value < 0.0) {
    problems.push_back(error(where(Field::time, row),
                             in_quotes(text) + " is not a time",
                             "Write hours in a column time_h (or time_days, time_min)."));
    return;
  }
  if (unit.empty() && !said_time_) {
    said_time_ = true;
    problems.push_back({grid_.where(header_.row, column->index),
                        "the column " + in_quotes(column->title) + " names no unit: taken as hours",
                        "Name it time_h (or time_days, time_min).",
                        Severity::warning});
  }
  plan.well.time_h = amount->value * *factor;
}

void PlanRows::read_exclude(std::size_t row, Plan& plan) const {
  const auto text = cell(Field::exclude, row);
  const std::string spelled = compact(text);
  if (spelled.empty() || spelled == "0" || spelled == "false" || spelled == "no" ||
      spelled == "n" || spelled == "f" || spelled == "ok" || spelled == "na") {
    return;
  }
  const bool bare = spelled == "1" || spelled == "true" || spelled == "yes" || spelled == "y" ||
                    spelled == "t" || spelled == "x";
  plan.well.excluded =
      bare ? "excluded in the column \"" + header_.find(Field::exclude)->title + "\""
           : std::string(text);
}

Plan PlanRows::read(std::size_t row, Problems& problems) {
  Plan plan;
  Well& w = plan.well;
  read_position(row, plan, problems);
  w.plate = cell(Field::plate, row);
  w.line = cell(Field::line, row);
  w.drug = cell(Field::drug, row);
  w.drug_b = cell(Field::drug_b, row);
  w.repeat = cell(Field::repeat, row);
  w.channel = cell(Field::channel, row);
  if (const Column* channel = header_.find(Field::channel);
      channel != nullptr && !w.channel.empty() &&
      (iequal(channel->unit, "nm") || compact(channel->title).ends_with("wavelengthnm")) &&
      !w.channel.ends_with("nm")) {
    w.channel += " nm";
  }
  plan.replicate = cell(Field::replicate, row);
  const auto role_text = cell(Field::role, row);
  if (!role_text.empty()) {
    const auto role = parse_role(role_text);
    if (role) {
      w.role = *role;
      plan.role_given = true;
    } else {
      problems.push_back(error(where(Field::role, row),
                               in_quotes(role_text) + " is no role of a well",
                               "Use sample, vehicle, blank, positive, day0 or unused."));
    }
  }
  read_dose(Field::dose, row, plan, problems);
  read_dose(Field::dose_b, row, plan, problems);
  read_series(row, plan, problems);
  read_time(row, plan, problems);
  read_exclude(row, plan);
  if (data_ && !has_doses() && !w.drug.empty() && !control_in(w.drug) && w.role == Role::sample) {
    complain_of_no_doses(problems);
  } else {
    const std::size_t before = problems.size();
    settle_plan(plan, {}, unnamed_drug_, problems);
    for (std::size_t i = before; i < problems.size(); ++i) {
      problems[i].where = where(Field::dose, row);
    }
  }
  if (w.repeat.empty()) w.repeat = options_.repeat;
  if (w.line.empty() && w.role != Role::blank) w.line = options_.line;
  return plan;
}

}  // namespace kinescape::plate
