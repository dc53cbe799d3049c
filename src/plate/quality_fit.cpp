// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "plate/quality_internal.hpp"

namespace kinescape::plate {

namespace {

/// Four sums in a fixed order, so that the additions need not wait for each other.
double dot(const std::vector<double>& a, const std::vector<double>& b) {
  std::array<double, 4> sum{};
  std::size_t i = 0;
  for (; i + 4 <= a.size(); i += 4) {
    for (std::size_t lane = 0; lane < 4; ++lane) sum[lane] += a[i + lane] * b[i + lane];
  }
  for (; i < a.size(); ++i) sum[0] += a[i] * b[i];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

}  // namespace

Sequential fit_in_order(const std::vector<std::vector<double>>& x, const std::vector<double>& y) {
  const std::size_t k = x.size();
  // Rows of the Cholesky factor L of X'X, and c = L^-1 X'y, whose squares are the sums of squares.
  std::vector<std::vector<double>> l(k, std::vector<double>(k, 0.0));
  std::vector<double> c(k, 0.0);
  Sequential s;
  s.sum_of_squares.assign(k, 0.0);
  s.used.assign(k, false);
  s.residual = dot(y, y);
  for (std::size_t j = 0; j < k; ++j) {
    const double own = dot(x[j], x[j]);
    double pivot = own, right = dot(x[j], y);
    for (std::size_t i = 0; i < j; ++i) {
      if (!s.used[i]) continue;
      double product = dot(x[j], x[i]);
      for (std::size_t m = 0; m < i; ++m) product -= l[j][m] * l[i][m];
      l[j][i] = product / l[i][i];
      pivot -= l[j][i] * l[j][i];
      right -= l[j][i] * c[i];
    }
    if (!(pivot > 1e-8 * own && own > 0.0)) {
      std::fill(l[j].begin(), l[j].end(), 0.0);
      continue;
    }
    s.used[j] = true;
    l[j][j] = std::sqrt(pivot);
    c[j] = right / l[j][j];
    s.sum_of_squares[j] = c[j] * c[j];
    s.residual -= c[j] * c[j];
  }
  s.coefficients.assign(k, 0.0);
  for (std::size_t j = k; j-- > 0;) {
    if (!s.used[j]) continue;
    double sum = c[j];
    for (std::size_t i = j + 1; i < k; ++i) sum -= l[i][j] * s.coefficients[i];
    s.coefficients[j] = sum / l[j][j];
  }
  return s;
}

}  // namespace kinescape::plate
