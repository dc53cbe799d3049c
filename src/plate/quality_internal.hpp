// SPDX-License-Identifier: Apache-2.0
/// \file The steps of judging a plate: its wells by treatment, the error of a well, the place
/// terms.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plate/plate.hpp"
#include "plate/quality.hpp"

namespace kinescape::plate {

/// Measured wells that should read the same: one role, line, drug, dose and repeat.
struct Treatment {
  std::vector<const Well*> wells;
  double mean = unknown;
  double net = unknown;  ///< Mean less the plate's blank level, at least 0.
};

/// One plate as it is judged.
struct PlateView {
  const PlateInfo* info = nullptr;
  std::vector<const Well*> wells;  ///< Of the judged read, whatever their reading.
  std::vector<Treatment> treatments;
  double blank_level = 0.0;
  bool placed = false;  ///< All judged wells know their place.
};

[[nodiscard]] PlateView view_of(const PlateInfo& info, const std::vector<const Well*>& wells);

/// Whether the well has an exact value that may be used.
[[nodiscard]] bool counts(const Well& well);

/// Signals of the usable wells of a role; of `line` or of no named line, all lines if nullptr.
[[nodiscard]] std::vector<double> signals(const PlateView& view,
                                          Role role,
                                          const std::string* line = nullptr);

/// The lines with vehicle wells; {""} when these name no line.
[[nodiscard]] std::vector<std::string> vehicle_lines(const PlateView& view);

/// Z', SSMD, signal to background and CV into `quality`: those of the worst line.
void judge_controls(const PlateView& view, Quality& quality);

[[nodiscard]] double replicate_correlation(const PlateView& view);

/// Variance of a well = additive + proportional * net^2, from the spread within treatments.
struct WellError {
  double additive = 0.0, proportional = 0.0;
  double df = 0.0;
  [[nodiscard]] double variance(double net) const { return additive + proportional * net * net; }
};

/// Sequential least squares of `y` on columns: after each column its sum of squares; a column that
/// adds nothing new is skipped.
struct Sequential {
  std::vector<double> sum_of_squares;  ///< Per column; 0 where skipped.
  std::vector<bool> used;
  std::vector<double> coefficients;  ///< Of the whole model; 0 where skipped.
  double residual = unknown;         ///< Sum of squares left.
};

[[nodiscard]] Sequential fit_in_order(const std::vector<std::vector<double>>& x,
                                      const std::vector<double>& y);

/// The place terms and the wells that do not fit their treatment.
void judge_places(const PlateView& view, Quality& quality);

/// Mean, SD (n - 1) and median of some signals.
struct Summary {
  std::size_t n = 0;
  double mean = unknown, sd = unknown, median = unknown, mad = unknown;  ///< mad: times 1.4826.
};
[[nodiscard]] Summary summarise(std::vector<double> values);
[[nodiscard]] double median_of(std::vector<double> values);

/// Verdict and reasons from the numbers of all plates of the set.
void judge_verdicts(const std::vector<PlateView>& views, Scale scale, std::vector<Quality>& all);

}  // namespace kinescape::plate
