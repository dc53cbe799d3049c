// SPDX-License-Identifier: Apache-2.0
// Strips: rows of bands that share their lanes, with no edge of the membrane between them.
#include <algorithm>
#include <array>
#include <cmath>

#include "immunoblot/find_internal.hpp"

namespace kinescape::immunoblot {
namespace {

std::size_t lanes_in(const Cuts& cuts) {
  std::size_t n = 0;
  for (std::size_t i = 1; i < cuts.edges.size(); ++i) {
    n += cuts.edges[i] >= 0.0 && cuts.edges[i - 1] >= 0.0;
  }
  return n;
}

double middle(const Row& row) {
  return row.y_at(0.5 * (row.first() + row.last()));
}

/// Sums down one column (three pixels wide), so that the mean of any stretch is two look-ups.
class Column {
 public:
  Column(const Plane& plane, int x) : sums_(std::size_t(plane.height) + 1, 0.0) {
    const int a = std::clamp(x - 1, 0, plane.width - 1), b = std::clamp(x + 1, 0, plane.width - 1);
    for (int y = 0; y < plane.height; ++y) {
      double sum = 0.0;
      for (int c = a; c <= b; ++c) sum += static_cast<double>(plane.at(c, y));
      sums_[std::size_t(y) + 1] = sums_[std::size_t(y)] + sum / (b - a + 1);
    }
  }
  [[nodiscard]] double mean(int y0, int y1) const {
    const int last = static_cast<int>(sums_.size()) - 2;
    const int a = std::clamp(y0, 0, last), b = std::clamp(y1, a, last);
    return (sums_[std::size_t(b) + 1] - sums_[std::size_t(a)]) / (b - a + 1);
  }

