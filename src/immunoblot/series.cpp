// SPDX-License-Identifier: Apache-2.0
// Folds of treatments against no drug and of lines against each other, whether the target is off,
// and the dose that takes half of it away.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "base/stream.hpp"
#include "dose_response/fit.hpp"
#include "immunoblot/ratios_internal.hpp"
#include "immunoblot/series_internal.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::immunoblot {
namespace {

Treatment treatment_of(const Ratio& r) {
  const double time = std::isnan(r.time_h) ? -1.0 : r.time_h;
  return r.dose_nM > 0.0 ? Treatment{r.line, r.drug, r.dose_nM, time}
                         : Treatment{r.line, "", 0.0, time};
}

Experiment experiment_of(const std::vector<const Ratio*>& ratios) {
  Experiment out;
  for (const Ratio* r : ratios) {
    if (!(r->ratio.value > 0.0)) continue;
    Group& g = out.groups[treatment_of(*r)];
    g.lanes.push_back(r);
    g.membranes.insert(r->membrane);
    g.samples.insert(r->sample);
    g.any_exact = g.any_exact || r->ratio.exact();
    if (std::ranges::find(out.membranes, r->membrane) == out.membranes.end())
      out.membranes.push_back(r->membrane);
  }
  std::vector<LogRatio> data;
  std::map<std::pair<std::size_t, std::string>, std::size_t> samples;
  std::size_t next = 0;
  for (auto& [treatment, g] : out.groups) {
    if (!g.any_exact) {
      g.bound = 0.0;
      for (const Ratio* r : g.lanes) g.bound += std::log(r->ratio.value) / double(g.lanes.size());
      g.relation = g.lanes.front()->ratio.relation;
      continue;
    }
    g.index = next++;
    for (const Ratio* r : g.lanes) {
      LogRatio d;
      d.group = g.index;
      d.membrane =
          std::size_t(std::ranges::find(out.membranes, r->membrane) - out.membranes.begin());
      if (!r->sample.empty()) {
        d.sample = samples.try_emplace({d.group, r->sample}, samples.size() + 1).first->second;
      }
      d.value = std::log(r->ratio.value);
      d.relation = r->ratio.relation;
      if (r->ratio.exact()) {
        d.se = std::log(r->ratio.high / r->ratio.low) / (2.0 * normal_z(r->ratio.level));
      }
      data.push_back(d);
    }
  }
  out.joint = join(data, next, out.membranes.size());
  return out;
}

Call call_of(double p, double level) {
  if (std::isnan(p)) return Call::cannot_say;
  return p >= level         ? Call::suppressed
         : p <= 1.0 - level ? Call::not_suppressed
                            : Call::inconclusive;
}

}  // namespace

