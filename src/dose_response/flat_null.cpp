// SPDX-License-Identifier: Apache-2.0
#include "dose_response/flat_null.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/estimated.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::dose_response {
namespace {

constexpr int simulations = 4000;
constexpr std::size_t table_size = 193;
constexpr double table_low = -9.0, table_high = 15.0;  // logit of the share

/// Unit vectors of the weighted, centred curve shapes over a grid of midpoints and slopes; rows of
/// `k` numbers.
std::vector<double> directions(std::span<const double> x,
                               std::span<const double> weight,
                               double low,
                               double high,
                               double gentle,
                               double steep) {
  const std::size_t k = x.size();
  constexpr int midpoints = 96, slopes = 20;
  double total = 0.0;
  for (const double w : weight) total += w;
  std::vector<double> rows, g(k);
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
      for (std::size_t d = 0; d < k; ++d) rows.push_back(g[d] / std::sqrt(norm));
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

}  // namespace

FlatNull::FlatNull(std::span<const double> log10_dose,
                   std::span<const double> weight,
                   int wells,
                   double lowest_midpoint,
                   double highest_midpoint,
                   double lowest_slope,
                   double highest_slope)
    : wells_(wells), doses_(static_cast<int>(log10_dose.size())) {
  const std::size_t k = log10_dose.size();
  if (k < 4 || wells <= 4) return;
  const auto rows = directions(
      log10_dose, weight, lowest_midpoint, highest_midpoint, lowest_slope, highest_slope);
  double total = 0.0;
  for (const double w : weight) total += w;
  std::vector<double> z(k), found(simulations);
  const std::vector<double> step = even_steps(k);
  for (std::size_t i = 0; i < found.size(); ++i) {
    double& largest = found[i];
    double along = 0.0, norm = 0.0;
    for (std::size_t d = 0; d < k; ++d) {
      const double turns = 0.5 + static_cast<double>(i + 1) * step[d];
      z[d] = numeric::normal_quantile(std::clamp(turns - std::floor(turns), 1e-12, 1.0 - 1e-12));
      along += z[d] * std::sqrt(weight[d] / total);
    }
    for (std::size_t d = 0; d < k; ++d) {
      z[d] -= along * std::sqrt(weight[d] / total);
      norm += z[d] * z[d];
    }
    double most = 0.0;
    for (std::size_t r = 0; r < rows.size(); r += k) {
      double dot = 0.0;
      for (std::size_t d = 0; d < k; ++d) dot += rows[r + d] * z[d];
      most = std::max(most, dot * dot);
    }
    largest = std::min(1.0, most / norm);
  }
  std::sort(found.begin(), found.end());
  // Bins of equal count, single draws at the top, where the tail comes from.
  for (std::size_t i = 0; i < found.size();) {
    const std::size_t left = found.size() - i;
    const std::size_t size = left > 1000 ? 100 : (left > 100 ? 20 : 2);
    double sum = 0.0;
    for (std::size_t j = i; j < i + size; ++j) sum += found[j];
    largest_.push_back(sum / static_cast<double>(size));
    portion_.push_back(static_cast<double>(size) / simulations);
    i += size;
  }
  log_p_.resize(table_size);
  for (std::size_t i = 0; i < table_size; ++i) {
    const double logit = table_low + (table_high - table_low) * static_cast<double>(i) /
                                         static_cast<double>(table_size - 1);
    log_p_[i] = std::log(std::max(beta_tail(1.0 / (1.0 + std::exp(-logit))), 1e-300));
  }
}

double FlatNull::beta_tail(double share) const {
  double p = 0.0;
  for (std::size_t i = 0; i < largest_.size(); ++i) {
    if (share >= largest_[i]) continue;
    const double rest = 0.5 * (wells_ - doses_);
    p += portion_[i] *
         (rest > 0.0 ? numeric::beta_upper(share / largest_[i], 0.5 * (doses_ - 1), rest) : 1.0);
  }
  // Beyond the largest simulated direction only this much is known.
  return wells_ > doses_ ? p : std::max(p, 1.0 / simulations);
}

double FlatNull::p(double share) const {
  if (log_p_.empty() || std::isnan(share)) return unknown;
  if (share <= 0.0) return 1.0;
  const double logit = share >= 1.0 ? table_high : std::log(share / (1.0 - share));
  const double at = (std::clamp(logit, table_low, table_high) - table_low) /
                    (table_high - table_low) * static_cast<double>(table_size - 1);
  const auto i = std::min(static_cast<std::size_t>(at), table_size - 2);
  const double t = at - static_cast<double>(i);
  return std::min(1.0, std::exp((1.0 - t) * log_p_[i] + t * log_p_[i + 1]));
}

}  // namespace kinescape::dose_response
