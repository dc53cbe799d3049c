// SPDX-License-Identifier: Apache-2.0
// Is n the number of samples, however often each was blotted?
#include <gtest/gtest.h>

#include <cmath>

#include "base/stream.hpp"
#include "immunoblot/ratios_internal.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::immunoblot {
namespace {

constexpr std::size_t samples = 3, membranes = 6;

/// Two treatments alike, three samples each, all blotted six times.
std::vector<LogRatio> blots(std::uint64_t i, bool named) {
  Stream stream(Seed{7}, 1, i);
  double membrane[membranes];
  for (double& m : membrane) m = 0.3 * stream.normal();
  std::vector<LogRatio> data;
  for (std::size_t g = 0; g < 2; ++g) {
    for (std::size_t s = 0; s < samples; ++s) {
      const double own = 0.3 * stream.normal();
      for (std::size_t m = 0; m < membranes; ++m) {
        LogRatio d;
        d.group = g, d.membrane = m, d.sample = named ? 1 + g * samples + s : 0;
        d.value = own + membrane[m] + 0.1 * stream.normal();
        d.se = 0.05;
        data.push_back(d);
      }
    }
  }
  return data;
}

/// Share of experiments whose 95 % interval of the difference holds 0.
double coverage(bool named) {
  constexpr int experiments = 1500;
  int held = 0;
  for (int i = 0; i < experiments; ++i) {
    const Joint j = join(blots(std::uint64_t(i), named), 2, membranes);
    EXPECT_TRUE(j.usable);
    EXPECT_EQ(j.by_sample, named);
    const double variance = j.covariance[0] + j.covariance[3] - 2.0 * j.covariance[1];
    const double t = numeric::student_t_quantile(0.975, j.df);
    held += std::abs(j.mean[1] - j.mean[0]) < t * std::sqrt(variance);
  }
  return double(held) / experiments;
}

// The count's own SD is 0.56 points.
TEST(Join, SixBlotsOfThreeSamplesAreThreeSamples) {
  EXPECT_NEAR(coverage(true), 0.95, 0.016);
  EXPECT_LT(coverage(false), 0.75) << "lanes taken for samples: what names are there to prevent";
}

TEST(Join, SamplesOfTheirOwnMembraneAreComparedWithinIt) {
  std::vector<LogRatio> data;
  const double noise[] = {0.05, -0.04, 0.02, -0.03};
  for (std::size_t m = 0; m < 2; ++m) {
    for (std::size_t g = 0; g < 2; ++g) {
      for (int lane = 0; lane < 2; ++lane) {  // twice on the gel
        LogRatio d;
        d.group = g, d.membrane = m, d.sample = 1 + g * 2 + m;
        d.value = 1.0 * double(g) + 3.0 * double(m) + noise[2 * m + g];
        d.se = 0.05;
        data.push_back(d);
      }
    }
  }
  const Joint j = join(data, 2, 2);
  ASSERT_TRUE(j.usable);
  EXPECT_FALSE(j.by_sample);
  EXPECT_EQ(j.df, 1.0) << "four values, two treatments and a membrane; not eight lanes";
  EXPECT_NEAR(j.mean[1] - j.mean[0], 1.0 + 0.5 * (-0.09 - 0.05), 1e-12);
}

TEST(Join, TreatmentsThatShareNoMembraneAreComparedOverMembranes) {
  // Three membranes of each treatment, two lanes on each: with a random membrane the difference is
  // that of the means of membrane means, at 2 (3 - 1) degrees of freedom (balanced one-way design).
  const double level[2][3] = {{0.1, -0.2, 0.4}, {1.3, 0.9, 1.6}};
  std::vector<LogRatio> data;
  double mean[2] = {0.0, 0.0}, squares = 0.0;
  for (std::size_t g = 0; g < 2; ++g) {
    for (std::size_t m = 0; m < 3; ++m) {
      for (const double off : {-0.03, 0.03}) {
        LogRatio d;
        d.group = g, d.membrane = 3 * g + m;
        d.value = level[g][m] + off, d.se = 0.02;
        data.push_back(d);
      }
      mean[g] += level[g][m] / 3.0;
    }
    for (std::size_t m = 0; m < 3; ++m)
      squares += (level[g][m] - mean[g]) * (level[g][m] - mean[g]);
  }
  const Joint joint = join(data, 2, 6);
  ASSERT_TRUE(joint.usable);
  EXPECT_TRUE(joint.random_membranes);
  EXPECT_NEAR(joint.mean[1] - joint.mean[0], mean[1] - mean[0], 1e-9);
  const double variance = joint.covariance[0] + joint.covariance[3] - 2.0 * joint.covariance[1];
  EXPECT_NEAR(variance, 2.0 * (squares / 4.0) / 3.0, 1e-6);  // REML to full convergence
  EXPECT_NEAR(joint.df, 4.0, 1e-4);
}

TEST(Join, TwoMembranesOfOneTreatmentEachSayNothing) {
  std::vector<LogRatio> data(2);
  data[1].group = data[1].membrane = 1;
  for (LogRatio& d : data) d.value = 0.1, d.se = 0.02;
  EXPECT_FALSE(join(data, 2, 2).usable);
}

}  // namespace
}  // namespace kinescape::immunoblot
