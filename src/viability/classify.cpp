// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/number.hpp"
#include "viability/classify_internal.hpp"
#include "viability/quantities_internal.hpp"

namespace kinescape::viability {
namespace {

using dose_response::Shape;

// A class is a claim about what the wells showed: 99.5 % under the likelihood.
constexpr double seen_depth = 2.8;
// Response apart from vehicle by less than this at all doses alike is an offset, not a response.
constexpr double offset = 0.15;

std::string dose_text(double log10_nM) {
  return rounded(std::pow(10.0, log10_nM)) + " nM";
}
std::string percent(double fraction) {
  return rounded(100.0 * fraction, 2) + " %";
}

}  // namespace

Rise largest_rise(const model::Data& data, const model::Fit& fit) {
  struct Mean {
    double y = 0.0, w = 0.0;
  };
  std::map<std::pair<double, int>, Mean> cells;
  const auto at = [&](int i, double fixed) {
    return i >= 0 ? fit.p[static_cast<std::size_t>(i)] : fixed;
  };
  for (std::size_t i = 0; i < data.obs.size(); ++i) {
    const auto& o = data.obs[i];
    if (o.blank || o.reading != plate::Reading::measured) continue;
    const auto p = static_cast<std::size_t>(o.plate);
    const double scale =
        at(fit.layout.vehicle[p], 1.0) *
        (1.0 + at(fit.layout.edge[p], 0.0) * o.edge + at(fit.layout.gradient[p], 0.0) * o.gradient);
    const double u = o.vehicle ? -std::numeric_limits<double>::infinity() : o.log10_dose;
    Mean& m = cells[{u, o.plate}];
    const double w = o.n * scale * scale / fit.variance[i];
    m.y += w * (o.y - at(fit.layout.blank[p], 0.0)) / scale;
    m.w += w;
  }
  std::vector<double> doses;
  for (const auto& [key, m] : cells)
    if (doses.empty() || key.first > doses.back()) doses.push_back(key.first);
  Rise most;
  for (std::size_t a = 0; a < doses.size(); ++a)
    for (std::size_t b = a + 1; b < doses.size(); ++b) {
      double sum = 0.0, variance = 0.0, n = 0.0;
      bool all = true;
      for (int p = 0; p < static_cast<int>(data.plates.size()); ++p) {
        const auto x = cells.find({doses[a], p}), y = cells.find({doses[b], p});
        if (x == cells.end() || y == cells.end()) continue;
        const double d = y->second.y / y->second.w - x->second.y / x->second.w;
        all = all && d > 0.0;
        sum += d, n += 1.0;
        variance += 1.0 / x->second.w + 1.0 / y->second.w;
      }
      if (n == 0.0 || !all) continue;
      const double z = sum / std::sqrt(variance);
      if (z > most.z) most = {z, sum / n, doses[a], doses[b]};
    }
  return most;
}

std::optional<model::Theta> full_effect_beyond(const model::Data& data, const model::Fit& fit) {
  model::Fit full =
      model::refit_shape(data, fit, data.normalised ? Shape::log_logistic3 : Shape::log_logistic2);
  if (!full.usable || !(full.theta.at[0] > data.highest)) return std::nullopt;
  const model::Known end = model::variances(data, fit, model::AtDose(data.highest));
  const double ratio = end.robust > end.naive ? end.robust / end.naive : 1.0;
  if (full.q - fit.q >= seen_depth * seen_depth * ratio) return std::nullopt;
  return full.theta;
}

std::string half_not_reached(const model::Data& data, const model::Fit& fit) {
  return "Half of the effect is not reached: at the highest dose, " + dose_text(data.highest) +
         ", the response is at " + percent(model::response(fit.theta, data.highest)) +
         " of vehicle.";
}

Classified classify(const model::Data& data,
                    const model::Fit& fit,
                    const model::Profile& midpoint,
                    double flat_p) {
  const double low = data.lowest, high = data.highest;
  const double top = model::response(fit.theta, -std::numeric_limits<double>::infinity());
  const double at_low = model::response(fit.theta, low), at_high = model::response(fit.theta, high);
  if (!(flat_p <= flat_level))
    return {CurveClass::flat,
            "No response was seen from " + dose_text(low) + " to " + dose_text(high) +
                ": a constant explains the wells (p = " + rounded(flat_p, 2) + ")."};
  const bool shifted = std::abs(at_low - top) < offset && std::abs(at_high - top) < offset &&
                       std::abs(at_high - at_low) < 0.25 * std::abs(at_high - top);
  if (shifted)
    return {CurveClass::flat,
            "The wells at all doses lie alike at " + percent(at_high) +
                " of vehicle, with no trend over dose: an offset, not a response."};
  const Rise rise = largest_rise(data, fit);
  const bool hormetic = fit.theta.shape == Shape::brain_cousens && rise.z > 3.0;
  if (hormetic || (rise.z > 5.0 && rise.size > 0.15)) {
    const std::string from =
        std::isfinite(rise.from_log10) ? dose_text(rise.from_log10) : "vehicle";
    return {CurveClass::non_monotone,
            "The response rises by " + percent(rise.size) + " of vehicle from " + from + " to " +
                dose_text(rise.to_log10) + ", beyond noise."};
  }
  if (midpoint.psi < low)
    return {CurveClass::below_lowest,
            "The response is at " + percent(at_low) + " of vehicle at the lowest dose, " +
                dose_text(low) + ", past half of its way already."};
  const bool beyond = midpoint.psi > high ||
                      (model::z_of(midpoint, high) < seen_depth && full_effect_beyond(data, fit));
  if (beyond) return {CurveClass::above_highest, half_not_reached(data, fit)};
  return {CurveClass::identified, ""};
}

}  // namespace kinescape::viability
