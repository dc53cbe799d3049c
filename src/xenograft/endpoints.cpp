// SPDX-License-Identifier: Apache-2.0
// Endpoints that are read off volumes, at days when they mean something.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "base/number.hpp"
#include "numeric/distribution.hpp"
#include "numeric/interval_censored.hpp"
#include "numeric/survival.hpp"
#include "numeric/two_sample.hpp"
#include "xenograft/estimate_internal.hpp"

namespace kinescape::xenograft {
namespace {

/// A mouse as the endpoints see it: what it bore on each day, from its baseline.
struct Mouse {
  const Animal* animal = nullptr;
  const AnimalResult* result = nullptr;
  std::map<double, double> volume;  // by day of the study; a volume below the limit is the limit

  /// Area under the volume from baseline to `day`, by trapezoids.
  [[nodiscard]] double area_to(double day) const {
    double area = 0.0;
    const std::pair<const double, double>* before = nullptr;
    for (const auto& point : volume) {
      if (point.first < result->baseline_day || point.first > day) continue;
      if (before != nullptr)
        area += 0.5 * (before->second + point.second) * (point.first - before->first);
      before = &point;
    }
    return area;
  }
};

std::vector<Mouse> mice_of(const Experiment& e,
                           const std::vector<AnimalResult>& results,
                           const Selection& which,
                           const std::string& arm) {
  std::vector<Mouse> out;
  for (std::size_t i = 0; i < e.animals.size(); ++i) {
    const Animal& a = e.animals[i];
    if (a.arm != arm || (!which.all_lines && a.line != which.line) || results[i].visits == 0)
      continue;
    Mouse m{&a, &results[i], {}};
    for (std::size_t k = 0; k < results[i].day.size(); ++k)
      m.volume[results[i].day[k]] = results[i].volume_mm3[k];
    out.push_back(std::move(m));
  }
  return out;
}

/// The last day on which every mouse of both arms was measured, after baseline; NaN: none.
double last_common_day(const std::vector<Mouse>& a, const std::vector<Mouse>& b) {
  double best = unknown;
  if (a.empty() || b.empty()) return best;
  for (const auto& [day, volume] : a.front().volume) {
    bool all = true;
    for (const auto* arm : {&a, &b})
      for (const Mouse& m : *arm)
        all = all && m.volume.contains(day) && day > m.result->baseline_day;
    if (all) best = day;
  }
  return best;
}

void refuse(std::initializer_list<Estimated*> all,
            Status status,
            const std::string& why,
            int n,
            double level) {
  for (Estimated* e : all) e->status = status, e->why = why, e->n = n, e->level = level;
}

Estimated ratio_percent(std::span<const double> a,
                        std::span<const double> b,
                        double level,
                        bool as_inhibition,
                        const std::string& method) {
  const auto r = numeric::ratio_of_means(a, b, level);
  Estimated e;
  e.level = level, e.n = static_cast<int>(a.size() + b.size()), e.method = method;
  e.value = as_inhibition ? 100.0 * (1.0 - r.ratio) : 100.0 * r.ratio;
  e.low = as_inhibition ? 100.0 * (1.0 - r.high) : 100.0 * r.low;
  e.high = as_inhibition ? 100.0 * (1.0 - r.low) : 100.0 * r.high;
  e.status = std::isnan(e.low) ? Status::interval_open : Status::ok;
  if (std::isnan(e.low))
    e.why = "The mean of the reference may be zero: Fieller's interval has no ends.";
  return e;
}

void at_common_day(const std::vector<Mouse>& treated,
                   const std::vector<Mouse>& reference,
                   const Options& o,
                   ArmResult& out) {
  const double day = out.last_common_day;
  std::vector<double> v[2], rise[2], log_rtv[2], rtv[2], area[2];
  bool relative = true;
  for (int g = 0; g < 2; ++g)
    for (const Mouse& m : g == 0 ? treated : reference) {
      const double volume = m.volume.at(day), base = m.volume.at(m.result->baseline_day);
      v[g].push_back(volume), rise[g].push_back(volume - base), area[g].push_back(m.area_to(day));
      relative = relative && base > 0.0 && volume > 0.0;
      rtv[g].push_back(volume / base), log_rtv[g].push_back(std::log(volume / base));
    }
  const std::string on = fmt::format(
      " on day {}, the last on which every mouse of both arms was measured", exact(day));
  out.tgi_percent =
      ratio_percent(rise[0],
                    rise[1],
                    o.level,
                    true,
                    "1 - mean rise of volume over that of the reference" + on + "; Fieller");
  out.tc_percent = ratio_percent(v[0], v[1], o.level, false, "mean volumes" + on + "; Fieller");
  Estimated& median = out.tc_median_percent;
  median.level = o.level, median.n = static_cast<int>(v[0].size() + v[1].size());
  median.value = 100.0 * numeric::median_of(v[0]) / numeric::median_of(v[1]);
  median.method = "median volumes" + on;
  median.status = Status::interval_open,
  median.why = "No interval is given for a ratio of medians of so few mice.";
  out.auc_ratio =
      ratio_percent(area[0],
                    area[1],
                    o.level,
                    false,
                    fmt::format("mean areas under volume to day {}; Fieller", exact(day)));
  for (double* x : {&out.auc_ratio.value, &out.auc_ratio.low, &out.auc_ratio.high}) *x /= 100.0;
  if (!relative) {
    refuse({&out.log_rtv_difference, &out.tc_rtv_percent},
           Status::not_applicable,
           "A mouse had no volume at baseline.",
           median.n,
           o.level);
    return;
  }
  const auto w = numeric::welch(log_rtv[0], log_rtv[1], o.level);
  Estimated &d = out.log_rtv_difference, &t = out.tc_rtv_percent;
  d.level = o.level, d.n = median.n, d.method = "Welch on ln(V / V0)" + on;
  d.value = w.difference, d.low = w.low, d.high = w.high;
  d.status = std::isnan(w.low) ? Status::interval_open : Status::ok;
  t = mapped(d, [](double x) { return 100.0 * std::exp(x); });
  t.method = "geometric means of V / V0" + on + "; Welch";
  out.rtv_rank_p = numeric::rank_sum(rtv[0], rtv[1]).p;
  const auto permuted = numeric::permute_means(log_rtv[0], log_rtv[1], o.draws, o.seed, 12);
  out.rtv_permutation_p = permuted.p, out.permutation_exact = permuted.exact;
}

/// Times at which the multiple was first seen, or the last look.
numeric::FollowUp first_seen(const std::vector<Mouse>& mice) {
  numeric::FollowUp rows;
  for (const Mouse& m : mice) {
    const bool seen = std::isfinite(m.result->multiple_high);
    const double time = seen ? m.result->multiple_high : m.result->multiple_low;
    if (!(time > 0.0)) continue;
    rows.time.push_back(time);
    rows.event.push_back(seen);
  }
  return rows;
}

void time_to_multiple(const std::vector<Mouse>& mice, const Options& o, ArmResult& out) {
  Estimated& e = out.time_to_multiple_days;
  e.level = o.level, e.n = static_cast<int>(mice.size());
  e.method =
      fmt::format("median time to {} x baseline between visits: Turnbull, percentile bootstrap",
                  exact(o.multiple));
  numeric::IntervalRows rows;
  for (const Mouse& m : mice) {
    out.multiple_events += std::isfinite(m.result->multiple_high);
    if (m.result->multiple_low > 0.0 || std::isfinite(m.result->multiple_high)) {
      rows.low.push_back(m.result->multiple_low);
      rows.high.push_back(m.result->multiple_high);
    }
  }
  if (mice.size() < 2 || out.multiple_events == 0) {
    e.status = mice.size() < 2 ? Status::single_subject : Status::not_reached;
    e.why = mice.size() < 2 ? "One mouse." : "No mouse reached it.";
    return;
  }
  const auto set = numeric::quantile_bounds(numeric::turnbull(rows), 0.5);
  e.value = set.high;
  if (std::isnan(e.value)) {
    e.status = Status::not_reached;
    e.why = "Half of the mice did not reach it.";
    return;
  }
  const auto boot =
      numeric::turnbull_bootstrap(rows, 0.5, 0.0, std::min(o.draws, 500), o.level, o.seed, 13);
  e.low = boot.quantile.low, e.high = boot.quantile.high;
  e.status = std::isnan(e.high) ? Status::interval_open_high : Status::ok;
  e.why = fmt::format("Known only to lie after day {} and by day {} after baseline.",
                      exact(set.low),
                      exact(set.high));
}

void growth_delay(const std::vector<Mouse>& treated,
                  const std::vector<Mouse>& reference,
                  const Options& o,
                  ArmResult& out) {
  const auto a = first_seen(treated), b = first_seen(reference);
  Estimated& e = out.growth_delay_days;
  e.level = o.level, e.n = static_cast<int>(a.time.size() + b.time.size());
  e.method =
      "difference of median times at which the multiple was first seen; percentile bootstrap";
  numeric::FollowUp both = b;
  std::vector<int> group(b.time.size(), 0);
  both.time.insert(both.time.end(), a.time.begin(), a.time.end());
  both.event.insert(both.event.end(), a.event.begin(), a.event.end());
  group.insert(group.end(), a.time.size(), 1);
  if (a.time.size() < 2 || b.time.size() < 2) {
    e.status = Status::too_few_data;
    e.why = "Fewer than two mice were followed in an arm.";
    return;
  }
  const auto test = numeric::rank_test(both, group, 2, {});
  out.multiple_chi2 = test.chi2, out.multiple_p = test.p;
  const auto median = [&](const numeric::FollowUp& rows) {
    return numeric::time_quantile(numeric::kaplan_meier(rows), 0.5, numeric::Band::log_log, o.level)
        .value;
  };
  e.value = median(a) - median(b);
  if (std::isnan(e.value)) {
    e.status = Status::not_reached;
    e.why = "Half of an arm did not reach the multiple.";
    return;
  }
  const auto x = numeric::bootstrap_medians(a, o.draws, o.seed, 14),
             y = numeric::bootstrap_medians(b, o.draws, o.seed, 15);
  std::vector<double> d;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double reference_median = y[i], treated_median = x[i];
    d.push_back(std::isnan(reference_median) ? -1e300
                : std::isnan(treated_median) ? 1e300
                                             : treated_median - reference_median);
  }
  std::sort(d.begin(), d.end());
  const auto at = [&](double p) {
    const double value =
        d[static_cast<std::size_t>(std::lround(p * static_cast<double>(d.size() - 1)))];
    return std::fabs(value) < 1e299 ? value : unknown;
  };
  e.low = at(0.5 - 0.5 * o.level), e.high = at(0.5 + 0.5 * o.level);
  e.status = std::isnan(e.low)
                 ? (std::isnan(e.high) ? Status::interval_open : Status::interval_open_low)
             : std::isnan(e.high) ? Status::interval_open_high
                                  : Status::ok;
}

Estimated mean_over_mice(const std::vector<double>& values, const Options& o, std::string method) {
  Estimated e;
  e.level = o.level, e.n = static_cast<int>(values.size()), e.method = std::move(method);
  const auto mean = numeric::mean_of(values);
  e.status = values.empty() ? Status::not_applicable : Status::single_subject;
  if (values.empty()) return e;
  e.value = mean.mean, e.why = "One mouse.";
  if (mean.n < 2) return e;
  const double half =
      numeric::student_t_quantile(0.5 + 0.5 * o.level, mean.n - 1) * std::sqrt(mean.squared_error);
  e.low = mean.mean - half, e.high = mean.mean + half, e.status = Status::ok, e.why.clear();
  return e;
}

void weights_and_classes(const std::vector<Mouse>& mice, const Options& o, ArmResult& out) {
  std::vector<double> loss;
  for (const Mouse& m : mice) {
    const std::string& c = m.result->mrecist;
    ++(c == "CR"   ? out.cr
       : c == "PR" ? out.pr
       : c == "SD" ? out.sd
       : c == "PD" ? out.pd
                   : out.not_classified);
    if (!std::isnan(m.result->largest_weight_loss_percent))
      loss.push_back(m.result->largest_weight_loss_percent);
  }
  out.largest_weight_loss_percent =
      mean_over_mice(loss, o, "mean over mice of each one's worst day, t interval");
  if (loss.empty()) out.largest_weight_loss_percent.why = "No body weights.";
}

/// Rates of the mice whose tumours shrink and then grow again.
void decay_and_regrowth(const std::vector<Mouse>& mice, const Options& o, ArmResult& out) {
  std::vector<double> decay, regrowth;
  for (const Mouse& m : mice)
    if (!std::isnan(m.result->decay_per_day)) {
      decay.push_back(m.result->decay_per_day);
      regrowth.push_back(m.result->regrowth_per_day);
    }
  const std::string words = fmt::format(
      "mean over the {} of {} mice that decay and regrowth describe better than one rate (AICc by "
      "4), t interval",
      decay.size(),
      mice.size());
  out.decay_per_day = mean_over_mice(decay, o, words);
  out.regrowth_per_day = mean_over_mice(regrowth, o, words);
  if (decay.empty())
    for (Estimated* e : {&out.decay_per_day, &out.regrowth_per_day})
      e->why = "One rate describes every mouse as well.";
}

}  // namespace

