// SPDX-License-Identifier: Apache-2.0
// From a table's cells to follow-up rows, with every fault at its cell.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <sstream>

#include "base/csv.hpp"
#include "base/files.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "base/titled.hpp"
#include "clinical/read_internal.hpp"

namespace kinescape::clinical {
namespace {

using Column = std::optional<std::size_t>;

/// "time_months" -> months; "" when the title names no unit.
std::string unit_in(std::string_view title) {
  const std::string t = lower(title);
  for (const char* unit : {"months", "month", "weeks", "week", "days", "day", "years", "year"})
    if (t.find(unit) != std::string::npos) {
      const std::string found = unit;
      return found.back() == 's' ? found : found + "s";
    }
  return t.ends_with("_d") ? "days" : t.ends_with("_mo") ? "months" : "";
}

/// Reads one grid; faults of single rows first, faults between rows when all are known.
class Reader {
 public:
  Reader(const ReadOptions& options, Table& table, Problems& problems)
      : options_(options), table_(table), problems_(problems) {
    events_ = options.event_codes;
    censored_ = options.censored_codes;
    if (events_.empty()) events_ = {"1", "true", "yes", "event", "progressed", "dead"};
    if (censored_.empty()) censored_ = {"0", "false", "no", "censored", "alive"};
    // A code that was declared for one side is not the default of the other.
    const auto drop = [&](std::vector<std::string>& from,
                          const std::vector<std::string>& declared) {
      std::erase_if(from, [&](const std::string& c) { return among(c, declared); });
    };
    if (options.event_codes.empty()) drop(events_, options.censored_codes);
    if (options.censored_codes.empty()) drop(censored_, options.event_codes);
    drop(events_, options.competing_codes);
    drop(censored_, options.competing_codes);
  }

  void grid(const Grid& grid) {
    TitledTable t(grid, problems_);
    if (!t.has_titles()) {
      problems_.push_back({{grid.file(), 0, 0, grid.sheet(), ""},
                           "the table is empty",
                           "Give a table with the columns patient, arm, time, event.",
                           Severity::error});
      return;
    }
    if (!columns(t)) return;
    for (const std::size_t r : t.rows()) row(t, r);
  }

  void finish() { settle(options_, entry_.has_value(), cells_, table_, problems_); }

 private:
  bool columns(TitledTable& t) {
    const std::size_t before = problems_.size();
    patient_ = t.find({"patient", "patientid", "id", "subject", "subjectid", "usubjid", "case"});
    arm_ = options_.arm_column.empty()
               ? t.find({"arm", "group", "treatment", "treatmentarm", "regimen", "trt"})
               : t.find({plain_title(options_.arm_column)});
    if (!options_.arm_column.empty() && !arm_) missing(t, options_.arm_column);
    low_ = t.find(
        {"timelow", "lower", "left", "lastnegative", "timelowdays", "timelowmonths", "tlow"});
    high_ = t.find(
        {"timehigh", "upper", "right", "firstpositive", "timehighdays", "timehighmonths", "thigh"});
    entry_ = t.find({"entry",
                     "entrytime",
                     "start",
                     "tstart",
                     "entrydays",
                     "entrymonths",
                     "lefttruncation",
                     "startdays",
                     "startmonths"});
    time_ = t.find({"time",   "timedays", "timemonths", "timeweeks",  "timeyears", "timed",
                    "timemo", "pfs",      "os",         "pfsmonths",  "osmonths",  "pfsdays",
                    "osdays", "pfstime",  "ostime",     "followup",   "stop",      "tstop",
                    "futime", "time2",    "stopdays",   "stopmonths", "duration"});
    event_ = t.find({"event",
                     "status",
                     "eventcode",
                     "censor",
                     "fustat",
                     "pfsevent",
                     "osevent",
                     "pfsstatus",
                     "osstatus",
                     "progressed"});
    if (event_ && plain_title(t.title(*event_)) == "censor" && options_.event_codes.empty())
      problems_.push_back({t.where(0, event_),
                           "a column called \"censor\" may mean 1 = censored or 1 = event",
                           "Call it event, or say which with --event-code and --censored-code.",
                           Severity::error});
    if (low_ || high_) {
      table_.interval_censored = true;
      if (!low_) missing(t, "time_low");
      if (!high_) missing(t, "time_high");
    } else {
      if (!time_) missing(t, "time (or time_low and time_high)");
      if (!event_) missing(t, "event");
    }
    const Column timed = low_ ? low_ : time_;
    std::string unit = options_.time_unit;
    if (unit.empty() && timed) unit = unit_in(t.title(*timed));
    if (!unit.empty()) table_.time_unit = unit;
    covariate_.clear();
    strata_.clear();
    for (const std::string& name : options_.covariates) {
      covariate_.push_back(t.find({plain_title(name)}));
      if (!covariate_.back()) missing(t, name);
    }
    for (const std::string& name : options_.strata) {
      strata_.push_back(t.find({plain_title(name)}));
      if (!strata_.back()) missing(t, name);
    }
    return problems_.size() == before;
  }

