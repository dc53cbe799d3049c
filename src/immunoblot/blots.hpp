// SPDX-License-Identifier: Apache-2.0
/// \file From the files of blots to an estimate: pictures, boxes that a person drew, the lane
/// sheet.
#pragma once

#include <string>
#include <vector>

#include "base/problem.hpp"
#include "immunoblot/estimate.hpp"
#include "immunoblot/image.hpp"

namespace kinescape::immunoblot {

/// The files of one experiment.
struct BlotFiles {
  std::vector<std::string> images;
  std::string layout;   ///< Boxes to use instead of those that are found; for one image only.
  std::string sheet;    ///< Lane sheet; empty: bands only.
  std::string loading;  ///< Loading table of a protein assay; empty: none.
  int page = 1;         ///< Of each TIFF.
};

/// What the files hold, before anything is measured.
struct Blots {
  struct One {
    std::string file;
    Image image;
    Layout given;
  };
  std::vector<One> images;
  LaneSheet sheet;  ///< Without entries: none was given.
  std::vector<SampleLoad> loads;
};

/// Reads everything; all problems of all files.
[[nodiscard]] Checked<Blots> read_blots(const BlotFiles& files);

struct BlotOptions {
  FindOptions find;
  MeasureOptions measure;
  RatioOptions ratios;
  bool pictures = true;  ///< Draw the overlays.
};

/// Finds, measures and joins. Errors: a picture without lanes, a sheet that does not fit.
[[nodiscard]] Checked<Estimate> estimate_blots(const Blots& blots, const BlotOptions& options);

}  // namespace kinescape::immunoblot
