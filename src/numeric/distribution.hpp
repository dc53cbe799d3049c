// SPDX-License-Identifier: Apache-2.0
/// \file Probabilities and quantiles of the usual distributions, behind one small header.
/// Arguments outside the domain give NaN, never an exception.
#pragma once

namespace kinescape::numeric {

[[nodiscard]] double normal_cdf(double z);
[[nodiscard]] double normal_quantile(double p);
[[nodiscard]] double student_t_cdf(double t, double df);  ///< df > 0; +infinity: normal.
[[nodiscard]] double student_t_quantile(double p, double df);
/// P(T <= t) of (Z + shift) / sqrt(chi2 / df): the power of a t test.
[[nodiscard]] double noncentral_t_cdf(double t, double df, double shift);
[[nodiscard]] double chi_squared_upper(double x, double df);  ///< P(X > x).
[[nodiscard]] double chi_squared_quantile(double p, double df);
[[nodiscard]] double f_upper(double f, double df1, double df2);  ///< P(F > f).
[[nodiscard]] double f_quantile(double p, double df1, double df2);
[[nodiscard]] double beta_quantile(double p, double a, double b);
[[nodiscard]] double beta_upper(double x, double a, double b);  ///< P(X > x).
[[nodiscard]] double binomial_two_sided(int k,
                                        int n,
                                        double p);  ///< Exact, by small probabilities.

/// ln of the number of ways to choose k of n; NaN unless 0 <= k <= n.
[[nodiscard]] double log_choose(double n, double k);

[[nodiscard]] double digamma(double x);   ///< d log gamma / dx; x > 0.
[[nodiscard]] double trigamma(double x);  ///< Its derivative; x > 0.

/// Two-sided p of a t statistic.
[[nodiscard]] double two_sided_t(double t, double df);

}  // namespace kinescape::numeric
