// SPDX-License-Identifier: Apache-2.0
/// \file A grid of cells as it stands in a file, where each cell still knows its place there.
///
/// Every reader of Kinescape goes from bytes to Grid (CSV, TSV, instrument text, a sheet of a
/// workbook) and from Grid to meaning. A Grid is dumb on purpose: strings as printed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/number.hpp"
#include "base/problem.hpp"

namespace kinescape {

/// Cells of one text file or one worksheet. Rows may be ragged. Indices count from 0; places shown
/// to people count from 1.
class Grid {
 public:
  Grid() = default;
  Grid(std::string file, std::string sheet) : file_(std::move(file)), sheet_(std::move(sheet)) {}

  [[nodiscard]] std::size_t rows() const { return rows_.size(); }
  [[nodiscard]] std::size_t columns(std::size_t row) const { return rows_[row].cells.size(); }
  /// The cell's text, trimmed of surrounding space; "" beyond the end of the row or of the grid.
  [[nodiscard]] std::string_view at(std::size_t row, std::size_t column) const;
  /// Where that cell is, with the user's own row in `shown`.
  [[nodiscard]] Where where(std::size_t row, std::size_t column) const;
  [[nodiscard]] Where where(std::size_t row) const;  ///< The row as a whole.
  [[nodiscard]] bool blank(std::size_t row) const;   ///< No cell of the row holds anything.

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::string& sheet() const { return sheet_; }  ///< "" for a text file.
  [[nodiscard]] Decimal decimal() const { return decimal_; }
  void set_decimal(Decimal decimal) { decimal_ = decimal; }
  /// The character between cells, for showing a row as it stands in the file; '\0': a worksheet.
  [[nodiscard]] char delimiter() const { return delimiter_; }
  void set_delimiter(char delimiter) { delimiter_ = delimiter; }

  /// Appends a row that stood at `line` (from 1) of the file.
  void add_row(std::vector<std::string> cells, std::size_t line);

 private:
  struct Row {
    std::vector<std::string> cells;
    std::size_t line = 0;
  };
  std::string file_, sheet_;
  std::vector<Row> rows_;
  Decimal decimal_ = Decimal::unstated;
  char delimiter_ = '\0';
};

/// The origin of one number: enough to point back at it from the report. Kept for every well.
struct Origin {
  std::string file;
  std::string cell;  ///< "line 14, column 3" or "Sheet1!C14"
};

[[nodiscard]] Origin origin_of(const Where& where);

}  // namespace kinescape
