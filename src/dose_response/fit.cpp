// SPDX-License-Identifier: Apache-2.0
#include "dose_response/fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <tuple>

#include "base/errors.hpp"
#include "dose_response/infinity_internal.hpp"
#include "dose_response/reduced_internal.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::dose_response {
namespace internal {

using enum Parameter;

DoseMeans reduce(const Observations& o) {
  if (o.dose_nM.size() != o.response.size() ||
      (!o.weight.empty() && o.weight.size() != o.response.size())) {
    throw UsageError("fit: doses, responses and weights differ in number");
  }
  struct Well {
    double dose, response, weight;
    auto operator<=>(const Well&) const = default;
  };
  std::vector<Well> wells;
  for (std::size_t i = 0; i < o.response.size(); ++i) {
    const double w = o.weight.empty() ? 1.0 : o.weight[i];
    if (!(o.dose_nM[i] >= 0.0) || !std::isfinite(o.dose_nM[i])) {
      throw UsageError("fit: a dose is negative or not a number");
    }
    if (std::isfinite(o.response[i]) && w > 0.0) wells.push_back({o.dose_nM[i], o.response[i], w});
  }
  // Sorted by value too: the order of the rows must not show in the last bit.
  std::sort(wells.begin(), wells.end(), [](const Well& a, const Well& b) {
    return std::tie(a.dose, a.response, a.weight) < std::tie(b.dose, b.response, b.weight);
  });
  DoseMeans m;
  for (std::size_t i = 0; i < wells.size();) {
    std::size_t end = i;
    double weight = 0.0, sum = 0.0;
    for (; end < wells.size() && wells[end].dose == wells[i].dose; ++end) {
      weight += wells[end].weight;
      sum += wells[end].weight * wells[end].response;
      m.log_weights += std::log(wells[end].weight);
    }
    const double mean = sum / weight;
    for (std::size_t j = i; j < end; ++j) {
      m.pure_error += wells[j].weight * (wells[j].response - mean) * (wells[j].response - mean);
    }
    m.dose_nM.push_back(wells[i].dose);
    m.mean.push_back(mean);
    m.weight.push_back(weight);
    m.total_weight += weight;
    i = end;
  }
  m.wells = static_cast<int>(wells.size());
  return m;
}

JointModel joint_model(Shape shape,
                       std::span<const Observations> groups,
                       std::span<const Parameter> shared) {
  JointModel model;
  model.shape = shape;
  const auto free = free_parameters(shape);
  constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::array<std::size_t, parameter_count> common{};
  common.fill(none);
  for (const Observations& o : groups) {
    model.groups.push_back(reduce(o));
    model.rows += model.groups.back().mean.size();
    model.pure_error += model.groups.back().pure_error;
    auto& slots = model.slot.emplace_back();
    for (const Parameter p : free) {
      const bool is_shared = std::find(shared.begin(), shared.end(), p) != shared.end();
      auto& place = common[static_cast<std::size_t>(p)];
      if (is_shared && place != none) {
        slots.push_back(place);
        continue;
      }
      if (is_shared) place = model.count;
      slots.push_back(model.count++);
    }
  }
  return model;
}

std::vector<Curve> JointModel::curves(std::span<const double> parameters) const {
  const auto free = free_parameters(shape);
  std::vector<Curve> all(groups.size());
  for (std::size_t g = 0; g < groups.size(); ++g) {
    all[g].shape = shape;
    for (std::size_t i = 0; i < free.size(); ++i) all[g][free[i]] = parameters[slot[g][i]];
  }
  return all;
}

void JointModel::residuals(std::span<const double> parameters,
                           std::span<double> residual,
                           std::span<double> jacobian) const {
  const auto all = curves(parameters);
  std::array<double, parameter_count> slope{};
  const std::size_t free = free_parameters(shape).size();
  std::fill(jacobian.begin(), jacobian.end(), 0.0);
  std::size_t row = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (std::size_t i = 0; i < groups[g].mean.size(); ++i, ++row) {
      const double root = std::sqrt(groups[g].weight[i]), dose = groups[g].dose_nM[i];
      residual[row] = root * (value(all[g], dose) - groups[g].mean[i]);
      if (jacobian.empty()) continue;
      gradient(all[g], dose, std::span(slope).first(free));
      for (std::size_t c = 0; c < free; ++c) {
        jacobian[row * count + slot[g][c]] += root * slope[c];
      }
    }
  }
}

bool dose_range(const JointModel& model, double& low, double& high) {
  low = inf;
  high = -inf;
  for (const auto& group : model.groups) {
    for (const double d : group.dose_nM) {
      if (d <= 0.0) continue;
      low = std::min(low, std::log10(d));
      high = std::max(high, std::log10(d));
    }
  }
  return low <= high;
}

