// SPDX-License-Identifier: Apache-2.0
/// \file What stood in each lane? The lane sheet that turns bands into samples.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/estimated.hpp"
#include "base/problem.hpp"

namespace kinescape::immunoblot {

/// One lane of one strip: what was loaded, and what the strip was probed for.
struct LaneEntry {
  /// A marker lane holds proteins of known mass; lanes of a dilution series hold one lysate at the
  /// loads `load_ug`.
  enum class Role { sample, marker, dilution } role = Role::sample;
  std::string image;     ///< File name, with or without folder and ending; empty: the only image.
  std::string membrane;  ///< Membranes share an effect; empty: each image is one.
  int strip = 0;         ///< 0: told from the antibody.
  int lane = 0;
  int band = 0;  ///< 0: the strongest band of the strip.
  std::string sample, line, drug, antibody;
  double dose_nM = 0.0;      ///< 0: no drug.
  double time_h = unknown;   ///< Since the drug came or went; NaN: no time course.
  double load_ug = unknown;  ///< Protein in the lane.
  bool whole_lane = false;   ///< All that stands in the lane: a total-protein stain.
  /// Of a marker: its bands', top to bottom. Else at most one: where the target is expected.
  std::vector<double> masses_kDa;
  Where where;
};

struct LaneSheet {
  std::string file;
  std::vector<LaneEntry> entries;
};

/// Columns `lane, sample, line, drug, dose_nM, antibody`, and where needed `image`, `strip`,
/// `band`, `membrane`, `role` (sample, marker, dilution), `mass_kDa`, `load_ug`, `time_h`,
/// `measure` (band, lane). Doses and times may bear another unit (`dose_uM`, `time_min`). All
/// problems at once.
[[nodiscard]] Checked<LaneSheet> read_lane_sheet(std::string_view bytes, const std::string& file);

}  // namespace kinescape::immunoblot
