// SPDX-License-Identifier: Apache-2.0
/// \file The words of a problem in a cell, shared by the readers of tables.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/problem.hpp"

namespace kinescape::plate {

[[nodiscard]] inline Problem error(Where where, std::string what, std::string fix) {
  return {std::move(where), std::move(what), std::move(fix), Severity::error};
}

[[nodiscard]] inline std::string in_quotes(std::string_view text) {
  return "\"" + printable(text) + "\"";
}

}  // namespace kinescape::plate