void endpoints(const Experiment& e,
               const std::vector<AnimalResult>& animals,
               const Options& o,
               const Selection& which,
               std::vector<ArmResult>& arms) {
  if (arms.empty()) return;
  const auto reference = mice_of(e, animals, which, arms.front().arm);
  for (ArmResult& a : arms) {
    const auto mice = mice_of(e, animals, which, a.arm);
    weights_and_classes(mice, o, a);
    decay_and_regrowth(mice, o, a);
    time_to_multiple(mice, o, a);
    const std::initializer_list<Estimated*> against = {&a.tgi_percent,
                                                       &a.tc_percent,
                                                       &a.tc_median_percent,
                                                       &a.tc_rtv_percent,
                                                       &a.log_rtv_difference,
                                                       &a.auc_ratio,
                                                       &a.growth_delay_days};
    const int n = static_cast<int>(mice.size() + reference.size());
    if (&a == &arms.front()) {
      refuse(against, Status::not_applicable, "The reference arm.", n, o.level);
      continue;
    }
    if (mice.size() < 2 || reference.size() < 2) {
      refuse(against,
             Status::single_subject,
             "An arm has one mouse: report its curve, no comparison.",
             n,
             o.level);
      continue;
    }
    growth_delay(mice, reference, o, a);
    std::vector<double> x, y;
    for (const Mouse& m : mice)
      if (!std::isnan(m.result->slope_per_day)) x.push_back(m.result->slope_per_day);
    for (const Mouse& m : reference)
      if (!std::isnan(m.result->slope_per_day)) y.push_back(m.result->slope_per_day);
    a.p_permutation = numeric::permute_means(x, y, o.draws, o.seed, 16).p;
    a.last_common_day = last_common_day(mice, reference);
    if (std::isnan(a.last_common_day)) {
      refuse({&a.tgi_percent,
              &a.tc_percent,
              &a.tc_median_percent,
              &a.tc_rtv_percent,
              &a.log_rtv_difference,
              &a.auc_ratio},
             Status::not_applicable,
             "There is no day after baseline on which every mouse of both arms was measured: a "
             "comparison of those left would mislead.",
             n,
             o.level);
      continue;
    }
    at_common_day(mice, reference, o, a);
  }
}

}  // namespace kinescape::xenograft
