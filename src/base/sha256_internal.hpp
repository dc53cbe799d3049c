// SPDX-License-Identifier: Apache-2.0
/// \file SHA-256 (FIPS 180-4) of bytes that come in pieces.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kinescape {

class Sha256 {
 public:
  void add(std::string_view bytes);
  /// 64 lower-case hexadecimal digits of all that was added; ends the use of this object.
  [[nodiscard]] std::string hex();

  using State = std::array<std::uint32_t, 8>;
  /// Mixes whole blocks of 64 bytes into the state: plainly, or with the processor's own
  /// instructions where it has them. Both give the same bits.
  static void mix_plain(State& state, const unsigned char* blocks, std::size_t count);
  static void mix_best(State& state, const unsigned char* blocks, std::size_t count);

 private:
  State state_ = {0x6a09e667,
                  0xbb67ae85,
                  0x3c6ef372,
                  0xa54ff53a,
                  0x510e527f,
                  0x9b05688c,
                  0x1f83d9ab,
                  0x5be0cd19};
  std::array<unsigned char, 64> block_{};
  std::size_t filled_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace kinescape
