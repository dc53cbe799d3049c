// SPDX-License-Identifier: Apache-2.0
#include "dose_response/flat_null.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/estimated.hpp"
#include "base/stream.hpp"
#include "dose_response/batch_internal.hpp"
#include "dose_response/simd_internal.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::dose_response {
namespace {

constexpr std::size_t simulations = 4000;
constexpr std::size_t table_size = 193;
constexpr double table_low = -9.0, table_high = 15.0;  // logit of the share
constexpr std::size_t tail_size = 561;
constexpr double tail_low = -10.0, tail_step = 0.05;  // logit again

/// Unit vectors of the weighted, centred curve shapes over a grid of midpoints and slopes; rows of
/// `k` numbers.
std::vector<float> directions(std::span<const double> x,
                              std::span<const double> weight,
                              double low,
                              double high,
                              double gentle,
                              double steep) {
  const std::size_t k = x.size();
  constexpr int midpoints = 96, slopes = 20;
  double total = 0.0;
  for (const double w : weight) total += w;
  std::vector<float> rows;
  std::vector<double> g(k);
  for (int i = 0; i < midpoints; ++i) {
    const double e = low + (high - low) * i / (midpoints - 1);
    for (int j = 0; j < slopes; ++j) {
      const double h = gentle * std::pow(steep / gentle, static_cast<double>(j) / (slopes - 1));
      double mean = 0.0, norm = 0.0;
      // The small side of the logistic, so that far midpoints keep their shape.
      const double sign = e > 0.5 * (x.back() + (std::isinf(x[0]) ? x[1] : x[0])) ? -1.0 : 1.0;
      for (std::size_t d = 0; d < k; ++d) {
        g[d] = 1.0 / (1.0 + std::exp(sign * h * std::numbers::ln10 * (x[d] - e)));
        mean += weight[d] * g[d] / total;
      }
      for (std::size_t d = 0; d < k; ++d) {
        g[d] = std::sqrt(weight[d]) * (g[d] - mean);
        norm += g[d] * g[d];
      }
      if (!(norm > 1e-280)) continue;
      for (std::size_t d = 0; d < k; ++d)
        rows.push_back(static_cast<float>(g[d] / std::sqrt(norm)));
    }
  }
  return rows;
}

/// Steps of an evenly spread sequence in k dimensions: powers of the root of x^(k+1) = x + 1
/// (the golden ratio for k = 1).
std::vector<double> even_steps(std::size_t k) {
  double root = 1.5;
  for (int i = 0; i < 60; ++i) root = std::pow(1.0 + root, 1.0 / static_cast<double>(k + 1));
  std::vector<double> step(k);
  for (std::size_t d = 0; d < k; ++d) step[d] = std::pow(root, -static_cast<double>(d + 1));
  return step;
}

/// Evenly spread unit vectors at right angles to the mean, in the layout of
/// batch::Kernels::largest.
std::vector<float> spread(std::span<const double> weight) {
  const std::size_t k = weight.size(), group = batch::group;
  double total = 0.0;
  for (const double w : weight) total += w;
  std::vector<double> z(k), constant(k);
  for (std::size_t d = 0; d < k; ++d) constant[d] = std::sqrt(weight[d] / total);
  const std::vector<double> step = even_steps(k);
  std::vector<float> draws(simulations * k);
  for (std::size_t i = 0; i < simulations; ++i) {
    double along = 0.0, norm = 0.0;
    for (std::size_t d = 0; d < k; ++d) {
      const double turns = 0.5 + static_cast<double>(i + 1) * step[d];
      z[d] = normal_quantile(std::clamp(turns - std::floor(turns), 1e-12, 1.0 - 1e-12));
      along += z[d] * constant[d];
    }
    for (std::size_t d = 0; d < k; ++d) {
      z[d] -= along * constant[d];
      norm += z[d] * z[d];
    }
    const double scale = 1.0 / std::sqrt(norm);
    float* to = draws.data() + (i / group) * group * k + i % group;
    for (std::size_t d = 0; d < k; ++d) to[d * group] = static_cast<float>(z[d] * scale);
  }
  return draws;
}

}  // namespace

