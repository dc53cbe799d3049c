// SPDX-License-Identifier: Apache-2.0
// What is known of one number: its variance from the repeats, its profile, its interval.
#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "numeric/distribution.hpp"
#include "numeric/shared_spread.hpp"
#include "viability/analyse_internal.hpp"
#include "viability/quantities_internal.hpp"

namespace kinescape::viability {
namespace {

using model::Known;

// Half as deep again as the interval: a difference may have fewer degrees of freedom.
double depth_needed(const Known& known, double level) {
  const double ratio = known.robust == known.robust ? known.robust / known.naive : 1.0;
  return 1.5 * multiple(level, known.df) * (known.regular ? 1.0 : std::sqrt(ratio));
}

// The variance of a number: from the curve alone, or as shared over the experiment.
Known variance_of(const Subject& s,
                  const std::string& name,
                  const model::Quantity& quantity,
                  std::span<const double> more = {}) {
  const auto found = s.knowledge.by_name.find(name);
  if (found != s.knowledge.by_name.end()) return found->second;
  return s.knowledge.by_name[name] = model::variances(s.data, s.fit, quantity, more);
}

model::Profile trace(const Subject& s,
                     const model::Quantity& quantity,
                     double psi,
                     double depth,
                     double lowest,
                     double highest,
                     double first_step) {
  if (s.knowledge.shared)
    return model::trace(s.data, s.fit, quantity, depth, lowest, highest, first_step);
  model::Profile none;
  none.psi = psi;
  none.down.psi = none.up.psi = {psi};
  none.down.z = none.up.z = {0.0};
  return none;
}

// Between-repeat variance of the midpoint beyond what wells explain, over all curves.
double shift_variance(const std::vector<Analysed>& all) {
  double sum = 0.0, df = 0.0;
  for (const Analysed& a : all) {
    const auto k = a.knowledge.by_name.find(midpoint_name);
    if (k == a.knowledge.by_name.end() || !(k->second.regular && k->second.robust > 0.0)) continue;
    const double repeats = static_cast<double>(k->second.repeats.size());
    sum += k->second.own_df * (k->second.robust - k->second.technical) * repeats;
    df += k->second.own_df;
  }
  return df > 0.0 ? std::max(0.0, sum / df) : 0.0;
}

// One number of all curves that have it.
struct Column {
  std::vector<Known*> known;
  std::vector<numeric::OwnSpread> spreads;
};

void add(Column& column, const CurveResult& curve, Known& known, double tau2) {
  known.expected = known.technical + known.moved * tau2 / static_cast<double>(known.repeats.size());
  // Wells without noise have no spread at all; a billionth of what is expected stands for it.
  known.robust = std::max(known.robust, 1e-9 * known.expected);
  column.known.push_back(&known);
  column.spreads.push_back({known.robust,
                            known.own_df,
                            known.expected,
                            curve.line,
                            curve.drug,
                            known.repeats,
                            known.contribution});
}

}  // namespace

void share(std::vector<Analysed>& all) {
  const double tau2 = shift_variance(all);
  std::map<std::string, Column> columns;
  for (Analysed& a : all) {
    a.knowledge.shared = true;
    for (auto& [name, known] : a.knowledge.by_name)
      if (known.naive > 0.0 && known.robust == known.robust)
        add(columns[name], a.result, known, tau2);
  }
  for (auto& [name, column] : columns) {
    const std::vector<numeric::SharedSpread> shared = numeric::share_spread(column.spreads);
    for (std::size_t i = 0; i < shared.size(); ++i)
      column.known[i]->robust = shared[i].variance, column.known[i]->df = shared[i].df;
  }
}

double multiple(double level, double df) {
  return numeric::student_t_quantile(0.5 + 0.5 * level, df);
}

double Scale::operator()(double x) const {
  return kind == identity ? x : kind == power10 ? std::pow(10.0, x) : std::exp(x);
}

void trim(const model::Data& data, Known& known) {
  known.least = data.lowest - 3.0, known.most = data.highest + 3.0;
}

Known scaled_by_highest(const Subject& s) {
  Known k = variance_of(s, "at highest", model::AtDose(s.data.highest));
  k.regular = false;
  return k;
}

Known know(const Subject& s,
           const std::string& name,
           const model::Quantity& quantity,
           double lowest,
           double highest,
           std::span<const double> more) {
  Known k = variance_of(s, name, quantity, more);
  if (!k.regular) {
    const double psi = k.profile.psi;
    k = scaled_by_highest(s);
    k.profile.psi = psi;
  }
  const double step = k.regular ? std::sqrt(k.naive) : 0.02 * (highest - lowest);
  k.profile = trace(s, quantity, k.profile.psi, depth_needed(k, s.level), lowest, highest, step);
  return k;
}

Known know_beyond(const Subject& s, const model::Quantity& quantity) {
  Known k = scaled_by_highest(s);
  std::array<double, 9> g{};
  k.profile = trace(s,
                    quantity,
                    quantity.value(s.fit.theta, g),
                    std::max(3.0, depth_needed(k, s.level)),
                    s.data.lowest - 3.0,
                    s.data.highest + 4.0,
                    0.15);
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

Position position_of_level(const Subject& s,
                           const std::string& name,
                           double response_level,
                           std::span<const double> more) {
  Position p;
  const model::Data& data = s.data;
  const model::AbsoluteIc quantity(response_level);
  std::array<double, 9> g{};
  const double u = quantity.value(s.fit.theta, g);
  if (u != u) return p;
  if (u >= data.lowest && u <= data.highest) {
    p.reach = Reach::exact;
    p.known = know(s, name, quantity, data.lowest - 3.0, data.highest + 3.0, more);
    trim(data, p.known);
  } else if (u > data.highest) {
    p.reach = Reach::above, p.bound = data.highest;
    p.known = scaled_by_highest(s);
    if (s.knowledge.shared)
      p.known.profile = model::trace_unreached(
          data, s.fit, response_level, std::max(3.0, depth_needed(p.known, s.level)));
  } else {
    p.reach = Reach::below, p.bound = data.lowest;
    p.known = std::isfinite(u) ? know_beyond(s, quantity) : scaled_by_highest(s);
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

}  // namespace kinescape::viability
