// SPDX-License-Identifier: Apache-2.0
/// \file What a dose-response figure is made of: its window and the rows of its marks.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "report/json_internal.hpp"
#include "viability/estimate.hpp"

namespace kinescape::report {

inline constexpr int dose_response_height_px = 380;

/// The window of the figure: what lies where on its axes.
struct DoseWindow {
  double lowest_nM = std::numeric_limits<double>::infinity(),
         highest_nM = 0.0;      ///< Doses with drug in them.
  double vehicle_nM = unknown;  ///< Where dose 0 is drawn; NaN: it is not.
  double left_nM = unknown, right_nM = unknown;
  double bottom = 0.0, top = 1.1;  ///< Viability, without the strip of IC50s below.
  double strip = 0.07;             ///< Height of one line's row in that strip.
};

/// The curves of one drug, in the order of the lines' styles.
using Curves = std::vector<const viability::CurveResult*>;

[[nodiscard]] DoseWindow dose_window(const Curves& curves);

/// The fitted curves with their bands.
[[nodiscard]] Json curve_rows(const Curves& curves, const DoseWindow& w);

/// Each repeat's mean and standard error at each dose; repeats stand side by side.
[[nodiscard]] Json mean_rows(const Curves& curves, const DoseWindow& w);

/// Wells that need saying: kept out, or beyond what the reader could count.
[[nodiscard]] Json marked_rows(const Curves& curves, const DoseWindow& w);

/// The strip below zero: each line's IC50 as a tick on its interval.
[[nodiscard]] Json ic50_rows(const Curves& curves, const DoseWindow& w);

/// Names at the curves' ends, pushed apart where the ends meet; the true order stays.
[[nodiscard]] Json label_rows(const Curves& curves, const DoseWindow& w);

}  // namespace kinescape::report
