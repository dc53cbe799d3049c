// SPDX-License-Identifier: Apache-2.0
#include "dose_response/mixture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <optional>

#include "base/errors.hpp"
#include "dose_response/fit_internal.hpp"
#include "dose_response/infinity_internal.hpp"
#include "numeric/distribution.hpp"
#include "numeric/information.hpp"

namespace kinescape::dose_response {
namespace {

using enum Parameter;
using std::numbers::ln10;

/// Where the parameters stand: log10 e_a, log10 e_b, top, [bottom], slopes, [ln lambda].
struct Layout {
  std::size_t top = 2, bottom = 3, slopes = 4, lambda = 0, count = 0;
  bool has_bottom = true, has_lambda = true;
  Layout(std::size_t rays, bool bottom_zero, bool lambda_free)
      : has_bottom(!bottom_zero), has_lambda(lambda_free) {
    slopes = has_bottom ? 4 : 3;
    lambda = slopes + rays;
    count = lambda + (has_lambda ? 1 : 0);
  }
};

class MixtureModel {
 public:
  MixtureModel(std::span<const Ray> rays, const Layout& layout, double lambda)
      : at(layout), lambda_(lambda) {
    for (const Ray& ray : rays) {
      share_.push_back(ray.share_a);
      data_.push_back(internal::reduce(ray.wells));
      rows += data_.back().mean.size();
      pure_error += data_.back().pure_error;
      wells += data_.back().wells;
      log_weights += data_.back().log_weights;
    }
  }

  [[nodiscard]] double lambda(std::span<const double> x) const {
    return at.has_lambda ? std::exp(x[at.lambda]) : lambda_;
  }

  [[nodiscard]] std::vector<Curve> curves(std::span<const double> x) const {
    std::vector<Curve> out(share_.size());
    for (std::size_t r = 0; r < out.size(); ++r) {
      const auto m = mixture_midpoint(share_[r], x[0] * ln10, x[1] * ln10, lambda(x));
      out[r].shape = Shape::log_logistic4;
      out[r][log10_ec50] = m.log_ec50 / ln10;
      out[r][hill_slope] = x[at.slopes + r];
      out[r][Parameter::top] = x[at.top];
      out[r][Parameter::bottom] = at.has_bottom ? x[at.bottom] : 0.0;
    }
    return out;
  }

  [[nodiscard]] bool residuals(std::span<const double> x,
                               std::span<double> out,
                               std::span<double> jacobian) const {
    const auto all = curves(x);
    std::array<double, 4> slope{};
    std::fill(jacobian.begin(), jacobian.end(), 0.0);
    std::size_t row = 0;
    for (std::size_t r = 0; r < data_.size(); ++r) {
      const auto m = mixture_midpoint(share_[r], x[0] * ln10, x[1] * ln10, lambda(x));
      if (!std::isfinite(m.log_ec50)) return false;
      for (std::size_t i = 0; i < data_[r].mean.size(); ++i, ++row) {
        const double dose = data_[r].dose_nM[i], root = std::sqrt(data_[r].weight[i]);
        out[row] = root * (value(all[r], dose) - data_[r].mean[i]);
        if (jacobian.empty()) continue;
        gradient(all[r], dose, slope);
        const auto line = jacobian.subspan(row * at.count, at.count);
        line[0] = root * slope[0] * m.by_log_a;
        line[1] = root * slope[0] * m.by_log_b;
        line[at.slopes + r] = root * slope[1];
        line[at.top] = root * slope[2];
        if (at.has_bottom) line[at.bottom] = root * slope[3];
        if (at.has_lambda) line[at.lambda] = root * slope[0] / ln10 * m.by_log_lambda;
      }
    }
    return true;
  }

  Layout at;
  std::size_t rows = 0;
  double pure_error = 0.0, log_weights = 0.0;
  int wells = 0;

