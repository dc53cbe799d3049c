// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "report/child_process_internal.hpp"

namespace kinescape::report {
namespace {

TEST(Child, GetsAndGivesMoreThanAPipeHolds) {
  const std::string much(3'000'000, 'x');
  const ChildResult result = run_child({"cat"}, much, 20.0);
  EXPECT_EQ(result.end, ChildEnd::exited);
  EXPECT_EQ(result.code, 0);
  EXPECT_TRUE(result.output == much);
}

TEST(Child, ArgumentsReachItAsTheyAre) {
  const ChildResult result = run_child({"printf", "%s", "a b; $(c) \"d\" 'e'"}, "", 20.0);
  EXPECT_EQ(result.output, "a b; $(c) \"d\" 'e'");
}

TEST(Child, ThatIsNotThereSaysSo) {
  EXPECT_EQ(run_child({"no-such-program-here"}, "", 5.0).end, ChildEnd::not_found);
}

TEST(Child, ThatDoesNotEndIsEnded) {
  EXPECT_EQ(run_child({"sleep", "60"}, "", 0.2).end, ChildEnd::timed_out);
}

TEST(Child, ThatDoesNotReadHarmsNobody) {
  const ChildResult result = run_child({"false"}, std::string(1'000'000, 'x'), 20.0);
  EXPECT_EQ(result.end, ChildEnd::exited);
  EXPECT_EQ(result.code, 1);
}

}  // namespace
}  // namespace kinescape::report
