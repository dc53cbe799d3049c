// SPDX-License-Identifier: Apache-2.0
/// \file What does each row of a tidy table say of its well? Used for tables of readings and for
/// layouts that are tables.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.hpp"
#include "base/table.hpp"
#include "plate/columns_internal.hpp"
#include "plate/plate.hpp"

namespace kinescape::plate {

/// A well as one row or one layout key tells it, before roles are inferred.
struct Plan {
  Well well;
  bool role_given = false;
  bool dose_given = false;
  bool dose_b_given = false;
  bool dose_faulty = false;  ///< The file gives one that cannot be read; a Problem says so.
  bool technical_given = false;
  std::string replicate;  ///< Of a column whose meaning is decided from the whole table.
};

/// Infers the role from what is given (a zero dose is vehicle, "DMSO" in the drug column too) and
/// clears what a control does not have. Adds a Problem at `where` for a control with a dose, a drug
/// without a dose, a dose without a drug. `name_drug`: what to call a drug that no column names.
void settle_plan(Plan& plan, const Where& where, const std::string& name_drug, Problems& problems);

/// "", "none", "NA", "null", ...: a cell that names nothing.
[[nodiscard]] bool says_nothing(std::string_view text);
/// A control that somebody wrote into a column of drugs or doses.
[[nodiscard]] std::optional<Role> control_in(std::string_view text);

/// Reads the rows of one table one after the other.
class PlanRows {
 public:
  PlanRows(const Grid& grid, const Header& header, const ReadOptions& options, bool data);

  /// What row `row` says of its well, the value apart. Problems go to `problems`.
  [[nodiscard]] Plan read(std::size_t row, Problems& problems);

 private:
  [[nodiscard]] std::string_view cell(Field field, std::size_t row) const;
  void read_position(std::size_t row, Plan& plan, Problems& problems) const;
  void read_dose(Field field, std::size_t row, Plan& plan, Problems& problems);
  void read_series(std::size_t row, Plan& plan, Problems& problems);
  void read_time(std::size_t row, Plan& plan, Problems& problems);
  void read_exclude(std::size_t row, Plan& plan) const;
  [[nodiscard]] double dose_factor(
      Field field, std::size_t row, const std::string& cell_unit, bool zero, Problems& problems);
  [[nodiscard]] Where where(Field field, std::size_t row) const;
  [[nodiscard]] bool has_doses() const;
  void complain_of_no_doses(Problems& problems);

  const Grid& grid_;
  const Header& header_;
  const ReadOptions& options_;
  Decimal decimal_;
  double option_factor_;
  bool data_;
  std::string unnamed_drug_;
  bool said_no_unit_ = false;
  bool said_no_doses_ = false;
  bool said_time_ = false;
};

/// A whole tidy table of readings.
[[nodiscard]] Checked<PlateSet> read_tidy(const Grid& grid,
                                          const Header& header,
                                          const ReadOptions& options);

/// GR tables carry the control and day-0 count on every row: adds the control wells that they
/// mean and sorts the rows into plates of one condition each.
void add_gr_controls(const Grid& grid,
                     const Header& header,
                     const std::vector<std::size_t>& rows,
                     PlateSet& set,
                     Problems& problems);

/// Turns viability or inhibition in percent into fractions of vehicle; refuses a table whose values
/// contradict the unit that its column names.
void to_fraction(
    PlateSet& set, const Column& column, bool inhibition, const Where& where, Problems& problems);

}  // namespace kinescape::plate