 private:
  std::vector<double> sums_;
};

/// Median over columns, and how many times its error it is; how many columns agree in sign.
struct Middle {
  double value, z, agree;
};

/// Columns where no band is: to the left of both rows, to the right, and between their bands.
struct Quiet {
  std::vector<int> x;
  std::size_t left = 0,
              right = 0;  ///< The first `left`, then `right` of them, are beside the rows.
};

/// A line that runs on beyond the lanes on one side is none of their bands.
Middle middle_of(const std::vector<double>& v, const Quiet& quiet) {
  const double m = median_of(v);
  std::vector<double> off;
  double left = 0.0, right = 0.0, between = 0.0;
  for (std::size_t i = 0; i < v.size(); ++i) {
    off.push_back(std::abs(v[i] - m));
    double& side = i < quiet.left ? left : i < quiet.left + quiet.right ? right : between;
    side += (v[i] > 0.0) == (m > 0.0);
  }
  const double n = static_cast<double>(v.size());
  const double error = 1.25 * 1.4826 * median_of(std::move(off)) / std::sqrt(n) + 1e-9;
  // Where lanes reach to the picture's edges, what is between them must do.
  const double beside = quiet.left + quiet.right == 0
                            ? 1.0
                            : std::max(quiet.left > 0 ? left / double(quiet.left) : 0.0,
                                       quiet.right > 0 ? right / double(quiet.right) : 0.0);
  return {
      m, std::abs(m) / error, std::min(beside, between / (n - double(quiet.left + quiet.right)))};
}

Quiet quiet_columns(const Plane& plane, const Row& above, const Row& below) {
  Quiet out;
  const int left = std::max(above.first(), below.first()),
            right = std::min(above.last(), below.last());
  constexpr int close = 8, border = 3;  ///< Pixels from the bands, and from the picture's edge.
  const int room_left = std::min(above.first(), below.first()) - close - border;
  const int room_right = plane.width - border - close - 1 - std::max(above.last(), below.last());
  for (const bool on_left : {true, false}) {
    const int reach = std::min(plane.width / 20, on_left ? room_left : room_right);
    for (int k = 1; k <= 6 && reach >= 6; ++k) {
      out.x.push_back(on_left ? std::min(above.first(), below.first()) - close - k * reach / 6
                              : std::max(above.last(), below.last()) + close + k * reach / 6);
      ++(on_left ? out.left : out.right);
    }
  }
  const auto a = along(plane, above), b = along(plane, below);
  for (int k = 0; k < 24 && right > left; ++k) {
    const int from = left + (right - left) * k / 24, to = left + (right - left) * (k + 1) / 24;
    int best = from;
    double least = 1e300;
    for (int x = from; x < to; ++x) {
      const double h = a[std::size_t(x)] + b[std::size_t(x)];
      if (h < least) least = h, best = x;
    }
    out.x.push_back(best);
  }
  return out;
}

}  // namespace

namespace {

/// What may stand along a line: an edge, a bright seam, a dark one.
constexpr std::size_t kinds = 3;
/// Share of the columns that must show it: of the six beside a row one may lie off the membrane.
constexpr double least_agree = 0.8;

/// A line across the gap between two rows: what stands along it, in each quiet column.
struct Line {
  double left, right;
  std::array<std::vector<double>, kinds> found;
  double level;  ///< Of the membrane there.
};

Line look_along(const std::vector<Column>& columns,
                const Quiet& quiet,
                double x_left,
                double x_right,
                double y_left,
                double y_right) {
  constexpr int bend = 3;  ///< Membranes are cut by hand: a seam may leave the line this far.
  Line line{y_left, y_right, {}, 0.0};
  std::vector<double> levels;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const double share = (quiet.x[i] - x_left) / std::max(x_right - x_left, 1.0);
    const int middle_y = static_cast<int>(std::lround(y_left + share * (y_right - y_left)));
    const Column& c = columns[i];
    line.found[0].push_back(c.mean(middle_y + 2, middle_y + 6) -
                            c.mean(middle_y - 6, middle_y - 2));
    levels.push_back(c.mean(middle_y - 6, middle_y + 6));
    double bright = -1e300, dark = 1e300;
    for (int y = middle_y - bend; y <= middle_y + bend; ++y) {
      const double dent =
          c.mean(y - 1, y + 1) - 0.5 * (c.mean(y - 8, y - 4) + c.mean(y + 4, y + 8));
      bright = std::max(bright, dent), dark = std::min(dark, dent);
    }
    line.found[1].push_back(bright);
    line.found[2].push_back(dark);
  }
  line.level = median_of(std::move(levels));
  return line;
}

std::vector<Line> lines_between(const Plane& plane,
                                const Row& above,
                                const Row& below,
                                const Quiet& quiet) {
  std::vector<Line> lines;
  std::vector<Column> columns;
  for (const int x : quiet.x) columns.emplace_back(plane, x);
  const double x_left = std::min(above.first(), below.first());
  const double x_right = std::max(above.last(), below.last());
  const double margin_above = 2.0 * above.sigma() + 4.0, margin_below = 2.0 * below.sigma() + 4.0;
  const double top_left = above.y_at(x_left) + margin_above;
  const double top_right = above.y_at(x_right) + margin_above;
  const double gap_left = below.y_at(x_left) - margin_below - top_left;
  const double gap_right = below.y_at(x_right) - margin_below - top_right;
  if (std::min(gap_left, gap_right) < 10.0) return lines;
  const double most_tilt = 0.09 * (x_right - x_left);
  const double grain = std::max(2.0, std::max(gap_left, gap_right) / 60.0);
  for (double left = 0.0; left <= gap_left; left += grain) {
    for (double right = 0.0; right <= gap_right; right += grain) {
      const double y_left = top_left + left, y_right = top_right + right;
      if (std::abs(y_right - y_left) > most_tilt) continue;
      lines.push_back(look_along(columns, quiet, x_left, x_right, y_left, y_right));
    }
  }
  return lines;
}

}  // namespace

namespace {

constexpr double far_share = 0.5;  ///< Of a seam's contrast, where no light of the bands reaches.

/// Whether the outer half of the columns on one side of the rows shows at this line, beyond what
/// these columns show at all lines, what all columns show.
bool seen_far_out(const std::vector<Line>& lines,
                  const Line& line,
                  std::size_t kind,
                  const Quiet& quiet,
                  double value) {
  const auto outer = [&](std::size_t from, std::size_t n) {
    std::vector<double> off;
    for (std::size_t i = from + n / 2; i < from + n; ++i) {
      std::vector<double> all;
      for (const Line& l : lines) all.push_back(l.found[kind][i]);
      off.push_back(line.found[kind][i] - median_of(std::move(all)));
    }
    return median_of(std::move(off)) / value;
  };
  return (quiet.left > 1 && outer(0, quiet.left) > far_share) ||
         (quiet.right > 1 && outer(quiet.left, quiet.right) > far_share);
}

}  // namespace

