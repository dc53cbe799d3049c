// SPDX-License-Identifier: Apache-2.0
// Long tables: a row a well, with a drug, a dose and perhaps a unit for each of two to four drugs.
#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/quantity.hpp"
#include "base/text.hpp"
#include "combination/columns_internal.hpp"
#include "combination/rows_internal.hpp"

namespace kinescape::combination {
namespace {

struct Column {
  std::size_t index;
  const NamedColumn* named;
  std::string title;
  double nM = unknown;  ///< Of a dose whose title holds its unit.
  bool percent = false, fraction = false;
};

std::string compact(std::string_view text) {
  std::string out;
  for (const char c : lower(text)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  }
  return out;
}

/// A title, perhaps with a unit at its end: "dose_a_nM", "conc1 (uM)", "viability [%]".
std::optional<Column> recognise(std::string_view title, std::size_t index) {
  Column c{index, nullptr, std::string(title)};
  std::string_view stem = title;
  if (const auto cut = title.find_last_of("_ (["); cut != std::string_view::npos && cut > 0) {
    std::string_view unit = title.substr(cut + 1);
    while (!unit.empty() && (unit.back() == ')' || unit.back() == ']')) unit.remove_suffix(1);
    if (const auto nM = nanomolar_per(unit)) {
      c.nM = *nM;
      stem = title.substr(0, cut);
    } else if (unit == "%" || iequal(unit, "percent")) {
      c.percent = true;
      stem = title.substr(0, cut);
    } else if (iequal(unit, "fraction")) {
      c.fraction = true;
      stem = title.substr(0, cut);
    }
  }
  c.named = look_up(compact(stem));
  if (c.named == nullptr) {
    c = {index, look_up(compact(title)), std::string(title)};
    if (title.find('%') != std::string_view::npos) c.percent = true;
  }
  if (c.named == nullptr) return std::nullopt;
  if (c.named->kind != Kind::dose && !std::isnan(c.nM)) return std::nullopt;
  return c;
}

struct Header {
  std::size_t row = 0;
  std::vector<Column> columns;
  [[nodiscard]] const Column* find(Kind kind, int drug = 0) const {
    for (const Column& c : columns) {
      if (c.named->kind == kind && c.named->drug == drug) return &c;
    }
    return nullptr;
  }
};

std::optional<Header> find_header(const Grid& grid) {
  std::size_t looked = 0;
  for (std::size_t row = 0; row < grid.rows() && looked < 30; ++row) {
    if (grid.blank(row) || grid.at(row, 0).starts_with('#')) continue;
    ++looked;
    Header h;
    h.row = row;
    for (std::size_t c = 0; c < grid.columns(row); ++c) {
      if (auto column = recognise(grid.at(row, c), c)) h.columns.push_back(std::move(*column));
    }
    const bool two = h.find(Kind::dose, 0) && h.find(Kind::dose, 1);
    if (two && h.find(Kind::value)) return h;
  }
  return std::nullopt;
}

class LongReader {
 public:
  LongReader(const Grid& grid, const Header& header, const ReadOptions& options)
      : grid_(grid), header_(header), options_(options) {
    decimal_ = options.decimal != Decimal::unstated ? options.decimal : grid.decimal();
  }

  Checked<Rows> read() {
    std::vector<double> printed, vehicles;
    for (std::size_t row = header_.row + 1; row < grid_.rows(); ++row) {
      if (grid_.blank(row) || grid_.at(row, 0).starts_with('#')) continue;
      if (out_.problems.size() > 500) break;
      read_row(row, printed, vehicles);
    }
    const Column& value = *header_.find(Kind::value);
    Meaning meaning = meaning_of(value);
    if (out_.value.rows.empty() && !has_errors(out_.problems)) {
      out_.problems.push_back({grid_.where(header_.row),
                               "the table has column titles but no rows with a response",
                               "Save the file with its data.",
                               Severity::error});
    }
    if (out_.value.rows.empty()) return std::move(out_);
    const Scale scale = settle_scale(std::move(meaning),
                                     options_,
                                     vehicles,
                                     printed,
                                     grid_.where(header_.row, value.index),
                                     value.title,
                                     out_.problems);
    for (Row& r : out_.value.rows) r.viability = scale.viability(r.viability);
    settle_repeats();
    return std::move(out_);
  }

