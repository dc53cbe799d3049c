// SPDX-License-Identifier: Apache-2.0
#include "base/table.hpp"

#include <gtest/gtest.h>

namespace kinescape {
namespace {

Grid small() {
  Grid g("plate.csv", "");
  g.set_delimiter(';');
  g.add_row({"well", " signal "}, 1);
  g.add_row({"", " "}, 3);
  g.add_row({"A01", "1.5", "note"}, 4);
  return g;
}

TEST(Grid, GivesTrimmedCellsAndNothingBeyondTheEdge) {
  const Grid g = small();
  EXPECT_EQ(g.rows(), 3U);
  EXPECT_EQ(g.columns(2), 3U);
  EXPECT_EQ(g.at(0, 1), "signal");
  EXPECT_EQ(g.at(0, 2), "");
  EXPECT_EQ(g.at(9, 0), "");
  EXPECT_TRUE(g.blank(1));
  EXPECT_TRUE(g.blank(9));
  EXPECT_FALSE(g.blank(2));
}

TEST(Grid, KnowsWhereACellStandsInTheFile) {
  const Where w = small().where(2, 1);
  EXPECT_EQ(w.file, "plate.csv");
  EXPECT_EQ(w.line, 4U);
  EXPECT_EQ(w.column, 2U);
  EXPECT_EQ(w.shown, "A01;1.5;note");
  EXPECT_EQ(origin_of(w).cell, "line 4, column 2");
  EXPECT_EQ(origin_of(small().where(2)).cell, "line 4");
}

TEST(Grid, NamesACellOfASheetAsASpreadsheetDoes) {
  Grid g("book.xlsx", "Results");
  g.add_row(std::vector<std::string>(30, "x"), 7);
  EXPECT_EQ(g.where(0, 27).item, "Results!AB7");
  EXPECT_EQ(origin_of(g.where(0, 27)).cell, "Results!AB7");
  EXPECT_EQ(origin_of(g.where(0, 27)).file, "book.xlsx");
}

TEST(Grid, ShowsTheNeighbourhoodOfACellInAWideRow) {
  Grid g("wide.csv", "");
  g.set_delimiter(',');
  std::vector<std::string> cells;
  for (int i = 0; i < 384; ++i) cells.push_back("cell" + std::to_string(i));
  g.add_row(cells, 1);
  for (const std::size_t column : {0UL, 200UL, 383UL, 999UL}) {
    const std::string shown = g.where(0, column).shown;
    EXPECT_LT(shown.size(), 130U);
    EXPECT_NE(shown.find("cell" + std::to_string(std::min<std::size_t>(column, 383))),
              std::string::npos)
        << shown;
  }
}

}  // namespace
}  // namespace kinescape
