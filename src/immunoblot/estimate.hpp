// SPDX-License-Identifier: Apache-2.0
/// \file What do the blots say? Bands of all images, and target over total where a lane sheet says
/// what stood in each lane.
#pragma once

#include <string>
#include <vector>

#include "base/estimated.hpp"
#include "base/problem.hpp"
#include "immunoblot/measure.hpp"

namespace kinescape::immunoblot {

/// One image and what was measured on it.
struct BlotImage {
  std::string file;
  Measured measured;
};

/// Target over reference of one lane, or of all lanes of one treatment.
struct Ratio {
  std::string target, reference;  ///< Antibodies.
  std::string image, sample, line, drug;
  int lane = 0;  ///< 0: of a treatment.
  double dose_nM = unknown;
  Estimated ratio;
};

struct Estimate {
  std::vector<BlotImage> images;
  std::vector<Ratio> ratios;
  std::vector<std::string> methods, citations;
  Problems problems;  ///< Warnings that touch these results.
};

}  // namespace kinescape::immunoblot
