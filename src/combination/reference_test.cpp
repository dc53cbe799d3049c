// SPDX-License-Identifier: Apache-2.0
#include "combination/reference.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "combination/design.hpp"

namespace kinescape::combination {
namespace {

Surface surface_of(const std::vector<double>& a,
                   const std::vector<double>& b,
                   const std::function<double(double, double)>& f) {
  Surface s{{a, b}, {}};
  for (const double x : a) {
    for (const double y : b) s.viability.push_back(f(x, y));
  }
  return s;
}

const std::vector<double> doses{0, 10, 31.6, 100, 316, 1000, 3160};

double hill(double x, double end, double c, double h) {
  return x > 0 ? end + (1 - end) / (1 + std::pow(x / c, h)) : 1.0;
}

double summary(const PointScores& s, Reference r) {
  return s.summary[static_cast<std::size_t>(r)];
}

TEST(Reference, HsaAndBlissAreTheirDefinitionsOnTheMeasuredCells) {
  Surface s{{{0, 1}, {0, 1}}, {1.0, 0.8, 0.5, 0.3}};
  const PointScores p = score(s);
  EXPECT_DOUBLE_EQ(summary(p, Reference::hsa), 100.0 * (0.5 - 0.3));
  EXPECT_DOUBLE_EQ(summary(p, Reference::bliss), 100.0 * (0.5 * 0.8 - 0.3));
  EXPECT_TRUE(std::isnan(summary(p, Reference::loewe))) << "one dose is no curve";
}

TEST(Reference, IndependentActionHasNeitherBlissNorZipScore) {
  const Surface s = surface_of(doses, doses, [](double a, double b) {
    return hill(a, 0.1, 120, 1.1) * hill(b, 0.3, 80, 1.7);
  });
  const PointScores p = score(s);
  EXPECT_NEAR(summary(p, Reference::bliss), 0.0, 1e-12) << "a product minus itself";
  EXPECT_NEAR(summary(p, Reference::zip), 0.0, 1e-4) << "curves fitted to 1e-9 of their squares";
  EXPECT_GT(summary(p, Reference::hsa), 5.0);
}

TEST(Reference, ADrugCombinedWithItselfHasNoLoeweScore) {
  const Surface s =
      surface_of(doses, doses, [](double a, double b) { return hill(a + b, 0.1, 120, 1.4); });
  const PointScores p = score(s);
  for (const double d : p.delta[static_cast<std::size_t>(Reference::loewe)]) {
    if (!std::isnan(d)) {
      EXPECT_NEAR(d, 0.0, 1e-3);
    }
  }
  EXPECT_EQ(p.cells[static_cast<std::size_t>(Reference::loewe)] + p.loewe_undefined, 36);
}

TEST(Reference, LoeweIsUndefinedPastTheWeakerDrugsEnd) {
  const std::vector<Agent> agents{{1.0, 0.0, 100, 1.0}, {1.0, 0.6, 100, 1.0}};
  EXPECT_TRUE(std::isnan(loewe_viability(agents, {300, 10})));
  const double y = loewe_viability(agents, {20, 20});
  // Loewe's equation itself, at the answer.
  const auto dose = [](double at, double end) { return 100 * (1 - at) / (at - end); };
  EXPECT_NEAR(20 / dose(y, 0.0) + 20 / dose(y, 0.6), 1.0, 1e-10);
}

TEST(Reference, TheScoresDoNotDependOnTheUnitOfDoses) {
  const auto f = [](double a, double b) { return hill(a + 2 * b, 0.2, 150, 1.2); };
  std::vector<double> small = doses;
  for (double& d : small) d *= 1e-3;
  const PointScores one = score(surface_of(doses, doses, f));
  const PointScores two =
      score(surface_of(small, small, [&](double a, double b) { return f(1e3 * a, 1e3 * b); }));
  for (std::size_t m = 0; m < reference_count; ++m) {
    EXPECT_NEAR(one.summary[m], two.summary[m], 1e-5) << key(references[m]);
  }
}

TEST(Reference, ThreeDrugsByAllFourMeanings) {
  Surface s{{{0, 30, 100, 300}, {0, 30, 100, 300}, {0, 30, 100, 300}}, {}};
  const auto f = [](double x) { return hill(x, 0.0, 100, 1.0); };
  for (const double a : s.axis_nM[0]) {
    for (const double b : s.axis_nM[1]) {
      for (const double c : s.axis_nM[2]) s.viability.push_back(f(a) * f(b) * f(c));
    }
  }
  const PointScores p = score(s);
  EXPECT_EQ(p.combined_cells, 27);
  EXPECT_NEAR(summary(p, Reference::bliss), 0.0, 1e-12);
  EXPECT_NEAR(summary(p, Reference::zip), 0.0, 1e-3);
  EXPECT_GT(summary(p, Reference::hsa), 10.0);
  EXPECT_FALSE(std::isnan(summary(p, Reference::loewe)));
}

TEST(Reference, AMissingSingleAgentIsReadOffItsCurve) {
  Surface s = surface_of(doses, doses, [](double a, double b) {
    return hill(a, 0.1, 120, 1.1) * hill(b, 0.3, 80, 1.7);
  });
  s.viability[3] = unknown;  // the second drug alone at its third dose
  EXPECT_NEAR(summary(score(s), Reference::bliss), 0.0, 0.02);
}

TEST(Musyc, GivesBackItsParameters) {
  MusycTruth t;
  t.e1 = 0.4;
  t.e2 = 0.2;
  t.e3 = 0.05;
  t.h1 = 1.3;
  t.alpha_12 = 3.0;
  t.alpha_21 = 0.7;
  Block block{"", {"a", "b"}, {""}, false, {}};
  for (const double a : doses) {
    for (const double b : doses) block.wells.push_back({{a, b}, musyc(t, a, b), 0});
  }
  const SurfaceFit fit = fit_surface(Model::musyc, cells_of(block));
  ASSERT_TRUE(fit.usable()) << fit.why;
  EXPECT_NEAR(fit.find("alpha_12")->value, 3.0, 3e-3);
  EXPECT_NEAR(fit.find("alpha_21")->value, 0.7, 2e-3);
  EXPECT_NEAR(fit.find("beta")->value, (0.2 - 0.05) / 0.8, 1e-4);
  EXPECT_NEAR(fit.find("gamma_12")->value, 1.0, 2e-3);
  EXPECT_NEAR(predict(fit, 100, 100), musyc(t, 100, 100), 1e-5);
}

TEST(Musyc, SingleAgentsAreHillCurves) {
  MusycTruth t;
  t.e1 = 0.3;
  t.h1 = 1.7;
  t.alpha_21 = 5.0;
  EXPECT_NEAR(musyc(t, 250, 0), hill(250, 0.3, 100, 1.7), 1e-12);
  EXPECT_NEAR(musyc(t, 0, 0), 1.0, 1e-12);
}

}  // namespace
}  // namespace kinescape::combination
