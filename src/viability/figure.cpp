// SPDX-License-Identifier: Apache-2.0
// What is drawn: wells and means on the viability scale, the curve with its band, each repeat.
#include <algorithm>
#include <cmath>
#include <map>

#include "viability/analyse_internal.hpp"
#include "viability/quantities_internal.hpp"

namespace kinescape::viability {
namespace {

constexpr int band_points = 80, traced_points = 14;

void add_points(const Job& job, Analysed& a) {
  const auto& data = job.data;
  const auto at = [&](const std::vector<int>& index, int unit, double fixed) {
    const int i = index[static_cast<std::size_t>(unit)];
    return i < 0 ? fixed : a.fit.p[static_cast<std::size_t>(i)];
  };
  std::map<std::string, int> unit_of_plate;
  for (const auto& shown : job.wells)
    if (shown.unit >= 0) unit_of_plate[shown.well->plate + "\n" + shown.well->repeat] = shown.unit;
  struct Sum {
    double n = 0.0, mean = 0.0, squares = 0.0;
  };
  std::map<std::pair<double, std::string>, Sum> means;
  for (const auto& shown : job.wells) {
    const auto& w = *shown.well;
    Point p;
    p.dose_nM = w.role == plate::Role::vehicle ? 0.0 : w.dose_nM;
    p.repeat = w.repeat, p.plate = w.plate, p.reading = w.reading;
    p.well = w.placed ? plate::name(w.position) : "";
    p.excluded = shown.excluded;
    int unit = shown.unit;
    if (unit < 0) {
      const auto it = unit_of_plate.find(w.plate + "\n" + w.repeat);
      if (it != unit_of_plate.end()) unit = it->second;
    }
    if (data.normalised) {
      p.viability = w.signal;
    } else if (a.fitted && unit >= 0) {
      // As the fit sees it: less the blank, over the vehicle of this place on the plate.
      const double place = 1.0 + at(a.fit.layout.edge, unit, 0.0) * shown.edge +
                           at(a.fit.layout.gradient, unit, 0.0) * shown.gradient;
      p.viability = (w.signal - at(a.fit.layout.blank, unit, 0.0)) /
                    (at(a.fit.layout.vehicle, unit, 1.0) * place);
    }
    a.result.points.push_back(p);
    if (!p.excluded.empty() || p.reading != plate::Reading::measured || p.viability != p.viability)
      continue;
    Sum& s = means[{p.dose_nM, p.repeat}];
    const double d = p.viability - s.mean;
    s.n += 1.0;
    s.mean += d / s.n;
    s.squares += d * (p.viability - s.mean);
  }
  for (const auto& [key, s] : means)
    a.result.means.push_back({key.first,
                              key.second,
                              s.mean,
                              s.n > 1.0 ? std::sqrt(s.squares / (s.n - 1.0) / s.n) : unknown,
                              static_cast<int>(s.n)});
}

void add_band(const Job& job, const Options& options, Analysed& a) {
  const auto& data = job.data;
  const double step = (data.highest - data.lowest) / (traced_points - 1);
  const Subject s{data, a.fit, a.knowledge, options.level};
  const auto traced = [&](std::size_t i) { return data.lowest + step * static_cast<double>(i); };
  std::vector<double> below, above;
  for (int i = 0; i < traced_points; ++i) {
    const model::AtDose response(data.lowest + step * i);
    const model::Known k = know(s, "band " + std::to_string(i), response, -0.3, 4.0);
    const double t = multiple(options.level, k.df);
    // An open end of a response is the end of its physical range.
    double low = model::interval_end(k, false, t), high = model::interval_end(k, true, t);
    if (low != low) low = k.profile.down.psi.back();
    if (high != high) high = k.profile.up.psi.back();
    below.push_back(low), above.push_back(high);
  }
  for (int i = 0; i < band_points; ++i) {
    const double x = static_cast<double>(i) / (band_points - 1);
    const double u = data.lowest + x * (data.highest - data.lowest);
    const double place = x * (traced_points - 1);
    const auto j = std::min<std::size_t>(static_cast<std::size_t>(place), traced_points - 2);
    const double share = place - static_cast<double>(j);
    const double f = model::response(a.drawn, u);
    // Between the traced doses the ends keep their distance from the curve.
    const auto end = [&](const std::vector<double>& ends) {
      const double left = ends[j] - model::response(a.drawn, traced(j));
      const double right = ends[j + 1] - model::response(a.drawn, traced(j + 1));
      return f + left + share * (right - left);
    };
    a.result.band.push_back(
        {std::pow(10.0, u), f, std::min(f, end(below)), std::max(f, end(above))});
  }
}

// Each repeat's own curve, from its own wells and controls, started at the shared one.
void add_repeat_curves(const Job& job, Analysed& a) {
  const auto& data = job.data;
  for (std::size_t r = 0; r < data.repeats.size(); ++r) {
    RepeatCurve c;
    c.repeat = data.repeats[r];
    model::Data own = data;
    own.obs.clear();
    model::Fit fit = a.fit;
    fit.variance.clear();
    for (std::size_t i = 0; i < data.obs.size(); ++i) {
      if (data.obs[i].repeat >= 0 && data.obs[i].repeat != static_cast<int>(r)) continue;
      own.obs.push_back(data.obs[i]);
      fit.variance.push_back(a.fit.variance[i]);
    }
    // The shift is taken into the midpoint; its prior no longer applies.
    for (std::size_t s = 0; s < fit.layout.shift.size(); ++s) {
      const auto i = static_cast<std::size_t>(fit.layout.shift[s]);
      if (s == r && !fit.layout.theta.empty()) fit.p[0] += fit.p[i];
      fit.p[i] = 0.0;
      fit.ridge[i] = 1e12;
    }
    model::minimise(own, fit, {}, 60, 1e-9);
    c.curve = model::to_curve(fit.theta);
    const double u = dose_response::log10_relative_ic_nM(c.curve, 0.5);
    if (a.result.curve_class == CurveClass::identified && u >= data.lowest && u <= data.highest)
      c.ic50_nM = std::pow(10.0, u);
    a.result.repeat_curves.push_back(c);
  }
}

}  // namespace

void add_figure(const Job& job, const Options& options, Analysed& a) {
  if (!options.figures) return;
  add_points(job, a);
  if (!a.fitted) return;
  add_band(job, options, a);
  add_repeat_curves(job, a);
}

}  // namespace kinescape::viability
