// SPDX-License-Identifier: Apache-2.0
/// \file What the maps of scores share, of two drugs and of more.
#pragma once

#include <string>

#include "report/figure_theme_internal.hpp"

namespace kinescape::report {

/// A cell; without a value it is drawn too, in grey.
[[nodiscard]] Json score_mark();
/// Points from purple (antagonism) by white to orange (synergy), to `end` either way.
[[nodiscard]] Json score_colour(double end);
/// A frame around the cells that are beyond their error, by the fields of their corners.
[[nodiscard]] Json significance_frame(const char* x, const char* x2, const char* y, const char* y2);
/// The field `shown` at the cells' centres, white on dark cells.
[[nodiscard]] Json cell_numbers(const char* x, const char* y, const std::string& dark_where);
[[nodiscard]] std::string shown_points(double points);

}  // namespace kinescape::report
