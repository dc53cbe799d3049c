// SPDX-License-Identifier: Apache-2.0
#include "dose_response/mixture.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/errors.hpp"

namespace kinescape::dose_response {
namespace {

using enum Parameter;

/// Wells of a mixture with the given isobole, off the curve by a fixed pattern of size `noise`. In
/// both mixtures either part matters: what hardly acts says nothing of the isobole.
std::vector<Ray> rays(double lambda, double noise) {
  std::vector<Ray> out;
  int tick = 0;
  for (const double share : {1.0, 0.2, 0.08, 0.0}) {
    Ray ray;
    ray.share_a = share;
    Curve c;
    c.shape = Shape::log_logistic4;
    c[log10_ec50] =
        mixture_midpoint(share, std::log(50.0), std::log(400.0), lambda).log_ec50 / std::log(10.0);
    c[hill_slope] = 1.5;
    c[top] = 1.0;
    c[bottom] = 0.1;
    for (const double dose : {0.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0}) {
      for (const double sign : {1.0, -1.0}) {
        ray.wells.dose_nM.push_back(dose);
        ray.wells.response.push_back(value(c, dose) + sign * noise * (1 + tick++ % 3));
      }
    }
    out.push_back(ray);
  }
  return out;
}

TEST(Mixture, MidpointsOfKnownIsoboles) {
  const double a = std::log(20.0), b = std::log(80.0);
  // Concentration addition: 1/e = 0.25/20 + 0.75/80.
  EXPECT_NEAR(
      std::exp(mixture_midpoint(0.25, a, b, 1.0).log_ec50), 1 / (0.25 / 20 + 0.75 / 80), 1e-10);
  // Equal parts of the same substance twice: e 2^(1 - lambda).
  EXPECT_NEAR(std::exp(mixture_midpoint(0.5, a, a, 0.4).log_ec50), 20 * std::pow(2.0, 0.6), 1e-10);
  EXPECT_NEAR(mixture_midpoint(1.0, a, b, 0.4).log_ec50, a, 0.0);
  EXPECT_NEAR(mixture_midpoint(0.0, a, b, 0.4).log_ec50, b, 0.0);
  // Towards lambda = 0 the stronger part acts alone.
  EXPECT_NEAR(std::exp(mixture_midpoint(0.5, a, b, 0.01).log_ec50), 40.0, 1e-9);
}

TEST(Mixture, SlopesOfTheMidpointMeetDifferences) {
  const double a = std::log(20.0), b = std::log(80.0), l = std::log(0.7), h = 1e-5;
  const auto at = [](double u, double v, double w) {
    return mixture_midpoint(0.35, u, v, std::exp(w)).log_ec50;
  };
  const auto m = mixture_midpoint(0.35, a, b, 0.7);
  EXPECT_NEAR(m.by_log_a, (at(a + h, b, l) - at(a - h, b, l)) / (2 * h), 1e-9);
  EXPECT_NEAR(m.by_log_b, (at(a, b + h, l) - at(a, b - h, l)) / (2 * h), 1e-9);
  EXPECT_NEAR(m.by_log_lambda, (at(a, b, l + h) - at(a, b, l - h)) / (2 * h), 1e-9);
}

TEST(Mixture, FindsTheIsoboleItWasMadeFrom) {
  for (const double lambda : {0.5, 1.0, 2.0}) {
    const auto fit = fit_mixture(rays(lambda, 1e-6));
    ASSERT_TRUE(fit.usable());
    EXPECT_NEAR(fit.lambda, lambda, 1e-3 * lambda);
    EXPECT_NEAR(fit.log10_ec50_a_nM, std::log10(50.0), 1e-4);
    EXPECT_NEAR(fit.log10_ec50_b_nM, std::log10(400.0), 1e-4);
    EXPECT_EQ(fit.n, 64);
    EXPECT_EQ(fit.k, 9);
  }
}

TEST(Mixture, TellsABentIsoboleFromAStraightOne) {
  const auto test = [](double lambda) {
    const auto wells = rays(lambda, 0.005);
    const auto bent = fit_mixture(wells);
    EXPECT_LT(bent.lambda_interval.low, bent.lambda);
    EXPECT_GT(bent.lambda_interval.high, bent.lambda);
    EXPECT_NEAR(
        (bent.lambda_interval.high - bent.lambda_interval.low) / (4 * bent.lambda_se), 1.0, 0.2);
    return additivity(fit_mixture(wells, {Isobole::concentration_addition, false}), bent);
  };
  EXPECT_GT(test(1.0).p, 0.05);
  EXPECT_LT(test(0.4).p, 1e-3);
  EXPECT_LT(test(2.0).p, 1e-3);
}

TEST(Mixture, RefusesWithoutBothPureSubstances) {
  auto wells = rays(1.0, 0.01);
  wells.pop_back();
  EXPECT_THROW((void)fit_mixture(wells), UsageError);
  wells.back().share_a = 1.5;
  EXPECT_THROW((void)fit_mixture(wells), UsageError);
  const auto bent = fit_mixture(rays(1.0, 0.01));
  EXPECT_THROW((void)additivity(bent, bent), UsageError);
}

}  // namespace
}  // namespace kinescape::dose_response
