// SPDX-License-Identifier: Apache-2.0
/// \file Virtual blots that several recovery tests of the room start from.
#pragma once

#include <cstdint>
#include <cstdlib>

#include "immunoblot/design.hpp"

namespace kinescape::immunoblot::tests {

/// How many virtual experiments; fewer by the environment while one works on the room.
inline int experiments(int usual) {
  const char* n = std::getenv("KINESCAPE_RECOVERY_COUNT");
  return n != nullptr ? std::atoi(n) : usual;
}

// Three treatments in three lanes each: no drug, half left, a tenth left; the reference is
// constant.
inline constexpr double left[] = {1.0, 0.5, 0.1};

struct Blot {
  Design design;
  Truth truth;
  Noise noise;
};

inline Blot blot_of(std::uint64_t i) {
  Blot b;
  b.design.strips = {{
                         "pTarget",
                         1.5e6,
                         unknown,
                         5.0 + double(i % 4),
                         0.5 * double(i % 3),
                     },
                     {"Target", 3e6, unknown, 6.0, 0.8}};
  b.design.gap_px = 10.0 + 4.0 * double(i % 4);
  b.truth.amounts = {{}, std::vector<double>(9, 1.0)};
  for (int l = 0; l < 9; ++l) b.truth.amounts[0].push_back(left[l % 3]);
  b.noise.tilt_degrees = -5.0 + 2.5 * double(i % 5);
  b.noise.smile_px = -6.0 + 4.0 * double(i % 4);
  return b;
}

}  // namespace kinescape::immunoblot::tests
