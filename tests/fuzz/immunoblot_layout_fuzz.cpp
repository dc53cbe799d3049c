// SPDX-License-Identifier: Apache-2.0
// Whatever the layout: no crash; boxes inside the image; what is read can be written and read back.
#include "fuzz.hpp"
#include "immunoblot/layout.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinescape;
  const auto read = immunoblot::read_layout(fuzz::text(data, size), "f", 1000, 800);
  if (!read.ok()) return 0;
  for (const auto& b : read.value.bands) {
    fuzz::require(b.box.x0 >= 0 && b.box.x1 <= 1000 && b.box.y0 >= 0 && b.box.y1 <= 800, "inside");
  }
  const auto back = immunoblot::read_layout(immunoblot::write_layout(read.value), "f", 1000, 800);
  fuzz::require(back.value.bands.size() == read.value.bands.size(), "written and read back");
  return 0;
}
