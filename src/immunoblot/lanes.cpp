// SPDX-License-Identifier: Apache-2.0
// Lanes: where the height along rows of bands dips, at distances that make lanes of like width.
#include <algorithm>
#include <cmath>

#include "immunoblot/find_internal.hpp"

namespace kinescape::immunoblot {
namespace {

constexpr double empty_below = 0.06;   ///< Of the usual height: nothing is there.
constexpr double width_spread = 0.25;  ///< Lanes' widths differ by this much, natural log.
constexpr double width_weight = 0.1;   ///< What a misfit of one spread costs, in log depth.
constexpr double most_narrow = 3.0;    ///< Spreads: narrower is a splinter, no reason to cut lanes.
constexpr double least_dip = 0.06;     ///< A cut must be this deep (natural log), beside the noise.
constexpr double deepest_dip = 1.5;    ///< Deeper says no more.

/// A stretch of the profile without an empty place, and the dips in it.
struct Stretch {
  int first, last;
  std::vector<int> dips;
};

double mean_between(const Plane& plane, int x, double from, double to) {
  const int a = std::clamp(static_cast<int>(std::lround(from)), 0, plane.height - 1);
  const int b = std::clamp(static_cast<int>(std::lround(to)), a, plane.height - 1);
  double sum = 0.0;
  for (int y = a; y <= b; ++y) sum += static_cast<double>(plane.at(x, y));
  return sum / (b - a + 1);
}

std::vector<Stretch> stretches_of(const std::vector<double>& p, int first, int last, double usual) {
  std::vector<Stretch> out;
  const auto at = [&](int x) { return p[static_cast<std::size_t>(x)]; };
  for (int x = first; x <= last; ++x) {
    if (at(x) < empty_below * usual) continue;
    if (out.empty() || x > out.back().last + 3) out.push_back({x, x, {}});
    out.back().last = x;
  }
  std::erase_if(out, [](const Stretch& s) { return s.last - s.first < 8; });
  for (Stretch& s : out) {
    for (int x = s.first + 3; x <= s.last - 3; ++x) {
      if (at(x) <= at(x - 1) && at(x) < at(x + 1)) s.dips.push_back(x);
    }
  }
  return out;
}

/// The best cuts of one stretch when lanes are `width` wide: dynamic programming over its dips.
struct Best {
  double score;
  std::vector<int> cuts;  ///< With both ends.
};

Best best_cuts(const std::vector<double>& p, const Stretch& s, double width, double noise) {
  std::vector<int> at{s.first};
  at.insert(at.end(), s.dips.begin(), s.dips.end());
  at.push_back(s.last + 1);
  const std::size_t n = at.size();
  // A dip's depth: against the lower of the highest places within a lane's width on each side.
  std::vector<double> depth(n, 0.0);
  for (std::size_t i = 1; i + 1 < n; ++i) {
    double left = 0.0, right = 0.0;
    const int reach = std::max(3, static_cast<int>(0.8 * width));
    for (int x = std::max(s.first, at[i] - reach); x < at[i]; ++x) {
      left = std::max(left, p[static_cast<std::size_t>(x)]);
    }
    for (int x = at[i] + 1; x <= std::min(s.last, at[i] + reach); ++x) {
      right = std::max(right, p[static_cast<std::size_t>(x)]);
    }
    const double low = std::max(p[static_cast<std::size_t>(at[i])], 1e-12);
    depth[i] = std::min(deepest_dip, std::log(std::min(left, right) / low)) - least_dip - noise;
  }
  std::vector<double> score(n, -1e300);
  std::vector<std::size_t> from(n, 0);
  score[0] = 0.0;
  for (std::size_t j = 1; j < n; ++j) {
    for (std::size_t i = 0; i < j; ++i) {
      const double misfit =
          std::max(-most_narrow, std::log((at[j] - at[i]) / width) / width_spread);
      const double value = score[i] + depth[j] - width_weight * misfit * misfit;
      if (value > score[j]) score[j] = value, from[j] = i;
    }
  }
  Best out{score[n - 1], {}};
  for (std::size_t j = n - 1;; j = from[j]) {
    out.cuts.insert(out.cuts.begin(), at[j]);
    if (j == 0) break;
  }
  return out;
}

}  // namespace

std::vector<double> along(const Plane& plane, const Row& row) {
  std::vector<double> out(static_cast<std::size_t>(plane.width), 0.0);
  const double sigma = row.sigma();
  const int from = std::max(0, row.first() - 40), to = std::min(plane.width - 1, row.last() + 40);
  for (int x = from; x <= to; ++x) {
    const double y = row.y_at(x);
    const double on = mean_between(plane, x, y - 0.8 * sigma, y + 0.8 * sigma);
    const double above = mean_between(plane, x, y - 4.0 * sigma, y - 2.5 * sigma);
    const double below = mean_between(plane, x, y + 2.5 * sigma, y + 4.0 * sigma);
    // Beyond its ends a row is nowhere: what stands at one side only is no band.
    const bool outside = x < row.first() || x > row.last();
    const double side = outside ? std::max(above, below) : 0.5 * (above + below);
    out[static_cast<std::size_t>(x)] = std::max(0.0, on - side);
  }
  return smoothed(out, 1.2);
}

Cuts cut_lanes(const std::vector<double>& profile, int first, int last) {
  Cuts best;
  std::vector<double> positive;
  for (int x = first; x <= last; ++x) {
    if (profile[static_cast<std::size_t>(x)] > 0.0) {
      positive.push_back(profile[static_cast<std::size_t>(x)]);
    }
  }
  if (positive.size() < 10) return best;
  const double usual = quantile_of(positive, 0.7);
  const auto stretches = stretches_of(profile, first, last, usual);
  if (stretches.empty()) return best;
  // Roughness of the profile from pixel to pixel, relative: dips of that size mean nothing.
  std::vector<double> rough;
  for (int x = first + 2; x <= last; ++x) {
    const auto i = static_cast<std::size_t>(x);
    if (profile[i - 1] > 0.3 * usual) {
      rough.push_back(std::abs(profile[i] - 2.0 * profile[i - 1] + profile[i - 2]) /
                      profile[i - 1]);
    }
  }
  double noise = 1.5 * median_of(std::move(rough));
  // Lanes of like width with clear gaps between them: a dip inside one is no gap unless it is deep.
  if (stretches.size() >= 3) {
    std::vector<double> widths;
    for (const Stretch& s : stretches) widths.push_back(s.last - s.first + 1);
    const double half = median_of(widths);
    const auto alike = static_cast<double>(
        std::ranges::count_if(widths, [&](double w) { return std::abs(w / half - 1.0) < 0.15; }));
    if (alike >= 0.75 * double(widths.size())) noise = std::max(noise, 0.25);
  }
  double longest = 0.0;
  for (const Stretch& s : stretches) longest = std::max(longest, double(s.last - s.first + 1));
  bool have = false;
  for (double width = 10.0; width < 1.3 * longest; width *= 1.06) {
    double score = 0.0;
    std::vector<double> edges;
    std::vector<Best> parts;
    for (const Stretch& s : stretches) {
      parts.push_back(best_cuts(profile, s, width, noise));
      score += parts.back().score + deepest_dip;  // a clean gap is worth a deep dip
    }
    if (have && score <= best.score) continue;
    have = true;
    best.score = score;
    best.pitch = width;
    best.edges.clear();
    for (const Best& b : parts) {
      // A gap between stretches is kept as two edges with nothing between them.
      for (const int c : b.cuts) best.edges.push_back(c);
      best.edges.push_back(-1.0);
    }
  }
  return best;
}

RowGroup group_of(const Plane& plane, std::vector<Row> rows, bool may_lean) {
  RowGroup group;
  std::ranges::sort(rows, [](const Row& a, const Row& b) {
    return a.y_at(0.5 * (a.first() + a.last())) < b.y_at(0.5 * (b.first() + b.last()));
  });
  group.rows = std::move(rows);
  struct Part {
    std::vector<double> height;
    double y, weight;
  };
  std::vector<Part> parts;
  int first = plane.width, last = 0;
  for (const Row& row : group.rows) {
    Part part{along(plane, row), row.y_at(0.5 * plane.width), std::sqrt(double(row.covered()))};
    std::vector<double> on;
    for (int x = row.first(); x <= row.last(); ++x) on.push_back(part.height[std::size_t(x)]);
    const double usual = std::max(quantile_of(std::move(on), 0.7), 1e-9);
    for (double& h : part.height) h = std::min(h / usual, 3.0);
    parts.push_back(std::move(part));
    first = std::min(first, row.first());
    last = std::max(last, row.last());
  }
  double weights = 0.0;
  for (const Part& p : parts) weights += p.weight, group.y_reference += p.weight * p.y;
  group.y_reference /= weights;
  first = std::max(0, first - 12), last = std::min(plane.width - 1, last + 12);
  const int steps = may_lean && group.rows.size() > 1 ? 5 : 0;
  bool have = false;
  for (int s = -steps; s <= steps; ++s) {
    const double shear = 0.015 * s;
    std::vector<double> profile(static_cast<std::size_t>(plane.width), 0.0);
    for (const Part& p : parts) {
      const int shift = static_cast<int>(std::lround(shear * (p.y - group.y_reference)));
      for (int x = first; x <= last; ++x) {
        const int from = std::clamp(x + shift, 0, plane.width - 1);
        profile[std::size_t(x)] += p.weight / weights * p.height[std::size_t(from)];
      }
    }
    Cuts cuts = cut_lanes(profile, first, last);
    // Lanes are upright unless something says otherwise.
    if (have && cuts.score - 0.05 * std::abs(s) <= group.cuts.score) continue;
    have = true;
    group.cuts = std::move(cuts);
    group.cuts.score -= 0.05 * std::abs(s);
    group.profile = std::move(profile);
    group.slope = shear;
  }
  return group;
}

}  // namespace kinescape::immunoblot