numeric::LeastSquaresOptions bounds(const JointModel& model,
                                    const FitOptions& options,
                                    double sign) {
  numeric::LeastSquaresOptions out;
  out.lower.assign(model.count, -inf);
  out.upper.assign(model.count, inf);
  double low = 0.0, high = 0.0;
  dose_range(model, low, high);
  const auto free = free_parameters(model.shape);
  for (const auto& slots : model.slot) {
    for (std::size_t i = 0; i < free.size(); ++i) {
      double& lower = out.lower[slots[i]];
      double& upper = out.upper[slots[i]];
      switch (free[i]) {
        case log10_ec50:
        case log10_ec50_b:
          lower = low - options.decades_below;
          upper = high + options.decades_above;
          break;
        case hill_slope:
          lower = sign > 0 ? options.lowest_slope : -options.highest_slope;
          upper = sign > 0 ? options.highest_slope : -options.lowest_slope;
          break;
        case hill_slope_b:
          lower = options.lowest_slope;
          upper = options.highest_slope;
          break;
        case asymmetry:
          lower = 0.02;
          upper = 50.0;
          break;
        case fraction:
          lower = 0.0;
          upper = 1.0;
          break;
        default:
          break;
      }
      const auto p = static_cast<std::size_t>(free[i]);
      if (!std::isnan(options.lower[p])) lower = options.lower[p];
      if (!std::isnan(options.upper[p])) upper = options.upper[p];
    }
  }
  return out;
}

std::vector<std::vector<double>> joint_starts(const JointModel& model,
                                              const FitOptions& options,
                                              double sign) {
  const std::size_t groups = model.groups.size();
  const std::size_t most = groups == 1 ? 4 : 2;
  std::vector<std::vector<Curve>> own;
  for (const auto& data : model.groups) {
    own.push_back(grid_starts(model.shape, data, options, sign, most));
    if (own.back().empty()) return {};
  }
  const auto free = free_parameters(model.shape);
  const auto assemble = [&](std::size_t rank, std::size_t lead) {
    std::vector<double> sum(model.count, 0.0), count(model.count, 0.0);
    for (std::size_t g = 0; g < groups; ++g) {
      const Curve& c = own[g][std::min(rank, own[g].size() - 1)];
      const double weight = lead == groups ? 1.0 : (lead == g ? 1.0 : 1e-9);
      for (std::size_t i = 0; i < free.size(); ++i) {
        sum[model.slot[g][i]] += weight * c[free[i]];
        count[model.slot[g][i]] += weight;
      }
    }
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] /= count[i];
    return sum;
  };
  std::vector<std::vector<double>> starts;
  if (groups == 1) {
    for (std::size_t r = 0; r < own[0].size(); ++r) starts.push_back(assemble(r, 1));
    return starts;
  }
  starts.push_back(assemble(0, groups));
  if (model.count < groups * free.size()) {
    for (std::size_t g = 0; g < std::min<std::size_t>(groups, 8); ++g) {
      starts.push_back(assemble(0, g));
    }
  }
  starts.push_back(assemble(1, groups));
  return starts;
}

}  // namespace internal

namespace {

using enum Parameter;
using internal::JointModel;

void finish(Fit& fit, const JointModel& model, const numeric::LeastSquaresFit& best) {
  fit.end = best.end;
  fit.parameters = best.parameters;
  fit.curves = model.curves(best.parameters);
  fit.residual_sum = best.residual_sum + model.pure_error;
  const int k = fit.k();
  const double n = fit.n;
  if (fit.n > k) {
    const double variance = fit.residual_sum / (n - k);
    fit.residual_sd = std::sqrt(variance);
    fit.covariance = best.covariance_unscaled;
    for (double& c : fit.covariance) c *= variance;
  }
  double log_weights = 0.0;
  for (const auto& group : model.groups) log_weights += group.log_weights;
  fit.log_likelihood =
      0.5 * (log_weights - n * (std::log(2.0 * std::numbers::pi * fit.residual_sum / n) + 1.0));
  const double p = k + 1.0;  // the variance is estimated too
  if (n - p - 1.0 > 0.0) {
    fit.aicc = -2.0 * fit.log_likelihood + 2.0 * p + 2.0 * p * (p + 1.0) / (n - p - 1.0);
  }
}

/// The optimum next to a start. A curve that ends far beyond the doses lies at the end of a ridge;
/// with its plateaus solved for the search gets there, and all parameters together only settle.
numeric::LeastSquaresFit polished(const numeric::ResidualFunction& f,
                                  const JointModel& model,
                                  const numeric::LeastSquaresOptions& limits,
                                  const std::vector<double>& start) {
  auto plain = numeric::least_squares(f, model.rows, start, limits);
  if (plain.usable()) return plain;
  const internal::Reduced reduced(model, limits, start);
  if (!reduced.possible()) return plain;
  const auto optimum = reduced.descend(start);
  if (!optimum.found()) return plain;
  auto settled = numeric::least_squares(f, model.rows, optimum.parameters, limits);
  if (settled.usable() || settled.residual_sum > plain.residual_sum) return settled;
  settled.end = numeric::FitEnd::at_bound;
  return settled;
}

FTest f_test(double sum_gain, double df1, double sum_rest, double df2) {
  FTest t;
  t.df1 = df1;
  t.df2 = df2;
  if (!(df1 > 0.0) || !(df2 > 0.0)) return t;
  t.f = std::max(0.0, sum_gain) / df1 / (sum_rest / df2);
  t.p = numeric::f_upper(t.f, df1, df2);
  return t;
}

}  // namespace

