// SPDX-License-Identifier: Apache-2.0
// Mixed models as R 4.2.2 answers them (ref_mixed.csv: lme4 1.1-31, lmerTest 3.1-3, pbkrtest 0.5.2,
// nlme 3.1-162). Fixed effects to 1e-6, standard errors to 1e-5, variances to 1e-4, Satterthwaite
// degrees of freedom to 1e-3 (R differentiates numerically), Kenward and Roger's to 1e-2.
#include <functional>

#include "numeric/mixed_model.hpp"
#include "trial_data.hpp"

namespace kinescape::numeric {
namespace {

using tests::answers;
using tests::Columns;
using tests::expect_close;

struct Arranged {
  MixedData data;
  std::vector<std::string> names;
};

int id_of(std::map<std::string, int>& ids, const std::string& name) {
  return ids.emplace(name, static_cast<int>(ids.size())).first->second;
}

/// y ~ t * second level, groups in their order.
Arranged growth(const std::vector<double>& y,
                const std::vector<double>& t,
                const std::vector<double>& second,
                const std::vector<std::string>& group,
                const std::vector<std::string>& names) {
  Arranged s;
  s.names = names;
  s.data.fixed = static_cast<int>(names.size());
  s.data.random = 2;
  std::map<std::string, int> ids;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (!std::isfinite(y[i])) continue;
    s.data.y.push_back(y[i]);
    s.data.time.push_back(t[i]);
    s.data.x.insert(s.data.x.end(), {1.0, t[i]});
    if (names.size() == 4) s.data.x.insert(s.data.x.end(), {second[i], t[i] * second[i]});
    s.data.z.insert(s.data.z.end(), {1.0, t[i]});
    s.data.group.push_back(id_of(ids, group[i]));
  }
  return s;
}

Arranged intercept_only(Arranged s) {
  std::vector<double> z;
  for (std::size_t i = 0; i < s.data.y.size(); ++i) z.push_back(1.0);
  s.data.z = z;
  s.data.random = 1;
  return s;
}

void check(const Arranged& s,
           const MixedOptions& options,
           const std::string& key,
           const std::map<std::string, double>& want,
           int& checked,
           bool rounded = false) {
  // The table's volumes are rounded to 0.001 mm3, the answers were made from unrounded ones. That
  // is all there is to it: lme4 on 40 tables shifted at random within the rounding moves fixed
  // effects by up to 5e-6, and on the table itself it agrees with us to 1e-6
  // (LungTumoursAsTheTableHasThem).
  const double fixed = rounded ? 5e-6 : 1e-6;
  const MixedFit fit = fit_mixed(s.data, options);
  ASSERT_EQ(fit.end, MixedEnd::converged) << key;
  const auto expect = [&](const std::string& quantity, double got, double relative) {
    const auto at = want.find(key + "|" + quantity);
    if (at == want.end()) return;
    expect_close(got, at->second, relative, at->first);
    ++checked;
  };
  for (std::size_t j = 0; j < s.names.size(); ++j) {
    std::vector<double> l(s.names.size(), 0.0);
    l[j] = 1.0;
    const Contrast sat = contrast(fit, l, DfMethod::satterthwaite);
    const Contrast kr = contrast(fit, l, DfMethod::kenward_roger);
    const std::string f = "fixed|" + s.names[j] + "|";
    expect(f + "est", sat.estimate, fixed);
    expect(f + "se", sat.se, 1e-5);
    expect(f + "df_satterthwaite", sat.df, 1e-3);
    expect(f + "p_satterthwaite", sat.p, 1e-3);
    expect(f + "se_KR", kr.se, 1e-5);
    expect(f + "df_KR", kr.df, 1e-2);
    expect(f + "p_KR", kr.p, 1e-2);
  }
  expect("logLik", fit.log_likelihood, rounded ? 3e-5 : 1e-8);
  expect("nobs", fit.rows, 0.0);
  expect("varcomp|Residual|NA|sd_or_cor", fit.residual_sd, 1e-4);
  expect("sd|Residual", fit.residual_sd, 1e-4);
  expect("CAR1_phi", fit.serial_correlation, 1e-4);
  const auto& d = fit.random_covariance;
  const bool slope = d.size() == 4;
  const std::string t = s.names[1];
  for (const std::string group : {"Subject", "model.id", "Subject.1"}) {
    const std::string v = "varcomp|" + group + "|";
    expect(v + "(Intercept)|sd_or_cor", std::sqrt(d[0]), 1e-4);
    if (!slope) continue;
    expect(v + t + "|sd_or_cor", std::sqrt(d[3]), 1e-4);
    expect(v + "(Intercept):" + t + "|sd_or_cor", d[1] / std::sqrt(d[0] * d[3]), 1e-4);
  }
  expect("sd|(Intercept)", std::sqrt(d[0]), 1e-4);
  if (slope) expect("sd|" + t, std::sqrt(d[3]), 1e-4);
}

Arranged xenograft(const std::string& patient) {
  const Columns table("pdx/repdx_lung_long.csv");
  std::vector<double> y, t, treated;
  std::vector<std::string> id;
  const auto volume = table.number("volume"), time = table.number("time");
  for (std::size_t i = 0; i < volume.size(); ++i) {
    if (table.text("patient.id")[i] != patient || !(volume[i] > 0.0)) continue;
    y.push_back(std::log(volume[i]));
    t.push_back(time[i]);
    treated.push_back(table.text("arm")[i] != "control");
    id.push_back(table.text("model.id")[i]);
  }
  return growth(y, t, treated, id, {"(Intercept)", "time", "armtreatment", "time:armtreatment"});
}

TEST(MixedAnswers, GrowthOfTumours) {
  const auto want = answers("ref_mixed.csv");
  if (want.empty()) GTEST_SKIP() << "no reference data";
  int checked = 0;
  for (const std::string patient : {"P1", "P3", "P9"}) {
    const Arranged s = xenograft(patient);
    const std::string key = "repdx_" + patient + "|";
    MixedOptions reml, ml;
    ml.reml = false;
    check(s, reml, key + "REML_slope", want, checked, true);
    check(s, ml, key + "ML_slope", want, checked, true);
    check(intercept_only(s), reml, key + "REML_int", want, checked, true);
    check(intercept_only(s), reml, key + "lme_int", want, checked, true);
  }
  MixedOptions serial;
  serial.serial_correlation = true;
  check(xenograft("P9"), serial, "repdx_P9|lme_slope_CAR1", want, checked, true);
  EXPECT_GE(checked, 280);
}

TEST(MixedAnswers, LungTumoursAsTheTableHasThem) {
  if (answers("ref_mixed.csv").empty()) GTEST_SKIP() << "no reference data";
  // tests/reference/mixed/repdx.R: lme4 1.1-31 and pbkrtest 0.5.2 on the table itself.
  const struct {
    const char* patient;
    double log_likelihood, beta[4], sd[4], se[4], se_kr[4], df_kr[4];
  } want[] = {
      {"P1",
       53.0259057740,
       {5.27863747079, 0.0345325303572, -0.239893029393, -0.0234580405624},
       {0.2608892942, 0.009534577414, 0.2613565745, 0.1401287199},
       {0.109685836258, 0.00400406741669, 0.154947569115, 0.00563550576295},
       {0.109694404943, 0.00400543048524, 0.154953634919, 0.00563647431458},
       {10.0438945205, 10.1826835645, 9.99992401762, 9.99683937074}},
      {"P3",
       -141.9536789742,
       {5.1824493062, 0.0651338373544, 0.645986000049, -0.120360616087},
       {0.4206132788, 0.01353589656, -0.1995340893, 0.5140105939},
       {0.213076294264, 0.00870262108659, 0.291916677311, 0.0108447800477},
       {0.213252931326, 0.00874305302905, 0.292214667688, 0.0108972331787},
       {11.7979520837, 20.0632595219, 10.3911754004, 12.44467107}},
      {"P9",
       45.3059197060,
       {5.20877414421, 0.0511164451458, -0.365064311473, -0.0200928652408},
       {0.6798885913, 0.008053527575, 0.2952490975, 0.1329008711},
       {0.278791327404, 0.00353970743507, 0.394138286373, 0.00489707998688},
       {0.278807313618, 0.00355612339518, 0.394150371972, 0.00490929203406},
       {10.0136069502, 10.6732395581, 10.0002073748, 9.9316755036}},
  };
  for (const auto& w : want) {
    const MixedFit fit = fit_mixed(xenograft(w.patient).data);
    EXPECT_NEAR(fit.log_likelihood, w.log_likelihood, 1e-8) << w.patient;
    for (std::size_t j = 0; j < 4; ++j) {
      EXPECT_NEAR(fit.beta[j], w.beta[j], 1e-6 * std::fabs(w.beta[j])) << w.patient << j;
      std::vector<double> l(4, 0.0);
      l[j] = 1.0;
      expect_close(contrast(fit, l, DfMethod::satterthwaite).se, w.se[j], 1e-5, w.patient);
      const Contrast kr = contrast(fit, l, DfMethod::kenward_roger);
      expect_close(kr.se, w.se_kr[j], 1e-5, w.patient);
      expect_close(kr.df, w.df_kr[j], 1e-2, w.patient);
    }
    const auto& d = fit.random_covariance;
    EXPECT_NEAR(std::sqrt(d[0]), w.sd[0], 1e-4 * w.sd[0]);
    EXPECT_NEAR(std::sqrt(d[3]), w.sd[1], 1e-4 * w.sd[1]);
    EXPECT_NEAR(d[1] / std::sqrt(d[0] * d[3]), w.sd[2], 1e-4 * std::fabs(w.sd[2]));
    EXPECT_NEAR(fit.residual_sd, w.sd[3], 1e-4 * w.sd[3]);
  }
}

TEST(MixedAnswers, AnEffectThatVariesBetweenLines) {
  if (answers("ref_mixed.csv").empty()) GTEST_SKIP() << "no reference data";
  // tests/reference/mixed/repdx.R, "all": (time | patient) + (0 + time:treated | patient) +
  // (time | mouse), lme4 1.1-31 and pbkrtest 0.5.2.
  MixedData all;
  int patient_id = 0, mice = 0;
  for (const char* patient : {"P1", "P3", "P9"}) {
    const MixedData one = xenograft(patient).data;
    int last = 0;
    for (std::size_t i = 0; i < one.y.size(); ++i) {
      const double time = one.x[4 * i + 1], treated = one.x[4 * i + 2];
      all.y.push_back(one.y[i]);
      all.x.insert(all.x.end(), {1.0, time, treated, time * treated});
      all.z.insert(all.z.end(), {1.0, time, time * treated});
      all.group.push_back(patient_id);
      all.subgroup.push_back(mice + one.group[i]);
      last = std::max(last, one.group[i]);
    }
    ++patient_id, mice += last + 1;
  }
  all.fixed = 4, all.random = 3, all.lone = 1;
  const MixedFit fit = fit_mixed(all);
  ASSERT_EQ(fit.end, MixedEnd::converged);
  EXPECT_NEAR(fit.log_likelihood, -227.91094653, 1e-7);
  const double beta[] = {5.23449986022, 0.0493215066153, 0.00128433528902, -0.0536744452034},
               se[] = {0.171498781232, 0.00852893958053, 0.183525292075, 0.0321679756043},
               se_kr[] = {0.171661840676, 0.00854658831293, 0.183659499408, 0.0321723938181},
               df[] = {3.9352525955, 2.0037692256, 32.0930603772, 2.00754045675};
  for (std::size_t j = 0; j < 4; ++j) {
    std::vector<double> l(4, 0.0);
    l[j] = 1.0;
    const Contrast kr = contrast(fit, l, DfMethod::kenward_roger);
    // The arms' difference at the start is a hundredth of its standard error: held to that.
    EXPECT_NEAR(kr.estimate, beta[j], 1e-6 * std::max(std::fabs(beta[j]), se[j])) << j;
    // The variances of three lines are flat directions: lmer stops 2e-5 of an se beside our
    // maximum.
    expect_close(contrast(fit, l, DfMethod::satterthwaite).se, se[j], 1e-4, "se");
    expect_close(kr.se, se_kr[j], 1e-4, "Kenward-Roger se");
    expect_close(kr.df, df[j], 1e-2, "Kenward-Roger df");
  }
  const auto &line = fit.random_covariance, &mouse = fit.subgroup_covariance;
  expect_close(std::sqrt(line[0]), 0.19317528689967, 1e-4, "sd of lines");
  expect_close(std::sqrt(line[4]), 0.01386267124929, 1e-4, "sd of lines' rates");
  expect_close(std::sqrt(line[8]), 0.05529616057689, 1e-4, "sd of lines' effects");
  expect_close(std::sqrt(mouse[0]), 0.53099788987797, 1e-4, "sd of mice");
  expect_close(std::sqrt(mouse[4]), 0.01019988570592, 1e-4, "sd of mice's rates");
  expect_close(fit.residual_sd, 0.30019083978577, 1e-4, "residual sd");
}

TEST(MixedAnswers, ClassicalSets) {
  const auto want = answers("ref_mixed.csv");
  if (want.empty()) GTEST_SKIP() << "no reference data";
  int checked = 0;
  const Columns o("mixed/Orthodont.csv"), sleep("mixed/sleepstudy.csv");
  std::vector<double> female;
  for (const std::string& sex : o.text("Sex")) female.push_back(sex == "Female");
  const auto by_sex = growth(o.number("distance"),
                             o.number("age"),
                             female,
                             o.text("Subject"),
                             {"(Intercept)", "age", "SexFemale", "age:SexFemale"});
  MixedOptions reml, ml, diagonal;
  ml.reml = false;
  diagonal.correlated = false;
  check(by_sex, reml, "Orthodont|REML_slope", want, checked);
  check(by_sex, ml, "Orthodont|ML_slope", want, checked);
  const auto all = growth(
      o.number("distance"), o.number("age"), female, o.text("Subject"), {"(Intercept)", "age"});
  check(intercept_only(all), reml, "Orthodont|REML_int", want, checked);
  const auto days = growth(sleep.number("Reaction"),
                           sleep.number("Days"),
                           {},
                           sleep.text("Subject"),
                           {"(Intercept)", "Days"});
  check(days, reml, "sleepstudy|REML", want, checked);
  check(days, diagonal, "sleepstudy|REML_uncor", want, checked);
  EXPECT_GE(checked, 105);
}

}  // namespace
}  // namespace kinescape::numeric
