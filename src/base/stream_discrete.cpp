// SPDX-License-Identifier: Apache-2.0
// Counts: exact Poisson and binomial draws. Small means by inversion; large ones by Hormann's
// transformed rejection, whose acceptance needs the exact log probability. That is taken in
// Loader's saddle-point form, because differences of lgamma lose every digit when the mean is
// large.
#include <array>
#include <cmath>
#include <cstddef>

#include "base/errors.hpp"
#include "base/stream.hpp"

namespace kinescape {
namespace {

constexpr double log_two_pi = 1.8378770664093454836;

/// log(n!) minus Stirling's formula for it, n a whole number >= 1.
double stirling_error(double n) {
  if (n <= 15.0) {
    double factorial = 1.0;  // exact up to 15!
    for (double i = 2.0; i <= n; i += 1.0) factorial *= i;
    return std::log(factorial) - (n + 0.5) * std::log(n) + n - 0.5 * log_two_pi;
  }
  const double r = 1.0 / (n * n);
  return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - r / 1188) * r) * r) * r) / n;
}

/// x log(x / mean) + mean - x without cancellation (Loader 2000, "Fast and accurate computation of
/// binomial probabilities").
double deviance(double x, double mean) {
  if (std::abs(x - mean) >= 0.1 * (x + mean)) return x * std::log(x / mean) + mean - x;
  const double v = (x - mean) / (x + mean);
  double sum = (x - mean) * v;
  double term = 2.0 * x * v;
  for (int j = 1; j < 1000; ++j) {
    term *= v * v;
    const double next = sum + term / (2 * j + 1);
    if (next == sum) break;
    sum = next;
  }
  return sum;
}

double log_poisson(double k, double mean) {
  if (k == 0.0) return -mean;
  return -stirling_error(k) - deviance(k, mean) - 0.5 * (log_two_pi + std::log(k));
}

/// \param q 1 - p
double log_binomial(double k, double n, double p, double q) {
  if (k == 0.0) return n * std::log1p(-p);
  if (k == n) return n * std::log(p);
  return stirling_error(n) - stirling_error(k) - stirling_error(n - k) - deviance(k, n * p) -
         deviance(n - k, n * q) - 0.5 * (log_two_pi + std::log(k) + std::log1p(-k / n));
}

// Both inversions walk up from zero. Past this many steps only rounding is left: draw again.
constexpr double farthest = 1000.0;

}  // namespace

std::uint64_t Stream::poisson(double mean) {
  if (!(mean >= 0.0 && mean <= 1e15)) throw UsageError("poisson: the mean must lie in [0, 1e15]");
  if (mean == 0.0) return 0;
  if (mean < 10.0) {
    while (true) {
      double u = uniform(), k = 0.0, probability = std::exp(-mean);
      while (u > probability && k < farthest) {
        u -= probability;
        k += 1.0;
        probability *= mean / k;
      }
      if (k < farthest) return static_cast<std::uint64_t>(k);
    }
  }
  // PTRS of Hormann 1993, doi:10.1016/0167-6687(93)90997-4.
  const double b = 0.931 + 2.53 * std::sqrt(mean);
  const double a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  const double sure = 0.9277 - 3.6224 / (b - 2.0);
  while (true) {
    const double u = uniform() - 0.5;
    const double v = uniform();
    const double us = 0.5 - std::abs(u);
    const double k = std::floor((2.0 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= sure) return static_cast<std::uint64_t>(k);
    if (k < 0.0 || (us < 0.013 && v > us)) continue;
    if (std::log(v * inverse_alpha / (a / (us * us) + b)) <= log_poisson(k, mean)) {
      return static_cast<std::uint64_t>(k);
    }
  }
}

std::uint64_t Stream::binomial(std::uint64_t n, double p) {
  if (!(p >= 0.0 && p <= 1.0)) throw UsageError("binomial: p must lie in [0, 1]");
  if (n == 0 || p == 0.0) return 0;
  if (p == 1.0) return n;
  if (p > 0.5) return n - binomial(n, 1.0 - p);
  // Beyond 2^52 a double no longer counts one by one; but a sum of binomials is binomial.
  constexpr std::uint64_t most = std::uint64_t{1} << 52U;
  std::uint64_t sum = 0;
  for (; n > most; n -= most) sum += binomial(most, p);

  const double trials = static_cast<double>(n);
  const double q = 1.0 - p;
  if (trials * p < 10.0) {
    const double odds = p / q;
    while (true) {
      double u = uniform(), k = 0.0, probability = std::exp(trials * std::log1p(-p));
      while (u > probability && k < farthest && k <= trials) {
        u -= probability;
        k += 1.0;
        probability *= odds * (trials - k + 1.0) / k;
      }
      if (k < farthest && k <= trials) return sum + static_cast<std::uint64_t>(k);
    }
  }
  // BTRS of Hormann 1993, doi:10.1080/00949659308811496.
  const double spread = std::sqrt(trials * p * q);
  const double b = 1.15 + 2.53 * spread;
  const double a = -0.0873 + 0.0248 * b + 0.01 * p;
  const double centre = trials * p + 0.5;
  const double alpha = (2.83 + 5.1 / b) * spread;
  const double sure = 0.92 - 4.2 / b;
  const double log_mode = log_binomial(std::floor((trials + 1.0) * p), trials, p, q);
  while (true) {
    const double u = uniform() - 0.5;
    const double v = uniform();
    const double us = 0.5 - std::abs(u);
    const double k = std::floor((2.0 * a / us + b) * u + centre);
    if (us >= 0.07 && v <= sure) return sum + static_cast<std::uint64_t>(k);
    if (k < 0.0 || k > trials) continue;
    if (std::log(v * alpha / (a / (us * us) + b)) <= log_binomial(k, trials, p, q) - log_mode) {
      return sum + static_cast<std::uint64_t>(k);
    }
  }
}

}  // namespace kinescape
