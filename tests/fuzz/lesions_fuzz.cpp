// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes: every visit of a lesion table gets a call and a reason.
#include "clinical/recist.hpp"
#include "fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinescape;
  const auto text = fuzz::text(data, size);
  static_cast<void>(clinical::has_lesion_columns(text, "l.csv"));
  const auto read = clinical::read_lesions(text, "l.csv");
  if (!read.ok()) return 0;
  const auto e = clinical::assess(read.value);
  fuzz::require(e.patients.size() == read.value.patients.size(), "no patient is lost");
  for (const auto& p : e.patients)
    for (const auto& v : p.visits) fuzz::require(!v.why.empty(), "every call has its reason");
  return 0;
}
