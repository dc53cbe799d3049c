// SPDX-License-Identifier: Apache-2.0
// Virtual pictures without a layout: are the lanes of stains, faint lanes and membranes side by
// side found, and is none made up?
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "immunoblot/estimate.hpp"
#include "recovery/immunoblot_blots.hpp"

namespace kinescape::immunoblot {
namespace {

using tests::Blot;
using tests::blot_of;
using tests::experiments;

/// A total-protein stain: 15 to 30 bands in each of 6 to 10 lanes, over tilts, smiles and gaps.
Blot stain_of(std::uint64_t i) {
  Blot b;
  StripDesign stain;
  stain.antibody = "stain", stain.counts_per_amount = 2e7, stain.proteins = 15 + 5 * int(i % 4);
  stain.sigma_px = 3.0 + double(i % 4);
  b.design.strips = {stain};
  b.design.lanes = 6 + int(i % 5), b.design.lane_px = 44.0 + 6.0 * double(i % 3);
  b.design.gap_px = 8.0 + 4.0 * double(i % 5), b.design.strip_px = 300.0 + 50.0 * double(i % 3);
  const std::vector<double> loads{1.0, 0.8, 1.2, 0.5, 1.0, 1.5, 0.7, 1.0, 0.9, 1.1};
  b.design.loads.assign(loads.begin(), loads.begin() + b.design.lanes);
  b.truth.amounts = {std::vector<double>(std::size_t(b.design.lanes), 1.0)};
  b.noise.tilt_degrees = -4.0 + 2.0 * double(i % 5), b.noise.smile_px = -6.0 + 4.0 * double(i % 4);
  return b;
}

/// Lanes of a stain are found without a layout, none is cut or made up, and their sums follow the
/// load.
TEST(ImmunoblotFindRecovery, LanesOfTotalProteinStainsAreFoundAndFollowTheLoad) {
  double bias = 0.0, squares = 0.0, right = 0.0;
  int lanes = 0, found = 0, made_up = 0, cut = 0;
  const int n = experiments(60);
  for (int i = 0; i < n; ++i) {
    const Blot b = stain_of(std::uint64_t(i));
    const auto made = simulate(b.design, b.truth, b.noise, Seed{4000 + std::uint64_t(i)});
    const auto layout = find_layout(made.image, "f");
    lanes += b.design.lanes;
    if (!layout.ok()) continue;
    const Measured m = measure(made.image, layout.value);
    made_up += int(m.lanes.size());
    cut += m.layout.strips.size() != 1;
    for (const auto& truth : made.bands) {
      const auto lane = std::ranges::find_if(m.lanes, [&](const LaneResult& l) {
        return std::abs(0.5 * (l.where.box.x0 + l.where.box.x1 - truth.x0 - truth.x1)) <
                   0.25 * b.design.lane_px &&
               std::abs(l.where.box.width() / b.design.lane_px - 1.0) < 0.3;
      });
      if (lane == m.lanes.end()) continue;
      ++found, --made_up;
      const double off = std::log(lane->total.value / truth.volume_counts);
      bias += off, squares += off * off, right += 1.0;
    }
  }
  std::printf("stains: lanes %d/%d, made up %d, cut strips %d; totals bias %.4f, rms %.4f\n",
              found,
              lanes,
              made_up,
              cut,
              bias / right,
              std::sqrt(squares / right));
  EXPECT_GE(found, 0.99 * lanes);
  EXPECT_LE(made_up, 0.01 * lanes);
  EXPECT_LE(cut, 0.02 * n);
  EXPECT_LT(std::abs(bias / right), 0.02);
  EXPECT_LT(std::sqrt(squares / right), 0.05);
}

/// A lane at an end of the gel that holds `amount` of the target on either strip, or none at all.
TEST(ImmunoblotFindRecovery, FaintLanesAtAnEndAreFoundAndNoneIsMadeUp) {
  const int n = experiments(40);
  for (const double amount : {0.0, 0.01, 0.02, 0.05}) {
    int right = 0, made_up = 0;
    for (int i = 0; i < n; ++i) {
      Blot b = blot_of(std::uint64_t(i));
      std::vector<double> amounts = b.truth.amounts[0];
      for (double& a : amounts) a = std::max(a, 0.3);
      amounts[i % 2 == 0 ? 8 : 0] = amount;
      b.truth.amounts = {amounts, amounts};
      const auto made = simulate(b.design, b.truth, b.noise, Seed{7000 + std::uint64_t(i)});
      const auto layout = find_layout(made.image, "f");
      ASSERT_TRUE(layout.ok());
      for (int s = 1; s <= 2; ++s) {
        const auto lanes = int(std::ranges::count(layout.value.lanes, s, &LaneBox::strip));
        const int there = amount > 0.0 ? 9 : 8;
        right += lanes == there, made_up += std::max(0, lanes - there);
      }
    }
    std::printf("an end lane of %.2f: strips right %d/%d, lanes made up %d\n",
                amount,
                right,
                2 * n,
                made_up);
    EXPECT_GE(right, 0.95 * 2 * n);
    if (amount == 0.0) EXPECT_EQ(made_up, 0);
  }
}

/// Two pictures beside each other in one, `dark` columns of table between them.
Image beside_each_other(const Image& a, const Image& b, int dark) {
  Image out;
  out.bits = a.bits;
  out.width = a.width + dark + b.width, out.height = std::max(a.height, b.height);
  out.pixels.assign(std::size_t(out.width) * std::size_t(out.height), 300);
  const auto put = [&](const Image& from, int x0) {
    for (int y = 0; y < from.height; ++y) {
      for (int x = 0; x < from.width; ++x) {
        out.pixels[std::size_t(y) * std::size_t(out.width) + std::size_t(x0 + x)] =
            from.pixels[std::size_t(y) * std::size_t(from.width) + std::size_t(x)];
      }
    }
  };
  put(a, 0), put(b, a.width + dark);
  return out;
}

TEST(ImmunoblotFindRecovery, MembranesSideBySideAreTold) {
  int right = 0;
  const int n = experiments(30);
  for (int i = 0; i < n; ++i) {
    Blot a = blot_of(std::uint64_t(i)), b = blot_of(std::uint64_t(i) + 5);
    a.noise.tilt_degrees *= 0.3, b.noise.tilt_degrees *= 0.3;
    const auto left = simulate(a.design, a.truth, a.noise, Seed{6000 + std::uint64_t(i)}),
               other = simulate(b.design, b.truth, b.noise, Seed{6500 + std::uint64_t(i)});
    const auto layout =
        find_layout(beside_each_other(left.image, other.image, 10 + 5 * (i % 4)), "f");
    if (!layout.ok() || layout.value.strips.size() != 4) continue;
    bool all = true;
    for (int s = 1; s <= 4; ++s) {
      all = all && std::ranges::count(layout.value.lanes, s, &LaneBox::strip) == 9;
    }
    right += all;
  }
  std::printf("membranes side by side: %d/%d pictures right\n", right, n);
  EXPECT_GE(right, 0.95 * n);
}

}  // namespace
}  // namespace kinescape::immunoblot
