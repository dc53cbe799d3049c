// SPDX-License-Identifier: Apache-2.0
/// \file The mode of the latent values at given standard deviations. Shared inside the room.
#pragma once

#include <Eigen/Sparse>
#include <memory>
#include <vector>

#include "numeric/latent_gaussian.hpp"
#include "numeric/latent_observation_internal.hpp"
#include "numeric/linear_internal.hpp"

namespace kinescape::numeric::latent {

using Factor = Eigen::SimplicialLLT<Eigen::SparseMatrix<double>>;

/// Mode and curvature at one vector of log standard deviations.
struct Mode {
  std::vector<double> log_sd;
  Eigen::VectorXd x;
  std::shared_ptr<Factor> factor;
  double log_marginal = unknown;
  bool converged = false;
};

/// A model prepared for many evaluations: pattern analysed once.
class Engine {
 public:
  explicit Engine(const LatentModel& model);
  /// `keep`: the factor of the answer stays as it is; else the next call overwrites it.
  /// Starts at `start` (or zeros when empty). `without`: weights of observations, empty = theirs.
  /// `enough`: the Newton decrement below which no further step is made.
  [[nodiscard]] Mode solve(const std::vector<double>& log_sd,
                           const Eigen::VectorXd& start,
                           const std::vector<double>& weights = {},
                           bool keep = false,
                           double enough = 0.0) const;
  [[nodiscard]] std::vector<double> variances(const std::vector<double>& log_sd) const;

 private:
  struct Row {  // one observation over the union of its columns
    std::vector<int> columns;
    std::vector<double> u, l;  // coefficients of the upper and lower form
    double u0 = 0, l0 = 0;
    std::vector<Eigen::Index> slots;  // of the lower triangle, pairs in order
  };
  double penalty(const Eigen::VectorXd& x, const std::vector<double>& precision) const;
  const LatentModel& model_;
  std::vector<Row> rows_;
  Eigen::SparseMatrix<double> pattern_;
  std::vector<Eigen::Index> diagonal_;
  std::shared_ptr<Factor> shared_;  // analysed once
};

}  // namespace kinescape::numeric::latent
