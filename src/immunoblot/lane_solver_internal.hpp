// SPDX-License-Identifier: Apache-2.0
/// \file Least squares from the normal equations: a lane has a thousand rows and sixty parameters,
/// and in each row only a handful of them do anything.
#pragma once

#include <functional>
#include <span>
#include <vector>

namespace kinescape::immunoblot {

/// J'J (lower triangle, k x k) and J'r at one point.
struct Normal {
  std::vector<double> matrix, gradient;
};

/// Sum of squares at `p`; fills `normal` unless it is null. NaN where the model is not defined.
using NormalFunction = std::function<double(std::span<const double> p, Normal* normal)>;

struct SolverOptions {
  std::vector<double> lower, upper;
  int most_steps = 100;
  double tolerance = 1e-8;  ///< Relative change of the sum of squares.
};

struct SolverFit {
  bool converged = false;
  std::vector<double> parameters;
  double sum = 0.0;
  std::vector<double> variance;  ///< Diagonal of (J'J)^-1; NaN where a bound holds a parameter.
};

/// Levenberg-Marquardt (Marquardt 1963, doi:10.1137/0111030) with bounds by projection, solved by
/// Cholesky. For problems whose priors keep J'J away from singular. `parameters` is empty where the
/// start is not defined.
[[nodiscard]] SolverFit solve_normal(const NormalFunction& f,
                                     std::vector<double> start,
                                     const SolverOptions& options);

}  // namespace kinescape::immunoblot
