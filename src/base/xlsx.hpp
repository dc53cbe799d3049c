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
  std::size_t max_total_bytes = 512U << 20U;  ///< Of all parts read; and of the text of all cells.
  std::size_t max_cells =
      20'000'000;  ///< Kept, with the empty ones before them and shared strings.
};

/// Whether these bytes begin like a zip container (and so perhaps a workbook).
[[nodiscard]] bool looks_like_zip(std::string_view bytes);

/// All worksheets in their order in the workbook, hidden ones too, chart sheets not. Cells hold
/// what their cell shows or stores: shared and inline strings, numbers at full precision in their
/// shortest form (dates are numbers), "TRUE" and "FALSE", errors like "#DIV/0!", the last value of
/// a formula. Empty rows and columns before the data keep their place, so that cell names stay
/// right.
[[nodiscard]] Checked<std::vector<Grid>> read_xlsx(std::string_view bytes,
                                                   const std::string& file,
                                                   const XlsxLimits& limits = {});

/// A workbook from grids. Cells that read as plain numbers are stored as numbers, unless that would
/// change them ("007", a bar code of 16 digits); text beyond 32,767 characters is cut, as a cell
/// holds no more. Sheet names are mended where a spreadsheet would refuse them. Returns the file's
/// bytes; the same grids give the same bytes. UsageError: no sheet, or more cells than one can
/// hold.
[[nodiscard]] std::string write_xlsx(const std::vector<Grid>& sheets);

}  // namespace kinescape
