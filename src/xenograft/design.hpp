// SPDX-License-Identifier: Apache-2.0
/// \file Which mice, how often measured, how long? A virtual study that has the analysis's own
/// likelihood, and the number of mice that a difference needs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/parallel.hpp"
#include "base/problem.hpp"
#include "base/progress.hpp"
#include "base/stream.hpp"
#include "xenograft/estimate.hpp"
#include "xenograft/experiment.hpp"

namespace kinescape::xenograft {

struct ArmDesign {
  std::string name;
  int animals = 8;
};

/// What was planned. The first arm is the reference.
struct Design {
  std::vector<ArmDesign> arms;
  std::vector<double> days;                 ///< Of measurement, ascending; the first is baseline.
  double volume_limit_mm3 = 1500.0;         ///< A mouse leaves at the visit that exceeds it.
  double weight_loss_limit_percent = 20.0;  ///< And at the visit that shows this loss.
  double palpable_limit_mm3 = unknown;      ///< Below it nothing can be measured.
  double take_rate = 1.0;                   ///< Share of implanted mice that bear a tumour.
  [[nodiscard]] Problems check() const;
};

/// What is true: ln V = ln baseline + rate x day per mouse.
struct Truth {
  std::vector<double> growth_rate_per_day;  ///< Per arm; negative shrinks.
  double sd_growth_rate_per_day = 0.01;     ///< Between mice.
  double baseline_mm3 = 150.0, baseline_cv = 0.35;
  std::vector<double> regrowth_day;  ///< Per arm; from it on the reference's rate. NaN: never.
  double weight_g = 22.0;
  std::vector<double> weight_loss_percent;  ///< Per arm, mean of the worst day.
  double loss_rate_per_day = 0.0;           ///< Of mice, for reasons unrelated to the tumour.
};

struct Noise {
  double diameter_cv = 0.06;  ///< Of each caliper reading; ln volume scatters by sqrt(5) of it.
  double length_over_width = 1.25;
};

/// The table a lab would keep. Volumes are length x width^2 / 2 of the readings.
[[nodiscard]] Experiment simulate(const Design& design,
                                  const Truth& truth,
                                  const Noise& noise,
                                  Seed seed);

struct VirtualExperiment {
  Design design;
  Truth truth;
  Noise noise;
  std::optional<Seed> seed;
};
/// design.toml: [[arm]] name, animals, growth_rate_per_day, ...; [design] days, limits; [noise].
[[nodiscard]] Checked<VirtualExperiment> read_design(std::string_view bytes,
                                                     const std::string& file);

struct PlanRow {
  int animals_per_arm, implanted_per_arm;
  double power, power_low, power_high;  ///< Of the last arm against the reference, by simulation.
  double median_days;                   ///< Mouse-days per study, median.
};
struct Plan {
  std::vector<PlanRow> rows;
  Estimated animals_per_arm;  ///< Smallest number with the wanted power.
  std::string says;
};
struct PlanOptions {
  double power = 0.8, alpha = 0.05;
  int from = 3, to = 20, studies = 400;
  Seed seed{1};
  Threads threads;
  ProgressSink progress;
};
/// Power of the Kenward-Roger test of day:arm in simulated studies of each size.
[[nodiscard]] Plan plan(const VirtualExperiment& virtual_experiment, const PlanOptions& options);

/// Allotment of mice to arms in blocks of like volume: within each block every arm comes once, in
/// random order; what is left over is allotted at random.
struct Allotted {
  std::string animal, arm;
  double volume_mm3;
  int block;
};
[[nodiscard]] std::vector<Allotted> randomise(const Experiment& baseline,
                                              const std::vector<std::string>& arms,
                                              Seed seed);

}  // namespace kinescape::xenograft
