// SPDX-License-Identifier: Apache-2.0
// The first byte chooses the database.
#include "evidence/import.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinescape;
  if (size == 0) return 0;
  evidence::ImportOptions options;
  options.gene = "ALK";
  options.unit = "nM";
  evidence::PackBuilder builder(options);
  const auto from = static_cast<evidence::ImportFrom>(data[0] % 6);
  static_cast<void>(
      evidence::import_bytes(from, fuzz::text(data + 1, size - 1), "fuzz", options, builder));
  static_cast<void>(builder.files());
  static_cast<void>(builder.problems());
  return 0;
}