double Fit::standard_error(Parameter p, std::size_t group) const {
  const auto free = free_parameters(shape);
  for (std::size_t i = 0; i < free.size() && !covariance.empty(); ++i) {
    if (free[i] != p) continue;
    const std::size_t at = slot[group][i];
    return std::sqrt(covariance[at * parameters.size() + at]);
  }
  return unknown;
}

Fit fit_curves(Shape shape,
               std::span<const Observations> groups,
               std::span<const Parameter> shared,
               const FitOptions& options) {
  const JointModel model = internal::joint_model(shape, groups, shared);
  Fit fit;
  fit.shape = shape;
  fit.slot = model.slot;
  fit.parameters.assign(model.count, unknown);
  fit.curves = model.curves(fit.parameters);
  fit.pure_error_sum = model.pure_error;
  fit.doses = static_cast<int>(model.rows);
  const std::size_t free = free_parameters(shape).size();
  bool enough = model.rows >= model.count;
  for (const auto& group : model.groups) {
    fit.n += group.wells;
    // Shared parameters may come from elsewhere, but a group needs something to say.
    enough = enough && !group.mean.empty() && (groups.size() > 1 || group.mean.size() >= free);
  }
  fit.end = numeric::FitEnd::undefined_at_start;
  if (!enough) return fit;
  const bool fixed_plateau = shape == Shape::log_logistic2 || shape == Shape::log_logistic3 ||
                             shape == Shape::log_logistic3u || shape == Shape::log_logistic5;
  numeric::LeastSquaresFit best;
  for (const double sign : {1.0, -1.0}) {
    if (sign < 0.0 && (options.falling_only || !fixed_plateau)) continue;
    const auto limits = internal::bounds(model, options, sign);
    fit.held = 0;
    for (std::size_t i = 0; i < model.count; ++i) fit.held += limits.lower[i] == limits.upper[i];
    const auto f = [&](std::span<const double> p, std::span<double> r, std::span<double> j) {
      model.residuals(p, r, j);
      return true;
    };
    for (const auto& start : internal::joint_starts(model, options, sign)) {
      auto now = polished(f, model, limits, start);
      const bool better = !best.usable() || now.residual_sum < best.residual_sum * (1.0 - 1e-12);
      if (now.usable() && better) best = std::move(now);
    }
  }
  if (best.usable()) finish(fit, model, best);
  return fit;
}

Fit fit_curve(Shape shape, const Observations& observations, const FitOptions& options) {
  return fit_curves(shape, std::span(&observations, 1), {}, options);
}

std::vector<Fit> compare_shapes(std::span<const Shape> shapes,
                                const Observations& observations,
                                const FitOptions& options) {
  std::vector<Fit> fits;
  for (const Shape shape : shapes) fits.push_back(fit_curve(shape, observations, options));
  const auto rank = [](const Fit& f) -> double {
    if (f.usable() && !std::isnan(f.aicc)) return f.aicc;
    return inf;
  };
  std::stable_sort(
      fits.begin(), fits.end(), [&](const Fit& a, const Fit& b) { return rank(a) < rank(b); });
  return fits;
}

FTest lack_of_fit(const Fit& fit) {
  return f_test(fit.residual_sum - fit.pure_error_sum,
                fit.doses - fit.k(),
                fit.pure_error_sum,
                fit.n - fit.doses);
}

FTest compare_nested(const Fit& smaller, const Fit& larger) {
  if (smaller.n != larger.n || smaller.k() >= larger.k()) {
    throw UsageError("compare_nested: the fits are not nested on the same wells");
  }
  return f_test(smaller.residual_sum - larger.residual_sum,
                larger.k() - smaller.k(),
                larger.residual_sum,
                larger.n - larger.k());
}

}  // namespace kinescape::dose_response
