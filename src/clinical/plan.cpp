// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "clinical/design.hpp"
#include "clinical/estimate_internal.hpp"
#include "numeric/distribution.hpp"
#include "numeric/proportion.hpp"

namespace kinescape::clinical {
namespace {

struct Outcome {
  double p = unknown;
  int events = 0;
};

Outcome trial_of(const VirtualTrial& v, int patients, Seed seed) {
  Design design = v.design;
  for (ArmDesign& a : design.arms) a.patients = patients;
  const Table table = simulate(design, v.truth, seed);
  Outcome out;
  std::vector<int> group;
  const std::string& last = table.arms.back();
  Table two = table;
  std::erase_if(two.rows,
                [&](const Row& r) { return r.arm != table.arms.front() && r.arm != last; });
  for (const Row& row : two.rows) {
    group.push_back(row.arm == last);
    out.events += row.ending == Ending::event;
  }
  out.p = two.interval_censored
              ? numeric::interval_rank_test(intervals_of(two, nullptr), group, 2).p
              : numeric::rank_test(follow_up_of(two, nullptr), group, 2, {}).p;
  return out;
}

PlanRow row_of(const VirtualTrial& v, const PlanOptions& o, int patients) {
  const auto n = static_cast<std::size_t>(o.studies);
  std::vector<Outcome> all(n);
  parallel_for(n, o.threads, [&](std::size_t i) {
    all[i] = trial_of(
        v,
        patients,
        Seed{o.seed.value * 1000003ULL + static_cast<std::uint64_t>(patients) * 100003ULL + i});
  });
  int hits = 0;
  double events = 0.0;
  for (const Outcome& x : all) hits += x.p < o.alpha, events += x.events;
  const auto l =
      numeric::proportion_interval(hits, o.studies, 0.95, numeric::ProportionMethod::wilson);
  return {patients, static_cast<double>(hits) / o.studies, l.low, l.high, events / o.studies};
}

}  // namespace

std::vector<Look> sequential_limits(int looks, double alpha) {
  // Density of the score process, not yet stopped, on a grid of the standardised statistic times
  // sqrt(information); Simpson's rule.
  constexpr int half = 600;
  std::vector<Look> out;
  std::vector<double> grid, density;
  double spent = 0.0;
  const double z = numeric::normal_quantile(1.0 - 0.25 * alpha);
  for (int k = 1; k <= looks; ++k) {
    const double t = static_cast<double>(k) / looks;
    const double goal = 4.0 * numeric::normal_cdf(-z / std::sqrt(t)) - spent;
    const double step_sd = std::sqrt(1.0 / looks);
    // P(|score| > limit and not stopped before)
    const auto tail = [&](double limit) {
      if (k == 1) return 2.0 * numeric::normal_cdf(-limit / std::sqrt(t));
      double sum = 0.0;
      const double h = grid[1] - grid[0];
      for (std::size_t i = 0; i < grid.size(); ++i) {
        const double w = (i == 0 || i + 1 == grid.size()) ? 1.0 : i % 2 == 1 ? 4.0 : 2.0;
        sum += w * density[i] *
               (numeric::normal_cdf((-limit - grid[i]) / step_sd) +
                numeric::normal_cdf((grid[i] - limit) / step_sd));
      }
      return sum * h / 3.0;
    };
    double low = 0.0, high = 12.0;
    for (int i = 0; i < 80; ++i) {
      const double middle = 0.5 * (low + high);
      (tail(middle) > goal ? low : high) = middle;
    }
    const double limit = 0.5 * (low + high), z_limit = limit / std::sqrt(t);
    out.push_back({t, z_limit, 2.0 * numeric::normal_cdf(-z_limit)});
    spent += goal;
    std::vector<double> next_grid(2 * half + 1), next(2 * half + 1);
    for (int i = 0; i <= 2 * half; ++i) {
      const double s = limit * (static_cast<double>(i) / half - 1.0);
      next_grid[static_cast<std::size_t>(i)] = s;
      const auto normal = [](double x, double sd) {
        return std::exp(-0.5 * x * x / (sd * sd)) / (sd * 2.5066282746310002);
      };
      double value = 0.0;
      if (k == 1) {
        value = normal(s, std::sqrt(t));
      } else {
        const double h = grid[1] - grid[0];
        for (std::size_t j = 0; j < grid.size(); ++j) {
          const double w = (j == 0 || j + 1 == grid.size()) ? 1.0 : j % 2 == 1 ? 4.0 : 2.0;
          value += w * density[j] * normal(s - grid[j], step_sd);
        }
        value *= h / 3.0;
      }
      next[static_cast<std::size_t>(i)] = value;
    }
    grid = std::move(next_grid), density = std::move(next);
  }
  return out;
}

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
  // Power rises with size: double until it is reached, then halve the bracket.
  int low = o.from, high = o.from;
  const auto power_at = [&](int patients) {
    for (const PlanRow& r : out.rows)
      if (r.patients_per_arm == patients) return r.power;
    out.rows.push_back(row_of(v, o, patients));
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
  if (o.looks > 1) out.looks = sequential_limits(o.looks, o.alpha);
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
  return out;
}

}  // namespace kinescape::clinical
