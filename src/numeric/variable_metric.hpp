// SPDX-License-Identifier: Apache-2.0
/// \file Where does a search by variable metric with coarse differences stop? Programs whose
/// printed digits depend on where R's optim ends can be met by the same search from the same start;
/// our own estimates come from least_squares.hpp, which goes on to the minimum.
#pragma once

#include <functional>
#include <vector>

namespace kinescape::numeric {

struct VariableMetricEnd {
  std::vector<double> at;  ///< In the units of the start (k).
  double value = 0.0;
  std::vector<double> hessian;  ///< k x k, by differences of the differences.
  /// False where the function, its differences or its second differences were not finite on the way
  /// (R raises an error there); then nothing else of this holds.
  bool finite = false;
};

/// Minimises `f` by the variable-metric method of Nash (1990, Compact Numerical Methods for
/// Computers, algorithm 21) as R's optim(method = "BFGS") parametrises it: each parameter in units
/// of its start (of one where the start is below 1e-4), central differences of 1e-3 of that, steps
/// cut to a fifth until they descend enough, ended by a step that gains less than 1e-7 of the value
/// twice in a row, or by 500 gradients. In a flat valley that is short of the minimum.
[[nodiscard]] VariableMetricEnd variable_metric(
    const std::function<double(const std::vector<double>&)>& f, const std::vector<double>& start);

}  // namespace kinescape::numeric
