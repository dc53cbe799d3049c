// SPDX-License-Identifier: Apache-2.0
// Which matrix would see this interaction? Simulated experiments, scored as real ones are.
#include <algorithm>
#include <cmath>

#include "base/errors.hpp"
#include "combination/design.hpp"
#include "combination/estimate.hpp"
#include "combination/read.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::combination {
namespace {

/// A series of `n` doses around `middle_nM` that reaches as far as the planned doses do.
std::vector<double> series(const std::vector<double>& planned, double middle_nM, int n) {
  const double reach = std::max(0.5 * std::log(planned.back() / planned.front()), 1.0);
  std::vector<double> out;
  for (int i = 0; i < n; ++i) {
    out.push_back(middle_nM * std::exp(reach * (2.0 * i / (n - 1) - 1.0)));
  }
  return out;
}

Surface without_noise(const Design& design, const Truth& truth) {
  Surface s;
  for (const auto* doses : {&design.doses_a_nM, &design.doses_b_nM}) {
    s.axis_nM.emplace_back(1, 0.0);
    s.axis_nM.back().insert(s.axis_nM.back().end(), doses->begin(), doses->end());
  }
  for (const double a : s.axis_nM[0]) {
    for (const double b : s.axis_nM[1]) s.viability.push_back(true_viability(truth, a, b));
  }
  return s;
}

}  // namespace

std::vector<PlanRow> plan(const VirtualExperiment& experiment,
                          const std::vector<int>& doses,
                          const std::vector<int>& repeats,
                          int simulations,
                          Threads threads) {
  if (experiment.truths.empty()) throw UsageError("A plan needs a truth to be detected.");
  for (const int n : doses) {
    if (n < 3 || n > 30) throw UsageError("A matrix of 3 to 30 doses of each drug can be planned.");
  }
  for (const int n : repeats) {
    if (n < 2 || n > 100) throw UsageError("2 to 100 repeats can be planned.");
  }
  if (simulations < 10) throw UsageError("At least 10 simulated experiments are needed.");
  const Truth& truth = experiment.truths.front();
  std::vector<PlanRow> out;
  for (const int n : doses) {
    for (const int r : repeats) {
      Design design = experiment.design;
      design.lines = {truth.line};
      design.repeats = r;
      design.doses_a_nM = series(experiment.design.doses_a_nM, truth.agents.c1_nM, n);
      design.doses_b_nM = series(experiment.design.doses_b_nM, truth.agents.c2_nM, n);
      PlanRow row;
      row.doses = n;
      row.repeats = r;
      row.wells = r * ((n + 1) * (n + 1) * design.wells_per_pair - design.wells_per_pair +
                       design.vehicle_wells + design.blank_wells);
      row.step = design.doses_a_nM[1] / design.doses_a_nM[0];
      row.true_score = score(without_noise(design, truth)).summary;
      std::vector<std::array<bool, reference_count>> seen(static_cast<std::size_t>(simulations));
      Options options;
      options.surfaces = options.specifications = false;
      options.draws = 100;
      const std::uint64_t first = experiment.seed ? experiment.seed->value : 1;
      parallel_for(seen.size(), threads, [&](std::size_t i) {
        const auto plates =
            simulate(design, experiment.truths, experiment.noise, Seed{first + 1000003 * (i + 1)});
        const auto blocks = blocks_of(plates);
        const PairResult pair = estimate_block(blocks.value.front(), options);
        for (std::size_t m = 0; m < reference_count; ++m) {
          const ScoreResult& s = pair.scores[m];
          seen[i][m] = s.p < 1.0 - options.level && s.summary.value * row.true_score[m] > 0.0;
        }
      });
      for (std::size_t m = 0; m < reference_count; ++m) {
        int hits = 0;
        for (const auto& s : seen) hits += s[m];
        row.power[m] = static_cast<double>(hits) / simulations;
      }
      out.push_back(row);
    }
  }
  return out;
}

}  // namespace kinescape::combination
