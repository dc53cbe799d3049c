// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "clinical/design.hpp"
#include "clinical/estimate.hpp"
#include "clinical/reconstruct.hpp"
#include "clinical/response.hpp"
#include "said.hpp"

namespace kinescape::clinical {
namespace {

using kinescape::tests::says;

TEST(ClinicalRead, EveryFaultIsToldAtOnceAtItsCell) {
  const auto t = read(
      "patient,arm,time,event\n"
      "a,x,5,1\n"
      "b,x,-1,1\n"
      "c,x,4,2\n"
      "a,y,6,0\n"
      "d,x,,1\n",
      "pfs.csv");
  EXPECT_TRUE(says(t.problems, "event came before entry"));
  EXPECT_TRUE(says(t.problems, "status \"2\" is not declared"));
  EXPECT_TRUE(says(t.problems, "in two arms"));
  EXPECT_TRUE(says(t.problems, "there twice"));
  EXPECT_TRUE(says(t.problems, "there is no time"));
  ASSERT_FALSE(t.problems.empty());
  EXPECT_EQ(t.problems.front().where.line, 3U);
  EXPECT_EQ(t.problems.front().where.column, 3U);
}

TEST(ClinicalRead, CodesAreWhatTheUserDeclares) {
  ReadOptions o;
  o.event_codes = {"2"}, o.censored_codes = {"1"}, o.competing_codes = {"3"};
  const auto t = read("id,time_months,status\na,5,2\nb,6,1\nc,7,3\n", "x.csv", o);
  ASSERT_TRUE(t.ok()) << describe(t.problems);
  EXPECT_EQ(t.value.rows[0].ending, Ending::event);
  EXPECT_EQ(t.value.rows[1].ending, Ending::censored);
  EXPECT_EQ(t.value.rows[2].ending, Ending::competing);
  EXPECT_EQ(t.value.time_unit, "months");
}

TEST(ClinicalRead, EventBeforeEntryAndScansOutOfOrderAreProblems) {
  EXPECT_TRUE(
      says(read("patient,entry,time,event\na,5,4,1\n", "x.csv").problems, "before it begins"));
  const auto t = read("patient,time_low,time_high\na,8,4\n", "x.csv");
  EXPECT_TRUE(says(t.problems, "comes after the first look"));
}

TEST(ClinicalRead, StretchesOfOnePatientMayNotOverlap) {
  EXPECT_TRUE(read("id,start,stop,event\na,0,4,0\na,4,9,1\n", "x.csv").ok());
  EXPECT_TRUE(says(read("id,start,stop,event\na,0,5,0\na,4,9,1\n", "x.csv").problems, "overlap"));
}

TEST(ClinicalRead, WhatIsWrittenReadsBack) {
  Design d;
  d.arms = {{"control", 20}, {"treated", 20}};
  d.scan_every_months = 2.0;
  Truth truth;
  truth.median_months = {6.0, 12.0};
  const Table t = simulate(d, truth, Seed{3});
  const auto back = read(write_table(t), "t.csv");
  ASSERT_TRUE(back.ok()) << describe(back.problems);
  ASSERT_EQ(back.value.rows.size(), t.rows.size());
  for (std::size_t i = 0; i < t.rows.size(); ++i) {
    EXPECT_EQ(back.value.rows[i].time_low, t.rows[i].time_low);
    EXPECT_EQ(back.value.rows[i].time_high, t.rows[i].time_high);
  }
}

Table table_of(const std::string& rows) {
  const auto t = read("patient,arm,time,event\n" + rows, "t.csv");
  EXPECT_TRUE(t.ok()) << describe(t.problems);
  return t.value;
}

TEST(ClinicalEstimate, NoEventsAndOnePatientAndSeparationAreNamed) {
  const Estimate none = estimate(table_of("a,x,5,0\nb,x,6,0\nc,y,7,0\nd,y,8,0\n"));
  EXPECT_EQ(none.logrank.status, Status::no_events);
  EXPECT_EQ(none.cox.status, Status::no_events);
  EXPECT_EQ(none.arms[0].median.status, Status::no_events);
  EXPECT_TRUE(std::isnan(none.logrank.p));

  const Estimate one = estimate(table_of("a,x,5,1\nb,x,6,0\nc,y,7,1\n"));
  EXPECT_EQ(one.logrank.status, Status::single_subject);
  EXPECT_EQ(one.cox.status, Status::single_subject);
  EXPECT_FALSE(one.arms[1].survival.empty()) << "its curve is still shown";

  const Estimate split = estimate(
      table_of("a,x,1,1\nb,x,2,1\nc,x,3,1\nd,x,4,1\ne,y,9,0\nf,y,9,0\ng,y,9,0\nh,y,9,0\n"));
  EXPECT_EQ(split.cox.status, Status::separated);
  ASSERT_EQ(split.cox.coefficients.size(), 1U);
  EXPECT_TRUE(split.cox.penalised);
  EXPECT_TRUE(std::isfinite(split.cox.coefficients[0].estimate)) << "Firth's estimate is finite";
  EXPECT_LT(split.cox.coefficients[0].hazard_ratio.high, 1.0);
}

TEST(ClinicalEstimate, CompetingEndingsAddUpToOneLessSurvival) {
  ReadOptions o;
  o.competing_codes = {"death"};
  const auto t =
      read("patient,time,event\na,1,1\nb,2,death\nc,3,0\nd,4,1\ne,5,death\n", "t.csv", o);
  ASSERT_TRUE(t.ok());
  const Estimate e = estimate(t.value);
  ASSERT_EQ(e.arms[0].incidence.size(), 2U);
  double sum = 0.0;
  for (const Incidence& i : e.arms[0].incidence) sum += i.incidence.back();
  EXPECT_NEAR(sum, 1.0, 1e-12) << "the last patient had an ending";
  // Marubini & Valsecchi's variance at the first event of n = 5: 0.2 * 0.8 / 5.
  EXPECT_NEAR(e.arms[0].incidence[0].se.front(), std::sqrt(0.2 * 0.8 / 5.0), 1e-12);
}

TEST(ClinicalEstimate, LateEntryLeavesTheEarlyRiskSet) {
  const auto t = read("patient,entry,time,event\na,0,2,1\nb,1,4,1\nc,3,5,1\n", "t.csv");
  ASSERT_TRUE(t.ok());
  const Estimate e = estimate(t.value);
  // At 2 two were at risk (c came later), at 4 two (b, c), at 5 one.
  EXPECT_DOUBLE_EQ(e.arms[0].survival[0].survival, 0.5);
  EXPECT_DOUBLE_EQ(e.arms[0].survival[1].survival, 0.25);
}

TEST(Recist, TheRulesCallWhatThePaperSays) {
  const auto t = read_lesions(
      "patient,day,lesion,organ,kind,diameter_mm\n"
      "p,0,T1,liver,target,30\np,0,T2,lymph node,target,20\np,0,N1,lung,non-target,present\n"
      "p,42,T1,liver,target,15\np,42,T2,lymph node,target,12\np,42,N1,lung,non-target,present\n"
      "p,84,T1,liver,target,TSTM\np,84,T2,lymph node,target,8\np,84,N1,lung,non-target,absent\n"
      "p,126,T1,liver,target,0\np,126,T2,lymph node,target,8\np,126,N1,lung,non-target,absent\n"
      "p,168,T1,liver,target,6\np,168,T2,lymph node,target,9\np,168,N1,lung,non-target,absent\n",
      "l.csv");
  ASSERT_TRUE(t.ok()) << describe(t.problems);
  const PatientCall p = assess(t.value.patients[0]);
  ASSERT_EQ(p.visits.size(), 4U);
  EXPECT_EQ(p.baseline_sum_mm, 50.0);
  EXPECT_EQ(p.visits[0].overall, Response::partial) << "27 of 50 mm is 46 % less";
  EXPECT_EQ(p.visits[1].sum_mm, 13.0) << "too small counts 5 mm";
  EXPECT_EQ(p.visits[2].target, Response::complete) << "a node below 10 mm is gone";
  EXPECT_EQ(p.visits[2].overall, Response::complete);
  // Nadir 8: 15 mm is 7 mm and 88 % above it.
  EXPECT_EQ(p.visits[3].overall, Response::progression);
  EXPECT_NE(p.visits[3].why.find("nadir"), std::string::npos);
  EXPECT_EQ(p.best, Response::complete);
  EXPECT_EQ(p.progression_day, 168.0);
  EXPECT_EQ(p.last_without_day, 126.0);
  RecistRules strict;
  strict.confirmation = true;
  EXPECT_EQ(assess(t.value.patients[0], strict).best, Response::partial) << "CR was not seen twice";
}

TEST(Recist, SmallRisesNewLesionsAndMissingTargets) {
  const auto t = read_lesions(
      "patient,day,lesion,organ,kind,diameter_mm\n"
      "p,0,T1,liver,target,20\np,0,T2,lung,target,10\n"
      "p,50,T1,liver,target,14\np,50,T2,lung,target,4\n"  // 18: 40 % less
      "p,90,T1,liver,target,17\np,90,T2,lung,target,5\n"  // 22: 22 % but 4 mm above 18
      "p,130,T1,liver,target,\np,130,T2,lung,target,5\n"  // a target is missing
      "p,170,T1,liver,target,17\np,170,T2,lung,target,5\np,170,X,brain,new,8\n",
      "l.csv");
  ASSERT_TRUE(t.ok()) << describe(t.problems);
  const PatientCall p = assess(t.value.patients[0]);
  EXPECT_EQ(p.visits[0].overall, Response::partial);
  EXPECT_NE(p.visits[1].overall, Response::progression) << "4 mm are below the 5 mm that count";
  EXPECT_EQ(p.visits[2].overall, Response::not_evaluable);
  EXPECT_EQ(p.visits[3].overall, Response::progression) << "a new lesion";
}

TEST(Recist, ArmsAreComparedWithTheReferenceThatIsNamed) {
  std::string text = "patient,arm,day,lesion,organ,kind,diameter_mm\n";
  const auto patient = [&](const std::string& id, const char* arm, int second) {
    text += id + "," + arm + ",0,T1,liver,target,30\n";
    text += id + "," + arm + ",56,T1,liver,target," + std::to_string(second) + "\n";
  };
  for (int i = 0; i < 9; ++i) patient("a" + std::to_string(i), "alpha", i < 7 ? 10 : 30);
  for (int i = 0; i < 8; ++i) patient("b" + std::to_string(i), "beta", i < 2 ? 10 : 30);
  const auto t = read_lesions(text, "l.csv");
  ASSERT_TRUE(t.ok()) << describe(t.problems);
  const auto r = assess(t.value, {}, 0.95, {"beta", "alpha"});
  ASSERT_EQ(r.arms.size(), 2U);
  EXPECT_EQ(r.arms[0].arm, "beta");
  EXPECT_EQ(r.arms[0].orr_against.difference.status, Status::not_applicable);
  EXPECT_EQ(r.arms[1].reference, "beta");
  const auto want = compare_rates(7, 9, 2, 8);
  EXPECT_EQ(r.arms[1].orr_against.difference.low, want.difference.low);
  EXPECT_EQ(r.arms[1].orr_against.fisher_p, want.fisher_p);
}

TEST(Recist, BadCellsAreProblems) {
  const auto t = read_lesions(
      "patient,day,lesion,organ,kind,diameter_mm\np,0,T1,liver,target,-4\np,0,T2,liver,tumour,4\n"
      "p,7,T1,liver,target,5\np,7,T1,liver,target,5\n",
      "l.csv");
  EXPECT_TRUE(says(t.problems, "negative"));
  EXPECT_TRUE(says(t.problems, "no kind of lesion"));
  EXPECT_TRUE(says(t.problems, "there twice"));
}

TEST(Reconstruct, GivesBackTheCurveAndItsNumbersAtRisk) {
  // A simulated trial is published as a curve with numbers at risk; the rows made from that say
  // what the trial said.
  Design d;
  d.arms = {{"arm", 200}};
  Truth truth;
  truth.median_months = {10.0};
  const Table t = simulate(d, truth, Seed{11});
  Options to_15;
  to_15.horizon = 15.0;
  const Estimate published = estimate(t, to_15);
  PublishedCurve c;
  c.arm = "arm", c.source = "a figure";
  for (const CurvePoint& p : published.arms[0].survival)
    if (p.events > 0) c.time.push_back(p.time), c.survival.push_back(p.survival);
  for (double at = 0.0; at <= 18.0; at += 6.0) {
    int left = 0;
    for (const Row& r : t.rows) left += r.time_low >= at;
    c.risk_time.push_back(at), c.at_risk.push_back(left);
  }
  c.total_events = published.arms[0].events;
  const Table back = reconstruct({c});
  EXPECT_FALSE(back.reconstructed_from.empty());
  EXPECT_EQ(back.rows.size(), t.rows.size());
  const Estimate again = estimate(back, to_15);
  EXPECT_NEAR(again.arms[0].median.value, published.arms[0].median.value, 0.3);
  EXPECT_NEAR(again.arms[0].events, published.arms[0].events, 2.0);
  const auto late = [](const Estimate& e) { return e.arms[0].restricted_mean.value; };
  EXPECT_NEAR(late(again), late(published), 0.02 * late(published));
}

TEST(Pool, AgreesWithTheBinomialWhereStudiesDoNotDifferAndWidensWhereTheyDo) {
  const auto read =
      read_series("source,group,responders,n\na,x,9,11\nb,x,8,10\nc,y,1,20\nd,y,15,20\n", "s.csv");
  ASSERT_TRUE(read.ok());
  const auto pooled = pool(read.value);
  ASSERT_EQ(pooled.size(), 2U);
  EXPECT_NEAR(pooled[0].rate.value, 17.0 / 21.0, 1e-4);
  EXPECT_NEAR(pooled[0].intraclass.value, 0.0, 1e-6);
  EXPECT_GT(pooled[1].intraclass.value, 0.2);
  EXPECT_LT(pooled[1].exact_heterogeneity_p, 1e-4);
  const double wide = pooled[1].rate.high - pooled[1].rate.low,
               naive = pooled[1].exact_rate.high - pooled[1].exact_rate.low;
  EXPECT_GT(wide, 1.5 * naive);
}

TEST(ClinicalPlan, SequentialLimitsAreTheKnownOnes) {
  // Lan and DeMets' limits of O'Brien-Fleming kind for 2 and 5 equally spaced looks at two-sided 5
  // %, as tabled by DeMets & Lan 1994 (doi:10.1002/sim.4780131308).
  const auto two = sequential_limits(2, 0.05);
  EXPECT_NEAR(two[0].z_limit, 2.963, 1e-3);
  EXPECT_NEAR(two[1].z_limit, 1.969, 1e-3);
  const auto five = sequential_limits(5, 0.05);
  const double want[] = {4.877, 3.357, 2.680, 2.290, 2.031};
  for (std::size_t k = 0; k < 5; ++k) EXPECT_NEAR(five[k].z_limit, want[k], 2e-3);
}

TEST(ClinicalPlan, PocockSpendingSpendsAlphaOverTheLooks) {
  // Counted: standardised sums of independent normals cross at each look as often as alpha is
  // spent.
  const auto looks = sequential_limits(4, 0.05, Spending::pocock);
  const int n = 200000;
  std::vector<int> crossed(looks.size(), 0);
  for (int i = 0; i < n; ++i) {
    Stream stream(Seed{8}, 1, static_cast<std::uint64_t>(i));
    double sum = 0.0;
    for (std::size_t k = 0; k < looks.size(); ++k) {
      sum += stream.normal();
      if (std::fabs(sum) / std::sqrt(static_cast<double>(k + 1)) < looks[k].z_limit) continue;
      for (std::size_t later = k; later < looks.size(); ++later) ++crossed[later];
      break;
    }
  }
  for (std::size_t k = 0; k < looks.size(); ++k) {
    const double spent = 0.05 * std::log1p((std::exp(1.0) - 1.0) * looks[k].information);
    EXPECT_NEAR(static_cast<double>(crossed[k]) / n, spent, 4.0 * std::sqrt(0.05 / n)) << k;
  }
}

TEST(ClinicalPlan, LooksCostLittlePowerAndSaveTime) {
  VirtualTrial v;
  v.design.arms = {{"control", 100}, {"treated", 100}};
  v.truth.median_months = {6.0, 6.0};
  PlanOptions o;
  o.from = o.to = 60, o.studies = 1000, o.seed = Seed{5};
  o.looks = 3;
  // No difference: the looks together err in 5 % of trials (1,000: SD 0.7 %).
  EXPECT_NEAR(plan(v, o).rows.front().power, 0.05, 0.024);
  v.truth.median_months = {6.0, 12.0};
  const PlanRow three = plan(v, o).rows.front();
  o.looks = 1;
  const PlanRow one = plan(v, o).rows.front();
  EXPECT_NEAR(three.power, one.power, 0.04);
  EXPECT_LT(three.expected_months, 0.95 * one.expected_months);
  EXPECT_LT(three.expected_events, one.expected_events);
  EXPECT_NEAR(one.expected_months, 24.0, 1e-9);
  ASSERT_EQ(three.stopped_by.size(), 3U);
  EXPECT_LE(three.stopped_by[0], three.stopped_by[1]);
  EXPECT_EQ(three.stopped_by[2], three.power);
}

}  // namespace
}  // namespace kinescape::clinical
