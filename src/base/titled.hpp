// SPDX-License-Identifier: Apache-2.0
/// \file Which column is which? Tables with a row of titles, read by the spellings people use, with
/// every fault at its own cell.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/table.hpp"

namespace kinescape {

/// The sheets of a workbook, or the one table of a text file (any delimiter, any encoding).
[[nodiscard]] Checked<std::vector<Grid>> read_grids(std::string_view bytes,
                                                    const std::string& file,
                                                    Decimal decimal = Decimal::unstated);

/// A title without case, spaces and punctuation: "Length (mm)", "length_mm" -> "lengthmm".
[[nodiscard]] std::string plain_title(std::string_view title);

/// A grid whose first row that is not blank holds titles. Keeps references: the grid and the list
/// of problems must outlive it.
class TitledTable {
 public:
  TitledTable(const Grid& grid, Problems& problems);

  /// The column whose title is one of `spellings` (as plain_title writes them); a second one is a
  /// problem. Nothing: there is none.
  std::optional<std::size_t> find(std::initializer_list<std::string_view> spellings);
  std::optional<std::size_t> find(const std::vector<std::string>& spellings);
  /// The same, and a problem where it is missing.
  std::optional<std::size_t> required(std::string_view name,
                                      std::initializer_list<std::string_view> spellings);

  [[nodiscard]] std::string_view title(std::size_t column) const;
  [[nodiscard]] std::size_t columns() const;
  /// Columns that no find() has named.
  [[nodiscard]] std::vector<std::size_t> others() const;
  /// Rows below the titles that are not blank.
  [[nodiscard]] const std::vector<std::size_t>& rows() const { return rows_; }
  [[nodiscard]] std::string text(std::size_t row, std::optional<std::size_t> column) const;
  /// NaN where there is no column, and for an empty cell, "NA", "N/A", "." and "-".
  double number(std::size_t row, std::optional<std::size_t> column);
  [[nodiscard]] Where where(std::size_t row, std::optional<std::size_t> column) const;
  void problem(std::size_t row,
               std::optional<std::size_t> column,
               std::string what,
               std::string fix,
               Severity severity = Severity::error);
  [[nodiscard]] bool has_titles() const { return has_titles_; }

 private:
  const Grid& grid_;
  Problems& problems_;
  std::size_t head_ = 0;
  bool has_titles_ = false;
  std::vector<std::string> plain_;
  std::vector<bool> asked_;
  std::vector<std::size_t> rows_;
};

/// Whether a cell says that nothing was recorded: "", "NA", "N/A", ".", "-".
[[nodiscard]] bool is_blank_cell(std::string_view cell);

}  // namespace kinescape
