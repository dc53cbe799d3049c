// SPDX-License-Identifier: Apache-2.0
#include "plate/columns_internal.hpp"
#include "plate/formats/formats_internal.hpp"
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
      {"BioTek Gen5",
       "\"Software Version\" with \"Procedure Details\" or \"Reader Type:\"",
       score_gen5,
       read_gen5},
      {"SoftMax Pro", "\"##BLOCKS=\" in the first rows", score_softmax, read_softmax},
      {"BMG MARS or SMART Control",
       "\"User: ...\" and \"Test name: ...\" in the first rows",
       score_bmg,
       read_bmg},
      {"EnVision",
       "\"Plate information\" above a row that begins with \"Plate\"",
       score_envision,
       read_envision},
      {"Tecan i-control, SparkControl or Magellan",
       "\"Application: ...\" or \"Device: ...\" of Tecan",
       score_tecan,
       read_tecan},
      {"Incucyte",
       "a row that begins with \"Date Time\" and \"Elapsed\"",
       score_incucyte,
       read_incucyte},
      {"Prism", "XML with <GraphPadPrismFile>", score_prism, read_prism},
      {"grid blocks",
       "A, B, ... down the side and 1, 2, ... along the top",
       score_blocks,
       read_block_source},
  };
  return forms;
}

}  // namespace kinescape::plate
