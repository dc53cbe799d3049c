// SPDX-License-Identifier: Apache-2.0
// Membranes that lie side by side in one picture: where is the table seen between them?
#include <algorithm>
#include <cmath>

#include "immunoblot/find_internal.hpp"

namespace kinescape::immunoblot {
namespace {

constexpr double bright_share = 0.9;  ///< Of a column: it is the table's if so much of it is dark.
constexpr double dark_share = 0.35;   ///< Of the way from the table to the membrane.
constexpr double least_contrast = 0.06;  ///< Of the membrane's level; less is unevenness.
constexpr int stretches = 20;            ///< Of the picture, each about as wide as a lane of many.
constexpr int narrowest = 4;             ///< Pixels of a gap.
constexpr double least_membrane = 0.1;   ///< Of the picture's width, on either side of a gap.

}  // namespace

std::vector<int> between_membranes(const Plane& plane,
                                   const PixelNoise& noise,
                                   const std::vector<Row>& rows) {
  std::vector<int> out;
  double top = plane.height, bottom = 0.0;
  for (const Row& row : rows) {
    if (row.covered() < plane.width / 12) continue;
    const double y = row.y_at(0.5 * (row.first() + row.last()));
    top = std::min(top, y), bottom = std::max(bottom, y);
  }
  const int from = std::max(0, int(top) - 20), to = std::min(plane.height, int(bottom) + 20);
  if (to - from < 20) return out;
  // A column is a band's, a gap's between lanes or the table's by what is bright in it.
  std::vector<double> level;
  for (int x = 0; x < plane.width; ++x) {
    std::vector<double> column;
    for (int y = from; y < to; ++y) column.push_back(double(plane.at(x, y)));
    level.push_back(quantile_of(smoothed(column, 2.0), bright_share));
  }
  level = smoothed(level, 1.0);
  // The membrane is what most stretches of the picture fall to: between lanes, or under their
  // bands.
  std::vector<double> lowest;
  for (int k = 0; k < stretches; ++k) {
    const auto at = [&](int i) { return level.begin() + plane.width * i / stretches; };
    lowest.push_back(*std::min_element(at(k), at(k + 1)));
  }
  const double table = std::ranges::min(lowest), membrane = median_of(std::move(lowest));
  const double error = std::sqrt(noise.variance(membrane));
  if (membrane - table < std::max(least_contrast * membrane, error)) return out;
  const double limit = table + dark_share * (membrane - table);
  int last_bright = -1, bright = 0;
  for (int x = 0; x < plane.width; ++x) {
    if (level[std::size_t(x)] <= limit) continue;
    const int gap = x - last_bright - 1;
    if (gap >= narrowest && bright >= least_membrane * plane.width) {
      out.push_back(last_bright + gap / 2);
      bright = 0;
    }
    last_bright = x, ++bright;
  }
  if (bright < least_membrane * plane.width && !out.empty()) out.pop_back();
  return out;
}

}  // namespace kinescape::immunoblot
