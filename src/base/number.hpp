// SPDX-License-Identifier: Apache-2.0
/// \file What number did they mean? Reading and writing numbers without a locale and without loss.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kinescape {

/// How decimals are written in a file.
enum class Decimal {
  unstated,  ///< Not told: "1,234" is ambiguous and refused; "1,5" and "1.5" are read.
  point,     ///< "1,234" is one thousand two hundred thirty-four.
  comma,     ///< "1,234" is one and a bit; "1.234" is one thousand two hundred thirty-four.
};

enum class NumberKind {
  number,
  empty,        ///< Nothing, or only spaces.
  ambiguous,    ///< "1,234" with Decimal::unstated.
  not_a_number  ///< Letters, "NaN", "inf", "1.2.3", "12 34".
};

struct ParsedNumber {
  NumberKind kind = NumberKind::not_a_number;
  double value = 0.0;  ///< Meaningful for NumberKind::number only.
};

/// Reads a number as people and instruments write it: 1.5, 1,5, 1e-3, +2, -.5, 1.5E+03, 1 234.5
/// and 1'234.5 (grouping in threes), surrounding spaces, U+2212 minus. Never "nan" or "inf".
///
/// With Decimal::unstated the text itself must settle what a comma or point is:
/// - one point is a decimal point, "1.234" too (hardly anyone groups with a single point);
/// - one comma is a decimal comma where it cannot be grouping ("1,5", "12,50", "0,123", ",5",
///   "1 234,567", "1,234E+03"), and ambiguous where it can ("1,234");
/// - several of one kind are grouping ("1,234,567"); of two kinds the last is the decimal mark.
/// A grouped number has groups of three and no leading zero; with an exponent nothing is grouped.
/// What is too large or too small for a double is NumberKind::not_a_number, never infinite or 0.
[[nodiscard]] ParsedNumber parse_number(std::string_view text, Decimal decimal = Decimal::unstated);

/// The plain form alone, and fast: optional sign, digits with at most one point, optional exponent;
/// no space, comma or grouping. Correctly rounded. For the cells of a long file that is known to be
/// plain; what it refuses may still be a number to parse_number.
[[nodiscard]] std::optional<double> plain_number(std::string_view text);

/// The shortest digits that read back to the same double: "0.1", "1000000", "1e-09". An exponent
/// stands only below 1e-4 and from 1e15. "" for NaN; "inf", "-inf".
[[nodiscard]] std::string exact(double value);

/// `value` to `digits` (1 to 17) significant digits for a reader: no exponent between 1e-4 and 1e6,
/// trailing zeros kept ("12.0"), "0" for zero. "" for NaN; "inf", "-inf".
[[nodiscard]] std::string rounded(double value, int digits = 3);

}  // namespace kinescape
