// SPDX-License-Identifier: Apache-2.0
/// \file How many of how many? Intervals for one proportion and comparisons of two.
///
/// Counts that cannot be (n < 1, x < 0, x > n) give NaN, never an exception.
#pragma once

#include <vector>

namespace kinescape::numeric {

/// Both ends of an interval.
struct Limits {
  double low, high;
};

enum class ProportionMethod {
  clopper_pearson,   ///< Exact; never covers less than stated (1934, doi:10.1093/biomet/26.4.404).
  wilson,            ///< Score interval (1927, doi:10.1080/01621459.1927.10502953).
  wilson_corrected,  ///< The same with continuity correction (Newcombe 1998, method 4).
  mid_p,             ///< Exact tails with half of the observed probability (Lancaster 1961).
  jeffreys,          ///< Beta(1/2, 1/2) prior; 0 at x = 0 and 1 at x = n (Brown et al. 2001).
  agresti_coull,     ///< Adjusted Wald (1998, doi:10.2307/2685469); may leave [0, 1].
};

/// Interval of the chance behind `x` successes in `n` trials.
[[nodiscard]] Limits proportion_interval(int x, int n, double level, ProportionMethod method);

/// Two independent groups, `x1` of `n1` against `x2` of `n2`.
struct TwoProportions {
  double difference;        ///< x1/n1 - x2/n2.
  Limits newcombe;          ///< Of the difference: hybrid of Wilson intervals (Newcombe 1998,
                            ///< method 10, doi:10.1002/(SICI)1097-0258(19980430)17:8<873).
  double fisher_p;          ///< Two-sided, all tables no more probable than the observed one.
  double odds_ratio;        ///< Conditional maximum likelihood; 0 or infinity at the edge.
  Limits odds_ratio_exact;  ///< Exact conditional interval (Cornfield 1956).
  double risk_ratio;
  Limits risk_ratio_log;  ///< Katz et al. 1978, on the log scale; NaN with a zero count.
  double pearson_chi2;    ///< Without continuity correction; NaN where a margin is empty.
};
[[nodiscard]] TwoProportions compare_proportions(int x1, int n1, int x2, int n2, double level);

/// Fisher's exact test over strata is not needed here; a 2 x 2 table alone.
[[nodiscard]] double fisher_two_sided(int x1, int n1, int x2, int n2);

/// One series of a meta-analysis: `x` of `n`.
struct CountOf {
  int x, n;
};

/// Small series pooled without normal approximations: x_i ~ BetaBinomial(n_i, mean, rho).
struct PooledProportion {
  double mean, low, high;  ///< Mean chance over studies; profile-likelihood interval.
  double intraclass;       ///< rho in [0, 1): 0 = every study has the same chance.
  double intraclass_high;  ///< Upper end of its profile interval.
  double predictive_low, predictive_high;  ///< Where a new study's own chance lies (beta quantiles
                                           ///< at the estimates; wider truths are not in it).
  double heterogeneity_p;        ///< Likelihood ratio against rho = 0: half chi-squared with 1 df.
  double exact_heterogeneity_p;  ///< Conditional on the total, all tables enumerated; NaN if > 1e6.
  Limits clopper_pearson;        ///< Of the summed counts, as if no study differed.
};
[[nodiscard]] PooledProportion pool_proportions(const std::vector<CountOf>& studies, double level);

}  // namespace kinescape::numeric