Fold fold_of(const Experiment& x, const Group& a, const Group& b, const RatioOptions& options) {
  Fold out;
  Estimated& e = out.fold;
  std::set<std::string> membranes = a.membranes;
  out.lanes = int(a.lanes.size()), out.membranes = int(membranes.size());
  e.level = options.level;
  e.n = x.joint.by_sample ? int(a.samples.size()) : out.membranes;
  e.method =
      x.joint.random_membranes
          ? "log ratios in a mixed model with a random effect of the membrane, t interval of "
            "Kenward and Roger"
      : x.joint.by_sample
          ? "log ratios of samples, freed of their membranes; t interval over samples"
          : "log ratios with treatment and membrane effects, t interval";
  if (!x.joint.usable || !b.any_exact) {
    e.status = Status::failed;
    e.why = b.any_exact
                ? "treatments and membranes cannot be told apart: give three membranes or more, or "
                  "treatments side by side on one"
                : "what it is compared with is a bound itself";
    return out;
  }
  const Joint& j = x.joint;
  const std::size_t k = j.mean.size();
  const double df = j.measurement_only ? 1e6 : j.df;
  const double t = numeric::student_t_quantile(0.5 + 0.5 * options.level, df);
  const double limit = std::log(options.suppressed_below);
  const double maintained = std::log(options.maintained_above);
  if (!a.any_exact) {
    const double se = std::sqrt(j.covariance[b.index * k + b.index]);
    const int sign = a.relation == Relation::less ? 1 : -1;
    e.relation = a.relation;
    e.value = std::exp(a.bound - j.mean[b.index] + sign * t * se);
    (sign > 0 ? e.high : e.low) = e.value;
    e.status = sign > 0 ? Status::interval_open_low : Status::interval_open_high;
    e.why = a.lanes.front()->ratio.why;
    // Of a bound the probability is known on its own side of a limit only.
    const auto p_below = [&](double log_limit) {
      return numeric::student_t_cdf((log_limit - a.bound + j.mean[b.index]) / se, df);
    };
    const double log_bound = std::log(e.value);
    if (sign > 0 ? log_bound < limit : log_bound > limit) {
      out.p_suppressed = p_below(limit);
      out.call = sign > 0 ? Call::suppressed : Call::not_suppressed;
    }
    if (sign > 0 ? log_bound < maintained : log_bound > maintained)
      out.p_maintained = 1.0 - p_below(maintained);
    return out;
  }
  const double difference = j.mean[a.index] - j.mean[b.index];
  const double variance = j.covariance[a.index * k + a.index] +
                          j.covariance[b.index * k + b.index] -
                          2.0 * j.covariance[a.index * k + b.index];
  const double se = std::sqrt(std::max(variance, 0.0));
  e.value = std::exp(difference);
  e.low = std::exp(difference - t * se), e.high = std::exp(difference + t * se);
  e.status = j.measurement_only ? Status::single_repeat : Status::ok;
  if (j.measurement_only)
    e.why = "no treatment was repeated: the interval holds the error of the volumes only";
  out.p_suppressed = numeric::student_t_cdf((limit - difference) / se, df);
  out.p_maintained = 1.0 - numeric::student_t_cdf((maintained - difference) / se, df);
  out.call = call_of(out.p_suppressed, options.level);
  return out;
}

