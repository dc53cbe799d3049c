// SPDX-License-Identifier: Apache-2.0
#include "plate/columns_internal.hpp"
#include "plate/source_internal.hpp"
#include "plate/tidy_internal.hpp"

namespace kinescape::plate {
namespace {

const Grid* tidy_grid(const Source& source) {
  for (const Grid& grid : source.grids) {
    if (find_header(grid, true)) return &grid;
  }
  return nullptr;
}

int score_tidy(const Source& source) {
  return tidy_grid(source) == nullptr ? 0 : 50;
}

Checked<PlateSet> read_tidy_source(const Source& source, const ReadOptions& options) {
  const Grid& grid = *tidy_grid(source);
  return read_tidy(grid, *find_header(grid, true), options);
}

}  // namespace

const std::vector<FileForm>& file_forms() {
  static const std::vector<FileForm> forms{
      {"tidy table",
       "a row of column titles such as plate, well, line, drug, dose_nM, role, signal (or "
       "viability)",
       score_tidy,
       read_tidy_source},
  };
  return forms;
}

}  // namespace kinescape::plate
