// SPDX-License-Identifier: Apache-2.0
#include "combination/specification.hpp"

#include <algorithm>
#include <cmath>

#include "combination/hill_internal.hpp"

namespace kinescape::combination {
namespace {

/// The smallest inhibition on the fitted curves of the single agents at their doses.
double lowest_inhibition(const Surface& surface, double floor) {
  double lowest = HUGE_VAL;
  const auto agents = fit_agents(surface, floor);
  for (std::size_t k = 0; k < agents.size(); ++k) {
    if (!agents[k].usable()) continue;
    for (const double dose : surface.axis_nM[k]) {
      lowest = std::min(lowest, 1.0 - value(agents[k], dose));
    }
  }
  return std::isinf(lowest) ? 0.0 : lowest;
}

}  // namespace

std::string_view name(Baseline baseline) {
  return baseline == Baseline::none ? "none" : baseline == Baseline::part ? "part" : "all";
}

std::string_view name(Robustness r) {
  switch (r) {
    case Robustness::synergy:
      return "synergy";
    case Robustness::antagonism:
      return "antagonism";
    case Robustness::depends:
      return "depends";
    case Robustness::not_assessed:
      return "not_assessed";
  }
  return "not_assessed";
}

Surface prepared(const Surface& surface, const Preparation& how, double floor) {
  Surface out = surface;
  if (how.own_vehicle && out.viability[0] > 0.0) {
    const double vehicle = out.viability[0];
    for (double& v : out.viability) v /= vehicle;
  }
  if (how.baseline == Baseline::none) return out;
  const double shift = lowest_inhibition(out, floor);
  for (double& v : out.viability) {
    const double x = 1.0 - v;
    if (how.baseline == Baseline::part && !(x < 0.0)) continue;
    v = 1.0 - (x - (1.0 - x) * shift);
  }
  return out;
}

SpecificationTable specifications_of(const Surface& surface, double floor) {
  SpecificationTable out;
  for (const bool own : {false, true}) {
    if (own && std::isnan(surface.viability[0])) continue;
    for (const Baseline baseline : {Baseline::none, Baseline::part, Baseline::all}) {
      const Surface s = prepared(surface, {baseline, own, false}, floor);
      for (const bool full : {false, true}) {
        ScoreOptions o;
        o.floor = floor;
        o.full_range = full;
        if (full) o.wanted = {false, false, true, true};  // the others have no curves to fix
        const PointScores scores = score(s, o);
        for (const Reference ref : references) {
          const auto m = static_cast<std::size_t>(ref);
          if (!o.wanted[m] || std::isnan(scores.summary[m])) continue;
          out.rows.push_back({ref, {baseline, own, full}, scores.summary[m]});
        }
      }
    }
  }
  if (out.rows.empty()) return out;
  const auto [low, high] =
      std::minmax_element(out.rows.begin(), out.rows.end(), [](const auto& a, const auto& b) {
        return a.score < b.score;
      });
  out.lowest = low->score;
  out.highest = high->score;
  out.sign = out.lowest > 0.0    ? Robustness::synergy
             : out.highest < 0.0 ? Robustness::antagonism
                                 : Robustness::depends;
  return out;
}

}  // namespace kinescape::combination
