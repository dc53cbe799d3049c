// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes: a design that is read can be simulated, and every well then has a reading.
#include <cmath>

#include "combination/design.hpp"
#include "fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinescape;
  const auto got = combination::read_design(fuzz::text(data, size), "design.toml");
  for (const Problem& p : got.problems) {
    fuzz::require(!p.what.empty() && !p.fix.empty(), "a problem says what and how to mend it");
  }
  if (!got.ok()) return 0;
  const auto& [design, truths, noise, seed] = got.value;
  if (static_cast<double>(design.lines.size()) * design.repeats > 20.0) return 0;
  const auto plates = combination::simulate(design, truths, noise, seed.value_or(Seed{1}));
  fuzz::require(!plates.wells.empty(), "there are wells");
  for (const auto& well : plates.wells)
    fuzz::require(std::isfinite(well.signal), "a signal is a number");
  return 0;
}
