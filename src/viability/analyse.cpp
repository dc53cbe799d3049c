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

// robust / naive of the response at the highest dose: how much more (or less) the repeats vary
// than the wells say, where the quantity itself has no variance.
Known scaled_by_highest(const Data& data, const Fit& fit) {
  Known k = model::variances(data, fit, model::AtDose(data.highest));
  k.regular = false;
  return k;
}

double depth_needed(const Known& known, double level) {
  const double t = multiple(level, known.df);
  const double ratio = known.robust == known.robust ? known.robust / known.naive : 1.0;
  return known.regular ? t : t * std::sqrt(ratio);
}

// A dose beyond the tested ones: its profile on the side that the data speak of.
Known irregular(const Data& data, const Fit& fit, const model::Quantity& quantity, double level) {
  Known k = scaled_by_highest(data, fit);
  k.profile = model::trace(data,
                           fit,
                           quantity,
                           std::max(3.0, depth_needed(k, level)),
                           data.lowest - 3.0,
                           data.highest + 4.0,
                           0.15);
  return k;
}

// A dose more than three decades from the tested ones is no end of an interval.
void trim(const Data& data, Known& known) {
  known.least = data.lowest - 3.0, known.most = data.highest + 3.0;
}

Position position_of_midpoint(const Data& data, const Fit& fit, CurveClass c, double level) {
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
      p.known = know(data, fit, quantity, level, data.lowest - 3.0, data.highest + 3.0);
      trim(data, p.known);
      break;
    case CurveClass::above_highest:
      p.reach = Reach::above, p.bound = data.highest;
      p.known = irregular(data, fit, quantity, level);
      break;
    case CurveClass::below_lowest:
      p.reach = Reach::below, p.bound = data.lowest;
      p.known = irregular(data, fit, quantity, level);
      break;
    default:
      break;
  }
  return p;
}

