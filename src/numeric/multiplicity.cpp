// SPDX-License-Identifier: Apache-2.0
#include "numeric/multiplicity.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace kinescape::numeric {
namespace {

/// Indices of the p values that are numbers, smallest p first.
std::vector<std::size_t> ranked(std::span<const double> p) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (!std::isnan(p[i])) order.push_back(i);
  }
  std::stable_sort(
      order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  return order;
}

}  // namespace

std::vector<double> holm(std::span<const double> p) {
  std::vector<double> adjusted(p.begin(), p.end());
  const auto order = ranked(p);
  double highest = 0.0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const auto left = static_cast<double>(order.size() - rank);
    highest = std::max(highest, std::min(1.0, left * p[order[rank]]));
    adjusted[order[rank]] = highest;
  }
  return adjusted;
}

std::vector<double> benjamini_hochberg(std::span<const double> p) {
  std::vector<double> adjusted(p.begin(), p.end());
  const auto order = ranked(p);
  const auto m = static_cast<double>(order.size());
  double lowest = 1.0;
  for (std::size_t rank = order.size(); rank > 0; --rank) {
    lowest = std::min(lowest, m / static_cast<double>(rank) * p[order[rank - 1]]);
    adjusted[order[rank - 1]] = lowest;
  }
  return adjusted;
}

}  // namespace kinescape::numeric
