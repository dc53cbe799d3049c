// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <gtest/gtest.h>

#include "base/encoding_internal.hpp"

namespace kinescape {
namespace {

using namespace std::string_literals;

const std::string micro_table = "dose (µM)\n0.5\n";

std::string utf16(const std::string& ascii_or_latin, bool little) {
  std::string out;
  for (const char c : ascii_or_latin) {
    out += little ? std::string{c, '\0'} : std::string{'\0', c};
  }
  return out;
}

TEST(DecodeText, ReadsUtf8WithAndWithoutMark) {
  EXPECT_EQ(decode_text(micro_table, "f").value, micro_table);
  const auto marked = decode_text("\xEF\xBB\xBF" + micro_table, "f");
  EXPECT_EQ(marked.value, micro_table);
  EXPECT_TRUE(marked.problems.empty());
}

TEST(DecodeText, ReadsUtf16OfEitherOrderByMarkOrByItsZeroBytes) {
  const std::string latin = "dose (\xB5M)\n0.5\n";  // the micro sign is one unit of that value
  for (const bool little : {true, false}) {
    const std::string body = utf16(latin, little);
    const auto bare = decode_text(body, "f");
    EXPECT_EQ(bare.value, micro_table);
    EXPECT_TRUE(bare.problems.empty());
    EXPECT_EQ(decode_text((little ? "\xFF\xFE" : "\xFE\xFF") + body, "f").value, micro_table);
  }
}

TEST(DecodeText, ReadsUtf16CharacterPairs) {
  const auto text = decode_text("\xFF\xFE\x3D\xD8\x00\xDE"s, "f");
  EXPECT_EQ(text.value, "\xF0\x9F\x98\x80");  // U+1F600, by the Unicode standard's own table
}

TEST(DecodeText, RefusesBrokenUtf16) {
  EXPECT_FALSE(decode_text("\xFF\xFE"s + "a\0b"s, "f").ok());         // odd number of bytes
  EXPECT_FALSE(decode_text("\xFF\xFE\x3D\xD8"s + "a\0"s, "f").ok());  // half a pair
  EXPECT_FALSE(decode_text("\xFF\xFE\x00\xDC"s, "f").ok());           // the other half
}

TEST(DecodeText, ReadsWindows1252WithAWarningThatShowsTheLine) {
  const auto text = decode_text(
      "t (\xB0"
      "C)\r\n37\r\n\x80 5\r\n",
      "plate.txt");
  EXPECT_EQ(text.value, "t (°C)\r\n37\r\n€ 5\r\n");
  ASSERT_EQ(text.problems.size(), 1U);
  EXPECT_TRUE(text.ok());
  EXPECT_EQ(text.problems[0].where.line, 1U);
  EXPECT_EQ(text.problems[0].where.shown, "t (°C)");
}

TEST(DecodeText, RefusesNulBytesAndDamagedUtf8NamingTheLine) {
  const auto nul = decode_text("a,b\nc,d\n1,\0\n"s, "f");
  ASSERT_EQ(nul.problems.size(), 1U);
  EXPECT_FALSE(nul.ok());
  EXPECT_EQ(nul.problems[0].where.line, 3U);

  const auto damaged = decode_text("µM\r\n1\r\n2\xB5\r\n", "f");
  ASSERT_EQ(damaged.problems.size(), 1U);
  EXPECT_FALSE(damaged.ok());
  EXPECT_EQ(damaged.problems[0].where.line, 3U);
  EXPECT_FALSE(decode_text("2\xB5\r\nµM\r\n", "f").ok()) << "in the other order too";
}

TEST(DecodeText, RefusesMalformedUtf8AfterAMark) {
  for (const std::string bad : {"\xC0\xAF",
                                "\xED\xA0\x80",
                                "\xF4\x90\x80\x80",
                                "\xE2\x82",
                                "\x80",
                                "\xE0\x80\xAF",
                                "\xF8\x88\x80\x80\x80"}) {
    EXPECT_FALSE(decode_text("\xEF\xBB\xBFx" + bad, "f").ok());
  }
}

TEST(DecodeText, NamesBinaryFilesForWhatTheyAre) {
  const auto zip = decode_text("PK\x03\x04", "data.csv");
  ASSERT_EQ(zip.problems.size(), 1U);
  EXPECT_NE(zip.problems[0].fix.find(".xlsx"), std::string::npos);
  EXPECT_FALSE(decode_text("\xD0\xCF\x11\xE0", "old.xls").ok());
  EXPECT_FALSE(decode_text("\xFF\xFE\0\0a\0\0\0"s, "utf32.txt").ok());
}

TEST(Decoder, GivesTheSameTextInPiecesOfAnySize) {
  for (const std::string& bytes : {micro_table + "\xF0\x9F\x98\x80,€\n",
                                   "t \xB0 \xE2\n\x93\n"s,
                                   "µ\xB5"s,
                                   "\xB5 µ"s,
                                   "x\xE2"s,
                                   "\xFF\xFE\x3D\xD8\x00\xDE"s + utf16("abc", true),
                                   "\xFF\xFE\x3D\xD8"s}) {
    const auto guess = encoding::guess(bytes);
    const auto body = std::string_view(bytes).substr(guess.mark_bytes);
    encoding::Decoder whole(guess);
    std::string want;
    whole.feed(body, true, want);
    for (std::size_t piece = 1; piece <= body.size(); ++piece) {
      encoding::Decoder decoder(guess);
      std::string got;
      for (std::size_t i = 0; i < body.size(); i += piece) {
        decoder.feed(body.substr(i, piece), i + piece >= body.size(), got);
      }
      EXPECT_EQ(got, want);
      EXPECT_EQ(decoder.fault().has_value(), whole.fault().has_value());
      EXPECT_EQ(decoder.guessed_1252(), whole.guessed_1252());
      if (!whole.fault()) {
        EXPECT_EQ(encoding::source_bytes(got, decoder.kind()), body.size());
      }
    }
  }
}

TEST(SplitLines, EndsALineAtAnyOfTheThreeLineEnds) {
  const auto lines = split_lines("a\r\nb\rc\n\nd");
  EXPECT_EQ(lines, (std::vector<std::string_view>{"a", "b", "c", "", "d"}));
  EXPECT_TRUE(split_lines("").empty());
  EXPECT_EQ(split_lines("a\n").size(), 1U);
}

TEST(Trimmed, DropsSpacesOfEveryKindThatInstrumentsPrint) {
  EXPECT_EQ(trimmed(" \t\xC2\xA0 a b\xC2\xA0\r\n"), "a b");
  EXPECT_EQ(trimmed("\xC2\xA0"), "");
  EXPECT_EQ(trimmed("à"), "à");  // its last byte is that of a no-break space
}

TEST(Iequal, IgnoresTheCaseOfAsciiOnly) {
  EXPECT_TRUE(iequal("Dose_nM", "dose_NM"));
  EXPECT_FALSE(iequal("dose", "doses"));
  EXPECT_EQ(lower("ÀB"), "Àb");
}

TEST(Nearest, FindsWhatWasMeantAndNothingElse) {
  const std::vector<std::string> columns = {"dose_nM", "drug", "signal", "repeat"};
  EXPECT_EQ(nearest("Dose (nM)", columns), "dose_nM");
  EXPECT_EQ(nearest("durg", columns), "drug");
  EXPECT_EQ(nearest("signals", columns), "signal");
  EXPECT_EQ(nearest("temperature", columns), std::nullopt);
  EXPECT_EQ(nearest("", columns), std::nullopt);
  EXPECT_EQ(nearest("x", {"y"}), std::nullopt);
}

TEST(ColumnLetters, CountsAsSpreadsheetsDo) {
  EXPECT_EQ(column_letters(1), "A");
  EXPECT_EQ(column_letters(26), "Z");
  EXPECT_EQ(column_letters(27), "AA");
  EXPECT_EQ(column_letters(702), "ZZ");
  EXPECT_EQ(column_letters(703), "AAA");
  EXPECT_EQ(column_letters(16384), "XFD");  // the last column of a worksheet
}

}  // namespace
}  // namespace kinescape
