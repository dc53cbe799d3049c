// SPDX-License-Identifier: Apache-2.0
#include "numeric/shared_spread.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "base/stream.hpp"
#include "numeric/distribution.hpp"
#include "spread_draws.hpp"

namespace kinescape::numeric {
namespace {

using tests::draw;
using tests::spread_of;

TEST(SharedSpread, OneCurveAloneIsStudentsT) {
  const OwnSpread s = spread_of({0.3, -0.1, -0.2});
  const SharedSpread shared = share_spread(std::vector{s}).front();
  EXPECT_EQ(shared.df, 2.0);
  EXPECT_EQ(shared.variance, s.variance);
}

TEST(SharedSpread, WhatIsExpectedIsKnownUpToAFactorOnly) {
  std::vector<OwnSpread> all{spread_of({0.3, -0.1, -0.2}, "a"), spread_of({0.1, 0.1, -0.2}, "b")};
  const auto before = share_spread(all);
  for (OwnSpread& s : all) s.expected = 50.0;
  const auto after = share_spread(all);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(after[i].variance, before[i].variance, 1e-9);
    EXPECT_NEAR(after[i].df, before[i].df, 1e-9);
    EXPECT_GT(after[i].df, 2.0);
  }
}

TEST(SharedSpread, ManyLikeCurvesKnowTheirCommonVariance) {
  Stream random(Seed{7}, 1);
  std::vector<OwnSpread> all;
  double mean = 0.0;
  for (int i = 0; i < 200; ++i) all.push_back(draw(random, 3, 0.1, mean, std::to_string(i)));
  // But for the few that look odd by chance, the variance is known as from far more repeats.
  int known = 0;
  for (const SharedSpread& s : share_spread(all))
    known += s.df > 20.0 && std::abs(s.variance / (0.01 / 3.0) - 1.0) < 0.3;
  EXPECT_GE(known, 190);
}

TEST(SharedSpread, CurvesThatAreNotAlikeKeepTheirOwn) {
  // Standard deviations over one and a half decades: what the others say is worth little.
  Stream random(Seed{8}, 1);
  std::vector<OwnSpread> all;
  double mean = 0.0;
  for (int i = 0; i < 40; ++i)
    all.push_back(
        draw(random, 10, std::pow(10.0, 1.5 * random.uniform()), mean, std::to_string(i)));
  const auto shared = share_spread(all);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_LT(shared[i].df, 15.0);
    EXPECT_NEAR(std::log10(shared[i].variance / all[i].variance), 0.0, 0.5);
  }
}

TEST(SharedSpread, TheOrderOfTheCurvesChangesNoBit) {
  Stream random(Seed{9}, 1);
  std::vector<OwnSpread> all;
  double mean = 0.0;
  for (int i = 0; i < 7; ++i) all.push_back(draw(random, 3, 1.0, mean, std::to_string(i)));
  const auto forward = share_spread(all);
  const auto backward = share_spread(std::vector(all.rbegin(), all.rend()));
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(forward[i].variance, backward[all.size() - 1 - i].variance);
    EXPECT_EQ(forward[i].df, backward[all.size() - 1 - i].df);
  }
}

TEST(SharedSpread, DaysThatMoveAllCurvesAlikeAreOneObservation) {
  std::vector<OwnSpread> same, apart;
  Stream random(Seed{10}, 1);
  double mean = 0.0;
  for (int i = 0; i < 8; ++i) {
    same.push_back(spread_of({0.3, -0.1, -0.2}, std::to_string(i)));
    apart.push_back(draw(random, 3, 0.5, mean, std::to_string(i)));
  }
  EXPECT_NEAR(independence(same), 1.0 / 8.0, 1e-12);
  EXPECT_GT(independence(apart), 0.6);
  EXPECT_EQ(independence(std::vector{same[0], same[1]}), 1.0);
}

TEST(SharedSpread, ManyPairsLearnThatTheirDaysAreCommon) {
  // The same differences; days move both curves of a pair alike, or not at all.
  Stream random(Seed{11}, 1);
  std::vector<PairedSpread> common, apart;
  double mean = 0.0;
  for (int i = 0; i < 12; ++i) {
    PairedSpread p;
    p.difference = draw(random, 3, 1.0, mean, std::to_string(i));
    const double same = draw(random, 3, 1.0, mean, "").variance;
    p.sum_variance = 19.0 * same;  // rho = 0.9
    common.push_back(p);
    p.sum_variance = same;
    apart.push_back(p);
  }
  const auto c = share_spread(common), a = share_spread(apart);
  for (std::size_t i = 0; i < c.size(); ++i) {
    EXPECT_NEAR(std::log(c[i].variance / a[i].variance), 0.0, 0.5);
    EXPECT_GT(c[i].df, 6.0);  // 2 of its own, and it may be odd
  }
}

}  // namespace
}  // namespace kinescape::numeric