namespace {

/// The smallest AICc of a flat line and of curves from 1 downwards, its midpoint by profile.
DoseSeries series_of(const Experiment& x,
                     const std::string& line,
                     const std::string& drug,
                     double time,
                     const Group& vehicle,
                     double level) {
  DoseSeries out;
  out.line = line, out.drug = drug;
  Estimated& e = out.ic50_nM;
  e.level = level;
  e.n = int(vehicle.membranes.size());
  dose_response::Observations data;
  const double base = x.joint.mean[vehicle.index];
  std::set<double> doses;
  double lowest = 1e300, highest = 0.0;
  for (const auto& [treatment, g] : x.groups) {
    const auto& [l, d, dose, t] = treatment;
    if (l != line || t != time || (d != drug && dose > 0.0)) continue;
    for (const Ratio* r : g.lanes) {
      if (!r->ratio.exact()) continue;
      data.dose_nM.push_back(dose);
      data.response.push_back(r->ratio.value / std::exp(base));
      doses.insert(dose);
      if (dose > 0.0) lowest = std::min(lowest, dose), highest = std::max(highest, dose);
    }
  }
  out.doses = int(doses.size());
  if (out.doses < 4 || data.dose_nM.size() < 5) {
    e.status = Status::too_few_data;
    e.why = "an IC50 needs four doses or more, no drug among them";
    return out;
  }
  using dose_response::Shape;
  dose_response::FitOptions fit_options;
  fit_options.level = level;
  fit_options.falling_only = true;
  const std::array shapes{Shape::flat, Shape::log_logistic3, Shape::log_logistic4};
  const auto fits = dose_response::compare_shapes(shapes, data, fit_options);
  const auto& best = fits.front();
  e.method = std::string(name(best.shape)) + ", profile likelihood";
  if (!best.usable() || best.shape == Shape::flat) {
    e.status = best.usable() ? Status::no_response : Status::failed;
    e.why = "the ratio does not fall with the dose";
    return out;
  }
  const auto interval = dose_response::profile_interval(
      best, std::span(&data, 1), dose_response::log10_relative_ic(0.5), fit_options);
  const double value = std::pow(10.0, interval.estimate);
  if (value > highest || value < lowest) {
    const bool above = value > highest;
    e.relation = above ? Relation::greater : Relation::less;
    e.value = above ? highest : lowest;
    (above ? e.low : e.high) = e.value;
    e.status = above ? Status::above_highest_dose : Status::below_lowest_dose;
    e.why = "half of the target's signal is not left within the doses";
    return out;
  }
  e.value = value;
  e.low = std::pow(10.0, interval.low), e.high = std::pow(10.0, interval.high);
  const bool no_low = std::isnan(e.low), no_high = std::isnan(e.high);
  e.status = no_low && no_high ? Status::interval_open
             : no_low          ? Status::interval_open_low
             : no_high         ? Status::interval_open_high
                               : Status::ok;
  if (e.status != Status::ok) e.why = "the doses do not close the interval";
  return out;
}

void add_experiment(const std::vector<const Ratio*>& ratios,
                    const RatioOptions& options,
                    Estimate& estimate) {
  const Experiment x = experiment_of(ratios);
  if (x.groups.empty()) return;
  estimate.between_lanes_sd = x.joint.sd;
  estimate.between_membranes_sd = x.joint.membrane_sd;
  const std::string &target = ratios.front()->target, &reference = ratios.front()->reference;
  const auto keep = [&](Fold f, const Treatment& t, std::string against) {
    f.target = target, f.reference = reference;
    std::tie(f.line, f.drug, f.dose_nM, f.time_h) = t;
    if (f.time_h < 0.0) f.time_h = unknown;
    f.against = std::move(against);
    estimate.folds.push_back(std::move(f));
  };
  std::set<std::tuple<std::string, std::string, double>> series;
  for (const auto& [treatment, group] : x.groups) {
    const auto& [line, drug, dose, time] = treatment;
    auto vehicle = x.groups.find({line, "", 0.0, time});
    if (vehicle == x.groups.end()) vehicle = x.groups.find({line, "", 0.0, -1.0});
    const Group* start = start_of(x, treatment);
    if (dose > 0.0 && vehicle != x.groups.end()) {
      keep(fold_of(x, group, vehicle->second, options), treatment, "no drug");
      if (vehicle->second.any_exact && x.joint.usable && series.insert({line, drug, time}).second) {
        DoseSeries s = series_of(x, line, drug, time, vehicle->second, options.level);
        s.target = target, s.reference = reference;
        if (s.doses >= 3) estimate.series.push_back(std::move(s));
      }
    } else if (dose > 0.0 && time > 0.0 && start != nullptr) {
      keep(fold_of(x, group, *start, options), treatment, "time 0");
    }
    for (const RatioOptions::Pair& pair : options.pairs) {
      if (pair.line != line) continue;
      const auto other = x.groups.find({pair.against, drug, dose, time});
      if (other == x.groups.end()) continue;
      Fold f = fold_of(x, group, other->second, options);
      f.p_suppressed = f.p_maintained = unknown;
      f.call = Call::cannot_say;
      keep(std::move(f), treatment, pair.against);
    }
  }
  add_courses(x, target, reference, options, estimate);
}

}  // namespace

double normal_z(double level) {
  return normal_quantile(0.5 + 0.5 * level);
}

std::string_view name(Call call) {
  switch (call) {
    case Call::suppressed:
      return "suppressed";
    case Call::not_suppressed:
      return "not_suppressed";
    case Call::inconclusive:
      return "inconclusive";
    case Call::cannot_say:
      return "cannot_say";
  }
  return "";
}

void add_folds(const RatioOptions& options, Estimate& estimate) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const Ratio& r : estimate.ratios) {
    const std::pair pair{r.target, r.reference};
    if (std::ranges::find(pairs, pair) == pairs.end()) pairs.push_back(pair);
  }
  for (const auto& pair : pairs) {
    std::vector<const Ratio*> ratios;
    for (const Ratio& r : estimate.ratios) {
      if (r.target == pair.first && r.reference == pair.second) ratios.push_back(&r);
    }
    add_experiment(ratios, options, estimate);
  }
  if (pairs.empty()) return;
  estimate.methods.push_back(
      "Ratios were joined on the log scale with an effect for each membrane; bounds entered by "
      "their "
      "likelihood. Where samples are named, lanes and membranes that repeat a sample are averaged, "
      "and "
      "samples are what was repeated. A target is called suppressed or not where the probability "
      "that less than the "
      "declared "
      "share is left reaches the level.");
}

}  // namespace kinescape::immunoblot
