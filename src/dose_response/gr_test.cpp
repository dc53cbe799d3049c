// SPDX-License-Identifier: Apache-2.0
#include "dose_response/gr.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/errors.hpp"

namespace kinescape::dose_response {
namespace {

TEST(Gr, ValuesAreThoseOfTheDefinition) {
  EXPECT_DOUBLE_EQ(gr_value(400, 400, 100), 1.0);                     // grows as untreated
  EXPECT_DOUBLE_EQ(gr_value(100, 400, 100), 0.0);                     // stands still
  EXPECT_NEAR(gr_value(200, 400, 100), std::sqrt(2.0) - 1.0, 1e-15);  // at half the rate
  EXPECT_NEAR(gr_value(50, 400, 100), std::exp2(-0.5) - 1.0, 1e-15);  // dies
  EXPECT_DOUBLE_EQ(doublings(400, 100), 2.0);
  EXPECT_NEAR(gr_value_from_doublings(0.4, 1.0, 2.0), gr_value(160, 400, 100), 1e-15);
  EXPECT_TRUE(std::isnan(gr_value(100, 100, 100)));  // the control did not grow
  EXPECT_TRUE(std::isnan(gr_value(0, 400, 100)));
  EXPECT_TRUE(std::isnan(gr_value(100, 400, -1)));
}

TEST(Gr, ANoiseFreeCurveGivesItsParametersBack) {
  std::vector<double> dose, gr;
  for (double z = 0.0; z <= 4.01; z += 0.5) {
    dose.push_back(std::pow(10.0, z));
    gr.push_back(-0.2 + 1.2 / (1.0 + std::pow(dose.back() / 80.0, 1.4)));
  }
  const GrMetrics m = gr_metrics(dose, gr);
  EXPECT_NEAR(m.gec50_nM.value, 80.0, 1e-6);
  EXPECT_NEAR(m.gr_inf.value, -0.2, 1e-8);
  EXPECT_NEAR(m.h_gr.value, 1.4, 1e-7);
  EXPECT_NEAR(m.gr50_nM.value, 80.0 * std::pow(1.2 / 0.7 - 1.0, 1.0 / 1.4), 1e-6);
  EXPECT_DOUBLE_EQ(m.gr_max.value, gr.back());
  EXPECT_LT(m.flat_p, 1e-10);
}

TEST(Gr, AFlatCurveHasNoGr50ButAnArea) {
  const std::vector<double> dose{1, 10, 100, 1000, 10000}, gr{0.9, 0.95, 0.9, 0.95, 0.9};
  const GrMetrics m = gr_metrics(dose, gr);
  EXPECT_EQ(m.gr50_nM.status, Status::no_response);
  EXPECT_TRUE(std::isnan(m.gr50_nM.value));
  EXPECT_NEAR(m.gr_aoc.value, 0.075, 1e-12);
  EXPECT_DOUBLE_EQ(m.gr_max.value, 0.9);
}

TEST(Gr, AGr50BeyondTheDosesIsABound) {
  std::vector<double> dose, gr;
  for (double z = 0.0; z <= 3.01; z += 0.5) {
    for (const double off : {-0.01, 0.01}) {
      dose.push_back(std::pow(10.0, z));
      gr.push_back(off + 1.0 / (1.0 + std::pow(dose.back() / 4000.0, 1.2)));
    }
  }
  const GrMetrics m = gr_metrics(dose, gr);
  EXPECT_EQ(m.gr50_nM.status, Status::above_highest_dose);
  EXPECT_EQ(m.gr50_nM.relation, Relation::greater);
  EXPECT_NEAR(m.gr50_nM.value, 1000.0, 1e-9);
  EXPECT_TRUE(std::isnan(m.gr50_nM.high));
  EXPECT_LT(m.gr_aoc.low, m.gr_aoc.value);
  EXPECT_GT(m.gr_aoc.high, m.gr_aoc.value);
  EXPECT_EQ(gr_metrics(std::vector{1.0, 2.0, 3.0}, std::vector{1.0, 0.5, 0.1}).gr50_nM.status,
            Status::too_few_data);
  EXPECT_THROW(static_cast<void>(gr_metrics(std::vector{0.0}, std::vector{1.0})), UsageError);
}

TEST(Dip, TheRateIsTheSlopeAfterTheDelay) {
  // Grows a doubling a day for 24 h, then shrinks at a third of that.
  std::vector<double> time, count;
  for (double t = 0; t <= 96; t += 4) {
    const double log2_count = t < 24 ? 10 + t / 24 : 11 - (t - 24) / 72;
    time.push_back(t);
    count.push_back(std::exp2(log2_count));
  }
  const DipRate rate = dip_rate(time, count);
  EXPECT_EQ(rate.status, Status::ok);
  EXPECT_NEAR(rate.doublings_per_h, -1.0 / 72, 1e-12);
  EXPECT_DOUBLE_EQ(rate.delay_h, 24.0);
  EXPECT_NEAR(rate.se, 0.0, 1e-9);
  EXPECT_EQ(dip_rate(std::vector{0.0, 1.0}, std::vector{1.0, 2.0}).status, Status::too_few_data);
}

TEST(Dip, MissingAndEmptyWellsTakeNoPart) {
  const std::vector<double> time{0, 12, 24, 36, 48, 60}, count{64, 128, unknown, 512, 1024, 0};
  EXPECT_EQ(dip_rate(time, count).status, Status::too_few_data);
  const std::vector<double> full{64, 128, 256, 512, 1024, 0};
  EXPECT_NEAR(dip_rate(time, full).doublings_per_h, 1.0 / 12, 1e-14);
}

}  // namespace
}  // namespace kinescape::dose_response
