// SPDX-License-Identifier: Apache-2.0
// Seams: does an edge of the membrane, a bright or a dark line run between two rows?
#include <algorithm>
#include <array>
#include <cmath>

#include "immunoblot/find_internal.hpp"

namespace kinescape::immunoblot {
namespace {

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
  at = 0.5 * (above.y_at(0.5 * (above.first() + above.last())) +
              below.y_at(0.5 * (below.first() + below.last())));
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

}  // namespace kinescape::immunoblot