FlatNull::FlatNull(std::span<const double> log10_dose,
                   std::span<const double> weight,
                   int wells,
                   double lowest_midpoint,
                   double highest_midpoint,
                   double lowest_slope,
                   double highest_slope)
    : wells_(wells), doses_(static_cast<int>(log10_dose.size())) {
  if (doses_ < 4) return;
  const auto rows = directions(
      log10_dose, weight, lowest_midpoint, highest_midpoint, lowest_slope, highest_slope);
  const auto draws = spread(weight);
  std::vector<float> found(simulations);
  static_assert(simulations % batch::group == 0);
  batch::kernels(batch::best_isa())
      .largest(rows.data(),
               rows.size() / log10_dose.size(),
               draws.data(),
               simulations,
               doses_,
               found.data());
  std::sort(found.begin(), found.end());
  // Bins of equal count, single draws at the top, where the tail comes from.
  for (std::size_t i = 0; i < found.size();) {
    const std::size_t left = found.size() - i;
    const std::size_t size = left > 1000 ? 100 : (left > 100 ? 20 : 2);
    double sum = 0.0;
    for (std::size_t j = i; j < i + size; ++j) sum += std::min(1.0, static_cast<double>(found[j]));
    largest_.push_back(sum / static_cast<double>(size));
    portion_.push_back(static_cast<double>(size) / static_cast<double>(simulations));
    i += size;
  }
  make_table();
}

FlatNull FlatNull::with_wells(int wells) const {
  FlatNull other = *this;
  other.wells_ = wells;
  other.make_table();
  return other;
}

void FlatNull::make_table() {
  log_tail_.clear();
  log_p_.clear();
  if (doses_ < 4 || wells_ <= 4) return;
  const double between = 0.5 * (doses_ - 1), rest = 0.5 * (wells_ - doses_);
  for (std::size_t i = 0; i < tail_size && rest > 0.0; ++i) {
    const double logit = tail_low + tail_step * static_cast<double>(i);
    const double tail = numeric::beta_upper(1.0 / (1.0 + simd::exp(-logit)), between, rest);
    log_tail_.push_back(simd::log(std::max(tail, 1e-300)));
  }
  log_p_.resize(table_size);
  for (std::size_t i = 0; i < table_size; ++i) {
    const double logit = table_low + (table_high - table_low) * static_cast<double>(i) /
                                         static_cast<double>(table_size - 1);
    log_p_[i] = simd::log(std::max(beta_tail(1.0 / (1.0 + simd::exp(-logit))), 1e-300));
  }
}

/// Cubic through the four nearest entries; beyond the table its ends are straight.
double FlatNull::tail_at(double logit) const {
  const double at = (logit - tail_low) / tail_step;
  const auto i =
      static_cast<std::size_t>(std::clamp(std::floor(at), 1.0, static_cast<double>(tail_size - 3)));
  const double t = at - static_cast<double>(i);
  const double* y = log_tail_.data() + i - 1;
  if (t > 2.0) return simd::exp(std::max(y[3] + (t - 2.0) * (y[3] - y[2]), -690.0));
  const double u = std::max(t, -1.0);
  return simd::exp(-u * (u - 1.0) * (u - 2.0) / 6.0 * y[0] +
                   (u + 1.0) * (u - 1.0) * (u - 2.0) / 2.0 * y[1] -
                   (u + 1.0) * u * (u - 2.0) / 2.0 * y[2] + (u + 1.0) * u * (u - 1.0) / 6.0 * y[3]);
}

double FlatNull::beta_tail(double share) const {
  double p = 0.0;
  for (std::size_t i = 0; i < largest_.size(); ++i) {
    if (share >= largest_[i]) continue;
    p +=
        portion_[i] * (log_tail_.empty() ? 1.0 : tail_at(simd::log(share / (largest_[i] - share))));
  }
  // Beyond the largest simulated direction only this much is known.
  return wells_ > doses_ ? p : std::max(p, 1.0 / static_cast<double>(simulations));
}

double FlatNull::p(double share) const {
  if (log_p_.empty() || std::isnan(share)) return unknown;
  if (share <= 0.0) return 1.0;
  const double logit = share >= 1.0 ? table_high : simd::log(share / (1.0 - share));
  const double at = (std::clamp(logit, table_low, table_high) - table_low) /
                    (table_high - table_low) * static_cast<double>(table_size - 1);
  const auto i = std::min(static_cast<std::size_t>(at), table_size - 2);
  const double t = at - static_cast<double>(i);
  return std::min(1.0, simd::exp((1.0 - t) * log_p_[i] + t * log_p_[i + 1]));
}

}  // namespace kinescape::dose_response
