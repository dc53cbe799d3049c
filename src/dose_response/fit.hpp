// SPDX-License-Identifier: Apache-2.0
/// \file Which curve fits these wells best, and how sure is each number read off it? Any shape, one
/// curve or several with shared parameters: weighted least squares to the global optimum, choice
/// of shape, lack of fit, and profile-likelihood intervals with honestly open ends.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "base/estimated.hpp"
#include "dose_response/curve.hpp"
#include "numeric/least_squares.hpp"

namespace kinescape::dose_response {

/// The wells of one curve. `weight` is the inverse variance up to a common factor; empty: all 1.
/// Wells whose response is NaN take no part.
struct Observations {
  std::vector<double> dose_nM, response, weight;
};

struct FitOptions {
  double level = 0.95;  ///< Of the intervals.
  /// Window of the midpoint around the doses (zero left out), in decades. Beyond it the data hold
  /// no information on the midpoint that is not on the slope or a plateau as well.
  double decades_below = 4.0, decades_above = 4.0;
  double lowest_slope = 0.05, highest_slope = 50.0;  ///< Of |hill_slope|.
  /// Only slopes > 0. Unset: both signs where a fixed plateau makes them different shapes.
  bool falling_only = false;
  /// Bounds of single parameters; NaN: none (or the windows above).
  std::array<double, parameter_count> lower, upper;
  FitOptions() : lower{}, upper{} {
    lower.fill(unknown);
    upper.fill(unknown);
  }
};

/// A least-squares fit of one or several curves of one shape.
struct Fit {
  numeric::FitEnd end = numeric::FitEnd::not_run;
  Shape shape = Shape::flat;
  std::vector<Curve> curves;       ///< One per group of observations.
  std::vector<double> parameters;  ///< The free ones, shared ones once.
  /// slot[group][i]: where the i-th free parameter of that group's curve stands in `parameters`.
  std::vector<std::vector<std::size_t>> slot;
  std::vector<double> covariance;   ///< Of `parameters`, k x k row-major, residual variance in it.
  double residual_sum = unknown;    ///< Weighted, over wells.
  double residual_sd = unknown;     ///< sqrt(residual_sum / (n - k)); NaN for n <= k.
  double pure_error_sum = unknown;  ///< Weighted, of wells about the mean of their dose.
  double log_likelihood = unknown;  ///< Gaussian, at the maximum-likelihood variance.
  double aicc = unknown;            ///< Hurvich & Tsai 1989, doi:10.1093/biomet/76.2.297.
  int n = 0;                        ///< Wells.
  int doses = 0;                    ///< Distinct doses, summed over groups.
  int held = 0;                     ///< Parameters that the options fix (equal bounds).
  /// The noise is known from the kind of data (binomial counts), not estimated from the residuals.
  bool noise_known = false;
  [[nodiscard]] int k() const { return static_cast<int>(parameters.size()) - held; }
  /// Degrees of freedom behind the standard errors; infinity if the noise is known.
  [[nodiscard]] double df() const {
    return noise_known ? std::numeric_limits<double>::infinity() : static_cast<double>(n - k());
  }
  /// Akaike's criterion; an estimated variance counts as a parameter.
  [[nodiscard]] double aic() const {
    return -2.0 * log_likelihood + 2.0 * (k() + (noise_known ? 0 : 1));
  }
  [[nodiscard]] bool usable() const {
    return end == numeric::FitEnd::converged || end == numeric::FitEnd::at_bound;
  }
  /// Standard error of a free parameter (Wald; for comparison with other programs, not offered as
  /// an interval). NaN if it is not free or held by a bound.
  [[nodiscard]] double standard_error(Parameter p, std::size_t group = 0) const;
};

/// Fits one curve. Starts: linear parameters projected out over a grid of the others; the best
/// cells are then polished. Fewer distinct doses than parameters: FitEnd::undefined_at_start.
[[nodiscard]] Fit fit_curve(Shape shape,
                            const Observations& observations,
                            const FitOptions& options = {});

/// Fits several curves of one shape at once; the parameters in `shared` are common to all.
[[nodiscard]] Fit fit_curves(Shape shape,
                             std::span<const Observations> groups,
                             std::span<const Parameter> shared,
                             const FitOptions& options = {});

/// Fits of one curve by each shape, the smallest AICc first; shapes that cannot be fitted last.
[[nodiscard]] std::vector<Fit> compare_shapes(std::span<const Shape> shapes,
                                              const Observations& observations,
                                              const FitOptions& options = {});

/// An F test of two sums of squares.
struct FTest {
  double f = unknown, df1 = unknown, df2 = unknown, p = unknown;
};
/// Lack of fit: the curve against one mean per dose. NaN without replicates.
[[nodiscard]] FTest lack_of_fit(const Fit& fit);
/// A nested fit (fewer parameters) against a larger one on the same data.
[[nodiscard]] FTest compare_nested(const Fit& smaller, const Fit& larger);

/// A number that is read off one or several fitted curves, for profiling.
struct Scalar {
  std::string name;
  /// Its value; may be infinite (a level that is never reached).
  std::function<double(std::span<const Curve>)> value;
  /// Zero where the scalar equals `at`, smooth in the curves. Empty: value - at.
  std::function<double(std::span<const Curve>, double at)> equation;
  double lowest = unknown, highest = unknown;  ///< Where the search ends; NaN: far away.
  enum class Unit { log10_dose, response, other } unit = Unit::log10_dose;  ///< Of `equation`.
  bool is_parameter = false;  ///< Held directly; then `parameter` of curve `group`.
  Parameter parameter = Parameter::log10_ec50;
  std::size_t group = 0;
};

[[nodiscard]] Scalar parameter_of(Parameter p, std::size_t group = 0);
[[nodiscard]] Scalar log10_relative_ic(double x, std::size_t group = 0);
/// log10 of the dose at a response level; searched within the doses and the decades of options.
[[nodiscard]] Scalar log10_dose_at(double level, std::size_t group = 0);
[[nodiscard]] Scalar response_at(double dose_nM, std::size_t group = 0);
[[nodiscard]] Scalar area(double low_nM, double high_nM, std::size_t group = 0);
/// log10 of the ratio of two relative IC50s, group a over group b.
[[nodiscard]] Scalar log10_fold(std::size_t a, std::size_t b);

/// A profile-likelihood interval: where the residual sum stays below its minimum times
/// 1 + F(level; 1, n - k) / (n - k) with all other parameters refitted. NaN: open.
struct Interval {
  double estimate = unknown, low = unknown, high = unknown;
  double level = unknown;
  std::string why;  ///< When there is none: what is missing.
};
[[nodiscard]] Interval profile_interval(const Fit& fit,
                                        std::span<const Observations> groups,
                                        const Scalar& scalar,
                                        const FitOptions& options = {});

/// Least residual sum with the scalar held at `at` (NaN where that cannot be reached).
[[nodiscard]] double profiled_residual_sum(const Fit& fit,
                                           std::span<const Observations> groups,
                                           const Scalar& scalar,
                                           double at,
                                           const FitOptions& options = {});

}  // namespace kinescape::dose_response
