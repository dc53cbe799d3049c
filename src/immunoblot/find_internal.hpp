// SPDX-License-Identifier: Apache-2.0
/// \file The steps from a picture to its layout.
#pragma once

#include <vector>

#include "immunoblot/layout.hpp"
#include "immunoblot/measure.hpp"
#include "immunoblot/plane_internal.hpp"

namespace kinescape::immunoblot {

/// A ridge followed from column to column: where it is highest, how high it stands above both its
/// sides, and its half width.
struct Track {
  std::vector<int> x;
  std::vector<double> y, height, sigma;
  [[nodiscard]] int first() const { return x.front(); }
  [[nodiscard]] int last() const { return x.back(); }
};

/// Bands side by side: tracks chained from left to right.
struct Row {
  std::vector<Track> tracks;
  [[nodiscard]] int first() const { return tracks.front().first(); }
  [[nodiscard]] int last() const { return tracks.back().last(); }
  [[nodiscard]] int covered() const;          ///< Columns with a ridge.
  [[nodiscard]] double y_at(double x) const;  ///< Between tracks along straight lines.
  [[nodiscard]] double slope() const;
  [[nodiscard]] double sigma() const;   ///< Median half width.
  [[nodiscard]] double height() const;  ///< Median.
};

[[nodiscard]] std::vector<Track> follow_ridges(const Plane& plane, const PixelNoise& noise);
[[nodiscard]] std::vector<Row> chain(std::vector<Track> tracks, int width);

/// Height of the row above its sides in each column of the plane, along the row.
[[nodiscard]] std::vector<double> along(const Plane& plane, const Row& row);

/// Cuts of a profile along a row into lanes.
struct Cuts {
  std::vector<double> edges;  ///< Ascending; lanes lie between neighbours. Empty: none found.
  double score = 0.0;
  double pitch = 0.0;
};
[[nodiscard]] Cuts cut_lanes(const std::vector<double>& profile, int first, int last);

/// Rows that share their lanes.
struct RowGroup {
  std::vector<Row> rows;
  std::vector<double> profile;  ///< Of all rows, each moved to where lanes cross row 0.
  Cuts cuts;
  double slope = 0.0, y_reference = 0.0;
};
[[nodiscard]] std::vector<RowGroup> group_rows(const Plane& plane, std::vector<Row> rows);
/// `may_lean`: lanes may be sheared against the picture's upright.
[[nodiscard]] RowGroup group_of(const Plane& plane, std::vector<Row> rows, bool may_lean);

/// Where rows fill their strip: lanes by the profile of the whole strip across them, sheared to
/// where its gaps are darkest. Other groups stay as they are. Whether this one was full: so many
/// rows, and half of its height within one.
inline constexpr std::size_t full_strip_rows = 6;
bool project(const Plane& plane, RowGroup& group);

/// Columns where one membrane ends and the next begins: dark from the highest row to the lowest,
/// with membrane on either side.
[[nodiscard]] std::vector<int> between_membranes(const Plane& plane,
                                                 const PixelNoise& noise,
                                                 const std::vector<Row>& rows);

/// Whether an edge or a gap of the membrane runs between two rows. Between the many bands of a full
/// strip their own light lies beside the lanes, too: there a seam must be seen as far out as we
/// look.
enum class Between { rows, bands_of_a_full_strip };
[[nodiscard]] bool parted(const Plane& plane,
                          const Row& above,
                          const Row& below,
                          double& at,
                          Between what = Between::rows);

/// The lane's values summed over its columns, bands made level. Rows y0..y1 of the lane's box.
struct LaneProfile {
  int top = 0;                   ///< Row of the first entry.
  std::vector<double> sum;       ///< Of pixel values over the width.
  std::vector<double> variance;  ///< Of `sum`, by the camera's noise.
  std::vector<double> beside;    ///< Level beside the lane, per pixel; NaN: lanes touch.
  int columns = 0;
};
[[nodiscard]] LaneProfile lane_profile(const Signal& signal, const LaneBox& lane);

/// Bands of all lanes of one strip.
void find_bands(const Signal& signal, int strip, const FindOptions& options, Layout& layout);

/// find_layout and measure on one signal: removing dust costs as much as the search.
[[nodiscard]] Signal signal_to_search(const Image& image,
                                      const Layout& given,
                                      const FindOptions& options);
[[nodiscard]] Checked<Layout> find_layout_in(const Signal& signal,
                                             const std::string& file,
                                             const Layout& given,
                                             const FindOptions& options);
[[nodiscard]] Measured measure_in(const Signal& signal,
                                  const Image& image,
                                  const Layout& layout,
                                  const MeasureOptions& options);

}  // namespace kinescape::immunoblot
