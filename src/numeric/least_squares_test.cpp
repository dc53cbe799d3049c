// SPDX-License-Identifier: Apache-2.0
#include "numeric/least_squares.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/errors.hpp"
#include "numeric/differences.hpp"

namespace kinescape::numeric {
namespace {

/// y = a + b x through (0, 1), (1, 3), (2, 4), (3, 4): a = 1.5, b = 1, residual sum 1.
bool line(std::span<const double> p, std::span<double> r, std::span<double> j) {
  const double y[] = {1, 3, 4, 4};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto x = static_cast<double>(i);
    r[i] = p[0] + p[1] * x - y[i];
    if (!j.empty()) {
      j[2 * i] = 1;
      j[2 * i + 1] = x;
    }
  }
  return true;
}

bool rosenbrock(std::span<const double> p, std::span<double> r, std::span<double> j) {
  r[0] = 10 * (p[1] - p[0] * p[0]);
  r[1] = 1 - p[0];
  if (!j.empty()) {
    j[0] = -20 * p[0];
    j[1] = 10;
    j[2] = -1;
    j[3] = 0;
  }
  return true;
}

TEST(LeastSquares, AStraightLineHasItsClosedForm) {
  const auto fit = least_squares(line, 4, std::vector{-50.0, 1e4});
  EXPECT_EQ(fit.end, FitEnd::converged);
  EXPECT_NEAR(fit.parameters[0], 1.5, 1e-13);
  EXPECT_NEAR(fit.parameters[1], 1.0, 1e-13);
  EXPECT_NEAR(fit.residual_sum, 1.0, 1e-13);
  // (X'X)^-1 = [4 6; 6 14]^-1
  EXPECT_NEAR(fit.covariance_unscaled[0], 0.7, 1e-13);
  EXPECT_NEAR(fit.covariance_unscaled[1], -0.3, 1e-13);
  EXPECT_NEAR(fit.covariance_unscaled[3], 0.2, 1e-13);
}

TEST(LeastSquares, FewerResidualsThanParametersStillReachZero) {
  const auto sum_is_three =
      [](std::span<const double> p, std::span<double> r, std::span<double> j) {
        r[0] = p[0] + 2 * p[1] - 3;
        if (!j.empty()) {
          j[0] = 1;
          j[1] = 2;
        }
        return true;
      };
  const auto fit = least_squares(sum_is_three, 1, std::vector{-50.0, 1e4});
  EXPECT_TRUE(fit.usable());
  EXPECT_LT(fit.residual_sum, 1e-20);
  EXPECT_TRUE(std::isnan(fit.covariance_unscaled[0])) << "one residual says nothing of two errors";
}

TEST(LeastSquares, FollowsTheCurvedValley) {
  const auto fit = least_squares(rosenbrock, 2, std::vector{-1.2, 1.0});
  EXPECT_TRUE(fit.usable());
  EXPECT_NEAR(fit.parameters[0], 1.0, 1e-12);
  EXPECT_NEAR(fit.parameters[1], 1.0, 1e-12);
}

TEST(LeastSquares, AHeldParameterIsNamedAndTheRestIsOptimal) {
  LeastSquaresOptions options;
  options.lower = {-10, -10};
  options.upper = {10, 0.5};  // slope at most 0.5: then a = mean(y) - 0.5 mean(x) = 2.25
  const auto fit = least_squares(line, 4, std::vector{0.0, -3.0}, options);
  EXPECT_EQ(fit.end, FitEnd::at_bound);
  EXPECT_NEAR(fit.parameters[0], 2.25, 1e-12);
  EXPECT_EQ(fit.parameters[1], 0.5);
  EXPECT_NEAR(fit.covariance_unscaled[0], 0.25, 1e-13);
  EXPECT_TRUE(std::isnan(fit.covariance_unscaled[3]));
}

TEST(LeastSquares, ABoundOnTheWayIsLeftAgain) {
  LeastSquaresOptions options;
  options.lower = {-5, -5};
  options.upper = {5, 1.2};  // the valley's end lies inside, its way touches the bound
  const auto fit = least_squares(rosenbrock, 2, std::vector{-1.2, 1.2}, options);
  EXPECT_EQ(fit.end, FitEnd::converged);
  EXPECT_NEAR(fit.parameters[0], 1.0, 1e-10);
}

TEST(LeastSquares, AnUndefinedStepIsShortened) {
  // r = ln(x) - 1 is undefined for x <= 0, where the first full step from 100 would lead.
  const auto f = [](std::span<const double> p, std::span<double> r, std::span<double> j) {
    if (p[0] <= 0) return false;
    r[0] = std::log(p[0]) - 1;
    if (!j.empty()) j[0] = 1 / p[0];
    return true;
  };
  const auto fit = least_squares(f, 1, std::vector{100.0});
  EXPECT_TRUE(fit.usable());
  EXPECT_NEAR(fit.parameters[0], std::exp(1.0), 1e-12);
  EXPECT_EQ(least_squares(f, 1, std::vector{-1.0}).end, FitEnd::undefined_at_start);
}

TEST(LeastSquares, ASingularProblemHasNoCovariance) {
  const auto f = [](std::span<const double> p, std::span<double> r, std::span<double> j) {
    for (std::size_t i = 0; i < 3; ++i) {
      r[i] = p[0] + p[1] - static_cast<double>(i);
      if (!j.empty()) j[2 * i] = j[2 * i + 1] = 1;
    }
    return true;
  };
  const auto fit = least_squares(f, 3, std::vector{3.0, 5.0});
  EXPECT_NEAR(fit.residual_sum, 2.0, 1e-13);
  EXPECT_TRUE(std::isnan(fit.covariance_unscaled[0]));
}

TEST(LeastSquares, CrossedBoundsAreMisuse) {
  LeastSquaresOptions options;
  options.lower = {1, 0};
  options.upper = {0, 1};
  EXPECT_THROW(static_cast<void>(least_squares(line, 4, std::vector{0.0, 0.0}, options)),
               UsageError);
  options.lower = {0};
  EXPECT_THROW(static_cast<void>(least_squares(line, 4, std::vector{0.0, 0.0}, options)),
               UsageError);
}

TEST(Differences, AgreeWithAlgebra) {
  const auto f = [](std::span<const double> x, std::span<double> y) {
    y[0] = std::sin(x[0]) * x[1];
    y[1] = std::exp(x[1]);
  };
  const auto j = finite_difference_jacobian(f, 2, std::vector{0.7, -0.4});
  EXPECT_NEAR(j[0], std::cos(0.7) * -0.4, 1e-10);
  EXPECT_NEAR(j[1], std::sin(0.7), 1e-10);
  EXPECT_NEAR(j[2], 0.0, 1e-10);
  EXPECT_NEAR(j[3], std::exp(-0.4), 1e-10);
}

}  // namespace
}  // namespace kinescape::numeric
