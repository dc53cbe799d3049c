// SPDX-License-Identifier: Apache-2.0
#include "immunoblot/plan.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/errors.hpp"
#include "base/stream.hpp"
#include "immunoblot/ratios_internal.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::immunoblot {
namespace {

// R 4.2.2: power.t.test(n = 6, delta = log(2), sd = 0.5, sig.level = 0.05, strict = TRUE)$power
TEST(BlotPlan, IsTheTextbooksPowerWhereBlotsAddNothing) {
  PlanOptions o;
  o.sample_sd = 0.5, o.blot_sd = 0.0, o.most_membranes = 1;
  const Plan p = plan(o);
  EXPECT_NEAR(p.rows.at(4).power, 0.5823215313, 1e-7);
  EXPECT_EQ(p.rows.at(4).samples, 6);
}

// The plan's power is that of the analysis: the count of 2,000 has an SD of 1 point.
TEST(BlotPlan, ThePowerClaimedIsThePowerFound) {
  PlanOptions o;
  o.power = 0.999, o.most_samples = 4, o.most_membranes = 2;
  const Plan p = plan(o);
  const PlanRow row = p.rows.back();
  ASSERT_EQ(row.samples, 4);
  ASSERT_EQ(row.membranes, 2);
  int told = 0;
  constexpr int experiments = 2000;
  for (int i = 0; i < experiments; ++i) {
    Stream stream(Seed{3}, 2, std::uint64_t(i));
    std::vector<LogRatio> data;
    for (std::size_t s = 0; s < 8; ++s) {
      const double own = o.sample_sd * stream.normal();
      for (std::size_t m = 0; m < 2; ++m) {
        LogRatio d;
        d.group = s / 4, d.membrane = m, d.sample = s + 1, d.se = 0.05;
        d.value = (s < 4 ? 0.0 : std::log(o.fold)) + own + o.blot_sd * stream.normal();
        data.push_back(d);
      }
    }
    const Joint j = join(data, 2, 2);
    const double se = std::sqrt(j.covariance[0] + j.covariance[3]);
    told += std::abs(j.mean[1] - j.mean[0]) > numeric::student_t_quantile(0.975, j.df) * se;
  }
  EXPECT_NEAR(double(told) / experiments, row.power, 0.03);
}

TEST(BlotPlan, AFoldOfOneIsRefused) {
  PlanOptions o;
  o.fold = 1.0;
  EXPECT_THROW(static_cast<void>(plan(o)), UsageError);
}

}  // namespace
}  // namespace kinescape::immunoblot
