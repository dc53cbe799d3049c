// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes: the stream reads what read_csv reads, and every row can be resumed from. The
// input is repeated past the size of a buffer, so that rows straddle its edges.
#include "base/csv.hpp"
#include "base/text.hpp"
#include "fuzz.hpp"
#include "temporary_file.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinescape;
  std::string bytes(fuzz::text(data, size));
  // A few inputs are made long; the others stay fast.
  const bool repeat = size > 16 && data[size - 1] % 64 == 0;
  const std::size_t times = repeat ? 530'000 / size + 1 : 1;
  for (std::size_t i = 1; i < times; ++i) bytes.append(bytes, 0, size);
  const std::string& path = fuzz::file_with(bytes);

  CsvOptions options;
  options.max_line_bytes = 4096;
  options.max_columns = 500;
  const auto grid = read_csv(bytes, path, options);
  std::size_t r = 0;
  StreamStart middle;
  const Problems problems = stream_csv(path, options, [&](const StreamedRow& row) {
    if (row.line % 97 == 5) middle = {row.byte_offset, row.line};
    if (grid.ok()) {
      fuzz::require(row.line == grid.value.where(r).line, "the same line");
      fuzz::require(row.cells.size() == grid.value.columns(r), "as many cells");
      for (std::size_t c = 0; c < row.cells.size(); ++c) {
        fuzz::require(trimmed(row.cells[c]) == grid.value.at(r, c), "the same cell");
      }
    }
    ++r;
    return true;
  });
  fuzz::require(has_errors(problems) == !grid.ok(), "the same verdict");
  if (!grid.ok()) return 0;
  fuzz::require(r == grid.value.rows(), "as many rows");
  bool first = true;
  std::size_t line = 0;
  static_cast<void>(stream_csv(
      path,
      options,
      [&](const StreamedRow& row) {
        if (first && middle.line > 1) {
          fuzz::require(row.line == middle.line && row.byte_offset >= middle.byte_offset,
                        "resumed where it was told");
        }
        first = false;
        line = row.line;
        return true;
      },
      middle));
  if (r > 0 && middle.line > 1) {
    fuzz::require(line == grid.value.where(r - 1).line, "resumed to the end");
  }
  return 0;
}