 private:
  double lambda_ = 1.0;
  std::vector<double> share_;
  std::vector<internal::DoseMeans> data_;
};

/// Best of the starts; midpoints stay within four decades of where they began, lambda in [1/50,
/// 50].
numeric::LeastSquaresFit solve(const MixtureModel& model,
                               std::span<const std::vector<double>> starts) {
  numeric::LeastSquaresFit best;
  for (const auto& start : starts) {
    numeric::LeastSquaresOptions limits;
    limits.lower.assign(model.at.count, -inf);
    limits.upper.assign(model.at.count, inf);
    for (std::size_t j = 0; j < 2; ++j) {
      limits.lower[j] = start[j] - 4.0;
      limits.upper[j] = start[j] + 4.0;
    }
    if (model.at.has_lambda) {
      limits.lower[model.at.lambda] = -std::log(50.0);
      limits.upper[model.at.lambda] = std::log(50.0);
    }
    auto now = numeric::least_squares(
        [&](std::span<const double> x, std::span<double> r, std::span<double> j) {
          return model.residuals(x, r, j);
        },
        model.rows,
        start,
        limits);
    const bool better = !best.usable() || now.residual_sum < best.residual_sum * (1.0 - 1e-12);
    if (now.usable() && better) best = std::move(now);
  }
  return best;
}

/// Slopes, plateaus and pure midpoints of the rays fitted with a midpoint each.
std::optional<std::vector<double>> free_start(std::span<const Ray> rays, const Layout& at) {
  std::vector<Observations> groups;
  for (const Ray& ray : rays) groups.push_back(ray.wells);
  const auto shape = at.has_bottom ? Shape::log_logistic4 : Shape::log_logistic3;
  const std::array<Parameter, 2> plateaus{top, bottom};
  FitOptions options;
  options.falling_only = true;
  const Fit free = fit_curves(shape, groups, plateaus, options);
  if (!free.usable()) return std::nullopt;
  std::vector<double> x(at.count, 0.0);
  for (std::size_t r = 0; r < rays.size(); ++r) {
    x[at.slopes + r] = free.curves[r][hill_slope];
    if (rays[r].share_a == 1.0) x[0] = free.curves[r][log10_ec50];
    if (rays[r].share_a == 0.0) x[1] = free.curves[r][log10_ec50];
  }
  x[at.top] = free.curves[0][top];
  if (at.has_bottom) x[at.bottom] = free.curves[0][bottom];
  return x;
}

double lambda_error(const MixtureModel& model, const numeric::LeastSquaresFit& best, double sd) {
  const std::size_t k = model.at.count;
  std::vector<double> residual(model.rows), jacobian(model.rows * k);
  const auto half_gradient = [&](std::span<const double> x, std::span<double> out) {
    std::fill(out.begin(), out.end(), 0.0);
    if (!model.residuals(x, residual, jacobian)) {
      std::fill(out.begin(), out.end(), unknown);  // no error to be had here
      return;
    }
    for (std::size_t i = 0; i < model.rows; ++i) {
      for (std::size_t j = 0; j < k; ++j) out[j] += residual[i] * jacobian[i * k + j];
    }
  };
  const auto inverse =
      numeric::inverse_hessian(half_gradient, best.parameters, std::vector<bool>(k, true));
  const std::size_t at = model.at.lambda;
  return std::exp(best.parameters[at]) * sd * std::sqrt(inverse[at * k + at]);
}

/// Where the residual sum with lambda held passes what F(1, n - k) allows; NaN: nowhere in window.
double lambda_end(std::span<const Ray> rays,
                  const MixtureOptions& options,
                  const std::vector<double>& best,
                  double allowed_sum,
                  double direction) {
  const Layout at(rays.size(), options.bottom_zero, false);
  std::vector<double> start(best.begin(), best.begin() + static_cast<std::ptrdiff_t>(at.count));
  const auto above = [&](double log_lambda) {
    const MixtureModel held(rays, at, std::exp(log_lambda));
    const auto now = solve(held, std::span(&start, 1));
    if (!now.usable()) return true;
    const bool out = now.residual_sum + held.pure_error > allowed_sum;
    if (!out) start = now.parameters;
    return out;
  };
  double inside = best[at.lambda], outside = inside;
  const double limit = direction * std::log(50.0);
  for (double step = 0.05;; step *= 1.5) {
    outside = inside + direction * step;
    if (direction * (outside - limit) >= 0.0) {
      if (!above(limit)) return unknown;
      outside = limit;
      break;
    }
    if (above(outside)) break;
    inside = outside;
  }
  for (int i = 0; i < 40; ++i) {
    const double middle = 0.5 * (inside + outside);
    (above(middle) ? outside : inside) = middle;
  }
  return std::exp(0.5 * (inside + outside));
}

void check(std::span<const Ray> rays) {
  bool pure_a = false, pure_b = false;
  for (const Ray& ray : rays) {
    if (!(ray.share_a >= 0.0 && ray.share_a <= 1.0)) {
      throw UsageError("fit_mixture: a share is not in [0, 1]");
    }
    pure_a = pure_a || ray.share_a == 1.0;
    pure_b = pure_b || ray.share_a == 0.0;
  }
  if (!pure_a || !pure_b) throw UsageError("fit_mixture: both substances are needed pure as well");
}

}  // namespace

MixtureMidpoint mixture_midpoint(double share_a, double log_a, double log_b, double lambda) {
  // With u = ln(share / e) per substance: -ln e = lambda ln(exp(u_a/lambda) + exp(u_b/lambda)).
  if (share_a >= 1.0) return {log_a, 1.0, 0.0, 0.0};
  if (share_a <= 0.0) return {log_b, 0.0, 1.0, 0.0};
  const double u_a = std::log(share_a) - log_a, u_b = std::log1p(-share_a) - log_b;
  const double most = std::max(u_a, u_b);
  const double a = std::exp((u_a - most) / lambda), b = std::exp((u_b - most) / lambda);
  const double weight_a = a / (a + b), weight_b = b / (a + b), sum = std::log(a + b);
  const double mean = weight_a * (u_a - most) + weight_b * (u_b - most);
  return {-most - lambda * sum, weight_a, weight_b, mean - lambda * sum};
}

MixtureFit fit_mixture(std::span<const Ray> rays, const MixtureOptions& options) {
  check(rays);
  const bool bent = options.isobole == Isobole::hewlett;
  const Layout at(rays.size(), options.bottom_zero, bent);
  const MixtureModel model(rays, at, 1.0);
  MixtureFit out;
  out.isobole = options.isobole;
  out.n = model.wells;
  out.k = static_cast<int>(at.count);
  out.end = numeric::FitEnd::undefined_at_start;
  if (out.n <= out.k || model.rows < at.count) return out;
  const auto start = free_start(rays, at);
  if (!start) return out;
  std::vector<std::vector<double>> starts(bent ? 3 : 1, *start);
  for (std::size_t i = 0; bent && i < 3; ++i)
    starts[i][at.lambda] = std::log(std::array{1.0, 0.3, 3.0}[i]);
  const auto best = solve(model, starts);
  if (!best.usable()) return out;
  out.end = best.end;
  out.curves = model.curves(best.parameters);
  out.log10_ec50_a_nM = best.parameters[0];
  out.log10_ec50_b_nM = best.parameters[1];
  out.lambda = model.lambda(best.parameters);
  out.residual_sum = best.residual_sum + model.pure_error;
  const double n = out.n, df = out.n - out.k;
  out.residual_sd = std::sqrt(out.residual_sum / df);
  out.log_likelihood = 0.5 * (model.log_weights -
                              n * (std::log(2.0 * std::numbers::pi * out.residual_sum / n) + 1.0));
  if (!bent) return out;
  out.lambda_se = lambda_error(model, best, out.residual_sd);
  const double allowed = out.residual_sum * (1.0 + numeric::f_quantile(0.95, 1.0, df) / df);
  out.lambda_interval.estimate = out.lambda;
  out.lambda_interval.level = 0.95;
  out.lambda_interval.low = lambda_end(rays, options, best.parameters, allowed, -1.0);
  out.lambda_interval.high = lambda_end(rays, options, best.parameters, allowed, 1.0);
  return out;
}

FTest additivity(const MixtureFit& addition, const MixtureFit& hewlett) {
  if (addition.isobole != Isobole::concentration_addition || hewlett.isobole != Isobole::hewlett ||
      addition.n != hewlett.n || addition.k + 1 != hewlett.k) {
    throw UsageError("additivity: needs both models fitted to the same wells");
  }
  FTest out;
  out.df1 = 1.0;
  out.df2 = hewlett.n - hewlett.k;
  out.f = std::max(0.0, addition.residual_sum - hewlett.residual_sum) /
          (hewlett.residual_sum / out.df2);
  out.p = numeric::f_upper(out.f, out.df1, out.df2);
  return out;
}

}  // namespace kinescape::dose_response
