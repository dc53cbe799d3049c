// SPDX-License-Identifier: Apache-2.0
/// \file Is this text safe to hand to the TOML parser? toml++ 3.3 takes for granted that a heading
/// begins with a key, and that no letter beyond ASCII stands outside quotes: it asserts in debug
/// builds and has no defined behaviour in others. Both are mistakes that people make.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kinescape::plate {

struct TomlFault {
  std::size_t line = 0;  ///< From 1.
  std::string why;
};

/// The first such place, or nothing.
[[nodiscard]] std::optional<TomlFault> beyond_parser(std::string_view text);

}  // namespace kinescape::plate
