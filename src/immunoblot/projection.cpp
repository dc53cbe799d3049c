// SPDX-License-Identifier: Apache-2.0
// Lanes of a strip that is full of rows, as a total-protein stain is: no row stands free of the
// next one, but all together they leave the gaps between lanes dark from the top of the strip to
// its end.
#include <algorithm>
#include <cmath>

#include "immunoblot/find_internal.hpp"

namespace kinescape::immunoblot {
namespace {

constexpr double full_share = 0.5;  ///< Of the strip's height: so much of it lies within a row.
constexpr double row_reach = 2.0;   ///< Half widths, either way.
constexpr double steepest = 0.12, shear_step = 0.0075;
constexpr double strong_share = 0.2;
constexpr double gap_share = 0.06;  ///< Of the usual lane: so much may shine into a gap.
constexpr double brightest = 1.5;   ///< Of a line's usual height: one band does not decide.

double place_of(const Row& row, int width) {
  return row.y_at(0.5 * width);
}

bool is_full(const RowGroup& group, int width) {
  if (group.rows.size() < full_strip_rows) return false;
  std::vector<std::pair<double, double>> spans;
  for (const Row& row : group.rows) {
    const double y = place_of(row, width), half = row_reach * row.sigma();
    spans.emplace_back(y - half, y + half);
  }
  std::ranges::sort(spans);
  double taken = 0.0, to = spans.front().first;
  for (const auto& [a, b] : spans) {
    taken += std::max(0.0, b - std::max(a, to));
    to = std::max(to, b);
  }
  return taken > full_share * (to - spans.front().first);
}

/// How much lower than in the middle the rows run in each column: the middle one of those that
/// cross most of the strip.
std::vector<double> course_of(const RowGroup& group, int width) {
  int widest = 0;
  for (const Row& row : group.rows) widest = std::max(widest, row.covered());
  std::vector<const Row*> rows;
  for (const Row& row : group.rows) {
    if (2 * row.covered() >= widest) rows.push_back(&row);
  }
  std::vector<double> out;
  for (int x = 0; x < width; ++x) {
    std::vector<double> off;
    for (const Row* row : rows) off.push_back(row->y_at(x) - place_of(*row, width));
    out.push_back(median_of(std::move(off)));
  }
  return smoothed(out, 8.0);
}

/// The strip's lines, made level, each from its ground (0) to its usual height (1).
struct Lines {
  Plane values;  ///< From `top` on.
  int top = 0;
  std::vector<double> weight;
};

Lines lines_of(const Plane& plane,
               const std::vector<double>& course,
               int top,
               int bottom,
               int first,
               int last) {
  Lines out{Plane(plane.width, bottom - top), top, {}};
  std::vector<double> contrast;
  for (int y = top; y < bottom; ++y) {
    std::vector<double> line;
    for (int x = first; x <= last; ++x) {
      const int row = int(std::lround(y + course[std::size_t(x)]));
      line.push_back(double(plane.at(x, std::clamp(row, 0, plane.height - 1))));
    }
    line = smoothed(line, 1.0);
    const double low = quantile_of(line, 0.1), range = quantile_of(line, 0.8) - low;
    contrast.push_back(std::max(range, 0.0));
    for (int x = first; x <= last; ++x) {
      const double above = (line[std::size_t(x - first)] - low) / std::max(range, 1e-9);
      out.values.at(x, y - top) = float(std::clamp(above, 0.0, brightest));
    }
  }
  // Lines between bands show the membrane only.
  const double strong = std::max(strong_share * quantile_of(contrast, 0.9), 1e-9);
  for (const double c : contrast)
    out.weight.push_back(c < strong ? (c / strong) * (c / strong) : 1.0);
  return out;
}

/// Mean of the lines, each moved to where lanes that lean by `shear` cross the middle.
std::vector<double> sheared(const Lines& lines, double shear, double middle, int first, int last) {
  std::vector<double> out(std::size_t(lines.values.width), 0.0);
  double weights = 0.0;
  for (int r = 0; r < lines.values.height; ++r) {
    const double w = lines.weight[std::size_t(r)];
    const int shift = int(std::lround(shear * (lines.top + r - middle)));
    weights += w;
    for (int x = first; x <= last; ++x) {
      const int from = std::clamp(x + shift, first, last);
      out[std::size_t(x)] += w * double(lines.values.at(from, r));
    }
  }
  for (double& v : out) v /= std::max(weights, 1e-9);
  return out;
}

double contrast_of(const std::vector<double>& v, int first, int last) {
  double sum = 0.0, squares = 0.0;
  const double n = last - first + 1;
  for (int x = first; x <= last; ++x) {
    sum += v[std::size_t(x)], squares += v[std::size_t(x)] * v[std::size_t(x)];
  }
  return squares / n - sum * sum / (n * n);
}

std::vector<double> extreme_within(const std::vector<double>& v, int half, bool least) {
  std::vector<double> out;
  const int n = int(v.size());
  for (int i = 0; i < n; ++i) {
    const auto from = v.begin() + std::max(0, i - half), to = v.begin() + std::min(n, i + half + 1);
    out.push_back(least ? *std::min_element(from, to) : *std::max_element(from, to));
  }
  return out;
}

/// Takes away what shows in the gaps, as the membrane is uneven (the profile opened by one and a
/// half lanes), and a little more, so that a gap is empty.
void take_ground(std::vector<double>& profile, int first, int last) {
  std::vector<double> values(profile.begin() + first, profile.begin() + last + 1), runs{10.0};
  const double usual = quantile_of(values, 0.7);
  double run = 0.0;
  for (const double v : values) {
    if (v > 0.5 * usual) {
      run += 1.0;
    } else {
      if (run > 0.0) runs.push_back(run);
      run = 0.0;
    }
  }
  const int half = int(0.75 * median_of(std::move(runs)));
  const auto ground = extreme_within(extreme_within(values, half, true), half, false);
  for (std::size_t i = 0; i < values.size(); ++i) {
    profile[std::size_t(first) + i] = std::max(0.0, values[i] - ground[i] - gap_share * usual);
  }
}

}  // namespace

bool project(const Plane& plane, RowGroup& group) {
  if (!is_full(group, plane.width)) return false;
  int first = plane.width, last = 0;
  double top = 1e300, bottom = -1e300;
  for (const Row& row : group.rows) {
    first = std::min(first, row.first()), last = std::max(last, row.last());
    const double y = place_of(row, plane.width), half = row_reach * row.sigma();
    top = std::min(top, y - half), bottom = std::max(bottom, y + half);
  }
  const int margin = std::max(12, int(steepest * 0.5 * (bottom - top)));
  first = std::max(0, first - margin), last = std::min(plane.width - 1, last + margin);
  const int from = std::clamp(int(top), 0, plane.height - 2);
  const int to = std::clamp(int(bottom), from + 1, plane.height);
  const auto course = course_of(group, plane.width);
  const Lines lines = lines_of(plane, course, from, to, first, last);
  const double middle = 0.5 * (from + to);
  std::vector<double> best;
  double most = -1.0, slope = 0.0;
  for (double shear = -steepest; shear <= steepest + 1e-9; shear += shear_step) {
    auto profile = sheared(lines, shear, middle, first, last);
    const double contrast = contrast_of(profile, first, last);
    if (contrast > most) most = contrast, slope = shear, best = std::move(profile);
  }
  take_ground(best, first, last);
  Cuts cuts = cut_lanes(best, first, last);
  if (cuts.edges.empty()) return false;
  group.cuts = std::move(cuts);
  group.profile = std::move(best);
  group.slope = slope, group.y_reference = middle;
  return true;
}

}  // namespace kinescape::immunoblot
