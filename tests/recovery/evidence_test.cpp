// SPDX-License-Identifier: Apache-2.0
// Simulate a literature, estimate, count: do 95 % intervals of the mean, the fold and of what one
// more laboratory sees cover 95 %, with some 40 % of the values censored and a quarter of the rows
// words?
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/parallel.hpp"
#include "evidence/potency.hpp"
#include "evidence/simulate.hpp"

namespace kinescape::evidence {
namespace {

int literatures() {
  const char* asked = std::getenv("KINESCAPE_RECOVERY");
  return asked != nullptr ? std::atoi(asked) : 250;
}

struct Count {
  long n = 0, mean = 0, fold = 0, predictive = 0, compound_n = 0, compound = 0;
  long rows = 0, values = 0, censored = 0, words = 0;
  double bias = 0, width = 0;
  void add(const Count& o) {
    n += o.n, mean += o.mean, fold += o.fold, predictive += o.predictive,
        compound_n += o.compound_n, compound += o.compound;
    rows += o.rows, values += o.values, censored += o.censored, words += o.words, bias += o.bias,
        width += o.width;
  }
};

bool covers(const Estimated& e, double log10_truth) {
  const double truth = std::pow(10.0, log10_truth);
  return e.low <= truth && truth <= e.high;
}

Count one(const LiteratureDesign& design, const LiteratureTruth& truth, int i) {
  Count c;
  const auto world = simulate(design, truth, Seed{static_cast<std::uint64_t>(1000 + i)});
  const PotencyModel model(world.library, {});
  if (!model.usable()) return c;
  c.rows = world.rows, c.censored = world.censored, c.words = world.words;
  for (const auto& row : world.library.rows) c.values += row.kind == RowKind::measurement;
  Stream lab(Seed{7}, 99, static_cast<std::uint64_t>(i));
  std::size_t wild_type = 0;
  for (std::size_t v = 0; v < world.variants.size(); ++v) {
    if (world.variants[v].key == "WT") wild_type = v;  // the first of each target
    for (std::size_t a = 0; a < world.agents.size(); ++a) {
      const auto e = model.summary(world.agents[a], world.variants[v]);
      if (std::isnan(e.ic50_nM.value)) continue;
      const double mean = world.log10_ic50_nM[v][a];
      const double seen =
          mean + std::sqrt(std::pow(truth.source, 2) + std::pow(truth.source_agent, 2) +
                           std::pow(truth.series, 2) + std::pow(truth.residual, 2)) *
                     lab.normal();
      ++c.n;
      c.mean += covers(e.ic50_nM, mean);
      c.predictive += covers(e.ic50_predictive_nM, seen);
      c.fold +=
          v == wild_type || covers(e.fold_over_wild_type, mean - world.log10_ic50_nM[wild_type][a]);
      c.bias += std::log10(e.ic50_nM.value) - mean;
      c.width += std::log10(e.ic50_nM.high / e.ic50_nM.low);
      if (world.variants[v].key.find('+') != std::string::npos) {
        ++c.compound_n;
        c.compound += covers(e.ic50_nM, mean);
      }
    }
  }
  return c;
}

Count run(const char* title, const LiteratureDesign& design, const LiteratureTruth& truth) {
  std::vector<Count> each(static_cast<std::size_t>(literatures()));
  parallel_for(
      each.size(), {}, [&](std::size_t i) { each[i] = one(design, truth, static_cast<int>(i)); });
  Count all;
  for (const auto& c : each) all.add(c);
  const auto n = static_cast<double>(all.n);
  std::printf(
      "%-28s mean %.3f fold %.3f predictive %.3f compound %.3f | bias %.3f width %.2f | %.0f rows, "
      "%.0f %% of values censored, %.0f %% words\n",
      title,
      all.mean / n,
      all.fold / n,
      all.predictive / n,
      static_cast<double>(all.compound) / static_cast<double>(all.compound_n),
      all.bias / n,
      all.width / n,
      static_cast<double>(all.rows) / literatures(),
      100.0 * static_cast<double>(all.censored) / static_cast<double>(all.values),
      100.0 * static_cast<double>(all.words) / static_cast<double>(all.rows));
  return all;
}

void expect_coverage(long hits, long n, const char* what) {
  const double share = static_cast<double>(hits) / static_cast<double>(n);
  EXPECT_GE(share, 0.935) << what;
  EXPECT_LE(share, 0.965) << what;
}

TEST(EvidenceRecovery, intervals_cover_with_forty_percent_censored_and_words) {
  const Count c = run("censored, words, folds", {}, {});
  EXPECT_GT(static_cast<double>(c.censored) / static_cast<double>(c.values), 0.3);
  expect_coverage(c.mean, c.n, "mean");
  expect_coverage(c.fold, c.n, "fold");
  expect_coverage(c.predictive, c.n, "predictive");
  EXPECT_LT(std::abs(c.bias), 0.1 * c.width) << "bias below a tenth of the interval";
}

TEST(EvidenceRecovery, intervals_cover_where_all_values_are_printed) {
  LiteratureDesign design;
  design.top_dose_log10_nM = 9;
  design.low_dose_log10_nM = -9;
  design.words = design.folds = 0;
  const Count c = run("all printed", design, {});
  expect_coverage(c.mean, c.n, "mean");
  expect_coverage(c.fold, c.n, "fold");
  expect_coverage(c.predictive, c.n, "predictive");
}

TEST(EvidenceRecovery, intervals_cover_with_few_sources) {
  LiteratureDesign design;
  design.sources = 5;
  LiteratureTruth truth;
  truth.source = 0.45;
  const Count c = run("five sources", design, truth);
  expect_coverage(c.mean, c.n, "mean");
  expect_coverage(c.predictive, c.n, "predictive");
}

TEST(EvidenceRecovery, intervals_cover_where_sources_use_enzymes_and_cancer_lines) {
  LiteratureDesign design;
  design.enzymes = 0.25;
  design.lines = 0.25;
  const Count c = run("enzymes and lines", design, {});
  expect_coverage(c.mean, c.n, "mean");
  expect_coverage(c.fold, c.n, "fold");
  expect_coverage(c.predictive, c.n, "predictive");
}

TEST(EvidenceRecovery, intervals_cover_with_several_targets_of_few_sources_each) {
  LiteratureDesign design;
  design.targets = 5;
  design.agents = 3, design.variants = 5, design.sources = 5, design.compound = 1;
  LiteratureTruth truth;
  truth.target = 0.5, truth.target_shift = 0.3;
  truth.variant = 0.4, truth.pair = 0.3, truth.tail_df = 4;
  const Count c = run("five targets", design, truth);
  expect_coverage(c.mean, c.n, "mean");
  expect_coverage(c.fold, c.n, "fold");
  expect_coverage(c.predictive, c.n, "predictive");
}

TEST(EvidenceRecovery, intervals_cover_where_few_changes_shut_agents_out) {
  LiteratureTruth truth;
  truth.variant = 0.35, truth.pair = 0.25, truth.tail_df = 3;
  const Count c = run("heavy tails", {}, truth);
  expect_coverage(c.mean, c.n, "mean");
  expect_coverage(c.fold, c.n, "fold");
  expect_coverage(c.predictive, c.n, "predictive");
}

/// Standard deviations and shifts drawn from the priors that docs/rooms/evidence.md states; the
/// mean from anywhere between fM and M, so that some literatures are bounds nearly throughout.
LiteratureTruth drawn_truth(Seed seed) {
  Stream s(seed, 500, 0);
  LiteratureTruth t;
  t.mean = 2.0 + std::hypot(2.0, 1.0) * s.normal();  // of the mean and of the target
  t.shift = s.normal();
  t.agent = std::abs(1.0 * s.normal());
  t.variant = std::abs(0.5 * s.normal());
  t.pair = std::abs(0.35 * s.normal());
  t.epistasis = std::abs(0.5 * s.normal());
  t.source = std::abs(0.4 * s.normal());
  t.source_agent = std::abs(0.2 * s.normal());
  t.series = std::abs(0.2 * s.normal());
  t.residual = std::abs(0.3 * s.normal());
  t.tail_df = 4.0;
  return t;
}

/// Where one truth of a literature lies among its posterior draws: of the IC50, the fold, and of a
/// value that one more laboratory prints.
std::array<double, 3> places(int i) {
  const Seed seed{static_cast<std::uint64_t>(90000 + i)};
  const LiteratureTruth truth = drawn_truth(seed);
  LiteratureDesign design;
  design.words = 0;  // words on one pair share the weight of one: not the posterior of a model
  design.top_dose_log10_nM = 3.3;
  design.low_dose_log10_nM = 0.3;
  const auto world = simulate(design, truth, seed);
  const PotencyModel model(world.library, {});
  std::array<double, 3> out{unknown, unknown, unknown};
  if (!model.usable()) return out;
  Stream pick(seed, 501, 0);
  const auto some = [&](std::size_t n) {
    return std::min(n - 1, static_cast<std::size_t>(pick.uniform() * static_cast<double>(n)));
  };
  const std::size_t v = 1 + some(world.variants.size() - 1), a = some(world.agents.size());
  const auto draws = model.draws({world.agents[a]}, world.variants[v], 4000, seed);
  if (draws.log10_ic50.empty() ||
      std::isnan(model.summary(world.agents[a], world.variants[v]).ic50_nM.value))
    return out;
  const double mean = world.log10_ic50_nM[v][a], fold = mean - world.log10_ic50_nM[0][a];
  double below_mean = 0, below_fold = 0;
  for (std::size_t d = 0; d < draws.log10_ic50.size(); ++d) {
    below_mean += draws.log10_ic50[d][0] < mean;
    below_fold += draws.log10_fold[d][0] < fold;
  }
  Row row = world.library.rows.front();
  row.agent = world.agents[a];
  row.variant = world.variants[v].key;
  row.changes.clear();
  if (const auto plus = row.variant.find('+'); plus != std::string::npos)
    row.changes = {row.variant.substr(0, plus), row.variant.substr(plus + 1)};
  row.se_log10 = unknown;
  row.low = std::pow(
      10.0,
      mean + std::sqrt(truth.source * truth.source + truth.source_agent * truth.source_agent +
                       truth.series * truth.series + truth.residual * truth.residual) *
                 pick.normal());
  return {below_mean / 4000.0, below_fold / 4000.0, model.prediction(row).p_below};
}

TEST(EvidenceCalibration, truths_drawn_from_the_priors_lie_anywhere_among_the_posterior_draws) {
  // Simulation-based calibration (Talts 2018, arXiv:1804.06788): ranks are uniform. One pair a
  // literature, so that ranks are independent; chi-squared over ten bins.
  std::vector<std::array<double, 3>> each(static_cast<std::size_t>(2 * literatures()));
  parallel_for(each.size(), {}, [&](std::size_t i) { each[i] = places(static_cast<int>(i)); });
  for (std::size_t q = 0; q < 3; ++q) {
    std::array<int, 10> bins{};
    double n = 0, chi2 = 0;
    for (const auto& place : each) {
      if (std::isnan(place[q])) continue;
      ++n;
      ++bins.at(std::min<std::size_t>(9, static_cast<std::size_t>(10.0 * place[q])));
    }
    for (const int count : bins) chi2 += std::pow(count - n / 10, 2) / (n / 10);
    std::printf("%-10s", q == 0 ? "IC50" : q == 1 ? "fold" : "predictive");
    for (const int count : bins) std::printf(" %4d", count);
    std::printf("   chi2 %.1f of 9, n %.0f\n", chi2, n);
    EXPECT_GT(n, 0.9 * static_cast<double>(each.size()));
    EXPECT_LT(chi2, 16.9) << "the 5 % point of chi-squared with 9 degrees of freedom";
  }
}

}  // namespace
}  // namespace kinescape::evidence
