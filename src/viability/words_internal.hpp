// SPDX-License-Identifier: Apache-2.0
/// \file The sentences of this room's results.
#pragma once

#include <string>

#include "viability/analyse_internal.hpp"

namespace kinescape::viability {

[[nodiscard]] std::string says(const Comparison& comparison, const Options& options);

}  // namespace kinescape::viability
