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
  int lines = 1;                            ///< Tumour lines, each with all the arms' mice.
  std::vector<double> days;                 ///< Of measurement, ascending; the first is baseline.
  double volume_limit_mm3 = 1500.0;         ///< A mouse leaves at the visit that exceeds it.
  double weight_loss_limit_percent = 20.0;  ///< And at the visit that shows this loss.
  double palpable_limit_mm3 = unknown;      ///< Below it nothing can be measured.
  double take_rate = 1.0;                   ///< Share of implanted mice that bear a tumour.
  /// The study ends at the visit by which this share of the reference's mice have left; unknown: it
  /// runs to the last day.
  double stop_when_gone = unknown;
  [[nodiscard]] Problems check() const;
};

/// What is true: ln V = ln baseline + rate x day per mouse.
struct Truth {
  std::vector<double> growth_rate_per_day;   ///< Per arm; negative shrinks.
  double sd_growth_rate_per_day = 0.01;      ///< Between mice.
  double sd_line_growth_rate_per_day = 0.0;  ///< Between lines.
  double sd_line_effect_per_day = 0.0;       ///< Of each treated arm's effect between lines.
  double baseline_mm3 = 150.0, baseline_cv = 0.35;
  std::vector<double> regrowth_day;  ///< Per arm; from it on the reference's rate. NaN: never.
  double weight_g = 22.0;
  std::vector<double> weight_loss_percent;  ///< Per arm, mean of the worst day.
  double loss_rate_per_day = 0.0;           ///< Of mice, for reasons unrelated to the tumour.
};

struct Noise {
  double diameter_cv = 0.06;  ///< Of each caliper reading; ln volume scatters by sqrt(5) of it.
  double length_over_width = 1.25;
  /// Of ln volume about a mouse's own line, beside the calipers, and its correlation from a day to
  /// the next (CAR(1)).
  double serial_sd = 0.0, serial_correlation = 0.5;
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

/// Medians over the simulated studies of one design.
struct PlanRow {
  int animals_per_arm = 0;
  int implanted_per_arm = 0;  ///< So many that with 90 % chance the arm is filled.
  double power = unknown, power_low = unknown, power_high = unknown;  ///< Last arm, simulated.
  double mouse_days = unknown, measurements = unknown;                ///< Of a study.
  double last_day = unknown;       ///< On which a mouse was measured.
  double removed_share = unknown;  ///< Mean share of mice taken out at a limit.
};
/// When mice are measured and what ends the study, with the mice that the wanted power then takes.
struct PlanOption {
  double every_days = unknown, until_day = unknown;  ///< every: the commonest step between visits.
  double volume_limit_mm3 = unknown, stop_when_gone = unknown;
  bool as_designed = false;
  Estimated animals_per_arm;
  PlanRow at;  ///< At that size, or at the largest that was tried.
};
struct Plan {
  std::vector<PlanRow> rows;        ///< The design's own days and rules, by size.
  Estimated animals_per_arm;        ///< Smallest number with the wanted power.
  std::vector<PlanOption> options;  ///< Fewest mice first, then fewest measurements.
  std::string says, says_of_options;
};
struct PlanOptions {
  double power = 0.8, alpha = 0.05;
  int from = 3, to = 20, studies = 400;
  /// What else to try, crossed with one another. Empty: twice the design's step between visits, two
  /// thirds of its length, an end of the study once half of the reference's mice have left.
  std::vector<double> every_days, until_days, volume_limits_mm3, stop_when_gone;
  bool only_mice = false;  ///< The design's own days and rules, nothing else.
  Seed seed{1};
  Threads threads;
  ProgressSink progress;
};
/// Power of the Kenward-Roger test of day:arm in simulated studies of each size and protocol. All
/// use the same seeds, so that protocols are compared on the same mice.
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
