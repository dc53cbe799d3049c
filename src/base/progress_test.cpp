// SPDX-License-Identifier: Apache-2.0
#include "base/progress.hpp"

#include <gtest/gtest.h>

namespace kinescape {
namespace {

TEST(ProgressLine, ShowsBarCountAndTimeLeft) {
  EXPECT_EQ(progress_line({"fitting curves", 250'000, 1'000'000}, 10.0, 80),
            "fitting curves  [#####.................]   25 %  250,000 of 1,000,000  0:30 left");
  EXPECT_EQ(progress_line({"fitting", 10, 10}, 3725.0, 60),
            "fitting  [####################]  100 %  10 of 10  in 1:02:05");
}

TEST(ProgressLine, NeverClaimsToBeDoneBeforeItIs) {
  EXPECT_NE(progress_line({"x", 999'999, 1'000'000}, 1.0, 80).find(" 99 %"), std::string::npos);
  EXPECT_EQ(progress_line({"x", 0, 5}, 1.0, 80).find("left"), std::string::npos)
      << "nothing is known yet";
}

TEST(ProgressLine, CountsWhereTheTotalIsNotKnown) {
  EXPECT_EQ(progress_line({"reading", 1234, 0}, 61.0, 80), "reading  1,234  1:01");
}

TEST(ProgressLine, NeverExceedsTheTerminal) {
  for (int width = 0; width < 100; ++width) {
    for (const std::uint64_t done : {0ULL, 7ULL, 123'456'789ULL}) {
      EXPECT_LE(progress_line({"fitting curves", done, 123'456'789}, 100.0, width).size(),
                static_cast<std::size_t>(width));
    }
  }
}

}  // namespace
}  // namespace kinescape
