// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "base/xlsx.hpp"
#include "plate/layout_internal.hpp"
#include "plate/patterns_internal.hpp"
#include "plate/plate.hpp"
#include "said.hpp"

namespace kinescape::plate {
namespace {

using kinescape::tests::says;

Checked<Layout> layout(const std::string& text) {
  return read_layout(
      text, "map.toml", {}, [](const std::string&) { return Checked<std::string>{}; });
}

const Well& at(const PlateMap& map, const char* well) {
  return map.at(*parse_position(well));
}

TEST(Patterns, AreThoseOfWellmap) {
  EXPECT_EQ(row_pattern("A,C,...,G"), (std::vector<int>{0, 2, 4, 6}));
  EXPECT_EQ(row_pattern("A,B"), (std::vector<int>{0, 1}));
  EXPECT_EQ(column_pattern("1,3,...,7"), (std::vector<int>{0, 2, 4, 6}));
  const auto wells = well_pattern("A1,C3,...,E5");
  ASSERT_EQ(wells.size(), 9U);
  EXPECT_EQ(name(wells[0]), "A01");
  EXPECT_EQ(name(wells[1]), "A03");
  EXPECT_EQ(name(wells[8]), "E05");
  EXPECT_EQ(well_pattern("A1,A2,...,A6").size(), 6U);
  EXPECT_TRUE(row_pattern("A,C,...,H").empty()) << "steps of two do not meet H";
  EXPECT_TRUE(column_pattern("1,2,...").empty());
  EXPECT_TRUE(well_pattern("Z99").empty());
  EXPECT_EQ(block_size("2x3"), (Format{3, 2}));
  EXPECT_FALSE(block_size("0x3"));
}

TEST(LayoutToml, RowsAndColumnsBlocksAndWellsLayByPrecedence) {
  const auto got = layout(R"([expt]
line = "parental"
repeat = "day 1"

[row.'B,C']
drug = "drug A"

[row.D]
drug = "drug B"
[col.2]
dose_uM = 10
[col.3]
dose_uM = 1
[col.4]
role = "vehicle"

[block.2x1.A1]
role = "blank"
[well.D3]
dose_nM = 5
exclude = "bubble"
)");
  ASSERT_TRUE(got.ok()) << describe(got.problems, 100);
  const PlateMap& map = got.value.every;
  EXPECT_EQ(map.size(), 11U);
  EXPECT_EQ(at(map, "B2").drug, "drug A");
  EXPECT_DOUBLE_EQ(at(map, "B2").dose_nM, 10'000.0);
  EXPECT_DOUBLE_EQ(at(map, "C3").dose_nM, 1'000.0);
  EXPECT_EQ(at(map, "B2").line, "parental");
  EXPECT_EQ(at(map, "B2").repeat, "day 1");
  EXPECT_EQ(at(map, "B4").role, Role::vehicle) << "a control column crosses a drug row";
  EXPECT_EQ(at(map, "A2").role, Role::blank);
  EXPECT_DOUBLE_EQ(at(map, "D3").dose_nM, 5.0) << "a well overrides its column, unit and all";
  EXPECT_EQ(at(map, "D3").excluded, "bubble");
  EXPECT_FALSE(map.contains(*parse_position("A4")));
}

TEST(LayoutToml, InterleavedLinesAndSmallerBlocksWin) {
  const auto got = layout(R"([irow.A]
drug = "drug A"
[irow.B]
drug = "drug B"
[col.'1,2,...,4']
dose_nM = 1
[block.4x2.A5]
drug = "drug C"
dose_nM = 2
[block.1x1.A5]
dose_nM = 3
)");
  ASSERT_TRUE(got.ok()) << describe(got.problems, 100);
  const PlateMap& map = got.value.every;
  EXPECT_EQ(at(map, "A1").drug, "drug A");
  EXPECT_EQ(at(map, "B2").drug, "drug A");
  EXPECT_EQ(at(map, "A2").drug, "drug B");
  EXPECT_EQ(at(map, "A5").dose_nM, 3.0);
  EXPECT_EQ(at(map, "B5").dose_nM, 2.0);
}

TEST(LayoutToml, DoseSeriesFromTopDoseAndDilutionFactor) {
  const auto got = layout(R"([block.4x2.B2]
drug = "drug A"
top_dose_uM = 10
dilution_factor = 10
[block.2x3.B8]
drug = "drug B"
top_dose_nM = 90
dilution_factor = 3
direction = "up"
)");
  ASSERT_TRUE(got.ok()) << describe(got.problems, 100);
  const PlateMap& map = got.value.every;
  EXPECT_DOUBLE_EQ(at(map, "B2").dose_nM, 10'000.0);
  EXPECT_DOUBLE_EQ(at(map, "C5").dose_nM, 10.0);
  EXPECT_DOUBLE_EQ(at(map, "D8").dose_nM, 90.0);
  EXPECT_DOUBLE_EQ(at(map, "B9").dose_nM, 10.0);
  EXPECT_TRUE(says(layout("[block.4x2.B2]\ndrug='a'\ntop_dose_uM=10\n").problems, "not complete"));
}

TEST(LayoutToml, PlatesOverrideWhatHoldsForAll) {
  const auto got = layout(R"([row.A]
drug = "drug A"
[col.'1,2']
dose_nM = 4
[plate.P1]
line = "parental"
[plate.P2]
line = "resistant"
[plate.P2.well.A2]
dose_nM = 8
)");
  ASSERT_TRUE(got.ok()) << describe(got.problems, 100);
  EXPECT_EQ(at(got.value.plates.at("P1"), "A2").dose_nM, 4.0);
  EXPECT_EQ(at(got.value.plates.at("P2"), "A2").dose_nM, 8.0);
  EXPECT_EQ(at(got.value.plates.at("P2"), "A1").line, "resistant");
}

TEST(LayoutToml, FaultsNameTheLineAndTheMend) {
  const auto got =
      layout("[row.A]\ndrug = \"drug A\"\n[col.1]\ndose = 5\n[bolck.2x2.A1]\ndrgu = 1\n");
  EXPECT_FALSE(got.ok());
  EXPECT_TRUE(says(got.problems, "names no unit"));
  EXPECT_TRUE(says(got.problems, "no part of a layout"));
  for (const Problem& p : got.problems) {
    EXPECT_EQ(p.where.file, "map.toml");
    EXPECT_GT(p.where.line, 0U) << p.what;
  }
  EXPECT_TRUE(
      says(layout("[row.A]\ndrgu = 'x'\n[col.1]\ndose_nM=1\n").problems, "Did you mean \"drug\""));
  EXPECT_TRUE(says(layout("[row.A\n").problems, "not TOML"));
  for (const char* heading : {"[~expt]\n", "[\nline = 1\n", "[[ \xC2\xB5]]\n", "[]\n"}) {
    EXPECT_TRUE(says(layout(heading).problems, "not TOML")) << heading;
  }
  EXPECT_TRUE(says(layout("[well.A1]\nrole='vehicle'\ndose_nM=5\n").problems, "has a dose"));
  EXPECT_TRUE(says(layout("[block.60x2.A1]\nrole='vehicle'\n").problems, "does not name wells"));
}

TEST(LayoutToml, LettersBeyondAsciiAreFineEverywhere) {
  const auto got = layout(
      "# \xC2\xB5 and [~\n[well.A1]\ndrug = \"\xC2\xB5-\\\"drug\"\nconc_\xC2\xB5M = 2\n"
      "exclude = \"\"\"two\n[~lines]\xC2\xB5\"\"\"\n");
  ASSERT_TRUE(got.ok()) << describe(got.problems, 100);
  EXPECT_DOUBLE_EQ(at(got.value.every, "A1").dose_nM, 2000.0);
  EXPECT_EQ(at(got.value.every, "A1").drug, "\xC2\xB5-\"drug");
}

TEST(LayoutToml, TheExampleOfTheDocumentationIsRead) {
  std::ifstream file(KINESCAPE_SOURCE_DIR "/docs/rooms/plate.md");
  std::stringstream page;
  page << file.rdbuf();
  const std::string text = page.str();
  const auto begin = text.find("```toml\n");
  ASSERT_NE(begin, std::string::npos);
  const auto got = layout(text.substr(begin + 8, text.find("```", begin + 8) - begin - 8));
  ASSERT_TRUE(got.ok()) << describe(got.problems, 100);
  EXPECT_TRUE(got.problems.empty()) << describe(got.problems, 100);
  EXPECT_EQ(got.value.every.size(), 33U);
  EXPECT_DOUBLE_EQ(at(got.value.every, "C3").dose_nM, 10'000.0 / 3.0);
  EXPECT_EQ(at(got.value.every, "D12").role, Role::blank);
  EXPECT_EQ(at(got.value.plates.at("P2"), "B2").excluded, "bubble");
}

const char* const blocks =
    "drug,1,2,3\nA,drug A,drug A,DMSO\nB,drug B,drug B,media\n\n"
    "dose (uM),1,2,3\nA,1,2,\nB,3,4,\n\n"
    "line\n,1,2,3\nA,L1,L1,L1\nB,L2,L2,\n";

TEST(LayoutBlocks, OneBlockForEachFactor) {
  const auto got = layout(blocks);
  ASSERT_TRUE(got.ok()) << describe(got.problems, 100);
  EXPECT_EQ(at(got.value.every, "A2").drug, "drug A");
  EXPECT_DOUBLE_EQ(at(got.value.every, "B2").dose_nM, 4000.0);
  EXPECT_EQ(at(got.value.every, "A3").role, Role::vehicle);
  EXPECT_EQ(at(got.value.every, "B3").role, Role::blank);
  EXPECT_EQ(at(got.value.every, "B1").line, "L2");
}

TEST(LayoutBlocks, OneSheetForEachFactor) {
  Grid drug("map.xlsx", "drug");
  drug.add_row({"", "1", "2"}, 1);
  drug.add_row({"A", "drug A", "vehicle"}, 2);
  Grid dose("map.xlsx", "dose_nM");
  dose.add_row({"", "1", "2"}, 1);
  dose.add_row({"A", "25", ""}, 2);
  const auto got = layout(write_xlsx({drug, dose}));
  ASSERT_TRUE(got.ok()) << describe(got.problems, 100);
  EXPECT_EQ(at(got.value.every, "A1").dose_nM, 25.0);
  EXPECT_EQ(at(got.value.every, "A2").role, Role::vehicle);
}

TEST(LayoutBlocks, ProblemsPointToTheCellOfTheBlock) {
  const auto got = layout("drug,1,2\nA,drug A,drug A\n\ndose_nM,1,2\nA,1,2x\n");
  ASSERT_FALSE(got.ok());
  bool found = false;
  for (const Problem& p : got.problems) found = found || (p.where.line == 5 && p.where.column == 3);
  EXPECT_TRUE(found) << describe(got.problems, 100);
}

TEST(LayoutTable, OneRowForEachWellAndManifestsForEachPlate) {
  const auto table = layout("well,drug,dose_nM,line\nA1,drug A,5,L1\nA2,DMSO,,L1\nA2,DMSO,,L1\n");
  EXPECT_EQ(at(table.value.every, "A1").dose_nM, 5.0);
  EXPECT_TRUE(says(table.problems, "twice"));
  const auto manifest =
      read_layout("Barcode,Template,Duration_h,clid\nP1,a.csv,72,L1\nP2,b.csv,0,L2\n",
                  "manifest.csv",
                  {},
                  [](const std::string& name) {
                    Checked<std::string> bytes;
                    bytes.value = name == "a.csv" ? "well,drug,dose_nM\nA1,drug A,5\n"
                                                  : "well,drug,dose_nM\nA1,vehicle,0\n";
                    return bytes;
                  });
  ASSERT_TRUE(manifest.ok()) << describe(manifest.problems, 100);
  EXPECT_EQ(at(manifest.value.plates.at("P1"), "A1").line, "L1");
  EXPECT_EQ(at(manifest.value.plates.at("P1"), "A1").time_h, 72.0);
  EXPECT_EQ(at(manifest.value.plates.at("P2"), "A1").role, Role::day0);
}

TEST(ApplyLayout, FillsTheWellsOfATableAndSaysWhatDoesNotMeet) {
  const std::string data = "plate,well,signal\nP1,A1,0.5\nP1,A2,0.6\nP1,A3,0.7\nP1,C7,0.1\n";
  const auto got = read_plates(
      data, "d.csv", "[row.A]\ndrug='drug A'\nline='L1'\n[col.'1,2,...,5']\ndose_nM=3\n", {});
  ASSERT_TRUE(got.ok()) << describe(got.problems, 100);
  EXPECT_EQ(got.value.wells[0].drug, "drug A");
  EXPECT_EQ(got.value.wells[0].line, "L1");
  EXPECT_EQ(got.value.wells[3].role, Role::unused);
  EXPECT_TRUE(says(got.problems, "not in the layout"));
  EXPECT_TRUE(says(got.problems, "A04, A05"));
  const auto other = read_plates(data, "d.csv", "[plate.X.well.A1]\nrole='vehicle'\n", {});
  EXPECT_TRUE(says(other.problems, "does not have plate \"P1\""));
  const auto conflict = read_plates("plate,well,drug,dose_nM,signal\nP1,A1,drug B,3,0.5\n",
                                    "d.csv",
                                    "[well.A1]\ndrug='drug A'\ndose_nM=3\n",
                                    {});
  EXPECT_TRUE(says(conflict.problems, "do not agree"));
}

TEST(ApplyLayout, WhatHoldsForAllWellsAlsoReachesTablesWithDrugs) {
  const auto got =
      read_plates("drug,dose_nM,viability\ndrug A,3,0.5\n", "d.csv", "[expt]\nline='L1'\n", {});
  ASSERT_TRUE(got.ok()) << describe(got.problems, 100);
  EXPECT_EQ(got.value.wells[0].line, "L1");
}

}  // namespace
}  // namespace kinescape::plate
