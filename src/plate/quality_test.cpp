// SPDX-License-Identifier: Apache-2.0
#include "plate/quality.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "base/stream.hpp"

namespace kinescape::plate {
namespace {

Well well(Role role, const std::string& line, double dose_nM, double signal) {
  Well w;
  w.plate = "p1";
  w.role = role;
  w.line = role == Role::blank ? "" : line;
  if (role == Role::sample) w.drug = "drug A", w.dose_nM = dose_nM;
  w.repeat = "1";
  w.signal = signal;
  return w;
}

PlateSet set_of(std::vector<Well> wells, Format format = {8, 12}) {
  PlateSet set;
  set.plates.push_back({"p1", format, "", ""});
  set.wells = std::move(wells);
  return set;
}

/// A plate as a laboratory fills it, dealt at random: 9 doses x 8 wells, 16 vehicles, 8 blanks on
/// 96 wells (the same shares on others), error 0.01 + 5 %. `effect` multiplies the net signal.
struct Virtual {
  Format format{8, 12};
  std::function<double(Position)> effect = [](Position) { return 1.0; };
  double outlier_rate = 0.0;
  bool random = true;

  PlateSet plate(std::uint64_t seed) const {
    std::vector<Position> at;
    for (int r = 0; r < format.rows; ++r) {
      for (int c = 0; c < format.columns; ++c) at.push_back({r, c});
    }
    Stream deal(Seed{seed}, 1), error(Seed{seed}, 2);
    for (std::size_t i = at.size(); random && i > 1; --i) std::swap(at[i - 1], at[deal.below(i)]);
    std::vector<Well> wells;
    for (std::size_t i = 0; i < at.size(); ++i) {
      const auto share = static_cast<int>(12 * i / at.size());
      const Role role = share == 0 ? Role::blank : share < 3 ? Role::vehicle : Role::sample;
      const double dose = std::pow(10.0, 0.5 * (share - 3));
      const double v = role == Role::blank     ? 0.0
                       : role == Role::vehicle ? 1.0
                                               : 1.0 / (1.0 + dose / 100.0);
      double net = 1.5 * v * effect(at[i]);
      if (error.uniform() < outlier_rate) net *= error.uniform() < 0.5 ? 0.5 : 1.5;
      Well w =
          well(role, "P", dose, 0.1 + net * (1.0 + 0.05 * error.normal()) + 0.01 * error.normal());
      w.position = at[i];
      w.placed = true;
      wells.push_back(w);
    }
    return set_of(std::move(wells), format);
  }

