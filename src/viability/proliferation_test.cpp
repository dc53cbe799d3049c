// SPDX-License-Identifier: Apache-2.0
#include "viability/proliferation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/stream.hpp"

namespace kinescape::viability {
namespace {

using plate::Role;

/// Untreated cells double every 24 h; at dose d the rate is r0 (1.5 / (1 + d / 100) - 0.5): half of
/// r0 at d = 50 nM, death at high doses.
constexpr double untreated_per_h = 1.0 / 24.0;
const std::vector<double> doses_nM{3, 10, 30, 100, 300, 1000};

double true_rate(double dose_nM) {
  return untreated_per_h * (1.5 / (1.0 + dose_nM / 100.0) - 0.5);
}

struct Film {
  int repeats = 3, wells = 2, times = 13;
  double step_h = 6.0, between_sd_per_h = 0.0, well_percent = 0.0, blank = 0.0;
  std::string line = "A";

  plate::PlateSet shot(std::uint64_t seed) const {
    plate::PlateSet set;
    for (int r = 0; r < repeats; ++r) {
      const std::string day = std::to_string(r + 1);
      set.plates.push_back({"p" + day, {8, 12}, "", ""});
      add(set, day, Role::vehicle, 0.0, seed);
      for (const double dose : doses_nM) add(set, day, Role::sample, dose, seed);
      if (blank > 0.0) add(set, day, Role::blank, 0.0, seed);
    }
    return set;
  }

  void add(plate::PlateSet& set,
           const std::string& day,
           Role role,
           double dose_nM,
           std::uint64_t seed) const {
    const auto who = static_cast<std::uint64_t>(1000 * std::stoi(day) + static_cast<int>(dose_nM) +
                                                (role == Role::blank ? 500000 : 0));
    Stream s(Seed{seed}, who);
    const double rate = true_rate(dose_nM) + between_sd_per_h * s.normal();
    for (int w = 0; w < wells; ++w) {
      for (int k = 0; k < times; ++k) {
        plate::Well one;
        one.plate = "p" + day;
        one.repeat = day;
        one.role = role;
        one.time_h = k * step_h;
        const double net = role == Role::blank ? 0.0 : std::exp2(rate * one.time_h);
        one.signal = blank + net * (1.0 + well_percent / 100.0 * s.normal());
        if (role != Role::blank) one.line = line;
        if (role == Role::sample) one.drug = "X", one.dose_nM = dose_nM;
        set.wells.push_back(one);
      }
    }
  }
};

TEST(Proliferation, RatesOfCleanCoursesAreExact) {
  const auto all = proliferation(Film{.blank = 0.3}.shot(1));
  ASSERT_EQ(all.size(), 1U);
  const Proliferation& p = all.front();
  ASSERT_EQ(p.rates.size(), 1 + doses_nM.size());
  for (const ProliferationRate& r : p.rates) {
    EXPECT_NEAR(r.doublings_per_h.value, true_rate(r.dose_nM), 1e-12) << r.dose_nM;
    EXPECT_EQ(r.doublings_per_h.n, 3);
    EXPECT_EQ(r.doublings_per_h.status, Status::ok);
  }
  EXPECT_NEAR(p.untreated_doublings_per_h.value, untreated_per_h, 1e-12);
  EXPECT_LT(p.highest_dose_doublings_per_h.value, 0.0);
  EXPECT_NEAR(p.ic50_nM.value, 50.0, 1e-4) << "half of the untreated rate, 1.5 / (1 + d / 100) = 1";
  EXPECT_NE(p.says.find("1.0 doublings a day"), std::string::npos) << p.says;
  EXPECT_NE(p.says.find("they die"), std::string::npos) << p.says;
}

TEST(Proliferation, IntervalsOverRepeatsCoverTheTruth) {
  int rates = 0, covered = 0, positions = 0, held = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Film film{.between_sd_per_h = 0.002, .well_percent = 3.0};
    for (const Proliferation& p : proliferation(film.shot(seed))) {
      for (const ProliferationRate& r : p.rates) {
        const double truth = true_rate(r.dose_nM);
        ++rates;
        covered += r.doublings_per_h.low <= truth && truth <= r.doublings_per_h.high;
      }
      if (p.ic50_nM.status != Status::ok) continue;
      ++positions;
      held += p.ic50_nM.low <= 50.0 && 50.0 <= p.ic50_nM.high;
    }
  }
  // Binomial: SD 0.6 % of 1,400 rates, 1.5 % of 200 positions; within 4.
  EXPECT_NEAR(covered / static_cast<double>(rates), 0.95, 0.025);
  EXPECT_GT(positions, 190);
  EXPECT_NEAR(held / static_cast<double>(positions), 0.95, 0.06);
}

TEST(Proliferation, OneRepeatSaysThatItIsOne) {
  const auto all = proliferation(Film{.repeats = 1, .well_percent = 2.0}.shot(3));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].untreated_doublings_per_h.status, Status::single_repeat);
  EXPECT_EQ(all[0].untreated_doublings_per_h.n, 1);
  EXPECT_EQ(all[0].ic50_nM.status, Status::single_repeat);
  EXPECT_LT(all[0].ic50_nM.low, 50.0);
  EXPECT_GT(all[0].ic50_nM.high, 50.0);
}

TEST(Proliferation, AHalfThatIsNotReachedIsABound) {
  auto set = Film{}.shot(1);
  std::erase_if(set.wells, [](const plate::Well& w) { return w.dose_nM > 30.0; });
  std::vector<plate::Well> more;  // a fourth dose, which does less than half
  for (plate::Well w : set.wells) {
    if (w.dose_nM == 30.0) w.dose_nM = 31.0, more.push_back(w);
  }
  set.wells.insert(set.wells.end(), more.begin(), more.end());
  const auto all = proliferation(set);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].ic50_nM.relation, Relation::greater);
  EXPECT_EQ(all[0].ic50_nM.value, 31.0);
  EXPECT_EQ(all[0].ic50_nM.status, Status::above_highest_dose);
}

TEST(Proliferation, FewReadingsOrNormalisedValuesGiveNone) {
  EXPECT_TRUE(proliferation(Film{.times = 4}.shot(1)).empty());
  auto set = Film{}.shot(1);
  set.scale = plate::Scale::fraction_of_vehicle;
  EXPECT_TRUE(proliferation(set).empty());
  EXPECT_TRUE(proliferation(Film{}.shot(1), {.last_time_h = 18.0}).empty());
}

TEST(Proliferation, RowOrderAndExcludedWellsDoNotMatter) {
  const Film film{.between_sd_per_h = 0.002, .well_percent = 3.0, .blank = 0.2};
  auto set = film.shot(9);
  const auto before = proliferation(set);
  std::reverse(set.wells.begin(), set.wells.end());
  plate::Well bad = set.wells.front();
  bad.signal = 1e6;
  bad.excluded = "a bubble";
  set.wells.push_back(bad);
  const auto after = proliferation(set);
  ASSERT_EQ(before.size(), after.size());
  for (std::size_t i = 0; i < before[0].rates.size(); ++i) {
    EXPECT_EQ(before[0].rates[i].doublings_per_h.value, after[0].rates[i].doublings_per_h.value);
    EXPECT_EQ(before[0].rates[i].doublings_per_h.high, after[0].rates[i].doublings_per_h.high);
  }
  EXPECT_EQ(before[0].ic50_nM.value, after[0].ic50_nM.value);
}

}  // namespace
}  // namespace kinescape::viability
