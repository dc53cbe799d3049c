// SPDX-License-Identifier: Apache-2.0
#include "dose_response/quantal.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/errors.hpp"
#include "dose_response/fit_internal.hpp"
#include "numeric/distribution.hpp"
#include "numeric/information.hpp"

namespace kinescape::dose_response {
namespace {

using enum Parameter;
using internal::JointModel;
constexpr double least_probability = 1e-12;

/// t - ln(1 + t) >= 0, without cancellation near zero.
double excess(double t) {
  if (std::fabs(t) > 0.02) return t - std::log1p(t);
  double sum = 0.0, power = t;
  for (int i = 2; i <= 10; ++i) {
    power *= -t;
    sum -= power / i;
  }
  return sum;
}

/// A share y observed where p is expected: half its deviance, per subject. The terms of first order
/// in y - p cancel between the two logarithms and are left out.
double half_deviance(double y, double p) {
  const double yes = y > 0.0 ? y * excess((p - y) / y) : p;
  const double no = y < 1.0 ? (1.0 - y) * excess((y - p) / (1.0 - y)) : 1.0 - p;
  // At y = 0 or 1 the linear term of the other logarithm stands alone; `p` and `1 - p` are it.
  return yes + no;
}

bool inside(double p) {
  return p > least_probability && p < 1.0 - least_probability;
}

double floored(double p) {
  return std::clamp(p, least_probability, 1.0 - least_probability);
}

/// Signed roots of the deviance per dose: their sum of squares is what the likelihood minimises.
bool deviance_residuals(const JointModel& model,
                        std::span<const double> parameters,
                        std::span<double> residual,
                        std::span<double> jacobian) {
  const auto curves = model.curves(parameters);
  const std::size_t free = free_parameters(model.shape).size();
  std::array<double, parameter_count> slope{};
  std::fill(jacobian.begin(), jacobian.end(), 0.0);
  std::size_t row = 0;
  for (std::size_t g = 0; g < model.groups.size(); ++g) {
    const auto& data = model.groups[g];
    for (std::size_t i = 0; i < data.mean.size(); ++i, ++row) {
      const double exact = value(curves[g], data.dose_nM[i]), y = data.mean[i];
      if (!(exact > -1e-9 && exact < 1.0 + 1e-9)) return false;
      const double p = floored(exact), n = data.weight[i];
      const double root = std::sqrt(2.0 * n * std::max(0.0, half_deviance(y, p)));
      residual[row] = p > y ? root : -root;
      if (jacobian.empty() || !inside(exact)) continue;
      // d residual / d p = n (p - y) / (p q) / residual, which tends to sqrt(n / (p q)).
      const double per_p = root > 1e-7 ? n * (p - y) / (p * (1.0 - p)) / residual[row]
                                       : std::sqrt(n / (p * (1.0 - p)));
      gradient(curves[g], data.dose_nM[i], std::span(slope).first(free));
      for (std::size_t c = 0; c < free; ++c) {
        jacobian[row * model.count + model.slot[g][c]] += per_p * slope[c];
      }
    }
  }
  return true;
}

std::vector<double> information_covariance(const JointModel& model,
                                           std::span<const double> at,
                                           const std::vector<bool>& moving) {
  const std::size_t free = free_parameters(model.shape).size();
  std::array<double, parameter_count> slope{};
  const auto half_gradient = [&](std::span<const double> x, std::span<double> out) {
    std::fill(out.begin(), out.end(), 0.0);
    const auto curves = model.curves(x);
    for (std::size_t g = 0; g < model.groups.size(); ++g) {
      const auto& data = model.groups[g];
      for (std::size_t i = 0; i < data.mean.size(); ++i) {
        const double p = value(curves[g], data.dose_nM[i]);
        if (!inside(p)) continue;
        gradient(curves[g], data.dose_nM[i], std::span(slope).first(free));
        const double pull = data.weight[i] * (p - data.mean[i]) / (p * (1.0 - p));
        for (std::size_t c = 0; c < free; ++c) out[model.slot[g][c]] += pull * slope[c];
      }
    }
  };
  return numeric::inverse_hessian(half_gradient, at, moving);
}

/// Counts as shares with their totals for weights; the rows that count.
std::vector<Observations> shares(std::span<const Quantal> groups) {
  std::vector<Observations> out;
  for (const Quantal& q : groups) {
    if (q.affected.size() != q.dose_nM.size() || q.total.size() != q.dose_nM.size()) {
      throw UsageError("fit_quantal: doses and counts differ in number");
    }
    auto& o = out.emplace_back();
    for (std::size_t i = 0; i < q.total.size(); ++i) {
      if (!(q.affected[i] >= 0.0) || !(q.affected[i] <= q.total[i]) || !std::isfinite(q.total[i])) {
        throw UsageError("fit_quantal: a count is negative, missing or above its total");
      }
      if (q.total[i] == 0.0) continue;
      o.dose_nM.push_back(q.dose_nM[i]);
      o.response.push_back(q.affected[i] / q.total[i]);
      o.weight.push_back(q.total[i]);
    }
  }
  return out;
}

void count_likelihood(QuantalFit& out, std::span<const Quantal> groups) {
  double sum = 0.0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const Quantal& q = groups[g];
    for (std::size_t i = 0; i < q.total.size(); ++i) {
      if (q.total[i] == 0.0) continue;
      const double exact = value(out.fit.curves[g], q.dose_nM[i]), p = floored(exact);
      const double yes = q.affected[i], no = q.total[i] - yes;
      sum += numeric::log_choose(q.total[i], yes) + yes * std::log(p) + no * std::log1p(-p);
      out.impossible += !inside(exact) && (exact < 0.5 ? yes : no) > 0.0;
      out.subjects += q.total[i];
    }
  }
  out.fit.log_likelihood = sum;
}

}  // namespace

