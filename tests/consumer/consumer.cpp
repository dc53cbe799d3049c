// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdio>

#include "dose_response/curve.hpp"

int main() {
  using namespace kinescape::dose_response;
  Curve curve;
  curve.shape = Shape::log_logistic4;
  curve[Parameter::log10_ec50] = 2.0;
  const double half = value(curve, 100.0);
  std::printf("response at the midpoint: %g\n", half);
  return std::abs(half - 0.5) < 1e-12 ? 0 : 1;
}
