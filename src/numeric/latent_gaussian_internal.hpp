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

/// Columns are eliminated in their own order (elimination_place), so that nothing is permuted. With
/// Eigen's own index, because only then its natural ordering copies nothing.
using Sparse = Eigen::SparseMatrix<double, Eigen::ColMajor, Eigen::Index>;
using Factor = Eigen::SimplicialLLT<Sparse, Eigen::Upper, Eigen::NaturalOrdering<Eigen::Index>>;

/// Where each column should stand for the sparsest factor (approximate minimum degree, Amestoy
/// 1996, doi:10.1137/S0895479894278952), and the model with its columns there.
[[nodiscard]] std::vector<std::size_t> elimination_place(const LatentModel& model);
[[nodiscard]] LatentModel moved(LatentModel model, const std::vector<std::size_t>& place);

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
  /// `enough`: the Newton decrement below which no further step is made. `scales`: of the columns'
  /// variances, empty = theirs.
  [[nodiscard]] Mode solve(const std::vector<double>& log_sd,
                           const Eigen::VectorXd& start,
                           const std::vector<double>& weights = {},
                           bool keep = false,
                           double enough = 0.0,
                           const std::vector<double>& scales = {}) const;
  /// Derivative of the log marginal likelihood by each log standard deviation, at the mode that was
  /// solved last without `keep`. With Gaussian, not Student-t, noise.
  [[nodiscard]] std::vector<double> slope(const Mode& mode) const;
  [[nodiscard]] std::vector<double> variances(const std::vector<double>& log_sd) const;

 private:
  struct Row {  // one observation over the union of its columns
    std::vector<Eigen::Index> columns;
    std::vector<double> u, l;  // coefficients of the upper and lower form
    double u0 = 0, l0 = 0;
    std::vector<Eigen::Index> slots;        // of the upper triangle, pairs in order
    std::vector<std::size_t> factor_slots;  // the same pairs in the factor
  };
  void place_in_factor();
  [[nodiscard]] std::vector<double> inverse_on_pattern(const Factor& factor) const;
  [[nodiscard]] double penalty(const Eigen::VectorXd& x,
                               const std::vector<double>& precision) const;
  const LatentModel& model_;
  std::vector<Row> rows_;
  Sparse pattern_;
  std::vector<Eigen::Index> diagonal_;
  std::vector<std::vector<std::size_t>> columns_of_;  // by component
  std::shared_ptr<Factor> shared_;                    // analysed once
};

}  // namespace kinescape::numeric::latent
