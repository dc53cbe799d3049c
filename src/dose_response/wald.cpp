// SPDX-License-Identifier: Apache-2.0
#include "dose_response/wald.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "base/errors.hpp"
#include "dose_response/fit_internal.hpp"
#include "numeric/differences.hpp"
#include "numeric/distribution.hpp"
#include "numeric/information.hpp"

namespace kinescape::dose_response {
namespace {

/// The curves of a fit with its parameters moved to `at`.
std::vector<Curve> curves_at(const Fit& fit, std::span<const double> at) {
  auto curves = fit.curves;
  const auto free = free_parameters(fit.shape);
  for (std::size_t g = 0; g < curves.size(); ++g) {
    for (std::size_t i = 0; i < free.size(); ++i) curves[g][free[i]] = at[fit.slot[g][i]];
  }
  return curves;
}

std::vector<double> slopes_of(const Fit& fit, const Scalar& scalar) {
  return numeric::finite_difference_jacobian(
      [&](std::span<const double> at, std::span<double> out) {
        out[0] = scalar.value(curves_at(fit, at));
      },
      1,
      fit.parameters);
}

/// a' C b over the parameters that are not held.
double product(const Fit& fit, std::span<const double> a, std::span<const double> b) {
  const std::size_t k = fit.parameters.size();
  if (fit.covariance.size() != k * k) return unknown;
  double sum = 0.0;
  bool any = false;
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) {
      const double c = fit.covariance[i * k + j];
      if (std::isnan(c)) continue;
      any = true;
      sum += a[i] * c * b[j];
    }
  }
  return any ? sum : unknown;
}

double t_quantile(double level, double df) {
  return numeric::student_t_quantile(0.5 + 0.5 * level, df);
}

}  // namespace

std::vector<double> observed_covariance(const Fit& fit, std::span<const Observations> groups) {
  if (groups.size() != fit.curves.size()) {
    throw UsageError("observed_covariance: not the observations of this fit");
  }
  const std::size_t k = fit.parameters.size();
  if (!fit.usable() || fit.covariance.size() != k * k) return {};
  const auto free = free_parameters(fit.shape);
  std::vector<internal::DoseMeans> data;
  for (const Observations& o : groups) data.push_back(internal::reduce(o));
  std::array<double, parameter_count> slope{};
  const auto half_gradient = [&](std::span<const double> at, std::span<double> out) {
    std::fill(out.begin(), out.end(), 0.0);
    const auto curves = curves_at(fit, at);
    for (std::size_t g = 0; g < data.size(); ++g) {
      for (std::size_t d = 0; d < data[g].mean.size(); ++d) {
        const double dose = data[g].dose_nM[d];
        const double pull = data[g].weight[d] * (value(curves[g], dose) - data[g].mean[d]);
        gradient(curves[g], dose, std::span(slope).first(free.size()));
        for (std::size_t i = 0; i < free.size(); ++i) out[fit.slot[g][i]] += pull * slope[i];
      }
    }
  };
  std::vector<bool> moving(k);
  for (std::size_t j = 0; j < k; ++j) moving[j] = !std::isnan(fit.covariance[j * k + j]);
  auto covariance = numeric::inverse_hessian(half_gradient, fit.parameters, moving);
  for (double& c : covariance) c *= fit.residual_sd * fit.residual_sd;
  return covariance;
}

Interval Wald::interval(double level) const {
  Interval out;
  out.estimate = estimate;
  out.level = level;
  if (std::isnan(se) || !(df > 0.0)) {
    out.why = "no standard error";
    return out;
  }
  const double t = t_quantile(level, df);
  out.low = estimate - t * se;
  out.high = estimate + t * se;
  return out;
}

double Wald::p(double null) const {
  return numeric::two_sided_t((estimate - null) / se, df);
}

Wald wald(const Fit& fit, const Scalar& scalar) {
  if (!fit.usable()) return {};
  const auto slopes = slopes_of(fit, scalar);
  return {scalar.value(fit.curves), std::sqrt(product(fit, slopes, slopes)), fit.df()};
}

Wald power_of_ten(const Wald& log10) {
  const double value = std::pow(10.0, log10.estimate);
  return {value, value * std::numbers::ln10 * log10.se, log10.df};
}

Interval fieller_interval(double a,
                          double b,
                          double variance_a,
                          double covariance,
                          double variance_b,
                          double df,
                          double level) {
  Interval out;
  out.estimate = a / b;
  out.level = level;
  const double t = t_quantile(level, df);
  // (a - rho b)^2 = t^2 var(a - rho b) is quadratic in rho.
  const double squared = b * b - t * t * variance_b;
  const double half = a * b - t * t * covariance;
  const double constant = a * a - t * t * variance_a;
  const double root = std::sqrt(half * half - squared * constant);
  if (!(squared > 0.0) || std::isnan(root)) {
    out.why = std::isnan(squared + root) ? "no standard error"
                                         : "the denominator cannot be told from zero";
    return out;
  }
  out.low = (half - root) / squared;
  out.high = (half + root) / squared;
  return out;
}

Interval fieller_interval(const Fit& fit,
                          const Scalar& log10_numerator,
                          const Scalar& log10_denominator,
                          double level) {
  if (!fit.usable()) return {unknown, unknown, unknown, level, "the curve is not fitted"};
  const double a = std::pow(10.0, log10_numerator.value(fit.curves));
  const double b = std::pow(10.0, log10_denominator.value(fit.curves));
  auto slope_a = slopes_of(fit, log10_numerator), slope_b = slopes_of(fit, log10_denominator);
  for (double& s : slope_a) s *= a * std::numbers::ln10;
  for (double& s : slope_b) s *= b * std::numbers::ln10;
  return fieller_interval(a,
                          b,
                          product(fit, slope_a, slope_a),
                          product(fit, slope_a, slope_b),
                          product(fit, slope_b, slope_b),
                          fit.df(),
                          level);
}

LikelihoodRatio likelihood_ratio(const Fit& smaller, const Fit& larger) {
  if (smaller.n != larger.n || smaller.k() >= larger.k()) {
    throw UsageError("likelihood_ratio: the fits are not nested on the same wells");
  }
  LikelihoodRatio out;
  out.chi_squared = std::max(0.0, 2.0 * (larger.log_likelihood - smaller.log_likelihood));
  out.df = larger.k() - smaller.k();
  out.p = numeric::chi_squared_upper(out.chi_squared, out.df);
  return out;
}

}  // namespace kinescape::dose_response
