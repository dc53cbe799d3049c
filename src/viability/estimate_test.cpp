// SPDX-License-Identifier: Apache-2.0
// One curve on plates made by hand: closed forms, invariances, statuses, problems and figures.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "numeric/distribution.hpp"
#include "viability/hand_plates_internal.hpp"

namespace kinescape::viability {
namespace {

using namespace by_hand;

TEST(Estimate, ReadsTheNumbersOfACurveWithoutNoiseOffItsClosedForms) {
  const double m = 1.7, h = 1.3, b = 0.12;
  const auto e = estimate(plates({}, fixed(m, h, b)));
  ASSERT_TRUE(e.ok());
  const CurveResult& c = e.value.curves.at(0);
  EXPECT_EQ(c.curve_class, CurveClass::identified) << c.says;
  EXPECT_NEAR(std::log10(c.ic50_nM.value), m, 1e-6);
  EXPECT_NEAR(
      std::log10(c.ic50_absolute_nM.value), m + std::log10((1 - b) / (0.5 - b) - 1) / h, 1e-6);
  EXPECT_NEAR(c.hill_slope.value, h, 1e-5);
  EXPECT_NEAR(c.emax.value, b, 1e-6);
  EXPECT_NEAR(c.viability_at_highest_dose.value, sigmoid(3.5, m, h, b), 1e-6);
  // Mean of a logistic over [0, 3.5], by its primitive.
  const auto primitive = [&](double u) {
    return u - std::log10(1 + std::pow(10.0, h * (u - m))) / h;
  };
  EXPECT_NEAR(c.auc.value, b + (1 - b) * (primitive(3.5) - primitive(0)) / 3.5, 1e-6);
  EXPECT_EQ(c.repeats, 3);
  EXPECT_EQ(c.ic50_nM.n, 3) << "repeats, not wells";
}

TEST(Estimate, WithExactWellsTheIntervalIsStudentsTOverTheRepeats) {
  const std::vector<double> shift{-0.03, 0.05, 0.01};
  const auto e = estimate(plates({}, [&](double u, int r) {
    return sigmoid(u, 1.7 + shift[static_cast<std::size_t>(r)], 1.2, 0.1);
  }));
  const Estimated& ic50 = e.value.curves.at(0).ic50_nM;
  const double mean = 0.01, sd = 0.04;  // of the three shifts
  const double half = numeric::student_t_quantile(0.975, 2) * sd / std::sqrt(3.0);
  // The curve is pooled on the response scale, so the agreement is to the size of the shifts.
  EXPECT_NEAR(std::log10(ic50.value), 1.7 + mean, 0.003);
  EXPECT_NEAR(std::log10(ic50.high / ic50.low), 2 * half, 0.08 * 2 * half);
}

TEST(Estimate, OneRepeatSaysThatItsIntervalIsTechnical) {
  Bench b;
  b.repeats = 1, b.noise = 0.05;
  const auto e = estimate(plates(b, fixed(1.7, 1.2, 0.1)));
  const Estimated& ic50 = e.value.curves.at(0).ic50_nM;
  EXPECT_EQ(ic50.status, Status::single_repeat);
  EXPECT_EQ(ic50.n, 1);
  EXPECT_NE(ic50.why.find("technical"), std::string::npos);
  EXPECT_LT(ic50.low, ic50.value);
  EXPECT_GT(ic50.high, ic50.value);
}

TEST(Estimate, SameBitsInAnyRowOrderAndAtAnyThreadCount) {
  Bench b;
  b.noise = 0.05;
  PlateSet set = plates(b, fixed(1.7, 1.2, 0.1));
  add(set, b, "resistant", fixed(2.6, 1.2, 0.1));
  Options one, four;
  one.pairs = four.pairs = {{"resistant", "parental"}};
  one.threads.count = 1, four.threads.count = 4;
  const auto a = estimate(set, one), t = estimate(set, four);
  PlateSet turned = set;
  std::reverse(turned.wells.begin(), turned.wells.end());
  const auto r = estimate(turned, one);
  ASSERT_EQ(a.value.comparisons.size(), 1U);
  for (const auto* other : {&t, &r}) {
    EXPECT_EQ(a.value.comparisons[0].fold_ic50.low, other->value.comparisons[0].fold_ic50.low);
    EXPECT_EQ(a.value.comparisons[0].p, other->value.comparisons[0].p);
    for (const CurveResult& c : a.value.curves)
      for (const CurveResult& d : other->value.curves)
        if (c.line == d.line) {
          EXPECT_EQ(c.ic50_nM.value, d.ic50_nM.value);
          EXPECT_EQ(c.ic50_nM.high, d.ic50_nM.high);
          EXPECT_EQ(c.emax.low, d.emax.low);
          EXPECT_EQ(c.flat_p, d.flat_p);
        }
  }
}

TEST(Estimate, DoesNotDependOnTheUnitOfTheSignal) {
  Bench b;
  b.noise = 0.05;
  PlateSet set = plates(b, fixed(1.7, 1.2, 0.1));
  const auto a = estimate(set);
  for (Well& w : set.wells) w.signal *= 1000.0;
  const auto k = estimate(set);
  // 1e-5: both stop within the tolerance of the fit, along different roundings.
  const auto& x = a.value.curves.at(0);
  const auto& y = k.value.curves.at(0);
  EXPECT_NEAR(y.ic50_nM.value / x.ic50_nM.value, 1.0, 1e-5);
  EXPECT_NEAR(y.ic50_nM.high / x.ic50_nM.high, 1.0, 1e-4);
  EXPECT_NEAR(y.emax.value, x.emax.value, 1e-5);
}

TEST(Estimate, BoundsAnIc50ThatLiesAboveTheDoses) {
  Bench b;
  b.noise = 0.04;
  const auto e = estimate(plates(b, fixed(4.1, 1.2, 0.05)));
  const CurveResult& c = e.value.curves.at(0);
  ASSERT_EQ(c.curve_class, CurveClass::above_highest) << c.says;
  EXPECT_EQ(c.ic50_nM.relation, Relation::greater);
  EXPECT_EQ(c.ic50_nM.status, Status::above_highest_dose);
  EXPECT_DOUBLE_EQ(c.ic50_nM.value, c.highest_dose_nM);
  EXPECT_TRUE(std::isnan(c.ic50_nM.high));
  EXPECT_LT(c.ic50_nM.low, std::pow(10.0, 4.1));
  EXPECT_FALSE(c.ic50_nM.why.empty());
  EXPECT_TRUE(std::isnan(c.emax.value)) << "the plateau was not reached";
  EXPECT_EQ(c.viability_at_highest_dose.status, Status::ok);
}

TEST(Estimate, BoundsAnIc50ThatLiesBelowTheDoses) {
  Bench b;
  b.noise = 0.04;
  const auto e = estimate(plates(b, fixed(-1.2, 1.0, 0.02)));
  const CurveResult& c = e.value.curves.at(0);
  ASSERT_EQ(c.curve_class, CurveClass::below_lowest) << c.says;
  EXPECT_EQ(c.ic50_nM.relation, Relation::less);
  EXPECT_DOUBLE_EQ(c.ic50_nM.value, c.lowest_dose_nM);
  EXPECT_TRUE(std::isnan(c.ic50_nM.low));
}

TEST(Estimate, CallsNoResponseFlat) {
  Bench b;
  b.noise = 0.05;
  const auto e = estimate(plates(b, [](double, int) { return 1.0; }));
  const CurveResult& c = e.value.curves.at(0);
  EXPECT_EQ(c.curve_class, CurveClass::flat) << c.flat_p;
  EXPECT_EQ(c.ic50_nM.status, Status::no_response);
  EXPECT_TRUE(std::isnan(c.ic50_nM.value));
  EXPECT_EQ(c.ic50_absolute_nM.relation, Relation::greater);
}

TEST(Estimate, CallsACurveThatTurnsNonMonotone) {
  Bench b;
  b.noise = 0.03;
  const auto e = estimate(
      plates(b, [](double u, int) { return sigmoid(u, 1.0, 2.0, 0.2) + (u > 2.7 ? 0.5 : 0.0); }));
  EXPECT_EQ(e.value.curves.at(0).curve_class, CurveClass::non_monotone);
}

TEST(Estimate, ASaturatedWellIsALowerBoundNotAValue) {
  Bench b;
  PlateSet set = plates(b, fixed(1.7, 1.2, 0.1));
  // The reader stops at 1.4: vehicles and low doses of every plate read "OVER".
  for (Well& w : set.wells)
    if (w.role == Role::sample && w.dose_nM < 2.0)
      w.reading = plate::Reading::saturated, w.signal = 1.4, w.printed = "OVER";
  const auto e = estimate(set);
  const CurveResult& c = e.value.curves.at(0);
  EXPECT_EQ(c.censored_wells, 9);
  EXPECT_NEAR(std::log10(c.ic50_nM.value), 1.7, 1e-3);
}

TEST(Estimate, GrowthRateNumbersFollowFromTheDoublings) {
  Bench b;
  Options o;
  o.lines = {{"parental", 36.0}};  // 72 h: two doublings
  const auto e = estimate(plates(b, fixed(1.7, 1.2, 0.1)), o);
  const CurveResult& c = e.value.curves.at(0);
  // GR = 2 v^(1/2) - 1 = 1/2 where v = 0.75^2.
  const double v = 0.75 * 0.75;
  EXPECT_NEAR(std::log10(c.gr50_nM.value), 1.7 + std::log10(0.9 / (v - 0.1) - 1) / 1.2, 1e-5);
  EXPECT_NEAR(c.gr_inf.value, 2 * std::sqrt(0.1) - 1, 1e-5);
  EXPECT_NEAR(c.gr_max.value, 2 * std::sqrt(sigmoid(3.5, 1.7, 1.2, 0.1)) - 1, 1e-5);
  const auto none = estimate(plates(b, fixed(1.7, 1.2, 0.1)));
  EXPECT_EQ(none.value.curves.at(0).gr50_nM.status, Status::not_applicable);
}

TEST(Estimate, DayZeroWellsGiveTheDoublings) {
  Bench b;
  PlateSet set = plates(b, fixed(1.7, 1.2, 0.1));
  for (int r = 0; r < 3; ++r) {
    Well w;
    w.plate = "parental day " + std::to_string(r + 1), w.role = Role::day0;
    w.line = "parental", w.repeat = std::to_string(r + 1), w.time_h = 0.0;
    w.signal = 0.1 + (1.5 + 0.1 * r) / 8.0;  // three doublings
    set.wells.push_back(w);
  }
  const CurveResult c = estimate(set).value.curves.at(0);
  EXPECT_NEAR(c.gr_inf.value, 2 * std::cbrt(0.1) - 1, 1e-5);
}

TEST(Estimate, NormalisedTablesAreFittedWithAFreeTop) {
  PlateSet set;
  set.scale = plate::Scale::fraction_of_vehicle;
  for (int r = 0; r < 3; ++r)
    for (double u : {0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0})
      for (int i = 0; i < 2; ++i) {
        Well w;
        w.line = "parental", w.drug = "drug A", w.repeat = std::to_string(r);
        w.dose_nM = std::pow(10.0, u);
        w.signal = 0.95 * sigmoid(u, 1.4, 1.5, 0.1);
        set.wells.push_back(w);
      }
  const CurveResult c = estimate(set).value.curves.at(0);
  EXPECT_NEAR(std::log10(c.ic50_nM.value), 1.4, 1e-6);
  EXPECT_NEAR(c.curve[dose_response::Parameter::top], 0.95, 1e-6);
  EXPECT_NEAR(c.emax.value, 0.095, 1e-6);
}

TEST(BadInput, APlateWithoutVehiclesIsNamedAndTheOthersAreStillEstimated) {
  PlateSet set = plates({}, fixed(1.7, 1.2, 0.1));
  std::erase_if(set.wells, [](const Well& w) {
    return w.role == Role::vehicle && w.plate == "parental day 2";
  });
  const auto e = estimate(set);
  EXPECT_FALSE(e.ok());
  EXPECT_TRUE(warns(e.problems, Severity::error, "\"parental day 2\""));
  EXPECT_EQ(e.value.curves.at(0).repeats, 2);
  EXPECT_NEAR(std::log10(e.value.curves.at(0).ic50_nM.value), 1.7, 1e-5);
}

TEST(BadInput, EachFaultHasItsProblem) {
  Bench b;
  b.log10_doses = {1.0};
  EXPECT_TRUE(
      warns(estimate(plates(b, fixed(1.7, 1.2, 0.1))).problems, Severity::error, "one dose only"));
  PlateSet set = plates({}, fixed(1.7, 1.2, 0.1));
  set.wells.back().signal = unknown;
  EXPECT_TRUE(warns(estimate(set).problems, Severity::error, "not a finite number"));
  set = plates({}, fixed(1.7, 1.2, 0.1));
  set.wells.back().channel = "570 nm";
  EXPECT_TRUE(warns(estimate(set).problems, Severity::error, "several channels"));
  set = plates({}, fixed(1.7, 1.2, 0.1));
  for (Well& w : set.wells) w.repeat.clear();
  const auto e = estimate(set);
  EXPECT_TRUE(warns(e.problems, Severity::warning, "biological repeat"));
  EXPECT_EQ(e.value.curves.at(0).ic50_nM.status, Status::single_repeat);
  set = plates({}, fixed(1.7, 1.2, 0.1));
  std::erase_if(set.wells, [](const Well& w) { return w.role == Role::blank; });
  EXPECT_TRUE(warns(estimate(set).problems, Severity::warning, "no blank wells"));
}

TEST(Estimate, DrawnWellsAreFreeOfTheEdgeEffectThatTheFitFound) {
  Bench b;
  b.vehicles = 20, b.wells = 8, b.noise = 0.02;
  PlateSet set = plates(b, fixed(1.7, 1.2, 0.1));
  for (Well& w : set.wells)
    if (w.position.row == 0 || w.position.column == 0 || w.position.column == 11)
      w.signal = 0.1 + 1.2 * (w.signal - 0.1);  // Blanks lie on the edge, too; 0.1 is blank.
  const Estimate e = estimate(set, {}).value;
  ASSERT_EQ(e.curves.size(), 1u);
  double edge = 0.0, inside = 0.0, n_edge = 0.0, n_inside = 0.0;
  for (const Point& p : e.curves[0].points) {
    if (p.dose_nM > 0.0) continue;
    const bool at_edge = p.well[0] == 'A' || p.well == "B1" || p.well == "B12";
    (at_edge ? edge : inside) += p.viability;
    (at_edge ? n_edge : n_inside) += 1.0;
  }
  ASSERT_GE(n_edge, 6.0);
  ASSERT_GE(n_inside, 6.0);
  EXPECT_NEAR(edge / n_edge, 1.0, 0.03);
  EXPECT_NEAR(inside / n_inside, 1.0, 0.03);
}

TEST(Estimate, ACurveThatIsNotReachedIsDrawnOnItsWayDown) {
  // Two thirds are left at the highest dose; the best step between the last doses is not shown.
  Bench b;
  b.noise = 0.05;
  const double midpoint = 3.8;
  const Estimate e = estimate(plates(b, fixed(midpoint, 1.2, 0.0)), {}).value;
  ASSERT_EQ(e.curves.size(), 1u);
  const CurveResult& c = e.curves[0];
  ASSERT_EQ(c.curve_class, CurveClass::above_highest);
  EXPECT_EQ(c.curve.shape, dose_response::Shape::log_logistic2);
  EXPECT_NEAR(c.curve[dose_response::Parameter::log10_ec50], midpoint, 0.25);
  for (const BandPoint& p : c.band) {
    EXPECT_NEAR(p.viability, dose_response::value(c.curve, p.dose_nM), 1e-9);
    EXPECT_LE(p.low, p.viability);
    EXPECT_GE(p.high, p.viability);
  }
}

}  // namespace
}  // namespace kinescape::viability
