// SPDX-License-Identifier: Apache-2.0
#include "plate/plate.hpp"

#include <gtest/gtest.h>

namespace kinescape::plate {
namespace {

TEST(Positions, AreNamedAndReadBackOnEveryWellOf1536) {
  for (int row = 0; row < 32; ++row) {
    for (int column = 0; column < 48; ++column) {
      const auto back = parse_position(name(Position{row, column}));
      ASSERT_TRUE(back);
      EXPECT_EQ(*back, (Position{row, column}));
    }
  }
  EXPECT_EQ(name(Position{0, 0}), "A01");
  EXPECT_EQ(name(Position{31, 47}), "AF48");
  EXPECT_EQ(parse_position("a1"), (Position{0, 0}));
  EXPECT_EQ(parse_position(" AF48 "), (Position{31, 47}));
}

TEST(Positions, OutsideTheLargestPlateAreNone) {
  for (const char* text :
       {"", "A", "1", "A0", "A49", "AG1", "BA1", "A1B", "1A", "A-1", "A1.0", "AAA1", "A0001"}) {
    EXPECT_FALSE(parse_position(text)) << text;
  }
}

TEST(Formats, AreTheStandardOnes) {
  EXPECT_EQ(format_with(384), (Format{16, 24}));
  EXPECT_EQ(format_with(6), (Format{2, 3}));
  EXPECT_FALSE(format_with(100));
  EXPECT_EQ(smallest_format(8, 12), (Format{8, 12}));
  EXPECT_EQ(smallest_format(9, 12), (Format{16, 24}));
  EXPECT_EQ(smallest_format(32, 48), (Format{32, 48}));
  EXPECT_FALSE(smallest_format(33, 1));
}

TEST(Roles, AreReadAsPeopleWriteThem) {
  EXPECT_EQ(parse_role("DMSO"), Role::vehicle);
  EXPECT_EQ(parse_role("Untreated"), Role::vehicle);
  EXPECT_EQ(parse_role("neg. control"), Role::vehicle);
  EXPECT_EQ(parse_role("Media only"), Role::blank);
  EXPECT_EQ(parse_role("No cells"), Role::blank);
  EXPECT_EQ(parse_role("POS"), Role::positive);
  EXPECT_EQ(parse_role("T0"), Role::day0);
  EXPECT_EQ(parse_role("day 0"), Role::day0);
  EXPECT_EQ(parse_role("empty"), Role::unused);
  EXPECT_FALSE(parse_role("drug A"));
  EXPECT_FALSE(parse_role(""));
  for (Role role :
       {Role::sample, Role::vehicle, Role::blank, Role::positive, Role::day0, Role::unused}) {
    EXPECT_EQ(parse_role(name(role)), role);
  }
}

}  // namespace
}  // namespace kinescape::plate
