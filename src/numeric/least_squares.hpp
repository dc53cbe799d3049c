// SPDX-License-Identifier: Apache-2.0
/// \file Which parameters fit best? Small dense nonlinear least squares to full convergence, with
/// bounds, and the standard errors that follow.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/estimated.hpp"

namespace kinescape::numeric {

/// Fills `residual` (n) and, unless it is empty, `jacobian` (n x k, row-major: d residual_i /
/// d parameter_j at [i * k + j]). Returns false where the model is not defined (the step is then
/// shortened).
using ResidualFunction = std::function<bool(
    std::span<const double> parameters, std::span<double> residual, std::span<double> jacobian)>;

struct LeastSquaresOptions {
  std::vector<double> lower, upper;  ///< Empty: unbounded.
  int max_iterations = 2000;
  double tolerance = 1e-14;  ///< Relative change of the sum of squares and of the parameters.
};

enum class FitEnd { not_run, converged, at_bound, out_of_steps, undefined_at_start };
[[nodiscard]] std::string_view name(FitEnd end);

struct LeastSquaresFit {
  FitEnd end = FitEnd::not_run;
  std::vector<double> parameters;
  double residual_sum = unknown;            ///< Sum of squared residuals.
  std::vector<double> covariance_unscaled;  ///< (J'J)^-1, k x k; NaN where it is singular.
  int iterations = 0;
  [[nodiscard]] bool usable() const { return end == FitEnd::converged || end == FitEnd::at_bound; }
};

/// Levenberg-Marquardt in a scaled trust region on a QR factorisation (More 1978).
/// \param n number of residuals; start: k parameters, inside the bounds.
[[nodiscard]] LeastSquaresFit least_squares(const ResidualFunction& f,
                                            std::size_t n,
                                            std::span<const double> start,
                                            const LeastSquaresOptions& options = {});

}  // namespace kinescape::numeric
