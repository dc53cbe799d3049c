// SPDX-License-Identifier: Apache-2.0
/// \file The three surfaces as the search sees them: parameters on scales of order one, values and
/// gradients at a pair of log doses.
#pragma once

#include <cmath>
#include <cstddef>
#include <string_view>
#include <vector>

#include "combination/surface.hpp"

namespace kinescape::combination {

struct ModelParameter {
  std::string_view key;
  bool log = false;          ///< Held as its logarithm.
  bool interaction = false;  ///< Profiled.
  double lower = -1e3, upper = 1e3;
  /// Of an interaction: the agent (0, 1) whose potency alone must be seen; -1: none.
  int needs_agent = -1;
};

/// ln dose: -infinity is no drug. `gradient` may be null.
using Evaluate = double (*)(const double* p, double log_a, double log_b, double* gradient);

struct ModelSpec {
  std::vector<ModelParameter> parameters;
  Evaluate evaluate = nullptr;
  std::size_t log_c1 = 0, log_c2 = 0;  ///< Where the midpoints are.
};

[[nodiscard]] const ModelSpec& musyc_spec();
[[nodiscard]] const ModelSpec& braid_spec();
[[nodiscard]] const ModelSpec& zimmer_spec();
[[nodiscard]] const ModelSpec& spec_of(Model model);

}  // namespace kinescape::combination
