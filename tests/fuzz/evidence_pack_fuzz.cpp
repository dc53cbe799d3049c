// SPDX-License-Identifier: Apache-2.0
// The first byte chooses the table.
#include "evidence/library.hpp"
#include "evidence/pack.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinescape;
  if (size == 0) return 0;
  static const char* const tables[] = {"source",
                                       "agent",
                                       "variant",
                                       "protein",
                                       "system",
                                       "assay",
                                       "word",
                                       "measurement",
                                       "fold",
                                       "statement",
                                       "outcome",
                                       "mechanism",
                                       "exposure"};
  evidence::Pack pack;
  pack.name = "fuzz";
  Problems problems;
  evidence::read_table(
      pack, tables[data[0] % 13], fuzz::text(data + 1, size - 1), "fuzz.csv", problems);
  for (const auto& p : problems)
    fuzz::require(!p.what.empty() && !p.fix.empty(), "a problem says what and what to do");
  static_cast<void>(evidence::join({pack}));
  return 0;
}
