// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes: text that is decoded is valid UTF-8 without NUL, and decodes to itself.
#include "base/text.hpp"
#include "fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinescape;
  const auto text = decode_text(fuzz::text(data, size), "f");
  if (!text.ok()) {
    fuzz::require(text.value.empty(), "a refused text has no content");
    return 0;
  }
  fuzz::require(text.value.find('\0') == std::string::npos, "no NUL in text");
  const auto marked = decode_text("\xEF\xBB\xBF" + text.value, "f");
  fuzz::require(marked.problems.empty() && marked.value == text.value, "the text is UTF-8");
  std::size_t bytes = 0;
  for (const auto line : split_lines(text.value)) bytes += line.size() + trimmed(line).size();
  fuzz::require(bytes <= 2 * text.value.size(), "lines are parts of the text");
  return 0;
}
