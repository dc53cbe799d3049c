// SPDX-License-Identifier: Apache-2.0
/// \file Where are the strips, lanes and bands of this picture? Found, or drawn by a person.
///
/// Pixel coordinates count from the top left corner; a box holds x0 <= x < x1, y0 <= y < y1.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/problem.hpp"
#include "immunoblot/image.hpp"

namespace kinescape::immunoblot {

struct Box {
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
  [[nodiscard]] double width() const { return x1 - x0; }
  [[nodiscard]] double height() const { return y1 - y0; }
};

/// One piece of membrane (or a whole gel): lanes that run from its top to its bottom.
struct StripBox {
  int strip = 0;  ///< From 1, top to bottom; of membranes side by side the left one's first.
  Box box;
  std::string antibody;  ///< What it was probed for, if the layout says.
};

/// One lane. A band that crosses it lies at y + tilt (x - middle) + bend (x - middle)^2.
struct LaneBox {
  int strip = 0, lane = 0;  ///< Lanes count from 1, left to right, in each strip.
  Box box;
  double shear = 0.0;  ///< Pixels that the lane moves right for each pixel down.
  double tilt = 0.0, bend = 0.0;
};

/// One band of one lane. `band` counts from 1, top to bottom, and is the same in all lanes of a
/// strip: a band that is too faint to see still has its box.
struct BandBox {
  int strip = 0, lane = 0, band = 0;
  Box box;
  double centre = 0.0;  ///< Row of its highest place at the lane's middle.
  double sigma = 4.0;   ///< Half width down the lane, for a start.
  bool seen = true;     ///< Rises from its surroundings; else its box is where its row passes.
};

/// A lane of proteins of known mass.
struct MarkerLane {
  int strip = 0;  ///< 0: this lane of every strip.
  int lane = 0;
  std::vector<double> masses_kDa;  ///< Of its bands, top to bottom.
};

struct Layout {
  std::vector<StripBox> strips;
  std::vector<LaneBox> lanes;
  std::vector<BandBox> bands;
  std::vector<MarkerLane> markers;
  std::string polarity = "auto";  ///< "bright", "dark" or "auto".
};

struct FindOptions {
  std::string polarity = "auto";
  double band_snr = 5.0;  ///< A peak this many standard errors high is seen.
};

[[nodiscard]] bool is_marker(const Layout& layout, int strip, int lane);

/// Finds strips, lanes and bands; what `given` has already is kept: strips without lanes get lanes,
/// lanes without bands get bands. A marker's bands are its own: they make no rows in the other
/// lanes. Nothing found is a Problem.
[[nodiscard]] Checked<Layout> find_layout(const Image& image,
                                          const std::string& file,
                                          const Layout& given = {},
                                          const FindOptions& options = {});

/// Reads `[[strip]]`, `[[lane]]` and `[[band]]` blocks (docs/rooms/immunoblot.md names every key);
/// boxes outside an image of this size are Problems. All problems at once.
[[nodiscard]] Checked<Layout> read_layout(std::string_view bytes,
                                          const std::string& file,
                                          int width,
                                          int height);

/// The same as a file that read_layout reads back.
[[nodiscard]] std::string write_layout(const Layout& layout);

}  // namespace kinescape::immunoblot
