// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "base/quantity.hpp"
#include "base/text.hpp"
#include "viability/layout_internal.hpp"
#include "viability/screen_internal.hpp"

namespace kinescape::viability {

namespace {

/// A column title without case, spaces and punctuation, and the unit that stands in it.
struct Title {
  std::string name;
  std::string unit;
};

/// "Dose (uM)" -> dose, uM; "dose_nM" -> dose, nM; "Viability [%]" -> viability, %.
Title title_of(std::string_view text) {
  Title t;
  const std::string_view whole = trimmed(text);
  const std::size_t bracket = whole.find_first_of("([");
  std::string_view name = whole.substr(0, bracket);
  if (bracket != std::string_view::npos) {
    const std::size_t close = whole.find_first_of(")]", bracket);
    t.unit = std::string(trimmed(whole.substr(bracket + 1, close - bracket - 1)));
  } else if (const std::size_t cut = whole.find_last_of("_ "); cut != std::string_view::npos) {
    const std::string_view last = whole.substr(cut + 1);
    if (nanomolar_per(last) || iequal(last, "percent") || last == "%") {
      t.unit = std::string(last);
      name = whole.substr(0, cut);
    }
  }
  for (const char c : lower(name)) {
    if (c != ' ' && c != '_' && c != '-' && c != '.') t.name += c;
  }
  return t;
}

bool one_of(const std::string& name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_line(const std::string& n) {
  return one_of(n, {"line", "cellline", "celllinename"});
}
bool is_drug(const std::string& n) {
  return one_of(n, {"drug", "drugname", "compound", "agent"});
}
bool is_dose(const std::string& n) {
  return one_of(n, {"dose", "concentration", "conc"});
}
bool is_viability(const std::string& n) {
  return one_of(n, {"viability", "relativeviability", "cellviability", "percentviability"});
}
bool is_repeat(const std::string& n) {
  return one_of(n, {"repeat", "biologicalrepeat"});
}

bool is_missing(std::string_view cell) {
  return cell.empty() || iequal(cell, "NA") || iequal(cell, "N/A") || cell == "-";
}

}  // namespace

bool has_screen_columns(std::span<const std::string_view> head) {
  std::array<bool, 4> found{};
  for (const std::string_view cell : head) {
    const std::string name = title_of(cell).name;
    found[0] |= is_line(name);
    found[1] |= is_drug(name);
    found[2] |= is_dose(name);
    found[3] |= is_viability(name);
    if (one_of(name, {"well", "plate", "role", "signal", "drugb", "druga"})) return false;
  }
  return found[0] && found[1] && found[2] && found[3];
}

ScreenReader::ScreenReader(std::string path, const ScreenOptions& options)
    : path_(std::move(path)), options_(options), seen_(1U << 12U, 0) {}

void ScreenReader::complain(const StreamedRow* row, int column, std::string what, std::string fix) {
  if (++faults_ > options_.most_problems) return;
  Where where;
  where.file = path_;
  if (row != nullptr) {
    where.line = row->line;
    where.column = static_cast<std::size_t>(column) + 1;
    for (const std::string_view cell : row->cells) {
      if (!where.shown.empty()) where.shown += row->dialect.delimiter;
      where.shown += printable(cell);
    }
  }
  problems_.push_back({std::move(where), std::move(what), std::move(fix), Severity::error});
}

Problems ScreenReader::problems() const {
  Problems all = problems_;
  if (faults_ > options_.most_problems) {
    Where where;
    where.file = path_;
    all.push_back(
        {std::move(where),
         std::to_string(faults_ - options_.most_problems) + " more faults are not listed.",
         "Mend those above first; the rest may be of the same kind.",
         Severity::error});
  }
  return all;
}

bool ScreenReader::head(const StreamedRow& row) {
  have_head_ = true;
  width_ = row.cells.size();
  const auto take = [&](int& slot, std::size_t i, std::string_view what) {
    if (slot >= 0) {
      complain(&row,
               static_cast<int>(i),
               "two columns are called " + std::string(what),
               "Keep one of them.");
    }
    slot = static_cast<int>(i);
  };
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    const Title title = title_of(row.cells[i]);
    if (is_line(title.name)) take(at_.line, i, "line");
    if (is_drug(title.name)) take(at_.drug, i, "drug");
    if (is_repeat(title.name)) take(at_.repeat, i, "repeat");
    if (is_viability(title.name)) {
      take(at_.viability, i, "viability");
      const bool percent = !title.unit.empty() || title.name == "percentviability";
      at_.viability_factor = percent ? 0.01 : 1.0;
    }
    if (is_dose(title.name)) {
      take(at_.dose, i, "dose");
      const std::string unit = title.unit.empty() ? options_.dose_unit : title.unit;
      const std::optional<double> factor = nanomolar_per(unit);
      at_.dose_factor = factor.value_or(unknown);
      if (!factor) {
        complain(&row,
                 static_cast<int>(i),
                 unit.empty() ? "the dose column names no unit"
                              : "\"" + printable(unit) + "\" is not a unit of concentration",
                 "Call the column dose_nM, dose_uM, ..., or give the unit with --dose-unit.");
      }
    }
  }
  const auto need = [&](int slot, const std::string& what) {
    if (slot >= 0) return;
    complain(&row,
             -1,
             "there is no column " + what,
             "A screen is a table with the columns line, drug, dose_nM and viability.");
  };
  need(at_.line, "line");
  need(at_.drug, "drug");
  need(at_.dose, "dose_nM");
  need(at_.viability, "viability (or viability_percent)");
  return ok();
}

bool ScreenReader::number(const StreamedRow& row,
                          int column,
                          std::string_view cell,
                          double& value) {
  const ParsedNumber parsed = parse_number(cell, row.dialect.decimal);
  if (parsed.kind == NumberKind::number) {
    value = parsed.value;
    return true;
  }
  if (parsed.kind == NumberKind::ambiguous) {
    complain(&row,
             column,
             "\"" + printable(cell) + "\" may be a decimal or a thousand",
             "Say which with --decimal point or --decimal comma.");
  } else {
    complain(&row,
             column,
             "\"" + printable(cell) + "\" is not a number",
             "Write a number, or leave the cell empty where nothing was measured.");
  }
  return false;
}

std::uint32_t ScreenReader::repeat_index(std::string_view name) {
  if (last_repeat_ < repeat_names_.size() && repeat_names_[last_repeat_] == name)
    return last_repeat_;
  for (std::uint32_t i = 0; i < repeat_names_.size(); ++i) {
    if (repeat_names_[i] == name) return last_repeat_ = i;
  }
  repeat_names_.emplace_back(name);
  return last_repeat_ = static_cast<std::uint32_t>(repeat_names_.size() - 1);
}

void ScreenReader::begin_curve(std::string_view line,
                               std::string_view drug,
                               const StreamedRow& row) {
  end_curve();
  open_ = true;
  curve_.line.assign(line);
  curve_.drug.assign(drug);
  // Open addressing on 64-bit names: 16 bytes a curve; two of a million curves share a name with
  // a chance of 3e-8.
  std::uint64_t name = Name().add(line).add(drug).value();
  name += name == 0;
  if (2 * (seen_count_ + 1) > seen_.size()) {
    std::vector<std::uint64_t> larger(2 * seen_.size(), 0);
    for (const std::uint64_t known : seen_) {
      if (known == 0) continue;
      std::size_t at = known & (larger.size() - 1);
      while (larger[at] != 0) at = (at + 1) & (larger.size() - 1);
      larger[at] = known;
    }
    seen_.swap(larger);
  }
  std::size_t at = name & (seen_.size() - 1);
  while (seen_[at] != 0 && seen_[at] != name) at = (at + 1) & (seen_.size() - 1);
  if (seen_[at] == name) {
    complain(&row,
             at_.line,
             "rows of " + printable(line) + " on " + printable(drug) +
                 " stand here again, away from the first ones",
             "Sort the table by line and drug, so that the rows of a curve stand together.");
    return;
  }
  seen_[at] = name;
  ++seen_count_;
}

void ScreenReader::end_curve() {
  if (open_ && ok()) {
    curve_.repeats = static_cast<std::uint32_t>(repeat_names_.size());
    curve_done_(std::move(curve_));
  }
  open_ = false;
  curve_ = {};
  repeat_names_.clear();
  last_repeat_ = 0;
}

void ScreenReader::data(const StreamedRow& row) {
  if (row.cells.size() == 0) return;
  const auto cell = [&](int column) {
    return column >= 0 && static_cast<std::size_t>(column) < row.cells.size()
               ? trimmed(row.cells[static_cast<std::size_t>(column)])
               : std::string_view();
  };
  ++rows_;
  const std::string_view line = cell(at_.line), drug = cell(at_.drug);
  if (row.cells.size() > width_) {
    complain(&row,
             static_cast<int>(width_),
             "this row has more cells than the table has columns",
             "Quote a cell that holds the delimiter, or remove the cells beyond the table.");
    return;
  }
  if (line.empty() || drug.empty()) {
    complain(&row,
             line.empty() ? at_.line : at_.drug,
             line.empty() ? "the line is missing" : "the drug is missing",
             "Each row names its line and its drug.");
    return;
  }
  if (!open_ || line != curve_.line || drug != curve_.drug) begin_curve(line, drug, row);
  double dose = unknown, viability = unknown;
  if (!number(row, at_.dose, cell(at_.dose), dose)) return;
  if (dose < 0.0) {
    complain(&row,
             at_.dose,
             "the dose is below 0",
             "Doses are concentrations; log doses are not read here.");
    return;
  }
  const std::string_view value = cell(at_.viability);
  const std::uint32_t repeat = repeat_index(cell(at_.repeat));
  if (is_missing(value)) {
    ++missing_;  // kept as NaN, so that the curve still has the doses of its neighbours
  } else if (!number(row, at_.viability, value, viability)) {
    return;
  }
  viability *= at_.viability_factor;
  if (viability > 3.0 && ++high_ > 1000 && 2 * high_ > rows_) {
    complain(&row,
             at_.viability,
             "most viabilities so far are above 3, where vehicle is 1",
             "If the column holds percent, call it viability_percent.");
    high_ = 0;
  }
  curve_.dose_nM.push_back(dose * at_.dose_factor);
  curve_.viability.push_back(viability);
  curve_.repeat.push_back(repeat);
}

void ScreenReader::read(const std::function<void(ScreenCurve&&)>& curve,
                        const std::function<void(std::uint64_t)>& progress) {
  curve_done_ = curve;
  CsvOptions options;
  options.decimal = options_.decimal;
  std::uint64_t calls = 0;
  Problems text = stream_csv(path_, options, [&](const StreamedRow& row) {
    if (!have_head_) return row.cells.empty() || head(row);
    data(row);
    if ((++calls & 0xffffU) == 0) progress(row.byte_offset);
    return true;
  });
  if (has_errors(text)) ++faults_;
  append(problems_, std::move(text));
  if (!have_head_ && ok())
    complain(nullptr, -1, "the table is empty", "Give a table with a head and rows.");
  if (have_head_ && rows_ == 0 && ok()) {
    complain(
        nullptr, -1, "the table has a head but no rows", "Give the rows of at least one curve.");
  }
  end_curve();
}

}  // namespace kinescape::viability
