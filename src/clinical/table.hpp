// SPDX-License-Identifier: Apache-2.0
/// \file What was seen of each patient, and when? Follow-up tables, exact or between scans.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/estimated.hpp"
#include "base/problem.hpp"
#include "base/table.hpp"

namespace kinescape::clinical {

/// How the follow-up of a row ended.
enum class Ending {
  censored,  ///< Not seen to happen by `time_high` (= time_low).
  event,
  competing,  ///< Something else that rules the event out; `cause` says which.
};

/// One patient, or one stretch of a patient whose covariates change.
struct Row {
  std::string patient, arm, stratum;
  double entry = unknown;      ///< Came under observation at; unknown: at time 0.
  double time_low = unknown;   ///< Event-free until.
  double time_high = unknown;  ///< Event by; = time_low when exact; infinite: not seen.
  Ending ending = Ending::censored;
  std::string cause;               ///< As written, for Ending::competing.
  std::vector<double> covariates;  ///< In the order of Table::covariates; NaN = not recorded.
  Where where;
};

/// A covariate as the model sees it: a number, or one level of a category against the first.
struct Covariate {
  std::string name;   ///< "age", "stage[III]"
  std::string field;  ///< The column it was made from.
};

struct Table {
  std::vector<Row> rows;
  std::vector<std::string> arms;  ///< The reference first.
  std::vector<Covariate> covariates;
  std::string time_unit = "as in the file";
  bool interval_censored = false;
  bool left_truncated = false;
  bool stretches = false;          ///< Several rows of one patient.
  std::string reconstructed_from;  ///< A published curve, where the rows are not real patients.
};

struct ReadOptions {
  Decimal decimal = Decimal::unstated;
  std::string time_unit;  ///< When the column does not say: days, weeks, months, years.
  /// Codes of the status column; anything else is a Problem. Empty: 1, true, yes / 0, false, no.
  std::vector<std::string> event_codes, censored_codes, competing_codes;
  std::string reference;                ///< Arm that others are compared with.
  std::vector<std::string> covariates;  ///< Columns for the Cox model, beside the arm.
  std::vector<std::string> strata;      ///< Columns whose values part the baseline hazard.
  std::string arm_column;               ///< When it is not called arm, group or treatment.
};

/// Reads tables of follow-up. All problems at once: an event before entry, a time that is negative
/// or no number, an undeclared status, a patient twice or in two arms, stretches that overlap.
[[nodiscard]] Checked<Table> read(std::string_view bytes,
                                  const std::string& file,
                                  const ReadOptions& options = {});
[[nodiscard]] Checked<Table> read_files(const std::vector<std::string>& paths,
                                        const ReadOptions& options = {});

/// The table as tidy CSV, which read() reads to the same rows.
[[nodiscard]] std::string write_table(const Table& table);

}  // namespace kinescape::clinical
