// SPDX-License-Identifier: Apache-2.0
/// \file How long until it happens, when some were not watched to the end? Product-limit curves,
/// their quantiles and means, and tests that compare groups.
///
/// Rows are aligned: row i was watched on (entry[i], time[i]] and ended with event[i] (1) or
/// without (0). Rows whose time is not a number, or not after their entry, throw UsageError.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/stream.hpp"
#include "numeric/proportion.hpp"

namespace kinescape::numeric {

struct FollowUp {
  std::vector<double> entry;  ///< Empty: everyone from the start (no left truncation).
  std::vector<double> time;
  std::vector<std::uint8_t> event;
};

/// The scale on which the interval of S(t) is symmetric.
enum class Band { plain, log, log_log };

/// Kaplan & Meier 1958 (doi:10.1080/01621459.1958.10501452). One entry per distinct time.
struct SurvivalCurve {
  int n = 0, events = 0;
  std::vector<double> time, at_risk, failed, censored, survival;
  std::vector<double> variance_sum;  ///< Greenwood: sum d / (n (n - d)); infinite once S = 0.
};
[[nodiscard]] SurvivalCurve kaplan_meier(const FollowUp& rows);

/// S(t), its Greenwood standard error and interval; 1 before the first time, NaN limits at S = 0.
struct SurvivalPoint {
  double survival, se, low, high, at_risk;
};
[[nodiscard]] SurvivalPoint survival_at(const SurvivalCurve& curve,
                                        double time,
                                        Band band,
                                        double level);

/// Time by which a share `p` has had the event, and the times at which the band crosses 1 - p
/// (Brookmeyer & Crowley 1982, doi:10.2307/2530286). NaN where it is not reached. Where the curve
/// is flat at exactly 1 - p, the middle of the step.
struct TimeQuantile {
  double value, low, high;
};
[[nodiscard]] TimeQuantile time_quantile(const SurvivalCurve& curve,
                                         double p,
                                         Band band,
                                         double level);

/// Mean of min(T, horizon): the area under S, and its Greenwood standard error. `horizon` must lie
/// within the follow-up for the number to mean something; the caller says so.
struct RestrictedMean {
  double value, se;
};
[[nodiscard]] RestrictedMean restricted_mean(const SurvivalCurve& curve, double horizon);

/// Medians of `draws` bootstrap samples of the rows (no entry times), in the order drawn; NaN
/// where a sample does not reach it. One stream a draw, so the result does not depend on threads.
[[nodiscard]] std::vector<double> bootstrap_medians(const FollowUp& rows,
                                                    int draws,
                                                    Seed seed,
                                                    std::uint32_t purpose);

/// Weight S(t-)^rho (1 - S(t-))^gamma of Fleming and Harrington, S pooled within the stratum.
struct FhWeight {
  double rho = 0.0, gamma = 0.0;
};

struct RankTest {
  std::vector<double> observed, expected;  ///< Weighted, per group.
  double chi2, df, p;
  double z;  ///< Two groups: signed, positive when the second group has more events than expected.
};

/// Weighted log-rank test of k groups (Fleming & Harrington 1991), within strata. `group` counts
/// from 0 to groups - 1; `stratum` may be empty. NaN where no event separates the groups.
[[nodiscard]] RankTest rank_test(const FollowUp& rows,
                                 std::span<const int> group,
                                 int groups,
                                 std::span<const int> stratum,
                                 FhWeight weight = {});

/// The largest of several weighted two-group tests, with the p value of the largest of correlated
/// normals (Karrison 2016, doi:10.1177/1536867X1601600308; integral of Genz 1992).
struct MaxCombo {
  std::vector<double> z;
  double largest, p;
};
[[nodiscard]] MaxCombo max_combo(const FollowUp& rows,
                                 std::span<const int> group,
                                 std::span<const int> stratum,
                                 std::span<const FhWeight> weights);

/// Chance of ending by `cause` (1, 2, ...; 0 = censored) by each time, in the presence of the
/// others (Aalen & Johansen 1978), with the delta-method standard error.
struct CumulativeIncidence {
  std::vector<double> time, incidence, se;
};
[[nodiscard]] CumulativeIncidence cumulative_incidence(const FollowUp& rows,
                                                       std::span<const int> ending,
                                                       int cause);

}  // namespace kinescape::numeric
