// SPDX-License-Identifier: Apache-2.0
// Masses from a marker lane, against places that were set by a formula.
#include <gtest/gtest.h>

#include <cmath>

#include "immunoblot/measure.hpp"

namespace kinescape::immunoblot {
namespace {

constexpr double masses[] = {200, 150, 100, 75, 50, 37, 25};

double place(double mass_kDa) {
  return 900.0 - 300.0 * std::log10(mass_kDa);
}

/// Lane 1 a marker, four lanes of two bands; all bands smile: y rises by 0.01 x + 0.0001 x^2.
Measured gel(double first_kDa, double second_kDa) {
  Measured m;
  m.layout.strips.push_back({1, {0, 0, 500, 800}, ""});
  m.layout.markers.push_back({0, 1, {std::begin(masses), std::end(masses)}});
  const auto add = [&](int lane, int band, double mass) {
    BandResult b;
    const double x = 100.0 * lane, y = place(mass) + 0.01 * x + 1e-4 * x * x;
    b.where.strip = 1, b.where.lane = lane, b.where.band = band;
    b.where.box = {x - 30, y - 10, x + 30, y + 10};
    b.where.centre = y;
    b.snr = 1e9;
    b.volume.value = 1000.0;
    m.bands.push_back(b);
  };
  for (int lane = 1; lane <= 5; ++lane) {
    LaneResult l;
    l.where.strip = 1, l.where.lane = lane;
    m.lanes.push_back(l);
    int band = 0;
    if (lane == 1) {
      for (const double mass : masses) add(1, ++band, mass);
    } else {
      add(lane, 1, first_kDa), add(lane, 2, second_kDa);
    }
  }
  return m;
}

TEST(Masses, AreThoseOfTheFormulaThroughASmile) {
  Measured m = gel(120.0, 44.0);
  add_masses(m, 0.95);
  ASSERT_EQ(m.masses.size(), 1U);
  EXPECT_EQ(m.masses[0].status, Status::ok);
  EXPECT_EQ(m.masses[0].points, 7);
  for (const BandResult& b : m.bands) {
    ASSERT_EQ(b.mass_kDa.status, Status::ok);
    if (b.where.lane == 1) continue;
    // A straight line: the solution is exact but for the rounding of a polynomial fit.
    EXPECT_NEAR(b.mass_kDa.value / (b.where.band == 1 ? 120.0 : 44.0), 1.0, 1e-6);
    EXPECT_LE(b.mass_kDa.low, b.mass_kDa.value);
    EXPECT_GE(b.mass_kDa.high, b.mass_kDa.value);
  }
}

TEST(Masses, BeyondTheMarkerAreBoundsNeverExtrapolated) {
  Measured m = gel(260.0, 15.0);
  add_masses(m, 0.95);
  for (const BandResult& b : m.bands) {
    if (b.where.lane == 1) continue;
    const bool heavy = b.where.band == 1;
    EXPECT_EQ(b.mass_kDa.relation, heavy ? Relation::greater : Relation::less);
    EXPECT_NEAR(b.mass_kDa.value, heavy ? 200.0 : 25.0, 1e-3);
    EXPECT_TRUE(std::isnan(heavy ? b.mass_kDa.high : b.mass_kDa.low));
  }
}

TEST(Masses, AMarkerWithAnotherNumberOfBandsGivesNoneAndSaysSo) {
  Measured m = gel(120.0, 44.0);
  m.layout.markers[0].masses_kDa.pop_back();
  add_masses(m, 0.95);
  EXPECT_EQ(m.masses[0].status, Status::too_few_data);
  EXPECT_NE(m.masses[0].why.find("7 bands are found"), std::string::npos);
  EXPECT_TRUE(std::isnan(m.bands.back().mass_kDa.value));
}

TEST(Masses, AFaintBandAmongTheMarkersIsPassedOver) {
  Measured m = gel(120.0, 44.0);
  BandResult faint = m.bands.front();
  faint.where.centre -= 60.0;
  faint.volume.value = 100.0;
  m.bands.push_back(faint);
  add_masses(m, 0.95);
  EXPECT_EQ(m.masses[0].status, Status::ok);
}

TEST(Masses, WithoutAMarkerThereAreNone) {
  Measured m = gel(120.0, 44.0);
  m.layout.markers.clear();
  add_masses(m, 0.95);
  EXPECT_TRUE(m.masses.empty());
  EXPECT_EQ(m.bands.back().mass_kDa.status, Status::not_applicable);
}

}  // namespace
}  // namespace kinescape::immunoblot
