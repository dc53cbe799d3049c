// SPDX-License-Identifier: Apache-2.0
#include "numeric/survival.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "base/errors.hpp"
#include "base/estimated.hpp"
#include "numeric/distribution.hpp"
#include "numeric/survival_internal.hpp"

namespace kinescape::numeric {

void check_rows(const FollowUp& rows) {
  const std::size_t n = rows.time.size();
  if (rows.event.size() != n || (!rows.entry.empty() && rows.entry.size() != n))
    throw UsageError("survival rows: entry, time and event differ in length");
  for (std::size_t i = 0; i < n; ++i) {
    if (!std::isfinite(rows.time[i])) throw UsageError("survival rows: a time is not a number");
    if (!rows.entry.empty() && !(rows.entry[i] < rows.time[i]))
      throw UsageError("survival rows: a row ends before it begins");
  }
}

namespace {

/// Bits that order as the number does; both zeros alike.
std::uint64_t ordered(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x + 0.0);
  return (bits >> 63) != 0 ? ~bits : bits | (1ULL << 63);
}

struct Keyed {
  std::uint64_t key;
  std::size_t index;
};

/// By eleven bits at a time from the lowest: no comparison, and ties keep their order.
void radix_sort(std::vector<Keyed>& all) {
  constexpr int digit = 11, digits = 6;
  std::vector<Keyed> other(all.size());
  std::vector<std::array<std::size_t, 1U << digit>> count(digits);
  for (const Keyed& k : all)
    for (std::size_t d = 0; d < digits; ++d)
      ++count[d][(k.key >> (digit * d)) & ((1U << digit) - 1)];
  for (std::size_t d = 0; d < digits; ++d) {
    const auto at = [&](const Keyed& k) -> std::size_t& {
      return count[d][(k.key >> (digit * d)) & ((1U << digit) - 1)];
    };
    if (at(all.front()) == all.size()) continue;  // all share these bits
    std::size_t sum = 0;
    for (std::size_t& c : count[d]) sum += std::exchange(c, sum);
    for (const Keyed& k : all) other[at(k)++] = k;
    all.swap(other);
  }
}

}  // namespace

std::vector<std::size_t> ascending(std::span<const double> key) {
  std::vector<Keyed> all(key.size());
  for (std::size_t i = 0; i < key.size(); ++i) all[i] = {ordered(key[i]), i};
  if (all.size() > 1000)  // below it, filling the tables costs more than comparing
    radix_sort(all);
  else
    std::sort(all.begin(), all.end(), [](const Keyed& a, const Keyed& b) {
      return a.key < b.key || (a.key == b.key && a.index < b.index);
    });
  std::vector<std::size_t> order(key.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = all[i].index;
  return order;
}

SurvivalCurve kaplan_meier(const FollowUp& rows) {
  check_rows(rows);
  const std::size_t n = rows.time.size();
  SurvivalCurve out;
  out.n = static_cast<int>(n);
  const auto order = ascending(rows.time);
  std::vector<double> entries = rows.entry;
  std::sort(entries.begin(), entries.end());
  double survival = 1.0, variance = 0.0;
  std::size_t left = 0;
  for (std::size_t i = 0; i < n;) {
    const double t = rows.time[order[i]];
    double failed = 0.0, censored = 0.0;
    std::size_t j = i;
    for (; j < n && rows.time[order[j]] == t; ++j)
      (rows.event[order[j]] != 0 ? failed : censored) += 1.0;
    while (left < entries.size() && entries[left] < t) ++left;
    const double at_risk = static_cast<double>(rows.entry.empty() ? n - i : left - i);
    if (failed > 0.0) {
      survival *= (at_risk - failed) / at_risk;
      if (failed < at_risk) {
        variance += failed / (at_risk * (at_risk - failed));
      } else {
        variance = std::numeric_limits<double>::infinity();
      }
    }
    out.events += static_cast<int>(failed);
    out.time.push_back(t);
    out.at_risk.push_back(at_risk);
    out.failed.push_back(failed);
    out.censored.push_back(censored);
    out.survival.push_back(survival);
    out.variance_sum.push_back(variance);
    i = j;
  }
  return out;
}

Limits survival_limits(double s, double variance_sum, Band band, double z) {
  if (!(s > 0.0) || !std::isfinite(variance_sum)) return {unknown, unknown};
  const double se = std::sqrt(variance_sum);  // of ln S
  switch (band) {
    case Band::plain:
      return {std::max(0.0, s - z * s * se), std::min(1.0, s + z * s * se)};
    case Band::log:
      return {s * std::exp(-z * se), std::min(1.0, s * std::exp(z * se))};
    case Band::log_log: {
      if (s >= 1.0) return {1.0, 1.0};
      const double half = z * se / std::log(s);
      return {std::pow(s, std::exp(-half)), std::pow(s, std::exp(half))};
    }
  }
  return {unknown, unknown};
}

SurvivalPoint survival_at(const SurvivalCurve& curve, double time, Band band, double level) {
  const auto after = std::upper_bound(curve.time.begin(), curve.time.end(), time);
  const auto k = static_cast<std::size_t>(after - curve.time.begin());
  // At risk just before `time`: at the first time that is not earlier.
  const auto from = std::lower_bound(curve.time.begin(), curve.time.end(), time);
  const double at_risk = from == curve.time.end()
                             ? 0.0
                             : curve.at_risk[static_cast<std::size_t>(from - curve.time.begin())];
  if (k == 0) return {1.0, 0.0, 1.0, 1.0, at_risk};
  const double s = curve.survival[k - 1], v = curve.variance_sum[k - 1];
  const Limits l = survival_limits(s, v, band, normal_quantile(0.5 + 0.5 * level));
  return {s, s > 0.0 ? s * std::sqrt(v) : unknown, l.low, l.high, at_risk};
}

namespace {

/// First time at which `y` is at or below `target`; the middle of the flat piece if y lies on it
/// and falls later; NaN if it never gets there. NaN entries of y are passed over.
double crossing(const std::vector<double>& time, const std::vector<double>& y, double target) {
  constexpr double tolerance = 1.5e-8;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (!(y[i] < target + tolerance)) continue;
    if (std::fabs(y[i] - target) < tolerance) {
      for (std::size_t j = i + 1; j < y.size(); ++j) {
        if (y[j] < y[i]) return 0.5 * (time[i] + time[j]);
      }
    }
    return time[i];
  }
  return unknown;
}

}  // namespace