  Quality judged(std::uint64_t seed) const { return assess(plate(seed)).front(); }
};

double edge_of_96(Position p) {
  return p.row == 0 || p.row == 7 || p.column == 0 || p.column == 11 ? 1.0 : 0.0;
}

bool says(const Quality& q, const std::string& part) {
  return std::any_of(q.reasons.begin(), q.reasons.end(), [&](const std::string& r) {
    return r.find(part) != std::string::npos;
  });
}

std::string all_reasons(const Quality& q) {
  std::string text = std::string(name(q.verdict)) + ":";
  for (const auto& r : q.reasons) text += " " + r;
  return text;
}

TEST(Quality, ControlStatisticsFollowTheirDefinitions) {
  std::vector<Well> wells;
  for (const double s : {10.0, 12.0, 11.0}) wells.push_back(well(Role::vehicle, "P", 0, s));
  for (const double s : {1.0, 2.0, 3.0}) wells.push_back(well(Role::positive, "P", 0, s));
  for (const double s : {0.5, 0.5}) wells.push_back(well(Role::blank, "", 0, s));
  const Quality q = assess(set_of(wells)).front();
  EXPECT_NEAR(q.z_prime.value, 1.0 - 3.0 * 2.0 / 9.0, 1e-12);
  EXPECT_NEAR(q.ssmd.value, 9.0 / std::sqrt(2.0), 1e-12);
  EXPECT_NEAR(q.z_prime_robust, 1.0 - 3.0 * 2.0 * 1.4826 / 9.0, 1e-12);
  EXPECT_NEAR(q.signal_to_background, 22.0, 1e-12);
  EXPECT_NEAR(q.vehicle_cv_percent, 100.0 / 11.0, 1e-12);
  EXPECT_EQ(q.vehicle_n, 3);
  EXPECT_EQ(q.z_prime.status, Status::ok);
  EXPECT_LT(q.z_prime.low, q.z_prime.value);
  EXPECT_GT(q.z_prime.high, q.z_prime.value);
}

TEST(Quality, IntervalsOfZPrimeAndSsmdCoverTheTruth) {
  // Vehicle N(1, 0.08), positive N(0.1, 0.03).
  const double z = 1.0 - 3.0 * 0.11 / 0.9, s = 0.9 / std::hypot(0.08, 0.03);
  int z_hit = 0, s_hit = 0;
  constexpr int runs = 1000;
  for (std::uint64_t run = 0; run < runs; ++run) {
    Stream draw(Seed{run}, 3);
    std::vector<Well> wells;
    for (int i = 0; i < 8; ++i)
      wells.push_back(well(Role::vehicle, "P", 0, 1 + 0.08 * draw.normal()));
    for (int i = 0; i < 6; ++i)
      wells.push_back(well(Role::positive, "P", 0, 0.1 + 0.03 * draw.normal()));
    const Quality q = assess(set_of(wells)).front();
    z_hit += q.z_prime.low <= z && z <= q.z_prime.high;
    s_hit += q.ssmd.low <= s && s <= q.ssmd.high;
  }
  EXPECT_NEAR(z_hit, 950, 4 * std::sqrt(runs * 0.95 * 0.05));
  EXPECT_NEAR(s_hit, 950, 4 * std::sqrt(runs * 0.95 * 0.05));
}

struct Rejections {
  int edge = 0, row = 0, column = 0, drift = 0, outlier = 0, caution = 0;
};

Rejections rejections(const Virtual& v, int runs) {
  Rejections n;
  for (int run = 0; run < runs; ++run) {
    const Quality q = v.judged(static_cast<std::uint64_t>(run));
    n.edge += q.edge.p < 0.05;
    n.row += q.row.p < 0.05;
    n.column += q.column.p < 0.05;
    n.drift += q.drift.p < 0.05;
    n.outlier += !q.outliers.empty();
    n.caution += q.verdict != Verdict::pass;
  }
  return n;
}

TEST(Quality, PlaceTestsHoldTheirLevelOnAnHonestPlate) {
  constexpr int runs = 1000;  // 50 expected, SD 6.9
  const Rejections n = rejections(Virtual{}, runs);
  for (const int k : {n.edge, n.row, n.column, n.drift}) {
    EXPECT_GE(k, 23);
    EXPECT_LE(k, 77);
  }
  EXPECT_LE(n.outlier, 20);
  EXPECT_LE(n.caution, 60);
}

TEST(Quality, PlaceTestsHoldTheirLevelAmongOutliers) {
  Virtual v;
  v.outlier_rate = 0.02;
  const Rejections n = rejections(v, 500);  // 25 expected, SD 4.9
  for (const int k : {n.edge, n.row, n.column, n.drift}) EXPECT_LE(k, 45);
}

TEST(Quality, AnEdgeEffectIsFoundAndMeasured) {
  Virtual v;
  v.effect = [](Position p) { return 1.0 - 0.15 * edge_of_96(p); };
  double sum = 0.0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Quality q = v.judged(seed);
    EXPECT_LT(q.edge.p, 1e-4);
    EXPECT_EQ(q.verdict, Verdict::caution);
    EXPECT_TRUE(says(q, "at the edge read")) << all_reasons(q);
    EXPECT_LE(q.outliers.size(), 1U) << "the edge is not many outliers";
    sum += q.edge.percent;
  }
  EXPECT_NEAR(sum / 50, -15.0, 1.0);
}

TEST(Quality, ANegativeWellIsOddAndMakesNoEdge) {
  PlateSet set = Virtual{}.plate(3);
  const auto at = std::find_if(set.wells.begin(), set.wells.end(), [](const Well& w) {
    return w.role == Role::sample && edge_of_96(w.position) == 1.0;
  });
  at->signal = -4.0;  // a blank subtracted too often
  const Quality q = assess(set).front();
  EXPECT_GT(q.edge.p, 0.01) << all_reasons(q);
  EXPECT_FALSE(says(q, "at the edge")) << all_reasons(q);
  ASSERT_FALSE(q.outliers.empty());
  EXPECT_EQ(q.outliers.front().position, at->position);
}

TEST(Quality, RowsColumnsAndDriftAreFoundAndMeasured) {
  Virtual rows;
  rows.effect = [](Position p) { return p.row % 2 == 0 ? 1.1 : 0.9; };
  Virtual columns;
  columns.effect = [](Position p) { return p.column % 2 == 0 ? 1.1 : 0.9; };
  Virtual drift;
  drift.effect = [](Position p) { return 1.0 + 0.2 * ((p.row * 12 + p.column) / 95.0 - 0.5); };
  double row = 0, column = 0, slope = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Quality r = rows.judged(seed), c = columns.judged(seed), d = drift.judged(seed);
    EXPECT_LT(r.row.p, 1e-3);
    EXPECT_LT(c.column.p, 1e-3);
    EXPECT_LT(d.drift.p, 1e-3);
    row += r.row.percent / 40, column += c.column.percent / 40, slope += d.drift.percent / 40;
  }
  EXPECT_NEAR(row, 10.0, 1.0);
  EXPECT_NEAR(column, 10.0, 1.0);
  EXPECT_NEAR(slope, 20.0, 1.5);
}

