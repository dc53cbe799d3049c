// SPDX-License-Identifier: Apache-2.0
// Endpoints of the lung PDX study as R answers them (ref_xeno.csv), and the response of every mouse
// of two PDX collections by Xeva's rules (ref_repdx_*, ref_pdxe_*). Volumes in the tables are
// rounded to 0.001 mm3, some answers were made from unrounded ones: 1e-5 relative.
#include <fstream>

#include "trial_data.hpp"
#include "xenograft/estimate.hpp"

namespace kinescape::xenograft {
namespace {

using tests::answers;
using tests::Columns;
using tests::expect_close;

std::string bytes_of(const std::string& file) {
  const auto path = tests::shared_data("xenograft-clinical/" + file);
  if (!path) return {};
  std::ifstream in(*path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Checked<Experiment> lung() {
  return read(bytes_of("pdx/repdx_lung_long.csv"), "repdx_lung_long.csv");
}

TEST(XenograftAnswers, EndpointsOfTheLungStudy) {
  const auto want = answers("ref_xeno.csv");
  if (want.empty()) GTEST_SKIP() << "no reference data";
  const auto experiment = lung();
  ASSERT_TRUE(experiment.ok()) << describe(experiment.problems);
  Options options;
  options.drop_below_limit = true;
  options.draws = 200;
  const Estimate e = estimate(experiment.value, options);
  ASSERT_EQ(e.lines.size(), 3U);
  for (const LineResult& line : e.lines) {
    const std::string key = "repdx_" + line.line + "|";
    const auto check = [&](const char* quantity, double got, double relative = 1e-5) {
      expect_close(got, want.at(key + quantity), relative, key + quantity);
    };
    ASSERT_EQ(line.arms.size(), 2U);
    EXPECT_EQ(line.arms[0].arm, "control");
    const ArmResult &a = line.arms[1], &c = line.arms[0];
    check("last_common_day", a.last_common_day, 0.0);
    check("TC_mean_volume_pct", a.tc_percent.value);
    check("TC_median_volume_pct", a.tc_median_percent.value);
    check("TC_geomean_RTV_pct", a.tc_rtv_percent.value);
    check("TGI_deltamean_pct", a.tgi_percent.value);
    check("welch_logRTV_lo", a.log_rtv_difference.low);
    check("welch_logRTV_hi", a.log_rtv_difference.high);
    check("wilcoxon_RTV_p", a.rtv_rank_p, 1e-12);
    check("AUC_to_lastcommon_ratio_T_over_C", a.auc_ratio.value);
    check("doubling_logrank_chisq", a.multiple_chi2, 1e-9);
    check("doubling_events_control", c.multiple_events, 0.0);
    check("doubling_events_treatment", a.multiple_events, 0.0);
    const double delay =
        want.at(key + "doubling_median_treatment") - want.at(key + "doubling_median_control");
    expect_close(a.growth_delay_days.value, delay, 1e-12, key + "growth delay");
    // Fieller's interval holds its estimate.
    EXPECT_LT(a.tgi_percent.low, a.tgi_percent.value);
    EXPECT_GT(a.tgi_percent.high, a.tgi_percent.value);
  }
}

TEST(XenograftAnswers, ModelOfOneLineBearsTheNamesOfTheContract) {
  const auto want = answers("ref_mixed.csv");
  if (want.empty()) GTEST_SKIP() << "no reference data";
  auto experiment = lung();
  std::erase_if(experiment.value.animals, [](const Animal& a) { return a.line != "P9"; });
  experiment.value.lines = {"P9"};
  const Estimate e = estimate(experiment.value, {});
  ASSERT_EQ(e.model.coefficients.size(), 4U);
  const std::pair<const char*, const char*> names[] = {{"(Intercept)", "(Intercept)"},
                                                       {"day", "time"},
                                                       {"arm[treatment]", "armtreatment"},
                                                       {"day:arm[treatment]", "time:armtreatment"}};
  for (std::size_t j = 0; j < 4; ++j) {
    const std::string key = "repdx_P9|REML_slope|fixed|" + std::string(names[j].second) + "|";
    EXPECT_EQ(e.model.coefficients[j].name, names[j].first);
    expect_close(e.model.coefficients[j].estimate, want.at(key + "est"), 5e-6, key);
    expect_close(e.model.coefficients[j].se, want.at(key + "se_KR"), 1e-4, key);
    expect_close(e.model.coefficients[j].df, want.at(key + "df_KR"), 1e-2, key);
    expect_close(e.model.coefficients[j].p, want.at(key + "p_KR"), 1e-2, key);
  }
}

/// Every mouse of a collection against its row; returns how many were classified.
int check_classes(const Checked<Experiment>& experiment, const std::string& reference) {
  EXPECT_TRUE(experiment.ok()) << describe(experiment.problems);
  const Columns want("reference/" + reference);
  std::map<std::string, std::size_t> row;
  for (std::size_t i = 0; i < want.rows(); ++i) row[want.text("model.id")[i]] = i;
  const auto best = want.number("best.response"), best_time = want.number("best.response.time"),
             average = want.number("best.average.response"),
             average_time = want.number("best.average.response.time"), auc = want.number("AUC"),
             angle = want.number("slope_angle_deg");
  int classified = 0;
  for (const Animal& animal : experiment.value.animals) {
    const auto at = row.find(animal.id);
    if (at == row.end()) continue;
    const std::size_t i = at->second;
    const AnimalResult got = describe(animal, {});
    const std::string cls = want.text("mRECIST")[i];
    EXPECT_EQ(got.mrecist, cls == "NA" || cls.empty() ? "NE" : cls) << animal.id;
    classified += got.mrecist != "NE";
    // As 100 (v - v0) / v0 of rounded volumes.
    EXPECT_NEAR(got.auc_mm3_day, auc[i], 1e-5 * auc[i] + 0.1) << animal.id;
    EXPECT_NEAR(got.slope_angle_deg, angle[i], 1e-3) << animal.id;
    if (got.mrecist == "NE") {
      EXPECT_TRUE(std::isnan(best[i])) << animal.id;
      continue;
    }
    EXPECT_NEAR(got.best_response_percent, best[i], 1e-3 + 1e-5 * std::fabs(best[i])) << animal.id;
    EXPECT_NEAR(got.best_average_percent, average[i], 1e-3 + 1e-5 * std::fabs(average[i]))
        << animal.id;
    EXPECT_EQ(got.best_response_day, best_time[i]) << animal.id;
    EXPECT_EQ(got.best_average_day, average_time[i]) << animal.id;
  }
  return classified;
}

TEST(XenograftAnswers, EveryLungMouseHasItsClass) {
  if (bytes_of("pdx/repdx_lung_long.csv").empty()) GTEST_SKIP() << "no reference data";
  EXPECT_EQ(check_classes(lung(), "ref_repdx_mrecist_auc_slope.csv"), 36);
}

TEST(XenograftAnswers, EveryBreastMouseHasItsClass) {
  const std::string bytes = bytes_of("pdx/pdxe_brca_long.csv");
  if (bytes.empty()) GTEST_SKIP() << "no reference data";
  EXPECT_GE(check_classes(read(bytes, "pdxe_brca_long.csv"), "ref_pdxe_brca_mrecist_auc_slope.csv"),
            500);
}

TEST(XenograftAnswers, TheFirstDayMovesDiseaseControl) {
  const std::string bytes = bytes_of("pdx/pdxe_brca_long.csv");
  if (bytes.empty()) GTEST_SKIP() << "no reference data";
  const auto experiment = read(bytes, "pdxe_brca_long.csv");
  const auto control = [&](double first_day) {
    Options o;
    o.mrecist.first_day = first_day;
    int controlled = 0, all = 0;
    for (const Animal& a : experiment.value.animals) {
      const std::string c = describe(a, o).mrecist;
      controlled += c == "CR" || c == "PR" || c == "SD";
      all += c != "NE";
    }
    return static_cast<double>(controlled) / all;
  };
  EXPECT_GT(control(0.0), control(10.0) + 0.15) << "the rule must stand beside the class";
}

}  // namespace
}  // namespace kinescape::xenograft
