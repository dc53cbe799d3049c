// SPDX-License-Identifier: Apache-2.0
// Simulate, estimate, count: with accrual, drop-out and scans on a calendar, does the log-rank test
// err in 5 % of trials without a difference, and do 95 % intervals cover 95 %?
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "base/parallel.hpp"
#include "clinical/design.hpp"
#include "clinical/estimate.hpp"

namespace kinescape::clinical {
namespace {

/// Trials of each cell; CLINICAL_TRIALS sets fewer while developing.
int trials() {
  const char* text = std::getenv("CLINICAL_TRIALS");
  return text != nullptr ? std::atoi(text) : 10000;
}

struct Cell {
  int patients;
  double control, treated;  // medians
  double scans;
};

struct Outcome {
  bool rejected = false, ratio = false, median = false, mean = false, landmark = false;
  bool weibull = false;
};

/// Of trials with scans, the first so many have their likelihood intervals counted, too.
constexpr std::uint64_t profiled = 1000;

Outcome trial(const Cell& c, std::uint64_t which) {
  const std::uint64_t seed = 1000000ULL + which;
  Design d;
  d.arms = {{"control", c.patients}, {"treated", c.patients}};
  d.scan_every_months = c.scans;
  Truth t;
  t.median_months = {c.control, c.treated};
  t.drop_out_per_month = 0.01;
  Options o;
  o.landmarks = {6.0};
  o.horizon = 12.0;
  o.bootstrap_draws = 0;  // not counted here
  o.likelihood_intervals = which < profiled;
  const Table table = simulate(d, t, Seed{seed});
  const Estimate e = estimate(table, o);
  Outcome out;
  out.rejected = e.logrank.p < 0.05;
  const auto holds = [](const Estimated& x, double truth) {
    return !(x.low > truth) && !(x.high < truth);
  };
  if (c.scans > 0.0) {
    out.median = holds(e.arms[0].median, c.control);
    out.weibull = holds(e.arms[0].weibull_median, c.control);
    out.landmark = holds(e.arms[0].landmarks[0].survival, std::exp2(-6.0 / c.control));
    return out;
  }
  out.ratio = !e.cox.coefficients.empty() &&
              holds(e.cox.coefficients[0].hazard_ratio, c.control / c.treated);
  out.median = holds(e.arms[0].median, c.control);
  const double rate = std::log(2.0) / c.control, other = std::log(2.0) / c.treated;
  const auto mean = [](double r) { return (1.0 - std::exp(-12.0 * r)) / r; };
  out.mean = holds(e.comparisons[0].restricted_mean_difference, mean(other) - mean(rate));
  out.landmark = holds(e.arms[0].landmarks[0].survival, std::exp(-6.0 * rate));
  return out;
}

/// Times known between scans: the test's size, and intervals of the median and of a landmark. A
/// median is known to a whole interval between scans, so that its interval covers too often.
void check_scans(const Cell& c, const std::vector<Outcome>& all) {
  double rejected = 0, weibull = 0, median = 0, landmark = 0, counted = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    rejected += all[i].rejected, weibull += all[i].weibull;
    if (i >= profiled) continue;
    ++counted, median += all[i].median, landmark += all[i].landmark;
  }
  const double percent = 100.0 / static_cast<double>(all.size());
  rejected *= percent, weibull *= percent;
  median *= 100.0 / counted, landmark *= 100.0 / counted;
  std::printf(
      "%3d an arm, medians %g and %g, scans every %g months: p < 0.05 in %.2f %%; covered: "
      "Weibull median %.2f %%; of %.0f trials, likelihood ratio: median %.2f %%, landmark %.2f "
      "%%\n",
      c.patients,
      c.control,
      c.treated,
      c.scans,
      rejected,
      weibull,
      counted,
      median,
      landmark);
  if (all.size() < 10000) return;
  EXPECT_GE(rejected, 4.5);
  EXPECT_LE(rejected, 5.5);
  EXPECT_GE(weibull, 93.5);
  EXPECT_LE(weibull, 96.5);
  EXPECT_GE(median, 93.5);
  // At 6 months a scan falls due, so that survival there is a binomial share: 1,000 trials, 0.7 %
  // SD.
  EXPECT_GE(landmark, 93.5);
  EXPECT_LE(landmark, 96.5);
}

TEST(ClinicalRecovery, TestsErrAndIntervalsCoverAsTheySay) {
  const Cell cells[] = {
      {40, 8, 8, 0}, {100, 8, 8, 0}, {40, 8, 8, 2}, {60, 6, 12, 0}, {150, 6, 12, 0}};
  for (const Cell& c : cells) {
    const auto n = static_cast<std::size_t>(trials());
    std::vector<Outcome> all(n);
    parallel_for(n, {}, [&](std::size_t i) { all[i] = trial(c, i); });
    if (c.scans > 0.0) {
      check_scans(c, all);
      continue;
    }
    double rejected = 0, ratio = 0, median = 0, mean = 0, landmark = 0;
    for (const Outcome& o : all)
      rejected += o.rejected, ratio += o.ratio, median += o.median, mean += o.mean,
          landmark += o.landmark;
    const double percent = 100.0 / static_cast<double>(n);
    std::printf(
        "%3d an arm, medians %g and %g: p < 0.05 in %.2f %%; covered: "
        "hazard ratio %.2f %%, median %.2f %%, restricted mean %.2f %%, landmark %.2f %%\n",
        c.patients,
        c.control,
        c.treated,
        rejected * percent,
        ratio * percent,
        median * percent,
        mean * percent,
        landmark * percent);
    if (n < 10000) continue;
    if (c.control == c.treated) {
      EXPECT_GE(rejected * percent, 4.5);
      EXPECT_LE(rejected * percent, 5.5);
    }
    for (const double covered : {ratio, median, mean, landmark}) {
      EXPECT_GE(covered * percent, 93.5);
      EXPECT_LE(covered * percent, 96.5);
    }
  }
}

}  // namespace
}  // namespace kinescape::clinical
