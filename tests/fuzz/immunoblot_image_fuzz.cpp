// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes: no crash, no message printed, no more pixels than allowed; an image that is
// read can be written and read back.
#include "fuzz.hpp"
#include "immunoblot/image.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinescape;
  immunoblot::ImageLimits limits;
  limits.max_pixels = 1U << 18U;
  limits.max_pages = 20;
  const auto read = immunoblot::read_image(fuzz::text(data, size), "f", 1, limits);
  if (!read.ok()) {
    fuzz::require(!read.problems.empty(), "a reason");
    return 0;
  }
  const auto& image = read.value;
  fuzz::require(image.pixels.size() <= limits.max_pixels, "no more pixels than allowed");
  const auto back = immunoblot::read_image(immunoblot::write_tiff(image), "f");
  fuzz::require(back.ok() && back.value.pixels == image.pixels, "written and read back");
  return 0;
}
