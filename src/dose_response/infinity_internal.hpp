// SPDX-License-Identifier: Apache-2.0
/// \file Infinity, as limits of a search and of a dose have it.
#pragma once

#include <limits>

namespace kinescape::dose_response {

inline constexpr double inf = std::numeric_limits<double>::infinity();

}  // namespace kinescape::dose_response
