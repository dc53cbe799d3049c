// SPDX-License-Identifier: Apache-2.0
/// \file Do two substances act together as their doses add up, or more, or less? Dose-response
/// curves along rays of fixed mixing ratio whose midpoints lie on one isobole.
///
/// A mixture holds the share s of substance a in its total dose. With midpoints e_a and e_b of the
/// pure substances, that of the mixture is (Hewlett 1969, Biometrics 25:477-487)
///   1 / e(s) = ((s / e_a)^(1/lambda) + ((1 - s) / e_b)^(1/lambda))^lambda.
/// lambda = 1 is concentration addition (Loewe): a straight isobole. lambda < 1 bends it outward
/// (antagonism; towards 0 only the stronger part acts), lambda > 1 inward (synergy).
#pragma once

#include <span>
#include <vector>

#include "base/estimated.hpp"
#include "dose_response/fit.hpp"

namespace kinescape::dose_response {

/// Wells along one ray. `dose_nM` is the total dose of both; untreated wells may stand in any ray.
struct Ray {
  double share_a = unknown;  ///< Of the dose, in [0, 1]; 1 is pure a, 0 pure b.
  Observations wells;
};

enum class Isobole { concentration_addition, hewlett };

struct MixtureOptions {
  Isobole isobole = Isobole::hewlett;
  bool bottom_zero = false;  ///< 3-parameter log-logistic instead of 4.
};

/// Least squares; plateaus are common to all rays, each ray has its own slope.
struct MixtureFit {
  numeric::FitEnd end = numeric::FitEnd::not_run;
  Isobole isobole = Isobole::hewlett;
  std::vector<Curve> curves;  ///< One per ray.
  double log10_ec50_a_nM = unknown, log10_ec50_b_nM = unknown;
  double lambda = unknown;
  double lambda_se = unknown;  ///< From the observed information; NaN where lambda is given.
  Interval lambda_interval;    ///< 95 % profile likelihood, F(1, n - k).
  double residual_sum = unknown, residual_sd = unknown, log_likelihood = unknown;
  int n = 0, k = 0;
  [[nodiscard]] bool usable() const {
    return end == numeric::FitEnd::converged || end == numeric::FitEnd::at_bound;
  }
};

/// \throws UsageError without both pure substances, or for a share outside [0, 1].
[[nodiscard]] MixtureFit fit_mixture(std::span<const Ray> rays, const MixtureOptions& options = {});

/// Additivity against a bent isobole: is lambda = 1? \throws UsageError if they are not that.
[[nodiscard]] FTest additivity(const MixtureFit& addition, const MixtureFit& hewlett);

/// ln of the midpoint of a mixture, and its slopes by ln e_a, ln e_b and ln lambda.
struct MixtureMidpoint {
  double log_ec50 = unknown, by_log_a = unknown, by_log_b = unknown, by_log_lambda = unknown;
};
[[nodiscard]] MixtureMidpoint mixture_midpoint(double share_a,
                                               double log_ec50_a,
                                               double log_ec50_b,
                                               double lambda);

}  // namespace kinescape::dose_response
