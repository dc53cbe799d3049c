// SPDX-License-Identifier: Apache-2.0
/// \file A number that carries its derivatives by up to nine parameters: exact gradients of test
/// models written as plain formulas.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

namespace kinescape::tests {

struct Dual {
  double v = 0.0;
  std::array<double, 9> d{};
  Dual() = default;
  Dual(double value) : v(value) {}  // NOLINT: a constant is a number like any other
  static Dual parameter(double value, std::size_t index) {
    Dual x(value);
    x.d[index] = 1.0;
    return x;
  }
};

/// f(x) with f' known.
inline Dual chain(double value, double slope, const Dual& x) {
  Dual r(value);
  for (std::size_t i = 0; i < r.d.size(); ++i) r.d[i] = slope * x.d[i];
  return r;
}
inline Dual operator+(const Dual& a, const Dual& b) {
  Dual r(a.v + b.v);
  for (std::size_t i = 0; i < r.d.size(); ++i) r.d[i] = a.d[i] + b.d[i];
  return r;
}
inline Dual operator-(const Dual& a) {
  return chain(-a.v, -1.0, a);
}
inline Dual operator-(const Dual& a, const Dual& b) {
  return a + -b;
}
inline Dual operator*(const Dual& a, const Dual& b) {
  Dual r(a.v * b.v);
  for (std::size_t i = 0; i < r.d.size(); ++i) r.d[i] = a.d[i] * b.v + a.v * b.d[i];
  return r;
}
inline Dual operator/(const Dual& a, const Dual& b) {
  return a * chain(1.0 / b.v, -1.0 / (b.v * b.v), b);
}
inline Dual exp(const Dual& x) {
  return chain(std::exp(x.v), std::exp(x.v), x);
}
inline Dual log(const Dual& x) {
  return chain(std::log(x.v), 1.0 / x.v, x);
}
inline Dual sin(const Dual& x) {
  return chain(std::sin(x.v), std::cos(x.v), x);
}
inline Dual cos(const Dual& x) {
  return chain(std::cos(x.v), -std::sin(x.v), x);
}
inline Dual atan(const Dual& x) {
  return chain(std::atan(x.v), 1.0 / (1.0 + x.v * x.v), x);
}
inline Dual pow(const Dual& x, const Dual& p) {
  return exp(p * log(x));
}
inline Dual square(const Dual& x) {
  return x * x;
}

}  // namespace kinescape::tests
