// SPDX-License-Identifier: Apache-2.0
/// \file Which 4-parameter log-logistic fits each of a million curves best? The batched fit: the
/// global least-squares optimum of every curve, on one core some hundred thousand a second.
///
/// Wells are reduced to means and pure error per dose; the plateaus are projected out (Golub &
/// Pereyra 1973, doi:10.1137/0710036), so that two parameters are left; a grid over both finds the
/// valleys, and a safeguarded Newton iteration on exact second derivatives finds their floors. The
/// same bits on every instruction set, at any thread count and in any order of curves or wells.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/estimated.hpp"
#include "base/parallel.hpp"

namespace kinescape::dose_response {

/// Many curves. A missing well is NaN.
struct BatchData {
  std::size_t curves = 0, wells = 0;
  std::span<const double> dose_nM;   ///< `wells` doses for all curves, or curves x wells.
  std::span<const double> response;  ///< curves x wells, row-major.
};

struct BatchOptions {
  double lowest_slope = 0.2, highest_slope = 12.0;  ///< Of hill_slope, always > 0.
  /// Window of the midpoint: decades beyond each curve's lowest and highest dose above zero ...
  double decades_below = 1.5, decades_above = 2.0;
  /// ... or, where set, log10 nM for all curves.
  std::optional<double> lowest_log10_nM, highest_log10_nM;
  bool intervals = false;    ///< Profile intervals of the midpoint.
  double level = 0.95;       ///< Of those.
  bool flat_test = true;     ///< p of a flat response, calibrated for the design.
  double flat_alpha = 0.01;  ///< Above this p a curve is called flat (Status::no_response).
  Threads threads{1};
  /// For tests: work as a machine without wide vectors does.
  enum class Lanes { widest, avx2, baseline } lanes = Lanes::widest;
};

/// One entry per curve in each vector, in the order of the data. Curves with fewer than 4 distinct
/// doses are too_few_data, all NaN. hill_slope > 0; a rising response has bottom > top.
/// status: ok; no_response; below_lowest_dose, above_highest_dose: the midpoint lies outside the
/// doses; interval_open_low, interval_open_high, interval_open (only with intervals); failed.
/// The numbers are the least-squares optimum whatever the status says.
struct BatchFit {
  std::vector<double> log10_ec50, hill_slope, top, bottom, residual_sum;
  std::vector<double> flat_p;
  /// NaN: open, or not asked for.
  std::vector<double> log10_ec50_low, log10_ec50_high;
  std::vector<int> wells;  ///< That took part.
  std::vector<Status> status;
};

/// \throws UsageError where sizes disagree, a dose is negative or not a number, or an option is
/// impossible.
[[nodiscard]] BatchFit batch_fit(const BatchData& data, const BatchOptions& options = {});

}  // namespace kinescape::dose_response
