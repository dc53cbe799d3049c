// SPDX-License-Identifier: Apache-2.0
/// \file What the writers share.
#pragma once

#include <string>
#include <string_view>

#include "plate/plate.hpp"

namespace kinescape::plate {

/// The cell of a reading: the number, what was printed, or the sign of its kind.
[[nodiscard]] std::string signal_text(const Well& well, std::string_view saturated);

}  // namespace kinescape::plate
