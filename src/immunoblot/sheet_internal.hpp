// SPDX-License-Identifier: Apache-2.0
/// \file A small tidy table by the names of its columns, for the tables of this room.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.hpp"
#include "base/table.hpp"

namespace kinescape::immunoblot {

/// One column: its name and the spellings that are taken for it, letters and digits only.
struct Column1 {
  std::string name;
  std::vector<std::string> spellings;
  bool required = false;
};

class Sheet {
 public:
  /// CSV or a workbook's first sheet that holds anything. Problems: a column that is required and
  /// missing, or there twice.
  static Checked<Sheet> read(std::string_view bytes,
                             const std::string& file,
                             const std::vector<Column1>& columns);

  [[nodiscard]] std::size_t rows() const { return rows_.size(); }
  [[nodiscard]] bool has(const std::string& column) const { return at_.contains(column); }
  [[nodiscard]] std::string text(std::size_t row, const std::string& column) const;
  /// A number, NaN for an empty cell; anything else is a problem.
  [[nodiscard]] double number(std::size_t row, const std::string& column, Problems& problems) const;
  [[nodiscard]] Where where(std::size_t row, const std::string& column) const;
  /// The heading as it stands in the file.
  [[nodiscard]] std::string heading(const std::string& column) const;

 private:
  Grid grid_;
  std::size_t head_ = 0;
  std::map<std::string, std::size_t> at_;
  std::vector<std::size_t> rows_;
};

/// Lower-case letters and digits of `text`; both micro signs become u.
[[nodiscard]] std::string compact(std::string_view text);

}  // namespace kinescape::immunoblot