 private:
  static Meaning meaning_of(const Column& value) {
    Meaning m;
    const std::string_view text = value.named->meaning;
    if (text.starts_with("viability")) m.direction = "viability";
    if (text.starts_with("inhibition")) m.direction = "inhibition";
    if (text.ends_with("percent") || value.percent) m.unit = "percent";
    if (text.ends_with("fraction") || value.fraction) m.unit = "fraction";
    // The house's own column: viability is a fraction of vehicle unless it says percent.
    if (text == "viability" && m.unit.empty()) m.unit = "fraction?";
    return m;
  }

  void read_row(std::size_t row, std::vector<double>& printed, std::vector<double>& vehicles) {
    const Column& value = *header_.find(Kind::value);
    const auto cell = grid_.at(row, value.index);
    if (const Column* c = header_.find(Kind::exclude)) {
      const std::string mark = lower(grid_.at(row, c->index));
      if (mark == "1" || mark == "true" || mark == "yes" || mark == "x") {
        ++out_.value.excluded;
        return;
      }
    }
    if (const Column* c = header_.find(Kind::role)) {
      const auto role = plate::parse_role(grid_.at(row, c->index));
      if (role && *role != plate::Role::sample && *role != plate::Role::vehicle) return;
    }
    const auto number = parse_number(cell, decimal_);
    if (number.kind == NumberKind::empty || iequal(cell, "NA") || iequal(cell, "NaN")) {
      ++out_.value.excluded;
      return;
    }
    if (number.kind != NumberKind::number) {
      out_.problems.push_back({grid_.where(row, value.index),
                               "\"" + printable(cell) + "\" is not a response",
                               number.kind == NumberKind::ambiguous
                                   ? "Say how decimals are written: --decimal point or comma."
                                   : "Give a number, or leave the cell empty.",
                               Severity::error});
      return;
    }
    Row r;
    bool dosed = false;
    for (int k = 0; k < static_cast<int>(most_drugs); ++k) {
      if (header_.find(Kind::dose, k) == nullptr) continue;
      if (!read_dose(row, k, r)) return;
      dosed = dosed || r.dose_nM[static_cast<std::size_t>(k)] > 0.0;
    }
    const auto text = [&](Kind kind) {
      const Column* c = header_.find(kind);
      return c ? std::string(grid_.at(row, c->index)) : std::string();
    };
    r.line = text(Kind::line).empty() ? options_.line : text(Kind::line);
    r.group = text(Kind::group);
    r.repeat = text(Kind::repeat).empty() ? text(Kind::replicate) : text(Kind::repeat);
    if (r.repeat.empty()) r.repeat = options_.repeat;
    r.viability = number.value;
    printed.push_back(number.value);
    if (!dosed) vehicles.push_back(number.value);
    out_.value.rows.push_back(std::move(r));
  }

