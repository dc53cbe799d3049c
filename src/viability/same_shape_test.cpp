// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "base/stream.hpp"
#include "numeric/distribution.hpp"
#include "viability/same_shape_internal.hpp"

namespace kinescape::viability {
namespace {

TEST(JointP, WithTheVariancesKnownIsChiSquared) {
  // Two degrees of freedom: P(chi^2 > x) = exp(-x / 2).
  for (const double rho : {0.0, 0.6, -0.4}) {
    const double a = 1.5, b = -0.7;
    const double t2 = (a * a - 2 * rho * a * b + b * b) / (1 - rho * rho);
    EXPECT_NEAR(joint_p(a, 1e9, b, 1e9, rho), std::exp(-0.5 * t2), 1e-6);
  }
}

TEST(JointP, SeesADifferenceThatTradesPlateauForSlopeTheWrongWay) {
  // Errors of both go up together; one up and one down is far from nothing, both up is not.
  // F(2, d) has the tail (1 + 2 F / d)^(-d / 2); here T^2 = 20 on 20 degrees of freedom.
  EXPECT_NEAR(joint_p(2.0, 20.0, -2.0, 20.0, 0.6), std::pow(2.0, -9.5), 1e-9);
  EXPECT_GT(joint_p(2.0, 20.0, 2.0, 20.0, 0.6), 0.05);
}

TEST(JointP, HoldsItsSizeForPairsOfFewRepeats) {
  // Means of R pairs with correlation 0.6, both covariances from the same repeats but the
  // correlation, which is known. Never above what is promised, the further below the fewer the
  // repeats; binomial SD 0.2 %.
  constexpr int experiments = 10000;
  constexpr double rho = 0.6;
  for (const int repeats : {3, 5, 10}) {
    int low = 0;
    for (int i = 0; i < experiments; ++i) {
      Stream random(Seed{11}, static_cast<std::uint32_t>(repeats), static_cast<std::uint64_t>(i));
      double sum_a = 0, sum_b = 0, aa = 0, bb = 0;
      for (int r = 0; r < repeats; ++r) {
        const double a = random.normal();
        const double b = rho * a + std::sqrt(1 - rho * rho) * random.normal();
        sum_a += a, sum_b += b, aa += a * a, bb += b * b;
      }
      const double n = repeats, df = n - 1.0;
      const auto t = [&](double sum, double squares) {
        return sum / n / std::sqrt((squares - sum * sum / n) / df / n);
      };
      low += joint_p(t(sum_a, aa), df, t(sum_b, bb), df, rho) < 0.05;
    }
    EXPECT_LT(low, 0.056 * experiments) << repeats << " repeats";
    if (repeats == 10) {
      EXPECT_GT(low, 0.025 * experiments);
    }
  }
}

}  // namespace
}  // namespace kinescape::viability
