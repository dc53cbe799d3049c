// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include "said.hpp"
#include "xenograft/design.hpp"
#include "xenograft/estimate.hpp"

namespace kinescape::xenograft {
namespace {

using kinescape::tests::says;

TEST(Volume, FiveFormulas) {
  using enum VolumeFormula;
  EXPECT_DOUBLE_EQ(volume_mm3(half_length_width2, 10, 8, unknown), 320.0);
  EXPECT_DOUBLE_EQ(volume_mm3(ellipsoid_length_width2, 10, 8, unknown), std::numbers::pi / 6 * 640);
  EXPECT_DOUBLE_EQ(volume_mm3(ellipsoid_length_width_height, 10, 8, 6), std::numbers::pi / 6 * 480);
  EXPECT_DOUBLE_EQ(volume_mm3(half_length_width_height, 10, 8, 6), 240.0);
  EXPECT_DOUBLE_EQ(volume_mm3(ellipsoid_mean_diameter, 10, 8, unknown),
                   std::numbers::pi / 6 * std::pow(80.0, 1.5));
  EXPECT_TRUE(std::isnan(volume_mm3(half_length_width_height, 10, 8, unknown)));
}

TEST(XenograftRead, EveryFaultIsToldAtOnceAtItsCell) {
  const auto e = read(
      "animal,arm,day,length_mm,width_mm\n"
      "m1,c,0,8,6\n"
      "m1,c,0,8,6\n"
      "m2,c,0,6,8\n"
      "m3,c,0,-8,6\n"
      "m4,c,0,8,6\n"
      "m4,t,3,8,6\n"
      "m5,c,7,8,6\n"
      "m5,c,3,8,6\n"
      "m6,c,x,8,6\n",
      "t.csv");
  EXPECT_TRUE(says(e.problems, "measured twice on day 0"));
  EXPECT_TRUE(says(e.problems, "the two are swapped"));
  EXPECT_TRUE(says(e.problems, "is negative"));
  EXPECT_TRUE(says(e.problems, "in two arms"));
  EXPECT_TRUE(says(e.problems, "out of order"));
  EXPECT_TRUE(says(e.problems, "\"x\" is not a number"));
}

TEST(XenograftRead, LongAndWideTablesSayTheSame) {
  const auto tall = read(
      "mouse,group,day,volume_mm3\n1,control,0,100\n1,control,3,150\n2,drug,0,90\n2,drug,3,<30\n",
      "a.csv");
  const auto wide = read("mouse;group;day 0;day 3\n1;control;100;150\n2;drug;90;<30\n", "b.csv");
  const auto by_day = read("day,control / 1,drug / 2\n0,100,90\n3,150,<30\n", "c.csv");
  for (const auto* e : {&tall, &wide, &by_day}) {
    ASSERT_TRUE(e->ok()) << describe(e->problems);
    ASSERT_EQ(e->value.animals.size(), 2U);
    EXPECT_EQ(e->value.arms.front(), "control");
    EXPECT_EQ(e->value.animals[0].visits[1].volume_mm3, 150.0);
    EXPECT_TRUE(e->value.animals[1].visits[1].below_limit);
    EXPECT_EQ(e->value.animals[1].visits[1].volume_mm3, 30.0);
  }
}

TEST(XenograftRead, ReasonsOfRemovalAreToldApart) {
  EXPECT_EQ(parse_removal("Tumour volume > 1500"), Removal::volume_limit);
  EXPECT_EQ(parse_removal("ulceration"), Removal::humane);
  EXPECT_EQ(parse_removal("found dead"), Removal::found_dead);
  EXPECT_EQ(parse_removal("end of study"), Removal::end_of_study);
  EXPECT_EQ(parse_removal("cage flood"), Removal::unrelated);
}

Design design_of(int animals) {
  Design d;
  d.arms = {{"control", animals}, {"treated", animals}};
  for (int day = 0; day <= 30; day += 3) d.days.push_back(day);
  return d;
}

Truth truth_of(double control, double treated) {
  Truth t;
  t.growth_rate_per_day = {control, treated};
  return t;
}

TEST(XenograftSimulate, SameSeedSameMiceAndTheTriggerIsKept) {
  const auto a = simulate(design_of(6), truth_of(0.1, 0.05), {}, Seed{1});
  const auto b = simulate(design_of(6), truth_of(0.1, 0.05), {}, Seed{1});
  const auto c = simulate(design_of(6), truth_of(0.1, 0.05), {}, Seed{2});
  EXPECT_EQ(write_experiment(a), write_experiment(b));
  EXPECT_NE(write_experiment(a), write_experiment(c));
  int left = 0;
  for (const Animal& m : a.animals)
    if (m.removal == Removal::volume_limit) {
      ++left;
      EXPECT_GE(m.visits.back().volume_mm3, 1500.0);
    }
  EXPECT_GT(left, 0);
  const auto back = read(write_experiment(a), "t.csv");
  ASSERT_TRUE(back.ok()) << describe(back.problems);
  ASSERT_EQ(back.value.animals.size(), a.animals.size());
  EXPECT_EQ(back.value.animals[3].visits.size(), a.animals[3].visits.size());
}

TEST(XenograftEstimate, OneMouseAnArmIsRefusedWithItsReasonAndItsCurveShown) {
  auto e = simulate(design_of(1), truth_of(0.08, 0.03), {}, Seed{4});
  const Estimate r = estimate(e);
  EXPECT_EQ(r.model.status, Status::single_subject);
  EXPECT_TRUE(r.model.coefficients.empty());
  EXPECT_EQ(r.arms[1].growth_rate_ratio.status, Status::single_subject);
  EXPECT_TRUE(std::isnan(r.arms[1].p));
  EXPECT_EQ(r.animals.size(), 2U);
  EXPECT_FALSE(r.animals[0].day.empty());
}

TEST(XenograftEstimate, VolumesBelowTheLimitAreCensoredNotDropped) {
  // Treated tumours shrink below 60 mm3: left out, they look as if they had stopped shrinking.
  Design d = design_of(8);
  d.palpable_limit_mm3 = 60.0;
  const auto e = simulate(d, truth_of(0.07, -0.06), {}, Seed{9});
  const Estimate kept = estimate(e);
  Options drop;
  drop.drop_below_limit = true;
  const Estimate dropped = estimate(e, drop);
  EXPECT_GT(kept.model.below_limit, 20);
  EXPECT_NEAR(kept.arms[1].growth_rate_per_day.value, -0.06, 0.012);
  EXPECT_GT(dropped.arms[1].growth_rate_per_day.value,
            kept.arms[1].growth_rate_per_day.value + 0.005);
  EXPECT_FALSE(kept.sensitivity.empty());
}

TEST(XenograftEstimate, VolumesBelowTheLimitAreCensoredWithLinesAndSerialCorrelation) {
  Design d = design_of(4);
  d.lines = 3;
  d.palpable_limit_mm3 = 60.0;
  Truth t = truth_of(0.07, -0.06);
  t.sd_line_growth_rate_per_day = 0.01;
  const auto lines = simulate(d, t, {}, Seed{9});
  d.lines = 1, d.arms = {{"control", 8}, {"treated", 8}};
  Noise wander;
  wander.diameter_cv = 0.0, wander.serial_sd = 0.15, wander.serial_correlation = 0.7;
  const auto serial = simulate(d, truth_of(0.07, -0.06), wander, Seed{9});
  for (const Experiment* e : {&lines, &serial}) {
    Options o;
    o.serial_correlation = e == &serial;
    const Estimate kept = estimate(*e, o);
    o.drop_below_limit = true;
    const Estimate dropped = estimate(*e, o);
    ASSERT_EQ(kept.model.status, Status::ok) << kept.model.why;
    EXPECT_GT(kept.model.below_limit, 20);
    EXPECT_NEAR(kept.arms[1].growth_rate_per_day.value, -0.06, 0.02);
    EXPECT_GT(dropped.arms[1].growth_rate_per_day.value,
              kept.arms[1].growth_rate_per_day.value + 0.005);
    EXPECT_EQ(std::isfinite(kept.model.serial_correlation), o.serial_correlation);
  }
}

TEST(XenograftEstimate, WhoMeasuredIsASensitivityAnalysisAndAConfoundedOneAProblem) {
  auto e = simulate(design_of(6), truth_of(0.08, 0.03), {}, Seed{6});
  for (Animal& a : e.animals)
    for (std::size_t i = 0; i < a.visits.size(); ++i)
      a.visits[i].measured_by = i % 2 == 0 ? "Ada" : "Ben";
  const auto by_hand = [](const Estimate& r) {
    for (const Sensitivity& s : r.sensitivity)
      if (s.what.find("measured") != std::string::npos &&
          s.why.find("Ada, Ben") != std::string::npos)
        return s;
    return Sensitivity{};
  };
  const Estimate mixed = estimate(e);
  EXPECT_EQ(by_hand(mixed).growth_rate_difference_per_day.status, Status::ok);
  EXPECT_NEAR(by_hand(mixed).growth_rate_difference_per_day.value,
              mixed.arms[1].growth_rate_difference_per_day.value,
              0.003);
  for (Animal& a : e.animals)
    for (Visit& v : a.visits) v.measured_by = a.arm == "control" ? "Ada" : "Ben";
  const Estimate confounded = estimate(e);
  EXPECT_EQ(by_hand(confounded).growth_rate_difference_per_day.status, Status::too_few_data);
  EXPECT_TRUE(says(confounded.problems, "cannot be told apart"));
}

TEST(XenograftEstimate, DecayAndRegrowthAreReadOffAnArmThatTurns) {
  Design d = design_of(8);
  d.days.clear();
  for (int day = 0; day <= 60; day += 3) d.days.push_back(day);
  d.volume_limit_mm3 = 1e5;
  Truth t = truth_of(0.08, -0.08);
  t.regrowth_day = {unknown, 25.0};
  Noise little;
  little.diameter_cv = 0.02;
  const Estimate r = estimate(simulate(d, t, little, Seed{3}));
  EXPECT_EQ(r.arms[0].decay_per_day.status, Status::not_applicable);
  EXPECT_EQ(r.arms[1].decay_per_day.status, Status::ok);
  EXPECT_GE(r.arms[1].decay_per_day.n, 6);
  EXPECT_GT(r.arms[1].decay_per_day.low, 0.0);
  EXPECT_GT(r.arms[1].regrowth_per_day.low, 0.0);
}

TEST(XenograftEstimate, CombinationExcessIsTheDifferenceOfDifferences) {
  Design d;
  d.arms = {{"control", 8}, {"a", 8}, {"b", 8}, {"ab", 8}};
  for (int day = 0; day <= 24; day += 3) d.days.push_back(day);
  Truth t;
  t.growth_rate_per_day = {0.08, 0.06, 0.05, -0.03};  // 0.06 below the two added
  Options o;
  o.combinations = {{"ab", "a", "b"}};
  const Estimate e = estimate(simulate(d, t, {}, Seed{5}), o);
  ASSERT_EQ(e.combinations.size(), 1U);
  EXPECT_NEAR(e.combinations[0].excess_per_day.value, -0.06, 0.02);
  const auto& rate = [&](int i) {
    return e.arms[static_cast<std::size_t>(i)].growth_rate_per_day.value;
  };
  std::map<std::string, double> by;
  for (std::size_t i = 0; i < 4; ++i) by[e.arms[i].arm] = rate(static_cast<int>(i));
  EXPECT_NEAR(
      e.combinations[0].excess_per_day.value, by["ab"] + by["control"] - by["a"] - by["b"], 1e-9);
  // Many arms: Dunnett's p lies between the plain one and Holm's bound or Bonferroni's.
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_GE(e.arms[i].p_dunnett, e.arms[i].p - 1e-4);
    EXPECT_LE(e.arms[i].p_dunnett, std::min(1.0, 3.0 * e.arms[i].p) + 1e-3);
  }
}

TEST(XenograftPlan, StudyEndsWhenEnoughOfTheReferenceHasLeft) {
  Design d = design_of(10);
  d.volume_limit_mm3 = 800.0;
  const Truth t = truth_of(0.12, 0.02);
  const auto whole = simulate(d, t, {}, Seed{4});
  d.stop_when_gone = 0.5;
  const auto cut = simulate(d, t, {}, Seed{4});
  double end = 0.0;
  for (const Animal& a : cut.animals) end = std::max(end, a.visits.back().day);
  int gone = 0, before = 0;
  for (std::size_t i = 0; i < whole.animals.size(); ++i) {
    const Animal &a = whole.animals[i], &b = cut.animals[i];
    // The same mice, the same readings, up to that visit.
    for (std::size_t k = 0; k < b.visits.size(); ++k)
      EXPECT_EQ(a.visits[k].volume_mm3, b.visits[k].volume_mm3);
    if (a.visits.back().day > end) {
      EXPECT_EQ(b.removal, Removal::end_of_study);
      EXPECT_EQ(b.visits.back().day, end);
    }
    const bool left = a.removal == Removal::volume_limit && a.arm == "control";
    gone += left && a.visits.back().day <= end;
    before += left && a.visits.back().day < end;
  }
  EXPECT_LT(end, d.days.back());
  EXPECT_GE(gone, 5);
  EXPECT_LT(before, 5);
}

TEST(XenograftPlan, ComparesProtocolsOnTheSameMice) {
  VirtualExperiment v;
  v.design = design_of(8);
  v.design.take_rate = 0.8;
  v.truth = truth_of(0.09, 0.05);
  v.truth.sd_growth_rate_per_day = 0.015;
  PlanOptions o;
  o.studies = 100, o.to = 14, o.seed = Seed{2};
  o.every_days = {6.0}, o.until_days = {12.0};
  const Plan p = plan(v, o);
  ASSERT_EQ(p.options.size(), 4U) << "the design's own and those asked for, crossed";
  for (const PlanOption& x : p.options) {
    EXPECT_GE(x.at.power, o.power);
    if (x.as_designed) EXPECT_EQ(x.animals_per_arm.value, p.animals_per_arm.value);
    if (x.until_day == 12.0) EXPECT_LE(x.at.last_day, 12.0);
  }
  EXPECT_EQ(
      std::count_if(
          p.options.begin(), p.options.end(), [](const PlanOption& x) { return x.as_designed; }),
      1);
  for (std::size_t i = 1; i < p.options.size(); ++i)
    EXPECT_GE(p.options[i].animals_per_arm.value, p.options[i - 1].animals_per_arm.value);
  // Implants: with a take rate of 0.8, P(at least 5 of 8) = 0.944, P(at least 5 of 7) = 0.852.
  for (const PlanRow& r : p.rows)
    if (r.animals_per_arm == 5) EXPECT_EQ(r.implanted_per_arm, 8);
  o.only_mice = true;
  EXPECT_TRUE(plan(v, o).options.empty());
}

TEST(XenograftRandomise, EveryBlockHasEveryArmOnce) {
  Design d;
  d.arms = {{"pool", 17}};
  d.days = {0, 1};
  Truth t;
  t.growth_rate_per_day = {0.1};
  const auto e = simulate(d, t, {}, Seed{1});
  const auto list = randomise(e, {"a", "b", "c"}, Seed{8});
  ASSERT_EQ(list.size(), 17U);
  for (int block = 1; block <= 5; ++block) {
    std::set<std::string> in;
    for (const Allotted& a : list)
      if (a.block == block) in.insert(a.arm);
    EXPECT_EQ(in.size(), 3U);
  }
  EXPECT_NE(randomise(e, {"a", "b", "c"}, Seed{9})[0].arm +
                randomise(e, {"a", "b", "c"}, Seed{9})[1].arm +
                randomise(e, {"a", "b", "c"}, Seed{9})[4].arm +
                randomise(e, {"a", "b", "c"}, Seed{9})[7].arm,
            list[0].arm + list[1].arm + list[4].arm + list[7].arm);
}

}  // namespace
}  // namespace kinescape::xenograft
