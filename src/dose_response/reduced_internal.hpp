// SPDX-License-Identifier: Apache-2.0
/// \file A joint fit with its plateaus solved for, so that only what enters nonlinearly is
/// searched.
///
/// Beyond the doses a curve may be a long way from its lower plateau: midpoint, slope and plateau
/// then move together along a ridge that a search in all parameters does not get to the end of.
/// With the linear parameters eliminated (variable projection: Golub & Pereyra 1973,
/// doi:10.1137/0710036; Jacobian by Kaufman 1975, doi:10.1007/BF01932995) two are left, in a box.
/// One equation among the parameters may be kept as well; it takes one more away.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "dose_response/fit_internal.hpp"

namespace kinescape::dose_response::internal {

/// Zero where the equation holds.
using Equation = std::function<double(std::span<const Curve>)>;

class Reduced {
 public:
  struct Optimum {
    double residual_sum = unknown;  ///< Over dose means, without the pure error.
    std::vector<double> parameters;
    [[nodiscard]] bool found() const { return residual_sum == residual_sum; }
  };

  /// `near`: parameters at which the equation's form is looked at. `group`: whose midpoint the
  /// equation decides when it knows no plateau.
  Reduced(const JointModel& model,
          const numeric::LeastSquaresOptions& limits,
          std::span<const double> near,
          Equation equation = {},
          std::size_t group = 0);

  /// False where a plateau is bounded or the equation is not linear in the plateaus: search in all
  /// parameters then.
  [[nodiscard]] bool possible() const { return possible_; }
  /// The least residual sum next to a start.
  [[nodiscard]] Optimum descend(std::span<const double> start) const;
  /// The least over the box: a grid over the nonlinear parameters of `group`, the others as in
  /// `near`, its valleys followed down.
  [[nodiscard]] Optimum search(const FitOptions& options, double sign) const;

 private:
  /// Residuals with the linear parameters solved for, and their Jacobian by `moving_`.
  struct Projected {
    std::vector<double> parameters, residual, jacobian;
  };
  bool project(std::span<const double> moving, bool with_jacobian, Projected& out) const;
  void look_at_equation();
  bool meet_by_pivot(std::vector<double>& p) const;
  [[nodiscard]] double equation_at(std::span<const double> p) const;
  [[nodiscard]] double equation_slope(std::vector<double>& p, std::size_t slot) const;
  [[nodiscard]] std::vector<double> moving_of(std::span<const double> parameters) const;

  const JointModel& model_;
  numeric::LeastSquaresOptions limits_, moving_limits_;
  std::vector<double> near_;
  Equation equation_;
  std::size_t group_;
  std::vector<std::size_t> linear_, moving_;  ///< Slots.
  std::optional<std::size_t> pivot_;          ///< The slot that the equation decides.
  bool on_plateaus_ = false;                  ///< The equation decides a plateau.
  bool possible_ = true;
};

}  // namespace kinescape::dose_response::internal
