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
  std::size_t max_columns = 1'000'000;      ///< A row of more cells is a Problem.
  std::size_t max_cells = 20'000'000;       ///< Of read_csv, which keeps them all.
};

/// The delimiter and decimal mark that explain `sample` (decoded text, some lines) best. What
/// `options` states is kept. A first line "sep=;" states the delimiter too. The decimal mark is a
/// comma where cells like "1,5" are not outweighed by cells like "1.5", else unstated.
[[nodiscard]] Dialect sniff_dialect(std::string_view sample, const CsvOptions& options = {});

/// A whole text table in memory. `bytes` in any encoding that decode_text knows. Blank lines are
/// rows without cells, so that blocks stay apart; a line "sep=;" at the top is no row.
///
/// Cells are quoted as in RFC 4180, with line ends inside quotes and spaces before the quote; a
/// quote inside an unquoted cell is a plain character. Text after a closing quote is kept, with a
/// warning. An unclosed quote is a Problem at the line where it opened.
[[nodiscard]] Checked<Grid> read_csv(std::string_view bytes,
                                     const std::string& file,
                                     const CsvOptions& options = {});

/// One row of a stream. Everything is valid during the call only.
struct StreamedRow {
  std::span<const std::string_view> cells;  ///< Untrimmed; none for a blank line.
  std::size_t line = 0;                     ///< From 1: the line on which the row begins.
  std::uint64_t byte_offset = 0;  ///< Of the row's first byte, so that a run can be resumed.
  Dialect dialect;                ///< As told or found: how to read the numbers.
};

/// Where a stream begins: the place of a row that an earlier run saw. The file's encoding and
/// dialect are still told from its top.
struct StreamStart {
  std::uint64_t byte_offset = 0;
  std::size_t line = 1;
};

/// Streams a file of any size: calls `row` with the cells of each line and its line number from 1,
/// in order, in memory of a few buffers (and the longest line). Reads what read_csv reads, to the
/// same cells. `row` returns false to stop early. Returns the problems of the text itself; the
/// first error ends the stream, and the rows before it were good.
[[nodiscard]] Problems stream_csv(const std::string& path,
                                  const CsvOptions& options,
                                  const std::function<bool(const StreamedRow&)>& row,
                                  StreamStart start = {});

/// One CSV row, quoted where needed, ended by "\n". Read back, it gives the same cells.
void write_csv_row(std::ostream& out, std::span<const std::string> cells, char delimiter = ',');

}  // namespace kinescape
