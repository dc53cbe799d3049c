// SPDX-License-Identifier: Apache-2.0
/// \file The quantities that are read off a curve, each with its gradient, for model_internal.hpp.
#pragma once

#include <vector>

#include "viability/model_internal.hpp"

namespace kinescape::viability::model {

/// One number of theta itself.
struct Coordinate : Quantity {
  int index = 0;
  explicit Coordinate(int i) : index(i) {}
  double value(const Theta& theta, std::array<double, 9>& gradient) const override;
};

/// Response at a dose.
struct AtDose : Quantity {
  double log10_dose;
  explicit AtDose(double u) : log10_dose(u) {}
  double value(const Theta& theta, std::array<double, 9>& gradient) const override;
};

/// log10 dose at which the share `x` of the way from top to bottom is gone.
struct RelativeIc : Quantity {
  double share;
  explicit RelativeIc(double x) : share(x) {}
  double value(const Theta& theta, std::array<double, 9>& gradient) const override;
};

/// log10 dose above which the response stays under `level`; infinite where there is none.
struct AbsoluteIc : Quantity {
  double level;
  explicit AbsoluteIc(double l) : level(l) {}
  double value(const Theta& theta, std::array<double, 9>& gradient) const override;
};

/// Mean response over [low, high] on the log10 axis.
struct Auc : Quantity {
  double low, high;
  Auc(double a, double b) : low(a), high(b) {}
  double value(const Theta& theta, std::array<double, 9>& gradient) const override;
};

/// A function of the response on the growth-rate scale: 2 v^(1 / doublings) - 1.
[[nodiscard]] double growth_rate_of(double viability, double doublings);

/// Mean of 1 - GR over [low, high] on the log10 axis.
struct GrowthAoc : Quantity {
  double low, high, doublings;
  GrowthAoc(double a, double b, double d) : low(a), high(b), doublings(d) {}
  double value(const Theta& theta, std::array<double, 9>& gradient) const override;
};

/// log of the slope of the sigmoid in GR that lies closest to the curve over the tested doses.
struct GrowthSlope : Quantity {
  std::vector<double> log10_doses;
  double doublings;
  GrowthSlope(std::vector<double> u, double d) : log10_doses(std::move(u)), doublings(d) {}
  double value(const Theta& theta, std::array<double, 9>& gradient) const override;
};

}  // namespace kinescape::viability::model
