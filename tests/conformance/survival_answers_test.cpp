// SPDX-License-Identifier: Apache-2.0
// Curves, tests and Cox models as R 4.2.2 with survival 3.5-3 answers them (ref_survival.csv), to
// 1e-9; and the Turnbull masses of ref_turnbull.csv.
#include <algorithm>
#include <limits>

#include "numeric/cox.hpp"
#include "numeric/interval_censored.hpp"
#include "numeric/survival.hpp"
#include "trial_data.hpp"

namespace kinescape::numeric {
namespace {

using tests::answers;
using tests::Columns;
using tests::expect_close;

struct Case {
  std::string name, file, time, status;
  double event_code;
  std::vector<std::string> covariates;  // "!" first: a factor
  std::vector<std::string> terms;       // R's names of them
};

const Case cases[] = {
    {"aml", "survival/aml.csv", "time", "status", 1, {"!x"}, {"x"}},
    {"ovarian", "survival/ovarian.csv", "futime", "fustat", 1, {"age", "rx"}, {}},
    {"veteran",
     "survival/veteran.csv",
     "time",
     "status",
     1,
     {"trt", "!celltype", "karno", "diagtime", "age", "prior"},
     {}},
    {"lung", "survival/lung.csv", "time", "status", 2, {"age", "sex", "ph.ecog"}, {}},
};

/// Levels in R's order: celltype and x are factors in their order of the data set.
std::vector<std::string> levels_of(const std::string& name) {
  if (name == "celltype") return {"squamous", "smallcell", "adeno", "large"};
  return {"Maintained", "Nonmaintained"};
}

struct Model {
  CoxData data;
  std::vector<std::string> names;
  std::vector<int> terms;
  std::vector<std::string> term_names;
};

FollowUp rows_of(const Columns& table, const Case& c) {
  FollowUp out;
  out.time = table.number(c.time);
  for (const double s : table.number(c.status)) out.event.push_back(s == c.event_code);
  return out;
}

Model model_of(const Columns& table, const Case& c) {
  Model m;
  std::vector<std::vector<double>> columns;
  for (const std::string& covariate : c.covariates) {
    const int term = static_cast<int>(m.term_names.size());
    if (covariate[0] != '!') {
      columns.push_back(table.number(covariate));
      m.names.push_back(covariate);
      m.terms.push_back(term);
      m.term_names.push_back(covariate);
      continue;
    }
    const std::string name = covariate.substr(1);
    const auto levels = levels_of(name);
    for (std::size_t l = 1; l < levels.size(); ++l) {
      std::vector<double> indicator;
      for (const std::string& cell : table.text(name)) indicator.push_back(cell == levels[l]);
      columns.push_back(indicator);
      m.names.push_back(name + levels[l]);
      m.terms.push_back(term);
    }
    m.term_names.push_back(name);
  }
  const FollowUp all = rows_of(table, c);
  m.data.covariates = static_cast<int>(columns.size());
  for (std::size_t i = 0; i < all.time.size(); ++i) {
    if (std::any_of(
            columns.begin(), columns.end(), [&](const auto& x) { return std::isnan(x[i]); }))
      continue;  // R drops rows with a missing covariate
    m.data.rows.time.push_back(all.time[i]);
    m.data.rows.event.push_back(all.event[i]);
    for (const auto& column : columns) m.data.x.push_back(column[i]);
  }
  return m;
}

void check_curves(const Case& c, const std::map<std::string, double>& want, int& checked) {
  const Columns table(c.file);
  const FollowUp all = rows_of(table, c);
  const double longest = *std::max_element(all.time.begin(), all.time.end());
  std::map<std::string, SurvivalCurve> curves;
  std::map<std::string, double> horizon;
  for (const auto& [key, value] : want) {
    const std::size_t bar = key.find("|km|");
    if (bar == std::string::npos || key.substr(0, key.find_first_of("|_")) != c.name) continue;
    const std::string rest = key.substr(bar + 4);
    const std::string group = rest.substr(0, rest.find('|'));
    std::vector<std::string> parts;
    for (std::size_t at = rest.find('|'); at != std::string::npos;) {
      const std::size_t next = rest.find('|', at + 1);
      parts.push_back(rest.substr(at + 1, next - at - 1));
      at = next;
    }
    if (!curves.contains(group)) {
      FollowUp part;
      const std::size_t equals = group.find('=');
      const std::string column = equals == std::string::npos ? "" : group.substr(0, equals);
      const std::string level = equals == std::string::npos ? "" : group.substr(equals + 1);
      for (std::size_t i = 0; i < all.time.size(); ++i) {
        if (!column.empty() && table.text(column)[i] != level) continue;
        part.time.push_back(all.time[i]);
        part.event.push_back(all.event[i]);
      }
      curves[group] = kaplan_meier(part);
    }
    const SurvivalCurve& curve = curves[group];
    const auto band = [](const std::string& name) {
      return name == "plain" ? Band::plain : name == "log" ? Band::log : Band::log_log;
    };
    double got = unknown;
    if (parts[0] == "n") {
      got = curve.n;
    } else if (parts[0] == "events") {
      got = curve.events;
    } else if (parts[0] == "rmean" || parts[0] == "se(rmean)") {
      const auto mean = restricted_mean(curve, longest);
      got = parts[0] == "rmean" ? mean.value : mean.se;
    } else if (parts[0].starts_with("t=")) {
      const double t = std::stod(parts[0].substr(2));
      const auto at = survival_at(curve, t, parts.size() > 2 ? band(parts[2]) : Band::plain, 0.95);
      got = parts[1] == "S"              ? at.survival
            : parts[1] == "se_greenwood" ? at.se
            : parts[1] == "n.risk"       ? at.at_risk
            : parts[1] == "lower"        ? at.low
                                         : at.high;
    } else {
      const auto q = time_quantile(curve, 0.5, band(parts[1]), 0.95);
      got = parts[0] == "median" ? q.value : parts[0] == "0.95LCL" ? q.low : q.high;
    }
    expect_close(got, value, 1e-9, key);
    ++checked;
  }
}

TEST(SurvivalAnswers, KaplanMeier) {
  const auto want = answers("ref_survival.csv");
  if (want.empty()) GTEST_SKIP() << "no reference data";
  int checked = 0;
  for (const Case& c : cases) check_curves(c, want, checked);
  EXPECT_GE(checked, 300);
}

TEST(SurvivalAnswers, LogRankWithAndWithoutWeights) {
  const auto want = answers("ref_survival.csv");
  if (want.empty()) GTEST_SKIP() << "no reference data";
  const struct {
    int of;  // of the cases
    std::string name, column;
    std::vector<std::string> levels;
  } sets[] = {{0, "aml", "x", levels_of("x")},
              {1, "ovarian", "rx", {"1", "2"}},
              {2, "veteran_by_trt", "trt", {"1", "2"}},
              {2, "veteran_by_celltype", "celltype", levels_of("celltype")},
              {3, "lung", "sex", {"1", "2"}}};
  int checked = 0;
  for (const auto& set : sets) {
    const Columns table(cases[set.of].file);
    std::vector<int> group;
    for (const std::string& cell : table.text(set.column))
      group.push_back(static_cast<int>(std::find(set.levels.begin(), set.levels.end(), cell) -
                                       set.levels.begin()));
    for (const int rho : {0, 1}) {
      const auto test = rank_test(rows_of(table, cases[set.of]),
                                  group,
                                  static_cast<int>(set.levels.size()),
                                  {},
                                  {static_cast<double>(rho), 0.0});
      const std::string prefix = set.name + "|logrank_rho" + std::to_string(rho) + "|";
      expect_close(test.chi2, want.at(prefix + "chisq"), 1e-9, prefix);
      expect_close(test.p, want.at(prefix + "p"), 1e-9, prefix);
      for (std::size_t g = 0; g < set.levels.size(); ++g) {
        const std::string at = "[" + std::to_string(g + 1) + "]";
        expect_close(test.observed[g], want.at(prefix + "obs" + at), 1e-9, prefix + at);
        expect_close(test.expected[g], want.at(prefix + "exp" + at), 1e-9, prefix + at);
        checked += 2;
      }
      checked += 2;
    }
  }
  EXPECT_EQ(checked, 68) << "all that R printed";
}

void check_cox(const Case& c,
               Ties ties,
               const std::string& prefix,
               const std::map<std::string, double>& want,
               int& checked) {
  const Model m = model_of(Columns(c.file), c);
  CoxOptions options;
  options.ties = ties;
  const CoxFit fit = cox(m.data, options);
  ASSERT_EQ(fit.end, CoxEnd::converged) << c.name;
  const auto check = [&](const std::string& quantity, double got, double relative) {
    const auto at = want.find(c.name + "|" + prefix + quantity);
    ASSERT_NE(at, want.end()) << c.name << prefix << quantity;
    expect_close(got, at->second, relative, at->first);
    ++checked;
  };
  for (std::size_t j = 0; j < m.names.size(); ++j) {
    check("|" + m.names[j] + "|coef", fit.coefficient[j], 1e-9);
    check("|" + m.names[j] + "|se", fit.se[j], 1e-9);
    check("|" + m.names[j] + "|HR_lo95", std::exp(fit.low[j]), 1e-9);
    check("|" + m.names[j] + "|HR_hi95", std::exp(fit.high[j]), 1e-9);
  }
  check("|loglik_null", fit.log_likelihood_null, 1e-9);
  check("|loglik", fit.log_likelihood, 1e-9);
  check("|score_test", fit.score_test, 1e-9);
  check("|wald_test", fit.wald_test, 1e-9);
  check("|concordance", fit.concordance, 1e-9);
  check("|n", fit.n, 0.0);
}

TEST(SurvivalAnswers, CoxWithEveryHandlingOfTies) {
  const auto want = answers("ref_survival.csv");
  if (want.empty()) GTEST_SKIP() << "no reference data";
  int checked = 0;
  for (const Case& c : cases) {
    check_cox(c, Ties::efron, "cox_efron", want, checked);
    check_cox(c, Ties::breslow, "cox_breslow", want, checked);
  }
  check_cox(cases[0], Ties::exact, "cox_exact", want, checked);
  EXPECT_GE(checked, 160);
}

TEST(SurvivalAnswers, ProportionalHazards) {
  const auto want = answers("ref_survival.csv");
  if (want.empty()) GTEST_SKIP() << "no reference data";
  for (const Case& c : cases) {
    const Model m = model_of(Columns(c.file), c);
    const CoxFit fit = cox(m.data);
    for (const auto& [scale, name] :
         {std::pair{TimeScale::identity, "identity"}, {TimeScale::kaplan_meier, "km"}}) {
      const auto test = proportionality(m.data, fit, m.terms, scale);
      const std::string prefix = c.name + "|zph_" + name + "|";
      for (std::size_t t = 0; t < m.term_names.size(); ++t)
        expect_close(test.chi2[t],
                     want.at(prefix + m.term_names[t] + "|chisq"),
                     1e-9,
                     prefix + m.term_names[t]);
      expect_close(test.global_chi2, want.at(prefix + "GLOBAL|chisq"), 1e-9, prefix + "GLOBAL");
    }
  }
}

TEST(SurvivalAnswers, TurnbullMeetsItsOptimalityConditions) {
  const Columns data("survival/bcdeter_radiation.csv"), want("reference/ref_turnbull.csv");
  if (data.empty()) GTEST_SKIP() << "no reference data";
  IntervalRows rows{data.number("lower"), data.number("upper")};
  for (double& high : rows.high)
    if (std::isnan(high)) high = std::numeric_limits<double>::infinity();
  const Turnbull fit = turnbull(rows);
  EXPECT_LT(fit.optimality, 1e-10);
  const auto mass = want.number("mass"), left = want.number("interval_left_open"),
             right = want.number("interval_right_closed");
  ASSERT_EQ(fit.mass.size(), mass.size());
  for (std::size_t j = 0; j < mass.size(); ++j) {
    EXPECT_NEAR(fit.mass[j], mass[j], 1e-11) << "printed to 12 decimals";
    EXPECT_EQ(fit.left[j], left[j]);
    if (j + 1 < mass.size()) EXPECT_EQ(fit.right[j], right[j]);
  }
  EXPECT_NEAR(fit.log_likelihood, -58.060021953991, 1e-10);
}

}  // namespace
}  // namespace kinescape::numeric
