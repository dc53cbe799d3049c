// SPDX-License-Identifier: Apache-2.0
/// \file The likelihood of a mixed model with its exact derivatives, for the file that climbs it.
#pragma once

#include <vector>

#include "numeric/linear_internal.hpp"
#include "numeric/mixed_model.hpp"

namespace kinescape::numeric {

/// Rows of one independent group.
struct MixedBlock {
  int id = 0;
  std::vector<std::size_t> rows;   // of the data
  Eigen::MatrixXd x, z, distance;  // distance: |t - t'| within the innermost unit, -1 across
  Eigen::VectorXd y;
  std::vector<std::vector<Eigen::Index>> units;  // rows of each subgroup; empty without subgroups
};

/// Cross products of one group: all that independent residuals need of it.
struct MixedMoments {
  Eigen::MatrixXd zz, zx, xx;  // Z'Z, Z'[X y], [X y]'[X y]
  Eigen::Index rows = 0;
};

/// Groups of one Z'Z, as sums over them.
struct MixedClass {
  Eigen::MatrixXd zz, xx;
  std::vector<Eigen::MatrixXd> products;  // of rows a and b of Z'[X y], at a * random + b
  Eigen::Index rows = 0;                  // of each group
  double groups = 0.0;
};
/// In the order in which each class is first met.
[[nodiscard]] std::vector<MixedClass> classes_of(const std::vector<MixedMoments>& groups);

struct MixedProblem {
  std::vector<MixedBlock> blocks;
  std::vector<MixedClass> classes;                        // empty: rows are needed
  std::vector<std::vector<MixedMoments>> nested_moments;  // of units, by group
  Eigen::Index rows = 0, fixed = 0, random = 0;
  bool reml = true, correlated = true, serial = false, nested = false;
  // Entries (a, b), a >= b, of D of groups and of D of subgroups that are parameters.
  std::vector<std::pair<Eigen::Index, Eigen::Index>> entries, unit_entries;
  [[nodiscard]] Eigen::Index count() const {
    return static_cast<Eigen::Index>(entries.size() + unit_entries.size()) + 1 + (serial ? 1 : 0);
  }
};

/// Sizes by which y and the columns of z are divided, so that the parameters are of order one.
struct MixedScale {
  double y = 1.0;
  Eigen::VectorXd z;
};
/// `ols`: removed from y, so that cross products lose no digits to the level of y.
[[nodiscard]] MixedProblem problem_of(const MixedData& data,
                                      const MixedOptions& options,
                                      const MixedScale& scale,
                                      const Eigen::VectorXd& ols);
/// Cross products of its groups, where independent residuals need nothing else.
void add_moments(MixedProblem& problem);

/// Variances as they enter linearly: D of groups, D of subgroups, sigma^2; and -ln phi.
struct MixedVariances {
  Eigen::MatrixXd group, subgroup;
  double residual = 1.0, decay = 0.0;
};

struct MixedEvaluation {
  bool ok = false;
  double log_likelihood = 0.0;
  Eigen::VectorXd beta, gradient;
  Eigen::MatrixXd phi;             // (X'V^-1X)^-1
  Eigen::MatrixXd hessian;         // of the log-likelihood, natural parameters
  Eigen::MatrixXd expected;        // restricted information
  std::vector<Eigen::MatrixXd> p;  // X'V^-1 V_k V^-1 X
  std::vector<Eigen::MatrixXd> q;  // X'V^-1 V_k V^-1 V_l V^-1 X, k * count + l
  std::vector<Eigen::MatrixXd> r;  // X'V^-1 V_kl V^-1 X where V_kl is not 0
};
[[nodiscard]] MixedEvaluation evaluate(const MixedProblem& problem,
                                       const MixedVariances& variances,
                                       bool derivatives);

/// Sums over the groups. `p` and `q` in the basis E = V^-1 [X, y] until the residual replaces y.
struct MixedSums {
  double log_det = 0.0;
  Eigen::MatrixXd xx;                             // [X y]'V^-1[X y]
  Eigen::VectorXd trace;                          // tr(V^-1 V_k)
  Eigen::MatrixXd trace2;                         // tr(V^-1 V_k V^-1 V_l), l <= k
  std::vector<Eigen::MatrixXd> p;                 // E'V_kE
  std::vector<Eigen::MatrixXd> q;                 // E'V_kV^-1V_lE at k * count + l, l <= k
  Eigen::MatrixXd second_residual, second_decay;  // E'V_klE for (sigma^2, decay), (decay, decay)
  double trace_residual = 0.0, trace_decay = 0.0;
};
void add_classes(const MixedProblem& problem,
                 const MixedVariances& variances,
                 bool derivatives,
                 MixedSums& sums);

void add_nested_moments(const MixedProblem& problem,
                        const MixedVariances& variances,
                        bool derivatives,
                        MixedSums& sums);

/// fit_mixed from a start near another fit's variances (none: nullptr), until what is left to gain
/// is below `tolerance` of the log-likelihood.
[[nodiscard]] MixedFit fit_mixed_near(const MixedData& data,
                                      const MixedOptions& options,
                                      const MixedFit* near,
                                      double tolerance);

/// V of one block.
[[nodiscard]] Eigen::MatrixXd covariance_of(const MixedProblem& problem,
                                            const MixedBlock& block,
                                            const MixedVariances& variances);

}  // namespace kinescape::numeric
