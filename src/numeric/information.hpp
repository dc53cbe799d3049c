// SPDX-License-Identifier: Apache-2.0
/// \file How sharply does a function curve at its minimum? The inverse of its second derivatives,
/// from a gradient that is known: the covariance of maximum-likelihood estimates when the function
/// is a negative log-likelihood (the observed information).
#pragma once

#include <functional>
#include <span>
#include <vector>

namespace kinescape::numeric {

/// Fills `gradient` (k) with the first derivatives at `at` (k).
using GradientFunction =
    std::function<void(std::span<const double> at, std::span<double> gradient)>;

/// Inverse of the Hessian at `at`, k x k row-major; NaN in the rows and columns of what `moving`
/// leaves out, and everywhere if the Hessian of the rest is not positive definite.
///
/// Second derivatives are central differences of the gradient with one Richardson extrapolation:
/// the error is of fourth order in the step of 1e-3 where second differences of the function itself
/// would leave half of the digits, and nil in parameters that enter linearly. About 9 digits.
/// \param moving one flag per parameter.
[[nodiscard]] std::vector<double> inverse_hessian(const GradientFunction& gradient,
                                                  std::span<const double> at,
                                                  const std::vector<bool>& moving);

}  // namespace kinescape::numeric
