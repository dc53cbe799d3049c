// SPDX-License-Identifier: Apache-2.0
// Does the batched fit reach the global optimum, and do its intervals end where the whole profile
// does, on designs nobody would draw by hand? Every curve has doses, wells, gaps, noise and a truth
// of its own; the single fit and a profile by brute force are the judges.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/stream.hpp"
#include "dose_response/batch_fit.hpp"
#include "dose_response/fit.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::dose_response {
namespace {

enum : std::uint32_t { random_designs = 0xD051 };
constexpr std::size_t most_wells = 48;

struct Set {
  std::vector<double> dose_nM, response;  // rows of most_wells, padded with missing wells
  std::size_t curves = 0;
  [[nodiscard]] BatchData data() const { return {curves, most_wells, dose_nM, response}; }
  [[nodiscard]] Observations row(std::size_t c) const {
    Observations o;
    for (std::size_t i = c * most_wells; i < (c + 1) * most_wells; ++i) {
      if (std::isnan(response[i])) continue;
      o.dose_nM.push_back(dose_nM[i]);
      o.response.push_back(response[i]);
    }
    return o;
  }
};

/// 5 to 12 doses, unevenly over 1.5 to 6 decades, 1 to 4 wells each, one in ten of them missing.
Set simulate(std::size_t curves, std::uint64_t seed) {
  using enum Parameter;
  Set s;
  s.curves = curves;
  for (std::size_t c = 0; c < curves; ++c) {
    Stream stream(Seed{seed}, random_designs, static_cast<std::uint32_t>(c));
    const auto uniform = [&](double low, double high) {
      return low + (high - low) * stream.uniform();
    };
    const int doses = 5 + static_cast<int>(uniform(0, 8)),
              wells = 1 + static_cast<int>(uniform(0, 4));
    const double first = uniform(-2, 3), range = uniform(1.5, 6), sd = uniform(0.01, 0.15);
    Curve curve;
    curve.shape = Shape::log_logistic4;
    curve[log10_ec50] = first + uniform(-0.2, 1.3) * range;
    curve[hill_slope] = 0.3 * std::exp(uniform(0, 3));
    curve[top] = uniform(0.8, 1.2);
    curve[bottom] = uniform(0, 1) < 0.1 ? curve[top] : uniform(0, 1.1);
    std::size_t well = 0;
    for (int d = 0; d < doses; ++d) {
      const double dose = std::pow(10.0, first + range * (d + uniform(-0.3, 0.3)) / (doses - 1));
      for (int r = 0; r < wells; ++r, ++well) {
        const bool missing = uniform(0, 1) < 0.1;
        s.dose_nM.push_back(dose);
        s.response.push_back(missing ? unknown : value(curve, dose) + sd * stream.normal());
      }
    }
    for (; well < most_wells; ++well) {
      s.dose_nM.push_back(std::pow(10.0, first));
      s.response.push_back(unknown);
    }
  }
  return s;
}

/// 8 doses x 3 wells about a common design, each curve's shifted and stretched; one in ten partial,
/// one in ten flat.
Set simulate_ordinary(std::size_t curves, std::uint64_t seed) {
  using enum Parameter;
  Set s;
  s.curves = curves;
  for (std::size_t c = 0; c < curves; ++c) {
    Stream stream(Seed{seed}, random_designs, static_cast<std::uint32_t>(c));
    const auto uniform = [&](double low, double high) {
      return low + (high - low) * stream.uniform();
    };
    const double first = 0.5 + uniform(-0.25, 0.25), range = 3.5 * uniform(0.9, 1.1);
    Curve curve;
    curve.shape = Shape::log_logistic4;
    curve[log10_ec50] = first + (c % 10 == 8 ? uniform(1.0, 1.3) : uniform(0.1, 0.9)) * range;
    curve[hill_slope] = 0.5 * std::exp(uniform(0, 1.8));
    curve[top] = uniform(0.95, 1.05);
    curve[bottom] = c % 10 == 9 ? curve[top] : uniform(0, 0.5);
    for (std::size_t well = 0; well < most_wells; ++well) {
      const double dose = std::pow(10.0, first + range * static_cast<double>(well / 3 % 8) / 7);
      s.dose_nM.push_back(dose);
      s.response.push_back(well < 24 ? value(curve, dose) + 0.05 * stream.normal() : unknown);
    }
  }
  return s;
}

/// Curves whose sum is more than 1e-6 above that of the single fit; expects none to fail.
int worse_than_single(const Set& s, int& compared) {
  const BatchOptions options;
  const BatchFit batch = batch_fit(s.data(), options);
  FitOptions like;
  like.decades_below = options.decades_below;
  like.decades_above = options.decades_above;
  like.lowest_slope = options.lowest_slope;
  like.highest_slope = options.highest_slope;
  int worse = 0;
  for (std::size_t c = 0; c < s.curves; ++c) {
    EXPECT_NE(batch.status[c], Status::failed) << c;
    if (batch.status[c] == Status::too_few_data || batch.wells[c] <= 5) continue;
    const Fit one = fit_curve(Shape::log_logistic4, s.row(c), like);
    if (!one.usable()) continue;
    ++compared;
    // Where the curve goes through every mean only rounding is left.
    worse += batch.residual_sum[c] > one.residual_sum * (1 + 1e-6) + 1e-14;
  }
  return worse;
}

TEST(BatchOptimum, IsThatOfTheSingleFitOnOrdinaryDesigns) {
  int compared = 0;
  EXPECT_EQ(worse_than_single(simulate_ordinary(1000, 3), compared), 0);
  EXPECT_EQ(compared, 1000);
}

TEST(BatchOptimum, IsThatOfTheSingleFitOnRandomDesigns) {
  int compared = 0;
  EXPECT_EQ(worse_than_single(simulate(2000, 1), compared), 0);
  EXPECT_GE(compared, 1800);  // one in twenty has too few wells to compare
}

// Other draws than those whose misses led to the search's last steps: what LIMITS.md says.
TEST(BatchOptimum, IsMissedByAtMostOneInAThousandOnFreshRandomDesigns) {
  int compared = 0, worse = 0;
  for (const std::uint64_t seed : {11U, 12U})
    worse += worse_than_single(simulate(2000, seed), compared);
  EXPECT_GE(compared, 3600);
  EXPECT_LE(worse, compared / 1000);
}

/// Least residual sum over slopes and plateaus at one midpoint, by brute force.
double profile(const Observations& o, double midpoint, const BatchOptions& options) {
  constexpr int slopes = 400;
  double least = 1e300;
  double mean_y = 0.0;
  const auto n = static_cast<double>(o.response.size());
  for (const double y : o.response) mean_y += y / n;
  for (int j = 0; j <= slopes; ++j) {
    const double h = options.lowest_slope *
                     std::pow(options.highest_slope / options.lowest_slope, j / double{slopes});
    std::vector<double> g(o.response.size());
    double mean_g = 0.0, total = 0.0, product = 0.0, square = 0.0;
    for (std::size_t i = 0; i < g.size(); ++i) {
      g[i] = 1.0 / (1.0 + std::pow(10.0, h * (std::log10(o.dose_nM[i]) - midpoint)));
      mean_g += g[i] / n;
    }
    for (std::size_t i = 0; i < g.size(); ++i) {
      total += std::pow(o.response[i] - mean_y, 2);
      product += (o.response[i] - mean_y) * (g[i] - mean_g);
      square += std::pow(g[i] - mean_g, 2);
    }
    if (square > 1e-12) least = std::min(least, total - product * product / square);
  }
  return least;
}

TEST(BatchIntervals, EndWhereTheWholeProfileLeavesTheLimit) {
  const Set s = simulate(400, 2);
  BatchOptions options;
  options.intervals = true;
  const BatchFit batch = batch_fit(s.data(), options);
  int ends = 0, short_of = 0, beyond = 0;
  for (std::size_t c = 0; c < s.curves; ++c) {
    const Observations o = s.row(c);
    const int n = batch.wells[c];
    if (n <= 6 || batch.status[c] == Status::no_response) continue;
    const double first = std::log10(*std::min_element(o.dose_nM.begin(), o.dose_nM.end()));
    const double last = std::log10(*std::max_element(o.dose_nM.begin(), o.dose_nM.end()));
    const double limit =
        batch.residual_sum[c] * (1.0 + numeric::f_quantile(0.95, 1, n - 4) / (n - 4));
    for (const double direction : {-1.0, 1.0}) {
      const double end = direction < 0.0 ? batch.log10_ec50_low[c] : batch.log10_ec50_high[c];
      // Near and beyond the doses brute force loses its digits.
      if (std::isnan(end) || end < first || end > last) continue;
      ++ends;
      beyond += profile(o, end - direction * 2e-3, options) > limit * (1 + 1e-3);
      for (const double further : {2e-3, 0.02, 0.05, 0.1}) {
        if (profile(o, end + direction * further, options) < limit * (1 - 1e-6)) {
          ++short_of;
          break;
        }
      }
    }
  }
  EXPECT_GE(ends, 200);
  EXPECT_EQ(beyond, 0);
  EXPECT_EQ(short_of, 0);
}

}  // namespace
}  // namespace kinescape::dose_response
