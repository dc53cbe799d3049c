// SPDX-License-Identifier: Apache-2.0
#include "plate/formats/formats_internal.hpp"
#include "plate_form.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return kinescape::fuzz::read_as(kinescape::plate::read_softmax, data, size);
}
