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

/// Treatments and membranes as fixed effects on the log scale; where treatments share no membrane,
/// of three or more, the membrane's effect is random. A sample is what was repeated: its
/// lanes and membranes are averaged, and treatments are compared by the spread of their samples.
/// With bounds (by their likelihood, EM) or samples without names each lane stands for itself.
struct Joint {
  bool usable = false;
  std::vector<double> mean;        ///< Of each group.
  std::vector<double> covariance;  ///< groups x groups, residual variance in it.
  double sd = unknown, df = 0.0;   ///< Between lanes of a treatment on a membrane.
  double membrane_sd = unknown;
  bool by_sample = false;         ///< The spread is that of samples.
  bool random_membranes = false;  ///< Treatments share no membrane: its effect is a random draw.
  bool measurement_only = false;  ///< No lane was repeated: errors are those of the volumes.
};
[[nodiscard]] Joint join(const std::vector<LogRatio>& data,
                         std::size_t groups,
                         std::size_t membranes);

}  // namespace kinescape::immunoblot
