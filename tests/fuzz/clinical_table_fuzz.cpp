// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes: rows that are handed out end after they begin, in a known arm.
#include <algorithm>
#include <cmath>

#include "clinical/design.hpp"
#include "clinical/estimate.hpp"
#include "clinical/reconstruct.hpp"
#include "fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinescape;
  const auto text = fuzz::text(data, size);
  static_cast<void>(clinical::read_design(text, "d.toml"));
  static_cast<void>(clinical::read_series(text, "s.csv"));
  if (const auto published = clinical::read_published(text, "c.csv", text, "r.csv"); published.ok())
    static_cast<void>(clinical::reconstruct(published.value));
  const auto read = clinical::read(text, "t.csv");
  if (!read.ok()) return 0;
  for (const auto& row : read.value.rows) {
    fuzz::require(row.time_low >= 0.0 && row.time_high >= row.time_low, "times in order");
    fuzz::require(!(row.entry >= row.time_low), "entry comes first");
    fuzz::require(
        std::find(read.value.arms.begin(), read.value.arms.end(), row.arm) != read.value.arms.end(),
        "a known arm");
  }
  if (read.value.rows.size() <= 40) {
    clinical::Options options;
    options.bootstrap_draws = 5;
    static_cast<void>(clinical::estimate(read.value, options));
  }
  return 0;
}
