// SPDX-License-Identifier: Apache-2.0
/// \file The partial likelihood and its derivatives, for the files that fit and test it.
#pragma once

#include <functional>
#include <vector>

#include "numeric/cox.hpp"
#include "numeric/linear_internal.hpp"

namespace kinescape::numeric {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Rows sorted once: by stratum, then by time. `x` is centred.
struct CoxSet {
  RowMatrix x;
  std::size_t width = 0;            // covariates, made up to a multiple of four by columns of 0
  std::vector<double> padded;       // x at that width
  std::vector<double> time, entry;  // entry empty: none
  std::vector<std::uint8_t> event;
  std::vector<std::size_t> begin;     // of the strata, and the end
  std::vector<std::size_t> by_entry;  // per stratum: row numbers, ascending entry
  int events = 0;
};
[[nodiscard]] CoxSet sorted_set(const CoxData& data);

/// exp of the predictor, each stratum relative to its largest, which cancels.
[[nodiscard]] std::vector<double> relative_hazard(const CoxSet& set, const Eigen::VectorXd& beta);

struct PartialLikelihood {
  double value = 0.0;
  Eigen::VectorXd gradient;
  Eigen::MatrixXd information;
};
/// Efron or Breslow.
[[nodiscard]] PartialLikelihood partial_likelihood(const CoxSet& set,
                                                   const Eigen::VectorXd& beta,
                                                   Ties ties);
[[nodiscard]] PartialLikelihood exact_likelihood(const CoxSet& set, const Eigen::VectorXd& beta);

/// The distribution of the covariates over those at risk, seen by one event.
struct RiskSet {
  double time = 0.0, s0 = 0.0;
  Eigen::VectorXd mean;
  Eigen::MatrixXd variance;
  Eigen::VectorXd failed;      // sum of x of those who fail now, shared over the tied events
  double penalty_a = 0.0;      // E[a], a = x'Cx
  Eigen::VectorXd penalty_ax;  // E[a x]
};
/// Calls `visit` once for every event, ties in Efron's or Breslow's share. `c` as in penalty_a; may
/// be empty.
void walk_risk_sets(const CoxSet& set,
                    const Eigen::VectorXd& beta,
                    Ties ties,
                    const Eigen::MatrixXd& c,
                    const std::function<void(const RiskSet&)>& visit);

[[nodiscard]] double concordance(const CoxSet& set, const Eigen::VectorXd& beta);

/// The penalised fit with profile intervals.
void fit_firth(const CoxSet& set, const CoxOptions& options, CoxFit& fit);

}  // namespace kinescape::numeric
