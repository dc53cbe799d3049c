// SPDX-License-Identifier: Apache-2.0
// The stream must read what read_csv reads, whatever the pieces in which the file comes.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "base/csv.hpp"
#include "base/csv_rows_internal.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace kinescape {
namespace {

struct Row {
  std::vector<std::string> cells;
  std::size_t line;
  std::uint64_t byte_offset;
  bool operator==(const Row&) const = default;
};

class StreamCsv : public ::testing::Test {
 protected:
  void SetUp() override {
    path = std::filesystem::path(::testing::TempDir()) /
           ("kinescape_stream_" + std::to_string(::getpid()));
  }
  void TearDown() override { std::filesystem::remove(path); }

  std::vector<Row> stream(const std::string& bytes,
                          const CsvOptions& options = {},
                          StreamStart start = {}) {
    std::ofstream(path, std::ios::binary) << bytes;
    std::vector<Row> rows;
    problems = stream_csv(
        path,
        options,
        [&](const StreamedRow& row) {
          rows.push_back({{row.cells.begin(), row.cells.end()}, row.line, row.byte_offset});
          dialect = row.dialect;
          return true;
        },
        start);
    return rows;
  }

  /// The cells as read_csv and stream_csv see them must be the same, and their problems too.
  void expect_same(const std::string& bytes, const CsvOptions& options = {}) {
    const auto rows = stream(bytes, options);
    const auto grid = read_csv(bytes, path.string(), options);
    ASSERT_EQ(grid.ok(), !has_errors(problems)) << describe(grid.problems) << describe(problems);
    EXPECT_EQ(grid.problems.size(), problems.size());
    if (!grid.ok()) return;
    ASSERT_EQ(rows.size(), grid.value.rows());
    for (std::size_t r = 0; r < rows.size(); ++r) {
      ASSERT_EQ(rows[r].line, grid.value.where(r).line);
      ASSERT_EQ(rows[r].cells.size(), grid.value.columns(r)) << "line " << rows[r].line;
      for (std::size_t c = 0; c < rows[r].cells.size(); ++c) {
        ASSERT_EQ(trimmed(rows[r].cells[c]), grid.value.at(r, c));
      }
    }
  }

  /// Starting at any row gives the rest of the rows.
  void expect_resumable(const std::string& bytes) {
    const auto all = stream(bytes);
    ASSERT_TRUE(problems.empty()) << describe(problems);
    const std::size_t step = std::max<std::size_t>(1, all.size() / 7);
    for (std::size_t i = 0; i < all.size(); i += step) {
      const auto rest = stream(bytes, {}, {all[i].byte_offset, all[i].line});
      ASSERT_EQ(rest, std::vector<Row>(all.begin() + static_cast<std::ptrdiff_t>(i), all.end()));
    }
  }

  std::filesystem::path path;
  Problems problems;
  Dialect dialect;
};

/// A table of some megabytes that has everything: quotes, line ends inside them, blank lines, signs
/// of two to four bytes, and rows that end anywhere relative to the pieces that are read.
std::string large_table(std::size_t bytes, const std::string& end, bool ascii) {
  std::mt19937 random(5);
  std::string out = "id,name,value" + end;
  for (int i = 0; out.size() < bytes; ++i) {
    out += std::to_string(i);
    switch (random() % 8) {
      case 0:
        out += ",\"a \"\"quoted\"\", name\"";
        break;
      case 1:
        out += ",\"two" + end + "lines\"";
        break;
      case 2:
        out += ascii ? ",dose (uM)" : ",dose (µM) \xF0\x9F\x98\x80";
        break;
      case 3:
        out += end + end + "x," + std::string(random() % 3000, 'y');
        break;
      default:
        out += ",plain";
    }
    out += "," + std::to_string(random() % 100000) + end;
  }
  return out;
}

std::string utf16(const std::string& text, bool little) {
  std::string out = little ? "\xFF\xFE" : "\xFE\xFF";
  auto put = [&](unsigned unit) {
    const auto low = static_cast<char>(unit & 0xFFU), high = static_cast<char>(unit >> 8U);
    out += little ? low : high;
    out += little ? high : low;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80U) {
      put(c);
    } else if (c < 0xE0U) {
      put((c & 0x1FU) << 6U | (static_cast<unsigned char>(text[++i]) & 0x3FU));
    } else {  // the one character of four bytes in the table: U+1F600
      i += 3;
      put(0xD83D);
      put(0xDE00);
    }
  }
  return out;
}

