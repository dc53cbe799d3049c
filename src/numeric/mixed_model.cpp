// SPDX-License-Identifier: Apache-2.0
// Climbs the likelihood in Cholesky factors of the covariances (so that they stay positive
// semi-definite) by Newton steps on the exact Hessian, then makes the small-sample tests.
#include "numeric/mixed_model.hpp"

#include <algorithm>
#include <cmath>

#include "base/errors.hpp"
#include "numeric/mixed_internal.hpp"

namespace kinescape::numeric {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

std::string_view name(MixedEnd end) {
  switch (end) {
    case MixedEnd::not_run:
      return "not_run";
    case MixedEnd::converged:
      return "converged";
    case MixedEnd::singular_design:
      return "singular_design";
    case MixedEnd::too_few_data:
      return "too_few_data";
    case MixedEnd::out_of_steps:
      return "out_of_steps";
  }
  return "";
}

namespace {

void check(const MixedData& d, const MixedOptions& options) {
  const std::size_t n = d.y.size();
  const auto wide = [&](const std::vector<double>& m, int columns) {
    return m.size() == n * static_cast<std::size_t>(columns);
  };
  if (!wide(d.x, d.fixed) || !wide(d.z, d.random) || d.group.size() != n ||
      (!d.subgroup.empty() && d.subgroup.size() != n) || d.lone < 0 || d.lone > d.random ||
      (options.serial_correlation && d.time.size() != n))
    throw UsageError("fit_mixed: columns of unequal length");
  for (const auto* column : {&d.y, &d.x, &d.z, &d.time})
    for (const double v : *column)
      if (!std::isfinite(v)) throw UsageError("fit_mixed: a value is not a number");
}

/// Search coordinates: Cholesky entries of D (groups, then subgroups), ln sigma^2, ln decay.
MixedVariances variances_at(const MixedProblem& problem, const VectorXd& theta) {
  const auto lower = [&](const auto& entries, Index from) {
    MatrixXd l = MatrixXd::Zero(problem.random, problem.random);
    for (const auto& [a, b] : entries) l(a, b) = theta(from++);
    return MatrixXd(l * l.transpose());
  };
  MixedVariances v;
  const auto k = static_cast<Index>(problem.entries.size());
  v.group = lower(problem.entries, 0);
  if (problem.nested) v.subgroup = lower(problem.unit_entries, k);
  const Index at = k + static_cast<Index>(problem.unit_entries.size());
  v.residual = std::exp(theta(at));
  if (problem.serial) v.decay = std::exp(theta(at + 1));
  return v;
}

/// Gradient and Hessian of the log-likelihood in search coordinates, from the natural ones.
void chain(const MixedProblem& problem,
           const VectorXd& theta,
           const MixedEvaluation& e,
           VectorXd& gradient,
           MatrixXd& hessian) {
  const Index n = problem.count();
  MatrixXd j = MatrixXd::Zero(n, n), curvature = MatrixXd::Zero(n, n);
  Index from = 0;
  for (const auto* entries : {&problem.entries, &problem.unit_entries}) {
    const auto k = static_cast<Index>(entries->size());
    for (Index d = 0; d < k; ++d) {
      const auto [a, b] = (*entries)[static_cast<std::size_t>(d)];
      // D_ab = sum_c L_ac L_bc
      for (Index s = 0; s < k; ++s) {
        const auto [i, c] = (*entries)[static_cast<std::size_t>(s)];
        for (Index t = 0; t < k; ++t) {
          const auto [i2, c2] = (*entries)[static_cast<std::size_t>(t)];
          if (c != c2) continue;
          if (i == a && i2 == b) {
            j(from + d, from + s) += theta(from + t);
            j(from + d, from + t) += theta(from + s);
            curvature(from + s, from + t) += e.gradient(from + d);
            curvature(from + t, from + s) += e.gradient(from + d);
          }
        }
      }
    }
    from += k;
  }
  for (Index at = from; at < n; ++at) {
    j(at, at) = std::exp(theta(at));
    curvature(at, at) = e.gradient(at) * std::exp(theta(at));
  }
  gradient = j.transpose() * e.gradient;
  hessian = j.transpose() * e.hessian * j + curvature;
}

VectorXd start_of(const MixedProblem& problem, double residual_variance, double share) {
  VectorXd theta = VectorXd::Zero(problem.count());
  Index at = 0;
  for (const auto* entries : {&problem.entries, &problem.unit_entries})
    for (const auto& [a, b] : *entries)
      theta(at++) = a == b ? std::sqrt(share * residual_variance) : 0.0;
  theta(at++) = std::log((1.0 - share) * residual_variance);
  if (problem.serial) {
    // A correlation of a half at the typical distance of neighbours.
    double sum = 0.0, n = 0.0;
    for (const MixedBlock& block : problem.blocks)
      for (Index i = 0; i + 1 < block.distance.rows(); ++i)
        if (block.distance(i, i + 1) > 0.0) sum += block.distance(i, i + 1), n += 1.0;
    theta(at) = std::log(n > 0.0 ? 0.7 * n / sum : 0.7);
  }
  return theta;
}

/// A start near the variances of another fit, off the boundary: on it the gradient vanishes.
VectorXd start_near(const MixedProblem& problem, const MixedScale& scale, const MixedFit& near) {
  VectorXd theta = VectorXd::Zero(problem.count());
  Index at = 0;
  const auto factor = [&](const auto& entries, const std::vector<double>& covariance) {
    const Index q = problem.random;
    const Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>
        natural(covariance.data(), q, q);
    const VectorXd size = scale.z / scale.y;
    MatrixXd d = scaled(natural, size);
    for (Index a = 0; a < q; ++a) d(a, a) = std::max(1.02 * d(a, a), 0.01);
    MatrixXd l = MatrixXd::Zero(q, q);
    for (Index a = 0; a < q; ++a)
      for (Index b = 0; b <= a; ++b) {
        const double rest = d(a, b) - l.row(a).head(b).dot(l.row(b).head(b));
        l(a, b) = a == b ? std::sqrt(std::max(rest, 1e-12)) : rest / l(b, b);
      }
    for (const auto& [a, b] : entries) theta(at++) = l(a, b);
  };
  factor(problem.entries, near.random_covariance);
  if (problem.nested) factor(problem.unit_entries, near.subgroup_covariance);
  theta(at++) = 2.0 * std::log(near.residual_sd / scale.y);
  if (problem.serial)
    theta(at) = std::log(-std::log(std::clamp(near.serial_correlation, 1e-8, 1.0 - 1e-6)));
  return theta;
}

/// Newton on |Hessian| with halved steps. Returns whether what is left to gain is below `tolerance`
/// of the log-likelihood.
bool climb(const MixedProblem& problem,
           int max_iterations,
           double tolerance,
           VectorXd& theta,
           MixedEvaluation& here,
           int& iterations) {
  here = evaluate(problem, variances_at(problem, theta), true);
  if (!here.ok) return false;
  VectorXd gradient;
  MatrixXd hessian;
  double promised = HUGE_VAL;
  for (iterations = 0; iterations < max_iterations; ++iterations) {
    chain(problem, theta, here, gradient, hessian);
    const SymmetricEigen eigen = symmetric_eigen(-hessian);
    const double top = std::max(1e-8, eigen.values.cwiseAbs().maxCoeff());
    const VectorXd size = eigen.values.cwiseAbs().cwiseMax(1e-10 * top);
    VectorXd step = (eigen.vectors.transpose() * gradient).cwiseQuotient(size);
    step = eigen.vectors * step;
    promised = step.dot(gradient);
    if (promised < tolerance * (1.0 + std::fabs(here.log_likelihood))) return true;
    const double longest = step.cwiseAbs().maxCoeff();
    if (longest > 2.0) step *= 2.0 / longest;
    int halved = 0;
    MixedEvaluation next = evaluate(problem, variances_at(problem, theta + step), true);
    while (!(next.ok && next.log_likelihood >= here.log_likelihood) && ++halved < 50) {
      // No shorter step climbs either: what is left to gain is less than the sum's own rounding.
      if (halved >= 8 && promised < 1e-9 * (1.0 + std::fabs(here.log_likelihood))) return true;
      step *= 0.5;
      next = evaluate(problem, variances_at(problem, theta + step), false);
    }
    if (halved >= 50) return false;
    if (halved > 0) next = evaluate(problem, variances_at(problem, theta + step), true);
    theta += step;
    here = std::move(next);
  }
  // On the boundary steps may shrink slowly; what is left to gain is then no longer seen.
  return promised < 1e-10 * (1.0 + std::fabs(here.log_likelihood));
}

std::vector<double> flat(const MatrixXd& m) {
  std::vector<double> out;
  for (Index i = 0; i < m.rows(); ++i)
    for (Index j = 0; j < m.cols(); ++j) out.push_back(m(i, j));
  return out;
}

/// Inverse of a symmetric matrix; directions it does not know are left out.
MatrixXd pseudo_inverse(const MatrixXd& m, bool& positive) {
  const VectorXd scale = m.diagonal().cwiseAbs().cwiseMax(1e-300).cwiseSqrt().cwiseInverse();
  const SymmetricEigen eigen = symmetric_eigen(scaled(m, scale));
  VectorXd values = eigen.values;
  positive = values.minCoeff() > 1e-10;
  for (double& v : values) v = v > 1e-10 ? 1.0 / v : 0.0;
  return scaled(eigen.with(values), scale);
}

MatrixXd unscaled(const MatrixXd& d, const MixedScale& scale) {
  MatrixXd out = d;
  for (Index a = 0; a < d.rows(); ++a)
    for (Index b = 0; b < d.cols(); ++b) out(a, b) *= scale.y * scale.y / (scale.z(a) * scale.z(b));
  return out;
}

/// On the boundary a factor's pivot is nothing beside its own row.
bool on_boundary(const MatrixXd& d) {
  if (d.rows() == 0) return false;
  const VectorXd sd = d.diagonal().cwiseMax(0.0).cwiseSqrt();
  if (!(sd.minCoeff() > 1e-5)) return true;
  return least_eigenvalue(scaled(d, sd.cwiseInverse())) < 1e-8;
}

/// The variance parameters in their order.
VectorXd natural(const MixedProblem& problem, const MixedVariances& v) {
  VectorXd out(problem.count());
  Index at = 0;
  for (const auto& [a, b] : problem.entries) out(at++) = v.group(a, b);
  for (const auto& [a, b] : problem.unit_entries) out(at++) = v.subgroup(a, b);
  out(at++) = v.residual;
  if (problem.serial) out(at) = v.decay;
  return out;
}

void adjust(const MixedProblem& problem,
            const MixedEvaluation& e,
            const VectorXd& variances,
            const MixedScale& scale,
            MixedFit& fit) {
  bool positive = false, observed_positive = false;
  const MatrixXd w = pseudo_inverse(e.expected, positive);
  const MatrixXd observed = pseudo_inverse(-e.hessian, observed_positive);
  const Index n = problem.count(), p = problem.fixed;
  MatrixXd inner = MatrixXd::Zero(p, p);
  for (Index k = 0; k < n; ++k)
    for (Index l = 0; l < n; ++l)
      inner +=
          w(k, l) * (e.q[static_cast<std::size_t>(k * n + l)] -
                     e.p[static_cast<std::size_t>(k)] * e.phi * e.p[static_cast<std::size_t>(l)]);
  if (problem.serial) inner -= 0.25 * (2.0 * w(n - 2, n - 1) * e.r[0] + w(n - 1, n - 1) * e.r[1]);
  inner = 0.5 * (inner + inner.transpose()).eval();
  const double s2 = scale.y * scale.y;
  fit.covariance_adjusted = flat(s2 * (e.phi + 2.0 * (e.phi * inner * e.phi)));
  fit.covariance = flat(s2 * e.phi);
  fit.variance_covariance = flat(w);
  for (Index k = 0; k < n; ++k)
    fit.variance_df.push_back(2.0 * variances(k) * variances(k) / w(k, k));
  fit.variance_covariance_observed = flat(observed_positive ? observed : w);
  for (const MatrixXd& pk : e.p) fit.variance_derivatives.push_back(flat(pk / s2));
}

void predict(const MixedProblem& problem,
             const MixedVariances& v,
             const MixedEvaluation& e,
             const MixedScale& scale,
             MixedFit& fit) {
  for (const MixedBlock& block : problem.blocks) {
    const Cholesky factor(covariance_of(problem, block, v));
    const VectorXd residual = block.y - block.x * e.beta;
    const VectorXd b = v.group * (block.z.transpose() * factor.solve(residual));
    for (Index j = 0; j < b.size(); ++j) fit.random_effects.push_back(b(j) * scale.y / scale.z(j));
  }
}

}  // namespace

MixedFit fit_mixed(const MixedData& data, const MixedOptions& options) {
  return fit_mixed_near(data, options, nullptr, 1e-16);
}

MixedFit fit_mixed_near(const MixedData& data,
                        const MixedOptions& options,
                        const MixedFit* near,
                        double tolerance) {
  check(data, options);
  MixedFit fit;
  const auto n = static_cast<Index>(data.y.size());
  fit.rows = static_cast<int>(n);
  fit.end = MixedEnd::too_few_data;
  if (n <= data.fixed || data.fixed == 0) return fit;
  using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const MatrixXd x = Eigen::Map<const RowMatrix>(data.x.data(), n, data.fixed);
  const Eigen::Map<const RowMatrix> z(data.z.data(), n, data.random);
  const VectorXd y = Eigen::Map<const VectorXd>(data.y.data(), n);
  const auto [ols, rank] = solve_least_squares(x, y);
  if (rank < data.fixed) {
    fit.end = MixedEnd::singular_design;
    return fit;
  }
  const double residual = (y - x * ols).squaredNorm() / static_cast<double>(n - data.fixed);
  MixedScale scale;
  scale.y = residual > 0.0 ? std::sqrt(residual) : 1.0;
  scale.z = z.cwiseAbs2().colwise().mean().cwiseSqrt().cwiseMax(1e-300).transpose();
  MixedProblem problem = problem_of(data, options, scale, ols);
  if (!options.by_rows) add_moments(problem);
  for (const MixedBlock& block : problem.blocks) fit.group_ids.push_back(block.id);
  fit.groups = static_cast<int>(problem.blocks.size());
  if (data.random > 0 && fit.groups < 2) return fit;
  if (!(residual > 1e-20 * y.squaredNorm() / static_cast<double>(n)))
    return fit;  // no noise at all
  MixedEvaluation best;
  VectorXd theta;
  bool settled = false;
  std::vector<VectorXd> starts;
  if (near != nullptr && near->end == MixedEnd::converged)
    starts.push_back(start_near(problem, scale, *near));
  for (const double share : {0.5, 0.9, 0.1}) starts.push_back(start_of(problem, 1.0, share));
  for (VectorXd& start : starts) {
    MixedEvaluation here;
    int iterations = 0;
    const bool done = climb(problem, options.max_iterations, tolerance, start, here, iterations);
    if (here.ok && (!best.ok || here.log_likelihood > best.log_likelihood + 1e-9 ||
                    (done && !settled && here.log_likelihood > best.log_likelihood - 1e-9))) {
      best = std::move(here);
      theta = start;
      settled = done;
    }
    fit.iterations += iterations;
    if (settled) break;
  }
  if (!best.ok || !settled) {
    fit.end = MixedEnd::out_of_steps;
    return fit;
  }
  const MixedVariances v = variances_at(problem, theta);
  fit.end = MixedEnd::converged;
  for (Index j = 0; j < ols.size(); ++j) fit.beta.push_back(ols(j) + best.beta(j) * scale.y);
  fit.random_covariance = flat(unscaled(v.group, scale));
  if (problem.nested) fit.subgroup_covariance = flat(unscaled(v.subgroup, scale));
  fit.residual_sd = std::sqrt(v.residual) * scale.y;
  if (problem.serial) fit.serial_correlation = std::exp(-v.decay);
  // The change of scale of y enters the density of n (less the fixed effects) values.
  fit.log_likelihood = best.log_likelihood -
                       static_cast<double>(n - (options.reml ? data.fixed : 0)) * std::log(scale.y);
  const Index shared = data.random - data.lone;
  fit.singular = on_boundary(v.group) ||
                 (problem.nested && on_boundary(v.subgroup.topLeftCorner(shared, shared)));
  adjust(problem, best, natural(problem, v), scale, fit);
  predict(problem, v, best, scale, fit);
  return fit;
}

}  // namespace kinescape::numeric
