// SPDX-License-Identifier: Apache-2.0
// The first byte chooses the reader: text, MAF, or VCF and BCF by way of a file.
#include "evidence/genotype.hpp"
#include "temporary_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinescape;
  if (size == 0) return 0;
  evidence::ProteinSet set;
  set.add("ALK", 1196, "LELMAGGD");
  const std::string_view text = fuzz::text(data + 1, size - 1);
  if (data[0] % 3 == 0) {
    const auto read = evidence::parse_genotype(text, set);
    for (const auto& c : read.value.carried)
      fuzz::require(c.gene.empty() == (c.variant.kind == evidence::VariantKind::parental),
                    "all but parental cells name a gene");
  } else if (data[0] % 3 == 1) {
    static_cast<void>(evidence::read_genotype_maf(text, "fuzz.maf", set));
  } else {
    static_cast<void>(evidence::read_genotype_vcf(fuzz::file_with(text), set));
  }
  return 0;
}
