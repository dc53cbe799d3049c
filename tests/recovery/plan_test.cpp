// SPDX-License-Identifier: Apache-2.0
// What plan() claims of its design, counted anew by a loop of its own.
#include "viability/plan.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "viability/estimate.hpp"

namespace kinescape::viability {
namespace {

using dose_response::Parameter;

int seen(const PlanOptions& o, const Design& design, double fold, int runs, std::uint64_t first) {
  Truth truth = o.signals;
  truth.curves = {{o.parental, o.drug, o.parental_curve}, {o.resistant, o.drug, o.parental_curve}};
  truth.curves[1].curve[Parameter::log10_ec50] += std::log10(fold);
  Options how;
  how.pairs = {{o.resistant, o.parental}};
  how.threads = Threads{1};
  int n = 0;
  for (int i = 0; i < runs; ++i) {
    const auto e = estimate(
        simulate(design, truth, o.noise, Seed{first + static_cast<std::uint64_t>(i)}), how);
    for (const Comparison& c : e.value.comparisons) n += c.p < o.alpha && c.fold_ic50.value > 1.0;
  }
  return n;
}

TEST(PlanRecovery, ThePowerClaimedIsThePowerFound) {
  PlanOptions o;
  o.fold = 3.0;
  o.doses = {6};
  o.repeats = {3, 4};
  o.simulations = 100;
  o.wells = {2};
  o.threads = Threads{1};
  const Plan p = plan(o, Seed{11});
  ASSERT_TRUE(p.chosen) << p.says;
  const PlanRow& row = p.rows[*p.chosen];
  constexpr int runs = 200;
  const double found = static_cast<double>(seen(o, p.design, o.fold, runs, 1'000'000)) / runs;
  const double sd =
      std::sqrt(found * (1 - found) / runs + row.power.value * (1 - row.power.value) / row.power.n);
  EXPECT_NEAR(found, row.power.value, 3.5 * sd + 1e-9) << p.says;
  EXPECT_GE(found, 0.8);
}

TEST(PlanRecovery, WithoutAShiftTheDesignSeesOneAtHalfOfAlpha) {
  PlanOptions o;
  const int n = seen(o, design_of(o, 8, 3, 2), 1.0, 200, 5'000'000);  // 5 expected, SD 2.2
  EXPECT_LE(n, 14);
}

}  // namespace
}  // namespace kinescape::viability