TEST_F(StreamCsv, ReadsWhatReadCsvReadsAndResumesAtAnyRow) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const std::string text = large_table(1'500'000, end, false);
    expect_same(text);
    expect_resumable(text);
  }
  expect_same("\xEF\xBB\xBF" + large_table(600'000, "\n", false));
  expect_resumable("\xEF\xBB\xBF" + large_table(600'000, "\n", false));
}

TEST_F(StreamCsv, ReadsOtherEncodingsInPieces) {
  const std::string text = large_table(700'000, "\r\n", false);
  const auto plain = stream(text);
  for (const bool little : {true, false}) {
    const auto wide = stream(utf16(text, little));
    ASSERT_EQ(wide.size(), plain.size());
    for (std::size_t i = 0; i < wide.size(); ++i) {
      ASSERT_EQ(wide[i].cells, plain[i].cells);
      ASSERT_EQ(wide[i].line, plain[i].line);
    }
    expect_resumable(utf16(text, little));
  }
  std::string latin = large_table(700'000, "\n", true);
  latin.insert(latin.find('\n', 600'000) + 1,
               "x,37 \xB0"
               "C,1\nx,\"\x80\",2\n");
  expect_same(latin);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].severity, Severity::warning);
  EXPECT_EQ(problems[0].where.shown, "x,37 °C,1");
}

TEST_F(StreamCsv, ReportsTheSameFaultsAsReadCsv) {
  const std::string good = large_table(600'000, "\n", true);
  for (const std::string& bad : {std::string("a,\0b\n", 5),
                                 std::string("x,\"open\n"),
                                 std::string("µ,\xB5\n"),
                                 std::string("\xB5,µ\n"),
                                 std::string("a,\x81\n"),
                                 std::string("x,\"a\"b\n")}) {
    expect_same(good + bad + good);
    expect_same(good + bad);
    expect_same(bad);
    EXPECT_EQ(problems.size(), 1U);
  }
}

TEST_F(StreamCsv, NamesTheLineOfAFault) {
  const std::string good = large_table(600'000, "\n", true);
  const auto lines = static_cast<std::size_t>(std::count(good.begin(), good.end(), '\n'));
  stream(good + "1,2\n" + std::string("3,\0\n", 4) + good);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].where.line, lines + 2);
  stream(good + "1,\"2\n3\",\"4\n" + good.substr(0, 10));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].where.line, lines + 2) << describe(problems);
}

TEST_F(StreamCsv, AnEndlessLineIsAProblemAndNotAFullMemory) {
  CsvOptions options;
  options.max_line_bytes = 1U << 20U;
  const std::string line(3U << 20U, 'x');
  EXPECT_EQ(stream("a,b\n" + line + "\n", options).size(), 1U);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].where.line, 2U);
  EXPECT_NE(problems[0].what.find("longer than 1048576 bytes"), std::string::npos);
  stream("a,b\n\"" + line, options);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].what.find("quote"), std::string::npos);
}

TEST_F(StreamCsv, StopsWhenToldAndSaysWhereItWas) {
  std::ofstream(path, std::ios::binary) << "a,b\n1,2\n3,4\n";
  std::uint64_t offset = 0;
  const Problems none = stream_csv(path, {}, [&](const StreamedRow& row) {
    offset = row.byte_offset;
    return row.line < 2;
  });
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(offset, 4U);
}

TEST_F(StreamCsv, TellsTheDialectFromTheTopEvenWhenItStartsLater) {
  const auto rows = stream("well;signal\nA1;1,5\nA2;2\n", {}, {19, 3});
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].cells, (std::vector<std::string>{"A2", "2"}));
  EXPECT_EQ(dialect.decimal, Decimal::comma);
  EXPECT_EQ(dialect.delimiter, ';');
}

TEST_F(StreamCsv, ReportsWhatCannotBeReadAsAProblem) {
  const auto none = [](const StreamedRow&) { return true; };
  EXPECT_TRUE(has_errors(stream_csv("/no/such/file", {}, none)));
  EXPECT_TRUE(has_errors(stream_csv(::testing::TempDir(), {}, none)));
  stream("PK\x03\x04 this is a workbook");
  EXPECT_TRUE(has_errors(problems));
  EXPECT_TRUE(stream("").empty());
  EXPECT_TRUE(problems.empty());
}

TEST(MarkFinder, FindsEveryMarkAtEveryOffset) {
  std::mt19937 random(1);
  std::string text;
  for (int i = 0; i < 1000; ++i) text += ",\"\n\rabcdefgh 1234"[random() % 18];
  for (std::size_t from = 0; from < 130; ++from) {
    csv::MarkFinder finder(',');
    finder.reset(text.data(), from, text.size());
    for (std::size_t at = text.find_first_of(",\"\n\r", from); at != std::string::npos;
         at = text.find_first_of(",\"\n\r", at + 1)) {
      ASSERT_EQ(finder.next(), at);
      if (random() % 5 == 0 && at + 40 < text.size()) {
        finder.skip_to(at + 40);
        at += 39;
      }
    }
    ASSERT_EQ(finder.next(), text.size());
  }
}

}  // namespace
}  // namespace kinescape
