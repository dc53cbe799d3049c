// SPDX-License-Identifier: Apache-2.0
#include "numeric/mixed_model.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/errors.hpp"
#include "base/stream.hpp"
#include "numeric/mixed_censored.hpp"

namespace kinescape::numeric {
namespace {

/// Units with their own level and trend, within groups that have theirs.
MixedData nested(int groups, int units, bool with_groups) {
  MixedData d;
  d.fixed = 4, d.random = 2;
  int id = 0;
  for (int g = 0; g < groups; ++g) {
    Stream of_group(Seed{7}, 1, static_cast<std::uint64_t>(g));
    const double group_level = 0.5 * of_group.normal(), group_trend = 0.02 * of_group.normal();
    for (int u = 0; u < units; ++u, ++id) {
      Stream s(Seed{7}, 2, static_cast<std::uint64_t>(id));
      const double level = 5.0 + (with_groups ? group_level : 0.0) + 0.3 * s.normal();
      const double trend = 0.06 + (with_groups ? group_trend : 0.0) + 0.01 * s.normal();
      const double treated = u % 2;
      for (int t = 0; t < 30; t += 3) {
        d.y.push_back(level + (trend - 0.02 * treated) * t + 0.15 * s.normal());
        d.x.insert(d.x.end(), {1.0, static_cast<double>(t), treated, treated * t});
        d.z.insert(d.z.end(), {1.0, static_cast<double>(t)});
        d.time.push_back(t);
        d.group.push_back(with_groups ? g : id);
        if (with_groups) d.subgroup.push_back(id);
      }
    }
  }
  return d;
}

void expect_same(const MixedFit& a, const MixedFit& b) {
  ASSERT_EQ(a.end, MixedEnd::converged);
  ASSERT_EQ(b.end, MixedEnd::converged);
  EXPECT_NEAR(a.log_likelihood, b.log_likelihood, 1e-8);
  for (std::size_t j = 0; j < a.beta.size(); ++j) {
    std::vector<double> l(a.beta.size(), 0.0);
    l[j] = 1.0;
    for (const DfMethod method : {DfMethod::kenward_roger, DfMethod::satterthwaite}) {
      const Contrast x = contrast(a, l, method), y = contrast(b, l, method);
      EXPECT_NEAR(x.estimate, y.estimate, 1e-8 * std::fabs(y.estimate));
      EXPECT_NEAR(x.se, y.se, 1e-6 * y.se);
      EXPECT_NEAR(x.df, y.df, 1e-5 * y.df);
    }
  }
}

TEST(MixedModel, CrossProductsSayWhatRowsSay) {
  MixedOptions rows;
  rows.by_rows = true;
  const MixedData flat = nested(4, 5, false);
  expect_same(fit_mixed(flat), fit_mixed(flat, rows));
}

TEST(MixedModel, UnitsWithinGroupsToo) {
  MixedOptions rows;
  rows.by_rows = true;
  const MixedData deep = nested(6, 6, true);
  const MixedFit fit = fit_mixed(deep);
  expect_same(fit, fit_mixed(deep, rows));
  EXPECT_EQ(fit.groups, 6);
  EXPECT_EQ(fit.subgroup_covariance.size(), 4U);
}

TEST(MixedModel, ColumnsOfGroupsAlone) {
  // A third random column (the second fixed one's trend) that varies between groups only.
  MixedOptions rows;
  rows.by_rows = true;
  MixedData d = nested(6, 6, true);
  std::vector<double> z;
  for (std::size_t i = 0; i < d.y.size(); ++i)
    z.insert(z.end(), {d.z[2 * i], d.z[2 * i + 1], d.x[4 * i + 3]});
  d.z = z, d.random = 3, d.lone = 1;
  const MixedFit fit = fit_mixed(d);
  expect_same(fit, fit_mixed(d, rows));
  ASSERT_EQ(fit.random_covariance.size(), 9U);
  EXPECT_EQ(fit.random_covariance[2], 0.0) << "it stands on its own";
  EXPECT_EQ(fit.subgroup_covariance[8], 0.0) << "and between groups only";
}

TEST(MixedModel, RowsMayStandInAnyOrder) {
  const MixedData a = nested(3, 4, false);
  MixedData b = a;
  const std::size_t n = a.y.size();
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t j = n - 1 - i;
    b.y[i] = a.y[j], b.group[i] = a.group[j];
    for (std::size_t c = 0; c < 4; ++c) b.x[4 * i + c] = a.x[4 * j + c];
    for (std::size_t c = 0; c < 2; ++c) b.z[2 * i + c] = a.z[2 * j + c];
  }
  EXPECT_NEAR(fit_mixed(a).log_likelihood, fit_mixed(b).log_likelihood, 1e-9);
}

TEST(MixedModel, WhatCannotBeFittedIsSaid) {
  MixedData d = nested(3, 2, false);
  for (std::size_t i = 0; i < d.y.size(); ++i) d.x[4 * i + 2] = d.x[4 * i];  // a column twice
  EXPECT_EQ(fit_mixed(d).end, MixedEnd::singular_design);
  MixedData one = nested(1, 1, false);
  one.fixed = 2;
  std::vector<double> x;
  for (std::size_t i = 0; i < one.y.size(); ++i) x.insert(x.end(), {1.0, one.time[i]});
  one.x = x;
  EXPECT_EQ(fit_mixed(one).end, MixedEnd::too_few_data);
  one.y[0] = std::nan("");
  EXPECT_THROW(static_cast<void>(fit_mixed(one)), UsageError);
}

TEST(MixedModel, CensoredValuesAreDrawnNotTakenForTheLimit) {
  MixedData d = nested(2, 6, false);
  std::vector<std::uint8_t> below(d.y.size(), 0);
  const MixedFit whole = fit_mixed(d);
  for (std::size_t i = 0; i < d.y.size(); ++i)
    if (d.y[i] < 4.9) below[i] = 1, d.y[i] = 4.9;
  const std::vector<double> slope{0, 1, 0, 0};
  const auto censored = fit_mixed_censored(d, below, {}, 20, Seed{1}, 1);
  ASSERT_EQ(censored.end, MixedEnd::converged);
  EXPECT_GT(censored.censored, 5);
  const double truth = contrast(whole, slope, DfMethod::kenward_roger).estimate;
  const Contrast drawn = contrast(censored, slope, DfMethod::kenward_roger);
  const double naive = contrast(fit_mixed(d), slope, DfMethod::kenward_roger).estimate;
  EXPECT_LT(std::fabs(drawn.estimate - truth), std::fabs(naive - truth));
  const auto again = fit_mixed_censored(d, below, {}, 20, Seed{1}, 1);
  EXPECT_EQ(contrast(again, slope, DfMethod::kenward_roger).estimate, drawn.estimate)
      << "same seed, same bits";
}

}  // namespace
}  // namespace kinescape::numeric
