// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes: visits that are handed out are whole, and each mouse is in one arm.
#include <algorithm>
#include <cmath>

#include "fuzz.hpp"
#include "xenograft/design.hpp"
#include "xenograft/estimate.hpp"
#include "xenograft/experiment.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinescape;
  const auto text = fuzz::text(data, size);
  static_cast<void>(xenograft::read_design(text, "d.toml"));
  const auto read = xenograft::read(text, "t.csv");
  if (!read.ok()) return 0;
  for (const auto& animal : read.value.animals) {
    fuzz::require(std::find(read.value.arms.begin(), read.value.arms.end(), animal.arm) !=
                      read.value.arms.end(),
                  "a known arm");
    for (std::size_t i = 0; i < animal.visits.size(); ++i) {
      const auto& v = animal.visits[i];
      fuzz::require(std::isfinite(v.day), "a visit has its day");
      fuzz::require(!(v.volume_mm3 < 0.0), "no negative volume");
      if (i > 0) fuzz::require(v.day > animal.visits[i - 1].day, "days rise");
    }
    static_cast<void>(xenograft::describe(animal, {}));
  }
  return 0;
}
