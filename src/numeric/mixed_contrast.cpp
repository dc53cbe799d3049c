// SPDX-License-Identifier: Apache-2.0
// One contrast of the fixed effects: its standard error, degrees of freedom and p.
#include <cmath>

#include "base/errors.hpp"
#include "numeric/distribution.hpp"
#include "numeric/linear_internal.hpp"
#include "numeric/mixed_model.hpp"

namespace kinescape::numeric {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

Contrast contrast(const MixedFit& fit, std::span<const double> l, DfMethod method) {
  Contrast out{unknown, unknown, unknown, unknown};
  const auto p = static_cast<Index>(fit.beta.size());
  if (fit.end != MixedEnd::converged) return out;
  if (static_cast<Index>(l.size()) != p) throw UsageError("contrast: one weight per fixed effect");
  using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const VectorXd weight = Eigen::Map<const VectorXd>(l.data(), p),
                 beta = Eigen::Map<const VectorXd>(fit.beta.data(), p);
  const MatrixXd phi = Eigen::Map<const RowMatrix>(fit.covariance.data(), p, p);
  const MatrixXd adjusted = Eigen::Map<const RowMatrix>(fit.covariance_adjusted.data(), p, p);
  const auto n = static_cast<Index>(fit.variance_derivatives.size());
  const bool kr = method == DfMethod::kenward_roger;
  const auto& chosen = kr ? fit.variance_covariance : fit.variance_covariance_observed;
  const MatrixXd w = Eigen::Map<const RowMatrix>(chosen.data(), n, n);
  const double variance = weight.dot(phi * weight);
  // d(l'Phi l)/d gamma_k = l'Phi P_k Phi l. For one contrast Kenward and Roger's degrees of freedom
  // are 2 (l'Phi l)^2 / (g'Wg), too.
  VectorXd g(n);
  const VectorXd m = phi * weight;
  for (Index k = 0; k < n; ++k) {
    const MatrixXd pk = Eigen::Map<const RowMatrix>(
        fit.variance_derivatives[static_cast<std::size_t>(k)].data(), p, p);
    g(k) = m.dot(pk * m);
  }
  out.estimate = weight.dot(beta);
  out.se = std::sqrt(kr ? weight.dot(adjusted * weight) : variance);
  out.df = 2.0 * variance * variance / g.dot(w * g);
  out.p = two_sided_t(out.estimate / out.se, out.df);
  return out;
}

}  // namespace kinescape::numeric