  void missing(TitledTable& t, const std::string& name) {
    std::vector<std::string> titles;
    for (std::size_t c = 0; c < t.columns(); ++c) titles.emplace_back(t.title(c));
    const auto guess = nearest(name, titles);
    Where where = t.where(0, std::nullopt);
    problems_.push_back({std::move(where),
                         "there is no column " + name,
                         guess ? "Did you mean \"" + *guess + "\"?"
                               : "Tidy columns: patient, arm, time, event; or time_low, time_high.",
                         Severity::error});
  }

  void row(TitledTable& t, std::size_t r) {
    Row out;
    out.where = t.where(r, patient_);
    out.patient = t.text(r, patient_);
    if (!patient_) out.patient = fmt::format("row {}", out.where.line);
    if (patient_ && is_blank_cell(out.patient)) {
      t.problem(r, patient_, "the patient has no name", "Name every patient.");
      return;
    }
    out.arm = arm_ ? t.text(r, arm_) : "all";
    if (arm_ && is_blank_cell(out.arm))
      t.problem(r, arm_, "the patient is in no arm", "Write the arm of every patient.");
    out.entry = t.number(r, entry_);
    if (entry_ && !std::isnan(out.entry)) table_.left_truncated |= out.entry > 0.0;
    if (low_ ? !interval(t, r, out) : !exact(t, r, out)) return;
    if (out.entry >= out.time_low && !std::isnan(out.entry)) {
      t.problem(r,
                entry_,
                fmt::format("the follow-up ends at {} before it begins at {}",
                            exact_text(out.time_low),
                            exact_text(out.entry)),
                "Entry must come before the time; check which column is which.");
      return;
    }
    for (const Column c : strata_) out.stratum += (out.stratum.empty() ? "" : " / ") + t.text(r, c);
    cells_.emplace_back();
    for (const Column c : covariate_) cells_.back().push_back(t.text(r, c));
    table_.rows.push_back(std::move(out));
  }

  static std::string exact_text(double x) { return kinescape::exact(x); }

  bool exact(TitledTable& t, std::size_t r, Row& out) {
    const std::size_t before = problems_.size();
    const double time = t.number(r, time_);
    if (std::isnan(time)) {
      if (problems_.size() == before)
        t.problem(r, time_, "there is no time", "Write the time of the event or of the last look.");
    } else if (time < 0.0) {
      t.problem(
          r,
          time_,
          fmt::format("the time {} is negative: the event came before entry", exact_text(time)),
          "Count times from entry; check the dates they were made from.");
    }
    out.time_low = out.time_high = time;
    const std::string code = t.text(r, event_);
    if (among(code, events_)) {
      out.ending = Ending::event;
    } else if (among(code, options_.competing_codes)) {
      out.ending = Ending::competing;
      out.cause = code;
    } else if (!among(code, censored_)) {
      t.problem(r,
                event_,
                fmt::format("the status \"{}\" is not declared: an event is {}, censored is {}",
                            printable(code),
                            joined(events_),
                            joined(censored_)),
                "Mend the cell, or declare codes with --event-code, --censored-code and "
                "--competing-code.");
    }
    return problems_.size() == before;
  }

