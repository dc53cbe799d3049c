// SPDX-License-Identifier: Apache-2.0
// From a picture to its layout: rows of bands, the strips they lie on, the lanes they share.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "immunoblot/bands_internal.hpp"
#include "immunoblot/find_internal.hpp"

namespace kinescape::immunoblot {
namespace {

constexpr int search_size = 1500;  ///< Longer pictures are searched at a coarser grid.

double middle(const Row& row) {
  return row.y_at(0.5 * (row.first() + row.last()));
}

/// Highest and lowest place of a row.
std::pair<double, double> reach(const Row& row) {
  double low = 1e300, high = -1e300;
  for (const Track& t : row.tracks) {
    for (const double y : t.y) low = std::min(low, y), high = std::max(high, y);
  }
  return {low, high};
}

struct Span {
  double x0, x1;
};

/// Lanes between the cuts, without those at the ends that hold next to nothing.
std::vector<Span> spans_of(const RowGroup& group) {
  std::vector<Span> spans;
  const auto& e = group.cuts.edges;
  for (std::size_t i = 1; i < e.size(); ++i) {
    if (e[i] >= 0.0 && e[i - 1] >= 0.0) spans.push_back({e[i - 1], e[i]});
  }
  const auto highest = [&](const Span& s) {
    double h = 0.0;
    for (int x = int(s.x0); x < int(s.x1); ++x) h = std::max(h, group.profile[std::size_t(x)]);
    return h;
  };
  std::vector<double> heights, widths;
  for (const Span& s : spans) heights.push_back(highest(s)), widths.push_back(s.x1 - s.x0);
  const double usual = median_of(heights), width = median_of(widths);
  const auto poor = [&](const Span& s) {
    return highest(s) < 0.08 * usual || s.x1 - s.x0 < 0.35 * width;
  };
  while (!spans.empty() && poor(spans.back())) spans.pop_back();
  while (!spans.empty() && poor(spans.front())) spans.erase(spans.begin());
  std::erase_if(spans, [&](const Span& s) { return s.x1 - s.x0 < 0.35 * width; });
  // A mark beside the lanes stands apart from them, and is fainter.
  std::vector<double> gaps;
  for (std::size_t i = 1; i < spans.size(); ++i) gaps.push_back(spans[i].x0 - spans[i - 1].x1);
  const double apart = 3.0 * median_of(gaps) + 0.5 * width;
  while (spans.size() > 2 && spans.back().x0 - spans[spans.size() - 2].x1 > apart &&
         highest(spans.back()) < 0.5 * usual) {
    spans.pop_back();
  }
  while (spans.size() > 2 && spans[1].x0 - spans[0].x1 > apart && highest(spans[0]) < 0.5 * usual) {
    spans.erase(spans.begin());
  }
  return spans;
}

/// Tilt and bend of the rows within a lane: weighted least squares over all rows that cross it.
/// Where none crosses half of it, the lane is too faint to say, and runs as its neighbours do.
void level(const RowGroup& group, LaneBox& lane) {
  const double middle_x = 0.5 * (lane.box.x0 + lane.box.x1);
  double s2 = 0, s3 = 0, s4 = 0, s1y = 0, s2y = 0;  // weighted sums of x^2, x^3, x^4, xy, x^2 y
  double most = 0.0, chord = 0.0;
  for (const Row& row : group.rows) {
    const double y0 = row.y_at(middle_x);
    double crossed = 0.0;
    chord += (row.y_at(middle_x + lane.box.width()) - row.y_at(middle_x - lane.box.width())) / 2.0 /
             lane.box.width() / double(group.rows.size());
    for (const Track& t : row.tracks) {
      for (std::size_t i = 0; i < t.x.size(); ++i) {
        if (t.x[i] < lane.box.x0 || t.x[i] >= lane.box.x1) continue;
        crossed += 1.0;
        const double x = t.x[i] - middle_x, y = t.y[i] - y0, w = t.height[i];
        s2 += w * x * x, s3 += w * x * x * x, s4 += w * x * x * x * x;
        s1y += w * x * y, s2y += w * x * x * y;
      }
    }
    most = std::max(most, crossed);
  }
  if (most < 0.5 * lane.box.width()) {
    lane.tilt = std::clamp(chord, -0.25, 0.25);
    return;
  }
  const double determinant = s2 * s4 - s3 * s3;
  lane.tilt = s1y / s2;
  if (determinant > 1e-9 * s2 * s4) {
    lane.tilt = (s1y * s4 - s2y * s3) / determinant;
    lane.bend = (s2y * s2 - s1y * s3) / determinant;
  }
  const double half = 0.5 * lane.box.width();
  lane.tilt = std::clamp(lane.tilt, -0.25, 0.25);
  lane.bend = std::clamp(lane.bend, -0.15 / half, 0.15 / half);
}

void add_strip(const Plane& plane, const RowGroup& group, double from, double to, Layout& layout) {
  const auto spans = spans_of(group);
  if (spans.empty()) return;
  double top = 1e300, bottom = -1e300, sigma = 0.0;
  for (const Row& row : group.rows) {
    const auto [low, high] = reach(row);
    top = std::min(top, low), bottom = std::max(bottom, high);
    sigma = std::max(sigma, row.sigma());
  }
  const double margin = std::max(6.0 * sigma, 0.02 * plane.height);
  StripBox strip;
  strip.strip = static_cast<int>(layout.strips.size()) + 1;
  strip.box = {spans.front().x0,
               std::max({0.0, from, top - margin}),
               spans.back().x1,
               std::min({double(plane.height), to, bottom + margin})};
  int number = 0;
  for (const Span& s : spans) {
    LaneBox lane;
    lane.strip = strip.strip;
    lane.lane = ++number;
    lane.box = {s.x0, strip.box.y0, s.x1, strip.box.y1};
    lane.shear = group.slope;
    level(group, lane);
    // A lane leaves its strip's window where its own rows run higher or lower.
    double low = 1e300, high = -1e300;
    for (const Row& row : group.rows) {
      const double y = row.y_at(0.5 * (s.x0 + s.x1));
      low = std::min(low, y), high = std::max(high, y);
    }
    lane.box.y0 = std::max({0.0, from - (top - low), low - margin});
    lane.box.y1 = std::min({double(plane.height), to + (high - bottom), high + margin});
    layout.lanes.push_back(lane);
  }
  layout.strips.push_back(strip);
}

void scale_up(Layout& layout, double k) {
  const auto scale = [k](Box& b) { b.x0 *= k, b.y0 *= k, b.x1 *= k, b.y1 *= k; };
  for (StripBox& s : layout.strips) scale(s.box);
  for (LaneBox& l : layout.lanes) {
    scale(l.box);
    l.bend /= k;
  }
}

Plane cropped(const Plane& plane, const Box& box) {
  const int x0 = std::clamp(int(box.x0), 0, plane.width - 1),
            x1 = std::clamp(int(box.x1), x0 + 1, plane.width);
  const int y0 = std::clamp(int(box.y0), 0, plane.height - 1),
            y1 = std::clamp(int(box.y1), y0 + 1, plane.height);
  Plane out(x1 - x0, y1 - y0);
  for (int y = y0; y < y1; ++y) {
    std::copy_n(plane.v.data() + plane.index(x0, y), x1 - x0, out.v.data() + out.index(0, y - y0));
  }
  return out;
}

std::vector<Row> rows_in(const Plane& plane, const PixelNoise& noise) {
  if (plane.width < 24 || plane.height < 12) return {};
  return chain(follow_ridges(plane, noise), plane.width);
}

std::vector<RowGroup> groups_in(const Plane& plane, const PixelNoise& noise) {
  return group_rows(plane, rows_in(plane, noise));
}

/// Rows between the seams above and below a strip.
struct Reach {
  double from, to;
};

/// Strips of one membrane, or of several below each other, by their rows.
Layout strips_of(const Plane& plane,
                 const std::vector<RowGroup>& groups,
                 std::vector<Reach>& reaches) {
  Layout layout;
  double from = 0.0;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    double to = plane.height;
    if (i + 1 < groups.size()) {
      const Row &last = groups[i].rows.back(), &next = groups[i + 1].rows.front();
      if (!parted(plane, last, next, to)) to = 0.5 * (middle(last) + middle(next));
    }
    const std::size_t before = layout.strips.size();
    add_strip(plane, groups[i], from, to, layout);
    if (layout.strips.size() > before) reaches.push_back({from, to});
    from = to;
  }
  return layout;
}

/// Each part of the picture between `cuts` by itself; empty if one of them has no lanes.
Layout side_by_side(const Plane& plane,
                    const PixelNoise& noise,
                    std::vector<int> cuts,
                    std::vector<Reach>& reaches) {
  Layout layout;
  cuts.push_back(plane.width);
  int from = 0;
  for (const int to : cuts) {
    const Plane part = cropped(plane, {double(from), 0.0, double(to), double(plane.height)});
    const Layout found = strips_of(part, groups_in(part, noise), reaches);
    if (found.lanes.size() < 2) return {};
    const int before = int(layout.strips.size());
    for (StripBox s : found.strips) {
      s.strip += before, s.box.x0 += from, s.box.x1 += from;
      layout.strips.push_back(s);
    }
    for (LaneBox l : found.lanes) {
      l.strip += before, l.box.x0 += from, l.box.x1 += from;
      layout.lanes.push_back(l);
    }
    from = to;
  }
  return layout;
}

Layout strips_and_lanes(const Signal& signal, std::vector<Reach>& reaches) {
  const int k = std::max(1, std::max(signal.plane.width, signal.plane.height) / search_size);
  const Plane plane = binned(signal.plane, k);
  PixelNoise noise = signal.noise;
  noise.floor /= k * k, noise.gain /= k * k;
  const auto rows = rows_in(plane, noise);
  Layout layout;
  if (const auto cuts = between_membranes(plane, noise, rows); !cuts.empty())
    layout = side_by_side(plane, noise, cuts, reaches);
  if (layout.lanes.empty()) {
    reaches.clear();
    layout = strips_of(plane, group_rows(plane, rows), reaches);
  }
  scale_up(layout, k);
  for (Reach& r : reaches) r.from *= k, r.to *= k;
  return layout;
}

/// Lanes of a strip that a person drew.
void lanes_of(const Signal& signal, const StripBox& strip, Layout& layout) {
  const Plane part = cropped(signal.plane, strip.box);
  Layout found;
  auto groups = groups_in(part, signal.noise);
  if (groups.empty()) return;
  std::vector<Row> rows;
  for (RowGroup& g : groups) rows.insert(rows.end(), g.rows.begin(), g.rows.end());
  RowGroup whole = group_of(part, std::move(rows), true);
  project(part, whole);
  add_strip(part, whole, 0.0, part.height, found);
  for (LaneBox lane : found.lanes) {
    lane.strip = strip.strip;
    lane.box.x0 += strip.box.x0, lane.box.x1 += strip.box.x0;
    lane.box.y0 = strip.box.y0, lane.box.y1 = strip.box.y1;
    layout.lanes.push_back(lane);
  }
}

/// The place of one more lane among a strip's `lanes`, as number `number` of them from 1: beside
/// the outermost, or in a hole that is wide enough for one. No width where there is no place.
LaneBox place_for(const std::vector<LaneBox>& lanes, int number, const Reach& reach) {
  constexpr double hole = 1.6;  ///< Distances of lanes.
  std::vector<double> pitch, width;
  const auto middle_of = [](const LaneBox& l) { return 0.5 * (l.box.x0 + l.box.x1); };
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    width.push_back(lanes[i].box.width());
    if (i > 0) pitch.push_back(middle_of(lanes[i]) - middle_of(lanes[i - 1]));
  }
  const double step = median_of(pitch), half = 0.5 * median_of(width);
  const auto n = int(lanes.size());
  LaneBox out = lanes[std::size_t(std::clamp(number - 1, 0, n - 1))];
  double middle = middle_of(out);
  if (number == 1) {
    middle -= step;
  } else if (number == n + 1) {
    middle += step;
  } else {
    const double gap = number > n + 1 ? 0.0 : pitch[std::size_t(number) - 2];
    if (gap < hole * step) return {};
    middle -= 0.5 * gap;
  }
  out.box = {middle - half, reach.from, middle + half, reach.to};
  return out;
}

