// SPDX-License-Identifier: Apache-2.0
#include "numeric/survival.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "base/errors.hpp"
#include "numeric/cox.hpp"
#include "numeric/interval_censored.hpp"
#include "numeric/multivariate.hpp"
#include "numeric/proportion.hpp"
#include "numeric/quadrature.hpp"
#include "numeric/two_sample.hpp"

namespace kinescape::numeric {
namespace {

TEST(KaplanMeier, ByHand) {
  const auto c = kaplan_meier({{}, {1, 2, 2, 3, 4}, {1, 1, 0, 0, 1}});
  ASSERT_EQ(c.time.size(), 4U);
  EXPECT_DOUBLE_EQ(c.survival[0], 0.8);
  EXPECT_DOUBLE_EQ(c.survival[1], 0.8 * 0.75);
  EXPECT_DOUBLE_EQ(c.survival[3], 0.0);
  EXPECT_DOUBLE_EQ(restricted_mean(c, 3.0).value, 1.0 + 0.8 + 0.6);
  EXPECT_THROW(static_cast<void>(kaplan_meier({{}, {std::nan("")}, {1}})), UsageError);
  EXPECT_THROW(static_cast<void>(kaplan_meier({{5}, {4}, {1}})), UsageError);
}

TEST(RankTest, StrataAddUp) {
  // Two copies of one stratum: observed, expected and variance double, so chi-squared does.
  const FollowUp one{{}, {1, 2, 3, 4, 5, 6}, {1, 1, 1, 1, 0, 1}};
  const std::vector<int> g{0, 1, 0, 1, 0, 1};
  FollowUp two = one;
  std::vector<int> group = g, stratum(6, 0);
  two.time.insert(two.time.end(), one.time.begin(), one.time.end());
  two.event.insert(two.event.end(), one.event.begin(), one.event.end());
  group.insert(group.end(), g.begin(), g.end());
  stratum.insert(stratum.end(), 6, 1);
  EXPECT_NEAR(rank_test(two, group, 2, stratum).chi2, 2.0 * rank_test(one, g, 2, {}).chi2, 1e-12);
  const auto none = rank_test({{}, {1, 2}, {0, 0}}, std::vector<int>{0, 1}, 2, {});
  EXPECT_TRUE(std::isnan(none.p)) << "no event, no test";
}

TEST(RankTest, MaxComboOfOneWeightIsThatTest) {
  const FollowUp rows{{}, {1, 2, 3, 4, 5, 6, 7, 8}, {1, 1, 1, 0, 1, 1, 0, 1}};
  const std::vector<int> g{0, 1, 0, 1, 1, 1, 0, 0};
  const FhWeight one[] = {{0, 0}};
  EXPECT_NEAR(max_combo(rows, g, {}, one).p, rank_test(rows, g, 2, {}).p, 1e-10);
  const FhWeight all[] = {{0, 0}, {1, 0}, {0, 1}, {1, 1}};
  const auto combo = max_combo(rows, g, {}, all);
  double best = 1.0;
  for (const auto& w : all) best = std::min(best, rank_test(rows, g, 2, {}, w).p);
  EXPECT_GT(combo.p, best - 1e-4);
  EXPECT_LT(combo.p, 4.0 * best);
}

TEST(Turnbull, LikelihoodLimitsOfExactTimesAreThoseOfABinomial) {
  // Exact times: S(10.5) of 20 is a share of 10, whose likelihood-ratio limits solve
  // 40 (ln 1/2 - (ln p + ln(1 - p)) / 2) = 3.8415.
  IntervalRows rows;
  for (int i = 1; i <= 20; ++i) rows.low.push_back(i), rows.high.push_back(i);
  const Limits s = survival_profile(rows, 10.5, 0.95);
  EXPECT_NEAR(s.low, 0.290982, 3e-6);
  EXPECT_NEAR(s.high, 0.709018, 3e-6);
  // The median may be any of the times whose share before or up to it lies within those limits.
  const Limits q = quantile_profile(rows, 0.5, 0.95);
  EXPECT_EQ(q.low, 6.0);
  EXPECT_EQ(q.high, 15.0);
  // Nobody seen to fail after 4: the upper limit is open.
  const double never = std::numeric_limits<double>::infinity();
  const IntervalRows few{{0, 0, 2, 2, 4, 4, 4, 4}, {2, 4, 4, 4, never, never, never, never}};
  EXPECT_TRUE(std::isnan(quantile_profile(few, 0.5, 0.95).high));
  EXPECT_LE(quantile_profile(few, 0.5, 0.95).low, 2.0);
}

TEST(Multivariate, DunnettsTable) {
  // Two-sided 5 % points of Dunnett 1964 (doi:10.2307/2528490), equal groups (correlation 1/2):
  // k = 2, 10 df: 2.57; k = 3, 20 df: 2.54; k = 4, infinity: 2.44.
  const auto equal = [](int k) {
    std::vector<double> r(static_cast<std::size_t>(k * k), 0.5);
    for (int i = 0; i < k; ++i) r[static_cast<std::size_t>(i * k + i)] = 1.0;
    return r;
  };
  EXPECT_NEAR(within_all(2.57, equal(2), 2, 10), 0.95, 5e-4);
  EXPECT_NEAR(within_all(2.54, equal(3), 3, 20), 0.95, 5e-4);
  EXPECT_NEAR(within_all(2.44, equal(4), 4, std::numeric_limits<double>::infinity()), 0.95, 1e-3);
  // Independent: the product.
  const std::vector<double> apart{1, 0, 0, 1};
  EXPECT_NEAR(
      within_all(1.959964, apart, 2, std::numeric_limits<double>::infinity()), 0.95 * 0.95, 1e-5);
}

TEST(Multivariate, ThreeStatisticsInOnePlane) {
  // Directions at 0, 60 and 120 degrees: a regular hexagon of apothem c, whose outside is twelve
  // times Owen's T(c, tan 30 degrees) (Owen 1956, doi:10.1214/aoms/1177728074).
  const std::vector<double> plane{1, 0.5, -0.5, 0.5, 1, 0.5, -0.5, 0.5, 1};
  for (const double c : {1.0, 2.0, 3.0}) {
    const double a = std::tan(std::numbers::pi / 6.0);
    const double t = gauss_legendre(
        [c](double x) {
          return std::exp(-0.5 * c * c * (1.0 + x * x)) / (2.0 * std::numbers::pi * (1.0 + x * x));
        },
        0.0,
        a);
    // The corner of the hexagon lies within a panel, where a rule for smooth functions errs by
    // 1e-5.
    EXPECT_NEAR(
        within_all(c, plane, 3, std::numeric_limits<double>::infinity()), 1.0 - 12.0 * t, 3e-5);
  }
}

TEST(Cox, SortsManyRowsAsItSortsFew) {
  // Above a thousand rows times are sorted by their bits; three copies of a set in three strata
  // must give its likelihoods three times over, ties, negative and zero times and all.
  CoxData few, many;
  few.covariates = many.covariates = 5;
  Stream stream(Seed{3}, 1, 0);
  for (int i = 0; i < 400; ++i) {
    few.rows.time.push_back(std::floor(30.0 * stream.uniform()) - 9.0);
    few.rows.event.push_back(stream.uniform() < 0.6);
    for (int j = 0; j < 5; ++j) few.x.push_back(stream.normal());
  }
  for (int copy = 0; copy < 3; ++copy) {
    many.rows.time.insert(many.rows.time.end(), few.rows.time.begin(), few.rows.time.end());
    many.rows.event.insert(many.rows.event.end(), few.rows.event.begin(), few.rows.event.end());
    many.x.insert(many.x.end(), few.x.begin(), few.x.end());
    many.stratum.insert(many.stratum.end(), few.rows.time.size(), 2 - copy);
  }
  const CoxFit one = cox(few), three = cox(many);
  ASSERT_EQ(three.end, CoxEnd::converged);
  EXPECT_NEAR(three.log_likelihood, 3.0 * one.log_likelihood, 1e-9 * std::fabs(one.log_likelihood));
  EXPECT_NEAR(three.concordance, one.concordance, 1e-12);
  for (std::size_t j = 0; j < 5; ++j) {
    EXPECT_NEAR(three.coefficient[j], one.coefficient[j], 1e-9);
    EXPECT_NEAR(three.se[j], one.se[j] / std::sqrt(3.0), 1e-9);
  }
}

TEST(Cox, SeparationIsSaidAndFirthStaysFinite) {
  CoxData d;
  d.covariates = 1;
  d.rows = {{}, {1, 2, 3, 4, 9, 9, 9, 9}, {1, 1, 1, 1, 0, 0, 0, 0}};
  d.x = {1, 1, 1, 1, 0, 0, 0, 0};
  EXPECT_EQ(cox(d).end, CoxEnd::separated);
  CoxOptions firth;
  firth.firth = true;
  const CoxFit fit = cox(d, firth);
  ASSERT_EQ(fit.end, CoxEnd::converged);
  EXPECT_TRUE(std::isfinite(fit.coefficient[0]));
  EXPECT_GT(fit.low[0], 0.0);
  EXPECT_TRUE(std::isnan(fit.high[0]) || fit.high[0] > fit.coefficient[0]);
  d.rows.event.assign(8, 0);
  EXPECT_EQ(cox(d).end, CoxEnd::no_events);
  d.rows.event[0] = 1;
  d.x.assign(8, 2.0);
  EXPECT_EQ(cox(d).end, CoxEnd::singular);
}

TEST(Cox, FirthsPenaltyVanishesWithInformation) {
  CoxData d;
  d.covariates = 1;
  Stream s(Seed{1}, 1);
  for (int i = 0; i < 2000; ++i) {
    const double x = i % 2;
    d.rows.time.push_back(s.exponential() / std::exp(0.5 * x));
    d.rows.event.push_back(1);
    d.x.push_back(x);
  }
  CoxOptions firth;
  firth.firth = true;
  const CoxFit plain = cox(d), penalised = cox(d, firth);
  EXPECT_NEAR(plain.coefficient[0], penalised.coefficient[0], 2e-3);
  EXPECT_NEAR(plain.low[0], penalised.low[0], 5e-3);
}

TEST(Cox, StretchesOfOneSubjectAreThatSubject) {
  CoxData whole, split;
  whole.covariates = split.covariates = 1;
  Stream s(Seed{2}, 1);
  for (int i = 0; i < 60; ++i) {
    const double x = s.normal(), t = 1.0 + s.exponential();
    const std::uint8_t e = i % 4 != 0;
    whole.rows.time.push_back(t), whole.rows.event.push_back(e), whole.x.push_back(x);
    for (int part = 0; part < 2; ++part) {
      split.rows.entry.push_back(part == 0 ? -1.0 : 0.4 * t);
      split.rows.time.push_back(part == 0 ? 0.4 * t : t);
      split.rows.event.push_back(part == 0 ? std::uint8_t{0} : e);
      split.x.push_back(x);
    }
  }
  const CoxFit a = cox(whole), b = cox(split);
  EXPECT_NEAR(a.coefficient[0], b.coefficient[0], 1e-10);
  EXPECT_NEAR(a.se[0], b.se[0], 1e-10);
  EXPECT_NEAR(a.concordance, b.concordance, 1e-12);
}

TEST(Turnbull, RightCensoredRowsGiveKaplanMeier) {
  // Exact times and right-censoring: the same estimate.
  const double inf = std::numeric_limits<double>::infinity();
  const IntervalRows rows{{1, 2, 2, 3, 4}, {1, 2, inf, inf, 4}};
  const auto t = turnbull(rows);
  const auto km = kaplan_meier({{}, {1, 2, 2, 3, 4}, {1, 1, 0, 0, 1}});
  EXPECT_LT(t.optimality, 1e-10);
  EXPECT_NEAR(survival_bounds(t, 2.5).high, km.survival[1], 1e-9);
}

TEST(Turnbull, TheIntervalTestSeesADifference) {
  IntervalRows rows;
  std::vector<int> group;
  Stream s(Seed{3}, 1);
  for (int i = 0; i < 80; ++i) {
    const int g = i % 2;
    const double t = s.exponential() * (g == 0 ? 4.0 : 12.0), look = std::floor(t / 2.0) * 2.0;
    rows.low.push_back(std::min(look, 20.0));
    rows.high.push_back(look >= 20.0 ? std::numeric_limits<double>::infinity() : look + 2.0);
    group.push_back(g);
  }
  EXPECT_LT(interval_rank_test(rows, group, 2).p, 0.001);
  const auto w = fit_weibull(rows, 0.95);
  EXPECT_GT(w.median, w.median_low);
  EXPECT_NEAR(w.shape, 1.0, 0.35);
}

TEST(TwoSample, ExactTests) {
  const double a[] = {1, 2, 3}, b[] = {4, 5, 6};
  EXPECT_DOUBLE_EQ(rank_sum(a, b).p, 0.1);  // 2 of 20 allotments
  EXPECT_DOUBLE_EQ(permute_means(a, b, 100, Seed{1}, 1).p, 0.1);
  const auto r = ratio_of_means(a, b, 0.95);
  EXPECT_DOUBLE_EQ(r.ratio, 0.4);
  EXPECT_LT(r.low, 0.4);
  EXPECT_GT(r.high, 0.4);
  EXPECT_TRUE(std::isnan(fieller(1.0, 0.1, 0.01, 1.0, 0.0, 2.0).low)) << "the denominator may be 0";
}

TEST(Proportion, EdgesAndImpossibleCounts) {
  for (const auto m : {ProportionMethod::clopper_pearson,
                       ProportionMethod::wilson,
                       ProportionMethod::mid_p,
                       ProportionMethod::jeffreys}) {
    EXPECT_EQ(proportion_interval(0, 5, 0.95, m).low, 0.0);
    EXPECT_EQ(proportion_interval(5, 5, 0.95, m).high, 1.0);
    EXPECT_TRUE(std::isnan(proportion_interval(6, 5, 0.95, m).low));
  }
  const auto edge = compare_proportions(5, 5, 0, 5, 0.95);
  EXPECT_TRUE(std::isinf(edge.odds_ratio));
  EXPECT_GT(edge.odds_ratio_exact.low, 1.0);
}

}  // namespace
}  // namespace kinescape::numeric
