// SPDX-License-Identifier: Apache-2.0
// Virtual blots through the whole room: are lanes and bands found, are ratios unbiased, do the
// intervals of folds hold what they say, and is a full camera never taken for a number?
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "immunoblot/design.hpp"
#include "immunoblot/estimate.hpp"

namespace kinescape::immunoblot {
namespace {

/// How many virtual experiments; fewer by the environment while one works on the room.
int experiments(int usual) {
  const char* n = std::getenv("KINESCAPE_RECOVERY_COUNT");
  return n != nullptr ? std::atoi(n) : usual;
}

// Three treatments in three lanes each: no drug, half left, a tenth left; the reference is
// constant.
constexpr double left[] = {1.0, 0.5, 0.1};

struct Blot {
  Design design;
  Truth truth;
  Noise noise;
};

Blot blot_of(std::uint64_t i) {
  Blot b;
  b.design.strips = {{
                         "pTarget",
                         1.5e6,
                         unknown,
                         5.0 + double(i % 4),
                         0.5 * double(i % 3),
                     },
                     {"Target", 3e6, unknown, 6.0, 0.8}};
  b.design.gap_px = 10.0 + 4.0 * double(i % 4);
  b.truth.amounts = {{}, std::vector<double>(9, 1.0)};
  for (int l = 0; l < 9; ++l) b.truth.amounts[0].push_back(left[l % 3]);
  b.noise.tilt_degrees = -5.0 + 2.5 * double(i % 5);
  b.noise.smile_px = -6.0 + 4.0 * double(i % 4);
  return b;
}

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
