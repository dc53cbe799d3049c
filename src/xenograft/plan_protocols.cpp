// SPDX-License-Identifier: Apache-2.0
// How often measured, until when, what ends it? For every protocol the fewest mice that reach the
// wanted power, with what that costs in mice, days and visits.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "base/errors.hpp"
#include "base/number.hpp"
#include "xenograft/plan_internal.hpp"

namespace kinescape::xenograft {
namespace {

/// The step between visits that occurs most, the shorter of two.
double commonest_step(const std::vector<double>& days) {
  std::map<double, int> count;
  for (std::size_t i = 1; i < days.size(); ++i) ++count[days[i] - days[i - 1]];
  return std::max_element(count.begin(),
                          count.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

/// The design's own visits, going on at its step, or one every so many days; the last is `until`.
std::vector<double> days_of(const Design& d, double every, double until) {
  std::vector<double> out{d.days.front()};
  if (every == commonest_step(d.days)) out = d.days;
  while (out.back() + every <= until) out.push_back(out.back() + every);
  std::erase_if(out, [&](double day) { return day > until; });
  if (out.back() < until) out.push_back(until);
  return out;
}

/// The last visit of the design within two thirds of its length.
double two_thirds(const std::vector<double>& days) {
  const double goal = days.front() + 2.0 / 3.0 * (days.back() - days.front());
  double out = days[1];
  for (const double day : days)
    if (day <= goal + 1e-9) out = std::max(out, day);
  return out;
}

struct Choices {
  std::vector<double> every, until, limit, stop;
};

Choices choices_of(const Design& d, const PlanOptions& o) {
  Choices c{o.every_days, o.until_days, o.volume_limits_mm3, o.stop_when_gone};
  const bool none = c.every.empty() && c.until.empty() && c.limit.empty() && c.stop.empty();
  const double step = commonest_step(d.days), last = d.days.back();
  const auto add = [](std::vector<double>& to, double own) {
    const auto same = [&](double x) { return x == own || (std::isnan(x) && std::isnan(own)); };
    if (std::none_of(to.begin(), to.end(), same)) to.insert(to.begin(), own);
  };
  if (none) {
    c.every = {2.0 * step};
    c.until = {two_thirds(d.days)};
    c.stop = {0.5};
  }
  add(c.every, step), add(c.until, last), add(c.limit, d.volume_limit_mm3);
  add(c.stop, d.stop_when_gone);
  return c;
}

/// The fewest mice an arm that reach the power, by doubling and halving from a first guess.
void settle_mice(const VirtualExperiment& v, const PlanOptions& o, int guess, PlanOption& option) {
  std::map<int, PlanRow> tried;
  const auto reached = [&](int animals) {
    if (!tried.contains(animals)) tried[animals] = power_of(v, o, animals);
    return tried.at(animals).power >= o.power;
  };
  int low = std::max(2, o.from) - 1, high = o.to + 1;
  for (int probe = std::clamp(guess, low + 1, o.to); high - low > 1;) {
    (reached(probe) ? high : low) = probe;
    probe = high > o.to ? std::min(o.to, std::max(low + 1, 2 * low)) : (low + high) / 2;
  }
  Estimated& n = option.animals_per_arm;
  n.n = o.studies;
  n.method = fmt::format(
      "{} simulated studies of each size, Kenward-Roger test of day:arm at {}, "
      "seed {}; doubling and halving",
      o.studies,
      exact(o.alpha),
      o.seed.value);
  const bool found = high <= o.to;
  n.value = found ? high : o.to;
  option.at = tried.at(found ? high : o.to);
  n.relation = found ? Relation::equal : Relation::greater;
  n.status = found ? Status::interval_open : Status::not_reached;
  n.why = found ? "The smallest size whose simulated power reached the goal; the power's interval "
                  "stands beside it."
                : fmt::format("{} mice an arm do not reach a power of {}.", o.to, exact(o.power));
}

/// "every 6 days until day 21, ended once half of the reference has left".
std::string words_of(const PlanOption& p) {
  std::string out = fmt::format("measured every {} days until day {}, volume limit {} mm3",
                                exact(p.every_days),
                                exact(p.until_day),
                                exact(p.volume_limit_mm3));
  if (!std::isnan(p.stop_when_gone))
    out += fmt::format(", ended once {} % of the reference's mice have left",
                       rounded(100.0 * p.stop_when_gone, 2));
  return out;
}

void say(const PlanOptions& o, Plan& plan) {
  const PlanOption& best = plan.options.front();
  if (best.animals_per_arm.status == Status::not_reached) {
    plan.says_of_options =
        fmt::format("No protocol that was tried reaches a power of {} with {} mice an arm.",
                    exact(o.power),
                    o.to);
    return;
  }
  plan.says_of_options = fmt::format("Fewest mice: {} an arm, {} ({} measurements, {} mouse-days).",
                                     exact(best.animals_per_arm.value),
                                     words_of(best),
                                     rounded(best.at.measurements, 4),
                                     rounded(best.at.mouse_days, 4));
  // Least work among those that take at most one mouse an arm more.
  const auto least = std::min_element(
      plan.options.begin(), plan.options.end(), [&](const PlanOption& a, const PlanOption& b) {
        const auto cost = [&](const PlanOption& x) {
          const bool near = x.animals_per_arm.status != Status::not_reached &&
                            x.animals_per_arm.value <= best.animals_per_arm.value + 1.0;
          return near ? x.at.measurements : 1e300;
        };
        return cost(a) < cost(b);
      });
  if (least != plan.options.begin())
    plan.says_of_options += fmt::format(" Least work within one mouse of it: {} an arm, {} ({}).",
                                        exact(least->animals_per_arm.value),
                                        words_of(*least),
                                        rounded(least->at.measurements, 4));
}

}  // namespace

void compare_protocols(const VirtualExperiment& v, const PlanOptions& o, Plan& plan) {
  const Choices c = choices_of(v.design, o);
  const int guess = static_cast<int>(plan.animals_per_arm.value);
  for (const double until : c.until)
    if (!(until > v.design.days.front()))
      throw UsageError("plan: day " + exact(until) + " is not after the first day of measurement.");
  const std::uint64_t all = c.every.size() * c.until.size() * c.limit.size() * c.stop.size();
  for (const double until : c.until)
    for (const double every : c.every)
      for (const double limit : c.limit)
        for (const double stop : c.stop) {
          PlanOption option;
          option.every_days = every, option.until_day = until;
          option.volume_limit_mm3 = limit, option.stop_when_gone = stop;
          VirtualExperiment changed = v;
          changed.design.days = days_of(v.design, every, until);
          changed.design.volume_limit_mm3 = limit, changed.design.stop_when_gone = stop;
          option.as_designed = changed.design.days == v.design.days &&
                               limit == v.design.volume_limit_mm3 &&
                               (stop == v.design.stop_when_gone ||
                                (std::isnan(stop) && std::isnan(v.design.stop_when_gone)));
          settle_mice(changed, o, guess, option);
          plan.options.push_back(std::move(option));
          if (o.progress) o.progress({"protocols", plan.options.size(), all});
        }
  std::stable_sort(
      plan.options.begin(), plan.options.end(), [](const PlanOption& a, const PlanOption& b) {
        const auto key = [](const PlanOption& x) {
          return std::tuple(x.animals_per_arm.status == Status::not_reached,
                            x.animals_per_arm.value,
                            x.at.measurements);
        };
        return key(a) < key(b);
      });
  say(o, plan);
}

}  // namespace kinescape::xenograft
