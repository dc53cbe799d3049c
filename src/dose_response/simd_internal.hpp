// SPDX-License-Identifier: Apache-2.0
/// \file Lanes of doubles and floats that compute the same bits at any width: plain IEEE additions,
/// multiplications, divisions and square roots, no contraction, no library call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wpsabi"  // vectors are passed between inlined functions only
#endif

#define KINESCAPE_INLINE inline __attribute__((always_inline))

namespace kinescape::dose_response::simd {

/// Vector types of `Bytes` bytes. A template argument of its own, since attributes do not survive
/// as one.
template <int Bytes>
struct Width {
  typedef double D __attribute__((vector_size(Bytes)));
  typedef std::int64_t L __attribute__((vector_size(Bytes)));
  typedef float F __attribute__((vector_size(Bytes)));
  typedef std::int32_t I __attribute__((vector_size(Bytes)));
  static constexpr int doubles = Bytes / 8;
  static constexpr int floats = Bytes / 4;
};

template <class V, class T>
KINESCAPE_INLINE V load(const T* from) {
  V v;
  std::memcpy(&v, from, sizeof v);
  return v;
}
template <class V, class T>
KINESCAPE_INLINE void store(T* to, V v) {
  std::memcpy(to, &v, sizeof v);
}
template <class To, class From>
KINESCAPE_INLINE To bits(From from) {
  To to;
  static_assert(sizeof to == sizeof from);
  std::memcpy(&to, &from, sizeof to);
  return to;
}
/// All lanes the same.
template <class V, class T>
KINESCAPE_INLINE V all(T x) {
  return x - V{};
}
template <class V>
KINESCAPE_INLINE V lower(V a, V b) {
  return a < b ? a : b;
}
template <class V>
KINESCAPE_INLINE V higher(V a, V b) {
  return a > b ? a : b;
}
template <class V>
KINESCAPE_INLINE V magnitude(V a) {
  return a < V{} ? -a : a;
}
template <class V>
KINESCAPE_INLINE V root(V a) {
  V r;
  for (std::size_t i = 0; i < sizeof(V) / sizeof(double); ++i) r[i] = __builtin_sqrt(a[i]);
  return r;
}

/// e^t for |t| <= 700, within 2 ulp: t = n ln 2 + r, a polynomial on |r| <= 0.35, n added to the
/// exponent bits.
template <class W>
KINESCAPE_INLINE typename W::D exp(typename W::D t) {
  using D = typename W::D;
  using L = typename W::L;
  const D magic = all<D>(0x1.8p52);
  const D shifted = t * 1.4426950408889634 + magic;
  const D n = shifted - magic;
  const D r = (t - n * 0x1.62e42fefa3800p-1) - n * 0x1.ef35793c76730p-45;
  const D r2 = r * r;
  const D r4 = r2 * r2;
  const D a = r2 * (0.5 + r * (1.0 / 6));
  const D b = (1.0 / 24 + r * (1.0 / 120)) + r2 * (1.0 / 720 + r * (1.0 / 5040));
  const D c = (1.0 / 40320 + r * (1.0 / 362880)) + r2 * (1.0 / 3628800 + r * (1.0 / 39916800));
  const D d = 1.0 / 479001600 + r * (1.0 / 6227020800);
  const D p = 1.0 + (r + (a + r4 * (b + r4 * (c + r4 * d))));
  return bits<D>(bits<L>(p) + (bits<L>(shifted) << 52));
}

/// One number.
inline double exp(double t) {
  using Two = Width<16>;
  return exp<Two>(Two::D{t, t})[0];
}

/// e^t for |t| <= 80 in single precision, to about 1e-7: where to start, never what is reported.
template <class W>
KINESCAPE_INLINE typename W::F exp_single(typename W::F t) {
  using F = typename W::F;
  using I = typename W::I;
  const F magic = all<F>(0x1.8p23F);
  const F shifted = t * 1.44269504F + magic;
  const F n = shifted - magic;
  const F r = (t - n * 0.693145752F) - n * 1.42860677e-6F;
  const F r2 = r * r;
  const F p = ((1.0F + r) + r2 * (0.5F + r * (1.0F / 6))) +
              (r2 * r2) * ((1.0F / 24 + r * (1.0F / 120)) + r2 * (1.0F / 720));
  return bits<F>(bits<I>(p) + (bits<I>(shifted) << 23));
}

/// ln x for finite x > 0, within 2 ulp, the same bits on every machine.
inline double log(double x) {
  auto u = bits<std::uint64_t>(x);
  int exponent = 0;
  if (u < (std::uint64_t{1} << 52U)) {  // subnormal
    u = bits<std::uint64_t>(x * 0x1p54);
    exponent = -54;
  }
  exponent += static_cast<int>(u >> 52U) - 1023;
  double m = bits<double>((u & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    exponent += 1;
  }
  const double s = (m - 1.0) / (m + 1.0), z = s * s;
  const double z2 = z * z, z4 = z2 * z2, z8 = z4 * z4;
  const double a = (1.0 / 3 + z * (1.0 / 5)) + z2 * (1.0 / 7 + z * (1.0 / 9));
  const double b = (1.0 / 11 + z * (1.0 / 13)) + z2 * (1.0 / 15 + z * (1.0 / 17));
  const double c = (1.0 / 19 + z * (1.0 / 21)) + z2 * (1.0 / 23);
  const double sum = z * (a + (z4 * b + z8 * c));
  const double n = exponent;
  return n * 0x1.62e42fefa3800p-1 + (2.0 * s + (2.0 * s * sum + n * 0x1.ef35793c76730p-45));
}

}  // namespace kinescape::dose_response::simd
