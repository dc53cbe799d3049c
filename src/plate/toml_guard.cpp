// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "plate/toml_guard_internal.hpp"

namespace kinescape::plate {
namespace {

/// The end of a quoted string that begins at `at`: past its closing quotes, or at the end of its
/// line (of the text, for three quotes) when it is not closed.
std::size_t past_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string triple(3, quote);
  const bool multiline = text.substr(at, 3) == triple;
  std::size_t i = at + (multiline ? 3 : 1);
  while (i < text.size()) {
    if (quote == '"' && text[i] == '\\') {
      i += 2;
    } else if (multiline ? text.substr(i, 3) == triple : text[i] == quote) {
      i += multiline ? 3 : 1;
      // Up to two quotes may stand right before the closing three.
      while (multiline && i < text.size() && text[i] == quote) ++i;
      return i;
    } else if (!multiline && text[i] == '\n') {
      return i;
    } else {
      ++i;
    }
  }
  return text.size();
}

bool begins_key(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '"' || c == '\'';
}

/// Whether the "[" at `at`, the first of its line, is followed by the start of a key.
bool opens_heading(std::string_view text, std::size_t at) {
  at += text.substr(at, 2) == "[[" ? 2 : 1;
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  return at < text.size() && begins_key(text[at]);
}

}  // namespace

std::optional<TomlFault> beyond_parser(std::string_view text) {
  std::size_t line = 1;
  bool line_empty = true;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '\n') {
      ++line;
      line_empty = true;
      ++i;
    } else if (c == '#') {
      i = std::min(text.find('\n', i), text.size());
    } else if (c == '"' || c == '\'') {
      const std::size_t end = std::min(past_string(text, i), text.size());
      for (; i < end; ++i) line += text[i] == '\n' ? 1 : 0;
      line_empty = false;
    } else if (c == '[' && line_empty && !opens_heading(text, i)) {
      return TomlFault{line, "a heading must begin with a name, as in [expt]"};
    } else if (static_cast<unsigned char>(c) > 127) {
      return TomlFault{line,
                       "a letter beyond a-z stands outside quotes; write the name as \"...\", or "
                       "the unit as uM"};
    } else {
      line_empty = line_empty && (c == ' ' || c == '\t' || c == '\r');
      ++i;
    }
  }
  return std::nullopt;
}

}  // namespace kinescape::plate
