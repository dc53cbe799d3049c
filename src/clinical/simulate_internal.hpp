// SPDX-License-Identifier: Apache-2.0
/// \file A virtual trial before anyone looks at it, so that one can look at it on any date.
#pragma once

#include <string>
#include <vector>

#include "clinical/design.hpp"

namespace kinescape::clinical {

/// Months; `entry` on the trial's calendar, the others from it.
struct Fate {
  std::string patient, arm;
  double entry, event, followed;  // event: infinite, if it never comes
};
[[nodiscard]] std::vector<Fate> fates_of(const Design& design, const Truth& truth, Seed seed);

/// What is known at `date` on the calendar (infinite: at the end) of those who have entered.
[[nodiscard]] Table table_at(const Design& design, const std::vector<Fate>& fates, double date);

}  // namespace kinescape::clinical
