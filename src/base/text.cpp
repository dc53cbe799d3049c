// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>

#include "base/encoding_internal.hpp"

namespace kinescape {
namespace {

using encoding::Kind;

Problem problem_at(std::string_view bytes,
                   std::size_t position,
                   const std::string& file,
                   std::string what,
                   std::string fix) {
  Problem p;
  p.where.file = file;
  p.where.line = encoding::line_of(bytes, position);
  p.what = std::move(what);
  p.fix = std::move(fix);
  return p;
}

}  // namespace

Checked<std::string> decode_text(std::string_view bytes, const std::string& file) {
  Checked<std::string> out;
  if (const auto binary = encoding::known_binary(bytes)) {
    out.problems.push_back({{file, 0, 0, "", ""}, binary->what, binary->fix});
    return out;
  }
  const encoding::Guess guess = encoding::guess(bytes.substr(0, encoding::guess_bytes));
  const std::string_view body = bytes.substr(guess.mark_bytes);
  encoding::Decoder decoder(guess);
  out.value.reserve(guess.kind == Kind::utf8 ? body.size() : body.size() / 2 + 16);
  decoder.feed(body, true, out.value);
  if (decoder.fault()) {
    const auto& fault = *decoder.fault();
    out.problems.push_back(problem_at(out.value, out.value.size(), file, fault.what, fault.fix));
    out.value.clear();
    return out;
  }
  if (decoder.guessed_1252()) {
    const std::size_t at = *decoder.guessed_1252();
    Problem p = problem_at(out.value,
                           at,
                           file,
                           std::string(encoding::windows_1252_warning),
                           std::string(encoding::windows_1252_fix));
    p.severity = Severity::warning;
    p.where.shown = encoding::line_around(out.value, at);
    out.problems.push_back(std::move(p));
  }
  return out;
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find_first_of("\r\n", start), text.size());
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
    if (end + 1 < text.size() && text[end] == '\r' && text[end + 1] == '\n') ++start;
  }
  return lines;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view no_break = "\xC2\xA0";
  auto space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!text.empty()) {
    if (space(text.front())) {
      text.remove_prefix(1);
    } else if (text.starts_with(no_break)) {
      text.remove_prefix(2);
    } else {
      break;
    }
  }
  while (!text.empty()) {
    if (space(text.back())) {
      text.remove_suffix(1);
    } else if (text.ends_with(no_break)) {
      text.remove_suffix(2);
    } else {
      break;
    }
  }
  return text;
}

namespace {

char lower_char(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Lower-case letters and digits only, so that "Dose (nM)" and "dose_nM" are the same words.
std::string letters_of(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const char l = lower_char(c);
    const bool kept =
        (l >= 'a' && l <= 'z') || (l >= '0' && l <= '9') || static_cast<unsigned char>(l) >= 0x80U;
    if (kept) out += l;
  }
  return out;
}

/// Edits (insert, drop, change, swap of neighbours) from a to b: optimal string alignment.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower_char);
  return out;
}

bool iequal(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower_char, lower_char);
}

std::optional<std::string> nearest(std::string_view found,
                                   const std::vector<std::string>& allowed) {
  constexpr std::size_t longest = 100;  // nobody mistypes a longer name, and edits() is quadratic
  const std::string mine = letters_of(found.substr(0, longest));
  if (mine.empty()) return std::nullopt;
  std::optional<std::string> best;
  std::size_t fewest = 0;
  for (const std::string& name : allowed) {
    if (name.size() > longest) continue;
    const std::string theirs = letters_of(name);
    const std::size_t n = edits(mine, theirs);
    const std::size_t tolerated =
        std::max<std::size_t>(1, std::min(mine.size(), theirs.size()) / 3);
    // A one-letter name is one edit away from every other: it is near to itself only.
    const bool near = n == 0 || (n <= tolerated && std::min(mine.size(), theirs.size()) > 1);
    if (near && (!best || n < fewest)) {
      best = name;
      fewest = n;
    }
  }
  return best;
}

std::string column_letters(std::size_t column) {
  std::string out;
  for (; column > 0; column = (column - 1) / 26) {
    out.insert(out.begin(), static_cast<char>('A' + (column - 1) % 26));
  }
  return out;
}

}  // namespace kinescape