void add_more_ic(const Data& data, const Options& options, const std::string& method, Analysed& a) {
  for (double percent : options.more_ic_percent) {
    if (!(percent > 0.0 && percent < 100.0)) continue;
    MoreIc ic;
    ic.percent = percent;
    ic.absolute_nM = estimated(position_of_level(data, a.fit, 1.0 - percent / 100.0, options.level),
                               options.level,
                               method,
                               rounded(percent) + " % inhibition");
    ic.relative_nM = a.result.ic50_nM;  // Status and reason of the curve, unless it is exact.
    if (a.ic50.reach == Reach::exact) {
      const Known k = know(data,
                           a.fit,
                           model::RelativeIc(percent / 100.0),
                           options.level,
                           data.lowest - 4.0,
                           data.highest + 4.0);
      ic.relative_nM = estimated(k, options.level, {Scale::power10}, method);
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
  a.ic50 = position_of_midpoint(data, a.fit, r.curve_class, level);
  r.ic50_nM = estimated(a.ic50, level, method, "half of the effect");
  a.absolute = position_of_level(data, a.fit, 0.5, level);
  r.ic50_absolute_nM = estimated(a.absolute, level, method, "half of vehicle");
  const double lowest_plateau = -0.1 + 1e-6;
  a.has_plateaus = a.ic50.reach == Reach::exact;
  if (a.has_plateaus) {
    a.bottom = know(data, a.fit, model::Coordinate(3), level, lowest_plateau, 3.0);
    a.slope = know(data, a.fit, model::Coordinate(1), level, std::log(0.11), std::log(14.0));
    r.emax = estimated(a.bottom, level, {Scale::identity}, method);
    open_unreached_plateau(data, a);
    r.hill_slope = estimated(a.slope, level, {Scale::exponential}, method);
  }
  r.viability_at_highest_dose =
      estimated(know(data, a.fit, model::AtDose(data.highest), level, -0.3, 4.0),
                level,
                {Scale::identity},
                method);
  if (window.high > window.low) {
    r.auc_low_nM = std::pow(10.0, window.low), r.auc_high_nM = std::pow(10.0, window.high);
    r.auc = estimated(know(data, a.fit, model::Auc(window.low, window.high), level, -0.3, 4.0),
                      level,
                      {Scale::identity},
                      method);
  } else {
    r.auc.status = Status::not_applicable;
    r.auc.why = "The curves of this drug share no range of doses.";
  }
  add_more_ic(data, options, method, a);
}

}  // namespace

double multiple(double level, double df) {
  return numeric::student_t_quantile(0.5 + 0.5 * level, df);
}

double Scale::operator()(double x) const {
  return kind == identity ? x : kind == power10 ? std::pow(10.0, x) : std::exp(x);
}

Known know(const Data& data,
           const Fit& fit,
           const model::Quantity& quantity,
           double level,
           double lowest,
           double highest) {
  Known k = model::variances(data, fit, quantity);
  if (!k.regular) {
    Known scale = scaled_by_highest(data, fit);
    scale.profile.psi = k.profile.psi;
    k = scale;
  }
  const double ratio = k.robust == k.robust ? k.robust / k.naive : 1.0;
  const double step = k.regular ? std::sqrt(k.naive) : 0.02 * (highest - lowest);
  k.profile = model::trace(data,
                           fit,
                           quantity,
                           multiple(level, k.df) * (k.regular ? 1.0 : std::sqrt(ratio)),
                           lowest,
                           highest,
                           step);
  return k;
}

Estimated estimated(const Known& known, double level, Scale scale, const std::string& method) {
  Estimated e;
  e.level = level;
  e.method = method;
  e.n = static_cast<int>(known.repeats.size());
  const double t = multiple(level, known.df);
  e.value = scale(known.profile.psi);
  e.low = scale(model::interval_end(known, false, t));
  e.high = scale(model::interval_end(known, true, t));
  const bool low = e.low == e.low, high = e.high == e.high;
  e.status = low && high ? Status::ok
             : low       ? Status::interval_open_high
             : high      ? Status::interval_open_low
                         : Status::interval_open;
  if (!low || !high)
    e.why = std::string("The data set no ") +
            (low    ? "upper"
             : high ? "lower"
                    : "") +
            (low || high ? " end" : "end") + " to the interval.";
  if (e.n == 1) {
    e.status = Status::single_repeat;
    e.why = "One biological repeat: the interval holds technical error only.";
  }
  return e;
}

Position position_of_level(const Data& data, const Fit& fit, double response_level, double level) {
  Position p;
  const model::AbsoluteIc quantity(response_level);
  std::array<double, 9> g{};
  const double u = quantity.value(fit.theta, g);
  if (u != u) return p;
  if (u >= data.lowest && u <= data.highest) {
    p.reach = Reach::exact;
    p.known = know(data, fit, quantity, level, data.lowest - 3.0, data.highest + 3.0);
    trim(data, p.known);
  } else if (u > data.highest) {
    p.reach = Reach::above, p.bound = data.highest;
    p.known = scaled_by_highest(data, fit);
    p.known.profile = model::trace_unreached(
        data, fit, response_level, std::max(3.0, depth_needed(p.known, level)));
  } else {
    p.reach = Reach::below, p.bound = data.lowest;
    p.known =
        std::isfinite(u) ? irregular(data, fit, quantity, level) : scaled_by_highest(data, fit);
  }
  return p;
}

Estimated estimated(const Position& position,
                    double level,
                    const std::string& method,
                    const std::string& what) {
  if (position.reach == Reach::exact)
    return estimated(position.known, level, {Scale::power10}, method);
  Estimated e;
  e.level = level;
  e.method = method;
  e.n = static_cast<int>(position.known.repeats.size());
  if (position.reach == Reach::none) return e;
  const bool above = position.reach == Reach::above;
  const double t = multiple(level, position.known.df);
  const double end = model::interval_end(position.known, !above, t);
  e.value = std::pow(10.0, position.bound);
  (above ? e.low : e.high) = std::pow(10.0, end);
  e.relation = above ? Relation::greater : Relation::less;
  e.status = above ? Status::above_highest_dose : Status::below_lowest_dose;
  const std::string dose = rounded(e.value) + " nM";
  e.why = above ? "The response does not reach " + what + " at the highest dose, " + dose + "."
                : "The response is past " + what + " at the lowest dose, " + dose + ".";
  return e;
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
    add_figure(job, options, a);
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
  r.curve_class = c.curve_class;
  const std::string method = method_text(data, a.fit);
  const Status none = c.curve_class == CurveClass::flat            ? Status::no_response
                      : c.curve_class == CurveClass::above_highest ? Status::above_highest_dose
                                                                   : Status::below_lowest_dose;
  set_all(r, none, c.why, options.level, r.repeats);
  add_numbers(job, window, options, method, a);
  if (r.ic50_nM.status == Status::not_run) {
    r.ic50_nM.status = none;
    r.ic50_nM.why = c.why;
  }
  if (c.curve_class == CurveClass::non_monotone) {
    for (Estimated* e : {&r.ic50_nM, &r.hill_slope, &r.emax, &r.ic50_absolute_nM})
      e->status = Status::non_monotone, e->why = c.why;
  } else if (c.curve_class != CurveClass::identified && !c.why.empty()) {
    r.ic50_nM.why = c.why;
  }
  add_growth(job, options, method, a);
  add_figure(job, options, a);
  r.says = says(r, c.why);
  return a;
}

}  // namespace kinescape::viability
