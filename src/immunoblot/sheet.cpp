// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "base/csv.hpp"
#include "base/estimated.hpp"
#include "base/xlsx.hpp"
#include "immunoblot/sheet_internal.hpp"

namespace kinescape::immunoblot {

std::string compact(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    if ((c == 0xc2 && next == 0xb5) || (c == 0xce && next == 0xbc)) {
      out += 'u';
      ++i;
    } else if (c >= 'A' && c <= 'Z') {
      out += static_cast<char>(c - 'A' + 'a');
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      out += static_cast<char>(c);
    }
  }
  return out;
}

Checked<Sheet> Sheet::read(std::string_view bytes,
                           const std::string& file,
                           const std::vector<Column1>& columns) {
  Checked<Sheet> out;
  Sheet& sheet = out.value;
  if (looks_like_zip(bytes)) {
    auto sheets = read_xlsx(bytes, file);
    out.problems = std::move(sheets.problems);
    for (Grid& g : sheets.value) {
      if (g.rows() > 0) {
        sheet.grid_ = std::move(g);
        break;
      }
    }
  } else {
    auto grid = read_csv(bytes, file);
    out.problems = std::move(grid.problems);
    sheet.grid_ = std::move(grid.value);
  }
  if (!out.ok()) return out;
  while (sheet.head_ < sheet.grid_.rows() && sheet.grid_.blank(sheet.head_)) ++sheet.head_;
  if (sheet.head_ >= sheet.grid_.rows()) {
    out.problems.push_back({{file, 0, 0, "", ""}, "the table is empty", "Give a header and rows."});
    return out;
  }
  for (std::size_t c = 0; c < sheet.grid_.columns(sheet.head_); ++c) {
    const std::string heading = compact(sheet.grid_.at(sheet.head_, c));
    for (const Column1& column : columns) {
      if (heading != compact(column.name) && std::ranges::count(column.spellings, heading) == 0)
        continue;
      if (!sheet.at_.emplace(column.name, c).second) {
        out.problems.push_back({sheet.grid_.where(sheet.head_, c),
                                fmt::format("two columns are both {}", column.name),
                                "Keep one of them."});
      }
    }
  }
  for (const Column1& column : columns) {
    if (!column.required || sheet.at_.contains(column.name)) continue;
    out.problems.push_back({sheet.grid_.where(sheet.head_),
                            fmt::format("there is no column {}", column.name),
                            fmt::format("Name one of the columns {}.", column.name)});
  }
  for (std::size_t r = sheet.head_ + 1; r < sheet.grid_.rows(); ++r) {
    if (!sheet.grid_.blank(r)) sheet.rows_.push_back(r);
  }
  if (sheet.rows_.empty()) {
    out.problems.push_back(
        {sheet.grid_.where(sheet.head_), "the table has no rows", "Add its data."});
  }
  return out;
}

std::string Sheet::text(std::size_t row, const std::string& column) const {
  const auto at = at_.find(column);
  return at == at_.end() ? std::string() : std::string(grid_.at(rows_[row], at->second));
}

double Sheet::number(std::size_t row, const std::string& column, Problems& problems) const {
  const std::string cell = text(row, column);
  const auto parsed = parse_number(cell, grid_.decimal());
  if (parsed.kind == NumberKind::number) return parsed.value;
  if (parsed.kind != NumberKind::empty) {
    problems.push_back({where(row, column),
                        fmt::format("\"{}\" is not a number", printable(cell)),
                        fmt::format("Write {} as a number, or leave the cell empty.", column)});
  }
  return unknown;
}

Where Sheet::where(std::size_t row, const std::string& column) const {
  const auto at = at_.find(column);
  return at == at_.end() ? grid_.where(rows_[row]) : grid_.where(rows_[row], at->second);
}

std::string Sheet::heading(const std::string& column) const {
  const auto at = at_.find(column);
  return at == at_.end() ? std::string() : std::string(grid_.at(head_, at->second));
}

}  // namespace kinescape::immunoblot
