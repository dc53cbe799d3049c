// SPDX-License-Identifier: Apache-2.0
#include "base/toml.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/estimated.hpp"

namespace kinescape {
namespace {

constexpr double no_limit = std::numeric_limits<double>::infinity();

TEST(Toml, NamesTheLineOfASyntaxErrorAndShowsIt) {
  const auto parsed = parse_toml("a = 1\nb = = 2\n", "s.toml");
  ASSERT_EQ(parsed.problems.size(), 1U);
  EXPECT_EQ(parsed.problems[0].where.line, 2U);
  EXPECT_EQ(parsed.problems[0].where.shown, "b = = 2");
}

TEST(Toml, ReadsLettersBeyondAsciiAndRefusesAHeadingWithoutAName) {
  const auto parsed = parse_toml("µ = 'Ålesund µM'\n", "s.toml");
  ASSERT_TRUE(parsed.ok()) << describe(parsed.problems);
  EXPECT_EQ(parsed.value.entries.at(0).first, "µ");
  EXPECT_EQ(parsed.value.entries.at(0).second.text, "Ålesund µM");
  const auto nameless = parse_toml("a = 1\n[~x]\n", "s.toml");
  ASSERT_EQ(nameless.problems.size(), 1U);
  EXPECT_EQ(nameless.problems[0].where.line, 2U);
}

TEST(Toml, ReadsTypedValuesInFileOrder) {
  const auto parsed = parse_toml(
      "z = 'text'\na = 1\nx = 2.5\nok = true\nday = "
      "2026-03-01\n[[line]]\nname='A'\n[[line]]\nname='B'\n",
      "s.toml");
  ASSERT_TRUE(parsed.ok());
  Problems problems;
  TomlReader top(parsed.value, "s.toml", "", problems);
  EXPECT_EQ(parsed.value.entries[0].first, "z");
  EXPECT_EQ(top.text("z"), "text");
  EXPECT_EQ(top.integer("a", 0, 0, 9), 1);
  EXPECT_EQ(top.number("x", 0, 0, 9), 2.5);
  EXPECT_TRUE(top.boolean("ok", false));
  EXPECT_EQ(top.text("day"), "2026-03-01");
  auto lines = top.tables("line");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[1].required_text("name"), "B");
  top.finish();
  EXPECT_TRUE(problems.empty()) << describe(problems);
}

TEST(Toml, CollectsEveryFaultInOnePass) {
  const auto parsed = parse_toml("level = '0.9'\nfold = -1\nfiels = 3\nfiles = [1]\n", "s.toml");
  Problems problems;
  TomlReader top(parsed.value, "s.toml", "", problems);
  (void)top.number("level", 0.95, 0, 1);
  EXPECT_TRUE(std::isnan(top.number("fold", 3, 1, no_limit)));
  (void)top.texts("files", true);
  (void)top.required_text("title");
  top.finish();
  ASSERT_EQ(problems.size(), 5U) << describe(problems);
  EXPECT_EQ(problems[0].what, "\"level\" is a text");
  EXPECT_EQ(problems[1].fix, "Allowed: 1 or more.");
  EXPECT_EQ(problems[3].what, "\"title\" is missing");
  EXPECT_EQ(problems[4].fix, "Did you mean \"files\"?");
  EXPECT_EQ(problems[4].where.line, 3U);
}

}  // namespace
}  // namespace kinescape