TEST(Quality, AColumnOfOneTreatmentCannotBeTested) {
  Virtual v;
  v.random = false;
  std::vector<Well> wells;
  Stream error(Seed{1}, 4);
  for (int r = 0; r < 8; ++r) {
    for (int c = 0; c < 12; ++c) {  // doses in columns, wells of a dose in rows
      Well w = well(
          c == 0 ? Role::vehicle : Role::sample, "P", c, 1.0 - 0.05 * c + 0.02 * error.normal());
      w.position = {r, c};
      w.placed = true;
      wells.push_back(w);
    }
  }
  const Quality q = assess(set_of(wells)).front();
  EXPECT_TRUE(std::isnan(q.column.p));
  EXPECT_FALSE(std::isnan(q.row.p));
}

TEST(Quality, PlantedOutliersAreFlaggedWithTheirPlaceAndKept) {
  int found = 0, planted = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    PlateSet set = Virtual{}.plate(seed);
    std::vector<Position> at;
    for (const int i : {12, 30}) {  // a vehicle well and a low-dose well
      Well& w = set.wells[static_cast<std::size_t>(i)];
      w.signal = 0.1 + (w.signal - 0.1) * 1.5;
      at.push_back(w.position);
    }
    const Quality q = assess(set).front();
    planted += 2;
    for (const Position& p : at) {
      found += std::any_of(q.outliers.begin(), q.outliers.end(), [&](const FlaggedWell& f) {
        return f.position == p && f.robust_z > 0;
      });
    }
    EXPECT_EQ(q.vehicle_n, 16);
  }
  EXPECT_GE(found, planted * 98 / 100);  // 50 % against an error of 5 %: 10 SD
}

