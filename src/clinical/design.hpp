// SPDX-License-Identifier: Apache-2.0
/// \file How many patients, and for how long? A virtual trial with accrual, scans and drop-out, and
/// the number of patients that a difference needs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/parallel.hpp"
#include "base/problem.hpp"
#include "base/progress.hpp"
#include "base/stream.hpp"
#include "clinical/table.hpp"

namespace kinescape::clinical {

struct ArmDesign {
  std::string name;
  int patients = 100;
};

/// What was planned; times in months. The first arm is the reference.
struct Design {
  std::vector<ArmDesign> arms;
  double accrual_months = 12.0;    ///< Patients enter evenly over it.
  double follow_up_months = 12.0;  ///< After the last has entered.
  double scan_every_months = 0.0;  ///< 0: events are dated; else they lie between two scans.
  [[nodiscard]] Problems check() const;
};

/// What is true: Weibull times per arm; a share may never have the event.
struct Truth {
  std::vector<double> median_months;
  double shape = 1.0;
  std::vector<double> cured_share;  ///< Per arm; empty: nobody.
  double drop_out_per_month = 0.0;
};

[[nodiscard]] Table simulate(const Design& design, const Truth& truth, Seed seed);

struct VirtualTrial {
  Design design;
  Truth truth;
  std::optional<Seed> seed;
};
/// design.toml: [[arm]] name, patients, median_months, cured_share; [design]; [truth]; seed.
[[nodiscard]] Checked<VirtualTrial> read_design(std::string_view bytes, const std::string& file);

/// How the chance of a false alarm is spent over the looks (Lan & DeMets 1983,
/// doi:10.1093/biomet/70.3.659).
enum class Spending {
  obrien_fleming,  ///< 4 - 4 Phi(z_{alpha/4} / sqrt(t)): little early.
  pocock,          ///< alpha ln(1 + (e - 1) t): nearly even.
};

struct PlanRow {
  int patients_per_arm = 0;
  /// Log-rank, last arm against the reference; with looks: that any of them crosses its limit.
  double power = unknown, power_low = unknown, power_high = unknown;
  double events = unknown;  ///< When everyone has been followed as planned.
  /// With looks: share of trials that have stopped by each, and means over the trials.
  std::vector<double> stopped_by;
  double expected_events = unknown, expected_months = unknown, planned_months = unknown;
};
struct Look {
  double information;       ///< Share of the events.
  double z_limit, p_limit;  ///< Two-sided.
};
struct Plan {
  double hazard_ratio = unknown;
  double schoenfeld_events = unknown;  ///< For that ratio, equal arms (doi:10.2307/2531021).
  std::vector<PlanRow> rows;
  Estimated patients_per_arm;
  std::vector<Look> looks;
  std::string says;
};
struct PlanOptions {
  double power = 0.8, alpha = 0.05;
  int from = 20, to = 1000, studies = 1000;
  int looks = 1;
  Spending spending = Spending::obrien_fleming;
  Seed seed{1};
  Threads threads;
  ProgressSink progress;
};
/// With looks, each is held when its share of the events that the size is expected to give has been
/// seen, on the patients who have entered by then; the last when everyone has been followed.
[[nodiscard]] Plan plan(const VirtualTrial& trial, const PlanOptions& options);

/// Two-sided limits at equally spaced looks that spend alpha, by recursive integration (Armitage,
/// McPherson & Rowe 1969, doi:10.2307/2343787).
[[nodiscard]] std::vector<Look> sequential_limits(int looks,
                                                  double alpha,
                                                  Spending spending = Spending::obrien_fleming);

}  // namespace kinescape::clinical
