// SPDX-License-Identifier: Apache-2.0
#include "base/csv.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <random>
#include <sstream>

#include "base/errors.hpp"
#include "base/files.hpp"

namespace kinescape {
namespace {

using namespace std::string_literals;
using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(const Grid& grid) {
  Rows rows;
  for (std::size_t r = 0; r < grid.rows(); ++r) {
    rows.emplace_back();
    for (std::size_t c = 0; c < grid.columns(r); ++c) rows.back().emplace_back(grid.at(r, c));
  }
  return rows;
}

Rows read(const std::string& bytes, const CsvOptions& options = {}) {
  const auto grid = read_csv(bytes, "t.csv", options);
  EXPECT_TRUE(grid.ok()) << describe(grid.problems);
  return rows_of(grid.value);
}

std::string utf16le(const std::string& ascii) {
  std::string out = "\xFF\xFE";
  for (const char c : ascii) out += {c, '\0'};
  return out;
}

TEST(ReadCsv, ReadsTheUsualTableWhateverItsLineEnds) {
  const Rows want = {{"well", "dose_nM", "signal"}, {"A01", "0", "1.5"}, {"A02", "10", ""}};
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const std::string text = "well,dose_nM,signal" + end + "A01,0,1.5" + end + "A02,10," + end;
    EXPECT_EQ(read(text), want);
    EXPECT_EQ(read("\xEF\xBB\xBF" + text), want);
    EXPECT_EQ(read(text.substr(0, text.size() - end.size())), want) << "no end on the last line";
    EXPECT_EQ(read(utf16le(text)), want);
  }
}

TEST(ReadCsv, ReadsQuotesAsRfc4180WritesThem) {
  EXPECT_EQ(read("a,\"b,c\",\"d\"\"e\"\n\"\",\"x\ny\r\nz\",5\" tube\n"),
            (Rows{{"a", "b,c", "d\"e"}, {"", "x\ny\r\nz", "5\" tube"}}));
  EXPECT_EQ(read("a, \"b,c\" ,d\n"), (Rows{{"a", "b,c", "d"}})) << "spaces around quotes";
  EXPECT_EQ(read("\"\"\"\"\n"), (Rows{{"\""}}));
}

TEST(ReadCsv, CountsLinesAcrossQuotedLineEndsAndKeepsBlankLines) {
  const auto grid = read_csv("a,\"1\n2\"\n\nb,3\n", "t.csv").value;
  ASSERT_EQ(grid.rows(), 3U);
  EXPECT_EQ(grid.where(0).line, 1U);
  EXPECT_EQ(grid.columns(1), 0U);
  EXPECT_TRUE(grid.blank(1));
  EXPECT_EQ(grid.where(2).line, 4U);
}

TEST(ReadCsv, KeepsTextAfterAClosingQuoteAndWarns) {
  const auto grid = read_csv("x,\"a\"b\nx,\"c\"d\n", "t.csv");
  EXPECT_TRUE(grid.ok());
  EXPECT_EQ(rows_of(grid.value), (Rows{{"x", "ab"}, {"x", "cd"}}));
  ASSERT_EQ(grid.problems.size(), 1U);
  EXPECT_EQ(grid.problems[0].where.line, 1U);
  EXPECT_EQ(grid.problems[0].where.shown, "x,\"a\"b") << "as it stands in the file";
  EXPECT_NE(grid.problems[0].what.find("1 more"), std::string::npos);
}

TEST(ReadCsv, NamesTheLineWhereAnUnclosedQuoteOpened) {
  const auto grid = read_csv("a,b\n\"x\ny\",\"z\nw,1\n2,3\n", "t.csv");
  ASSERT_EQ(grid.problems.size(), 1U);
  EXPECT_EQ(grid.problems[0].where.line, 3U);
  EXPECT_FALSE(grid.ok());
}

TEST(ReadCsv, RefusesLinesAndTablesThatAreTooLarge) {
  CsvOptions options;
  options.max_line_bytes = 100;
  std::string line(100, 'x');
  EXPECT_TRUE(read_csv(line, "t", options).ok());
  line += 'x';
  EXPECT_FALSE(read_csv(line, "t", options).ok());
  line.front() = line.back() = '"';
  EXPECT_FALSE(read_csv(line, "t", options).ok());
  options.max_columns = 5;
  EXPECT_TRUE(read_csv("1,2,3,4,5\n", "t", options).ok());
  EXPECT_FALSE(read_csv("1,2,3,4,5,6\n", "t", options).ok());
  options.max_cells = 9;
  const auto grid = read_csv("1,2,3\n1,2,3\n1,2,3\n", "t", options);
  EXPECT_FALSE(grid.ok());
  EXPECT_EQ(grid.problems[0].where.line, 3U);
}

TEST(ReadCsv, RefusesADelimiterThatCannotBeOne) {
  CsvOptions options;
  options.delimiter = '"';
  EXPECT_THROW(static_cast<void>(read_csv("a", "t", options)), UsageError);
}

TEST(SniffDialect, TellsTheDelimiterFromTheContent) {
  EXPECT_EQ(sniff_dialect("a,b,c\n1,2,3\n").delimiter, ',');
  EXPECT_EQ(sniff_dialect("a;b;c\n1;2;3\n").delimiter, ';');
  EXPECT_EQ(sniff_dialect("a\tb\n1\t2\n").delimiter, '\t');
  EXPECT_EQ(sniff_dialect("a|b\n1|2\n").delimiter, '|');
  EXPECT_EQ(sniff_dialect("one column\n1\n2\n").delimiter, ',');
  EXPECT_EQ(sniff_dialect("").delimiter, ',');
  EXPECT_EQ(sniff_dialect("sep=|\na,b,c|d,e\n").delimiter, '|');
  EXPECT_EQ(sniff_dialect("id,list\n1,a;b;c\n2,\"d;e\"\n3,f\n").delimiter, ',')
      << "lists inside cells";
  EXPECT_EQ(sniff_dialect("id,target\n1,sp|P1|X\n2,sp|P2|Y\n").delimiter, ',');
  EXPECT_EQ(sniff_dialect("Date: 5 May, 2020\nUser: x, y\n\nA\t1\t2\t3\nB\t4\t5\t6\n").delimiter,
            '\t')
      << "an instrument's heading above its grid";
}

TEST(SniffDialect, TellsADecimalCommaFromTheCells) {
  const Dialect german = sniff_dialect("well;signal\nA1;1,5\nA2;0,123\nA3;1,234\n");
  EXPECT_EQ(german.delimiter, ';');
  EXPECT_EQ(german.decimal, Decimal::comma);
  EXPECT_EQ(sniff_dialect("1,5;2,5;3,5\n1,5;2,5;3,5\n").delimiter, ';');
  EXPECT_EQ(sniff_dialect("a\tb\nx\t1,5\ny\t2,25\n").decimal, Decimal::comma);
  EXPECT_EQ(sniff_dialect("a\tb\nx\t1.234,5\n").decimal, Decimal::comma);
}

TEST(SniffDialect, LeavesTheDecimalMarkUnstatedWhenInDoubt) {
  EXPECT_EQ(sniff_dialect("a;b\nx;1,234\ny;2,345\n").decimal, Decimal::unstated);
  EXPECT_EQ(sniff_dialect("a;b\nx;1.5\ny;2.5\n").decimal, Decimal::unstated);
  EXPECT_EQ(sniff_dialect("a;b\nx;1.5\ny;2,5\n").decimal, Decimal::unstated) << "both marks";
  EXPECT_EQ(sniff_dialect("a;b\nx;1,234,567\ny;2,5\n").decimal, Decimal::unstated);
  CsvOptions told;
  told.decimal = Decimal::point;
  EXPECT_EQ(sniff_dialect("a;b\nx;1,5\n", told).decimal, Decimal::point);
}

TEST(ReadCsv, DropsTheLineThatStatesTheDelimiterAndKeepsCounting) {
  const auto grid = read_csv("sep=;\r\na;b\r\n1;2\r\n", "t.csv").value;
  EXPECT_EQ(rows_of(grid), (Rows{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(grid.where(0).line, 2U);
}

TEST(WriteCsvRow, IsReadBackToTheSameCells) {
  std::mt19937 random(3);
  const std::string signs = "a,;\t|\"\r\n 1";
  for (const char delimiter : {',', ';', '\t'}) {
    std::ostringstream out;
    Rows want;
    for (int i = 0; i < 300; ++i) {
      std::vector<std::string> row(1 + random() % 4);
      for (auto& cell : row) {
        for (auto n = random() % 5; n > 0; --n) cell += signs[random() % signs.size()];
      }
      write_csv_row(out, row, delimiter);
      want.push_back(std::move(row));
    }
    CsvOptions options;
    options.delimiter = delimiter;
    const std::string path = std::filesystem::path(::testing::TempDir()) /
                             ("kinescape_csv_" + std::to_string(::getpid()));
    write_file(path, out.str());
    Rows got;  // streamed, because a Grid trims its cells
    const Problems problems = stream_csv(path, options, [&](const StreamedRow& row) {
      got.emplace_back(row.cells.begin(), row.cells.end());
      return true;
    });
    std::filesystem::remove(path);
    EXPECT_TRUE(problems.empty()) << describe(problems);
    EXPECT_EQ(got, want);
  }
}

}  // namespace
}  // namespace kinescape
