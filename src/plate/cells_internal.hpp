// SPDX-License-Identifier: Apache-2.0
/// \file What does one printed cell mean? Readings, concentrations and names as instruments and
/// people write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/number.hpp"
#include "base/table.hpp"
#include "plate/plate.hpp"

namespace kinescape::plate {

/// `text` in lower case with everything but letters and digits dropped ("%" becomes "percent"), so
/// that "Cell Line", "cell_line" and "cell.line" are one spelling. Bytes above 127 are kept.
[[nodiscard]] std::string compact(std::string_view text);

/// "A" for row 0, "AF" for row 31.
[[nodiscard]] std::string row_name(int row);
/// Reads "A" to "AF" as 0 to 31, and nothing else.
[[nodiscard]] std::optional<int> parse_row(std::string_view text);
/// Reads "1" or "01" to "48" as 0 to 47, and nothing else.
[[nodiscard]] std::optional<int> parse_column(std::string_view text);

/// Who printed the cell decides what "NaN" and a lone decimal comma mean.
enum class Printer {
  person,      ///< A table: "NaN" and "1,234" are for the user to settle.
  instrument,  ///< No instrument groups thousands in a reading; "NaN" is a well it could not read.
};

/// One cell that should hold a signal.
struct SignalCell {
  bool understood = false;  ///< False: neither a number nor a known sign; `why` says so.
  Reading reading = Reading::missing;
  double value = unknown;  ///< Of saturated and below: the printed bound (">4.0"), or NaN.
  std::string why;
  std::string fix;
};

/// Reads numbers, "OVRFLW", "OVER", "*****", ">4.0", "#SAT" (saturated), "UNDER", "<0.01" (below),
/// "masked", and "", "-", "NA", "MISSED" (missing).
[[nodiscard]] SignalCell read_signal(std::string_view text, Decimal decimal, Printer printer);

/// Puts a cell into a well: reading, value and, where it was no plain number, the printed text.
void put_signal(Well& well, const SignalCell& cell, std::string_view printed);

/// A number with the unit that may follow it ("10", "10 uM", "1.5µM"); nothing if it is neither.
struct Amount {
  double value = 0.0;
  std::string unit;
};
[[nodiscard]] std::optional<Amount> parse_amount(std::string_view text, Decimal decimal);

/// The origin of a cell, as origin_of(grid.where(...)) gives it.
[[nodiscard]] Origin origin_at(const Grid& grid, std::size_t row, std::size_t column);

/// The name of a file without folders and without its last ending.
[[nodiscard]] std::string file_stem(const std::string& file);

/// "nM, uM, ..." for messages.
inline constexpr std::string_view dose_units_allowed = "pM, nM, uM (µM), mM or M";

/// Gives every saturated (or below) well without a bound of its own the largest (smallest) value
/// measured on its plate in its channel: the truth lies at or past it.
void bound_censored(PlateSet& set);

}  // namespace kinescape::plate
