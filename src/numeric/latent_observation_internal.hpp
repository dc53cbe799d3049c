// SPDX-License-Identifier: Apache-2.0
/// \file How likely is one observation, and how does that bend? Shared inside the room.
#pragma once

#include "numeric/latent_gaussian.hpp"

namespace kinescape::numeric::latent {

/// Log likelihood of one observation and its derivatives by the upper and the lower form.
struct Contribution {
  double value = 0, by_u = 0, by_l = 0, by_uu = 0, by_ul = 0, by_ll = 0;
};

/// Third derivatives by the two forms.
struct ThirdDerivatives {
  double uuu = 0, uul = 0, ull = 0, lll = 0;
};

[[nodiscard]] ThirdDerivatives third_derivatives(SeenAs seen, double u, double l, double variance);

/// `u`, `l`: upper and lower form minus the value (for exact: the residual in `l`).
[[nodiscard]] Contribution contribution(
    SeenAs seen, double u, double l, double variance, double df);

/// Log marginal likelihood at these log standard deviations and its slope by each.
struct MarginalSlope {
  double log_marginal = unknown;
  std::vector<double> slope;
};
[[nodiscard]] MarginalSlope marginal_slope(LatentModel model, const std::vector<double>& log_sd);

[[nodiscard]] double log_normal_cdf(double z);

}  // namespace kinescape::numeric::latent
