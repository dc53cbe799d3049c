// SPDX-License-Identifier: Apache-2.0
// Proportions as R 4.2.2 answers them (ref_orr.csv: binom.test, prop.test, qbeta, uniroot,
// fisher.test).
#include <cstdio>

#include "numeric/proportion.hpp"
#include "trial_data.hpp"

namespace kinescape::numeric {
namespace {

using tests::answers;
using tests::expect_close;

TEST(ProportionAnswers, IntervalsOfOneProportion) {
  const auto want = answers("ref_orr.csv");
  if (want.empty()) GTEST_SKIP() << "no reference data";
  const std::map<std::string, ProportionMethod> methods{
      {"clopper", ProportionMethod::clopper_pearson},
      {"wilson", ProportionMethod::wilson},
      {"wilson_cc", ProportionMethod::wilson_corrected},
      {"midp", ProportionMethod::mid_p},
      {"jeffreys", ProportionMethod::jeffreys},
      {"agresti_coull", ProportionMethod::agresti_coull}};
  int checked = 0;
  for (const auto& [key, value] : want) {
    int x = 0, n = 0;
    char what[40] = "", end[4] = "";
    if (std::sscanf(key.c_str(), "binom_%d_%d|%39[a-z_]", &x, &n, what) != 3) continue;
    std::string method = what;
    const bool low = method.ends_with("_lo");
    method.resize(method.size() - 3);
    const Limits got = proportion_interval(x, n, 0.95, methods.at(method));
    static_cast<void>(end);
    expect_close(low ? got.low : got.high, value, 1e-9, key);
    ++checked;
  }
  EXPECT_GE(checked, 90);
}

TEST(ProportionAnswers, TwoProportions) {
  const auto want = answers("ref_orr.csv");
  if (want.empty()) GTEST_SKIP() << "no reference data";
  const int tables[2][4] = {{126, 152, 114, 151}, {137, 189, 50, 187}};
  for (const auto& t : tables) {
    const auto got = compare_proportions(t[0], t[1], t[2], t[3], 0.95);
    const std::string name = "orr2_" + std::to_string(t[0]) + "_" + std::to_string(t[1]) + "_vs_" +
                             std::to_string(t[2]) + "_" + std::to_string(t[3]) + "|";
    const auto check = [&](const char* quantity, double value, double relative) {
      expect_close(value, want.at(name + quantity), relative, name + quantity);
    };
    check("diff", got.difference, 1e-9);
    check("newcombe_lo", got.newcombe.low, 1e-9);
    check("newcombe_hi", got.newcombe.high, 1e-9);
    check("fisher_p", got.fisher_p, 1e-9);
    check("RR", got.risk_ratio, 1e-9);
    check("RR_lo", got.risk_ratio_log.low, 1e-9);
    check("RR_hi", got.risk_ratio_log.high, 1e-9);
    check("pearson_chisq", got.pearson_chi2, 1e-9);
    // fisher.test stops its root search at a tolerance of 1.2e-4 (uniroot's default).
    check("fisher_condOR", got.odds_ratio, 2e-4);
    check("fisher_OR_lo", got.odds_ratio_exact.low, 2e-4);
    check("fisher_OR_hi", got.odds_ratio_exact.high, 2e-4);
  }
}

}  // namespace
}  // namespace kinescape::numeric
