// SPDX-License-Identifier: Apache-2.0
// Moments and quantiles of a Gaussian mixture, and the factor that joint draws are made with.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "numeric/distribution.hpp"
#include "numeric/latent_gaussian.hpp"

namespace kinescape::numeric {

std::vector<double> cholesky_lower(const std::vector<double>& matrix, std::size_t n) {
  std::vector<double> lower(n * n, 0.0);
  for (std::size_t c = 0; c < n; ++c) {
    double pivot = matrix[c * n + c];
    for (std::size_t k = 0; k < c; ++k) pivot -= lower[c * n + k] * lower[c * n + k];
    if (!(pivot > 1e-12 * std::max(matrix[c * n + c], 1e-300))) continue;
    const double root = std::sqrt(pivot);
    lower[c * n + c] = root;
    for (std::size_t r = c + 1; r < n; ++r) {
      double sum = matrix[r * n + c];
      for (std::size_t k = 0; k < c; ++k) sum -= lower[r * n + k] * lower[c * n + k];
      lower[r * n + c] = sum / root;
    }
  }
  return lower;
}

double LatentMixture::center() const {
  double sum = 0;
  for (std::size_t i = 0; i < weight.size(); ++i) sum += weight[i] * mean[i];
  return sum;
}

double LatentMixture::sd() const {
  const double c = center();
  double sum = 0;
  for (std::size_t i = 0; i < weight.size(); ++i)
    sum += weight[i] * (variance[i] + (mean[i] - c) * (mean[i] - c));
  return std::sqrt(sum);
}

double LatentMixture::cdf(double x) const {
  double sum = 0;
  for (std::size_t i = 0; i < weight.size(); ++i) {
    sum += weight[i] * (variance[i] > 0 ? normal_cdf((x - mean[i]) / std::sqrt(variance[i]))
                                        : (x >= mean[i] ? 1.0 : 0.0));
  }
  return sum;
}

double LatentMixture::log_density(double x) const {
  double sum = 0;
  for (std::size_t i = 0; i < weight.size(); ++i) {
    if (!(variance[i] > 0)) continue;
    const double d = x - mean[i];
    sum += weight[i] * std::exp(-0.5 * d * d / variance[i]) /
           std::sqrt(2 * std::numbers::pi * variance[i]);
  }
  return std::log(sum);
}

double LatentMixture::quantile(double p) const {
  const double c = center(), s = sd();
  if (!(s > 0) || !std::isfinite(s)) return c;
  double low = c - 5 * s, high = c + 5 * s;
  while (cdf(low) > p) low -= 5 * s;
  while (cdf(high) < p) high += 5 * s;
  while (high - low > 1e-9 * s) {
    const double middle = 0.5 * (low + high);
    (cdf(middle) < p ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace kinescape::numeric
