// SPDX-License-Identifier: Apache-2.0
/// \file How is it said? Numbers, bounds, states and names as a reader sees them.
#pragma once

#include <string>
#include <string_view>

#include "base/estimated.hpp"
#include "dose_response/curve.hpp"
#include "plate/plate.hpp"
#include "plate/quality.hpp"
#include "viability/estimate.hpp"

namespace kinescape::report {

/// `value` to `digits` significant digits with a true minus; an em dash where it is not known.
[[nodiscard]] std::string number(double value, int digits = 3);

/// A p value: two digits, "< 0.0001" below that; an em dash where it is not known.
[[nodiscard]] std::string p_value(double p);

/// "1 plate", "3 plates".
[[nodiscard]] std::string counted(std::size_t n, std::string_view noun);

/// Text for an HTML element or a quoted attribute; control characters become U+FFFD.
[[nodiscard]] std::string escaped(std::string_view text);

/// A part of a file name: ASCII letters, digits, `-`; "x" when nothing is left.
[[nodiscard]] std::string slug(std::string_view text);

/// One estimate in the pieces that tables and labels are made of; nothing is escaped.
struct Wording {
  std::string value;     ///< "12.3", "> 10000", an em dash.
  std::string interval;  ///< "9.8 – 15.1", "9.8 – open"; empty when there is none.
  std::string flag;      ///< "not reached", "no response", "one repeat"; empty when all is well.
  std::string exact;     ///< One line at full precision: value, interval, n, method, why.
};
[[nodiscard]] Wording wording(const Estimated& estimate);

/// "12.3 nM (9.8 – 15.1)", "> 10000 nM (not reached)", "— (no response)".
[[nodiscard]] std::string in_line(const Estimated& estimate, std::string_view unit);

[[nodiscard]] std::string_view words(Status status);
[[nodiscard]] std::string_view words(viability::CurveClass curve_class);
[[nodiscard]] std::string_view words(viability::ResistanceCall call);
[[nodiscard]] std::string_view words(plate::Verdict verdict);

}  // namespace kinescape::report
