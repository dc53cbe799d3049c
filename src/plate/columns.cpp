// SPDX-License-Identifier: Apache-2.0
// Titles of columns, with their units, and the row that holds them.
#include <algorithm>
#include <utility>

#include "base/quantity.hpp"
#include "base/text.hpp"
#include "plate/cells_internal.hpp"
#include "plate/columns_internal.hpp"

namespace kinescape::plate {
namespace {

/// Whether `unit` may follow the name of `field`.
bool fits(Field field, std::string_view unit) {
  if (takes_dose_unit(field)) return nanomolar_per(unit).has_value();
  if (field == Field::time) return hours_per(unit).has_value();
  if (takes_share(field)) {
    const std::string spelled = compact(unit);
    return spelled == "percent" || spelled == "pct" || spelled == "fraction" || spelled == "frac";
  }
  if (field == Field::channel) return iequal(unit, "nm");
  return false;
}

/// "OD490", "A450", "Abs 570 nm": a signal whose wavelength is in the name.
std::optional<Column> absorbance_at(std::string_view spelled) {
  if (spelled.ends_with("nm")) spelled.remove_suffix(2);
  if (spelled.size() < 4) return std::nullopt;
  const auto digits = spelled.substr(spelled.size() - 3);
  const auto name = spelled.substr(0, spelled.size() - 3);
  if (digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  if (digits.front() < '2' || digits.front() > '9') return std::nullopt;
  if (name != "od" && name != "a" && name != "abs" && name != "absorbance") return std::nullopt;
  auto column = look_up("absorbance");
  column->channel = std::string(digits) + " nm";
  return column;
}

/// The title as (name, unit) at each place where a unit may begin.
std::vector<std::pair<std::string_view, std::string_view>> splits(std::string_view title) {
  std::vector<std::pair<std::string_view, std::string_view>> found;
  if (title.ends_with(')') || title.ends_with(']')) {
    const auto open = title.find_last_of("([");
    if (open != std::string_view::npos && open > 0) {
      found.emplace_back(title.substr(0, open), title.substr(open + 1, title.size() - open - 2));
    }
  }
  const auto cut = title.find_last_of(" _.-,/:");
  if (cut != std::string_view::npos && cut > 0) {
    found.emplace_back(title.substr(0, cut), title.substr(cut + 1));
  }
  return found;
}

std::string without(std::string_view text, std::string_view tail) {
  std::string spelled(text);
  if (spelled.ends_with(tail)) spelled.resize(spelled.size() - tail.size());
  return spelled;
}

std::optional<Column> recognise_plain(std::string_view title) {
  if (auto column = look_up(compact(title))) return column;
  if (auto column = absorbance_at(compact(title))) return column;
  for (const auto& [name, unit_text] : splits(title)) {
    const auto unit = trimmed(unit_text);
    auto column = look_up(compact(name));
    if (!column) column = look_up(without(compact(name), "in"));
    if (!column || !fits(column->field, unit)) continue;
    column->unit = takes_share(column->field) ? (compact(unit).starts_with("f") ? "fraction" : "%")
                                              : std::string(unit);
    return column;
  }
  // "Viability (% of control)" and the like.
  const std::string spelled = compact(title);
  if (spelled.starts_with("viability") && spelled.find("percent") != std::string::npos) {
    return look_up("viabilitypercent");
  }
  if (nanomolar_per(trimmed(title)) && trimmed(title).size() > 1) {
    auto column = look_up("dose");
    column->unit = std::string(trimmed(title));
    column->canonical = false;
    return column;
  }
  return std::nullopt;
}

}  // namespace

bool Header::has_value() const {
  return has(Field::signal) || has(Field::viability) || has(Field::inhibition) ||
         has(Field::response);
}

std::optional<Column> recognise(std::string_view title) {
  title = trimmed(title);
  if (title.empty() || title.size() > 80) return std::nullopt;
  auto column = recognise_plain(title);
  if (!column && title.size() > 3 && iequal(title.substr(0, 3), "log")) {
    auto rest = title.substr(3);
    if (rest.starts_with("10")) rest.remove_prefix(2);
    while (!rest.empty() && (rest.front() == '_' || rest.front() == ' ' || rest.front() == '.')) {
      rest.remove_prefix(1);
    }
    column = recognise_plain(rest);
    if (column && !takes_dose_unit(column->field)) column.reset();
    if (column) column->log10 = true;
  }
  if (column) column->title = std::string(title);
  return column;
}

namespace {

/// Keeps one column for each field and says where the table is ambiguous.
void settle(Header& header, const Grid& grid) {
  header.at.fill(-1);
  for (std::size_t i = 0; i < header.columns.size(); ++i) {
    const Column& column = header.columns[i];
    int& slot = header.at[static_cast<std::size_t>(column.field)];
    if (slot < 0) {
      slot = static_cast<int>(i);
      continue;
    }
    const Column& other = header.columns[static_cast<std::size_t>(slot)];
    if (other.rank == column.rank) {
      header.problems.push_back(
          {grid.where(header.row, column.index),
           "the columns \"" + other.title + "\" and \"" + column.title + "\" mean the same",
           "Keep one of them, or rename the other.",
           Severity::error});
    } else if (column.rank < other.rank) {
      slot = static_cast<int>(i);
    }
  }
}

Header header_of(const Grid& grid, std::size_t row) {
  Header header;
  header.row = row;
  for (std::size_t c = 0; c < grid.columns(row); ++c) {
    const auto title = grid.at(row, c);
    if (title.empty()) continue;
    if (auto column = recognise(title)) {
      column->index = c;
      header.columns.push_back(std::move(*column));
    } else {
      header.others.push_back(c);
    }
  }
  header.at.fill(-1);
  for (std::size_t i = 0; i < header.columns.size(); ++i) {
    header.at[static_cast<std::size_t>(header.columns[i].field)] = static_cast<int>(i);
  }
  return header;
}

bool is_header(const Header& header, bool data) {
  if (header.columns.size() < 2) return false;
  if (data) {
    const bool about = header.has_position() || header.has(Field::drug) ||
                       header.has(Field::dose) || header.has(Field::role) ||
                       header.has(Field::line);
    return header.has_value() && about;
  }
  if (header.has(Field::layout_file)) return header.has(Field::plate);
  return header.has_position() && header.columns.size() > (header.has(Field::well) ? 1U : 2U);
}

}  // namespace

std::optional<Header> find_header(const Grid& grid, bool data) {
  constexpr int most_rows_above = 40;
  int seen = 0;
  for (std::size_t row = 0; row < grid.rows() && seen < most_rows_above; ++row) {
    if (grid.blank(row) || grid.at(row, 0).starts_with('#')) continue;
    ++seen;
    Header header = header_of(grid, row);
    if (!is_header(header, data)) continue;
    settle(header, grid);
    return header;
  }
  return std::nullopt;
}

}  // namespace kinescape::plate