bool parted(const Plane& plane, const Row& above, const Row& below, double& at, Between what) {
  at = 0.5 * (middle(above) + middle(below));
  const Quiet quiet = quiet_columns(plane, above, below);
  auto lines = lines_between(plane, above, below, quiet);
  if (lines.size() < 8) return false;
  double best_z = 0.0;
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    std::vector<double> values, off;
    for (const Line& l : lines) values.push_back(median_of(l.found[kind]));
    const double usual = median_of(values);
    for (const double v : values) off.push_back(std::abs(v - usual));
    const double spread = 1.4826 * median_of(std::move(off)) + 1e-9;
    for (Line& l : lines) {
      for (double& v : l.found[kind]) v -= usual;
    }
    for (const Line& l : lines) {
      const Middle m = middle_of(l.found[kind], quiet);
      if (m.z < 6.0 || m.agree < least_agree) continue;
      if (kind != 0 && (m.value > 0.0) != (kind == 1)) continue;
      if (std::abs(m.value) < 5.0 * spread && std::abs(m.value) < 0.06 * l.level) continue;
      if (m.z <= best_z) continue;
      if (what == Between::bands_of_a_full_strip && !seen_far_out(lines, l, kind, quiet, m.value))
        continue;
      best_z = m.z, at = 0.5 * (l.left + l.right);
    }
  }
  return best_z > 0.0;
}

namespace {

constexpr double main_height = 0.05;  ///< Of the highest row: those that say where lanes are.

/// Whether a row stands in the lanes of a group: low at their cuts, high between, not beyond.
bool fits(const Plane& plane, const Row& row, const RowGroup& group) {
  const auto height = along(plane, row);
  double in = 0.0, between = 0.0;
  int lanes = 0;
  double first = 1e300, last = -1e300;
  const auto& e = group.cuts.edges;
  for (std::size_t i = 1; i < e.size(); ++i) {
    if (e[i] < 0.0 || e[i - 1] < 0.0) continue;
    first = std::min(first, e[i - 1]), last = std::max(last, e[i]);
    const double quarter = 0.25 * (e[i] - e[i - 1]);
    double sum = 0.0;
    int n = 0;
    for (int x = int(e[i - 1] + quarter); x < int(e[i] - quarter); ++x)
      sum += height[std::size_t(x)], ++n;
    const bool here = row.first() < e[i] - quarter && row.last() > e[i - 1] + quarter;
    if (n == 0 || !here) continue;
    in += sum / n, ++lanes;
    between += 0.5 * (height[std::size_t(e[i - 1])] +
                      height[std::size_t(std::min(int(e[i]), plane.width - 1))]);
  }
  const double slack = 0.4 * group.cuts.pitch;
  return lanes >= 2 && between < 0.75 * in && row.first() > first - slack &&
         row.last() < last + slack;
}

/// Groups the main rows from top to bottom. A row whose lanes are not those of the rows above, with
/// no edge between them, is a mistake, or they are: what cuts worse goes to `minor`.
void add_main(const Plane& plane,
              std::vector<Row> main,
              std::vector<Row>& minor,
              std::vector<RowGroup>& groups) {
  std::ranges::sort(main, [](const Row& a, const Row& b) { return middle(a) < middle(b); });
  std::vector<std::vector<Row>> parts;
  for (Row& row : main) {
    const RowGroup alone = group_of(plane, {row}, false);
    if (!parts.empty()) {
      double at = 0.0;
      const RowGroup before = group_of(plane, parts.back(), true);
      const bool alike =
          fits(plane, row, before) ||
          std::ranges::all_of(parts.back(), [&](const Row& r) { return fits(plane, r, alone); });
      if (!parted(plane, parts.back().back(), row, at)) {
        if (alike) {
          parts.back().push_back(std::move(row));
        } else if (alone.cuts.score > before.cuts.score) {
          minor.insert(minor.end(), parts.back().begin(), parts.back().end());
          parts.back() = {std::move(row)};
        } else {
          minor.push_back(std::move(row));
        }
        continue;
      }
    }
    parts.push_back({std::move(row)});
  }
  for (auto& part : parts) groups.push_back(group_of(plane, std::move(part), true));
}

}  // namespace

