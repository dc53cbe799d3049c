// SPDX-License-Identifier: Apache-2.0
/// \file One block of Philox4x32-10 (Salmon et al. 2011, doi:10.1145/2063384.2063405).
#pragma once

#include <array>
#include <cstdint>

namespace kinescape {

[[nodiscard]] std::array<std::uint32_t, 4> philox(const std::array<std::uint32_t, 4>& counter,
                                                  const std::array<std::uint32_t, 2>& key);

}  // namespace kinescape
