// SPDX-License-Identifier: Apache-2.0
/// \file Small least-squares problems by the thousand: Levenberg-Marquardt on normal equations, for
/// models of a few dozen parameters on scales of order one. Where the digits of an ill-conditioned
/// single fit matter, numeric/least_squares.hpp is the tool; here it is the count that matters.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "base/estimated.hpp"

namespace kinescape::combination {

struct Descent {
  std::vector<double> at;
  double sum = unknown;  ///< Of squared residuals.
  bool converged = false;
};

struct DescentOptions {
  std::vector<double> lower, upper;  ///< Empty: none.
  std::vector<char> held;            ///< Not moved; empty: none.
  int most_steps = 100;
  double tolerance = 1e-10;  ///< Relative gain of a step below which the search has ended.
};

/// Solves (A + damping diag(A)) x = b for the free parameters, A k x k symmetric, by Cholesky.
inline bool solve_damped(const std::vector<double>& a,
                         const std::vector<double>& b,
                         double damping,
                         const std::vector<char>& frozen,
                         std::vector<double>& l,
                         std::vector<double>& x) {
  const std::size_t k = b.size();
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double s = frozen[i] || frozen[j] ? (i == j ? 1.0 : 0.0) : a[i * k + j];
      if (i == j && !frozen[i]) s += damping * s + 1e-14;
      for (std::size_t m = 0; m < j; ++m) s -= l[i * k + m] * l[j * k + m];
      if (i == j) {
        if (!(s > 0.0)) return false;
        l[i * k + i] = std::sqrt(s);
      } else {
        l[i * k + j] = s / l[j * k + j];
      }
    }
  }
  for (std::size_t i = 0; i < k; ++i) {
    double s = frozen[i] ? 0.0 : b[i];
    for (std::size_t m = 0; m < i; ++m) s -= l[i * k + m] * x[m];
    x[i] = s / l[i * k + i];
  }
  for (std::size_t i = k; i-- > 0;) {
    double s = x[i];
    for (std::size_t m = i + 1; m < k; ++m) s -= l[m * k + i] * x[m];
    x[i] = s / l[i * k + i];
  }
  return true;
}

/// `f(p, r, J)` fills n residuals and, unless J is null, n x k derivatives (row-major); false where
/// the model has no value.
template <class F>
Descent descend(const F& f,
                std::size_t n,
                std::vector<double> start,
                const DescentOptions& options = {}) {
  const std::size_t k = start.size();
  std::vector<double> r(n), jacobian(n * k), trial_r(n), a(k * k), b(k), l(k * k), step(k), next(k);
  std::vector<char> frozen(k, 0);
  const auto clamp = [&](std::vector<double>& p) {
    for (std::size_t j = 0; j < k; ++j) {
      if (!options.lower.empty()) p[j] = std::max(p[j], options.lower[j]);
      if (!options.upper.empty()) p[j] = std::min(p[j], options.upper[j]);
    }
  };
  const auto sum_of = [&](const std::vector<double>& v) {
    double s = 0.0;
    for (const double x : v) s += x * x;
    return s;
  };
  Descent out;
  clamp(start);
  out.at = std::move(start);
  if (!f(out.at.data(), r.data(), jacobian.data())) return out;
  out.sum = sum_of(r);
  double damping = 1e-3;
  for (int it = 0; it < options.most_steps; ++it) {
    std::fill(a.begin(), a.end(), 0.0);
    std::fill(b.begin(), b.end(), 0.0);
    for (std::size_t i = 0; i < n; ++i) {
      const double* row = &jacobian[i * k];
      for (std::size_t j = 0; j < k; ++j) {
        const double v = row[j];
        if (v == 0.0) continue;
        b[j] -= v * r[i];
        for (std::size_t m = 0; m <= j; ++m) a[j * k + m] += v * row[m];
      }
    }
    for (std::size_t j = 0; j < k; ++j) {
      frozen[j] = !options.held.empty() && options.held[j] != 0 ? 1 : 0;
      if (!options.lower.empty() && out.at[j] <= options.lower[j] && b[j] < 0.0) frozen[j] = 1;
      if (!options.upper.empty() && out.at[j] >= options.upper[j] && b[j] > 0.0) frozen[j] = 1;
    }
    bool better = false;
    double gain = 0.0;
    for (int tries = 0; tries < 12 && !better; ++tries) {
      if (solve_damped(a, b, damping, frozen, l, step)) {
        for (std::size_t j = 0; j < k; ++j) {
          // Parameters are plateaus or logarithms: a step of more than 3 leaves the valley.
          next[j] = out.at[j] + std::clamp(step[j], -3.0, 3.0);
        }
        clamp(next);
        if (f(next.data(), trial_r.data(), nullptr)) {
          const double s = sum_of(trial_r);
          if (s <= out.sum) {
            better = true;
            gain = out.sum - s;
            out.sum = s;
            out.at = next;
          }
        }
      }
      damping = better ? std::max(1e-12, damping * 0.15) : damping * 8.0;
    }
    if (!better || gain <= options.tolerance * (out.sum + 1e-18)) {
      out.converged = true;
      break;
    }
    f(out.at.data(), r.data(), jacobian.data());
  }
  return out;
}

}  // namespace kinescape::combination
