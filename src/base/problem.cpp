// SPDX-License-Identifier: Apache-2.0
#include "base/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace kinescape {

bool has_errors(const Problems& problems) {
  return std::ranges::any_of(problems,
                             [](const Problem& p) { return p.severity == Severity::error; });
}

std::string describe(const Problem& problem) {
  const Where& w = problem.where;
  std::string place = w.file;
  auto add = [&place](const std::string& part) {
    if (!place.empty()) place += ", ";
    place += part;
  };
  if (w.line != 0) add(fmt::format("line {}", w.line));
  if (w.column != 0) add(fmt::format("column {}", w.column));
  if (!w.item.empty()) add(w.item);
  std::string out = problem.severity == Severity::warning ? "warning: " : "";
  if (!place.empty()) out += place + ": ";
  out += problem.what;
  if (!w.shown.empty()) out += "\n   " + printable(w.shown, 120);
  if (!problem.fix.empty()) out += "\n   " + problem.fix;
  return out;
}

std::string describe(const Problems& problems, std::size_t most) {
  std::string out;
  std::size_t shown = 0;
  for (const Severity severity : {Severity::error, Severity::warning}) {
    for (const Problem& p : problems) {
      if (p.severity != severity || shown == most) continue;
      out += describe(p) + "\n";
      ++shown;
    }
  }
  if (problems.size() > shown) out += fmt::format("... and {} more\n", problems.size() - shown);
  return out;
}

void append(Problems& problems, Problems more) {
  problems.insert(
      problems.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::string printable(std::string_view text, std::size_t most) {
  std::string out;
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool starts_character = (c & 0xC0U) != 0x80U;
    if (starts_character && count++ == most) return out + "...";
    if (c == '\t') {
      out += "\\t";
    } else if (c < 0x20U || c == 0x7FU) {
      out += fmt::format("\\x{:02x}", c);
    } else {
      out += static_cast<char>(c);
    }
  }
  return out;
}

}  // namespace kinescape
