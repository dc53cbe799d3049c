// SPDX-License-Identifier: Apache-2.0
// How many patients? The power of the very test that the analysis will make, in simulated trials,
// with the looks that were planned.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/number.hpp"
#include "clinical/estimate_internal.hpp"
#include "clinical/simulate_internal.hpp"
#include "numeric/distribution.hpp"
#include "numeric/proportion.hpp"

namespace kinescape::clinical {
namespace {

/// One simulated trial of the last arm against the reference.
struct Outcome {
  std::size_t look = 0;  // at which it stopped, from 0; the number of looks: never crossed
  double events = 0.0, seen = 0.0, months = 0.0;
};

struct Trial {
  Design design;  // of the two arms
  std::vector<Fate> fates;
};

Trial trial_of(const VirtualTrial& v, int patients, Seed seed) {
  Trial out{v.design, {}};
  for (ArmDesign& a : out.design.arms) a.patients = patients;
  out.fates = fates_of(out.design, v.truth, seed);
  const std::string first = v.design.arms.front().name, last = v.design.arms.back().name;
  std::erase_if(out.fates, [&](const Fate& f) { return f.arm != first && f.arm != last; });
  out.design.arms = {out.design.arms.front(), out.design.arms.back()};
  return out;
}

/// When each event becomes known on the calendar, ascending.
std::vector<double> dates_of_events(const Trial& t) {
  std::vector<double> out;
  for (const Fate& f : t.fates) {
    const double every = t.design.scan_every_months;
    const double known = every > 0.0 ? every * std::ceil(f.event / every - 1e-9) : f.event;
    if (known <= f.followed) out.push_back(f.entry + known);
  }
  std::sort(out.begin(), out.end());
  return out;
}

double chi2_of(const Trial& t, double date, double& events) {
  const Table table = table_at(t.design, t.fates, date);
  std::vector<int> group;
  events = 0.0;
  for (const Row& row : table.rows) {
    group.push_back(row.arm == table.arms.back());
    events += row.ending == Ending::event;
  }
  return table.interval_censored
             ? numeric::interval_rank_test(intervals_of(table, nullptr), group, 2).chi2
             : numeric::rank_test(follow_up_of(table, nullptr), group, 2, {}).chi2;
}

/// `planned`: events that this size is expected to give.
Outcome outcome_of(const Trial& t, const std::vector<Look>& looks, double planned) {
  Outcome out;
  const std::vector<double> dates = dates_of_events(t);
  const double end = t.design.accrual_months + t.design.follow_up_months;
  out.events = static_cast<double>(dates.size());
  for (; out.look < looks.size(); ++out.look) {
    const Look& look = looks[out.look];
    const auto wanted = static_cast<std::size_t>(std::ceil(look.information * planned - 1e-9));
    const bool last = out.look + 1 == looks.size();
    if (!last && (wanted == 0 || wanted > dates.size())) continue;
    out.months = last ? end : dates[wanted - 1];
    // A little later: entry + event - entry may fall short of the event by its last bit.
    const double date = last ? std::numeric_limits<double>::infinity() : out.months + 1e-9;
    if (chi2_of(t, date, out.seen) > look.z_limit * look.z_limit) return out;
  }
  return out;
}

PlanRow row_of(const VirtualTrial& v,
               const PlanOptions& o,
               const std::vector<Look>& looks,
               int patients) {
  const auto n = static_cast<std::size_t>(o.studies);
  const auto seed = [&](std::size_t i) {
    return Seed{o.seed.value * 1000003ULL + static_cast<std::uint64_t>(patients) * 100003ULL + i};
  };
  double planned = 0.0;
  if (looks.size() > 1) {
    std::vector<double> events(n);
    parallel_for(n, o.threads, [&](std::size_t i) {
      events[i] = static_cast<double>(dates_of_events(trial_of(v, patients, seed(i))).size());
    });
    for (const double e : events) planned += e / o.studies;
  }
  std::vector<Outcome> all(n);
  parallel_for(n, o.threads, [&](std::size_t i) {
    all[i] = outcome_of(trial_of(v, patients, seed(i)), looks, planned);
  });
  PlanRow row;
  row.patients_per_arm = patients;
  row.events = row.expected_events = row.expected_months = 0.0;
  row.planned_months = v.design.accrual_months + v.design.follow_up_months;
  std::vector<int> stopped(looks.size(), 0);
  for (const Outcome& x : all) {
    for (std::size_t k = x.look; k < looks.size(); ++k) ++stopped[k];
    row.events += x.events / o.studies;
    row.expected_events += x.seen / o.studies, row.expected_months += x.months / o.studies;
  }
  for (const int s : stopped) row.stopped_by.push_back(static_cast<double>(s) / o.studies);
  const auto l = numeric::proportion_interval(
      stopped.back(), o.studies, 0.95, numeric::ProportionMethod::wilson);
  row.power = row.stopped_by.back(), row.power_low = l.low, row.power_high = l.high;
  return row;
}

}  // namespace

Plan plan(const VirtualTrial& v, const PlanOptions& o) {
  Plan out;
  out.hazard_ratio =
      std::pow(v.truth.median_months.front() / v.truth.median_months.back(), v.truth.shape);
  const double z = numeric::normal_quantile(1.0 - 0.5 * o.alpha) +
                   numeric::normal_quantile(o.power),
               log_ratio = std::log(out.hazard_ratio);
  if (log_ratio != 0.0) out.schoenfeld_events = std::ceil(4.0 * z * z / (log_ratio * log_ratio));
  Estimated& n = out.patients_per_arm;
  n.method = fmt::format("{} simulated trials of each size, log-rank at {}, seed {}",
                         o.studies,
                         exact(o.alpha),
                         o.seed.value);
  n.n = o.studies;
  out.looks = sequential_limits(o.looks, o.alpha, o.spending);
  if (o.looks > 1)
    n.method += fmt::format(", {} looks, {} spending",
                            o.looks,
                            o.spending == Spending::pocock ? "Pocock" : "O'Brien-Fleming");
  // Power rises with size: double until it is reached, then halve the bracket.
  int low = o.from, high = o.from;
  const auto power_at = [&](int patients) {
    for (const PlanRow& r : out.rows)
      if (r.patients_per_arm == patients) return r.power;
    out.rows.push_back(row_of(v, o, out.looks, patients));
    if (o.progress) o.progress({"sizes", out.rows.size(), 0});
    return out.rows.back().power;
  };
  while (power_at(high) < o.power && high < o.to) low = high, high = std::min(o.to, 2 * high);
  const bool reached = power_at(high) >= o.power;
  while (reached && high - low > std::max(1, low / 25)) {
    const int middle = (low + high) / 2;
    (power_at(middle) >= o.power ? high : low) = middle;
  }
  std::sort(out.rows.begin(), out.rows.end(), [](const PlanRow& a, const PlanRow& b) {
    return a.patients_per_arm < b.patients_per_arm;
  });
  n.value = high;
  if (!reached) {
    n.relation = Relation::greater;
    n.status = Status::not_reached;
    n.why = fmt::format("{} patients an arm do not reach a power of {}.", high, exact(o.power));
    out.says = n.why;
    return out;
  }
  n.status = Status::interval_open;
  n.why =
      "The smallest size whose simulated power reached the goal; the power's interval stands in "
      "each row.";
  const auto at = std::find_if(out.rows.begin(), out.rows.end(), [&](const PlanRow& r) {
    return r.patients_per_arm == high;
  });
  out.says = fmt::format("{} patients an arm give {} events and a power of {}.",
                         high,
                         rounded(at->events, 3),
                         rounded(at->power, 2));
  if (o.looks > 1)
    out.says += fmt::format(
        " With {} looks a trial is expected to see {} events and to last {} of {} months.",
        o.looks,
        rounded(at->expected_events, 3),
        rounded(at->expected_months, 3),
        rounded(at->planned_months, 3));
  return out;
}

}  // namespace kinescape::clinical