TEST(Quality, TwoWellsThatDisagreeAreBothShown) {
  Virtual v;
  PlateSet set = v.plate(5);
  Well a = well(Role::sample, "P", 0.123, 1.6), b = a;
  a.placed = b.placed = true;
  a.position = {0, 0}, b.position = {0, 1};
  b.signal = 0.9;
  set.wells.push_back(a);
  set.wells.push_back(b);
  const Quality q = assess(set).front();
  ASSERT_EQ(q.outliers.size(), 2U);
  EXPECT_NE(q.outliers[0].what.find("either of the two"), std::string::npos);
}

TEST(Quality, ReplicateCorrelationIsFishersOverAllPairs) {
  // Pairs (1, 2), (4, 5), (9, 7): the Pearson correlation of both orders.
  std::vector<Well> wells;
  const double pairs[3][2] = {{1, 2}, {4, 5}, {9, 7}};
  double dose = 1, mean = 28.0 / 6.0, xy = 0, xx = 0;
  for (const auto& p : pairs) {
    for (const double s : p)
      wells.push_back(well(Role::sample, "P", dose, s)), xx += (s - mean) * (s - mean);
    xy += 2 * (p[0] - mean) * (p[1] - mean);
    dose *= 2;
  }
  EXPECT_NEAR(assess(set_of(wells)).front().replicate_correlation, xy / xx, 1e-12);
  wells.resize(4);
  EXPECT_TRUE(std::isnan(assess(set_of(wells)).front().replicate_correlation));
}

TEST(Quality, EachLineIsJudgedByItsOwnControlsAndTheWorstIsShown) {
  std::vector<Well> wells;
  for (const double s : {10.0, 11.0, 12.0}) wells.push_back(well(Role::vehicle, "P", 0, s));
  for (const double s : {5.0, 7.0, 9.0}) wells.push_back(well(Role::vehicle, "R", 0, s));
  for (const double s : {1.0, 1.1, 0.9}) wells.push_back(well(Role::blank, "", 0, s));
  wells.push_back(well(Role::sample, "Q", 1, 5.0));
  const Quality q = assess(set_of(wells)).front();
  EXPECT_NEAR(q.z_prime.value, 1.0 - 3.0 * 2.1 / 6.0, 1e-12);
  EXPECT_NE(q.z_prime.method.find("of R"), std::string::npos);
  EXPECT_TRUE(says(q, "Line Q has 1 treated well here but no vehicle wells")) << all_reasons(q);
  EXPECT_EQ(q.verdict, Verdict::fail);
}

TEST(Quality, MissingAndOverlappingControlsFail) {
  PlateSet set = Virtual{}.plate(1);
  EXPECT_EQ(assess(set).front().verdict, Verdict::pass) << all_reasons(assess(set).front());
  PlateSet no_vehicle = set;
  std::erase_if(no_vehicle.wells, [](const Well& w) { return w.role == Role::vehicle; });
  EXPECT_EQ(assess(no_vehicle).front().verdict, Verdict::fail);
  EXPECT_TRUE(says(assess(no_vehicle).front(), "No vehicle wells"));
  PlateSet swapped = set;
  for (Well& w : swapped.wells) {
    if (w.role == Role::vehicle)
      w.role = Role::blank;
    else if (w.role == Role::blank)
      w.role = Role::vehicle;
  }
  EXPECT_TRUE(says(assess(swapped).front(), "roles in the layout"));
  EXPECT_EQ(assess(swapped).front().verdict, Verdict::fail);
  PlateSet noisy = set;
  Stream error(Seed{3}, 5);
  for (Well& w : noisy.wells) w.signal *= std::exp(0.6 * error.normal());
  EXPECT_EQ(assess(noisy).front().verdict, Verdict::fail);
  EXPECT_TRUE(says(assess(noisy).front(), "overlap"));
}

