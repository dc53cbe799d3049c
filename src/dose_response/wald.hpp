// SPDX-License-Identifier: Apache-2.0
/// \file What do other programs print beside such a fit? Standard errors from the curvature at the
/// optimum, delta-method and Fieller intervals of doses and their ratios, likelihood-ratio tests.
///
/// Our own intervals are profile-likelihood intervals (fit.hpp): these assume that the residual sum
/// is a parabola, which on a plate of one dilution series it rarely is.
#pragma once

#include <span>
#include <vector>

#include "base/estimated.hpp"
#include "dose_response/fit.hpp"

namespace kinescape::dose_response {

/// Covariance of the parameters from the observed information: the residual variance times the
/// inverse of half the second derivatives of the residual sum. Fit::covariance uses J'J, the
/// expected information, instead; they part where the curve misses the means. drc and other
/// programs with a general optimiser print this one. NaN where a parameter is held or the residual
/// sum has no minimum at the fit.
[[nodiscard]] std::vector<double> observed_covariance(const Fit& fit,
                                                      std::span<const Observations> groups);

/// An estimate and its standard error by the delta method.
struct Wald {
  double estimate = unknown, se = unknown;
  double df = unknown;  ///< Of the t distribution; infinity: normal.
  /// estimate -+ t se.
  [[nodiscard]] Interval interval(double level = 0.95) const;
  /// Two-sided p of the estimate against `null`.
  [[nodiscard]] double p(double null) const;
};

/// A scalar of the curves, with Fit::covariance. The interval of a log10 dose, taken to the power
/// of ten, is what drc calls "tfls".
[[nodiscard]] Wald wald(const Fit& fit, const Scalar& scalar);

/// The same for 10^scalar: a dose in nM or a ratio, from its log10. Its interval is drc's "delta".
[[nodiscard]] Wald power_of_ten(const Wald& log10);

/// Fieller's interval of a ratio a / b of two estimates with the given covariances (Fieller 1954,
/// doi:10.1111/j.2517-6161.1954.tb00159.x): all ratios rho for which a - rho b is within t standard
/// errors of zero. Both ends are open (NaN, `why`) unless b itself is different from zero.
[[nodiscard]] Interval fieller_interval(double a,
                                        double b,
                                        double variance_a,
                                        double covariance,
                                        double variance_b,
                                        double df,
                                        double level = 0.95);

/// The same for the ratio of two doses that are given by their log10.
[[nodiscard]] Interval fieller_interval(const Fit& fit,
                                        const Scalar& log10_numerator,
                                        const Scalar& log10_denominator,
                                        double level = 0.95);

/// Chi-squared test of a fit against a larger one that contains it.
struct LikelihoodRatio {
  double chi_squared = unknown, df = unknown, p = unknown;
};
/// For a curve against Shape::flat ("no effect") the chi-squared distribution is what drc prints,
/// but it does not hold, since no midpoint exists under the null: FlatNull has the right p.
/// \throws UsageError unless the larger fit has more parameters on as many wells.
[[nodiscard]] LikelihoodRatio likelihood_ratio(const Fit& smaller, const Fit& larger);

}  // namespace kinescape::dose_response
