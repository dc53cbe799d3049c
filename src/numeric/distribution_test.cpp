// SPDX-License-Identifier: Apache-2.0
#include "numeric/distribution.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

namespace kinescape::numeric {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

void expect_digits(double got, double want, int digits) {
  EXPECT_LE(std::fabs(got - want), std::pow(10.0, -digits) * std::fabs(want))
      << got << " is not " << want << " to " << digits << " digits";
}

TEST(Distribution, NormalAgreesWithErfcAndItsOwnInverse) {
  for (double z : {-8.0, -1.96, -0.1, 0.0, 0.5, 3.0}) {
    expect_digits(normal_cdf(z), 0.5 * std::erfc(-z / std::numbers::sqrt2), 13);
    EXPECT_NEAR(normal_quantile(normal_cdf(z)), z, 1e-12);
  }
  expect_digits(normal_quantile(0.975), 1.959963984540054, 14);  // R 4.2.2, qnorm(.975)
}

TEST(Distribution, StudentTHasItsClosedForms) {
  for (double t : {-40.0, -2.0, -0.3, 0.0, 1.0, 7.0}) {
    EXPECT_NEAR(student_t_cdf(t, 1), 0.5 + std::atan(t) / std::numbers::pi, 1e-14);  // Cauchy
    EXPECT_NEAR(student_t_cdf(t, 2), 0.5 + t / (2 * std::sqrt(2 + t * t)), 1e-14);
    EXPECT_DOUBLE_EQ(student_t_cdf(t, inf), normal_cdf(t));
  }
  // From the finite sum of the t distribution at even degrees of freedom (Abramowitz & Stegun
  // 26.7.4), inverted in 50 digits.
  expect_digits(student_t_quantile(0.975, 10), 2.2281388519862744, 12);
  expect_digits(two_sided_t(2.2281388519862744, 10), 0.05, 11);
  expect_digits(two_sided_t(-2.2281388519862744, 10), 0.05, 11);
}

TEST(Distribution, ChiSquaredHasItsClosedForms) {
  for (double x : {0.1, 1.0, 5.0, 90.0}) {
    expect_digits(chi_squared_upper(x, 2), std::exp(-x / 2), 12);
    expect_digits(chi_squared_upper(x, 1), std::erfc(std::sqrt(x / 2)), 12);
  }
  expect_digits(chi_squared_quantile(0.95, 2), -2 * std::log(0.05), 12);
  EXPECT_EQ(chi_squared_upper(-1, 3), 1.0);
}

TEST(Distribution, FHasItsClosedForms) {
  for (double f : {0.2, 1.0, 4.0, 60.0}) {
    expect_digits(f_upper(f, 2, 7), std::pow(1 + 2 * f / 7, -3.5), 12);
    expect_digits(f_upper(f, 1, 9), two_sided_t(std::sqrt(f), 9), 11);
    expect_digits(f_upper(f, 3, inf), chi_squared_upper(3 * f, 3), 12);
  }
  expect_digits(f_quantile(0.95, 1, 20), std::pow(student_t_quantile(0.975, 20), 2), 11);
}

TEST(Distribution, BetaOfOneParameterIsAPower) {
  for (double p : {0.01, 0.5, 0.99}) {
    expect_digits(beta_quantile(p, 1, 5), 1 - std::pow(1 - p, 0.2), 12);
    expect_digits(beta_quantile(p, 3, 1), std::cbrt(p), 12);
    expect_digits(beta_upper(p, 1, 5), std::pow(1 - p, 5), 12);
  }
}

TEST(Distribution, TheBinomialTestSumsTheImprobableOutcomes) {
  // n = 3, p = 1/2: probabilities 1/8, 3/8, 3/8, 1/8.
  EXPECT_NEAR(binomial_two_sided(0, 3, 0.5), 0.25, 1e-15);
  EXPECT_NEAR(binomial_two_sided(1, 3, 0.5), 1.0, 1e-15);
  // n = 2, p = 1/4: 9/16, 6/16, 1/16; not symmetric.
  EXPECT_NEAR(binomial_two_sided(1, 2, 0.25), 7.0 / 16, 1e-15);
  EXPECT_NEAR(binomial_two_sided(2, 2, 0.25), 1.0 / 16, 1e-15);
}

TEST(Distribution, OutsideTheDomainTheAnswerIsNaN) {
  EXPECT_TRUE(std::isnan(normal_quantile(1.5)));
  EXPECT_TRUE(std::isnan(normal_cdf(nan)));
  EXPECT_TRUE(std::isnan(student_t_cdf(1, 0)));
  EXPECT_TRUE(std::isnan(student_t_quantile(-0.1, 3)));
  EXPECT_TRUE(std::isnan(chi_squared_upper(1, -2)));
  EXPECT_TRUE(std::isnan(f_upper(nan, 1, 1)));
  EXPECT_TRUE(std::isnan(f_quantile(0.5, 0, 1)));
  EXPECT_TRUE(std::isnan(beta_quantile(0.5, 0, 1)));
  EXPECT_TRUE(std::isnan(binomial_two_sided(4, 3, 0.5)));
  EXPECT_EQ(normal_quantile(1.0), inf);
  EXPECT_EQ(student_t_cdf(-inf, 4), 0.0);
}

TEST(Distribution, PolygammasHaveTheirClosedForms) {
  const double pi = std::numbers::pi;
  expect_digits(digamma(1.0), -std::numbers::egamma, 14);
  expect_digits(digamma(0.5), -std::numbers::egamma - 2.0 * std::numbers::ln2, 14);
  expect_digits(trigamma(1.0), pi * pi / 6.0, 14);
  expect_digits(trigamma(0.5), pi * pi / 2.0, 14);
  for (double x : {0.3, 2.0, 40.0, 5e4}) {  // Recurrences
    expect_digits(digamma(x + 1.0), digamma(x) + 1.0 / x, 12);
    expect_digits(trigamma(x + 1.0), trigamma(x) - 1.0 / (x * x), 11);
  }
  for (double x : {0.0, -1.0, nan, inf}) {
    EXPECT_TRUE(std::isnan(digamma(x)));
    EXPECT_TRUE(std::isnan(trigamma(x)));
  }
}

}  // namespace
}  // namespace kinescape::numeric
