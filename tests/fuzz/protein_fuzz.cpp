// SPDX-License-Identifier: Apache-2.0
// Whatever the table: no crash, and an estimate of what was read does not crash either. An estimate
// takes a hundred times as long as reading: one input in sixteen gets one.
#include "fuzz.hpp"
#include "immunoblot/protein.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinescape;
  const auto read = immunoblot::read_protein(fuzz::text(data, size), "f");
  if (!read.ok() || size == 0 || data[size - 1] % 16 != 0) return 0;
  if (read.value.wells.size() > 40) return 0;
  const auto estimated = immunoblot::estimate_protein(read.value);
  fuzz::require(estimated.ok() || !estimated.problems.empty(), "a result or a reason");
  return 0;
}
