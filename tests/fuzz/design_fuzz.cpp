// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes: a design that is read can be simulated, and every well then has a reading.
#include <cmath>

#include "fuzz.hpp"
#include "viability/design.hpp"
#include "viability/design_file.hpp"

namespace {

/// Wells that are treated, as far as they fit a double: large designs are slow, not wrong.
double treated_wells(const kinescape::viability::Design& d) {
  double doses = 0.0;
  for (const auto& of : d.doses_of) doses += static_cast<double>(of.doses_nM.size());
  const double controls = d.vehicle_wells + d.blank_wells + d.positive_wells + d.day0_wells;
  return static_cast<double>(d.lines.size()) * d.repeats * (doses * d.wells_per_dose + controls);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinescape;
  const auto got = viability::read_design(fuzz::text(data, size), "design.toml");
  for (const Problem& p : got.problems) {
    fuzz::require(!p.what.empty() && !p.fix.empty(), "a problem says what and how to mend it");
  }
  if (!got.ok()) return 0;
  const auto& [design, truth, noise, seed] = got.value;
  if (treated_wells(design) > 3000.0) return 0;
  const auto plates = viability::simulate(design, truth, noise, seed.value_or(Seed{1}));
  fuzz::require(!plates.wells.empty(), "there are wells");
  for (const auto& well : plates.wells) {
    fuzz::require(well.reading != plate::Reading::measured || std::isfinite(well.signal),
                  "a measured signal is a number");
    fuzz::require(well.position.row >= 0 && well.position.row < design.format.rows &&
                      well.position.column >= 0 && well.position.column < design.format.columns,
                  "a well lies on its plate");
  }
  return 0;
}
