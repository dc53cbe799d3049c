// SPDX-License-Identifier: Apache-2.0
/// \file How much less of each drug is needed together? Median-effect lines, combination index and
/// dose-reduction index (Chou & Talalay 1984, doi:10.1016/0065-2571(84)90007-4; Chou 2006,
/// doi:10.1124/pr.58.3.10), and isoboles.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "combination/block.hpp"
#include "combination/surface.hpp"

namespace kinescape::combination {

/// log(fa / fu) = m log(D / Dm) of one agent alone.
struct MedianLine {
  double m = unknown, dm_nM = unknown, r = unknown;  ///< r: correlation of the line.
  int points = 0;  ///< Doses with an affected fraction strictly between 0 and 1.
};

struct IndexCell {
  std::array<double, most_drugs> dose_nM{};
  double affected = unknown;           ///< 1 - viability.
  double combination_index = unknown;  ///< Below 1: less is needed than doses that add up.
  std::array<double, most_drugs> dose_reduction{};  ///< Alone over together, of each drug.
};

struct MedianEffect {
  std::vector<MedianLine> lines;
  std::vector<IndexCell> cells;
  /// Geometric mean over the cells with 5 to 95 % affected.
  Estimated combination_index;
  /// The same of each drug's dose-reduction index.
  std::vector<Estimated> dose_reduction;
};

/// Point values; `combination_index` and `dose_reduction` get their values only. With cells past
/// what the line of an agent reaches nothing is undefined here: median-effect lines run to 100 %.
[[nodiscard]] MedianEffect median_effect(const Surface& surface);

/// Dose pairs of equal effect: on the line of additive doses, and on the fitted surface.
struct Isobologram {
  struct Point {
    double dose_a_nM = unknown, dose_b_nM = unknown;
  };
  double level = unknown;  ///< Viability of the isobole.
  double alone_a_nM = unknown, alone_b_nM = unknown;
  std::vector<Point> fitted;    ///< Along the MuSyC surface.
  std::vector<Point> measured;  ///< Interpolated along rows and columns of the matrix.
  std::string why;              ///< When there is none.
};

/// The isobole at the viability halfway between no drug and the weaker drug's maximum effect, or at
/// half of vehicle where both agents alone reach that.
[[nodiscard]] Isobologram isobologram(const Surface& surface, const SurfaceFit& fit);

}  // namespace kinescape::combination
