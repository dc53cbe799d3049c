// SPDX-License-Identifier: Apache-2.0
// Two lines on plates made by hand: folds, bounds and calls.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "viability/hand_plates_internal.hpp"

namespace kinescape::viability {
namespace {

using namespace by_hand;

TEST(Compare, AFoldHasItsIntervalItsPAndItsSentence) {
  Bench b;
  b.noise = 0.04;
  PlateSet set = plates(b, fixed(1.2, 1.2, 0.1));
  add(set, b, "resistant", fixed(2.3, 1.2, 0.1));
  Options o;
  o.pairs = {{"resistant", "parental"}};
  const auto e = estimate(set, o);
  const Comparison& c = e.value.comparisons.at(0);
  EXPECT_NEAR(std::log10(c.fold_ic50.value), 1.1, 0.1);
  EXPECT_LT(c.fold_ic50.low, std::pow(10.0, 1.1));
  EXPECT_GT(c.fold_ic50.high, std::pow(10.0, 1.1));
  EXPECT_EQ(c.call, ResistanceCall::resistant) << c.says;
  EXPECT_LT(c.p, 0.01);
  EXPECT_GT(c.same_shape_p, 0.01);
  EXPECT_NE(c.says.find("less sensitive to drug A"), std::string::npos) << c.says;
}

TEST(Compare, ALineAgainstItsCopyIsRestoredAndNotDifferent) {
  Bench b;
  b.noise = 0.02, b.wells = 6;
  PlateSet set = plates(b, fixed(1.7, 1.2, 0.1));
  add(set, b, "copy", fixed(1.7, 1.2, 0.1));
  Options o;
  o.pairs = {{"copy", "parental"}};
  const Comparison c = estimate(set, o).value.comparisons.at(0);
  EXPECT_NEAR(c.fold_ic50.value, 1.0, 1e-6) << "the same draws on both lines";
  EXPECT_EQ(c.call, ResistanceCall::restored) << c.says;
  EXPECT_LT(c.p_equivalence, 0.05);
  EXPECT_GT(c.p, 0.9);
}

TEST(Compare, AFoldOfAnUnreachedIc50IsABound) {
  Bench b;
  b.noise = 0.04;
  PlateSet set = plates(b, fixed(1.2, 1.2, 0.05));
  add(set, b, "resistant", fixed(4.6, 1.2, 0.05));
  add(set, b, "immune", [](double, int) { return 1.0; });
  Options o;
  o.pairs = {{"resistant", "parental"}, {"immune", "parental"}};
  const auto e = estimate(set, o);
  for (const Comparison& c : e.value.comparisons) {
    EXPECT_EQ(c.fold_ic50.relation, Relation::greater) << c.says;
    EXPECT_NEAR(std::log10(c.fold_ic50.value), 2.3, 0.15) << "3162 nM over 16 nM";
    EXPECT_TRUE(std::isnan(c.fold_ic50.high));
    EXPECT_GT(c.fold_ic50.low, 3.0) << c.says;
    EXPECT_EQ(c.call, ResistanceCall::resistant) << c.says;
    EXPECT_LT(c.p, 0.05);
  }
}

TEST(Compare, TwoLinesWithoutANamedPairAreComparedWithAWarning) {
  PlateSet set = plates({}, fixed(1.2, 1.2, 0.05));
  add(set, {}, "second", fixed(2.0, 1.2, 0.05));
  const auto e = estimate(set);
  ASSERT_EQ(e.value.comparisons.size(), 1U);
  EXPECT_EQ(e.value.comparisons[0].resistant, "second");
  EXPECT_TRUE(warns(e.problems, Severity::warning, "No pair of lines was named"));
}

}  // namespace
}  // namespace kinescape::viability
