// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cstring>

#include "base/sha256_internal.hpp"

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace kinescape {
namespace {

alignas(16) constexpr std::array<std::uint32_t, 64> k = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

std::uint32_t big_endian(const unsigned char* p) {
  return std::uint32_t{p[0]} << 24U | std::uint32_t{p[1]} << 16U | std::uint32_t{p[2]} << 8U | p[3];
}

}  // namespace

void Sha256::mix_plain(State& state, const unsigned char* blocks, std::size_t count) {
  for (; count > 0; --count, blocks += 64) {
    std::array<std::uint32_t, 64> w{};
    for (std::size_t t = 0; t < 16; ++t) w[t] = big_endian(blocks + 4 * t);
    for (std::size_t t = 16; t < 64; ++t) {
      const std::uint32_t a = w[t - 15], b = w[t - 2];
      const std::uint32_t s0 = std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3U;
      const std::uint32_t s1 = std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10U;
      w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t t = 0; t < 64; ++t) {
      const std::uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
      const std::uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
      const std::uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + k[t] + w[t];
      const std::uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
      h = g;
      g = f;
      f = e;
      e = d + t1;
      d = c;
      c = b;
      b = a;
      a = t1 + t2;
    }
    const State add = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i) state[i] += add[i];
  }
}

#if defined(__x86_64__) && defined(__GNUC__)

namespace {

bool has_sha_instructions() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  const bool sse41 = __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_SSE4_1) != 0;
  const bool sha = __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
  return sse41 && sha;
}

/// Four rounds at a time: sha256rnds2 does two, on the state split as (a b e f) and (c d g h).
__attribute__((target("sha,sse4.1"))) void mix_with_instructions(Sha256::State& state,
                                                                 const unsigned char* blocks,
                                                                 std::size_t count) {
  auto pack = [](std::uint32_t hi, std::uint32_t b, std::uint32_t c, std::uint32_t lo) {
    return _mm_set_epi32(
        static_cast<int>(hi), static_cast<int>(b), static_cast<int>(c), static_cast<int>(lo));
  };
  __m128i abef = pack(state[0], state[1], state[4], state[5]);
  __m128i cdgh = pack(state[2], state[3], state[6], state[7]);
  const __m128i to_big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
  for (; count > 0; --count, blocks += 64) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i w[4];  // the last 16 words of the message schedule, 4 in each
    for (std::size_t t = 0; t < 4; ++t) {
      std::memcpy(&w[t], blocks + 16 * t, 16);
      w[t] = _mm_shuffle_epi8(w[t], to_big_endian);
    }
    for (std::size_t t = 0; t < 16; ++t) {
      __m128i& now = w[t % 4];
      if (t >= 4) {
        const __m128i& last = w[(t + 3) % 4];
        const __m128i seven_back = _mm_alignr_epi8(last, w[(t + 2) % 4], 4);
        now = _mm_sha256msg1_epu32(now, w[(t + 1) % 4]);
        now = _mm_sha256msg2_epu32(_mm_add_epi32(now, seven_back), last);
      }
      __m128i round =
          _mm_add_epi32(now, _mm_load_si128(reinterpret_cast<const __m128i*>(&k[4 * t])));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, round);
      round = _mm_shuffle_epi32(round, 0x0E);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, round);
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  auto lane = [](__m128i v, int i) {
    std::array<std::uint32_t, 4> words{};
    std::memcpy(words.data(), &v, 16);
    return words[static_cast<std::size_t>(i)];
  };
  state = {lane(abef, 3),
           lane(abef, 2),
           lane(cdgh, 3),
           lane(cdgh, 2),
           lane(abef, 1),
           lane(abef, 0),
           lane(cdgh, 1),
           lane(cdgh, 0)};
}

}  // namespace

void Sha256::mix_best(State& state, const unsigned char* blocks, std::size_t count) {
  static const bool instructions = has_sha_instructions();
  (instructions ? mix_with_instructions : mix_plain)(state, blocks, count);
}

#else

void Sha256::mix_best(State& state, const unsigned char* blocks, std::size_t count) {
  mix_plain(state, blocks, count);
}

#endif

void Sha256::add(std::string_view bytes) {
  if (bytes.empty()) return;
  total_ += bytes.size();
  const auto* p = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  if (filled_ > 0) {
    const std::size_t n = std::min(left, block_.size() - filled_);
    std::memcpy(block_.data() + filled_, p, n);
    filled_ += n;
    p += n;
    left -= n;
    if (filled_ < block_.size()) return;
    mix_best(state_, block_.data(), 1);
    filled_ = 0;
  }
  mix_best(state_, p, left / 64);
  filled_ = left % 64;
  std::memcpy(block_.data(), p + (left - filled_), filled_);
}

std::string Sha256::hex() {
  const std::uint64_t bits = total_ * 8;
  const std::size_t zeros = (filled_ < 56 ? 55 : 119) - filled_;
  std::string end = "\x80" + std::string(zeros, '\0');
  for (unsigned shift = 64; shift > 0; shift -= 8) {
    end += static_cast<char>(static_cast<unsigned char>(bits >> (shift - 8)));
  }
  add(end);
  std::string out;
  for (const std::uint32_t word : state_) {
    for (unsigned shift = 32; shift > 0; shift -= 4) {
      out += "0123456789abcdef"[word >> (shift - 4) & 0xFU];
    }
  }
  return out;
}

}  // namespace kinescape
