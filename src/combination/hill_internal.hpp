// SPDX-License-Identifier: Apache-2.0
/// \file The curve of one agent, and of one agent on top of another, fitted some hundred thousand
/// times in a bootstrap: 4-parameter log-logistic with either plateau fixed or free.
#pragma once

#include <span>
#include <vector>

#include "base/estimated.hpp"
#include "combination/block.hpp"

namespace kinescape::combination {

/// bottom + (top - bottom) / (1 + (x / exp(log_c))^slope); dose in nM, 0 allowed.
struct Hill {
  double top = unknown, bottom = unknown, log_c = unknown, slope = unknown;
  [[nodiscard]] bool usable() const { return slope == slope && log_c == log_c; }
};
[[nodiscard]] double value(const Hill& hill, double dose_nM);

/// Dose in nM at which `hill` has the value y; NaN unless y lies strictly between its plateaus.
[[nodiscard]] double dose_at(const Hill& hill, double y);

struct HillLimits {
  double lowest_bottom = -0.05;  ///< A drug cannot kill more than everything, noise apart.
  double highest = 3.0;
  double top = unknown;     ///< Fixed there unless NaN.
  double bottom = unknown;  ///< Fixed there unless NaN.
};

/// Global least squares by a grid over midpoint and slope with the plateaus projected out, then
/// polished. Too few points for the free parameters: not usable.
[[nodiscard]] Hill fit_hill(std::span<const double> dose_nM,
                            std::span<const double> response,
                            const HillLimits& limits);

/// The curves of all single agents of a surface, which share the response without drug.
/// An agent with fewer than three doses of its own has no usable curve.
/// `full_range`: curves run from 1 to `floor`.
[[nodiscard]] std::vector<Hill> fit_agents(const Surface& surface,
                                           double floor,
                                           bool full_range = false);

}  // namespace kinescape::combination
