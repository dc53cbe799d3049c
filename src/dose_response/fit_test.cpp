// SPDX-License-Identifier: Apache-2.0
#include "dose_response/fit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "base/errors.hpp"
#include "dose_response/flat_null.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::dose_response {
namespace {

using enum Parameter;

const std::vector<double> doses{3, 10, 30, 100, 300, 1000, 3000, 10000};

Curve four(double e_nM, double h, double up, double down) {
  Curve c;
  c.shape = Shape::log_logistic4;
  c[log10_ec50] = std::log10(e_nM);
  c[hill_slope] = h;
  c[top] = up;
  c[bottom] = down;
  return c;
}

/// Standard normal draws; std::mt19937_64 gives the same bits with every library.
struct Noise {
  std::mt19937_64 bits;
  double normal() {
    return numeric::normal_quantile((static_cast<double>(bits() >> 11U) + 0.5) * 0x1p-53);
  }
};

Observations wells(const Curve& c, double sd, std::uint64_t who, int per_dose = 3) {
  Observations o;
  Noise noise{std::mt19937_64(17000 + who)};
  for (const double d : doses) {
    for (int r = 0; r < per_dose; ++r) {
      o.dose_nM.push_back(d);
      o.response.push_back(value(c, d) + sd * noise.normal());
    }
  }
  return o;
}

TEST(Fit, NoiseFreeWellsGiveTheirCurveBack) {
  for (const Shape shape : {Shape::log_logistic2,
                            Shape::log_logistic3,
                            Shape::log_logistic3u,
                            Shape::log_logistic4,
                            Shape::log_logistic5,
                            Shape::weibull1,
                            Shape::weibull2,
                            Shape::log_normal,
                            Shape::brain_cousens,
                            Shape::biphasic}) {
    Curve truth = four(180, 1.7, 1.0, 0.0);
    truth.shape = shape;
    if (shape == Shape::log_logistic3 || shape == Shape::log_logistic4) truth[top] = 1.2;
    if (shape == Shape::log_logistic3u || shape == Shape::log_logistic4) truth[bottom] = 0.15;
    if (shape == Shape::log_logistic5) truth[asymmetry] = 0.5;
    if (shape == Shape::brain_cousens) truth[hormesis] = 0.005;
    if (shape == Shape::biphasic) {
      truth[log10_ec50] = 1.2;
      truth[fraction] = 0.4;
      truth[log10_ec50_b] = 3.1;
      truth[hill_slope_b] = 2.0;
    }
    Observations o;
    for (double z = 0.0; z <= 4.6; z += 0.2) {
      o.dose_nM.push_back(std::pow(10.0, z));
      o.response.push_back(value(truth, o.dose_nM.back()));
    }
    const Fit fit = fit_curve(shape, o);
    ASSERT_TRUE(fit.usable()) << name(shape);
    for (const Parameter p : free_parameters(shape)) {
      EXPECT_NEAR(fit.curves[0][p], truth[p], 1e-6 * std::max(1.0, std::fabs(truth[p])))
          << name(shape);
    }
  }
}

TEST(Fit, DoesNotDependOnUnitsOrRowOrder) {
  const Observations o = wells(four(200, 1.3, 1.0, 0.2), 0.05, 3);
  const Fit fit = fit_curve(Shape::log_logistic4, o);
  Observations other = o;
  std::reverse(other.dose_nM.begin(), other.dose_nM.end());
  std::reverse(other.response.begin(), other.response.end());
  EXPECT_EQ(fit_curve(Shape::log_logistic4, other).parameters, fit.parameters);  // to the last bit
  for (double& d : other.dose_nM) d *= 1e-3;
  const Fit scaled = fit_curve(Shape::log_logistic4, other);
  EXPECT_NEAR(scaled.curves[0][log10_ec50] + 3.0, fit.curves[0][log10_ec50], 1e-9);
  EXPECT_NEAR(scaled.residual_sum, fit.residual_sum, 1e-12 * fit.residual_sum);
}

TEST(Fit, MissingWellsTakeNoPartAndWrongInputIsMisuse) {
  Observations o = wells(four(200, 1.3, 1.0, 0.2), 0.05, 3);
  Observations fewer = o;
  fewer.dose_nM.pop_back();
  fewer.response.pop_back();
  o.response.back() = unknown;
  EXPECT_EQ(fit_curve(Shape::log_logistic4, o).parameters,
            fit_curve(Shape::log_logistic4, fewer).parameters);
  o.dose_nM.pop_back();
  EXPECT_THROW(static_cast<void>(fit_curve(Shape::log_logistic4, o)), UsageError);
  fewer.dose_nM[0] = -1;
  EXPECT_THROW(static_cast<void>(fit_curve(Shape::log_logistic4, fewer)), UsageError);
  const Observations few{{1, 10, 100}, {1, 0.5, 0.1}, {}};
  EXPECT_FALSE(fit_curve(Shape::log_logistic4, few).usable());
}

TEST(Fit, AWeightOfTwoIsTwoWells) {
  Observations twice = wells(four(200, 1.3, 1.0, 0.2), 0.05, 5, 1), weighted = twice;
  const auto n = twice.dose_nM.size();
  for (std::size_t i = 0; i < n; ++i) {
    twice.dose_nM.push_back(twice.dose_nM[i]);
    twice.response.push_back(twice.response[i]);
  }
  weighted.weight.assign(n, 2.0);
  const Fit a = fit_curve(Shape::log_logistic4, twice);
  const Fit b = fit_curve(Shape::log_logistic4, weighted);
  EXPECT_NEAR(a.residual_sum, b.residual_sum, 1e-12);
  EXPECT_NEAR(a.parameters[0], b.parameters[0], 1e-9);
}

TEST(Fit, SharedParametersAreCommon) {
  const std::vector<Observations> groups{wells(four(100, 1.5, 1.0, 0.2), 0.03, 1),
                                         wells(four(900, 1.5, 1.0, 0.2), 0.03, 2)};
  const std::vector<Parameter> shared{hill_slope, top, bottom};
  const Fit joint = fit_curves(Shape::log_logistic4, groups, shared);
  const Fit apart = fit_curves(Shape::log_logistic4, groups, {});
  ASSERT_TRUE(joint.usable() && apart.usable());
  EXPECT_EQ(joint.k(), 5);
  EXPECT_EQ(apart.k(), 8);
  EXPECT_EQ(joint.curves[0][top], joint.curves[1][top]);
  const Fit one = fit_curve(Shape::log_logistic4, groups[0]);
  const Fit two = fit_curve(Shape::log_logistic4, groups[1]);
  EXPECT_NEAR(apart.residual_sum, one.residual_sum + two.residual_sum, 1e-10);
  const FTest same = compare_nested(joint, apart);
  EXPECT_EQ(same.df1, 3);
  EXPECT_EQ(same.df2, 40);
  EXPECT_GT(same.p, 1e-3);
  const Interval fold = profile_interval(joint, groups, log10_fold(1, 0));
  EXPECT_NEAR(fold.estimate, std::log10(9.0), 0.15);
  EXPECT_LT(fold.low, fold.estimate);
  EXPECT_GT(fold.high, fold.estimate);
}

/// Brute force: the residual sum with the midpoint held, over a fine grid of slopes, plateaus
/// solved for.
double held_midpoint(const Observations& o, double log10_e) {
  double best = 1e300;
  for (double lh = std::log(0.05); lh < std::log(50.0); lh += 2e-4) {
    double w = 0, sg = 0, sgg = 0, sy = 0, syy = 0, sgy = 0;
    for (std::size_t i = 0; i < o.dose_nM.size(); ++i) {
      const double g = value(four(std::pow(10.0, log10_e), std::exp(lh), 1, 0), o.dose_nM[i]);
      const double y = o.response[i];
      w += 1;
      sg += g;
      sgg += g * g;
      sy += y;
      syy += y * y;
      sgy += g * y;
    }
    const double c = sgy - sg * sy / w;
    best = std::min(best, syy - sy * sy / w - c * c / (sgg - sg * sg / w));
  }
  return best;
}

TEST(Profile, EndsLieWhereTheResidualSumHasRisenAsTold) {
  const std::vector<Observations> one{wells(four(200, 1.3, 1.0, 0.2), 0.06, 11)};
  const Fit fit = fit_curve(Shape::log_logistic4, one[0]);
  const Interval i = profile_interval(fit, one, parameter_of(log10_ec50));
  const double limit = fit.residual_sum * (1 + numeric::f_quantile(0.95, 1, 20) / 20);
  EXPECT_NEAR(held_midpoint(one[0], i.low), limit, 1e-6 * limit);
  EXPECT_NEAR(held_midpoint(one[0], i.high), limit, 1e-6 * limit);
  // The same number held through its equation, not as a parameter.
  const Interval through = profile_interval(fit, one, log10_relative_ic(0.5));
  EXPECT_NEAR(through.low, i.low, 1e-5);
  EXPECT_NEAR(through.high, i.high, 1e-5);
}

TEST(Profile, AStraightParameterHasTheTInterval) {
  // The flat shape is a mean: its interval is the textbook one.
  const Observations o = wells(four(200, 1.3, 1.0, 1.0), 0.06, 12);
  const Fit fit = fit_curve(Shape::flat, o);
  const Interval i = profile_interval(fit, std::span(&o, 1), parameter_of(top));
  const double half = numeric::student_t_quantile(0.975, 23) * fit.residual_sd / std::sqrt(24.0);
  EXPECT_NEAR(i.low, i.estimate - half, 1e-7);
  EXPECT_NEAR(i.high, i.estimate + half, 1e-7);
}

TEST(Profile, APartialCurveHasAnOpenEnd) {
  const Observations o = wells(four(30000, 1.5, 1.0, 0.0), 0.04, 13);
  const Fit fit = fit_curve(Shape::log_logistic4, o);
  const Interval e = profile_interval(fit, std::span(&o, 1), parameter_of(log10_ec50));
  EXPECT_TRUE(std::isnan(e.high));
  EXPECT_GT(e.low, 3.0);
  const Interval emax = profile_interval(fit, std::span(&o, 1), parameter_of(bottom));
  EXPECT_TRUE(std::isnan(emax.low));
}

TEST(Profile, AbsoluteIcAgreesWithItsOwnDefinition) {
  const Observations o = wells(four(200, 1.3, 1.0, 0.1), 0.05, 14);
  const Fit fit = fit_curve(Shape::log_logistic4, o);
  const Interval i = profile_interval(fit, std::span(&o, 1), log10_dose_at(0.5));
  EXPECT_NEAR(value_at_log10(fit.curves[0], i.estimate), 0.5, 1e-12);
  // At the ends: the least residual sum of curves through that point is the limit (held here
  // through the response at that dose instead).
  const double limit = fit.residual_sum * (1 + numeric::f_quantile(0.95, 1, 20) / 20);
  for (const double end : {i.low, i.high}) {
    const Scalar there = response_at(std::pow(10.0, end));
    EXPECT_NEAR(profiled_residual_sum(fit, std::span(&o, 1), there, 0.5), limit, 1e-5 * limit);
  }
  const Observations high = wells(four(200, 1.3, 1.0, 0.7), 0.02, 15);
  const Fit never = fit_curve(Shape::log_logistic4, high);
  const Interval none = profile_interval(never, std::span(&high, 1), log10_dose_at(0.5));
  EXPECT_TRUE(std::isinf(none.estimate));
  EXPECT_TRUE(std::isnan(none.low) && std::isnan(none.high));
  EXPECT_FALSE(none.why.empty());
}

TEST(Profile, AreaSlopeAndResponseHaveIntervalsAboutTheTruth) {
  const Curve truth = four(200, 1.3, 1.0, 0.1);
  const Observations o = wells(truth, 0.03, 16);
  const Fit fit = fit_curve(Shape::log_logistic4, o);
  for (const Scalar& s :
       {area(3, 10000), response_at(100), parameter_of(hill_slope), parameter_of(bottom)}) {
    const Interval i = profile_interval(fit, std::span(&o, 1), s);
    const double want = s.value(std::span(&truth, 1));
    EXPECT_LT(i.low, want) << s.name;
    EXPECT_GT(i.high, want) << s.name;
    EXPECT_LT(i.low, i.estimate) << s.name;
    EXPECT_GT(i.high, i.estimate) << s.name;
  }
}

TEST(CompareShapes, TheShapeThatMadeTheDataComesFirst) {
  Curve hormetic = four(500, 3.0, 1.0, 0.0);
  hormetic.shape = Shape::brain_cousens;
  hormetic[hormesis] = 0.004;
  const std::vector<Shape> shapes{
      Shape::flat, Shape::log_logistic4, Shape::brain_cousens, Shape::log_logistic3};
  const auto ranked = compare_shapes(shapes, wells(hormetic, 0.03, 21));
  EXPECT_EQ(ranked[0].shape, Shape::brain_cousens);
  int flat = 0;
  for (unsigned who = 30; who < 50; ++who) {
    const auto again = compare_shapes(shapes, wells(four(1, 1, 1.0, 1.0), 0.03, who));
    flat += again[0].shape == Shape::flat;
  }
  EXPECT_GE(flat, 12);  // AICc is a choice, not a test: it keeps the smallest shape mostly
}

TEST(LackOfFit, IsSmallForTheRightCurveAndLargeForAWrongOne) {
  const Observations o = wells(four(200, 1.3, 1.0, 0.1), 0.03, 23);
  EXPECT_GT(lack_of_fit(fit_curve(Shape::log_logistic4, o)).p, 0.01);
  EXPECT_LT(lack_of_fit(fit_curve(Shape::flat, o)).p, 1e-6);
}

TEST(FlatNull, PValuesOfFlatResponsesAreUniform) {
  std::vector<double> x, weight(doses.size(), 3.0);
  for (const double d : doses) x.push_back(std::log10(d));
  const FlatNull null(x, weight, 24, -1.0, 6.0);
  FitOptions options;
  options.decades_below = 1.4771212547196624;  // to 0.1 nM and 1 mM
  options.decades_above = 2.0;
  options.lowest_slope = 0.2;
  options.highest_slope = 12.0;
  int below_5 = 0, below_30 = 0;
  constexpr int n = 200;
  for (int i = 0; i < n; ++i) {
    const Observations o = wells(four(1, 1, 1.0, 1.0), 0.05, 1000 + static_cast<unsigned>(i));
    const Fit curve = fit_curve(Shape::log_logistic4, o, options);
    const double p = flat_p(null, curve.residual_sum, fit_curve(Shape::flat, o).residual_sum);
    below_5 += p < 0.05;
    below_30 += p < 0.3;
  }
  // Within what a binomial count allows at fixed seeds, 1 in 1,000.
  EXPECT_GT(numeric::binomial_two_sided(below_5, n, 0.05), 1e-3) << below_5;
  EXPECT_GT(numeric::binomial_two_sided(below_30, n, 0.30), 1e-3) << below_30;
}

TEST(FlatNull, TheUsualFTestIsAnotherTest) {
  std::vector<double> x, weight(doses.size(), 3.0);
  for (const double d : doses) x.push_back(std::log10(d));
  const FlatNull null(x, weight, 24, -1.0, 6.0);
  const double f = numeric::f_quantile(0.95, 3, 20);
  EXPECT_LT(null.p(3 * f / (3 * f + 20)), 0.04);  // here F(3, 20) says 0.05: too timid
  EXPECT_LT(null.p(0.999), 1e-15);  // a clear response is far in the tail, not at its floor
  EXPECT_EQ(null.p(0.0), 1.0);
  EXPECT_TRUE(
      std::isnan(FlatNull(std::vector{0.0, 1.0, 2.0}, std::vector{1.0, 1.0, 1.0}, 3, 0, 2).p(0.5)));
}

}  // namespace
}  // namespace kinescape::dose_response
