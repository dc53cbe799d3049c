// SPDX-License-Identifier: Apache-2.0
#include "base/number.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

namespace kinescape {
namespace {

struct Case {
  std::string text;
  Decimal decimal;
  NumberKind kind;
  double value;
};

constexpr auto any = Decimal::unstated;
constexpr auto point = Decimal::point;
constexpr auto comma = Decimal::comma;
constexpr auto number = NumberKind::number;
constexpr auto nan_ = NumberKind::not_a_number;
constexpr auto ambiguous = NumberKind::ambiguous;

void expect(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    const ParsedNumber got = parse_number(c.text, c.decimal);
    EXPECT_EQ(got.kind, c.kind) << "\"" << c.text << "\" decimal " << static_cast<int>(c.decimal);
    if (c.kind == number) {
      EXPECT_EQ(got.value, c.value) << c.text;
    }
  }
}

TEST(ParseNumber, ReadsPlainForms) {
  expect({{"1.5", any, number, 1.5},
          {" 12 ", any, number, 12},
          {"+2", any, number, 2},
          {"-.5", any, number, -0.5},
          {"5.", any, number, 5},
          {"1e-3", any, number, 1e-3},
          {"1.5E+03", any, number, 1500},
          {"1.234", any, number, 1.234},
          {"\xE2\x88\x92"
           "3.5",
           any,
           number,
           -3.5},
          {"\xC2\xA0"
           "7\xC2\xA0",
           any,
           number,
           7},
          {"007", any, number, 7},
          {"0", any, number, 0}});
}

TEST(ParseNumber, RefusesACommaThatCouldBeEither) {
  expect({{"1,234", any, ambiguous, 0},
          {"-12,345", any, ambiguous, 0},
          {"999,000", any, ambiguous, 0},
          {"1,234", point, number, 1234},
          {"1,234", comma, number, 1.234}});
}

TEST(ParseNumber, ReadsACommaThatCanOnlyBeOneThing) {
  expect({{"1,5", any, number, 1.5},
          {"12,50", any, number, 12.5},
          {"0,123", any, number, 0.123},
          {"-0,123", any, number, -0.123},
          {",5", any, number, 0.5},
          {"1234,567", any, number, 1234.567},
          {"1,2345", any, number, 1.2345},
          {"1,5e-3", any, number, 1.5e-3},
          {"1,234E+03", any, number, 1234},
          {"1,234,567", any, number, 1234567},
          {"1.234.567", any, number, 1234567},
          {"1,234.5", any, number, 1234.5},
          {"1.234,5", any, number, 1234.5},
          {"1 234,567", any, number, 1234.567},
          {"1,234,567.25", any, number, 1234567.25}});
}

TEST(ParseNumber, KeepsToTheDecimalMarkThatWasStated) {
  expect({{"1,5", point, nan_, 0},
          {"0,123", point, nan_, 0},
          {"1.5", comma, nan_, 0},
          {"1.234", comma, number, 1234},
          {"1.234,5", comma, number, 1234.5},
          {"1.234,5", point, nan_, 0},
          {"1,234.5", comma, nan_, 0},
          {"1,234.5", point, number, 1234.5},
          {"1,234,567", comma, nan_, 0},
          {"5,", comma, number, 5},
          {"1,234e3", point, nan_, 0},
          {"1,234e3", comma, number, 1234}});
}

TEST(ParseNumber, ReadsGroupsOfThreeSetApartBySpacesAndApostrophes) {
  expect({{"1 234.5", any, number, 1234.5},
          {"1'234.5", any, number, 1234.5},
          {"1\xE2\x80\xAF"
           "234\xE2\x80\xAF"
           "567",
           any,
           number,
           1234567},
          {"1\xC2\xA0"
           "234",
           any,
           number,
           1234},
          {"1\xE2\x80\x99"
           "234",
           any,
           number,
           1234},
          {"12 34", any, nan_, 0},
          {"1 2345", any, nan_, 0},
          {"0 123", any, nan_, 0},
          {"1 234'567", any, nan_, 0},
          {"1 234,567", point, nan_, 0},
          {"1.234 567", any, nan_, 0}});
}

TEST(ParseNumber, RefusesWhatIsNoNumber) {
  for (const auto* text :
       {"nan",   "NaN",    "inf",    "-inf",       "Infinity",   "1.2.3",      "1,2,3",
        "abc",   "1a",     "0x10",   "1e",         "1e+",        "e5",         ".",
        ",",     "-",      "+-1",    "--1",        "- 5",        "5,",         "1..5",
        "1,,5",  "1e5.5",  "1e1e1",  "5%",         "<4",         "1,234 ,567", "OVRFLW",
        "1e999", "-1e999", "1e-999", "1,2345,678", "1.234,567.8"}) {
    EXPECT_EQ(parse_number(text).kind, nan_) << text;
  }
  EXPECT_EQ(parse_number(std::string(100000, ',')).kind, nan_);
  for (const auto* text : {"", " ", "\t", "\xC2\xA0"}) {
    EXPECT_EQ(parse_number(text).kind, NumberKind::empty) << "\"" << text << "\"";
  }
}

TEST(ParseNumber, LeavesNoDoubleUnreadable) {
  EXPECT_EQ(parse_number("0e99999999999").value, 0.0);
  EXPECT_EQ(parse_number("4.9406564584124654e-324").value,
            std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(parse_number("1.7976931348623157e308").value, std::numeric_limits<double>::max());
  EXPECT_EQ(parse_number("0." + std::string(330, '0') + "1e331").value, 1.0);
  EXPECT_EQ(parse_number("1" + std::string(300, '0')).value, 1e300);
}

TEST(PlainNumber, AgreesWithFromCharsOnEveryForm) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    const std::uint64_t r = random();
    if ((r & 3U) == 0) text += '-';
    const auto whole = static_cast<int>(r >> 2U & 15U), fraction = static_cast<int>(r >> 6U & 15U);
    auto digits = [&](int n) {
      for (int k = 0; k < n; ++k) text += static_cast<char>('0' + random() % 10);
    };
    digits(whole);
    if ((r >> 10U & 1U) != 0) text += '.';
    digits(fraction);
    if ((r >> 11U & 3U) == 0) {
      text += "e" + std::to_string(static_cast<int>(r >> 13U & 127U) - 64);
    }
    double want = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), want);
    const bool ok = error == std::errc() && end == text.data() + text.size();
    const auto got = plain_number(text);
    ASSERT_EQ(got.has_value(), ok) << text;
    if (ok) {
      ASSERT_EQ(std::bit_cast<std::uint64_t>(*got), std::bit_cast<std::uint64_t>(want)) << text;
    }
  }
}

