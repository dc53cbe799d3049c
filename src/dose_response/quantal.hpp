// SPDX-License-Identifier: Apache-2.0
/// \file How many of n respond at which dose? Curves through counts (dead of treated, colonies of
/// wells), by binomial maximum likelihood.
///
/// The response is the share affected: a share that rises with dose has hill_slope < 0 (curve.hpp).
/// The noise follows from the counts; if the deviance is far above its degrees of freedom, subjects
/// of one group are not independent and the standard errors are too small.
#pragma once

#include <span>
#include <vector>

#include "base/estimated.hpp"
#include "dose_response/fit.hpp"

namespace kinescape::dose_response {

/// Counts of one curve, one row per group of subjects. Rows without subjects take no part.
struct Quantal {
  std::vector<double> dose_nM;
  std::vector<double> affected, total;  ///< 0 <= affected <= total.
};

struct QuantalFit {
  /// noise_known; covariance from the observed information; log_likelihood with the binomial
  /// coefficients; n: rows. No residual sums. wald() and fieller_interval() take it as it is.
  Fit fit;
  double deviance = unknown;     ///< Twice the log-likelihood lost against one share per dose.
  double deviance_df = unknown;  ///< Doses less parameters.
  double subjects = 0;
  /// Rows that the curve says cannot happen (dead without drug where the curve is exactly 0 there).
  /// Their probability counts as 1e-12, as in drc. Use a shape with a free plateau instead.
  int impossible = 0;
};

/// Fits one or several curves; the parameters in `shared` are common to all. Free plateaus stay in
/// [0, 1] unless the options say otherwise.
/// \throws UsageError for counts that are negative or affected > total.
[[nodiscard]] QuantalFit fit_quantal(Shape shape,
                                     std::span<const Quantal> groups,
                                     std::span<const Parameter> shared = {},
                                     const FitOptions& options = {});

}  // namespace kinescape::dose_response
