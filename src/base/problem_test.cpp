// SPDX-License-Identifier: Apache-2.0
#include "base/problem.hpp"

#include <gtest/gtest.h>

namespace kinescape {
namespace {

TEST(Problem, ShowsThePlaceTheUsersOwnLineAndTheMend) {
  const Problem p{{"plate3.csv", 14, 2, "well D07", "D07,OVER"},
                  "\"OVER\" is not an absorbance",
                  "Mark it as saturated or drop the well in the layout."};
  EXPECT_EQ(describe(p),
            "plate3.csv, line 14, column 2, well D07: \"OVER\" is not an absorbance\n"
            "   D07,OVER\n"
            "   Mark it as saturated or drop the well in the layout.");
}

TEST(Problem, ListsErrorsBeforeWarningsAndCountsTheRest) {
  const Problems all{{{}, "w", "", Severity::warning}, {{}, "e1", ""}, {{}, "e2", ""}};
  EXPECT_EQ(describe(all, 2), "e1\ne2\n... and 1 more\n");
  EXPECT_TRUE(has_errors(all));
  EXPECT_FALSE(has_errors({{{}, "w", "", Severity::warning}}));
}

TEST(Problem, PrintableNeverCutsACharacterOrPrintsAControl) {
  EXPECT_EQ(printable("a\x1b\tµM"), "a\\x1b\\tµM");
  EXPECT_EQ(printable("µµµ", 2), "µµ...");
}

}  // namespace
}  // namespace kinescape
