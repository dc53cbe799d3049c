// SPDX-License-Identifier: Apache-2.0
/// \file The parts of an estimate: the model, the endpoints, what depends on who left.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "numeric/mixed_censored.hpp"
#include "xenograft/estimate.hpp"

namespace kinescape::xenograft {

/// Index of the visit that is the baseline.
[[nodiscard]] std::size_t baseline_visit(const Animal& animal, const Options& options);

/// The fitted model with what contrasts of its coefficients need.
struct Fitted {
  Model model;
  numeric::CensoredMixedFit fit;
  std::vector<std::string> arms;  ///< In the model, the reference first.
  std::size_t columns = 0, knots = 0;
  [[nodiscard]] bool usable() const { return model.status == Status::ok; }
  /// Weights of the growth rate of `arm` (before the first knot).
  [[nodiscard]] std::vector<double> slope_of(std::size_t arm) const;
};

/// Which visits of which mice enter.
struct Selection {
  std::string line;  ///< Empty with all_lines: every line.
  bool all_lines = true;
  bool by_operator = false;                    ///< A level of its own for everyone who measured.
  std::function<bool(const Animal&)> animals;  ///< Empty: all.
  std::function<bool(const Animal&, std::size_t)> visits;  ///< Empty: all.
};
[[nodiscard]] Fitted fit_model(const Experiment& experiment,
                               const Options& options,
                               const Selection& which);

/// Who measured volumes, as written; an empty name where a visit does not say.
[[nodiscard]] std::vector<std::string> operators_of(const Experiment& experiment);

/// t interval of a contrast.
[[nodiscard]] Estimated interval_of(const numeric::Contrast& c,
                                    double level,
                                    int n,
                                    std::string method);

/// Growth rates, ratios, p values and their multiplicity, into `arms` (one an arm of the
/// experiment).
void rates(const Fitted& fitted, const Options& options, std::vector<ArmResult>& arms);
void combinations(const Fitted& fitted, const Options& options, Estimate& out);

/// What is read off volumes: TGI, T/C, areas, times to a multiple, weights, classes.
void endpoints(const Experiment& experiment,
               const std::vector<AnimalResult>& animals,
               const Options& options,
               const Selection& which,
               std::vector<ArmResult>& arms);
void mean_curves(const Experiment& experiment, const Options& options, Estimate& out);
void multiple_curves(const Experiment& experiment, Estimate& out);
void sensitivity(const Experiment& experiment, const Options& options, Estimate& out);

}  // namespace kinescape::xenograft