namespace {

constexpr auto full = Between::bands_of_a_full_strip;
constexpr double faint_height = 0.02;  ///< Of the highest row.
constexpr double end_share = 0.15;     ///< Of a full strip's height: its faint rows lie within.

/// Rows that cross few lanes of a full strip: they say how far it reaches, not where lanes are.
void take_narrow(const Plane& plane, RowGroup& whole, std::vector<Row>& rows) {
  const Row first = whole.rows.front(), last = whole.rows.back();
  const double top = middle(first), bottom = middle(last);
  const double beyond = end_share * (bottom - top);
  std::vector<Row> rest;
  for (Row& r : rows) {
    const double y = middle(r);
    double at = 0.0;
    const bool mine = y > top - beyond && y < bottom + beyond &&
                      !(y < top && parted(plane, r, first, at, full)) &&
                      !(y > bottom && parted(plane, last, r, at, full));
    (mine ? whole.rows : rest).push_back(std::move(r));
  }
  rows = std::move(rest);
}

/// Takes away the rows of strips that are full of them: lanes are told by all of these together,
/// whether or not each alone is cut as the others are.
std::vector<RowGroup> full_strips(const Plane& plane,
                                  std::vector<Row>& rows,
                                  double highest,
                                  int widest) {
  const auto is_narrow = [&](const Row& row) {
    return 2 * row.covered() < widest || row.height() < faint_height * highest;
  };
  const auto wide = std::ranges::count_if(rows, [&](const Row& r) { return !is_narrow(r); });
  if (wide < std::ptrdiff_t(full_strip_rows)) return {};
  std::ranges::sort(rows, [](const Row& a, const Row& b) { return middle(a) < middle(b); });
  std::vector<std::vector<Row>> blocks;
  std::vector<Row> narrow;
  for (Row& row : rows) {
    if (is_narrow(row)) {
      narrow.push_back(std::move(row));
      continue;
    }
    double at = 0.0;
    if (blocks.empty() || parted(plane, blocks.back().back(), row, at, full)) blocks.emplace_back();
    blocks.back().push_back(std::move(row));
  }
  std::vector<RowGroup> groups;
  rows = std::move(narrow);
  for (auto& block : blocks) {
    RowGroup whole = group_of(plane, block, false);
    if (project(plane, whole) && lanes_in(whole.cuts) > 1) {
      take_narrow(plane, whole, rows);
      groups.push_back(std::move(whole));
    } else {
      rows.insert(rows.end(), block.begin(), block.end());
    }
  }
  return groups;
}

}  // namespace

std::vector<RowGroup> group_rows(const Plane& plane, std::vector<Row> rows) {
  std::vector<Row> several, main, minor;
  double highest = 0.0;
  std::erase_if(rows, [&](const Row& row) {
    return lanes_in(cut_lanes(along(plane, row), row.first(), row.last())) < 2;
  });
  for (const Row& row : rows) {
    if (row.covered() > plane.width / 12) highest = std::max(highest, row.height());
  }
  int widest = 0;
  for (const Row& row : rows) {
    if (row.height() >= main_height * highest) widest = std::max(widest, row.covered());
  }
  std::vector<RowGroup> groups = full_strips(plane, rows, highest, widest);
  several = std::move(rows);
  for (Row& row : several) {
    const bool is_main = row.height() >= main_height * highest && row.covered() >= 0.5 * widest;
    (is_main ? main : minor).push_back(std::move(row));
  }
  add_main(plane, std::move(main), minor, groups);
  for (Row& row : minor) {
    RowGroup* nearest = nullptr;
    double least = 0.25 * plane.height;
    const double x = 0.5 * (row.first() + row.last());
    for (RowGroup& g : groups) {
      for (const Row& other : g.rows) {
        const double d = std::abs(other.y_at(x) - row.y_at(x));
        if (d < least) least = d, nearest = &g;
      }
    }
    if (nearest == nullptr || row.covered() < 0.3 * widest || !fits(plane, row, *nearest)) continue;
    double at = 0.0;
    const auto near = std::ranges::min_element(
        nearest->rows, {}, [&](const Row& other) { return std::abs(other.y_at(x) - row.y_at(x)); });
    const bool under = near->y_at(x) < row.y_at(x);
    if (under ? parted(plane, *near, row, at) : parted(plane, row, *near, at)) continue;
    nearest->rows.push_back(std::move(row));
  }
  for (RowGroup& g : groups) {
    std::ranges::sort(g.rows, [](const Row& a, const Row& b) { return middle(a) < middle(b); });
  }
  std::ranges::sort(groups, [](const RowGroup& a, const RowGroup& b) {
    return middle(a.rows.front()) < middle(b.rows.front());
  });
  return groups;
}

}  // namespace kinescape::immunoblot
