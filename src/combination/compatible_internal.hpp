// SPDX-License-Identifier: Apache-2.0
/// \file Curves as drc 3.2 fits them when SynergyFinder asks.
#pragma once

#include <vector>

#include "base/estimated.hpp"

namespace kinescape::combination {

struct ToolCurve {
  bool in_logarithm = false;  ///< L.4: doses and e are logarithms.
  double b = unknown, c = unknown, d = unknown, e = unknown;
  bool usable = false;
};

/// Percent inhibition at a dose in the tool's unit; no drug is 1e-10 of it for an L.4.
[[nodiscard]] double value(const ToolCurve& curve, double dose);

/// The dose that gives `y`; infinite above both plateaus, 0 elsewhere outside them.
[[nodiscard]] double dose_for(const ToolCurve& curve, double y);

/// LL.4 by drc, L.4 on the logarithm of dose where that ends in an error; lower and upper plateau
/// fixed unless NaN. Not usable where both do.
[[nodiscard]] ToolCurve fit_tool_curve(const std::vector<double>& dose,
                                       std::vector<double> percent,
                                       double lower,
                                       double upper);

}  // namespace kinescape::combination
