// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "numeric/distribution.hpp"
#include "viability/analyse_internal.hpp"
#include "viability/quantities_internal.hpp"

namespace kinescape::viability {
namespace {

using dose_response::Shape;
using model::Data;
using model::Fit;
using model::Known;

void set_all(CurveResult& r, Status status, const std::string& why, double level, int n) {
  for (Estimated* e : {&r.ic50_nM,
                       &r.ic50_absolute_nM,
                       &r.hill_slope,
                       &r.emax,
                       &r.viability_at_highest_dose,
                       &r.auc,
                       &r.gr50_nM,
                       &r.gr_max,
                       &r.gr_aoc,
                       &r.gr_inf,
                       &r.h_gr}) {
    e->status = status;
    e->why = why;
    e->level = level;
    e->n = n;
  }
}

Position position_of_midpoint(const Subject& s, CurveClass c) {
  const Data& data = s.data;
  const Fit& fit = s.fit;
  const model::RelativeIc half(0.5);
  const model::Coordinate midpoint(0);
  const bool plain = fit.theta.shape != Shape::log_logistic5 &&
                     fit.theta.shape != Shape::brain_cousens &&
                     fit.theta.shape != Shape::biphasic && fit.theta.shape != Shape::weibull1 &&
                     fit.theta.shape != Shape::weibull2;
  const model::Quantity& quantity = plain ? static_cast<const model::Quantity&>(midpoint)
                                          : static_cast<const model::Quantity&>(half);
  Position p;
  switch (c) {
    case CurveClass::identified:
    case CurveClass::non_monotone:
      p.reach = Reach::exact;
      p.known = know(s, midpoint_name, quantity, data.lowest - 3.0, data.highest + 3.0);
      trim(data, p.known);
      break;
    case CurveClass::above_highest:
      p.reach = Reach::above, p.bound = data.highest;
      p.known = know_beyond(s, quantity);
      break;
    case CurveClass::below_lowest:
      p.reach = Reach::below, p.bound = data.lowest;
      p.known = know_beyond(s, quantity);
      break;
    default:
      break;
  }
  return p;
}

// The far side of a midpoint was not seen where its interval goes on above the doses and half of
// vehicle is left at the highest.
bool ends_beyond(const Subject& s, const Position& midpoint) {
  if (!s.knowledge.shared || midpoint.known.repeats.size() < 2 ||
      model::response(s.fit.theta, s.data.highest) < 0.5)
    return false;
  const double t = multiple(s.level, midpoint.known.df);
  return !(model::interval_end(midpoint.known, true, t) <= s.data.highest);
}

void add_more_ic(const Subject& s, const Options& options, const std::string& method, Analysed& a) {
  for (double percent : options.more_ic_percent) {
    if (!(percent > 0.0 && percent < 100.0)) continue;
    MoreIc ic;
    ic.percent = percent;
    const std::string what = rounded(percent) + " % inhibition";
    ic.absolute_nM = estimated(
        position_of_level(s, "absolute " + what, 1.0 - percent / 100.0), s.level, method, what);
    ic.relative_nM = a.result.ic50_nM;  // Status and reason of the curve, unless it is exact.
    if (a.ic50.reach == Reach::exact) {
      const Known k = know(s,
                           "relative " + what,
                           model::RelativeIc(percent / 100.0),
                           s.data.lowest - 4.0,
                           s.data.highest + 4.0);
      ic.relative_nM = estimated(k, s.level, {Scale::power10}, method);
    } else {
      // A bound on the midpoint bounds no other level.
      ic.relative_nM.value = ic.relative_nM.low = ic.relative_nM.high = unknown;
      ic.relative_nM.relation = Relation::equal;
    }
    a.result.more_ic.push_back(ic);
  }
}

// Where more than a fifth of the fall is still to come at the highest dose, only the curve's
// assumed form says how deep it ends: the lower end of the plateau is open.
void open_unreached_plateau(const Data& data, Analysed& a) {
  const auto& q = a.fit.theta.at;
  const double left = (model::response(a.fit.theta, data.highest) - q[3]) / (q[2] - q[3]);
  a.plateau_reached = left <= 0.2;
  if (a.plateau_reached) return;
  Estimated& e = a.result.emax;
  e.low = unknown;
  if (e.status != Status::single_repeat)
    e.status = e.high == e.high ? Status::interval_open_low : Status::interval_open;
  e.why = "The lower plateau is not reached at the highest dose: " + rounded(100.0 * left, 2) +
          " % of the fall is still to come.";
}

void add_numbers(const Job& job,
                 const Window& window,
                 const Options& options,
                 const std::string& method,
                 Analysed& a) {
  const Data& data = job.data;
  CurveResult& r = a.result;
  const double level = options.level;
  const Subject s{data, a.fit, a.knowledge, level};
  a.ic50 = position_of_midpoint(s, r.curve_class);
  if (r.curve_class == CurveClass::identified && ends_beyond(s, a.ic50)) {
    r.curve_class = CurveClass::above_highest;
    a.class_why = half_not_reached(data, a.fit);
    set_all(r, Status::above_highest_dose, a.class_why, level, r.repeats);
    a.ic50 = position_of_midpoint(s, r.curve_class);
  }
  r.ic50_nM = estimated(a.ic50, level, method, "half of the effect");
  a.absolute = position_of_level(s, "absolute IC50", 0.5);
  r.ic50_absolute_nM = estimated(a.absolute, level, method, "half of vehicle");
  a.has_plateaus = a.ic50.reach == Reach::exact;
  if (a.has_plateaus) {
    a.bottom = know(s, "bottom", model::Coordinate(3), lowest_plateau, 3.0);
    a.slope = know(s, "slope", model::Coordinate(1), std::log(0.11), std::log(14.0));
    r.emax = estimated(a.bottom, level, {Scale::identity}, method);
    open_unreached_plateau(data, a);
    r.hill_slope = estimated(a.slope, level, {Scale::exponential}, method);
  }
  r.viability_at_highest_dose =
      estimated(know(s, "at highest", model::AtDose(data.highest), -0.3, 4.0),
                level,
                {Scale::identity},
                method);
  if (window.high > window.low) {
    r.auc_low_nM = std::pow(10.0, window.low), r.auc_high_nM = std::pow(10.0, window.high);
    r.auc = estimated(know(s, "auc", model::Auc(window.low, window.high), -0.3, 4.0),
                      level,
                      {Scale::identity},
                      method);
  } else {
    r.auc.status = Status::not_applicable;
    r.auc.why = "The curves of this drug share no range of doses.";
  }
  add_more_ic(s, options, method, a);
}

}  // namespace

void complete(const Job& job, const Window& window, const Options& options, Analysed& a) {
  CurveResult& r = a.result;
  if (a.fitted) {
    const std::string method = method_text(job.data, a.fit);
    const Status none = r.curve_class == CurveClass::flat            ? Status::no_response
                        : r.curve_class == CurveClass::above_highest ? Status::above_highest_dose
                                                                     : Status::below_lowest_dose;
    set_all(r, none, a.class_why, options.level, r.repeats);
    add_numbers(job, window, options, method, a);
    if (r.ic50_nM.status == Status::not_run) {
      r.ic50_nM.status = none;
      r.ic50_nM.why = a.class_why;
    }
    if (r.curve_class == CurveClass::non_monotone) {
      for (Estimated* e : {&r.ic50_nM, &r.hill_slope, &r.emax, &r.ic50_absolute_nM})
        e->status = Status::non_monotone, e->why = a.class_why;
    } else if (r.curve_class != CurveClass::identified && !a.class_why.empty()) {
      r.ic50_nM.why = a.class_why;
    }
    add_growth(job, options, method, a);
    a.drawn = a.fit.theta;
    if (r.curve_class == CurveClass::above_highest)
      if (const auto full = full_effect_beyond(job.data, a.fit)) a.drawn = *full;
    r.curve = model::to_curve(a.drawn);
  }
  add_figure(job, options, a);
  if (a.fitted) r.says = says(r, a.class_why);
}

Analysed analyse(const Job& job,
                 const FlatTest& flat,
                 const Window& window,
                 const Options& options) {
  Analysed a;
  CurveResult& r = a.result;
  const Data& data = job.data;
  r.line = job.line, r.drug = job.drug, r.time_h = job.time_h;
  r.repeats = static_cast<int>(data.repeats.size());
  r.plates = job.physical_plates, r.wells = static_cast<int>(std::lround(data.wells));
  r.excluded_wells = job.excluded, r.censored_wells = job.censored;
  if (!data.doses_nM.empty())
    r.lowest_dose_nM = data.doses_nM.front(), r.highest_dose_nM = data.doses_nM.back();
  if (!job.hopeless.empty()) {
    set_all(r, Status::too_few_data, "No curve: " + job.hopeless + ".", options.level, r.repeats);
    r.says = job.drug + " on " + job.line + ": no curve, " + job.hopeless + ".";
    return a;
  }
  Choice choice = choose_shape(data, options);
  a.fit = std::move(choice.fit);
  r.shapes = std::move(choice.scores);
  if (!a.fit.usable) {
    set_all(r, Status::failed, "The fit did not converge.", options.level, r.repeats);
    r.says = job.drug + " on " + job.line + ": the fit did not converge.";
    return a;
  }
  a.fitted = true;
  r.curve = model::to_curve(a.fit.theta);
  r.flat_p = flat.p(data, a.fit);
  const model::Profile midpoint = model::trace(
      data, a.fit, model::RelativeIc(0.5), 4.0, data.lowest - 3.0, data.highest + 3.0, 0.1);
  const Classified c = classify(data, a.fit, midpoint, r.flat_p);
  r.curve_class = c.curve_class, a.class_why = c.why;
  Analysed once = a;  // Asks for every number once, so that its variance is known.
  complete(job, window, options, once);
  a.knowledge = std::move(once.knowledge);
  return a;
}

}  // namespace kinescape::viability
