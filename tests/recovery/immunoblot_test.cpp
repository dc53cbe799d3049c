// SPDX-License-Identifier: Apache-2.0
// Virtual blots through the whole room: are lanes and bands found, are ratios unbiased, do the
// intervals of folds hold what they say, and is a full camera never taken for a number?
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "immunoblot/estimate.hpp"
#include "recovery/immunoblot_blots.hpp"

namespace kinescape::immunoblot {
namespace {

using tests::Blot;
using tests::blot_of;
using tests::experiments;
using tests::left;

struct Tally {
  int lanes = 0, lanes_found = 0, bands = 0, bands_found = 0, folds = 0, covered = 0;
  double bias = 0.0;
};

const BandResult* band_at(const Measured& m, const Simulated::Band& truth) {
  const double middle = 0.5 * (truth.x0 + truth.x1);
  for (const BandResult& b : m.bands) {
    if (std::abs(0.5 * (b.where.box.x0 + b.where.box.x1) - middle) < 25.0 &&
        std::abs(b.where.centre - truth.y_centre) < 14.0) {
      return &b;
    }
  }
  return nullptr;
}

/// Three membranes of one experiment.
void run(std::uint64_t i, Tally& t) {
  Estimate estimate;
  LaneSheet sheet;
  for (int membrane = 0; membrane < 3; ++membrane) {
    const Blot b = blot_of(i + std::uint64_t(membrane));
    const auto made =
        simulate(b.design, b.truth, b.noise, Seed{1000 * i + std::uint64_t(membrane)});
    const std::string file = "m" + std::to_string(membrane);
    const auto layout = find_layout(made.image, file);
    t.lanes += 18, t.bands += 18;
    if (!layout.ok()) continue;
    t.lanes_found += std::min<int>(18, int(layout.value.lanes.size()));
    estimate.images.push_back({file, measure(made.image, layout.value)});
    for (const auto& band : made.bands)
      t.bands_found += band_at(estimate.images.back().measured, band) != nullptr;
    if (layout.value.strips.size() != 2 || layout.value.lanes.size() != 18) {
      estimate.images.pop_back();
      continue;
    }
    for (int l = 0; l < 9; ++l) {
      for (int s = 0; s < 2; ++s) {
        LaneEntry e;
        e.image = file, e.strip = s + 1, e.lane = l + 1, e.antibody = s == 0 ? "pT" : "T";
        e.line = "L", e.sample = std::to_string(l), e.drug = l % 3 == 0 ? "" : "D",
        e.dose_nM = 10.0 * (l % 3);
        sheet.entries.push_back(e);
      }
    }
  }
  if (estimate.images.empty()) return;
  ASSERT_TRUE(add_ratios(sheet, {}, estimate).empty());
  for (const Fold& f : estimate.folds) {
    const double truth = left[f.dose_nM > 15.0 ? 2 : 1];
    ++t.folds;
    t.covered += f.fold.low <= truth && truth <= f.fold.high;
    t.bias += std::log(f.fold.value / truth);
  }
}

TEST(ImmunoblotRecovery, FoldsAreCoveredAndLanesAndBandsFound) {
  Tally t;
  const int n = experiments(240);
  for (int i = 0; i < n; ++i) run(std::uint64_t(i), t);
  RecordProperty("covered", t.covered);
  RecordProperty("folds", t.folds);
  std::printf("lanes %d/%d bands %d/%d folds covered %d/%d bias %.4f\n",
              t.lanes_found,
              t.lanes,
              t.bands_found,
              t.bands,
              t.covered,
              t.folds,
              t.bias / t.folds);
  EXPECT_GE(t.lanes_found, 0.99 * t.lanes);
  EXPECT_GE(t.bands_found, 0.97 * t.bands);
  EXPECT_LT(std::abs(t.bias / t.folds), 0.02);
  // Two folds of an experiment share their control: 2.5 standard errors of a binomial of the rest.
  const double share = double(t.covered) / t.folds,
               wide = std::max(0.015, 2.5 * std::sqrt(0.95 * 0.05 / (0.7 * t.folds)));
  EXPECT_NEAR(share, 0.95, wide);
}

TEST(ImmunoblotRecovery, AFullCameraGivesBoundsThatHold) {
  int clipped = 0, flagged = 0, held = 0;
  const int n = experiments(30);
  for (int i = 0; i < n; ++i) {
    Blot b = blot_of(std::uint64_t(i));
    b.design.strips[0].counts_per_amount = 1e8 * (1.0 + 0.1 * i);
    const auto made = simulate(b.design, b.truth, b.noise, Seed{77 + std::uint64_t(i)});
    const auto layout = find_layout(made.image, "f");
    if (!layout.ok()) continue;
    const Measured m = measure(made.image, layout.value);
    for (const auto& band : made.bands) {
      const BandResult* found = band_at(m, band);
      if (found == nullptr || band.clipped_pixels < 5) continue;
      ++clipped;
      flagged += found->volume.relation == Relation::greater;
      held += found->volume.value <= band.volume_counts * 1.02;
    }
  }
  std::printf("clipped %d flagged %d held %d\n", clipped, flagged, held);
  ASSERT_GT(clipped, 2 * n);
  EXPECT_GE(flagged, 0.97 * clipped);
  EXPECT_GE(held, 0.97 * clipped);
}

/// A gel with a marker at one end or among the lanes: masses that are covered, of those that were
/// measured.
void run_marker(std::uint64_t i, int& covered, int& measured, int& off) {
  Design d;
  StripDesign strip;
  strip.antibody = "T", strip.counts_per_amount = 3e6;
  strip.mass_kDa = 30.0 + 9.0 * double(i % 14);
  d.strips = {strip};
  d.lanes = 8, d.lane_px = 44.0, d.gap_px = 14.0, d.strip_px = 420.0;
  d.marker_lane = i % 3 == 0 ? 1 : i % 3 == 1 ? 8 : 3 + int(i / 3 % 4);
  d.marker_masses_kDa = {200, 150, 120, 85, 70, 60, 50, 40, 30, 25, 20, 15};
  Noise noise;
  noise.migration_px = 1.0;
  noise.tilt_degrees = -2.0 + double(i % 5), noise.smile_px = -6.0 + 3.0 * double(i % 5);
  const auto made = simulate(d, {{std::vector<double>(8, 1.0)}}, noise, Seed{500 + i});
  Layout given;
  given.markers.push_back({0, d.marker_lane, d.marker_masses_kDa});
  const auto layout = find_layout(made.image, "m", given);
  if (!layout.ok() || layout.value.lanes.size() != 8) {
    ++off;
    return;
  }
  const Measured m = measure(made.image, layout.value);
  if (m.masses.empty() || m.masses.front().status != Status::ok) {
    ++off;
    return;
  }
  for (const BandResult& b : m.bands) {
    // One lane a gel: the marker's own scatter is common to all of them.
    if (b.where.lane != (d.marker_lane == 4 ? 5 : 4)) continue;
    ++measured;
    covered += b.mass_kDa.low <= strip.mass_kDa && strip.mass_kDa <= b.mass_kDa.high;
  }
}

TEST(ImmunoblotRecovery, MassesAreCovered) {
  int covered = 0, measured = 0, off = 0;
  const int n = experiments(400);
  for (int i = 0; i < n; ++i) run_marker(std::uint64_t(i), covered, measured, off);
  std::printf("masses covered %d/%d, markers missed %d\n", covered, measured, off);
  EXPECT_LE(off, n / 40);  // a ladder that is not seen whole is said, never guessed
  ASSERT_GT(measured, 9 * n / 10);
  const double share = double(covered) / measured;
  EXPECT_NEAR(share, 0.95, std::max(0.02, 2.5 * std::sqrt(0.95 * 0.05 / measured)));
}

/// Signals that saturate: the place where a tenth is lost, from nine loads on one membrane.
TEST(ImmunoblotRecovery, LinearRangesAreCovered) {
  int covered = 0, ranges = 0, above = 0, held = 0;
  const int n = experiments(300);
  for (int i = 0; i < n; ++i) {
    Design d;
    d.strips = {{"T", 4e6, 6e6, 6.0, 0.8}};
    d.lanes = 10, d.lane_px = 44.0;
    d.loads = {0.0625, 0.125, 0.1875, 0.25, 0.375, 0.5, 0.75, 1.0, 1.5, 1.2};
    Noise noise;
    noise.load_percent = 3.0, noise.transfer_percent = 3.0, noise.gain_percent = 0.0;
    const auto made =
        simulate(d, {{std::vector<double>(10, 1.0)}}, noise, Seed{900 + std::uint64_t(i)});
    const auto layout = find_layout(made.image, "f");
    if (!layout.ok() || layout.value.lanes.size() != 10) continue;
    Estimate e;
    e.images.push_back({"f", measure(made.image, layout.value), {}});
    LaneSheet sheet;
    for (int l = 0; l < 10; ++l) {
      LaneEntry row;
      row.lane = l + 1, row.antibody = "T";
      if (l < 9) row.role = LaneEntry::Role::dilution, row.load_ug = 20.0 * d.loads[std::size_t(l)];
      sheet.entries.push_back(row);
    }
    (void)add_ratios(sheet, {}, e);
    if (e.ranges.empty() || !e.ranges.front().highest_counts.exact()) continue;
    ++ranges;
    const Estimated& top = e.ranges.front().highest_counts;
    covered += top.low <= 6e5 && 6e5 <= top.high;
    for (const BandResult& b : e.images.front().measured.bands) {
      if (b.where.lane != 10) continue;
      ++above;
      held += b.volume.relation == Relation::greater;
    }
  }
  std::printf("linear ranges %d/%d, covered %d; bands above %d, bounds %d\n",
              ranges,
              n,
              covered,
              above,
              held);
  ASSERT_GT(ranges, 95 * n / 100);
  EXPECT_EQ(held, above);
  EXPECT_NEAR(double(covered) / ranges, 0.95, std::max(0.02, 2.5 * std::sqrt(0.0475 / ranges)));
}

/// What is left of the target after `time_h`, log2: it goes with a half-life of `half_life_h` for
/// four hours and comes back along a line that ends at -0.2 after a day.
double log2_left(double time_h, double half_life_h) {
  const double lowest = -4.0 / half_life_h;
  return time_h <= 4.0 ? -time_h / half_life_h : lowest + (-0.2 - lowest) * (time_h - 4.0) / 20.0;
}

/// Three membranes of one time course.
void run_course(std::uint64_t i, int& courses, int& half_held, int& back_held, double& bias) {
  const double half_life = 1.0 + 0.5 * double(i % 4), lowest = -4.0 / half_life;
  const double back = 4.0 + (-1.0 - lowest) / (-0.2 - lowest) * 20.0;
  const std::vector<double> times{0, 0, 1, 2, 4, 8, 16, 24};
  Estimate estimate;
  LaneSheet sheet;
  for (int membrane = 0; membrane < 3; ++membrane) {
    Blot b = blot_of(i + std::uint64_t(membrane));
    b.design.lanes = 8;
    b.truth.amounts = {{}, std::vector<double>(8, 1.0)};
    for (const double t : times) b.truth.amounts[0].push_back(std::exp2(log2_left(t, half_life)));
    const auto made =
        simulate(b.design, b.truth, b.noise, Seed{20000 + 10 * i + std::uint64_t(membrane)});
    const std::string file = "m" + std::to_string(membrane);
    const auto layout = find_layout(made.image, file);
    if (!layout.ok() || layout.value.strips.size() != 2 || layout.value.lanes.size() != 16)
      continue;
    estimate.images.push_back({file, measure(made.image, layout.value), {}});
    for (int l = 0; l < 8; ++l) {
      for (int s = 0; s < 2; ++s) {
        LaneEntry e;
        e.image = file, e.strip = s + 1, e.lane = l + 1, e.antibody = s == 0 ? "pT" : "T";
        e.line = "L", e.drug = "D", e.dose_nM = 10.0, e.time_h = times[std::size_t(l)];
        sheet.entries.push_back(e);
      }
    }
  }
  if (estimate.images.empty()) return;
  ASSERT_TRUE(add_ratios(sheet, {}, estimate).empty());
  if (estimate.courses.size() != 1 || !estimate.courses[0].half_life_h.exact()) return;
  const Estimated &h = estimate.courses[0].half_life_h, &r = estimate.courses[0].return_h;
  const auto holds = [](const Estimated& e, double truth) {
    return (std::isnan(e.low) || e.low <= truth) && (std::isnan(e.high) || truth <= e.high);
  };
  ++courses;
  half_held += holds(h, half_life), back_held += holds(r, back);
  bias += std::log(h.value / half_life);
}

TEST(ImmunoblotRecovery, HalfLivesAndReturnsAreCovered) {
  int courses = 0, half_held = 0, back_held = 0;
  double bias = 0.0;
  const int n = experiments(300);
  for (int i = 0; i < n; ++i) run_course(std::uint64_t(i), courses, half_held, back_held, bias);
  std::printf("courses %d/%d, half-lives covered %d, bias of their log %.4f, returns covered %d\n",
              courses,
              n,
              half_held,
              bias / courses,
              back_held);
  ASSERT_GE(courses, 0.98 * n);
  const double wide = std::max(0.015, 2.5 * std::sqrt(0.0475 / courses));
  EXPECT_NEAR(double(half_held) / courses, 0.95, wide);
  EXPECT_NEAR(double(back_held) / courses, 0.95, wide);
  EXPECT_LT(std::abs(bias / courses), 0.02);
}

TEST(ImmunoblotRecovery, TheSameSeedGivesTheSameBlotAndAnotherAnother) {
  const Blot b = blot_of(1);
  const auto one = simulate(b.design, b.truth, b.noise, Seed{5}),
             two = simulate(b.design, b.truth, b.noise, Seed{5});
  EXPECT_EQ(one.image.pixels, two.image.pixels);
  EXPECT_NE(one.image.pixels, simulate(b.design, b.truth, b.noise, Seed{6}).image.pixels);
  const auto layout = find_layout(one.image, "f");
  ASSERT_TRUE(layout.ok());
  MeasureOptions single, several;
  single.threads = Threads{1}, several.threads = Threads{3};
  const auto a = measure(one.image, layout.value, single),
             c = measure(one.image, layout.value, several);
  for (std::size_t i = 0; i < a.bands.size(); ++i)
    EXPECT_EQ(a.bands[i].volume.value, c.bands[i].volume.value);
}

}  // namespace
}  // namespace kinescape::immunoblot
