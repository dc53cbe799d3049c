// SPDX-License-Identifier: Apache-2.0
// Against what SynergyFinder 3.15 and the Python package synergy printed, and the parameters that
// synthetic surfaces were made from (data/dose-response/README.md of the reference data).
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "combination/estimate.hpp"
#include "combination/read.hpp"
#include "shared_data.hpp"

namespace kinescape::combination {
namespace {

Estimate estimate_of(const std::string& name, const ReadOptions& options, bool surfaces = true) {
  const auto path = tests::shared_data("dose-response/synergy/" + name);
  if (!path) return {};
  const auto blocks = read(std::vector<std::string>{path->string()}, options);
  EXPECT_TRUE(blocks.ok()) << describe(blocks.problems);
  Options o;
  o.surfaces = surfaces;
  return estimate(blocks.value, o).value;
}

ReadOptions meaning(const char* response, const char* scale, const char* unit = "") {
  ReadOptions o;
  o.response = response;
  o.scale = scale;
  o.dose_unit = unit;
  return o;
}

double summary(const PairResult& pair, Reference r) {
  return pair.of(r).summary.value;
}

#define SKIP_WITHOUT(estimate) \
  if ((estimate).pairs.empty()) GTEST_SKIP() << "the reference data are not beside the checkout"

TEST(SynergyConformance, HsaAndBlissOfSynergyFinder) {
  const auto mathews =
      estimate_of("mathews_block1_ispinesib_ibrutinib.csv", meaning("viability", "percent"), false);
  SKIP_WITHOUT(mathews);
  // Printed to three digits; the cells below to eight.
  EXPECT_NEAR(summary(mathews.pairs[0], Reference::hsa), 20.195, 5e-4);
  EXPECT_NEAR(summary(mathews.pairs[0], Reference::bliss), 10.856, 5e-4);
  const CellResult& corner = mathews.pairs[0].matrix.back();
  EXPECT_NEAR(corner.delta[0], 20.892508, 1e-6);
  EXPECT_NEAR(corner.delta[1], 5.3370518, 1e-6);
  const auto oneil = estimate_of(
      "oneil_block2_NCIH2122_paclitaxel_L778123.csv", meaning("inhibition", "percent"), false);
  EXPECT_NEAR(summary(oneil.pairs[0], Reference::hsa), -71.788, 5e-4);
  EXPECT_NEAR(summary(oneil.pairs[0], Reference::bliss), -77.679, 5e-4);
  EXPECT_EQ(oneil.pairs[0].of(Reference::bliss).call, Call::antagonism);
}

TEST(SynergyConformance, NullSurfacesHaveNoScoreOfTheirKind) {
  const auto bliss = estimate_of(
      "synthetic_musyc_bliss_independent_1.csv", meaning("viability", "fraction", "uM"), false);
  SKIP_WITHOUT(bliss);
  // synergy printed .07121 and -.00395 (5 digits).
  EXPECT_NEAR(summary(bliss.pairs[0], Reference::hsa), 7.121, 5e-4);
  EXPECT_NEAR(summary(bliss.pairs[0], Reference::bliss), -0.395, 5e-4);
  for (const Reference r : {Reference::bliss, Reference::zip}) {
    EXPECT_EQ(bliss.pairs[0].of(r).call, Call::additive_within_error) << key(r);
  }
  const auto isobole = estimate_of(
      "synthetic_musyc_linear_isobole_1.csv", meaning("viability", "fraction", "uM"), false);
  EXPECT_NEAR(summary(isobole.pairs[0], Reference::hsa), 1.373, 5e-4);
  EXPECT_NEAR(summary(isobole.pairs[0], Reference::bliss), -4.777, 5e-4);
  EXPECT_EQ(isobole.pairs[0].of(Reference::loewe).call, Call::additive_within_error);
}

TEST(SynergyConformance, MusycFindsTheParametersOfPotency) {
  const auto got =
      estimate_of("synthetic_musyc_potency_1.csv", meaning("viability", "fraction", "uM"));
  SKIP_WITHOUT(got);
  const SurfaceFit& fit = got.pairs[0].musyc;
  const std::pair<const char*, double> truths[] = {{"alpha_12", 0.5},
                                                   {"alpha_21", 2.0},
                                                   {"beta", 0.3 / 0.7},
                                                   {"gamma_12", 1.0},
                                                   {"gamma_21", 1.0}};
  for (const auto& [key, truth] : truths) {
    const Estimated& e = *fit.find(key);
    EXPECT_LE(e.low, truth) << key;
    EXPECT_GE(e.high, truth) << key;
  }
}

}  // namespace
}  // namespace kinescape::combination
