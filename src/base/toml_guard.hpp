// SPDX-License-Identifier: Apache-2.0
/// \file What must the TOML parser not see? toml++ 3.3 takes for granted that a heading begins with
/// a key (it asserts in debug builds and has no defined behaviour in others), and has none either
/// for some letters beyond ASCII outside quotes. People write both: `conc_µM = 5`.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kinescape {

struct TomlFault {
  std::size_t line = 0;  ///< From 1.
  std::string why;
};

/// `text` with each byte beyond ASCII spelled out in ASCII, the same in keys and values; and back.
[[nodiscard]] std::string in_ascii(std::string_view text);
[[nodiscard]] std::string from_ascii(std::string_view text);

/// The first heading that does not begin with a key, or nothing.
[[nodiscard]] std::optional<TomlFault> beyond_parser(std::string_view text);

}  // namespace kinescape
