// SPDX-License-Identifier: Apache-2.0
/// \file How long until it happens, when it is only known between which two looks it happened?
///
/// Row i: the event lies in (low[i], high[i]]; high = infinity: not seen by `low` (right-censored);
/// low = high: seen exactly. \throws UsageError where low > high or a bound is not a number.
#pragma once

#include <span>
#include <vector>

#include "base/stream.hpp"
#include "numeric/proportion.hpp"

namespace kinescape::numeric {

struct IntervalRows {
  std::vector<double> low, high;
};

/// Turnbull 1976 (doi:10.1111/j.2517-6161.1976.tb01597.x): the distribution puts `mass` on
/// (left, right]; within a set nothing is known. The last right end may be infinite.
struct Turnbull {
  std::vector<double> left, right, mass;
  std::vector<double> survival_after;  ///< S at the right end of each set.
  double log_likelihood = 0.0;
  double optimality = 0.0;  ///< Largest violation of the Kuhn-Tucker conditions, per row: 0 at the
                            ///< maximum; the search ends at 1e-10 or tells how far it came.
  int iterations = 0;
};

/// Constrained Newton steps, each a non-negative least-squares problem solved by active sets (Wang
/// 2007, doi:10.1111/j.1467-9868.2007.00583.x), until the optimality conditions hold to 1e-10.
[[nodiscard]] Turnbull turnbull(const IntervalRows& rows);

/// Bounds of S(t): the curve may fall anywhere inside a set, so S(t) is an interval there.
[[nodiscard]] Limits survival_bounds(const Turnbull& fit, double time);

/// The set within which S falls to 1 - p: (left, right]; NaN where it is not reached.
[[nodiscard]] Limits quantile_bounds(const Turnbull& fit, double p);

/// Percentile bootstrap of the right end of the set in which S falls to 1 - p, and of S(t) after
/// `time`; NaN ends where the samples do not reach it.
struct TurnbullBootstrap {
  Limits quantile, survival;
};
[[nodiscard]] TurnbullBootstrap turnbull_bootstrap(const IntervalRows& rows,
                                                   double p,
                                                   double time,
                                                   int draws,
                                                   double level,
                                                   Seed seed,
                                                   std::uint32_t purpose);

/// Likelihood-ratio limits of the time by which a share `p` has had the event: the ends of the sets
/// in which the quantile may lie without the log-likelihood falling by more than half the level's
/// quantile of chi-squared with one degree of freedom. That law holds for looks on a fixed
/// calendar; for looks spread over a continuum the true one is narrower (Banerjee & Wellner 2001,
/// doi:10.1214/aos/1015345959), so that the limits are then wide rather than short. NaN: open.
[[nodiscard]] Limits quantile_profile(const IntervalRows& rows, double p, double level);

/// The same of S(time), the event taken to lie anywhere within a set that spans `time`.
[[nodiscard]] Limits survival_profile(const IntervalRows& rows, double time, double level);

/// Log-rank scores for interval-censored rows, with their permutation variance (Fay 1999,
/// doi:10.1002/(SICI)1097-0258(19990215)18:3<273): k groups, df = k - 1.
struct IntervalRankTest {
  double chi2, df, p;
};
[[nodiscard]] IntervalRankTest interval_rank_test(const IntervalRows& rows,
                                                  std::span<const int> group,
                                                  int groups);

/// S(t) = exp(-(t / scale)^shape) by maximum likelihood of intervals, exact and censored rows
/// together; covariance of (ln shape, ln scale), row-major. NaN where no maximum exists.
struct WeibullFit {
  double shape, scale, log_likelihood;
  double covariance[4];
  double median, median_low, median_high;  ///< Delta method on ln t.
};
[[nodiscard]] WeibullFit fit_weibull(const IntervalRows& rows, double level);

}  // namespace kinescape::numeric
