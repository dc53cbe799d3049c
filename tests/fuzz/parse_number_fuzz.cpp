// SPDX-License-Identifier: Apache-2.0
// Whatever the text: a number is finite, and writing it exactly reads back to the same bits.
#include <bit>
#include <cmath>

#include "base/number.hpp"
#include "fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinescape;
  const auto text = fuzz::text(data, size);
  bool ambiguous = false;
  for (const Decimal decimal : {Decimal::unstated, Decimal::point, Decimal::comma}) {
    const ParsedNumber n = parse_number(text, decimal);
    if (n.kind == NumberKind::ambiguous) {
      fuzz::require(decimal == Decimal::unstated, "told the decimal mark, nothing is ambiguous");
      ambiguous = true;
    }
    if (ambiguous && decimal != Decimal::unstated) {
      fuzz::require(n.kind == NumberKind::number, "what is ambiguous is a number either way");
    }
    if (n.kind != NumberKind::number) continue;
    fuzz::require(std::isfinite(n.value), "a number is finite");
    const ParsedNumber back = parse_number(exact(n.value));
    fuzz::require(back.kind == NumberKind::number && std::bit_cast<std::uint64_t>(back.value) ==
                                                         std::bit_cast<std::uint64_t>(n.value),
                  "exact() reads back");
    fuzz::require(!rounded(n.value).empty(), "a number can be shown");
  }
  if (const auto plain = plain_number(text)) {
    const ParsedNumber n = parse_number(text);
    fuzz::require(n.kind == NumberKind::number && n.value == *plain, "plain_number agrees");
  }
  return 0;
}
