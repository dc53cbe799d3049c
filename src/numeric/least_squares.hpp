// SPDX-License-Identifier: Apache-2.0
/// \file Which parameters fit best? Small dense nonlinear least squares to full convergence, with
/// bounds, and the standard errors that follow.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
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
  double first_step = 100;   ///< First trust radius, in units of the scaled start.
  bool acceleration = true;  ///< Second-order step along curved valleys (Transtrum & Sethna 2012).
  /// How many further first steps (each 20 times shorter) are tried from the same start; the best
  /// optimum is returned. For starts from which the first long step leaves the valley.
  int more_first_steps = 0;
};

enum class FitEnd { not_run, converged, at_bound, out_of_steps, undefined_at_start };
[[nodiscard]] std::string_view name(FitEnd end);

struct LeastSquaresFit {
  FitEnd end = FitEnd::not_run;
  std::vector<double> parameters;
  double residual_sum = unknown;  ///< Sum of squared residuals.
  /// (J'J)^-1, k x k, of the parameters that are not held by a bound; NaN in the rows and columns
  /// of the others, and everywhere if J'J is singular.
  std::vector<double> covariance_unscaled;
  int iterations = 0;
  [[nodiscard]] bool usable() const { return end == FitEnd::converged || end == FitEnd::at_bound; }
};

/// Levenberg-Marquardt in a scaled trust region on a QR factorisation (More 1978,
/// doi:10.1007/BFb0067700), with geodesic acceleration (Transtrum & Sethna 2012,
/// arXiv:1201.5885) and bounds by projection; ends with Gauss-Newton steps to full precision.
/// \param n number of residuals; start: k parameters, moved inside the bounds if they are not.
/// \throws UsageError for bounds of another length than start, or crossed.
[[nodiscard]] LeastSquaresFit least_squares(const ResidualFunction& f,
                                            std::size_t n,
                                            std::span<const double> start,
                                            const LeastSquaresOptions& options = {});

}  // namespace kinescape::numeric
