// SPDX-License-Identifier: Apache-2.0
/// \file Worksheets in and out. Reading is capped and checks every offset the file claims: a
/// truncated or hostile workbook is a Problem, never a crash or a full memory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/table.hpp"

namespace kinescape {

struct XlsxLimits {
  std::size_t max_part_bytes = 256U << 20U;   ///< Uncompressed size of one part.
  std::size_t max_total_bytes = 512U << 20U;  ///< Of all parts read.
  std::size_t max_cells = 20'000'000;
};

/// Whether these bytes begin like a zip container (and so perhaps a workbook).
[[nodiscard]] bool looks_like_zip(std::string_view bytes);

/// All worksheets in their order in the workbook, values as their cell shows or stores them
/// (shared and inline strings, numbers at full precision, booleans, errors like "#DIV/0!" as text).
/// Empty rows and columns before the data keep their place, so that cell names stay right.
[[nodiscard]] Checked<std::vector<Grid>> read_xlsx(std::string_view bytes,
                                                   const std::string& file,
                                                   const XlsxLimits& limits = {});

/// A workbook from grids: cells that read as plain numbers are stored as numbers. Returns the
/// file's bytes; the same grids give the same bytes.
[[nodiscard]] std::string write_xlsx(const std::vector<Grid>& sheets);

}  // namespace kinescape
