// SPDX-License-Identifier: Apache-2.0
#include "base/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace kinescape {
namespace {

/// 1234567 -> "1,234,567"
std::string grouped(std::uint64_t n) {
  std::string out = std::to_string(n);
  for (std::size_t at = out.size(); at > 3;) {
    at -= 3;
    out.insert(at, ",");
  }
  return out;
}

/// "0:07", "12:34" or "3:05:00"
std::string clock_time(double seconds) {
  const auto s = static_cast<std::uint64_t>(std::ceil(std::max(0.0, seconds)));
  if (s < 3600) return fmt::format("{}:{:02}", s / 60, s % 60);
  return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

/// The first `width` characters, never half of one.
std::string cut(const std::string& line, int width) {
  int seen = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool starts = (static_cast<unsigned char>(line[i]) & 0xC0U) != 0x80U;
    if (starts && seen++ == width) return line.substr(0, i);
  }
  return line;
}

}  // namespace

std::string progress_line(const ProgressState& state, double elapsed_s, int width) {
  width = std::max(0, width);
  if (state.total == 0) {
    return cut(fmt::format("{}  {}  {}", state.what, grouped(state.done), clock_time(elapsed_s)),
               width);
  }
  const double part =
      std::min(1.0, static_cast<double>(state.done) / static_cast<double>(state.total));
  std::string tail = fmt::format(
      "{:3.0f} %  {} of {}", std::floor(100.0 * part), grouped(state.done), grouped(state.total));
  if (part >= 1.0) {
    tail += "  in " + clock_time(elapsed_s);
  } else if (state.done > 0 && elapsed_s > 0.0) {
    tail += "  " + clock_time(elapsed_s * (1.0 - part) / part) + " left";
  }
  // The bar takes what the words leave, and stays away where it could not be read.
  const int room = width - static_cast<int>(state.what.size() + tail.size()) - 6;
  constexpr int shortest = 8, longest = 40;
  std::string bar;
  if (room >= shortest) {
    const int cells = std::min(room, longest);
    const int full = static_cast<int>(part * cells);
    bar = fmt::format("[{}{}]  ",
                      std::string(static_cast<std::size_t>(full), '#'),
                      std::string(static_cast<std::size_t>(cells - full), '.'));
  }
  return cut(fmt::format("{}  {}{}", state.what, bar, tail), width);
}

}  // namespace kinescape
