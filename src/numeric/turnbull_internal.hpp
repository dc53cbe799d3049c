// SPDX-License-Identifier: Apache-2.0
/// \file The sets on which the likelihood of interval-censored rows puts mass, and its maximum, for
/// the files that estimate and profile it.
#pragma once

#include <vector>

#include "numeric/interval_censored.hpp"
#include "numeric/linear_internal.hpp"

namespace kinescape::numeric::turnbull_sets {

struct Sets {
  std::vector<double> left, right;
  Eigen::MatrixXd member;  // rows x sets: may the event of this row lie in that set?
};
/// \throws UsageError for rows of a wrong form.
void check(const IntervalRows& rows);
[[nodiscard]] Sets innermost(const IntervalRows& rows);

[[nodiscard]] double log_likelihood(const Eigen::MatrixXd& member, const Eigen::VectorXd& p);
/// Masses that maximise sum ln(member p), sum p = 1, until the optimality conditions hold to
/// `enough`. Entries of `member` may be any weights >= 0.
[[nodiscard]] Eigen::VectorXd maximise(const Eigen::MatrixXd& member,
                                       int& iterations,
                                       double& optimality,
                                       double enough = 1e-12);

}  // namespace kinescape::numeric::turnbull_sets
