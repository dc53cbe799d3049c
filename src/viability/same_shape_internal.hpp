// SPDX-License-Identifier: Apache-2.0
/// \file Do two curves have the same slope and lower plateau? Both at once.
#pragma once

#include "viability/model_internal.hpp"

namespace kinescape::viability {

/// Correlation of the errors of the lower plateau and of the log slope, in the difference of two
/// fitted curves, as their likelihoods have it: a plateau that is not well seen trades with the
/// slope. 0 where either is held by its bound in both.
[[nodiscard]] double plateau_slope_correlation(const model::Fit& r, const model::Fit& p);

/// p of two numbers that are both zero, from the t of each, the degrees of freedom of each t and
/// the correlation of their errors. T^2 = (a^2 - 2 rho a b + b^2) / (1 - rho^2) is held against
/// Hotelling's distribution (1931, doi:10.1214/aoms/1177732979), 2 nu / (nu - 1) F(2, nu - 1), nu
/// the harmonic mean of both degrees of freedom; 1 where nu is 1 or less.
[[nodiscard]] double joint_p(double a, double df_a, double b, double df_b, double correlation);

}  // namespace kinescape::viability
