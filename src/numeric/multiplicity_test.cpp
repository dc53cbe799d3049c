// SPDX-License-Identifier: Apache-2.0
#include "numeric/multiplicity.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace kinescape::numeric {
namespace {

constexpr double absent = std::numeric_limits<double>::quiet_NaN();

void expect_near(const std::vector<double>& got, const std::vector<double>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], want[i], 1e-15) << i;
}

// By hand from the definitions: sorted p times (m, m-1, ...), running maximum.
TEST(Multiplicity, HolmStepsDown) {
  const std::vector<double> p{0.01, 0.04, 0.03, 0.005};
  expect_near(holm(p), {0.03, 0.06, 0.06, 0.02});
}

// By hand: sorted p times m / rank, running minimum from the largest.
TEST(Multiplicity, BenjaminiHochbergStepsUp) {
  const std::vector<double> p{0.01, 0.04, 0.03, 0.005};
  expect_near(benjamini_hochberg(p), {0.02, 0.04, 0.04, 0.02});
}

TEST(Multiplicity, NothingExceedsOneAndOrderIsKept) {
  const std::vector<double> p{0.9, 0.8, 0.5};
  expect_near(holm(p), {1.0, 1.0, 1.0});
  expect_near(benjamini_hochberg(p), {0.9, 0.9, 0.9});
}

TEST(Multiplicity, NaNStaysAndDoesNotCount) {
  const std::vector<double> p{absent, 0.02, 0.03};
  EXPECT_TRUE(std::isnan(holm(p)[0]));
  EXPECT_NEAR(holm(p)[1], 0.04, 1e-15);
  EXPECT_NEAR(benjamini_hochberg(p)[1], 0.03, 1e-15);
  EXPECT_TRUE(holm({}).empty());
}

}  // namespace
}  // namespace kinescape::numeric
