// SPDX-License-Identifier: Apache-2.0
/// \file What unit is this number in? Quantities for public signatures; suffixed doubles inside.
///
/// Kinescape adds few dimensions but confuses nM with uM and hours with days easily, so a tag per
/// kind of quantity is all that is needed: same-tag arithmetic, scaling, and an explicit value().
#pragma once

#include <compare>
#include <optional>
#include <string_view>

namespace kinescape {

/// A number with the unit named by its tag. `value()` is in that unit (Nanomolar: nM).
template <class Tag>
class Quantity {
 public:
  constexpr Quantity() = default;
  constexpr explicit Quantity(double value) : value_(value) {}
  [[nodiscard]] constexpr double value() const { return value_; }

  constexpr auto operator<=>(const Quantity&) const = default;
  friend constexpr Quantity operator+(Quantity a, Quantity b) {
    return Quantity(a.value_ + b.value_);
  }
  friend constexpr Quantity operator-(Quantity a, Quantity b) {
    return Quantity(a.value_ - b.value_);
  }
  friend constexpr Quantity operator*(Quantity a, double k) { return Quantity(a.value_ * k); }
  friend constexpr Quantity operator*(double k, Quantity a) { return a * k; }
  friend constexpr Quantity operator/(Quantity a, double k) { return Quantity(a.value_ / k); }
  /// The ratio of two quantities of one kind is a plain number.
  friend constexpr double operator/(Quantity a, Quantity b) { return a.value_ / b.value_; }

 private:
  double value_ = 0.0;
};

using Nanomolar = Quantity<struct NanomolarTag>;
using Hours = Quantity<struct HoursTag>;
using Days = Quantity<struct DaysTag>;
using Nanometres = Quantity<struct NanometresTag>;

namespace literals {
// NOLINTBEGIN(google-runtime-int): the language fixes these parameter types
constexpr Nanomolar operator""_nM(long double v) {
  return Nanomolar(static_cast<double>(v));
}
constexpr Nanomolar operator""_nM(unsigned long long v) {
  return Nanomolar(static_cast<double>(v));
}
constexpr Nanomolar operator""_uM(long double v) {
  return Nanomolar(1e3 * static_cast<double>(v));
}
constexpr Nanomolar operator""_uM(unsigned long long v) {
  return Nanomolar(1e3 * static_cast<double>(v));
}
constexpr Hours operator""_h(long double v) {
  return Hours(static_cast<double>(v));
}
constexpr Hours operator""_h(unsigned long long v) {
  return Hours(static_cast<double>(v));
}
constexpr Days operator""_d(long double v) {
  return Days(static_cast<double>(v));
}
constexpr Days operator""_d(unsigned long long v) {
  return Days(static_cast<double>(v));
}
// NOLINTEND(google-runtime-int)
}  // namespace literals

/// Factor that turns a concentration in the unit `name` into nM; nothing for an unknown spelling.
/// Accepts what people write: M, mM, uM, µM (U+00B5), μM (U+03BC), nM, pM, fM, mol/L, umol/L, ...
[[nodiscard]] std::optional<double> nanomolar_per(std::string_view name);

/// Factor that turns a time in the unit `name` into hours: s, sec, min, h, hr, hours, d, days, ...
[[nodiscard]] std::optional<double> hours_per(std::string_view name);

}  // namespace kinescape
