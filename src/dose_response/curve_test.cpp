// SPDX-License-Identifier: Apache-2.0
#include "dose_response/curve.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "dose_response/infinity_internal.hpp"
#include "numeric/differences.hpp"
#include "numeric/quadrature.hpp"

namespace kinescape::dose_response {
namespace {

using enum Parameter;

constexpr Shape all_shapes[] = {Shape::flat,
                                Shape::log_logistic2,
                                Shape::log_logistic3,
                                Shape::log_logistic3u,
                                Shape::log_logistic4,
                                Shape::log_logistic5,
                                Shape::weibull1,
                                Shape::weibull2,
                                Shape::log_normal,
                                Shape::brain_cousens,
                                Shape::biphasic};

/// A curve of each shape with ordinary parameters; fixed ones keep their defaults.
Curve example(Shape shape, double slope = 1.4) {
  Curve c;
  c.shape = shape;
  for (const Parameter p : free_parameters(shape)) {
    switch (p) {
      case log10_ec50:
        c[p] = 2.1;
        break;
      case hill_slope:
        c[p] = slope;
        break;
      case top:
        c[p] = 1.05;
        break;
      case bottom:
        c[p] = 0.12;
        break;
      case asymmetry:
        c[p] = 0.7;
        break;
      case hormesis:
        c[p] = 0.004;
        break;
      case fraction:
        c[p] = 0.4;
        break;
      case log10_ec50_b:
        c[p] = 3.6;
        break;
      case hill_slope_b:
        c[p] = 2.2;
        break;
    }
  }
  return c;
}

TEST(Curve, ValuesFollowTheWrittenFormulas) {
  const double x = 40.0, e = std::pow(10.0, 2.1), h = 1.4, p = std::pow(x / e, h);
  EXPECT_NEAR(value(example(Shape::log_logistic2), x), 1 / (1 + p), 1e-14);
  EXPECT_NEAR(value(example(Shape::log_logistic3), x), 1.05 / (1 + p), 1e-14);
  EXPECT_NEAR(value(example(Shape::log_logistic3u), x), 0.12 + 0.88 / (1 + p), 1e-14);
  EXPECT_NEAR(value(example(Shape::log_logistic4), x), 0.12 + 0.93 / (1 + p), 1e-14);
  EXPECT_NEAR(value(example(Shape::log_logistic5), x), 0.12 + 0.93 * std::pow(1 + p, -0.7), 1e-14);
  EXPECT_NEAR(value(example(Shape::weibull1), x), 0.12 + 0.93 * std::exp(-p), 1e-14);
  EXPECT_NEAR(value(example(Shape::weibull2), x), 0.12 + 0.93 * (1 - std::exp(-1 / p)), 1e-14);
  EXPECT_NEAR(value(example(Shape::log_normal), x),
              0.12 + 0.93 * 0.5 * std::erfc(h * std::log(x / e) / std::sqrt(2.0)),
              1e-14);
  EXPECT_NEAR(value(example(Shape::brain_cousens), x), 0.12 + (0.93 + 0.004 * x) / (1 + p), 1e-14);
  const double q = std::pow(x / std::pow(10.0, 3.6), 2.2);
  EXPECT_NEAR(
      value(example(Shape::biphasic), x), 0.12 + 0.93 * (0.4 / (1 + p) + 0.6 / (1 + q)), 1e-14);
  EXPECT_EQ(value(example(Shape::flat), x), 1.05);
}

/// Holds the written gradient against finite differences at one dose.
void expect_gradient_matches(const Curve& curve, double dose_nM) {
  const auto free = free_parameters(curve.shape);
  std::vector<double> at, got(free.size());
  for (const Parameter p : free) at.push_back(curve[p]);
  gradient(curve, dose_nM, got);
  const auto f = [&](std::span<const double> x, std::span<double> y) {
    Curve c = curve;
    for (std::size_t i = 0; i < free.size(); ++i) c[free[i]] = x[i];
    y[0] = value(c, dose_nM);
  };
  const auto want = numeric::finite_difference_jacobian(f, 1, at, 1e-4);
  for (std::size_t i = 0; i < free.size(); ++i) {
    EXPECT_NEAR(got[i], want[i], 2e-8 * std::max(1.0, std::fabs(want[i])))
        << name(curve.shape) << " at " << dose_nM << " nM, parameter " << i;
  }
}

TEST(Curve, GradientsMatchFiniteDifferencesOnBothSidesOfTheMidpoint) {
  for (const Shape shape : all_shapes) {
    for (const double slope : {0.4, 1.4, 6.0, -1.1}) {
      for (const double dose : {0.0, 1e-6, 3.0, 120.0, 126.0, 4e3, 1e7}) {
        if (dose == 1e7 && shape == Shape::brain_cousens) continue;  // grows without limit
        expect_gradient_matches(example(shape, slope), dose);
      }
    }
  }
}

TEST(Curve, NothingOverflowsAtAnyDoseOrSlope) {
  for (const Shape shape : all_shapes) {
    for (const double slope : {0.01, 1.0, 50.0, 1e6}) {
      for (const double dose : {0.0, 1e-300, 1e-12, 126.0, 1e12, 1e300}) {
        const Curve c = example(shape, slope);
        std::vector<double> g(free_parameters(shape).size());
        gradient(c, dose, g);
        if (shape == Shape::brain_cousens && dose > 1e200 && slope < 2) continue;  // unbounded
        EXPECT_TRUE(std::isfinite(value(c, dose))) << name(shape) << ' ' << slope << ' ' << dose;
        for (const double d : g) EXPECT_TRUE(std::isfinite(d)) << name(shape) << ' ' << dose;
      }
    }
    EXPECT_EQ(value(example(shape), 0.0), example(shape)[top]) << name(shape);
  }
}

TEST(Curve, RelativeIcIsWhereTheShareIsLost) {
  for (const Shape shape : all_shapes) {
    const Curve c = example(shape);
    for (const double x : {0.1, 0.5, 0.93}) {
      const double z = log10_relative_ic_nM(c, x);
      if (shape == Shape::flat) {
        EXPECT_TRUE(std::isnan(z));
      } else {
        EXPECT_NEAR(value_at_log10(c, z), c[top] + x * (c[bottom] - c[top]), 1e-12) << name(shape);
      }
    }
  }
  EXPECT_NEAR(log10_relative_ic_nM(example(Shape::log_logistic4), 0.5), 2.1, 1e-15);
}

TEST(Curve, TheDoseAtALevelIsReachedNeverOrAlways) {
  for (const Shape shape : all_shapes) {
    if (shape == Shape::flat) continue;
    const Curve c = example(shape);
    EXPECT_NEAR(value_at_log10(c, log10_dose_at_nM(c, 0.5)), 0.5, 1e-12) << name(shape);
    EXPECT_EQ(log10_dose_at_nM(c, -0.1), inf) << name(shape);
    EXPECT_EQ(log10_dose_at_nM(c, 9.0), -inf) << name(shape);
  }
  Curve flat;
  flat[top] = 0.9;
  EXPECT_EQ(log10_dose_at_nM(flat, 0.5), inf);
  flat[top] = 0.2;
  EXPECT_EQ(log10_dose_at_nM(flat, 0.5), -inf);
  // A response that rises a little never falls to one half.
  Curve rising = example(Shape::log_logistic4);
  rising[top] = 0.9;
  rising[bottom] = 1.1;
  EXPECT_EQ(log10_dose_at_nM(rising, 0.5), inf);
  EXPECT_NEAR(log10_dose_at_nM(rising, 1.0), 2.1, 1e-12);
  Curve asymptote = example(Shape::log_logistic3);
  EXPECT_EQ(log10_dose_at_nM(asymptote, 0.0), inf);
}

TEST(Curve, AHormeticCurveIsReadOnItsFallingBranch) {
  Curve c = example(Shape::brain_cousens, 3.0);
  c[hormesis] = 0.02;
  const double z = log10_dose_at_nM(c, 1.05);  // also the level of dose 0
  EXPECT_NEAR(value_at_log10(c, z), 1.05, 1e-12);
  EXPECT_GT(value_at_log10(c, z - 0.01), 1.05);
  EXPECT_LT(value_at_log10(c, z + 0.01), 1.05);
}

TEST(Curve, TheAreaIsTheIntegral) {
  for (const Shape shape : all_shapes) {
    for (const double slope : {0.3, 1.4, 8.0, 200.0}) {
      const Curve c = example(shape, slope);
      // 2,000 Gauss panels: far beyond what is asked for, and another way than the closed form.
      double sum = 0.0;
      const double a = 0.5, b = 4.5;
      constexpr int panels = 2000;
      for (int i = 0; i < panels; ++i) {
        sum += numeric::gauss_legendre([&](double z) { return value_at_log10(c, z); },
                                       a + (b - a) * i / panels,
                                       a + (b - a) * (i + 1) / panels);
      }
      EXPECT_NEAR(normalised_auc(c, std::pow(10.0, a), std::pow(10.0, b)), sum / (b - a), 1e-10)
          << name(shape) << ' ' << slope;
    }
  }
}

TEST(Curve, TheAreaOfAHalfAndHalfWindowIsTheMean) {
  const Curve c = example(Shape::log_logistic4);  // symmetric about its midpoint
  EXPECT_NEAR(
      normalised_auc(c, std::pow(10.0, 1.1), std::pow(10.0, 3.1)), (1.05 + 0.12) / 2, 1e-14);
  EXPECT_TRUE(std::isnan(normalised_auc(c, 0.0, 10.0)));
  EXPECT_NEAR(normalised_auc(example(Shape::log_logistic4, 1e-9), 1, 10), (1.05 + 0.12) / 2, 1e-8);
}

}  // namespace
}  // namespace kinescape::dose_response
