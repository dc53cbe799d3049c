// SPDX-License-Identifier: Apache-2.0
#include "base/titled.hpp"

#include <algorithm>

#include "base/csv.hpp"
#include "base/text.hpp"
#include "base/xlsx.hpp"

namespace kinescape {

Checked<std::vector<Grid>> read_grids(std::string_view bytes,
                                      const std::string& file,
                                      Decimal decimal) {
  if (looks_like_zip(bytes)) return read_xlsx(bytes, file);
  CsvOptions options;
  options.decimal = decimal;
  auto grid = read_csv(bytes, file, options);
  Checked<std::vector<Grid>> out;
  out.problems = std::move(grid.problems);
  out.value.push_back(std::move(grid.value));
  return out;
}

std::string plain_title(std::string_view title) {
  std::string out;
  for (const char c : lower(trimmed(title))) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '%' || byte >= 0x80) out += c;
  }
  return out;
}

bool is_blank_cell(std::string_view cell) {
  return cell.empty() || iequal(cell, "NA") || iequal(cell, "N/A") || cell == "." || cell == "-";
}

TitledTable::TitledTable(const Grid& grid, Problems& problems) : grid_(grid), problems_(problems) {
  while (head_ < grid.rows() && grid.blank(head_)) ++head_;
  has_titles_ = head_ < grid.rows();
  if (!has_titles_) return;
  for (std::size_t c = 0; c < grid.columns(head_); ++c)
    plain_.push_back(plain_title(grid.at(head_, c)));
  asked_.assign(plain_.size(), false);
  for (std::size_t r = head_ + 1; r < grid.rows(); ++r)
    if (!grid.blank(r)) rows_.push_back(r);
}

std::optional<std::size_t> TitledTable::find(const std::vector<std::string>& spellings) {
  std::optional<std::size_t> found;
  for (std::size_t c = 0; c < plain_.size(); ++c) {
    if (std::find(spellings.begin(), spellings.end(), plain_[c]) == spellings.end()) continue;
    asked_[c] = true;
    if (found) {
      problems_.push_back({grid_.where(head_, c),
                           "two columns mean the same: \"" + printable(grid_.at(head_, *found)) +
                               "\" and \"" + printable(grid_.at(head_, c)) + "\"",
                           "Keep one of them.",
                           Severity::error});
    } else {
      found = c;
    }
  }
  return found;
}

std::optional<std::size_t> TitledTable::find(std::initializer_list<std::string_view> spellings) {
  return find(std::vector<std::string>(spellings.begin(), spellings.end()));
}

std::optional<std::size_t> TitledTable::required(
    std::string_view name, std::initializer_list<std::string_view> spellings) {
  const auto found = find(spellings);
  if (!found) {
    Where where = has_titles_ ? grid_.where(head_) : Where{grid_.file(), 0, 0, grid_.sheet(), ""};
    problems_.push_back({std::move(where),
                         "there is no column " + std::string(name),
                         "Name a column of the table " + std::string(name) + ".",
                         Severity::error});
  }
  return found;
}

std::string_view TitledTable::title(std::size_t column) const {
  return grid_.at(head_, column);
}

std::size_t TitledTable::columns() const {
  return plain_.size();
}

std::vector<std::size_t> TitledTable::others() const {
  std::vector<std::size_t> out;
  for (std::size_t c = 0; c < plain_.size(); ++c)
    if (!asked_[c] && !plain_[c].empty()) out.push_back(c);
  return out;
}

std::string TitledTable::text(std::size_t row, std::optional<std::size_t> column) const {
  return column ? std::string(grid_.at(row, *column)) : std::string();
}

double TitledTable::number(std::size_t row, std::optional<std::size_t> column) {
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  if (!column) return nothing;
  const std::string_view cell = grid_.at(row, *column);
  if (is_blank_cell(cell)) return nothing;
  const ParsedNumber parsed = parse_number(cell, grid_.decimal());
  if (parsed.kind == NumberKind::number) return parsed.value;
  if (parsed.kind == NumberKind::ambiguous)
    problem(row,
            column,
            "\"" + printable(cell) + "\" may be a decimal or a thousand",
            "Say which with --decimal point or --decimal comma.");
  else
    problem(row,
            column,
            "\"" + printable(cell) + "\" is not a number (column \"" + printable(title(*column)) +
                "\")",
            "Write a number, or leave the cell empty where nothing was recorded.");
  return nothing;
}

Where TitledTable::where(std::size_t row, std::optional<std::size_t> column) const {
  return column ? grid_.where(row, *column) : grid_.where(row);
}

void TitledTable::problem(std::size_t row,
                          std::optional<std::size_t> column,
                          std::string what,
                          std::string fix,
                          Severity severity) {
  problems_.push_back({where(row, column), std::move(what), std::move(fix), severity});
}

}  // namespace kinescape
