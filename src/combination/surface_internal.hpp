// SPDX-License-Identifier: Apache-2.0
/// \file The least-squares problem of a surface, and what is read off its optimum.
#pragma once

#include <vector>

#include "combination/descent_internal.hpp"
#include "combination/hill_internal.hpp"
#include "combination/models_internal.hpp"

namespace kinescape::combination {

/// The mean of one cell in one repeat.
struct SurfaceRow {
  double log_a = 0.0, log_b = 0.0, y = 0.0;
  double weight = 1.0;  ///< Square root of the inverse variance, to a common factor.
  std::size_t repeat = 0;
  int wells = 1;
};

struct SurfaceProblem {
  const ModelSpec* spec = nullptr;
  std::vector<SurfaceRow> rows;
  std::size_t repeats = 1;  ///< With shifts of their own, if more than one.
  DescentOptions bounds;
  [[nodiscard]] std::size_t width() const {
    return spec->parameters.size() + 3 * (repeats > 1 ? repeats - 1 : 0);
  }
  bool operator()(const double* p, double* r, double* jacobian) const;
};

[[nodiscard]] SurfaceProblem surface_problem(Model model, const Cells& cells);

/// Fills estimates, intervals and statuses from the optimum.
void describe_fit(const SurfaceProblem& problem,
                  Descent best,
                  const std::vector<Hill>& agents,
                  const Cells& cells,
                  const SurfaceOptions& options,
                  SurfaceFit& out);

}  // namespace kinescape::combination
