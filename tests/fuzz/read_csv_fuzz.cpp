// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes: a table that is read, written out again and read back has the same cells.
#include <sstream>

#include "base/csv.hpp"
#include "fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinescape;
  CsvOptions options;
  options.max_line_bytes = 4096;
  options.max_columns = 500;
  options.max_cells = 5000;
  const auto grid = read_csv(fuzz::text(data, size), "f.csv", options);
  if (!grid.ok()) return 0;
  std::ostringstream out;
  out << "\n";  // so that a first row "sep=x" is a row like any other
  std::size_t cells = 0;
  for (std::size_t r = 0; r < grid.value.rows(); ++r) {
    std::vector<std::string> row;
    for (std::size_t c = 0; c < grid.value.columns(r); ++c) row.emplace_back(grid.value.at(r, c));
    fuzz::require(grid.value.where(r).line > 0, "each row has its line");
    write_csv_row(out, row);
    cells += row.size();
  }
  fuzz::require(cells <= options.max_cells, "no more cells than allowed");
  CsvOptions same;
  same.delimiter = ',';
  const auto back = read_csv(out.str(), "f.csv", same);
  fuzz::require(back.problems.empty(), "what was written can be read");
  fuzz::require(back.value.rows() == grid.value.rows() + 1, "as many rows");
  for (std::size_t r = 0; r < grid.value.rows(); ++r) {
    fuzz::require(back.value.columns(r + 1) == grid.value.columns(r), "as many cells");
    for (std::size_t c = 0; c < grid.value.columns(r); ++c) {
      fuzz::require(back.value.at(r + 1, c) == grid.value.at(r, c), "the same cell");
    }
  }
  return 0;
}
