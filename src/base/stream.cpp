// SPDX-License-Identifier: Apache-2.0
#include "base/stream.hpp"

#include <Random123/philox.h>

#include <cmath>

#include "base/errors.hpp"
#include "base/philox_internal.hpp"

namespace kinescape {

std::array<std::uint32_t, 4> philox(const std::array<std::uint32_t, 4>& counter,
                                    const std::array<std::uint32_t, 2>& key) {
  const r123::Philox4x32::ctr_type c = {{counter[0], counter[1], counter[2], counter[3]}};
  const r123::Philox4x32::key_type k = {{key[0], key[1]}};
  const auto out = r123::Philox4x32()(c, k);
  return {out[0], out[1], out[2], out[3]};
}

namespace {

std::uint32_t low_half(std::uint64_t v) {
  return static_cast<std::uint32_t>(v & 0xFFFFFFFFU);
}

std::uint32_t high_half(std::uint64_t v) {
  return static_cast<std::uint32_t>(v >> 32U);
}

}  // namespace

// The counter is (draw, who low, who high, purpose) and the key is the seed: no two streams of one
// seed share a block, and the draws of a stream are its blocks in order.
Stream::Stream(Seed seed, std::uint32_t purpose, std::uint64_t who)
    : key_{low_half(seed.value), high_half(seed.value)},
      counter_{0, low_half(who), high_half(who), purpose} {}

std::uint32_t Stream::bits() {
  if (used_ == block_.size()) {
    if (exhausted_) throw InternalError("a random stream was asked for more than 2^34 words");
    block_ = philox(counter_, key_);
    exhausted_ = ++counter_[0] == 0;
    used_ = 0;
  }
  return block_[used_++];
}

std::uint64_t Stream::bits64() {
  const std::uint64_t low = bits();
  return low | static_cast<std::uint64_t>(bits()) << 32U;
}

double Stream::uniform() {
  // The middle of one of 2^52 equal cells: symmetric about 1/2, and exact in a double.
  return (static_cast<double>(bits64() >> 12U) + 0.5) * 0x1p-52;
}

double Stream::normal() {
  return normal_quantile(uniform());
}

double Stream::exponential() {
  return -std::log(uniform());
}

double Stream::gamma(double shape) {
  if (!(shape > 0.0) || !std::isfinite(shape)) {
    throw UsageError("gamma: the shape must be positive and finite");
  }
  // For a shape below 1: a gamma of shape + 1 times U^(1/shape).
  const double boost = shape < 1.0 ? std::pow(uniform(), 1.0 / shape) : 1.0;
  const double d = (shape < 1.0 ? shape + 1.0 : shape) - 1.0 / 3.0;
  const double c = 1.0 / std::sqrt(9.0 * d);
  while (true) {
    const double x = normal();
    const double t = 1.0 + c * x;
    if (t <= 0.0) continue;
    const double v = t * t * t;
    if (std::log(uniform()) < 0.5 * x * x + d - d * v + d * std::log(v)) return boost * d * v;
  }
}

std::uint64_t Stream::below(std::uint64_t n) {
  if (n == 0) throw UsageError("below: n must be at least 1");
  // Lemire 2019, doi:10.1145/3230636: the high half of a 128-bit product, without its uneven part.
  __extension__ using Wide = unsigned __int128;
  const std::uint64_t uneven = (0 - n) % n;
  while (true) {
    const Wide product = static_cast<Wide>(bits64()) * n;
    if (static_cast<std::uint64_t>(product) >= uneven) {
      return static_cast<std::uint64_t>(product >> 64U);
    }
  }
}

namespace {

/// c[0] + c[1] r + ... + c[7] r^7
double polynomial(const std::array<double, 8>& c, double r) {
  double sum = c[7];
  for (std::size_t i = 7; i-- > 0;) sum = sum * r + c[i];
  return sum;
}

}  // namespace

double normal_quantile(double p) {
  if (!(p > 0.0 && p < 1.0)) throw UsageError("normal_quantile: p must lie between 0 and 1");
  // The coefficients of Wichura's PPND16, whose relative error is about 1e-16.
  static constexpr std::array<double, 8> a = {3.3871328727963666080e0,
                                              1.3314166789178437745e+2,
                                              1.9715909503065514427e+3,
                                              1.3731693765509461125e+4,
                                              4.5921953931549871457e+4,
                                              6.7265770927008700853e+4,
                                              3.3430575583588128105e+4,
                                              2.5090809287301226727e+3};
  static constexpr std::array<double, 8> b = {1.0,
                                              4.2313330701600911252e+1,
                                              6.8718700749205790830e+2,
                                              5.3941960214247511077e+3,
                                              2.1213794301586595867e+4,
                                              3.9307895800092710610e+4,
                                              2.8729085735721942674e+4,
                                              5.2264952788528545610e+3};
  static constexpr std::array<double, 8> c = {1.42343711074968357734e0,
                                              4.63033784615654529590e0,
                                              5.76949722146069140550e0,
                                              3.64784832476320460504e0,
                                              1.27045825245236838258e0,
                                              2.41780725177450611770e-1,
                                              2.27238449892691845833e-2,
                                              7.74545014278341407640e-4};
  static constexpr std::array<double, 8> d = {1.0,
                                              2.05319162663775882187e0,
                                              1.67638483018380384940e0,
                                              6.89767334985100004550e-1,
                                              1.48103976427480074590e-1,
                                              1.51986665636164571966e-2,
                                              5.47593808499534494600e-4,
                                              1.05075007164441684324e-9};
  static constexpr std::array<double, 8> e = {6.65790464350110377720e0,
                                              5.46378491116411436990e0,
                                              1.78482653991729133580e0,
                                              2.96560571828504891230e-1,
                                              2.65321895265761230930e-2,
                                              1.24266094738807843860e-3,
                                              2.71155556874348757815e-5,
                                              2.01033439929228813265e-7};
  static constexpr std::array<double, 8> f = {1.0,
                                              5.99832206555887937690e-1,
                                              1.36929880922735805310e-1,
                                              1.48753612908506148525e-2,
                                              7.86869131145613259100e-4,
                                              1.84631831751005468180e-5,
                                              1.42151175831644588870e-7,
                                              2.04426310338993978564e-15};
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(a, r) / polynomial(b, r);
  }
  double r = std::sqrt(-std::log(q < 0.0 ? p : 1.0 - p));
  double tail = 0.0;
  if (r <= 5.0) {
    r -= 1.6;
    tail = polynomial(c, r) / polynomial(d, r);
  } else {
    r -= 5.0;
    tail = polynomial(e, r) / polynomial(f, r);
  }
  return q < 0.0 ? -tail : tail;
}

}  // namespace kinescape
