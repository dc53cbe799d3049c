// SPDX-License-Identifier: Apache-2.0
/// \file How does a response depend on dose? The curve shapes, their derivatives and what is read
/// off them. Doses in nM; the dose axis is log10(dose_nM) everywhere, standardised by the fits.
///
/// Sign convention: hill_slope > 0 means that the response goes from `top` (no drug) to `bottom`
/// (much drug), whatever is larger; drc's b has the same sign, Prism's HillSlope the opposite one.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "base/estimated.hpp"

namespace kinescape::dose_response {

enum class Shape {
  flat,            ///< y = top.
  log_logistic2,   ///< 4-parameter with top = 1, bottom = 0.
  log_logistic3,   ///< bottom = 0.
  log_logistic3u,  ///< top = 1.
  log_logistic4,   ///< bottom + (top - bottom) / (1 + (x/e)^h).
  log_logistic5,   ///< bottom + (top - bottom) / (1 + (x/e)^h)^asymmetry.
  weibull1,        ///< bottom + (top - bottom) exp(-(x/e)^h).
  weibull2,        ///< bottom + (top - bottom) (1 - exp(-(x/e)^-h)).
  log_normal,      ///< bottom + (top - bottom) Phi(-h ln(x/e)).
  brain_cousens,   ///< bottom + (top - bottom + hormesis x) / (1 + (x/e)^h); Brain & Cousens 1989.
  biphasic,        ///< bottom + (top - bottom) (f/(1 + (x/e)^h) + (1 - f)/(1 + (x/e_b)^h_b)).
};

[[nodiscard]] std::string_view name(Shape shape);  ///< "4-parameter log-logistic"
[[nodiscard]] std::string_view key(Shape shape);   ///< "log_logistic4"

/// The parameters a shape may have, in the order in which fits hold them.
enum class Parameter : std::size_t {
  log10_ec50,  ///< log10 of e in nM.
  hill_slope,
  top,
  bottom,
  asymmetry,
  hormesis,      ///< Response per nM at dose 0+.
  fraction,      ///< biphasic: share of (top - bottom) lost at the first midpoint, in (0, 1).
  log10_ec50_b,  ///< biphasic: second midpoint.
  hill_slope_b,
};
inline constexpr std::size_t parameter_count = 9;

/// The parameters of `shape` that are free, in the order of Parameter.
[[nodiscard]] std::span<const Parameter> free_parameters(Shape shape);

/// A curve: its shape and all parameters, those not free at their fixed values.
struct Curve {
  Shape shape = Shape::flat;
  std::array<double, parameter_count> at{unknown, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, unknown, 1.0};
  double& operator[](Parameter p) { return at[static_cast<std::size_t>(p)]; }
  double operator[](Parameter p) const { return at[static_cast<std::size_t>(p)]; }
};

/// Response at `dose_nM` >= 0 (0: no drug).
[[nodiscard]] double value(const Curve& curve, double dose_nM);

/// The same at a place on the dose axis; -infinity is dose 0.
[[nodiscard]] double value_at_log10(const Curve& curve, double log10_dose_nM);

/// d value / d parameter for each free parameter of the shape, in order, into `gradient`.
void gradient(const Curve& curve, double dose_nM, std::span<double> gradient);

/// log10 of the dose in nM at which the response has gone the share `x` in (0, 1) of the way from
/// top to bottom (x = 0.5: the relative IC50). NaN for a flat curve. Hormetic curves: the falling
/// branch.
[[nodiscard]] double log10_relative_ic_nM(const Curve& curve, double x);

/// log10 of the lowest dose in nM above which the response stays past `level` (0.5 of vehicle: the
/// absolute IC50). A curve that does not cross the level is read as inhibition: +infinity when the
/// response stays above it (never reached), -infinity when it is below it at every dose. Hormetic
/// curves: the falling branch. NaN where a parameter is.
[[nodiscard]] double log10_dose_at_nM(const Curve& curve, double level);

/// Mean response over [low_nM, high_nM] on the log10 dose axis (normalised AUC; AAC is 1 - AUC).
[[nodiscard]] double normalised_auc(const Curve& curve, double low_nM, double high_nM);

}  // namespace kinescape::dose_response
