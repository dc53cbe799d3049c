// SPDX-License-Identifier: Apache-2.0
/// \file Where does a monotone function cross zero? Bisection to the last bit: slow and certain.
#pragma once

#include <cmath>

namespace kinescape::numeric {

/// The zero of `f` between `low` and `high`, which it must bracket; else the nearer end.
template <class F>
double bisect(F f, double low, double high) {
  double at_low = f(low);
  const double at_high = f(high);
  if (at_low == 0.0) return low;
  if (at_high == 0.0) return high;
  if ((at_low < 0.0) == (at_high < 0.0)) return std::fabs(at_low) < std::fabs(at_high) ? low : high;
  for (int i = 0; i < 400; ++i) {
    const double middle = low + 0.5 * (high - low);
    if (middle <= low || middle >= high) break;
    const double here = f(middle);
    if (here == 0.0) return middle;
    if ((here < 0.0) == (at_low < 0.0)) {
      low = middle;
      at_low = here;
    } else {
      high = middle;
    }
  }
  return low + 0.5 * (high - low);
}

/// The highest point of a unimodal `f` on [low, high], by golden section.
template <class F>
double golden_maximum(F f, double low, double high, int steps = 90) {
  constexpr double share = 0.6180339887498949;
  double a = high - share * (high - low), b = low + share * (high - low);
  double fa = f(a), fb = f(b);
  for (int i = 0; i < steps; ++i) {
    if (fa < fb) {
      low = a, a = b, fa = fb;
      b = low + share * (high - low), fb = f(b);
    } else {
      high = b, b = a, fb = fa;
      a = high - share * (high - low), fa = f(a);
    }
  }
  return 0.5 * (low + high);
}

}  // namespace kinescape::numeric
