// SPDX-License-Identifier: Apache-2.0
/// \file Shared by the fits and profile.cpp: wells reduced to dose means, and the residuals of a
/// joint fit on them.
#pragma once

#include <span>
#include <vector>

#include "dose_response/fit.hpp"

namespace kinescape::dose_response::internal {

/// Wells of one curve reduced to their weighted mean per dose, in ascending order. The optimum on
/// the means is the optimum on the wells; what is lost is a constant, the pure error.
struct DoseMeans {
  std::vector<double> dose_nM, mean, weight;
  double pure_error = 0.0, log_weights = 0.0, total_weight = 0.0;
  int wells = 0;
};
[[nodiscard]] DoseMeans reduce(const Observations& observations);

/// All free parameters of a joint fit in one vector.
struct JointModel {
  Shape shape = Shape::flat;
  std::vector<DoseMeans> groups;
  std::vector<std::vector<std::size_t>> slot;
  std::size_t count = 0;  ///< Parameters.
  std::size_t rows = 0;   ///< Residuals: dose means over all groups.
  double pure_error = 0.0;

  [[nodiscard]] std::vector<Curve> curves(std::span<const double> parameters) const;
  /// Weighted residuals and their Jacobian (row-major, `count` columns).
  void residuals(std::span<const double> parameters,
                 std::span<double> residual,
                 std::span<double> jacobian) const;
};
[[nodiscard]] JointModel joint_model(Shape shape,
                                     std::span<const Observations> groups,
                                     std::span<const Parameter> shared);

/// Bounds of the joint parameters; `sign` of the slope, +1 or -1.
[[nodiscard]] numeric::LeastSquaresOptions bounds(const JointModel& model,
                                                  const FitOptions& options,
                                                  double sign);

/// Lowest and highest dose above zero over all groups, log10; false if there is none.
bool dose_range(const JointModel& model, double& low, double& high);

/// A grid over the parameters that enter nonlinearly, the linear ones at their defaults: one row
/// for each midpoint. `finer` than what starts a fit. Empty without a dose above zero.
[[nodiscard]] std::vector<std::vector<Curve>> grid_cells(
    Shape shape, const DoseMeans& data, const FitOptions& options, double sign, double finer);

/// Start vectors of one curve, best first: linear parameters projected out over a grid.
[[nodiscard]] std::vector<Curve> grid_starts(
    Shape shape, const DoseMeans& data, const FitOptions& options, double sign, std::size_t most);

/// Start vectors of a joint fit: each group's own best starts, shared parameters taken from the
/// mean of all groups and, as further starts, from each group in turn.
[[nodiscard]] std::vector<std::vector<double>> joint_starts(const JointModel& model,
                                                            const FitOptions& options,
                                                            double sign);

}  // namespace kinescape::dose_response::internal