  bool read_dose(std::size_t row, int k, Row& r) {
    const auto at = static_cast<std::size_t>(k);
    const Column& dose = *header_.find(Kind::dose, k);
    const auto cell = grid_.at(row, dose.index);
    const auto number = parse_number(cell, decimal_);
    const Column* drug = header_.find(Kind::drug, k);
    std::string name = drug ? std::string(grid_.at(row, drug->index)) : unnamed(k);
    if (const auto role = plate::parse_role(name); role && *role == plate::Role::vehicle)
      name.clear();
    if (iequal(name, "NA") || iequal(name, "none") || name == "-") name.clear();
    if (number.kind == NumberKind::empty) {
      if (!name.empty() && drug) {
        out_.problems.push_back({grid_.where(row, dose.index),
                                 "drug \"" + printable(name) + "\" has no dose",
                                 "Give its dose; 0 where it was left out.",
                                 Severity::error});
        return false;
      }
      return true;
    }
    if (number.kind != NumberKind::number || number.value < 0.0) {
      out_.problems.push_back({grid_.where(row, dose.index),
                               "\"" + printable(cell) + "\" is not a dose",
                               "Give a concentration of 0 or more.",
                               Severity::error});
      return false;
    }
    double nM = 1.0;
    if (number.value > 0.0) {
      const auto unit = unit_of(row, k, dose);
      if (!unit) return false;
      nM = *unit;
    }
    r.drug[at] = std::move(name);
    r.dose_nM[at] = number.value * nM;
    if (r.dose_nM[at] > most_dose_nM) {
      out_.problems.push_back(undissolved(grid_.where(row, dose.index), r.dose_nM[at]));
      return false;
    }
    if (r.dose_nM[at] > 0.0 && r.drug[at].empty()) {
      out_.problems.push_back({grid_.where(row, dose.index),
                               "the well has a dose but no drug",
                               "Name the drug, or set the dose to 0.",
                               Severity::error});
      return false;
    }
    return true;
  }

  [[nodiscard]] std::string unnamed(int k) const {
    if (k == 0 && !options_.drug_a.empty()) return options_.drug_a;
    if (k == 1 && !options_.drug_b.empty()) return options_.drug_b;
    return "drug " + std::to_string(k + 1);
  }

  std::optional<double> unit_of(std::size_t row, int k, const Column& dose) {
    if (!std::isnan(dose.nM)) return dose.nM;
    const Column* column = header_.find(Kind::unit, k);
    if (column == nullptr) column = header_.find(Kind::unit, -1);
    std::string spelled = column ? std::string(grid_.at(row, column->index)) : std::string();
    if (spelled.empty()) {
      spelled = k == 1 && !options_.dose_unit_b.empty() ? options_.dose_unit_b : options_.dose_unit;
    }
    if (spelled.empty()) {
      if (!said_unit_) {
        out_.problems.push_back({grid_.where(header_.row, dose.index),
                                 "the column \"" + dose.title + "\" names no unit",
                                 "Name it " + dose.title + "_nM (or _uM), or give --dose-unit.",
                                 Severity::error});
      }
      said_unit_ = true;
      return std::nullopt;
    }
    const auto nM = nanomolar_per(spelled);
    if (!nM) {
      out_.problems.push_back({column ? grid_.where(row, column->index) : grid_.where(row),
                               "\"" + printable(spelled) + "\" is not a unit of concentration",
                               "Write nM, uM, mM, pM or M.",
                               Severity::error});
    }
    return nM;
  }

  void settle_repeats() {
    Rows& rows = out_.value;
    rows.repeats_named = header_.find(Kind::repeat) != nullptr || !options_.repeat.empty();
    const Column* replicate = header_.find(Kind::replicate);
    if (replicate && !rows.repeats_named) {
      rows.repeats_named = true;
      out_.problems.push_back({grid_.where(header_.row, replicate->index),
                               "the column \"" + replicate->title +
                                   "\" was read as biological repeats (independent cultures)",
                               "Name it repeat if that is so; drop it if these are wells of one "
                               "culture.",
                               Severity::warning});
    }
    const Column* group = header_.find(Kind::group);
    rows.groups_are_blocks = group && group->named->meaning == "block";
  }

  const Grid& grid_;
  const Header& header_;
  const ReadOptions& options_;
  Decimal decimal_;
  bool said_unit_ = false;
  Checked<Rows> out_;
};

}  // namespace

std::optional<Checked<Rows>> read_long(const Grid& grid, const ReadOptions& options) {
  const auto header = find_header(grid);
  if (!header) return std::nullopt;
  return LongReader(grid, *header, options).read();
}

}  // namespace kinescape::combination
