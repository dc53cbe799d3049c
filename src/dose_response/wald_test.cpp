// SPDX-License-Identifier: Apache-2.0
#include "dose_response/wald.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/errors.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::dose_response {
namespace {

using enum Parameter;

/// A falling curve with a little misfit at every dose, the same each time.
Observations bent() {
  return {{1, 1, 10, 10, 100, 100, 1000, 1000, 10000, 10000},
          {1.01, 0.98, 0.95, 0.90, 0.60, 0.66, 0.22, 0.18, 0.12, 0.09},
          {}};
}

TEST(Wald, OfAMeanIsStudents) {
  const Observations o{{1, 1, 10, 10}, {1.0, 2.0, 3.0, 6.0}, {}};
  const Fit fit = fit_curve(Shape::flat, o);
  const Wald w = wald(fit, parameter_of(top));
  // Mean 3, standard deviation sqrt(14 / 3), t(0.975; 3) = 3.182446305284263.
  const double se = std::sqrt(14.0 / 3.0) / 2.0;
  EXPECT_NEAR(w.estimate, 3.0, 1e-12);
  EXPECT_NEAR(w.se, se, 1e-9);
  EXPECT_NEAR(w.interval().low, 3.0 - 3.182446305284263 * se, 1e-8);
  EXPECT_NEAR(w.p(3.0 + 3.182446305284263 * se), 0.05, 1e-8);
  const auto observed = observed_covariance(fit, std::span(&o, 1));
  EXPECT_NEAR(observed[0], fit.covariance[0], 1e-10) << "a linear model has one information";
}

TEST(Wald, ObservedInformationIsTheCurvatureOfTheResidualSum) {
  const Observations o = bent();
  const Fit fit = fit_curve(Shape::log_logistic4, o);
  ASSERT_TRUE(fit.usable());
  const auto covariance = observed_covariance(fit, std::span(&o, 1));
  const auto sum = [&](std::size_t a, double da, std::size_t b, double db) {
    Curve c = fit.curves[0];
    c[free_parameters(fit.shape)[a]] += da;
    c[free_parameters(fit.shape)[b]] += db;
    double s = 0.0;
    for (std::size_t i = 0; i < o.dose_nM.size(); ++i) {
      const double miss = o.response[i] - value(c, o.dose_nM[i]);
      s += miss * miss;
    }
    return s;
  };
  // Covariance times half the Hessian is the variance times the identity.
  const double h = 1e-4, variance = fit.residual_sd * fit.residual_sd;
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      double product = 0.0;
      for (std::size_t m = 0; m < 4; ++m) {
        const double second =
            (sum(m, h, j, h) - sum(m, h, j, -h) - sum(m, -h, j, h) + sum(m, -h, j, -h)) /
            (4 * h * h);
        product += covariance[i * 4 + m] * 0.5 * second;
      }
      EXPECT_NEAR(product / variance, i == j ? 1.0 : 0.0, 1e-4) << i << ' ' << j;
    }
  }
  EXPECT_GT(std::fabs(covariance[0] / fit.covariance[0] - 1.0), 1e-3) << "J'J is another matrix";
}

TEST(Wald, AHeldParameterHasNoErrorAndAddsNone) {
  const Observations o = bent();
  FitOptions options;
  options.lower[static_cast<std::size_t>(bottom)] = 0.1;
  options.upper[static_cast<std::size_t>(bottom)] = 0.1;
  Fit fit = fit_curve(Shape::log_logistic4, o, options);
  fit.covariance = observed_covariance(fit, std::span(&o, 1));
  EXPECT_TRUE(std::isnan(fit.standard_error(bottom)));
  const Wald w = wald(fit, log10_relative_ic(0.5));
  EXPECT_NEAR(w.se, fit.standard_error(log10_ec50), 1e-9 * w.se);
  EXPECT_EQ(w.df, 7.0);
}

TEST(Wald, DoseFromItsLogarithm) {
  const Wald w = power_of_ten({2.0, 0.1, 5.0});
  EXPECT_NEAR(w.estimate, 100.0, 1e-12);
  EXPECT_NEAR(w.se, 100.0 * std::log(10.0) * 0.1, 1e-12);
}

TEST(Fieller, EndsLieTStandardErrorsFromZero) {
  const double a = 3.0, b = 2.0, va = 0.04, cov = 0.01, vb = 0.09, df = 12.0;
  const double t = numeric::student_t_quantile(0.975, df);
  const Interval i = fieller_interval(a, b, va, cov, vb, df);
  EXPECT_LT(i.low, 1.5);
  EXPECT_GT(i.high, 1.5);
  for (const double rho : {i.low, i.high}) {
    const double se = std::sqrt(va - 2 * rho * cov + rho * rho * vb);
    EXPECT_NEAR(std::fabs(a - rho * b) / se, t, 1e-10);
  }
}

TEST(Fieller, IsOpenWhereTheDenominatorMayBeZero) {
  const Interval i = fieller_interval(3.0, 0.5, 0.04, 0.0, 0.09, 12.0);
  EXPECT_TRUE(std::isnan(i.low) && std::isnan(i.high));
  EXPECT_EQ(i.estimate, 6.0);
  EXPECT_NE(i.why.find("zero"), std::string::npos);
}

TEST(LikelihoodRatio, IsTheLogarithmOfTheResidualSums) {
  const Observations o = bent();
  const Fit flat = fit_curve(Shape::flat, o), four = fit_curve(Shape::log_logistic4, o);
  const auto test = likelihood_ratio(flat, four);
  EXPECT_NEAR(test.chi_squared, 10.0 * std::log(flat.residual_sum / four.residual_sum), 1e-9);
  EXPECT_EQ(test.df, 3.0);
  EXPECT_NEAR(test.p, numeric::chi_squared_upper(test.chi_squared, 3.0), 0.0);
  EXPECT_THROW((void)likelihood_ratio(four, flat), UsageError);
  EXPECT_NEAR(four.aic(), -2.0 * four.log_likelihood + 10.0, 1e-12);
}

}  // namespace
}  // namespace kinescape::dose_response
