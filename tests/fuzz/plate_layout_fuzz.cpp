// SPDX-License-Identifier: Apache-2.0
#include "plate_form.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view layout(reinterpret_cast<const char*>(data), size);
  const auto got = kinescape::plate::read_plates(
      "plate,well,signal\nP1,A1,0.5\nP1,A2,0.6\nP1,B2,0.7\nP2,C3,OVER\n", "data.csv", layout, {});
  if (got.ok()) kinescape::fuzz::hold_promises(got.value);
  return 0;
}
