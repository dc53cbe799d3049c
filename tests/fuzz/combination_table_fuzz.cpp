// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes: a table of combinations is read or refused with reasons, and blocks that were
// read can be checked and sorted into cells.
#include <cmath>

#include "combination/read.hpp"
#include "fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinescape;
  combination::ReadOptions options;
  options.response = "viability";
  options.dose_unit = "nM";
  const auto got = combination::read(fuzz::text(data, size), "matrix.csv", options);
  for (const Problem& p : got.problems) {
    fuzz::require(!p.what.empty() && !p.fix.empty(), "a problem says what and how to mend it");
  }
  if (!got.ok()) return 0;
  for (const combination::Block& b : got.value) {
    fuzz::require(b.drugs.size() >= 2 && b.drugs.size() <= combination::most_drugs, "two to four");
    for (const combination::Well& w : b.wells) {
      fuzz::require(std::isfinite(w.viability), "a viability is a number");
      for (const double d : w.dose_nM) fuzz::require(d >= 0.0 && d <= 1e9, "a dose dissolves");
    }
    double cells = 1.0;
    for (std::size_t k = 0; k < b.drugs.size(); ++k)
      cells *= static_cast<double>(b.wells.size() + 1);
    if (cells < 1e5) (void)combination::cells_of(b);
  }
  for (const Problem& p : combination::check(got.value)) {
    fuzz::require(!p.what.empty() && !p.fix.empty(), "a problem says what and how to mend it");
  }
  return 0;
}
