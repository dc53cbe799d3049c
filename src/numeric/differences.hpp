// SPDX-License-Identifier: Apache-2.0
/// \file What does a derivative look like without algebra? Finite differences, for models that have
/// no written derivative and to hold written derivatives against.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace kinescape::numeric {

/// Jacobian (n x k, row-major) of `f`: R^k -> R^n at `at` by central differences with one
/// Richardson extrapolation; relative error about 1e-10 where f is smooth and of order one.
/// `f` writes n values. `relative_step`: first step relative to max(|x|, 1).
inline std::vector<double> finite_difference_jacobian(
    const std::function<void(std::span<const double>, std::span<double>)>& f,
    std::size_t n,
    std::span<const double> at,
    double relative_step = 1e-3) {
  const std::size_t k = at.size();
  std::vector<double> x(at.begin(), at.end()), jacobian(n * k);
  std::vector<double> plus(n), minus(n), coarse(n);
  for (std::size_t j = 0; j < k; ++j) {
    const double h = relative_step * std::max(std::fabs(at[j]), 1.0);
    for (const double step : {h, h / 2}) {
      x[j] = at[j] + step;
      const double above = x[j];
      f(x, plus);
      x[j] = at[j] - step;
      const double width = above - x[j];
      f(x, minus);
      for (std::size_t i = 0; i < n; ++i) {
        const double slope = (plus[i] - minus[i]) / width;
        if (step == h) {
          coarse[i] = slope;
        } else {
          jacobian[i * k + j] = (4.0 * slope - coarse[i]) / 3.0;
        }
      }
    }
    x[j] = at[j];
  }
  return jacobian;
}

}  // namespace kinescape::numeric
