// SPDX-License-Identifier: Apache-2.0
#include "numeric/information.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/errors.hpp"

namespace kinescape::numeric {
namespace {

TEST(Information, InvertsTheSecondDerivativesOfAFormula) {
  // f = e^x + e^(2 y) + x^2 y: Hessian [[e^x + 2 y, 2 x], [2 x, 4 e^(2 y)]].
  const auto gradient = [](std::span<const double> at, std::span<double> out) {
    out[0] = std::exp(at[0]) + 2.0 * at[0] * at[1];
    out[1] = 2.0 * std::exp(2.0 * at[1]) + at[0] * at[0];
  };
  const std::vector<double> at{0.7, 0.4};
  const double a = std::exp(0.7) + 0.8, b = 1.4, d = 4.0 * std::exp(0.8), det = a * d - b * b;
  const auto inverse = inverse_hessian(gradient, at, {true, true});
  EXPECT_NEAR(inverse[0], d / det, 1e-10);
  EXPECT_NEAR(inverse[1], -b / det, 1e-10);
  EXPECT_NEAR(inverse[3], a / det, 1e-10);
  const auto held = inverse_hessian(gradient, at, {true, false});
  EXPECT_NEAR(held[0], 1.0 / a, 1e-10) << "what is held takes no part";
  EXPECT_TRUE(std::isnan(held[1]) && std::isnan(held[3]));
}

TEST(Information, HasNoInverseAtASaddle) {
  const auto gradient = [](std::span<const double> at, std::span<double> out) {
    out[0] = at[0];
    out[1] = -at[1];
  };
  const std::vector<double> at{0.0, 0.0};
  for (const double v : inverse_hessian(gradient, at, {true, true})) EXPECT_TRUE(std::isnan(v));
  EXPECT_THROW((void)inverse_hessian(gradient, at, {true}), UsageError);
}

}  // namespace
}  // namespace kinescape::numeric
