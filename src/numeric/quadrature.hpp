// SPDX-License-Identifier: Apache-2.0
/// \file What is the area under a smooth function? Gauss-Legendre on one panel.
#pragma once

#include <array>
#include <cmath>
#include <numbers>

namespace kinescape::numeric {

/// Nodes on (-1, 1) and weights of the 20-point rule, exact for polynomials to degree 39.
struct GaussLegendre20 {
  std::array<double, 20> node{}, weight{};
  GaussLegendre20() {
    constexpr int n = 20;
    for (int i = 0; i < n; ++i) {
      double x = std::cos(std::numbers::pi * (i + 0.75) / (n + 0.5)), slope = 1.0;
      for (int step = 0; step < 10; ++step) {
        double before = 1.0, now = x;
        for (int j = 2; j <= n; ++j) {
          const double next = ((2 * j - 1) * x * now - (j - 1) * before) / j;
          before = now;
          now = next;
        }
        slope = n * (x * now - before) / (x * x - 1.0);
        x -= now / slope;
      }
      node[static_cast<std::size_t>(i)] = x;
      weight[static_cast<std::size_t>(i)] = 2.0 / ((1.0 - x * x) * slope * slope);
    }
  }
};

/// Integral of f over [a, b] by the 20-point rule.
template <class F>
double gauss_legendre(F f, double a, double b) {
  static const GaussLegendre20 rule;
  const double half = 0.5 * (b - a), middle = 0.5 * (a + b);
  double sum = 0.0;
  for (std::size_t i = 0; i < rule.node.size(); ++i) {
    sum += rule.weight[i] * f(middle + half * rule.node[i]);
  }
  return half * sum;
}

}  // namespace kinescape::numeric
