// SPDX-License-Identifier: Apache-2.0
#include "clinical/estimate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "base/number.hpp"
#include "clinical/estimate_internal.hpp"
#include "numeric/distribution.hpp"
#include "numeric/interval_censored.hpp"
#include "numeric/survival.hpp"

namespace kinescape::clinical {
namespace {

numeric::Band band_of(BandScale scale) {
  return scale == BandScale::plain ? numeric::Band::plain
         : scale == BandScale::log ? numeric::Band::log
                                   : numeric::Band::log_log;
}

std::string band_words(BandScale scale) {
  return scale == BandScale::plain ? "plain" : scale == BandScale::log ? "log" : "log-log";
}

/// Closes an interval, or says which end the data left open.
void settle(Estimated& e, const std::string& open_why) {
  const bool low = std::isnan(e.low), high = std::isnan(e.high);
  e.status = low && high ? Status::interval_open
             : low       ? Status::interval_open_low
             : high      ? Status::interval_open_high
                         : Status::ok;
  if (e.status != Status::ok) e.why = open_why;
}

Estimated median_of(const numeric::SurvivalCurve& curve,
                    const Options& o,
                    const std::string& unit) {
  Estimated e;
  e.level = o.level;
  e.n = curve.n;
  e.method = "Kaplan-Meier, Brookmeyer-Crowley interval, " + band_words(o.band);
  const auto q = numeric::time_quantile(curve, 0.5, band_of(o.band), o.level);
  e.value = q.value, e.low = q.low, e.high = q.high;
  if (curve.events == 0) {
    e.status = Status::no_events;
    e.why = "No patient of this arm had the event.";
  } else if (std::isnan(e.value)) {
    e.status = Status::not_reached;
    e.why = fmt::format("Half of the arm was still event-free at the last look ({} {}).",
                        rounded(curve.time.back()),
                        unit);
  } else {
    settle(e, "The band does not cross one half on that side within the follow-up.");
  }
  return e;
}

void landmarks(const numeric::SurvivalCurve& curve, const Options& o, ArmResult& arm) {
  for (const double t : o.landmarks) {
    const auto at = numeric::survival_at(curve, t, band_of(o.band), o.level);
    Estimated e;
    e.level = o.level;
    e.n = curve.n;
    e.method = "Kaplan-Meier, Greenwood, " + band_words(o.band);
    e.value = at.survival, e.low = at.low, e.high = at.high;
    if (curve.time.empty() || t > curve.time.back()) {
      e.value = e.low = e.high = unknown;
      e.status = Status::not_reached;
      e.why = "Nobody of this arm was followed that long.";
    } else {
      settle(e, "Nobody is left at this time.");
    }
    arm.landmarks.push_back({t, e});
  }
}

ArmResult exact_arm(const numeric::FollowUp& rows,
                    const Options& o,
                    double horizon,
                    const std::string& unit) {
  ArmResult arm;
  const auto curve = numeric::kaplan_meier(rows);
  arm.n = curve.n, arm.events = curve.events;
  arm.median = median_of(curve, o, unit);
  for (std::size_t i = 0; i < curve.time.size(); ++i) {
    const auto at = numeric::survival_at(curve, curve.time[i], band_of(o.band), o.level);
    arm.survival.push_back({curve.time[i],
                            at.survival,
                            at.low,
                            at.high,
                            curve.at_risk[i],
                            curve.failed[i],
                            curve.censored[i]});
  }
  landmarks(curve, o, arm);
  arm.horizon = horizon;
  Estimated& mean = arm.restricted_mean;
  mean.level = o.level, mean.n = curve.n;
  mean.method = "area under Kaplan-Meier to the horizon, Greenwood variance";
  if (!(horizon > 0.0) || curve.time.empty()) {
    mean.status = Status::not_applicable;
    mean.why = "No horizon lies within the follow-up.";
  } else if (horizon > curve.time.back() && curve.survival.back() > 0.0) {
    mean.status = Status::not_reached;
    mean.why = "The horizon lies beyond the follow-up of this arm.";
  } else {
    const auto m = numeric::restricted_mean(curve, horizon);
    const double half = numeric::normal_quantile(0.5 + 0.5 * o.level) * m.se;
    mean.value = m.value, mean.low = m.value - half, mean.high = std::min(horizon, m.value + half);
    const bool none =
        std::none_of(curve.failed.begin(), curve.failed.end(), [](double d) { return d > 0.0; });
    if (none) {
      mean.low = mean.high = unknown;
      mean.status = Status::interval_open;
      mean.why = "No event: how far the mean may lie below the horizon is not known.";
      return arm;
    }
    mean.status = Status::ok;
  }
  return arm;
}

ArmResult interval_arm(const numeric::IntervalRows& rows, const Options& o) {
  ArmResult arm;
  const auto fit = numeric::turnbull(rows);
  arm.n = static_cast<int>(rows.low.size());
  arm.events = static_cast<int>(
      std::count_if(rows.high.begin(), rows.high.end(), [](double t) { return std::isfinite(t); }));
  arm.optimality = fit.optimality;
  for (std::size_t j = 0; j < fit.mass.size(); ++j)
    if (std::isfinite(fit.right[j]))
      arm.survival.push_back({fit.right[j],
                              fit.survival_after[j],
                              unknown,
                              unknown,
                              unknown,
                              fit.mass[j] * arm.n,
                              unknown});
  Estimated& e = arm.median;
  e.level = o.level, e.n = arm.n;
  e.method = fmt::format(
      "Turnbull (optimality {:.0e}), right end of the median's set, likelihood-ratio interval",
      fit.optimality);
  Estimated& drawn = arm.median_bootstrap;
  drawn.level = o.level, drawn.n = arm.n;
  drawn.method = fmt::format(
      "Turnbull, right end of the median's set, percentile bootstrap of {} "
      "draws, seed {}",
      o.bootstrap_draws,
      o.seed.value);
  if (arm.events == 0) {
    e.status = drawn.status = Status::no_events;
    e.why = drawn.why = "No patient of this arm had the event.";
  } else {
    const auto set = numeric::quantile_bounds(fit, 0.5);
    const auto limits = o.likelihood_intervals ? numeric::quantile_profile(rows, 0.5, o.level)
                                               : numeric::Limits{unknown, unknown};
    const auto boot =
        numeric::turnbull_bootstrap(rows, 0.5, 0.0, o.bootstrap_draws, o.level, o.seed, 1);
    e.value = drawn.value = set.high;
    e.low = limits.low, e.high = limits.high;
    drawn.low = boot.quantile.low, drawn.high = boot.quantile.high;
    if (std::isnan(e.value)) {
      e.status = drawn.status = Status::not_reached;
      e.why = drawn.why = "Half of the arm was still event-free at the last look.";
    } else {
      settle(e, "The likelihood does not object to a median beyond the last look.");
      settle(drawn, "Bootstrap samples do not reach one half on that side.");
      e.why =
          fmt::format("Known only to lie after {} and by {}.", rounded(set.low), rounded(set.high));
    }
  }
  const auto weibull = numeric::fit_weibull(rows, o.level);
  Estimated& w = arm.weibull_median;
  w.level = o.level, w.n = arm.n, w.method = "Weibull, maximum likelihood, delta method on ln time";
  w.value = weibull.median, w.low = weibull.median_low, w.high = weibull.median_high;
  w.status = std::isnan(w.value) ? Status::failed : Status::ok;
  if (std::isnan(w.value)) w.why = "Fewer than two events, or no interior maximum.";
  for (const double t : o.landmarks) {
    const auto bounds = numeric::survival_bounds(fit, t);
    const auto limits = o.likelihood_intervals ? numeric::survival_profile(rows, t, o.level)
                                               : numeric::Limits{unknown, unknown};
    Estimated s;
    s.level = o.level, s.n = arm.n, s.method = "Turnbull, likelihood-ratio interval";
    s.value = bounds.high, s.low = limits.low, s.high = limits.high;
    settle(s, "");
    if (bounds.low < bounds.high)
      s.why = fmt::format("Between {} and {}: the event is not dated within its set.",
                          rounded(bounds.low),
                          rounded(bounds.high));
    arm.landmarks.push_back({t, s});
  }
  return arm;
}

void incidence(const Table& table,
               const std::string& arm,
               const numeric::FollowUp& rows,
               ArmResult& out) {
  std::set<std::string> causes;
  std::vector<int> ending;
  std::vector<const Row*> of;
  for (const Row& row : table.rows)
    if (row.arm == arm) of.push_back(&row);
  for (const Row* row : of)
    if (row->ending == Ending::competing) causes.insert(row->cause);
  if (causes.empty()) return;
  for (const Row* row : of)
    ending.push_back(
        row->ending == Ending::event ? 1
        : row->ending == Ending::competing
            ? 2 + static_cast<int>(std::distance(causes.begin(), causes.find(row->cause)))
            : 0);
  int code = 1;
  std::vector<std::string> names = {"event"};
  names.insert(names.end(), causes.begin(), causes.end());
  for (const std::string& cause : names) {
    const auto c = numeric::cumulative_incidence(rows, ending, code++);
    out.incidence.push_back({cause, c.time, c.incidence, c.se});
  }
}

void compare_means(const Options& o, Estimate& out) {
  const double z = numeric::normal_quantile(0.5 + 0.5 * o.level);
  for (std::size_t a = 1; a < out.arms.size(); ++a) {
    const Estimated &one = out.arms[a].restricted_mean, &two = out.arms[0].restricted_mean;
    ArmComparison c;
    c.arm = out.arms[a].arm, c.reference = out.arms[0].arm;
    Estimated &d = c.restricted_mean_difference, &r = c.restricted_mean_ratio;
    d.level = r.level = o.level, d.n = r.n = one.n + two.n;
    d.method = "difference of restricted means",
    r.method = "ratio of restricted means, delta method on ln";
    if (one.status != Status::ok || two.status != Status::ok) {
      d.status = r.status = Status::not_applicable;
      d.why = r.why = "One of the arms has no restricted mean to the horizon.";
    } else {
      const double s1 = (one.value - one.low) / z, s2 = (two.value - two.low) / z;
      const double half = z * std::hypot(s1, s2);
      d.value = one.value - two.value, d.low = d.value - half, d.high = d.value + half;
      const double log_half = z * std::hypot(s1 / one.value, s2 / two.value);
      r.value = one.value / two.value;
      r.low = r.value * std::exp(-log_half), r.high = r.value * std::exp(log_half);
      d.status = r.status = Status::ok;
    }
    out.comparisons.push_back(std::move(c));
  }
}

/// The longest time that every arm still follows, or at which it has nobody left.
double common_horizon(const Table& table) {
  double horizon = std::numeric_limits<double>::infinity();
  for (const std::string& arm : table.arms) {
    double last = 0.0;
    for (const Row& row : table.rows)
      if (row.arm == arm) last = std::max(last, row.time_low);
    horizon = std::min(horizon, last);
  }
  return horizon;
}

void say_methods(const Table& table, const Options& o, Estimate& out) {
  if (table.interval_censored) {
    out.methods.push_back(
        "Turnbull's non-parametric likelihood by constrained Newton steps to its optimality "
        "conditions; log-rank scores for interval-censored times with permutation variance.");
    out.citations.insert(out.citations.end(),
                         {"Banerjee & Wellner 2001, doi:10.1214/aos/1015345959",
                          "Turnbull 1976, doi:10.1111/j.2517-6161.1976.tb01597.x",
                          "Wang 2007, doi:10.1111/j.1467-9868.2007.00583.x",
                          "Fay 1999, doi:10.1002/(SICI)1097-0258(19990215)18:3<273"});
    return;
  }
  out.methods.push_back(fmt::format(
      "Kaplan-Meier with Greenwood variance and {} intervals; log-rank test{}; Cox model with {} "
      "ties.",
      band_words(o.band),
      std::any_of(
          table.rows.begin(), table.rows.end(), [](const Row& r) { return !r.stratum.empty(); })
          ? " within strata"
          : "",
      out.cox.ties));
  out.citations.insert(out.citations.end(),
                       {"Kaplan & Meier 1958, doi:10.1080/01621459.1958.10501452",
                        "Brookmeyer & Crowley 1982, doi:10.2307/2530286",
                        "Cox 1972, doi:10.1111/j.2517-6161.1972.tb00899.x",
                        "Grambsch & Therneau 1994, doi:10.1093/biomet/81.3.515"});
  if (out.cox.penalised)
    out.citations.emplace_back("Heinze & Schemper 2001, doi:10.1111/j.0006-341X.2001.00114.x");
  if (table.left_truncated)
    out.methods.emplace_back("Patients count as at risk from their entry on (left truncation).");
}

}  // namespace

numeric::FollowUp follow_up_of(const Table& table, const std::string* arm) {
  numeric::FollowUp out;
  const bool entries = table.left_truncated || table.stretches;
  for (const Row& row : table.rows) {
    if (arm != nullptr && row.arm != *arm) continue;
    if (entries) out.entry.push_back(std::isnan(row.entry) ? -1.0 : row.entry);
    out.time.push_back(row.time_low);
    out.event.push_back(row.ending == Ending::event);
  }
  return out;
}

numeric::IntervalRows intervals_of(const Table& table, const std::string* arm) {
  numeric::IntervalRows out;
  for (const Row& row : table.rows) {
    if (arm != nullptr && row.arm != *arm) continue;
    out.low.push_back(row.time_low);
    out.high.push_back(row.time_high);
  }
  return out;
}

Estimate estimate(const Table& table, const Options& options) {
  Estimate out;
  out.time_unit = table.time_unit;
  out.interval_censored = table.interval_censored;
  out.left_truncated = table.left_truncated;
  out.reconstructed_from = table.reconstructed_from;
  const double horizon = std::isnan(options.horizon) ? common_horizon(table) : options.horizon;
  for (const std::string& arm : table.arms) {
    ArmResult result;
    if (table.interval_censored) {
      result = interval_arm(intervals_of(table, &arm), options);
    } else {
      const auto rows = follow_up_of(table, &arm);
      result = exact_arm(rows, options, horizon, table.time_unit);
      incidence(table, arm, rows, result);
      std::set<std::string> patients;
      for (const Row& row : table.rows)
        if (row.arm == arm) patients.insert(row.patient);
      result.n = static_cast<int>(patients.size());
    }
    result.arm = arm;
    out.arms.push_back(std::move(result));
  }
  compare_ranks(table, options, out);
  if (table.interval_censored) {
    out.cox.status = Status::not_applicable;
    out.cox.why =
        "Times known between looks only: a Cox model of the later look would be biased; see the "
        "log-rank scores and the Weibull medians.";
  } else {
    fit_cox(table, options, out);
    compare_means(options, out);
  }
  say_methods(table, options, out);
  return out;
}

}  // namespace kinescape::clinical
