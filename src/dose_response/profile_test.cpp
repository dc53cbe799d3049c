// SPDX-License-Identifier: Apache-2.0
// Curves that are on their way down where the doses end: many curves explain them, and an interval
// has to know all of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "dose_response/reduced_internal.hpp"

namespace kinescape::dose_response {
namespace {

using enum Parameter;

// Falls as a power of dose and has lost a third at the last: no plateau in sight. Two wells a dose,
// apart by 2 x `spread`.
Observations on_the_way_down(double spread) {
  Observations o;
  double sign = 1.0;
  for (const double d : {3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10000.0}) {
    const double y = 1.0 - 0.33 * std::pow(d / 10000.0, 0.9) + 0.01 * sign;
    for (const double side : {-1.0, 1.0}) {
      o.dose_nM.push_back(d);
      o.response.push_back(y + side * spread);
    }
    sign = -sign;
  }
  return o;
}

// Least residual sum over midpoint and slope, both plateaus chosen so that the curve passes
// through (log10 dose, level): brute force over a grid.
double least_through(const Observations& o, double at, double level) {
  double least = 1e300;
  for (double e = -3.5; e <= 8.0; e += 0.02)
    for (double h = 0.05; h <= 50.0; h *= 1.03) {
      const auto lost = [&](double z) { return 1.0 / (1.0 + std::pow(10.0, -h * (z - e))); };
      // y = level + range (lost(at) - lost(z)): linear in the range alone
      std::vector<double> g;
      double gy = 0.0, gg = 0.0, sum = 0.0;
      for (std::size_t i = 0; i < o.dose_nM.size(); ++i) {
        g.push_back(lost(at) - lost(std::log10(o.dose_nM[i])));
        gy += g[i] * (o.response[i] - level), gg += g[i] * g[i];
      }
      for (std::size_t i = 0; i < g.size(); ++i)
        sum += std::pow(o.response[i] - level - (gg > 0.0 ? gy / gg * g[i] : 0.0), 2);
      least = std::min(least, sum);
    }
  return least;
}

TEST(Profile, OfACurveOnItsWayDownIsTheLeastOfAllCurves) {
  const Observations o = on_the_way_down(0.04);
  const Fit fit = fit_curve(Shape::log_logistic4, o);
  for (const double at : {3.6, 3.9, 4.2, 5.0, 7.0}) {
    const double brute = least_through(o, at, 0.5);
    const double held = profiled_residual_sum(fit, std::span(&o, 1), log10_dose_at(0.5), at);
    EXPECT_LE(held, brute * (1.0 + 1e-9)) << at;
    EXPECT_GE(held, brute * (1.0 - 1e-2)) << at;  // the grid's coarseness
  }
}

TEST(Profile, OfACurveOnItsWayDownEndsWhereBruteForceDoes) {
  const Observations o = on_the_way_down(0.04);
  const Fit fit = fit_curve(Shape::log_logistic4, o);
  const Interval i = profile_interval(fit, std::span(&o, 1), log10_dose_at(0.5));
  const double t = 2.178812829667228;  // Student's t, 12 df, 0.975
  const double limit = fit.residual_sum * (1.0 + t * t / 12.0);
  EXPECT_GT(i.low, 3.5);
  EXPECT_LT(least_through(o, i.low + 0.005, 0.5), limit);
  EXPECT_GT(least_through(o, i.low - 0.02, 0.5), limit);
  EXPECT_TRUE(std::isnan(i.high));  // it may never be reached
}

TEST(Profile, ThePlateauOfACurveOnItsWayDownIsOpenBelow) {
  const Observations o = on_the_way_down(0.04);
  const Fit fit = fit_curve(Shape::log_logistic4, o);
  const Interval i = profile_interval(fit, std::span(&o, 1), parameter_of(bottom));
  EXPECT_TRUE(std::isnan(i.low));
  EXPECT_GT(i.high, 0.5);
}

TEST(Fit, ReachesTheEndOfTheRidgeBeyondTheDoses) {
  const Observations o = on_the_way_down(0.0);
  const Fit fit = fit_curve(Shape::log_logistic4, o);
  ASSERT_TRUE(fit.usable());
  for (const double level : {0.2, 0.4, 0.6}) {
    const double brute = least_through(o, 6.0, level);
    EXPECT_LE(fit.residual_sum, brute * (1.0 + 1e-9));
  }
}

// Kaufman's Jacobian leaves out a term that is of the order of the residuals: at the optimum of
// data without noise it is exact.
TEST(Reduced, StepsTheWayItsResidualsGo) {
  using internal::Reduced;
  Curve c;
  c.shape = Shape::log_logistic4;
  c[log10_ec50] = 2.0, c[hill_slope] = 1.3, c[top] = 1.0, c[bottom] = 0.1;
  Observations o;
  for (const double d : {1.0, 10.0, 50.0, 100.0, 500.0, 5000.0}) {
    o.dose_nM.push_back(d);
    o.response.push_back(value(c, d));
  }
  const auto model = internal::joint_model(c.shape, std::span(&o, 1), {});
  const auto limits = internal::bounds(model, {}, 1.0);
  const std::vector<double> away{2.6, 0.8, 0.5, 0.5};
  const Reduced free(model, limits, away);
  ASSERT_TRUE(free.possible());
  const auto found = free.descend(away);
  EXPECT_LT(found.residual_sum, 1e-20);
  EXPECT_NEAR(found.parameters[0], 2.0, 1e-8);
  EXPECT_NEAR(found.parameters[3], 0.1, 1e-8);
  // An equation that holds at the truth costs nothing, whether it is about plateaus or not.
  const Reduced through(model, limits, away, [&](std::span<const Curve> k) {
    return value_at_log10(k[0], 2.0) - 0.55;
  });
  const Reduced midpoint(model, limits, away, [&](std::span<const Curve> k) {
    return log10_relative_ic_nM(k[0], 0.5) - 2.0;
  });
  for (const Reduced* r : {&through, &midpoint}) {
    ASSERT_TRUE(r->possible());
    EXPECT_LT(r->descend(away).residual_sum, 1e-20);
    EXPECT_NEAR(r->descend(away).parameters[1], 1.3, 1e-7);
  }
  const Reduced elsewhere(model, limits, away, [&](std::span<const Curve> k) {
    return value_at_log10(k[0], 2.0) - 0.7;
  });
  const auto held = elsewhere.descend(away);
  EXPECT_GT(held.residual_sum, 1e-3);
  EXPECT_NEAR(value_at_log10(model.curves(held.parameters)[0], 2.0), 0.7, 1e-12);
}

}  // namespace
}  // namespace kinescape::dose_response
