// SPDX-License-Identifier: Apache-2.0
// Against R 4.2.2: optim(start, f, method = "BFGS", hessian = TRUE,
//   control = list(maxit = 500, reltol = 1e-7, parscale = abs(start))), printed with "%.15g".
#include "numeric/variable_metric.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace kinescape::numeric {
namespace {

TEST(VariableMetric, StopsInACurvedValleyWhereRStops) {
  const auto valley = [](const std::vector<double>& x) {
    return 100.0 * std::pow(x[1] - x[0] * x[0], 2) + std::pow(1.0 - x[0], 2);
  };
  const auto end = variable_metric(valley, {-1.2, 1.0});
  ASSERT_TRUE(end.finite);
  // The minimum is at 1, 1. The last bits of powers differ between libraries: 9 digits.
  EXPECT_NEAR(end.at[0], 0.999714068743542, 1e-9);
  EXPECT_NEAR(end.at[1], 0.999427982797508, 1e-9);
  EXPECT_NEAR(end.value, 8.17622741046718e-08, 1e-12);
  EXPECT_NEAR(end.hessian[0], 801.543645973, 1e-5);
  EXPECT_NEAR(end.hessian[1], -399.885627497, 1e-5);
}

TEST(VariableMetric, StopsOnADoseResponseCurveWhereRStops) {
  const double x[] = {1, 2, 4, 8, 16, 32}, y[] = {98, 90, 71, 42, 18, 6};
  const auto sum = [&](const std::vector<double>& p) {
    double total = 0.0;
    for (int i = 0; i < 6; ++i) {
      total += std::pow(y[i] - (p[1] + (p[2] - p[1]) / (1.0 + std::pow(x[i] / p[3], p[0]))), 2);
    }
    return total;
  };
  const auto end = variable_metric(sum, {1.5, 1.0, 101.0, 6.0});
  ASSERT_TRUE(end.finite);
  const double want[] = {1.69826904375856, -0.417390775607615, 102.099458273379, 6.52438947013976};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(end.at[i], want[i], 1e-8 * std::fabs(want[i]));
  EXPECT_NEAR(end.value, 0.0112260020801541, 1e-10);
}

TEST(VariableMetric, EndsWhereADifferenceIsNotFinite) {
  const auto half = [](const std::vector<double>& x) {
    return x[0] < 0.0 ? std::numeric_limits<double>::quiet_NaN()
                      : std::pow(x[0] - 3.0, 2) + x[1] * x[1];
  };
  // R: "non-finite finite-difference value [1]". The start is not below 1e-4, so its own unit makes
  // the step a thousandth of it; 2e-5 has unit 1 and a step past the border.
  EXPECT_TRUE(variable_metric(half, {0.5, 1.0}).finite);
  EXPECT_FALSE(variable_metric(half, {2e-5, 1.0}).finite);
}

}  // namespace
}  // namespace kinescape::numeric
