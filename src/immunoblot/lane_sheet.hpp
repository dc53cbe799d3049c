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
  std::string image;     ///< File name, with or without folder and ending; empty: the only image.
  std::string membrane;  ///< Membranes share an effect; empty: each image is one.
  int strip = 0;         ///< 0: told from the antibody.
  int lane = 0;
  int band = 0;  ///< 0: the strongest band of the strip.
  std::string sample, line, drug, antibody;
  double dose_nM = 0.0;  ///< 0: no drug.
  Where where;
};

struct LaneSheet {
  std::string file;
  std::vector<LaneEntry> entries;
};

/// Columns `lane, sample, line, drug, dose_nM, antibody`, and where needed `image`, `strip`,
/// `band`, `membrane`. The dose column may bear another unit (`dose_uM`). All problems at once.
[[nodiscard]] Checked<LaneSheet> read_lane_sheet(std::string_view bytes, const std::string& file);

}  // namespace kinescape::immunoblot
