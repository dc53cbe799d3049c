// SPDX-License-Identifier: Apache-2.0
#include "plate/columns_internal.hpp"
#include "plate/tidy_internal.hpp"
#include "plate_form.hpp"

namespace {

kinescape::Checked<kinescape::plate::PlateSet> read_first_table(
    const kinescape::plate::Source& source, const kinescape::plate::ReadOptions& options) {
  for (const kinescape::Grid& grid : source.grids) {
    if (const auto header = kinescape::plate::find_header(grid, true)) {
      auto told = options;
      told.dose_unit = "uM";
      told.response = "viability";
      return kinescape::plate::read_tidy(grid, *header, told);
    }
  }
  return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return kinescape::fuzz::read_as(read_first_table, data, size);
}
