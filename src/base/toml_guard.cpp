// SPDX-License-Identifier: Apache-2.0
#include "base/toml_guard.hpp"

#include <algorithm>

namespace kinescape {
namespace {

/// Nobody writes this; as part of a key it needs no quotes.
constexpr std::string_view opening = "-_x-";

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

std::string in_ascii(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 128) {
      out += c;
    } else {
      out += opening;
      out += hex[byte >> 4U];
      out += hex[byte & 0xFU];
    }
  }
  return out;
}

std::string from_ascii(std::string_view text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool coded =
        text.substr(i, opening.size()) == opening && i + opening.size() + 1 < text.size();
    const int high = coded ? digit(text[i + opening.size()]) : -1;
    const int low = coded ? digit(text[i + opening.size() + 1]) : -1;
    if (high < 8 || low < 0) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += opening.size() + 1;
  }
  return out;
}

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
    } else {
      line_empty = line_empty && (c == ' ' || c == '\t' || c == '\r');
      ++i;
    }
  }
  return std::nullopt;
}

}  // namespace kinescape