/// A marker shares no row with the other lanes and is not found with them. Where the lanes leave
/// room for it at its number, and a ladder of bands stands there, it becomes a lane. A marker runs
/// from seam to seam, whatever the others' rows reach.
void add_marker_lanes(const Signal& signal,
                      const FindOptions& options,
                      const std::vector<Reach>& reaches,
                      Layout& layout) {
  for (std::size_t s = 0; s < layout.strips.size(); ++s) {
    const StripBox& strip = layout.strips[s];
    for (const MarkerLane& marker : layout.markers) {
      if (marker.strip != 0 && marker.strip != strip.strip) continue;
      std::vector<LaneBox> mine;
      for (const LaneBox& l : layout.lanes) {
        if (l.strip == strip.strip) mine.push_back(l);
      }
      if (mine.size() < 2) continue;
      const LaneBox lane = place_for(mine, marker.lane, reaches[s]);
      if (!(lane.box.width() > 0.0)) continue;
      if (lane.box.x0 < 0.0 || lane.box.x1 > signal.plane.width) continue;
      auto peaks = peaks_of(lane_profile(signal, lane), 0, options.band_snr);
      std::erase_if(peaks, [&](const Peak& p) { return coverage(signal, lane, p) < 0.45; });
      if (peaks.size() < std::max<std::size_t>(2, marker.masses_kDa.size() / 2)) continue;
      const auto first = std::ranges::find(layout.lanes, strip.strip, &LaneBox::strip);
      layout.lanes.insert(first + (marker.lane - 1), lane);
      int number = 0;
      for (LaneBox& l : layout.lanes) {
        if (l.strip == strip.strip) l.lane = ++number;
      }
    }
    for (LaneBox& l : layout.lanes) {
      if (l.strip == strip.strip && is_marker(layout, l.strip, l.lane))
        l.box.y0 = reaches[s].from, l.box.y1 = reaches[s].to;
    }
  }
}

