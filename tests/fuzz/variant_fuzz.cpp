// SPDX-License-Identifier: Apache-2.0
#include "evidence/variant.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinescape;
  evidence::ProteinSet set;
  set.add("ALK", 1196, "LELMAGGD");
  const auto parsed = evidence::parse_variants(fuzz::text(data, size), "ALK", set);
  fuzz::require(parsed.ok() != parsed.value.variants.empty(), "variants or a problem");
  for (const auto& v : parsed.value.variants) {  // a key is read back as itself
    if (v.kind == evidence::VariantKind::parental || v.kind == evidence::VariantKind::fusion)
      continue;
    const auto again = evidence::parse_variant(v.key(), "ALK", set);
    fuzz::require(!again.ok() || again.value.key() == v.key(), "the key is its own key");
  }
  return 0;
}