TEST(Quality, SaturatedMaskedAndEmptyWellsAreCountedAndTakeNoPart) {
  PlateSet set = Virtual{}.plate(2);
  const double before = assess(set).front().z_prime.value;
  int vehicles = 0;
  for (Well& w : set.wells) {
    if (w.role == Role::vehicle && vehicles < 1)
      ++vehicles, w.reading = Reading::saturated, w.signal = 999;
    if (w.position == Position{3, 3} && w.role == Role::sample)
      w.reading = Reading::masked, w.signal = 999;
    if (w.position == Position{4, 4} && w.role == Role::sample)
      w.reading = Reading::missing, w.signal = unknown;
  }
  const Quality q = assess(set).front();
  EXPECT_EQ(q.saturated, 1);
  EXPECT_EQ(q.masked + q.missing, 2);
  EXPECT_EQ(q.vehicle_n, 15);
  EXPECT_NEAR(q.z_prime.value, before, 0.1);
  EXPECT_TRUE(says(q, "of them vehicle wells")) << all_reasons(q);
}

TEST(Quality, WithoutPlacesControlsAreStillJudged) {
  PlateSet set = Virtual{}.plate(3);
  for (Well& w : set.wells) w.placed = false, w.position = {};
  const Quality q = assess(set).front();
  EXPECT_EQ(q.verdict, Verdict::pass) << all_reasons(q);
  EXPECT_TRUE(std::isnan(q.edge.p) && std::isnan(q.row.p) && std::isnan(q.drift.p));
  EXPECT_TRUE(says(q, "no places"));
}

TEST(Quality, NormalisedValuesWithoutControlsAreNotAssessed) {
  PlateSet set = Virtual{}.plate(4);
  std::erase_if(set.wells, [](const Well& w) { return w.role != Role::sample; });
  set.scale = Scale::fraction_of_vehicle;
  const Quality q = assess(set).front();
  EXPECT_EQ(q.verdict, Verdict::not_assessed) << all_reasons(q);
  EXPECT_GT(q.replicate_correlation, 0.8);
}

TEST(Quality, PlatesOfADayThatDifferSaySo) {
  PlateSet set;
  for (int i = 0; i < 3; ++i) {
    PlateSet one = Virtual{}.plate(static_cast<std::uint64_t>(10 + i));
    one.plates[0].name = "p" + std::to_string(i);
    set.plates.push_back(one.plates[0]);
    for (Well w : one.wells) {
      w.plate = one.plates[0].name;
      if (i == 1) w.signal = 0.1 + 0.6 * (w.signal - 0.1);
      if (i == 2 && w.role == Role::blank) continue;
      set.wells.push_back(w);
    }
  }
  const auto all = assess(set);
  EXPECT_TRUE(says(all[1], "lower than on the other plates of repeat 1")) << all_reasons(all[1]);
  EXPECT_FALSE(says(all[0], "than on the other"));
  EXPECT_TRUE(says(all[2], "No usable blank wells here, though 2 of the 3")) << all_reasons(all[2]);
}

TEST(Quality, EveryFormatAndTheEmptyPlateAreJudged) {
  for (const Format f : {Format{2, 3}, Format{4, 6}, Format{16, 24}, Format{32, 48}}) {
    Virtual v;
    v.format = f;
    const Quality q = v.judged(1);
    EXPECT_FALSE(q.reasons.empty());
    EXPECT_EQ(q.sample_n + q.vehicle_n + q.blank_n, f.wells());
  }
  EXPECT_EQ(assess(set_of({})).front().verdict, Verdict::not_assessed);
}

TEST(Quality, TheLastReadOfATimeCourseIsJudged) {
  PlateSet set = Virtual{}.plate(6);
  std::vector<Well> early = set.wells;
  for (Well& w : early) w.time_h = 24, w.signal = 0.1;
  for (Well& w : set.wells) w.time_h = 72;
  const double want = assess(set).front().z_prime.value;
  set.wells.insert(set.wells.begin(), early.begin(), early.end());
  EXPECT_EQ(assess(set).front().z_prime.value, want);
}

}  // namespace
}  // namespace kinescape::plate
