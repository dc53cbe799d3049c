// SPDX-License-Identifier: Apache-2.0
#include "dose_response/quantal.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/errors.hpp"
#include "dose_response/wald.hpp"

namespace kinescape::dose_response {
namespace {

using enum Parameter;

double logit(double p) {
  return std::log(p / (1.0 - p));
}

TEST(Quantal, TwoDosesAreMetExactlyWithTheErrorsOfTheirLogits) {
  const Quantal q{{10, 100}, {4, 30}, {20, 40}};
  const auto out = fit_quantal(Shape::log_logistic2, std::span(&q, 1));
  ASSERT_TRUE(out.fit.usable());
  const double span = std::log(10.0), y1 = logit(0.2), y2 = logit(0.75);
  const double slope = (y2 - y1) / span, v1 = 1 / (20 * 0.2 * 0.8), v2 = 1 / (40 * 0.75 * 0.25);
  // share = 1 / (1 + (x/e)^h): h = -slope, ln e = ln 10 - y1 / slope.
  EXPECT_NEAR(out.fit.curves[0][hill_slope], -slope, 1e-9);
  EXPECT_NEAR(out.fit.curves[0][log10_ec50], 1.0 - y1 / slope / span, 1e-9);
  EXPECT_NEAR(out.fit.standard_error(hill_slope), std::sqrt(v1 + v2) / span, 1e-8);
  EXPECT_NEAR(out.deviance, 0.0, 1e-12);
  EXPECT_EQ(out.deviance_df, 0.0);
  EXPECT_EQ(out.subjects, 60.0);
  EXPECT_EQ(out.impossible, 0);
  EXPECT_TRUE(std::isinf(out.fit.df()));
  // 20 choose 4 is 4845, 40 choose 30 is 847660528.
  const double want = std::log(4845.0) + 4 * std::log(0.2) + 16 * std::log(0.8) +
                      std::log(847660528.0) + 30 * std::log(0.75) + 10 * std::log(0.25);
  EXPECT_NEAR(out.fit.log_likelihood, want, 1e-9);
}

TEST(Quantal, TheScoresAreZeroAtTheEstimate) {
  // Logistic regression: sum of n (y - p) and of n (y - p) ln x vanish at the maximum.
  const Quantal q{{1, 3, 10, 30, 100}, {1, 3, 9, 16, 20}, {20, 20, 20, 20, 20}};
  const auto out = fit_quantal(Shape::log_logistic2, std::span(&q, 1));
  double level = 0.0, slope = 0.0, deviance = 0.0;
  for (std::size_t i = 0; i < 5; ++i) {
    const double p = value(out.fit.curves[0], q.dose_nM[i]), y = q.affected[i];
    level += y - 20 * p;
    slope += (y - 20 * p) * std::log(q.dose_nM[i]);
    deviance += 2 * y * std::log(y / (20 * p));
    if (y < 20) deviance += 2 * (20 - y) * std::log((20 - y) / (20 - 20 * p));
  }
  EXPECT_NEAR(level, 0.0, 1e-6);
  EXPECT_NEAR(slope, 0.0, 1e-6);
  EXPECT_NEAR(out.deviance, deviance, 1e-9);
}

TEST(Quantal, RowsOfOneDoseAddUp) {
  const Quantal whole{{1, 10, 100}, {2, 9, 18}, {20, 20, 20}};
  const Quantal parts{{1, 10, 10, 100, 5}, {2, 4, 5, 18, 0}, {20, 10, 10, 20, 0}};
  const auto a = fit_quantal(Shape::log_logistic2, std::span(&whole, 1));
  const auto b = fit_quantal(Shape::log_logistic2, std::span(&parts, 1));
  EXPECT_NEAR(a.fit.curves[0][log10_ec50], b.fit.curves[0][log10_ec50], 1e-12);
  EXPECT_NEAR(a.fit.standard_error(log10_ec50), b.fit.standard_error(log10_ec50), 1e-12);
  EXPECT_EQ(b.fit.n, 4) << "a row without subjects takes no part";
}

TEST(Quantal, DeathsWhereTheCurveHasNoneAreTold) {
  const Quantal q{{0, 1, 10, 100}, {3, 4, 9, 18}, {20, 20, 20, 20}};
  EXPECT_EQ(fit_quantal(Shape::log_logistic2, std::span(&q, 1)).impossible, 1);
  // With a natural response: share at dose 0 is `top` where the curve rises.
  const auto natural = fit_quantal(Shape::log_logistic4, std::span(&q, 1));
  EXPECT_EQ(natural.impossible, 0);
  EXPECT_NEAR(value(natural.fit.curves[0], 0.0), 0.15, 0.05);
}

TEST(Quantal, RefusesWhatAreNotCounts) {
  const Quantal more{{1, 10}, {3, 21}, {20, 20}}, missing{{1, 10}, {3, unknown}, {20, 20}};
  const Quantal ragged{{1, 10}, {3}, {20, 20}};
  for (const Quantal& q : {more, missing, ragged}) {
    EXPECT_THROW((void)fit_quantal(Shape::log_logistic2, std::span(&q, 1)), UsageError);
  }
  const Quantal single{{1}, {3}, {20}};
  const auto out = fit_quantal(Shape::log_logistic2, std::span(&single, 1));
  EXPECT_FALSE(out.fit.usable());
  const Quantal good{{10, 100}, {4, 30}, {20, 40}};
  const auto fit = fit_quantal(Shape::log_logistic2, std::span(&good, 1)).fit;
  EXPECT_THROW((void)profile_interval(fit, {}, parameter_of(log10_ec50)), UsageError);
}

}  // namespace
}  // namespace kinescape::dose_response
