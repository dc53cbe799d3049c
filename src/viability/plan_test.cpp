// SPDX-License-Identifier: Apache-2.0
#include "viability/plan.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <tuple>

#include "base/errors.hpp"

namespace kinescape::viability {
namespace {

using dose_response::Parameter;

/// A grid that is quick to judge: one design, a large shift, little noise.
PlanOptions quick() {
  PlanOptions o;
  o.fold = 10.0;
  o.doses = {5};
  o.repeats = {3};
  o.wells = {1};
  o.simulations = 20;
  o.noise.repeat_log10_ic50 = 0.02;
  o.base.vehicle_wells = 3;
  o.threads = Threads{1};
  return o;
}

TEST(Plan, ADesignThatSeesAClearShiftIsConfirmedAndLaidOut) {
  const Plan p = plan(quick(), Seed{1});
  ASSERT_EQ(p.rows.size(), 1U);
  ASSERT_TRUE(p.chosen) << p.says;
  const PlanRow& row = p.rows[*p.chosen];
  EXPECT_EQ(row.total_wells, row.repeats * (2 * (5 + 3) + 3));
  EXPECT_GE(row.power.value, 0.9);
  EXPECT_EQ(row.power.n, 40) << "confirmed with simulations of its own";
  EXPECT_LT(row.power.low, row.power.value);
  EXPECT_EQ(p.plates.wells.size(), static_cast<std::size_t>(row.total_wells));
  EXPECT_TRUE(p.design.randomise_wells);
  EXPECT_NE(p.says.find("10-fold"), std::string::npos) << p.says;
  for (const auto& w : p.plates.wells) EXPECT_EQ(w.reading, plate::Reading::missing);
}

TEST(Plan, TheSeedDecidesAndThreadsDoNot) {
  PlanOptions o = quick();
  o.fold = 1.3;
  o.noise.repeat_log10_ic50 = 0.1;  // power far from 0 and 1
  o.repeats = {3};
  o.power = 0.999;  // nothing is confirmed
  const auto power = [&](unsigned threads, std::uint64_t seed) {
    o.threads = Threads{threads};
    return plan(o, Seed{seed}).rows.front().power.value;
  };
  EXPECT_EQ(power(1, 5), power(2, 5));
  o.simulations = 24;
  const double a = power(2, 1), b = power(2, 2);
  EXPECT_GT(a, 0.0);
  EXPECT_LT(a, 1.0);
  const auto layout = [&](std::uint64_t seed) {
    return layout_table(planned_plates(design_of(o, 5, 3, 1), Seed{seed}));
  };
  EXPECT_EQ(layout(1), layout(1));
  EXPECT_NE(layout(1), layout(2));
  EXPECT_LT(std::abs(a - b), 0.5);
}

TEST(Plan, DosesSpanTheMidpointsOfBothLinesUnlessTold) {
  PlanOptions o;
  const Design d = design_of(o, 8, 3, 2);
  ASSERT_EQ(d.doses_nM.size(), 8U);
  EXPECT_NEAR(d.doses_nM.front(), 100.0 / 30.0, 0.01);
  EXPECT_NEAR(d.doses_nM.back(), 9000.0, 1.0);
  o.lowest_nM = 1.0, o.highest_nM = 1000.0;
  EXPECT_EQ(design_of(o, 4, 3, 2).doses_nM, (std::vector<double>{1, 10, 100, 1000}));
}

TEST(Plan, LinesThatDoNotFitOnOnePlateGetTheirOwn) {
  PlanOptions o;
  EXPECT_TRUE(design_of(o, 12, 2, 3).lines_share_plates);
  EXPECT_TRUE(has_errors(check(design_of(o, 40, 2, 3))));
  o.base.format = {4, 6};
  o.base.vehicle_wells = 5;
  EXPECT_FALSE(design_of(o, 6, 2, 2).lines_share_plates);
}

TEST(Plan, AllImpossibleOptionsAreNamed) {
  PlanOptions o;
  o.fold = 1.0;
  o.power = 1.0;
  o.doses = {};
  o.repeats = {1};
  o.parental = o.resistant;
  EXPECT_EQ(check(o).size(), 5U) << describe(check(o));
  EXPECT_THROW((void)plan(o, Seed{1}), UsageError);
}

using Plans = std::map<std::pair<std::string, plate::Position>,
                       std::tuple<plate::Role, std::string, std::string, double, std::string>>;

Plans plans_of(const plate::PlateSet& set) {
  Plans plans;
  for (const auto& w : set.wells) {
    plans[{w.plate, w.position}] = {w.role, w.line, w.drug, w.dose_nM, w.repeat};
  }
  return plans;
}

TEST(Plan, TheLayoutReadsBackAsItWasPlanned) {
  PlanOptions o;
  o.resistant = "R \"2\"";
  o.drug = "drug, A";
  const plate::PlateSet plates = planned_plates(design_of(o, 6, 2, 2), Seed{3});
  std::string signals = "plate,well,signal\n";
  for (const auto& w : plates.wells) signals += w.plate + "," + plate::name(w.position) + ",1.5\n";
  for (const std::string& layout :
       {layout_toml(plates), layout_table(plates), layout_blocks(plates)}) {
    const auto read = plate::read_plates(signals, "signals.csv", layout);
    ASSERT_TRUE(read.ok()) << describe(read.problems, 5) << layout.substr(0, 300);
    Plans got = plans_of(read.value);
    EXPECT_EQ(got.size(), plates.wells.size());
    EXPECT_EQ(got, plans_of(plates)) << layout.substr(0, 200);
  }
}

}  // namespace
}  // namespace kinescape::viability
