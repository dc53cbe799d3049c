// SPDX-License-Identifier: Apache-2.0
/// \file Do two small samples differ, by how much, and in what ratio?
#pragma once

#include <cstdint>
#include <span>

#include "base/stream.hpp"
#include "numeric/proportion.hpp"

namespace kinescape::numeric {

/// Mean and the squared standard error of the mean; NaN without two values.
struct MeanOf {
  double mean, squared_error;
  int n;
};
[[nodiscard]] MeanOf mean_of(std::span<const double> values);
[[nodiscard]] double median_of(std::span<const double> values);

/// Welch 1947 (doi:10.1093/biomet/34.1-2.28): first less second.
struct WelchTest {
  double difference, se, t, df, p, low, high;
};
[[nodiscard]] WelchTest welch(std::span<const double> a, std::span<const double> b, double level);

/// mean(a) / mean(b) with Fieller's interval (1954), unequal variances; degrees of freedom by
/// Satterthwaite at the ratio. An end is NaN where the denominator may be zero.
struct RatioOfMeans {
  double ratio, low, high, df;
};
[[nodiscard]] RatioOfMeans ratio_of_means(std::span<const double> a,
                                          std::span<const double> b,
                                          double level);

/// Fieller's interval of x / y for estimates with squared errors and a covariance; `t` is the
/// quantile. NaN ends where it is not an interval.
[[nodiscard]] Limits fieller(double x, double y, double vx, double vy, double cxy, double t);

/// Two-sided p of the rank sum, exact over all allotments (midranks for ties); twice the smaller
/// tail, at most 1.
struct RankSum {
  double w, p;  ///< w: pairs in which a exceeds b, ties half.
};
[[nodiscard]] RankSum rank_sum(std::span<const double> a, std::span<const double> b);

/// Two-sided p of the difference of means over re-allotments: all of them when there are at most
/// 200,000, else `draws` of them and the observed one.
struct PermutationTest {
  double p;
  bool exact;
};
[[nodiscard]] PermutationTest permute_means(std::span<const double> a,
                                            std::span<const double> b,
                                            int draws,
                                            Seed seed,
                                            std::uint32_t purpose);

}  // namespace kinescape::numeric