TEST(Exact, ReadsBackToTheSameBits) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 100'000; ++i) {
    const auto value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    const ParsedNumber back = parse_number(exact(value));
    ASSERT_EQ(back.kind, number) << exact(value);
    ASSERT_EQ(std::bit_cast<std::uint64_t>(back.value), std::bit_cast<std::uint64_t>(value));
  }
  for (int i = 0; i < 100'000; ++i) {  // of the size that measurements have
    const double value = std::ldexp(static_cast<double>(random() >> 11U), -53 + i % 60);
    ASSERT_EQ(parse_number(exact(value)).value, value) << exact(value);
  }
}

TEST(Exact, IsShortAndPlain) {
  EXPECT_EQ(exact(0.1), "0.1");
  EXPECT_EQ(exact(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(exact(1e-9), "1e-09");
  EXPECT_EQ(exact(100000), "100000");
  EXPECT_EQ(exact(0.0001), "0.0001");
  EXPECT_EQ(exact(0), "0");
  EXPECT_EQ(exact(1e22), "1e+22");
  EXPECT_EQ(exact(std::nan("")), "");
  EXPECT_EQ(exact(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(exact(std::numeric_limits<double>::infinity()), "inf");
}

TEST(Rounded, KeepsSignificantDigits) {
  EXPECT_EQ(rounded(12.345), "12.3");
  EXPECT_EQ(rounded(12), "12.0");
  EXPECT_EQ(rounded(-0.00123456), "-0.00123");
  EXPECT_EQ(rounded(0.0001), "0.000100");
  EXPECT_EQ(rounded(0.00009999), "0.000100");
  EXPECT_EQ(rounded(0.00009), "9.00e-05");
  EXPECT_EQ(rounded(123456), "123000");
  EXPECT_EQ(rounded(999.9), "1000");
  EXPECT_EQ(rounded(999999.9), "1.00e+06");
  EXPECT_EQ(rounded(1234, 6), "1234.00");
  EXPECT_EQ(rounded(0.5, 1), "0.5");
  EXPECT_EQ(rounded(5, 1), "5");
  EXPECT_EQ(rounded(0), "0");
  EXPECT_EQ(rounded(std::nan("")), "");
}

}  // namespace
}  // namespace kinescape
