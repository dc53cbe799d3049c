// SPDX-License-Identifier: Apache-2.0
/// \file What number did they mean? Reading and writing numbers without a locale and without loss.
#pragma once

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
[[nodiscard]] ParsedNumber parse_number(std::string_view text, Decimal decimal = Decimal::unstated);

/// The shortest text that reads back to the same double ("0.1", "1e-09"). "" for NaN; "inf",
/// "-inf".
[[nodiscard]] std::string exact(double value);

/// `value` to `digits` significant digits for a reader: no exponent between 1e-4 and 1e6.
[[nodiscard]] std::string rounded(double value, int digits = 3);

}  // namespace kinescape
