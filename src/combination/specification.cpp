// SPDX-License-Identifier: Apache-2.0
#include "combination/specification.hpp"

#include <algorithm>
#include <cmath>

#include "combination/hill_internal.hpp"
#include "combination/surface.hpp"

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

/// A matrix of means as one repeat of one well a cell.
Cells as_cells(const Surface& surface) {
  Cells out;
  out.mean = surface;
  out.of_repeat = {surface.viability};
  out.wells.emplace_back();
  for (const double v : surface.viability) out.wells[0].push_back(!std::isnan(v));
  out.squares = {std::vector<double>(surface.size(), 0.0)};
  return out;
}

void add_surfaces(const Surface& surface,
                  double floor,
                  const Preparation& how,
                  SpecificationTable& out) {
  const Cells cells = as_cells(surface);
  SurfaceOptions o;
  o.floor = floor;
  o.intervals = false;
  o.full_range = how.full_range;
  for (const Model model : {Model::musyc, Model::braid, Model::zimmer}) {
    const double score = interaction_points(fit_surface(model, cells, o), surface);
    if (!std::isnan(score)) out.rows.push_back({key(model), name(model), how, score});
  }
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

SpecificationTable specifications_of(const Surface& surface, double floor, bool surfaces) {
  SpecificationTable out;
  for (const bool own : {false, true}) {
    if (own && std::isnan(surface.viability[0])) continue;
    if (own && std::fabs(surface.viability[0] - 1.0) < 1e-9) {  // it is what they were divided by
      const auto as_given = out.rows;
      out.rows.insert(out.rows.end(), as_given.begin(), as_given.end());
      for (std::size_t i = as_given.size(); i < out.rows.size(); ++i) {
        out.rows[i].preparation.own_vehicle = true;
      }
      continue;
    }
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
          out.rows.push_back({key(ref), name(ref), {baseline, own, full}, scores.summary[m]});
        }
        if (surfaces) add_surfaces(s, floor, {baseline, own, full}, out);
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
