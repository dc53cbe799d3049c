// SPDX-License-Identifier: Apache-2.0
/// \file A standard curve and its inverse.
#pragma once

#include <span>
#include <vector>

#include "immunoblot/protein.hpp"
#include "numeric/least_squares.hpp"

namespace kinescape::immunoblot {

/// Absorbances at concentrations. The variance of a well rises as |curve|^(2 power).
struct Calibration {
  std::vector<double> x, y, weight;
};

/// linear: a + b x; quadratic: a + b x + c x^2; logistic: a + (d - a) (1 + (x / e^m)^-h)^-g, with
/// p = a, d, m, h, log g.
[[nodiscard]] std::size_t parameters_of(ProteinCurve curve);
[[nodiscard]] double curve_value(ProteinCurve curve, std::span<const double> p, double x);
void curve_gradient(ProteinCurve curve, std::span<const double> p, double x, std::span<double> g);

[[nodiscard]] numeric::LeastSquaresFit fit_standard(ProteinCurve curve,
                                                    const Calibration& data,
                                                    std::span<const double> start = {});

/// x at which the curve is `y` within [low, high]; NaN if it is not there.
[[nodiscard]] double inverse(
    ProteinCurve curve, std::span<const double> p, double y, double low, double high);

}  // namespace kinescape::immunoblot
