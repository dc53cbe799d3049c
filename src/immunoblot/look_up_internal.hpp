// SPDX-License-Identifier: Apache-2.0
/// \file Which band of which picture does a row of the lane sheet speak of?
#pragma once

#include <vector>

#include "immunoblot/estimate.hpp"

namespace kinescape::immunoblot {

/// What was found for a row of the sheet: a band, or a whole lane.
struct Found {
  const LaneEntry* entry;
  BlotImage* image;
  BandResult* band;  ///< Null: the whole lane.
  LaneResult* lane;
  [[nodiscard]] const Estimated& volume() const { return band ? band->volume : lane->total; }
};

[[nodiscard]] BlotImage* image_of(const LaneEntry& entry, Estimate& estimate);

/// Rows that are samples or dilutions; problems where there is no such image, strip, lane or band.
/// A row that names no band has the one nearest to its expected mass where a marker tells masses,
/// else the strongest of its strip.
[[nodiscard]] std::vector<Found> look_up(const LaneSheet& sheet,
                                         Estimate& estimate,
                                         Problems& problems);

/// Bands that run far from the mass that their rows declare: one warning for each antibody and
/// image.
[[nodiscard]] Problems far_from_mass(const std::vector<Found>& found);

/// Linear ranges of all dilution series; bands above theirs become bounds.
void apply_ranges(const std::vector<Found>& found, double level, Estimate& estimate);

}  // namespace kinescape::immunoblot
