// SPDX-License-Identifier: Apache-2.0
/// \file Repeats drawn with a known spread, for the tests of shared spreads.
#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/stream.hpp"
#include "numeric/shared_spread.hpp"

namespace kinescape::numeric::tests {

inline OwnSpread spread_of(std::vector<double> contribution, const std::string& drug = "d") {
  OwnSpread s;
  s.row = "line", s.column = drug, s.expected = 1.0;
  for (std::size_t i = 0; i < contribution.size(); ++i) {
    s.repeats.push_back("day " + std::to_string(i + 1));
    s.variance += contribution[i] * contribution[i];
  }
  s.df = static_cast<double>(contribution.size()) - 1.0;
  s.contribution = std::move(contribution);
  return s;
}

// Standard error's worth of contributions of R repeats with SD `sd`; returns their mean in `mean`.
inline OwnSpread draw(
    Stream& random, int repeats, double sd, double& mean, const std::string& drug) {
  std::vector<double> e;
  mean = 0.0;
  for (int r = 0; r < repeats; ++r) e.push_back(sd * random.normal()), mean += e.back() / repeats;
  for (double& x : e) x = (x - mean) / std::sqrt(repeats * (repeats - 1.0));
  return spread_of(e, drug);
}

}  // namespace kinescape::numeric::tests
