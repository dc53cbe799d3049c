// SPDX-License-Identifier: Apache-2.0
/// \file What a worksheet can hold, the names of its cells, and reading the cells of one.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/table.hpp"
#include "base/xml_pull_internal.hpp"

namespace kinescape::xlsx {

inline constexpr std::size_t most_rows = 1'048'576, most_columns = 16'384;
inline constexpr std::size_t most_characters = 32'767;   ///< Of one cell.
inline constexpr std::size_t most_name_characters = 31;  ///< Of a sheet's name.
inline constexpr std::size_t most_problems = 100;        ///< Of one workbook; more say nothing new.
inline constexpr const char* save_again =
    "Open it in a spreadsheet program and save it again as .xlsx.";

struct Place {
  std::size_t row = 0, column = 0;  ///< From 1.
};

/// Row and column of "C14"; nothing if no worksheet has such a cell.
[[nodiscard]] std::optional<Place> cell_place(std::string_view name);

/// What may still be kept in memory.
struct Budget {
  std::size_t cells, text_bytes;
};

/// Collects the text of <t> elements of a shared or inline string, without its phonetic hints.
class RichText {
 public:
  void start(std::string_view name);
  void end(std::string_view name);
  /// False if the text is damaged.
  bool text(XmlPull& xml) { return !in_text_ || xml.append_text(value_); }
  /// The text so far; starts over.
  std::string take();

 private:
  std::string value_;
  int phonetic_ = 0;
  bool in_text_ = false;
};

/// What the sheets of one workbook share.
struct SheetContext {
  const std::string& file;
  const std::vector<std::string>& shared;
  Budget& budget;
  Problems& problems;
};

/// Reads the cells of one worksheet part into `grid`. False if its XML is damaged.
[[nodiscard]] bool read_cells(XmlPull& xml, SheetContext& context, Grid& grid);

}  // namespace kinescape::xlsx
