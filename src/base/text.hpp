// SPDX-License-Identifier: Apache-2.0
/// \file What does this file say, whatever its encoding? Bytes to UTF-8 text, and small text work.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.hpp"

namespace kinescape {

/// Bytes as UTF-8 without a byte-order mark. Recognises UTF-8, UTF-16LE/BE (with a mark, or by the
/// pattern of zero bytes) and, when the bytes are not valid UTF-8, Windows-1252 (with a warning
/// that says so, because instruments write the degree and micro signs that way). Bytes that are
/// none of these (NUL bytes in text) are a Problem naming `file` and the line.
[[nodiscard]] Checked<std::string> decode_text(std::string_view bytes, const std::string& file);

/// Lines without their ends; \n, \r\n and \r all end a line. Views into `text`.
[[nodiscard]] std::vector<std::string_view> split_lines(std::string_view text);

[[nodiscard]] std::string_view trimmed(std::string_view text);      ///< Also drops U+00A0.
[[nodiscard]] std::string lower(std::string_view text);             ///< ASCII only.
[[nodiscard]] bool iequal(std::string_view a, std::string_view b);  ///< ASCII, ignoring case.

/// The entry of `allowed` that `found` most likely meant, for "did you mean ...?"; nothing if none
/// is near.
[[nodiscard]] std::optional<std::string> nearest(std::string_view found,
                                                 const std::vector<std::string>& allowed);

/// A spreadsheet column by number from 1: 1 -> "A", 27 -> "AA".
[[nodiscard]] std::string column_letters(std::size_t column);

}  // namespace kinescape
