// SPDX-License-Identifier: Apache-2.0
// Simulate, estimate, count: is each model's own null called additive, and do intervals cover?
// Plates and days are those of combination::simulate: wells with additive and proportional noise,
// days with their own vehicle level and potencies.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "combination/design.hpp"
#include "combination/estimate.hpp"
#include "combination/read.hpp"

namespace kinescape::combination {
namespace {

/// 2000 experiments: the binomial spread of 5 % is 0.5 %.
int experiments() {
  const char* fewer = std::getenv("KINESCAPE_EXPERIMENTS");
  return fewer ? std::atoi(fewer) : 2000;
}

Design design_of(int repeats, std::size_t doses = 7) {
  Design d;
  d.lines = {"L"};
  d.repeats = repeats;
  for (std::size_t i = 0; i < doses; ++i) {
    d.doses_a_nM.push_back(3.0 * std::pow(10.0, 0.5 * static_cast<double>(i)));
    d.doses_b_nM.push_back(10.0 * std::pow(10.0, 0.5 * static_cast<double>(i)));
  }
  return d;
}

Truth truth_of(Together together) {
  Truth t{"L", together, {}};
  t.agents.e1 = 0.1;
  t.agents.e2 = together == Together::loewe ? 0.1 : 0.25;
  t.agents.h1 = 1.2;
  t.agents.h2 = together == Together::loewe ? 1.2 : 1.0;
  t.agents.c1_nM = 90.0;
  t.agents.c2_nM = together == Together::hsa ? 3000.0 : 400.0;
  t.agents.e3 = 0.1;
  return t;
}

Surface without_noise(const Design& d, const Truth& truth) {
  Surface s;
  for (const auto* doses : {&d.doses_a_nM, &d.doses_b_nM}) {
    s.axis_nM.emplace_back(1, 0.0);
    s.axis_nM.back().insert(s.axis_nM.back().end(), doses->begin(), doses->end());
  }
  for (const double a : s.axis_nM[0]) {
    for (const double b : s.axis_nM[1]) s.viability.push_back(true_viability(truth, a, b));
  }
  return s;
}

struct Count {
  double covered = 0, called = 0, n = 0, bias = 0, width = 0;
};

/// Shares over simulated experiments, for each reference.
std::array<Count, reference_count> count(const Design& d, const Truth& truth, const Noise& noise) {
  const auto n = static_cast<std::size_t>(experiments());
  const auto expected = score(without_noise(d, truth)).summary;
  std::vector<PairResult> all(n);
  Options options;
  options.surfaces = options.specifications = false;
  options.draws = 100;
  parallel_for(n, {}, [&](std::size_t i) {
    const auto blocks = blocks_of(simulate(d, {truth}, noise, Seed{7000 + i}));
    all[i] = estimate_block(blocks.value.front(), options);
    all[i].matrix.clear();
    all[i].cells = {};
  });
  std::array<Count, reference_count> out;
  for (const PairResult& pair : all) {
    for (std::size_t m = 0; m < reference_count; ++m) {
      const Estimated& e = pair.scores[m].summary;
      if (std::isnan(e.low)) continue;
      out[m].n += 1;
      out[m].covered += e.low <= expected[m] && expected[m] <= e.high;
      out[m].called += pair.scores[m].p < 0.05;
      out[m].bias += e.value - expected[m];
      out[m].width += e.high - e.low;
    }
  }
  for (std::size_t m = 0; m < reference_count; ++m) {
    Count& c = out[m];
    c.covered /= c.n;
    c.called /= c.n;
    c.bias /= c.n;
    c.width /= c.n;
    std::printf("  %-6s true %6.2f covered %.4f called %.4f bias %6.3f width %.3f\n",
                std::string(name(references[m])).c_str(),
                expected[m],
                c.covered,
                c.called,
                c.bias,
                c.width);
  }
  return out;
}

void expect_null(Together truth, Reference own, int repeats) {
  std::printf("%s, %d repeats\n", std::string(name(truth)).c_str(), repeats);
  const auto got = count(design_of(repeats), truth_of(truth), {});
  const Count& c = got[static_cast<std::size_t>(own)];
  EXPECT_GE(c.called, 0.04);
  EXPECT_LE(c.called, 0.06);
  EXPECT_GE(c.covered, 0.935);
  EXPECT_LE(c.covered, 0.965);
  EXPECT_LT(std::fabs(c.bias), 0.1 * c.width);
}

TEST(CombinationRecovery, BlissCallsIndependentActionAdditive) {
  expect_null(Together::bliss, Reference::bliss, 3);
  expect_null(Together::bliss, Reference::bliss, 5);
}

TEST(CombinationRecovery, ZipCallsIndependentActionAdditive) {
  expect_null(Together::bliss, Reference::zip, 4);
}

TEST(CombinationRecovery, LoeweCallsADrugWithItselfAdditive) {
  expect_null(Together::loewe, Reference::loewe, 3);
  expect_null(Together::loewe, Reference::loewe, 5);
}

TEST(CombinationRecovery, HsaCallsTheBetterDrugAdditive) {
  expect_null(Together::hsa, Reference::hsa, 3);
}

TEST(CombinationRecovery, IntervalsCoverAScoreThatIsThere) {
  Truth t = truth_of(Together::musyc);
  t.agents.alpha_12 = 4.0;
  t.agents.e3 = 0.02;
  std::printf("synergy\n");
  const auto got = count(design_of(3), t, {});
  for (std::size_t m = 0; m < reference_count; ++m) {
    EXPECT_GE(got[m].covered, 0.935) << key(references[m]);
    EXPECT_LE(got[m].covered, 0.965) << key(references[m]);
  }
}

TEST(CombinationRecovery, MusycIntervalsCoverTheInteraction) {
  Truth t = truth_of(Together::musyc);
  t.agents.alpha_12 = 3.0;
  t.agents.alpha_21 = 1.0;
  t.agents.e3 = 0.05;
  const double beta = (0.1 - 0.05) / 0.9;
  const Design d = design_of(3);
  const auto n = static_cast<std::size_t>(experiments() / 4);
  std::vector<SurfaceFit> fits(n);
  parallel_for(n, {}, [&](std::size_t i) {
    const auto blocks = blocks_of(simulate(d, {t}, {}, Seed{900 + i}));
    fits[i] = fit_surface(Model::musyc, cells_of(blocks.value.front()));
  });
  const std::pair<const char*, double> truths[] = {
      {"alpha_12", 3.0}, {"alpha_21", 1.0}, {"beta", beta}, {"gamma_12", 1.0}, {"gamma_21", 1.0}};
  for (const auto& [key, value] : truths) {
    double covered = 0.0, usable = 0.0;
    for (const SurfaceFit& fit : fits) {
      if (!fit.usable()) continue;
      const Estimated& e = *fit.find(key);
      usable += 1.0;
      covered += !(value < e.low) && !(value > e.high);  // an open end excludes nothing
    }
    std::printf("  %-9s covered %.4f of %.0f\n", key, covered / usable, usable);
    // Of 500: the binomial spread is 1 %, twice that each way.
    EXPECT_GE(covered / usable, 0.93) << key;
    EXPECT_LE(covered / usable, 0.975) << key;
  }
}

}  // namespace
}  // namespace kinescape::combination
