// SPDX-License-Identifier: Apache-2.0
/// \file p values that answer for their number. NaN in stays NaN out and does not count.
#pragma once

#include <span>
#include <vector>

namespace kinescape::numeric {

/// Holm 1979 step-down: controls the chance of any false claim.
[[nodiscard]] std::vector<double> holm(std::span<const double> p);

/// Benjamini & Hochberg 1995 (doi:10.1111/j.2517-6161.1995.tb02031.x): controls the share of false
/// claims.
[[nodiscard]] std::vector<double> benjamini_hochberg(std::span<const double> p);

}  // namespace kinescape::numeric
