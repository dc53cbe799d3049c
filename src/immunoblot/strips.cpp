// SPDX-License-Identifier: Apache-2.0
// Strips: rows of bands that share their lanes, with no edge of the membrane between them.
#include <algorithm>
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