QuantalFit fit_quantal(Shape shape,
                       std::span<const Quantal> groups,
                       std::span<const Parameter> shared,
                       const FitOptions& given) {
  FitOptions options = given;
  for (const Parameter p : {top, bottom}) {
    const auto i = static_cast<std::size_t>(p);
    if (std::isnan(options.lower[i])) options.lower[i] = 0.0;
    if (std::isnan(options.upper[i])) options.upper[i] = 1.0;
  }
  const auto observations = shares(groups);
  const JointModel model = internal::joint_model(shape, observations, shared);
  QuantalFit out;
  Fit& fit = out.fit;
  fit.shape = shape;
  fit.noise_known = true;
  fit.slot = model.slot;
  fit.parameters.assign(model.count, unknown);
  fit.curves = model.curves(fit.parameters);
  fit.doses = static_cast<int>(model.rows);
  const std::size_t free = free_parameters(shape).size();
  bool enough = model.rows >= model.count;
  for (const auto& data : model.groups) {
    fit.n += data.wells;
    enough = enough && !data.mean.empty() && (groups.size() > 1 || data.mean.size() >= free);
  }
  fit.end = numeric::FitEnd::undefined_at_start;
  if (!enough) return out;
  numeric::LeastSquaresFit best;
  for (const double sign : {1.0, -1.0}) {
    if (sign < 0.0 && options.falling_only) continue;
    const auto limits = internal::bounds(model, options, sign);
    fit.held = 0;
    for (std::size_t i = 0; i < model.count; ++i) fit.held += limits.lower[i] == limits.upper[i];
    const auto f = [&](std::span<const double> p, std::span<double> r, std::span<double> j) {
      return deviance_residuals(model, p, r, j);
    };
    for (const auto& start : internal::joint_starts(model, options, sign)) {
      auto now = numeric::least_squares(f, model.rows, start, limits);
      const bool better = !best.usable() || now.residual_sum < best.residual_sum * (1.0 - 1e-12);
      if (now.usable() && better) best = std::move(now);
    }
  }
  if (!best.usable()) return out;
  fit.end = best.end;
  fit.parameters = best.parameters;
  fit.curves = model.curves(best.parameters);
  std::vector<bool> moving(model.count);
  for (std::size_t j = 0; j < model.count; ++j) {
    moving[j] = !std::isnan(best.covariance_unscaled[j * model.count + j]);
  }
  fit.covariance = information_covariance(model, best.parameters, moving);
  out.deviance = best.residual_sum;
  out.deviance_df = fit.doses - fit.k();
  count_likelihood(out, groups);
  return out;
}

}  // namespace kinescape::dose_response
