// SPDX-License-Identifier: Apache-2.0
/// \file The other direction: from a design and a stated interaction to the plates a reader would
/// print, and which matrix would detect that interaction.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/parallel.hpp"
#include "base/problem.hpp"
#include "base/stream.hpp"
#include "combination/reference.hpp"
#include "combination/surface.hpp"
#include "plate/plate.hpp"

namespace kinescape::combination {

/// What was planned: each line on one plate a repeat, with all dose pairs and both single agents.
struct Design {
  std::vector<std::string> lines;
  std::string drug_a = "drug a", drug_b = "drug b";
  std::vector<double> doses_a_nM, doses_b_nM;  ///< Rising, without 0.
  int repeats = 3;                             ///< Biological, each on its own day and plate.
  int wells_per_pair = 1;                      ///< Technical.
  int vehicle_wells = 8, blank_wells = 4;
  double time_h = 72.0;
};

/// How two agents act together in a virtual experiment.
enum class Together {
  musyc,  ///< By MusycTruth.
  hsa,    ///< As the better one alone.
  bliss,  ///< Independently.
  loewe,  ///< As doses of one substance.
};
[[nodiscard]] std::string_view name(Together together);

/// What is true on one line. Viability without drug is 1. For all but musyc only e1, e2, h1, h2,
/// c1_nM and c2_nM are used.
struct Truth {
  std::string line;
  Together together = Together::musyc;
  MusycTruth agents;
};
[[nodiscard]] double true_viability(const Truth& truth, double dose_a_nM, double dose_b_nM);

/// How it is blurred; standard deviations.
struct Noise {
  double additive = 0.01;                ///< Of viability, per well.
  double proportional = 0.05;            ///< Of the net signal, per well.
  double repeat_log10_ic50 = 0.08;       ///< Between repeats, of each agent.
  double repeat_vehicle_percent = 10.0;  ///< Between repeats: all net signals.
  double vehicle_signal = 1.6, blank_signal = 0.08;
};

/// Plates in the order of lines and repeats, wells in reading order. The draws of a well are named
/// by what it holds: another line, repeat or dose moves no other number.
/// \throws UsageError where check() has errors.
[[nodiscard]] plate::PlateSet simulate(const Design& design,
                                       const std::vector<Truth>& truths,
                                       const Noise& noise,
                                       Seed seed);

[[nodiscard]] Problems check(const Design& design,
                             const std::vector<Truth>& truths,
                             const Noise& noise);

struct VirtualExperiment {
  Design design;
  std::vector<Truth> truths;
  Noise noise;
  std::optional<Seed> seed;
};

/// Reads `[design]`, `[[line]]`, `[drug_a]`, `[drug_b]`, `[[truth]]` and `[noise]`
/// (docs/rooms/combination.md names every key), all problems at once.
[[nodiscard]] Checked<VirtualExperiment> read_design(std::string_view bytes,
                                                     const std::string& file);

/// One matrix and what it would see.
struct PlanRow {
  int doses = 0, repeats = 0, wells = 0;
  double step = unknown;  ///< Between doses, as a factor.
  /// Share of simulated experiments in which each score's call is the one of its true sign.
  std::array<double, reference_count> power{};
  std::array<double, reference_count> true_score{};  ///< Percentage points, without noise.
};

/// Power of square matrices of the given sizes and repeats around the midpoints of the first truth.
[[nodiscard]] std::vector<PlanRow> plan(const VirtualExperiment& experiment,
                                        const std::vector<int>& doses,
                                        const std::vector<int>& repeats,
                                        int simulations,
                                        Threads threads = {});

}  // namespace kinescape::combination
