// SPDX-License-Identifier: Apache-2.0
/// \file From volumes to ratios, and from ratios to folds.
#pragma once

#include <string>
#include <vector>

#include "immunoblot/estimate.hpp"

namespace kinescape::immunoblot {

/// A log ratio as the joint model takes it.
struct LogRatio {
  std::size_t group = 0, membrane = 0;
  std::size_t sample = 0;  ///< From 1 over all groups; 0: not named.
  double value = unknown;  ///< Natural log; of a bound, the bound.
  double se = unknown;     ///< Of the two volumes.
  Relation relation = Relation::equal;
};

/// Treatments and membranes on the log scale. A sample is what was repeated: its lanes and
/// membranes are averaged, and treatments are compared by the spread of their samples; bounds enter
/// by their likelihood with a level of the sample and one of the lane. Samples without names: each
/// lane stands for itself. The membrane's effect is fixed; where treatments share some membranes
/// only or none, of three or more, it is random, so that what membranes tell of each other is not
/// lost.
struct Joint {
  bool usable = false;
  std::vector<double> mean;        ///< Of each group.
  std::vector<double> covariance;  ///< groups x groups, residual variance in it.
  double sd = unknown, df = 0.0;   ///< Between lanes of a treatment on a membrane.
  double membrane_sd = unknown;
  bool by_sample = false;         ///< The spread is that of samples.
  bool random_membranes = false;  ///< The membrane's effect is a draw from one spread.
  bool measurement_only = false;  ///< No lane was repeated: errors are those of the volumes.
};
[[nodiscard]] Joint join(const std::vector<LogRatio>& data,
                         std::size_t groups,
                         std::size_t membranes);

/// Samples on several membranes each (or all on one) with bounds among their lanes. Not usable
/// where samples or lanes are too few to scatter.
[[nodiscard]] Joint join_censored(const std::vector<LogRatio>& data,
                                  std::size_t groups,
                                  std::size_t membranes);

/// Mean and variance of a normal below (sign -1) or above (+1) `bound`.
struct Tail {
  double mean, variance;
};
[[nodiscard]] Tail tail_of(double mean, double sd, double bound, int sign);

}  // namespace kinescape::immunoblot
