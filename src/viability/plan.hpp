// SPDX-License-Identifier: Apache-2.0
/// \file How many doses, repeats and wells does it take to see an x-fold shift of IC50? Answered by
/// doing the experiment on paper many times: simulate, estimate, count.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "base/problem.hpp"
#include "base/progress.hpp"
#include "base/stream.hpp"
#include "viability/design.hpp"
#include "viability/estimate.hpp"

namespace kinescape::viability {

struct PlanOptions {
  double fold = 3.0;    ///< The shift of IC50 that must not be missed; > 1.
  double power = 0.9;   ///< Chance of seeing it, in (0, 1).
  double alpha = 0.05;  ///< Seen: two-sided p of "no shift" below this, and the shift is upwards.
  std::string resistant = "resistant", parental = "parental", drug = "drug";
  dose_response::Curve parental_curve;  ///< Of the parental line; the other is shifted by `fold`.
  /// Doses run evenly on the log axis from lowest to highest; NaN: from a 30th of the parental IC50
  /// to 30 times the shifted one.
  double lowest_nM = unknown, highest_nM = unknown;
  std::vector<int> doses{6, 8, 10, 12}, repeats{2, 3, 4, 5, 6}, wells{1, 2, 3};
  Design
      base;  ///< Format, controls, edge and time; lines, drugs, doses, repeats, wells are set here.
  Truth signals;  ///< Signals of vehicle and blank; its curves are set here.
  Noise noise;
  int simulations = 200;  ///< For a design that may reach the power; few where it clearly does not.
  bool whole_grid = false;  ///< Also designs whose answer follows from a smaller or a larger one.
  Threads threads;
  ProgressSink progress;
  PlanOptions();
};

/// One design of the grid.
struct PlanRow {
  int doses = 0, repeats = 0, wells = 0;
  int plates = 0;       ///< Of the whole experiment.
  int total_wells = 0;  ///< Treated and control wells of the whole experiment.
  Estimated power;      ///< Clopper-Pearson interval of the simulation; n counts simulations.
  bool reaches = false;
  std::string why;  ///< When it was not simulated: what it follows from, or why it cannot be done.
};

struct Plan {
  std::vector<PlanRow> rows;          ///< By total wells, then repeats.
  std::optional<std::size_t> chosen;  ///< The smallest that reaches the power, confirmed afresh.
  Design design;                      ///< The chosen one, randomised.
  plate::PlateSet plates;             ///< Its plates, to be pipetted: no signals.
  std::string says;                   ///< One sentence in plain words.
};

/// All violations of what the options must satisfy.
[[nodiscard]] Problems check(const PlanOptions& options);

/// Power of each design of the grid and the smallest that reaches the one asked for. The choice is
/// confirmed with simulations of its own, so that it does not profit from having been picked.
/// The same seed gives the same plan at any thread count. Throws UsageError where check() objects.
[[nodiscard]] Plan plan(const PlanOptions& options, Seed seed);

/// The design that a row of the grid stands for.
[[nodiscard]] Design design_of(const PlanOptions& options, int doses, int repeats, int wells);

/// The plates as a plate map in TOML, one [plate.NAME.well.A01] table a well, with role, line,
/// drug, dose_nM and repeat; and as a table `plate, well, role, line, drug, dose_nM, repeat`.
[[nodiscard]] std::string layout_toml(const plate::PlateSet& plates);
[[nodiscard]] std::string layout_table(const plate::PlateSet& plates);
/// One grid per factor and plate as the bench reads it: rows A.. and columns 1.. of what stands
/// there.
[[nodiscard]] std::string layout_blocks(const plate::PlateSet& plates);

}  // namespace kinescape::viability
