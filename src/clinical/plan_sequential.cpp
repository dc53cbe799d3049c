// SPDX-License-Identifier: Apache-2.0
// At which limits may a trial stop early, so that all looks together err in alpha of trials?
#include <cmath>

#include "clinical/design.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::clinical {
namespace {

/// Of alpha, by the time that the share t of the events has been seen.
double spent_by(double t, double alpha, Spending spending) {
  if (spending == Spending::pocock) return alpha * std::log1p((std::exp(1.0) - 1.0) * t);
  return 4.0 * numeric::normal_cdf(-numeric::normal_quantile(1.0 - 0.25 * alpha) / std::sqrt(t));
}

}  // namespace

std::vector<Look> sequential_limits(int looks, double alpha, Spending spending) {
  // Density of the score process, not yet stopped, on a grid of the standardised statistic times
  // sqrt(information); Simpson's rule.
  constexpr int half = 600;
  std::vector<Look> out;
  std::vector<double> grid, density;
  double spent = 0.0;
  for (int k = 1; k <= looks; ++k) {
    const double t = static_cast<double>(k) / looks;
    const double goal = spent_by(t, alpha, spending) - spent;
    const double step_sd = std::sqrt(1.0 / looks);
    // P(|score| > limit and not stopped before)
    const auto tail = [&](double limit) {
      if (k == 1) return 2.0 * numeric::normal_cdf(-limit / std::sqrt(t));
      double sum = 0.0;
      const double h = grid[1] - grid[0];
      for (std::size_t i = 0; i < grid.size(); ++i) {
        const double w = (i == 0 || i + 1 == grid.size()) ? 1.0 : i % 2 == 1 ? 4.0 : 2.0;
        sum += w * density[i] *
               (numeric::normal_cdf((-limit - grid[i]) / step_sd) +
                numeric::normal_cdf((grid[i] - limit) / step_sd));
      }
      return sum * h / 3.0;
    };
    double low = 0.0, high = 12.0;
    for (int i = 0; i < 80; ++i) {
      const double middle = 0.5 * (low + high);
      (tail(middle) > goal ? low : high) = middle;
    }
    const double limit = 0.5 * (low + high), z_limit = limit / std::sqrt(t);
    out.push_back({t, z_limit, 2.0 * numeric::normal_cdf(-z_limit)});
    spent += goal;
    std::vector<double> next_grid(2 * half + 1), next(2 * half + 1);
    for (int i = 0; i <= 2 * half; ++i) {
      const double s = limit * (static_cast<double>(i) / half - 1.0);
      next_grid[static_cast<std::size_t>(i)] = s;
      const auto normal = [](double x, double sd) {
        return std::exp(-0.5 * x * x / (sd * sd)) / (sd * 2.5066282746310002);
      };
      double value = 0.0;
      if (k == 1) {
        value = normal(s, std::sqrt(t));
      } else {
        const double h = grid[1] - grid[0];
        for (std::size_t j = 0; j < grid.size(); ++j) {
          const double w = (j == 0 || j + 1 == grid.size()) ? 1.0 : j % 2 == 1 ? 4.0 : 2.0;
          value += w * density[j] * normal(s - grid[j], step_sd);
        }
        value *= h / 3.0;
      }
      next[static_cast<std::size_t>(i)] = value;
    }
    grid = std::move(next_grid), density = std::move(next);
  }
  return out;
}

}  // namespace kinescape::clinical