  bool interval(TitledTable& t, std::size_t r, Row& out) {
    const std::size_t before = problems_.size();
    out.time_low = t.number(r, low_);
    const std::string top = t.text(r, high_);
    const bool open = is_blank_cell(top) || iequal(top, "inf") || iequal(top, "infinity");
    out.time_high = open ? std::numeric_limits<double>::infinity() : t.number(r, high_);
    if (problems_.size() != before) return false;
    if (std::isnan(out.time_low)) out.time_low = 0.0;  // no negative look: at any time before
    if (out.time_low < 0.0 || out.time_high < 0.0)
      t.problem(r,
                low_,
                "a time is negative: the event came before entry",
                "Count times from entry; check the dates they were made from.");
    else if (out.time_low > out.time_high)
      t.problem(r,
                low_,
                fmt::format(
                    "the last look without the event ({}) comes after the first look with it ({})",
                    exact_text(out.time_low),
                    exact_text(out.time_high)),
                "Dates out of order: swap them, or mend the one that is wrong.");
    else if (out.time_low == 0.0 && open)
      t.problem(r,
                low_,
                "the row says nothing: no look without the event and none with it",
                "Leave the patient out, or write the time of a look.");
    out.ending = open ? Ending::censored : Ending::event;
    return problems_.size() == before;
  }

  const ReadOptions& options_;
  Table& table_;
  Problems& problems_;
  std::vector<std::string> events_, censored_;
  Column patient_, arm_, entry_, time_, event_, low_, high_;
  std::vector<Column> covariate_, strata_;
  std::vector<std::vector<std::string>> cells_;  // of the covariates, a row a patient
};

void read_into(std::string_view bytes,
               const std::string& file,
               const ReadOptions& options,
               Reader& reader,
               Problems& problems) {
  auto grids = read_grids(bytes, file, options.decimal);
  append(problems, std::move(grids.problems));
  if (has_errors(problems)) return;
  for (const Grid& grid : grids.value) reader.grid(grid);
}

}  // namespace

Checked<Table> read(std::string_view bytes, const std::string& file, const ReadOptions& options) {
  Checked<Table> out;
  Reader reader(options, out.value, out.problems);
  read_into(bytes, file, options, reader, out.problems);
  reader.finish();
  return out;
}

Checked<Table> read_files(const std::vector<std::string>& paths, const ReadOptions& options) {
  Checked<Table> out;
  Reader reader(options, out.value, out.problems);
  for (const std::string& path : paths) {
    auto bytes = read_file(path);
    append(out.problems, bytes.problems);
    if (bytes.ok()) read_into(bytes.value, path, options, reader, out.problems);
  }
  reader.finish();
  if (out.ok() && out.value.rows.empty())
    out.problems.push_back({{paths.empty() ? "" : paths.front(), 0, 0, "", ""},
                            "there is no patient in the table",
                            "Give at least one row below the titles.",
                            Severity::error});
  return out;
}

std::string write_table(const Table& table) {
  std::ostringstream out;
  const std::string unit = table.time_unit == "as in the file" ? "" : "_" + table.time_unit;
  std::vector<std::string> titles = {"patient", "arm"};
  if (table.left_truncated || table.stretches) titles.emplace_back("entry");
  if (table.interval_censored)
    titles.insert(titles.end(), {"time_low" + unit, "time_high" + unit});
  else
    titles.insert(titles.end(), {"time" + unit, "event"});
  write_csv_row(out, titles);
  for (const Row& row : table.rows) {
    std::vector<std::string> cells = {row.patient, row.arm};
    if (table.left_truncated || table.stretches) cells.push_back(exact(row.entry));
    cells.push_back(exact(row.time_low));
    if (table.interval_censored)
      cells.push_back(std::isfinite(row.time_high) ? exact(row.time_high) : "");
    else
      cells.push_back(row.ending == Ending::event       ? "1"
                      : row.ending == Ending::competing ? row.cause
                                                        : "0");
    write_csv_row(out, cells);
  }
  return out.str();
}

}  // namespace kinescape::clinical