template <class Boxes, class Same>
bool any(const Boxes& boxes, Same same) {
  return std::ranges::any_of(boxes, same);
}

}  // namespace

Signal signal_to_search(const Image& image, const Layout& given, const FindOptions& options) {
  const std::string& asked = given.polarity != "auto" ? given.polarity : options.polarity;
  return signal_of(image,
                   asked == "bright" ? Polarity::bright
                   : asked == "dark" ? Polarity::dark
                                     : Polarity::automatic);
}

Checked<Layout> find_layout(const Image& image,
                            const std::string& file,
                            const Layout& given,
                            const FindOptions& options) {
  return find_layout_in(signal_to_search(image, given, options), file, given, options);
}

Checked<Layout> find_layout_in(const Signal& signal,
                               const std::string& file,
                               const Layout& given,
                               const FindOptions& options) {
  Checked<Layout> out;
  Layout& layout = out.value;
  layout = given;
  if (layout.strips.empty() && layout.lanes.empty()) {
    std::vector<Reach> reaches;
    layout = strips_and_lanes(signal, reaches);
    layout.markers = given.markers;
    add_marker_lanes(signal, options, reaches, layout);
  }
  layout.polarity = signal.inverted ? "dark" : "bright";
  for (const StripBox& strip : given.strips) {
    if (!any(layout.lanes, [&](const LaneBox& l) { return l.strip == strip.strip; })) {
      lanes_of(signal, strip, layout);
    }
  }
  if (layout.lanes.empty()) {
    out.problems.push_back({{file, 0, 0, "", ""},
                            "no lanes were found: no row of bands stands above its surroundings",
                            "If there are bands, draw them in a layout file ([[strip]], [[lane]] "
                            "and [[band]] blocks)."});
    return out;
  }
  const std::vector<StripBox> all = layout.strips;  // bands and faint lanes change their boxes
  for (const StripBox& strip : all) {
    if (!any(given.bands, [&](const BandBox& b) { return b.strip == strip.strip; })) {
      find_bands(signal, strip.strip, options, layout);
      if (given.lanes.empty()) add_faint_lanes(signal, strip.strip, layout);
    }
  }
  if (layout.bands.empty()) {
    out.problems.push_back({{file, 0, 0, "", ""},
                            "lanes were found, but no band in any of them",
                            "If there are bands, draw them in a layout file ([[band]] blocks)."});
  }
  return out;
}

}  // namespace kinescape::immunoblot