TimeQuantile time_quantile(const SurvivalCurve& curve, double p, Band band, double level) {
  const double z = normal_quantile(0.5 + 0.5 * level);
  std::vector<double> low, high;
  for (std::size_t i = 0; i < curve.time.size(); ++i) {
    const Limits l = survival_limits(curve.survival[i], curve.variance_sum[i], band, z);
    low.push_back(l.low);
    high.push_back(l.high);
  }
  return {crossing(curve.time, curve.survival, 1.0 - p),
          crossing(curve.time, low, 1.0 - p),
          crossing(curve.time, high, 1.0 - p)};
}

RestrictedMean restricted_mean(const SurvivalCurve& curve, double horizon) {
  // Area under S to the right of each event time, from the last one back.
  double area = 0.0, variance = 0.0, end = horizon;
  std::size_t k = curve.time.size();
  while (k > 0 && curve.time[k - 1] > horizon) --k;
  for (; k > 0; --k) {
    area += curve.survival[k - 1] * (end - curve.time[k - 1]);
    end = curve.time[k - 1];
    const double n = curve.at_risk[k - 1], d = curve.failed[k - 1];
    if (d > 0.0 && d < n) variance += area * area * d / (n * (n - d));
  }
  return {area + end, std::sqrt(variance)};
}

std::vector<double> bootstrap_medians(const FollowUp& rows,
                                      int draws,
                                      Seed seed,
                                      std::uint32_t purpose) {
  check_rows(rows);
  if (!rows.entry.empty()) throw UsageError("bootstrap_medians: rows may not have entry times");
  const std::size_t n = rows.time.size();
  const auto order = ascending(rows.time);
  // Sorted once: a sample is a count per row, so that no draw sorts again.
  std::vector<double> time(n), medians;
  std::vector<std::uint8_t> event(n);
  for (std::size_t i = 0; i < n; ++i)
    time[i] = rows.time[order[i]], event[i] = rows.event[order[i]];
  std::vector<int> count(n);
  for (int draw = 0; draw < draws; ++draw) {
    Stream stream(seed, purpose, static_cast<std::uint64_t>(draw));
    std::fill(count.begin(), count.end(), 0);
    for (std::size_t i = 0; i < n; ++i) ++count[stream.below(n)];
    double survival = 1.0, median = unknown;
    auto at_risk = static_cast<double>(n);
    for (std::size_t i = 0; i < n;) {
      double failed = 0.0, gone = 0.0;
      const double t = time[i];
      for (; i < n && time[i] == t; ++i) {
        gone += count[i];
        if (event[i] != 0) failed += count[i];
      }
      if (failed > 0.0) {
        survival *= (at_risk - failed) / at_risk;
        if (survival < 0.5 + 1.5e-8) {
          median = t;
          break;
        }
      }
      at_risk -= gone;
    }
    medians.push_back(median);
  }
  return medians;
}

CumulativeIncidence cumulative_incidence(const FollowUp& rows,
                                         std::span<const int> ending,
                                         int cause) {
  check_rows(rows);
  if (ending.size() != rows.time.size()) throw UsageError("cumulative_incidence: lengths differ");
  FollowUp any = rows;
  for (std::size_t i = 0; i < ending.size(); ++i) any.event[i] = ending[i] != 0;
  const SurvivalCurve all = kaplan_meier(any);
  std::vector<double> of_cause(all.time.size(), 0.0);
  for (std::size_t i = 0; i < ending.size(); ++i) {
    if (ending[i] != cause) continue;
    const auto at = std::lower_bound(all.time.begin(), all.time.end(), rows.time[i]);
    of_cause[static_cast<std::size_t>(at - all.time.begin())] += 1.0;
  }
  CumulativeIncidence out;
  double incidence = 0.0, before = 1.0;
  // Sums of the delta-method variance of F(t) (Marubini & Valsecchi 1995, section 10.2):
  // sum (F(t) - F_j)^2 d/(n(n-d)) + sum S^2 (n-d_c)/n d_c/n^2 - 2 sum (F(t) - F_j) S d_c/n^2.
  double a0 = 0, a1 = 0, a2 = 0, b = 0, c0 = 0, c1 = 0;
  for (std::size_t j = 0; j < all.time.size(); ++j) {
    const double n = all.at_risk[j], d = all.failed[j], dc = of_cause[j];
    if (d > 0.0) {
      incidence += before * dc / n;
      const double share = d < n ? d / (n * (n - d)) : 0.0;
      a0 += share, a1 += share * incidence, a2 += share * incidence * incidence;
      b += before * before * (n - dc) / n * dc / (n * n);
      c0 += before * dc / (n * n), c1 += before * dc / (n * n) * incidence;
      before = all.survival[j];
    }
    const double variance =
        incidence * incidence * a0 - 2.0 * incidence * a1 + a2 + b - 2.0 * (incidence * c0 - c1);
    out.time.push_back(all.time[j]);
    out.incidence.push_back(incidence);
    out.se.push_back(std::sqrt(std::max(0.0, variance)));
  }
  return out;
}

}  // namespace kinescape::numeric
