// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes, as a container or as one part of a sound one: no crash, and no more memory
// than the limits allow. A workbook that is read can be written and read back.
#include "base/xlsx.hpp"
#include "base/zip_internal.hpp"
#include "fuzz.hpp"

namespace {

using namespace kinescape;

void read_and_write(std::string_view bytes, const XlsxLimits& limits) {
  const auto sheets = read_xlsx(bytes, "f.xlsx", limits);
  if (!sheets.ok()) return;
  std::size_t cells = 0;
  for (const Grid& sheet : sheets.value) {
    for (std::size_t r = 0; r < sheet.rows(); ++r) cells += sheet.columns(r);
  }
  fuzz::require(cells <= limits.max_cells, "no more cells than allowed");
  const auto back = read_xlsx(write_xlsx(sheets.value), "f.xlsx");
  fuzz::require(back.ok() && back.value.size() == sheets.value.size(), "written and read back");
  for (std::size_t i = 0; i < sheets.value.size(); ++i) {
    for (std::size_t r = 0; r < sheets.value[i].rows(); ++r) {
      for (std::size_t c = 0; c < sheets.value[i].columns(r); ++c) {
        fuzz::require(back.value[i].at(r, c) == sheets.value[i].at(r, c), "the same cell");
      }
    }
  }
}

/// A sound workbook in which the part number `which` is replaced.
std::string workbook_with(unsigned which, std::string part) {
  Grid grid("", "S");
  grid.add_row({"a", "1"}, 1);
  const std::string bytes = write_xlsx({grid});
  ZipParts sound(bytes, 1U << 20U, 1U << 20U);
  std::vector<std::pair<std::string, std::string>> parts;
  for (const auto* name : {"xl/workbook.xml",
                           "xl/_rels/workbook.xml.rels",
                           "xl/worksheets/sheet1.xml",
                           "_rels/.rels"}) {
    parts.emplace_back(name, sound.read(name).bytes);
  }
  parts[which % parts.size()].second = std::move(part);
  return zip_of(parts);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  XlsxLimits limits;
  limits.max_part_bytes = limits.max_total_bytes = 1U << 20U;
  limits.max_cells = 20'000;
  const std::string_view bytes = fuzz::text(data, size);
  if (looks_like_zip(bytes)) {
    read_and_write(bytes, limits);
  } else if (!bytes.empty()) {
    read_and_write(workbook_with(data[0], std::string(bytes.substr(1))), limits);
  }
  return 0;
}
