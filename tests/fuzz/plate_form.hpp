// SPDX-License-Identifier: Apache-2.0
/// \file Any bytes, read as one form of plate file: no crash, and what was read keeps its promises.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "plate/plate.hpp"
#include "plate/source_internal.hpp"

namespace kinescape::fuzz {

/// Aborts when a well contradicts itself.
inline void hold_promises(const plate::PlateSet& set) {
  for (const plate::Well& w : set.wells) {
    const bool inside = w.position.row >= 0 && w.position.row < 32 && w.position.column >= 0 &&
                        w.position.column < 48;
    if (w.placed && !inside) std::abort();
    if (w.reading == plate::Reading::measured && !std::isfinite(w.signal)) std::abort();
    if (w.origin.cell.empty()) std::abort();
  }
}

/// Reads `data` by the form's own reader even where its signature is missing, and then by the whole
/// way that a user's file takes.
inline int read_as(Checked<plate::PlateSet> (*read)(const plate::Source&,
                                                    const plate::ReadOptions&),
                   const std::uint8_t* data,
                   std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  plate::ReadOptions options;
  options.plan_needed = false;
  const auto source = plate::open_source(bytes, "fuzz", Decimal::unstated);
  if (source.ok()) {
    const auto got = read(*source.value, options);
    if (got.ok()) hold_promises(got.value);
  }
  const auto whole = plate::read_plates(bytes, "fuzz", {}, options);
  if (whole.ok()) hold_promises(whole.value);
  return 0;
}

}  // namespace kinescape::fuzz
