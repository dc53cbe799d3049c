// SPDX-License-Identifier: Apache-2.0
/// \file For tests: small plates made by hand, their wells exact or with a little noise.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "base/stream.hpp"
#include "viability/estimate.hpp"

namespace kinescape::viability::by_hand {

using plate::PlateSet;
using plate::Role;
using plate::Well;

struct Bench {
  std::vector<double> log10_doses{0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5};
  int repeats = 3, wells = 3, vehicles = 4, blanks = 3;
  double noise = 0.0;
  std::string drug = "drug A";
};

using TrueResponse = std::function<double(double log10_dose, int repeat)>;

inline double sigmoid(double u, double midpoint, double slope, double bottom) {
  return bottom + (1.0 - bottom) / (1.0 + std::pow(10.0, slope * (u - midpoint)));
}

inline void add(PlateSet& set, const Bench& b, const std::string& line, const TrueResponse& truth) {
  set.scale = plate::Scale::signal;
  for (int r = 0; r < b.repeats; ++r) {
    const std::string name = line + " day " + std::to_string(r + 1);
    set.plates.push_back({name, {8, 12}, "", "hand.csv"});
    const double vehicle = 1.5 + 0.1 * r;
    int at = 0;
    const auto put = [&](Role role, double u, double f) {
      Well w;
      w.plate = name, w.role = role, w.placed = true;
      w.position = {at / 12, at % 12};
      w.line = role == Role::blank ? "" : line;
      if (role == Role::sample) w.drug = b.drug, w.dose_nM = std::pow(10.0, u);
      w.repeat = std::to_string(r + 1);
      w.time_h = 72.0;
      Stream s(Seed{7}, static_cast<std::uint32_t>(r), static_cast<std::uint64_t>(at++));
      w.signal = 0.1 + vehicle * f * (1.0 + b.noise * s.normal()) + 0.1 * b.noise * s.normal();
      w.origin = {"hand.csv", "line " + std::to_string(set.wells.size() + 2)};
      set.wells.push_back(w);
    };
    for (int i = 0; i < b.blanks; ++i) put(Role::blank, 0.0, 0.0);
    for (int i = 0; i < b.vehicles; ++i) put(Role::vehicle, 0.0, 1.0);
    for (double u : b.log10_doses)
      for (int i = 0; i < b.wells; ++i) put(Role::sample, u, truth(u, r));
  }
}

inline PlateSet plates(const Bench& b, const TrueResponse& truth) {
  PlateSet set;
  add(set, b, "parental", truth);
  return set;
}

inline TrueResponse fixed(double midpoint, double slope, double bottom) {
  return [=](double u, int) { return sigmoid(u, midpoint, slope, bottom); };
}

inline bool warns(const Problems& problems, Severity severity, const std::string& text) {
  return std::any_of(problems.begin(), problems.end(), [&](const Problem& p) {
    return p.severity == severity && p.what.find(text) != std::string::npos;
  });
}

}  // namespace kinescape::viability::by_hand
