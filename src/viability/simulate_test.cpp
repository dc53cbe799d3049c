// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/errors.hpp"
#include "viability/design.hpp"

namespace kinescape::viability {
namespace {

using dose_response::Parameter;
using dose_response::Shape;
using plate::Role;

TrueCurve falling(const std::string& line,
                  const std::string& drug,
                  double log10_ec50,
                  double slope) {
  TrueCurve t{line, drug, {}};
  t.curve.shape = Shape::log_logistic4;
  t.curve[Parameter::log10_ec50] = log10_ec50;
  t.curve[Parameter::hill_slope] = slope;
  t.curve[Parameter::top] = 1.0;
  t.curve[Parameter::bottom] = 0.0;
  return t;
}

Noise silent() {
  Noise n;
  n.additive = n.proportional = n.repeat_log10_ic50 = n.repeat_vehicle_percent = 0.0;
  n.plate_percent = n.pipetting_percent = 0.0;
  return n;
}

struct Experiment {
  Design design;
  Truth truth;
};

Experiment small() {
  Experiment s;
  s.design.lines = {"P"};
  s.design.drugs = {"drug A"};
  s.design.doses_nM = {1, 10, 100, 1000};
  s.truth.curves = {falling("P", "drug A", 2.0, 1.0)};
  return s;
}

double net(const plate::Well& w, const Truth& truth) {
  return (w.signal - truth.blank_signal) / truth.vehicle_signal;
}

struct Moments {
  double n = 0, sum = 0, squares = 0;
  void add(double x) { n += 1, sum += x, squares += x * x; }
  double mean() const { return sum / n; }
  double variance() const { return (squares - sum * sum / n) / (n - 1); }
};

/// Within 4.5 standard errors of a Gaussian sample's variance; seeds are fixed.
void expect_variance(const Moments& m, double want) {
  EXPECT_NEAR(m.variance() / want, 1.0, 4.5 * std::sqrt(2.0 / (m.n - 1)));
}

TEST(Simulate, WellsWithoutNoiseLieOnTheCurve) {
  const Experiment s = small();
  const auto set = simulate(s.design, s.truth, silent(), Seed{1});
  ASSERT_EQ(set.plates.size(), 3U);
  ASSERT_EQ(set.wells.size(), 3U * (4 * 3 + 6 + 3));
  for (const auto& w : set.wells) {
    const double want = w.role == Role::blank     ? 0.0
                        : w.role == Role::vehicle ? 1.0
                                                  : 1.0 / (1.0 + w.dose_nM / 100.0);
    EXPECT_NEAR(net(w, s.truth), want, 1e-12);
    EXPECT_EQ(w.time_h, 72.0);
  }
}

TEST(Simulate, ErrorOfAWellIsProportionalPlusAdditive) {
  Experiment s = small();
  s.design.format = {32, 48};
  s.design.wells_per_dose = 300;
  s.design.repeats = 4;
  Noise noise = silent();
  noise.additive = 0.02;
  noise.proportional = 0.08;
  std::map<double, Moments> at;
  for (const auto& w : simulate(s.design, s.truth, noise, Seed{2}).wells) {
    if (w.role == Role::sample) at[w.dose_nM].add(w.signal);
  }
  ASSERT_EQ(at.size(), 4U);
  for (const auto& [dose, m] : at) {
    const double mean = 1.6 / (1.0 + dose / 100.0);
    const double variance = 0.08 * 0.08 * mean * mean + 0.02 * 0.02;
    EXPECT_NEAR(m.mean(), mean + 0.08, 4.5 * std::sqrt(variance / m.n)) << dose;
    expect_variance(m, variance);
  }
}

TEST(Simulate, RepeatsDifferInIc50AndInVehicleSignalAsTold) {
  Experiment s = small();
  s.design.repeats = 2000;
  Noise noise = silent();
  noise.repeat_log10_ic50 = 0.1;
  noise.repeat_vehicle_percent = 12.0;
  Moments level, shift;
  const auto set = simulate(s.design, s.truth, noise, Seed{3});
  std::map<std::string, double> vehicle;
  for (const auto& w : set.wells) {
    if (w.role == Role::vehicle) vehicle[w.plate] = net(w, s.truth);
  }
  for (const auto& [plate, v] : vehicle) level.add(v);
  std::set<std::string> seen;
  for (const auto& w : set.wells) {
    if (w.role != Role::sample || w.dose_nM != 100 || !seen.insert(w.plate).second) continue;
    const double v = net(w, s.truth) / vehicle[w.plate];
    shift.add(std::log10(v / (1.0 - v)));  // log-logistic with slope 1 at its own midpoint
  }
  EXPECT_EQ(shift.n, 2000);
  EXPECT_NEAR(shift.mean(), 0.0, 4.5 * 0.1 / std::sqrt(2000.0));
  expect_variance(shift, 0.01);
  EXPECT_NEAR(level.mean(), 1.0, 4.5 * 0.12 / std::sqrt(2000.0));
  EXPECT_NEAR(level.variance() / std::expm1(0.0144), 1.0, 0.2);  // log-normal: heavier than normal
}

TEST(Simulate, PipettingErrorGrowsDownTheDilution) {
  Experiment s = small();
  s.design.repeats = 2000;
  Noise noise = silent();
  noise.pipetting_percent = 5.0;
  std::map<double, Moments> error;
  std::map<std::string, double> top;
  Moments next_given_top;
  std::set<std::pair<std::string, double>> seen;
  std::map<std::pair<std::string, double>, double> log_dose;
  for (const auto& w : simulate(s.design, s.truth, noise, Seed{4}).wells) {
    if (w.role != Role::sample || !seen.insert({w.plate, w.dose_nM}).second) continue;
    const double v = net(w, s.truth);
    const double actual = 100.0 * (1.0 - v) / v;
    error[w.dose_nM].add(std::log(actual / w.dose_nM));
    log_dose[{w.plate, w.dose_nM}] = std::log(actual / w.dose_nM);
  }
  expect_variance(error[1000], 1 * 0.0025);
  expect_variance(error[100], 2 * 0.0025);
  expect_variance(error[10], 3 * 0.0025);
  expect_variance(error[1], 4 * 0.0025);
  for (const auto& [at, e] : log_dose) {
    if (at.second == 10) next_given_top.add(e - log_dose[{at.first, 100.0}]);
  }
  expect_variance(next_given_top, 0.0025);  // one step's own error, the rest is inherited
}

TEST(Simulate, EdgeAndGradientAreShiftsOfTheNetSignal) {
  Experiment s = small();
  s.design.vehicle_wells = 84;
  s.design.blank_wells = 0;
  s.design.repeats = 1;
  Noise noise = silent();
  noise.edge_percent = -20.0;
  noise.gradient_percent = 10.0;
  for (const auto& w : simulate(s.design, s.truth, noise, Seed{5}).wells) {
    const auto [row, column] = w.position;
    const bool edge = row == 0 || row == 7 || column == 0 || column == 11;
    const double v = w.role == Role::vehicle ? 1.0 : 1.0 / (1.0 + w.dose_nM / 100.0);
    EXPECT_NEAR(
        net(w, s.truth), v * (edge ? 0.8 : 1.0) * (1.0 + 0.1 * (column / 11.0 - 0.5)), 1e-12);
  }
}

TEST(Simulate, NoiseOnSomePlatesBefallsThoseAlone) {
  Experiment s = small();
  const auto plain = simulate(s.design, s.truth, silent(), Seed{5});
  Noise noise = silent();
  const std::string first = plain.plates.front().name;
  noise.on_plates.push_back({.plates = {first}, .repeats = {2}, .edge_percent = -20.0});
  ASSERT_FALSE(has_errors(check(s.design, s.truth, noise)));
  const auto some = simulate(s.design, s.truth, noise, Seed{5});
  std::set<std::string> touched;
  for (std::size_t i = 0; i < plain.wells.size(); ++i) {
    const auto& [a, b] = std::pair(plain.wells[i], some.wells[i]);
    const bool edge = a.position.row == 0 || a.position.row == 7 || a.position.column == 0 ||
                      a.position.column == 11;
    const bool named = a.plate == first || a.repeat == "2";
    EXPECT_NEAR(net(b, s.truth), net(a, s.truth) * (edge && named ? 0.8 : 1.0), 1e-12) << a.plate;
    if (named) touched.insert(a.plate);
  }
  EXPECT_GT(touched.size(), 1U);
  EXPECT_LT(touched.size(), plain.plates.size());

  noise.on_plates = {{.plates = {first + "x"}, .repeats = {9}}};
  const std::string all = describe(check(s.design, s.truth, noise));
  EXPECT_NE(all.find("Did you mean \"" + first), std::string::npos) << all;
  EXPECT_NE(all.find("no repeat 9"), std::string::npos) << all;
  EXPECT_NE(all.find("says nothing"), std::string::npos) << all;
}

TEST(Simulate, OutliersComeAtTheirRateAndBothWays) {
  Experiment s = small();
  s.design.format = {32, 48};
  s.design.vehicle_wells = 1500;
  s.design.wells_per_dose = 1;
  s.design.repeats = 2;
  Noise noise = silent();
  noise.outlier_rate = 0.05;
  int low = 0, high = 0, n = 0;
  for (const auto& w : simulate(s.design, s.truth, noise, Seed{6}).wells) {
    if (w.role != Role::vehicle) continue;
    ++n;
    low += std::abs(net(w, s.truth) - 0.5) < 1e-9;
    high += std::abs(net(w, s.truth) - 1.5) < 1e-9;
  }
  EXPECT_EQ(n, 3000);
  EXPECT_NEAR(low, 75, 4.5 * std::sqrt(75.0));
  EXPECT_NEAR(high, 75, 4.5 * std::sqrt(75.0));
}

TEST(Simulate, ASaturatedWellPrintsTheOverflowWordAndKeepsTheBound) {
  Experiment s = small();
  Noise noise = silent();
  noise.saturation = 1.6;  // vehicle reads 1.68
  int saturated = 0;
  for (const auto& w : simulate(s.design, s.truth, noise, Seed{7}).wells) {
    const bool over = w.role == Role::vehicle || (w.role == Role::sample && w.dose_nM == 1);
    EXPECT_EQ(w.reading == plate::Reading::saturated, over);  // 1.6 / 1.01 + 0.08 is 1.66
    if (w.reading != plate::Reading::saturated) continue;
    ++saturated;
    EXPECT_EQ(w.printed, "OVRFLW");
    EXPECT_EQ(w.signal, 1.6);
  }
  EXPECT_EQ(saturated, 3 * (6 + 3));
}

TEST(Simulate, Day0WellsHoldTheCellsThatGrowToTheVehicle) {
  Experiment s = small();
  s.design.day0_wells = 3;
  s.design.positive_wells = 2;
  s.truth.lines = {{"P", 24.0}};
  int day0 = 0;
  for (const auto& w : simulate(s.design, s.truth, silent(), Seed{8}).wells) {
    if (w.role == Role::positive) {
      EXPECT_NEAR(net(w, s.truth), 0.02, 1e-12);
    }
    if (w.role != Role::day0) continue;
    ++day0;
    EXPECT_NEAR(net(w, s.truth), 1.0 / 8.0, 1e-12);
    EXPECT_EQ(w.time_h, 0.0);
  }
  EXPECT_EQ(day0, 9);
}

std::map<std::pair<std::string, plate::Position>,
         std::tuple<std::string, std::string, double, double>>
by_place(const plate::PlateSet& set) {
  std::map<std::pair<std::string, plate::Position>,
           std::tuple<std::string, std::string, double, double>>
      m;
  for (const auto& w : set.wells) m[{w.plate, w.position}] = {w.line, w.drug, w.dose_nM, w.signal};
  return m;
}

TEST(Simulate, TheSeedMattersAndTheSameSeedGivesTheSameBits) {
  const Experiment s = small();
  const auto a = by_place(simulate(s.design, s.truth, Noise{}, Seed{1}));
  EXPECT_EQ(a, by_place(simulate(s.design, s.truth, Noise{}, Seed{1})));
  int same = 0;
  const auto b = by_place(simulate(s.design, s.truth, Noise{}, Seed{2}));
  for (const auto& [at, what] : a) same += std::get<3>(what) == std::get<3>(b.at(at));
  EXPECT_EQ(same, 0);
}

TEST(Simulate, AddingADrugALineOrARepeatMovesNoOtherNumber) {
  for (const bool random : {false, true}) {
    Experiment s = small();
    s.design.randomise_wells = random;
    const auto before = by_place(simulate(s.design, s.truth, Noise{}, Seed{9}));
    s.design.repeats += 2;
    s.design.drugs = {
        "drug A", "drug B", "drug C", "drug D", "drug E", "drug F", "drug G", "drug H"};
    s.design.lines = {"P", "R"};
    s.truth.curves.clear();
    for (const auto& line : s.design.lines) {
      for (const auto& drug : s.design.drugs)
        s.truth.curves.push_back(falling(line, drug, 2.0, 1.0));
    }
    const auto set = simulate(s.design, s.truth, Noise{}, Seed{9});
    const auto after = by_place(set);
    EXPECT_EQ(set.plates.size(), 2U * 5 * 2);
    for (const auto& [at, what] : before) {
      ASSERT_TRUE(after.contains(at)) << at.first << plate::name(at.second);
      EXPECT_EQ(what, after.at(at)) << at.first << plate::name(at.second);
    }
  }
}

TEST(Simulate, ARandomLayoutIsAPermutationAndEachWellGetsItsShare) {
  Experiment s = small();
  s.design.leave_edge_empty = true;
  const auto contents = [](const plate::PlateSet& set, const std::string& plate) {
    std::multiset<std::tuple<Role, std::string, double>> held;
    std::set<plate::Position> at;
    for (const auto& w : set.wells) {
      if (w.plate != plate) continue;
      held.insert({w.role, w.drug, w.dose_nM});
      EXPECT_TRUE(at.insert(w.position).second);
      EXPECT_TRUE(w.position.row > 0 && w.position.row < 7);
      EXPECT_TRUE(w.position.column > 0 && w.position.column < 11);
    }
    return held;
  };
  const auto ordered = simulate(s.design, s.truth, silent(), Seed{10});
  s.design.randomise_wells = true;
  s.design.repeats = 1200;
  const auto random = simulate(s.design, s.truth, silent(), Seed{10});
  EXPECT_EQ(contents(ordered, "P_r1_p1"), contents(random, "P_r1_p1"));
  std::map<plate::Position, int> vehicles;
  for (const auto& w : random.wells) vehicles[w.position] += w.role == Role::vehicle;
  double chi2 = 0.0;  // 60 wells, 6 vehicles a plate: 120 in each
  for (const auto& [at, n] : vehicles) chi2 += (n - 120.0) * (n - 120.0) / 120.0;
  EXPECT_EQ(vehicles.size(), 60U);
  EXPECT_LT(chi2, 110.0);  // 59 degrees of freedom: P(> 110) is below 1e-4
  EXPECT_GT(chi2, 25.0);   // and it is not dealt evenly on purpose
}

TEST(Simulate, LinesCanShareThePlates) {
  Experiment s = small();
  s.design.lines = {"P", "R"};
  s.design.lines_share_plates = true;
  s.truth.curves.push_back(falling("R", "drug A", 3.0, 1.0));
  const auto set = simulate(s.design, s.truth, silent(), Seed{11});
  ASSERT_EQ(set.plates.size(), 3U);
  int vehicles = 0;
  for (const auto& w : set.wells) vehicles += w.role == Role::vehicle && w.line == "R";
  EXPECT_EQ(vehicles, 3 * 6);
}

TEST(DesignCheck, ListsEverythingAtOnce) {
  Experiment s = small();
  s.design.doses_nM = {1, 1, -3};
  s.design.wells_per_dose = 0;
  s.design.drugs = {"drug A", "drug A"};
  s.design.day0_wells = 2;
  s.truth.vehicle_signal = 0.0;
  s.truth.curves.push_back(falling("Q", "drug A", 2.0, 1.0));
  s.truth.curves[0].curve[Parameter::log10_ec50] = unknown;
  Noise noise;
  noise.outlier_rate = 2.0;
  const Problems problems = check(s.design, s.truth, noise);
  EXPECT_EQ(problems.size(), 9U) << describe(problems);
  for (const Problem& p : problems) {
    EXPECT_FALSE(p.where.item.empty());
    EXPECT_FALSE(p.what.empty());
    EXPECT_FALSE(p.fix.empty());
  }
  EXPECT_THROW((void)simulate(s.design, s.truth, noise, Seed{1}), UsageError);
}

TEST(DesignCheck, ACurveThatDoesNotFitOnAPlateIsRefused) {
  Experiment s = small();
  s.design.format = {4, 6};
  EXPECT_TRUE(check(s.design, s.truth, Noise{}).empty());  // 12 + 9 of 24
  s.design.wells_per_dose = 4;
  const Problems problems = check(s.design, s.truth, Noise{});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].what.find("needs 16 wells"), std::string::npos) << problems[0].what;
}

}  // namespace
}  // namespace kinescape::viability
