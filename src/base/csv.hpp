// SPDX-License-Identifier: Apache-2.0
/// \file Text tables, small ones whole and huge ones row by row; and writing them.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/table.hpp"

namespace kinescape {

/// How a text table is written. Quoting follows RFC 4180, with any delimiter.
struct Dialect {
  char delimiter = ',';
  Decimal decimal = Decimal::unstated;
};

struct CsvOptions {
  std::optional<char> delimiter;            ///< Unset: told from the content (`,` `;` tab `|`).
  Decimal decimal = Decimal::unstated;      ///< Unstated: `;` or tab with "1,5" cells means comma.
  std::size_t max_line_bytes = 16U << 20U;  ///< A longer line is a Problem, not a memory fault.
};

/// The delimiter and decimal mark that explain `sample` (decoded text, some lines) best.
[[nodiscard]] Dialect sniff_dialect(std::string_view sample, const CsvOptions& options = {});

/// A whole text table in memory. `bytes` in any encoding that decode_text knows.
[[nodiscard]] Checked<Grid> read_csv(std::string_view bytes,
                                     const std::string& file,
                                     const CsvOptions& options = {});

/// Streams a file of any size: calls `row` with the cells of each line (views valid during the
/// call) and its line number from 1, in order, in memory of a few buffers. Plain or UTF-16 text.
/// `row` returns false to stop early. Returns the problems of the text itself.
struct StreamedRow {
  std::span<const std::string_view> cells;
  std::size_t line = 0;
  std::uint64_t byte_offset = 0;  ///< Of the row's first byte, so that a run can be resumed.
};
[[nodiscard]] Problems stream_csv(const std::string& path,
                                  const CsvOptions& options,
                                  const std::function<bool(const StreamedRow&)>& row);

/// One CSV row, quoted where needed, ended by "\n".
void write_csv_row(std::ostream& out, std::span<const std::string> cells, char delimiter = ',');

}  // namespace kinescape
