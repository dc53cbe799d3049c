// SPDX-License-Identifier: Apache-2.0
#include "numeric/multivariate.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "base/errors.hpp"
#include "base/estimated.hpp"
#include "base/stream.hpp"
#include "numeric/distribution.hpp"
#include "numeric/quadrature.hpp"

namespace kinescape::numeric {
namespace {

/// Lower Cholesky factor of a positive semi-definite matrix; a row that depends on those before it
/// has a zero pivot.
std::vector<double> factor(std::span<const double> r, int k) {
  const auto at = [k](int i, int j) { return static_cast<std::size_t>(i * k + j); };
  std::vector<double> l(static_cast<std::size_t>(k * k), 0.0);
  for (int i = 0; i < k; ++i) {
    for (int j = 0; j <= i; ++j) {
      double sum = r[at(i, j)];
      for (int m = 0; m < j; ++m) sum -= l[at(i, m)] * l[at(j, m)];
      if (i == j)
        l[at(i, i)] = sum > 1e-12 ? std::sqrt(sum) : 0.0;
      else
        l[at(i, j)] = l[at(j, j)] > 0.0 ? sum / l[at(j, j)] : 0.0;
    }
  }
  return l;
}

double tent(double u) {
  return std::fabs(2.0 * (u - std::floor(u)) - 1.0);
}

constexpr double primes[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53};

}  // namespace

namespace {

/// The same for |Z| <= c of normals with the factor `l`.
double within_normals(double c, const std::vector<double>& l, int k, int points) {
  constexpr int shifts = 4;
  double total = 0.0;
  std::vector<double> y(static_cast<std::size_t>(k));
  const auto cdf = [](double z) { return 0.5 * std::erfc(-z * std::numbers::sqrt2 / 2.0); };
  for (int shift = 0; shift < shifts; ++shift) {
    for (int i = 1; i <= points; ++i) {
      double product = 1.0;
      for (int r = 0; r < k && product > 0.0; ++r) {
        double shifted = 0.0;
        for (int m = 0; m < r; ++m)
          shifted += l[static_cast<std::size_t>(r * k + m)] * y[static_cast<std::size_t>(m)];
        const double pivot = l[static_cast<std::size_t>(r * k + r)];
        if (pivot == 0.0) {
          if (std::fabs(shifted) > c) product = 0.0;
          y[static_cast<std::size_t>(r)] = 0.0;
          continue;
        }
        const double a = cdf((-c - shifted) / pivot), b = cdf((c - shifted) / pivot);
        product *= b - a;
        if (r + 1 == k) continue;
        // Richtmyer lattice: multiples of square roots of primes, baker-transformed.
        const double u = tent(i * std::sqrt(primes[r]) + std::sqrt(primes[15 - r]) * (shift + 1));
        y[static_cast<std::size_t>(r)] =
            kinescape::normal_quantile(std::clamp(a + u * (b - a), 1e-300, 1.0 - 1e-16));
      }
      total += product;
    }
  }
  return total / (shifts * points);
}

}  // namespace

double within_all(double c, std::span<const double> correlation, int k, double df) {
  if (!(c >= 0.0) || k < 1 || !(df > 0.0)) return unknown;
  if (k > 15) throw UsageError("within_all: at most 15 statistics");
  if (k == 1) return 2.0 * student_t_cdf(c, df) - 1.0;
  const auto l = factor(correlation, k);
  if (std::isinf(df)) return std::clamp(within_normals(c, l, k, 8192), 0.0, 1.0);
  // Student: the common scale is integrated over its quantiles.
  const auto at = [&](double u) {
    return within_normals(c * std::sqrt(chi_squared_quantile(u, df) / df), l, k, 512);
  };
  return std::clamp(gauss_legendre(at, 0.0, 1.0), 0.0, 1.0);
}

}  // namespace kinescape::numeric
