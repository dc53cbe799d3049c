// SPDX-License-Identifier: Apache-2.0
// Arms against each other: rank tests and the Cox model.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/number.hpp"
#include "clinical/estimate_internal.hpp"
#include "numeric/cox.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::clinical {
namespace {

std::vector<int> groups_of(const Table& table) {
  std::map<std::string, int> at;
  for (std::size_t a = 0; a < table.arms.size(); ++a) at[table.arms[a]] = static_cast<int>(a);
  std::vector<int> out;
  for (const Row& row : table.rows) out.push_back(at.at(row.arm));
  return out;
}

/// Numbers for the strata; empty when all rows are in one.
std::vector<int> strata_of(const Table& table) {
  std::map<std::string, int> at;
  for (const Row& row : table.rows) at.emplace(row.stratum, 0);
  if (at.size() < 2) return {};
  int next = 0;
  for (auto& [name, number] : at) number = next++;
  std::vector<int> out;
  for (const Row& row : table.rows) out.push_back(at.at(row.stratum));
  return out;
}

TestResult result_of(std::string name, const numeric::RankTest& test) {
  TestResult out;
  out.name = std::move(name);
  out.chi2 = test.chi2, out.df = test.df, out.p = test.p;
  out.observed = test.observed, out.expected = test.expected;
  out.status = std::isnan(test.chi2) ? Status::no_events : Status::ok;
  if (std::isnan(test.chi2)) out.why = "No event happened while both arms were followed.";
  return out;
}

TestResult refused(std::string name, Status status, std::string why) {
  TestResult out;
  out.name = std::move(name);
  out.status = status;
  out.why = std::move(why);
  return out;
}

/// Why no test may be made, if so.
std::optional<TestResult> refusal(const Table& table, const std::string& name) {
  if (table.arms.size() < 2)
    return refused(name, Status::not_applicable, "There is one arm: nothing to compare.");
  bool any = false;
  for (const Row& row : table.rows) any |= row.ending == Ending::event;
  if (!any) return refused(name, Status::no_events, "No patient had the event.");
  for (const std::string& arm : table.arms) {
    std::set<std::string> patients;
    for (const Row& row : table.rows)
      if (row.arm == arm) patients.insert(row.patient);
    if (patients.size() < 2)
      return refused(
          name,
          Status::single_subject,
          fmt::format("Arm \"{}\" has one patient: the curve is shown, no test is made.", arm));
  }
  return std::nullopt;
}

CoxTerm term_of(const std::string& name,
                const numeric::CoxFit& fit,
                std::size_t j,
                const Options& o) {
  CoxTerm t;
  t.name = name;
  t.estimate = fit.coefficient[j];
  t.se = fit.se[j];
  t.z = t.estimate / t.se;
  t.p = fit.p[j];
  Estimated& h = t.hazard_ratio;
  h.level = o.level, h.n = fit.n;
  h.value = std::exp(t.estimate);
  h.low = std::exp(fit.low[j]), h.high = std::exp(fit.high[j]);
  h.status = std::isnan(h.low) && std::isnan(h.high) ? Status::interval_open
             : std::isnan(h.low)                     ? Status::interval_open_low
             : std::isnan(h.high)                    ? Status::interval_open_high
                                                     : Status::ok;
  return t;
}

/// Rows that have all covariates; arm indicators first.
numeric::CoxData cox_data(const Table& table,
                          std::vector<std::string>& names,
                          std::vector<std::string>& fields,
                          int& dropped) {
  const auto group = groups_of(table);
  const auto strata = strata_of(table);
  const auto all = follow_up_of(table, nullptr);
  for (std::size_t a = 1; a < table.arms.size(); ++a) {
    names.push_back("arm[" + table.arms[a] + "]");
    fields.emplace_back("arm");
  }
  for (const Covariate& c : table.covariates) {
    names.push_back(c.name);
    fields.push_back(c.field);
  }
  numeric::CoxData data;
  data.covariates = static_cast<int>(names.size());
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto& covariates = table.rows[i].covariates;
    if (std::any_of(covariates.begin(), covariates.end(), [](double x) { return std::isnan(x); })) {
      ++dropped;
      continue;
    }
    if (!all.entry.empty()) data.rows.entry.push_back(all.entry[i]);
    data.rows.time.push_back(all.time[i]);
    data.rows.event.push_back(all.event[i]);
    if (!strata.empty()) data.stratum.push_back(strata[i]);
    for (std::size_t a = 1; a < table.arms.size(); ++a)
      data.x.push_back(group[i] == static_cast<int>(a) ? 1.0 : 0.0);
    data.x.insert(data.x.end(), covariates.begin(), covariates.end());
  }
  return data;
}

void say_end(numeric::CoxEnd end, CoxResult& out) {
  switch (end) {
    case numeric::CoxEnd::converged:
      out.status = Status::ok;
      return;
    case numeric::CoxEnd::no_events:
      out.status = Status::no_events;
      out.why = "No patient had the event.";
      return;
    case numeric::CoxEnd::separated:
      out.status = Status::separated;
      out.why = "A covariate tells all events apart: the plain likelihood has no finite maximum.";
      return;
    case numeric::CoxEnd::singular:
      out.status = Status::failed;
      out.why = "A covariate does not vary, or repeats others, among patients at risk.";
      return;
    default:
      out.status = Status::failed;
      out.why = "The likelihood did not converge.";
  }
}

void proportionality(const numeric::CoxData& data,
                     const numeric::CoxFit& fit,
                     const std::vector<std::string>& fields,
                     numeric::Ties ties,
                     CoxResult& out) {
  std::vector<int> terms;
  std::vector<std::string> names;
  for (const std::string& field : fields) {
    const auto at = std::find(names.begin(), names.end(), field);
    terms.push_back(static_cast<int>(at - names.begin()));
    if (at == names.end()) names.push_back(field);
  }
  if (ties == numeric::Ties::exact) ties = numeric::Ties::efron;
  const auto test =
      numeric::proportionality(data, fit, terms, numeric::TimeScale::kaplan_meier, ties);
  for (std::size_t t = 0; t < test.chi2.size(); ++t)
    out.proportionality.push_back({names[t], test.chi2[t], test.df[t], test.p[t]});
  out.proportionality.push_back({"GLOBAL", test.global_chi2, test.global_df, test.global_p});
}

}  // namespace

void compare_ranks(const Table& table, const Options& options, Estimate& out) {
  if (const auto no = refusal(table, "log-rank")) {
    out.logrank = *no;
    return;
  }
  const auto group = groups_of(table);
  const auto strata = strata_of(table);
  const auto arms = static_cast<int>(table.arms.size());
  if (table.interval_censored) {
    const auto test = numeric::interval_rank_test(intervals_of(table, nullptr), group, arms);
    out.logrank.name = "log-rank scores for interval-censored times";
    out.logrank.chi2 = test.chi2, out.logrank.df = test.df, out.logrank.p = test.p;
    out.logrank.status = std::isnan(test.chi2) ? Status::failed : Status::ok;
    return;
  }
  const auto rows = follow_up_of(table, nullptr);
  out.logrank = result_of(strata.empty() ? "log-rank" : "stratified log-rank",
                          numeric::rank_test(rows, group, arms, strata));
  const auto weighted = [&](double rho, double gamma) {
    out.tests.push_back(
        result_of(fmt::format("Fleming-Harrington ({}, {})", exact(rho), exact(gamma)),
                  numeric::rank_test(rows, group, arms, strata, {rho, gamma})));
  };
  if (options.rho != 0.0 || options.gamma != 0.0) weighted(options.rho, options.gamma);
  weighted(1.0, 0.0);
  weighted(0.0, 1.0);
  if (arms != 2) return;
  const numeric::FhWeight weights[] = {{0, 0}, {1, 0}, {0, 1}, {1, 1}};
  const auto combo = numeric::max_combo(rows, group, strata, weights);
  TestResult t;
  t.name = "MaxCombo of (0,0), (1,0), (0,1), (1,1)";
  t.chi2 = combo.largest * combo.largest, t.p = combo.p;
  t.status = std::isnan(combo.p) ? Status::no_events : Status::ok;
  out.tests.push_back(std::move(t));
}

void fit_cox(const Table& table, const Options& options, Estimate& out) {
  CoxResult& cox = out.cox;
  numeric::CoxOptions o;
  o.level = options.level;
  o.ties = options.ties == TiedTimes::efron     ? numeric::Ties::efron
           : options.ties == TiedTimes::breslow ? numeric::Ties::breslow
                                                : numeric::Ties::exact;
  cox.ties = options.ties == TiedTimes::efron     ? "efron"
             : options.ties == TiedTimes::breslow ? "breslow"
                                                  : "exact";
  if (table.arms.size() < 2 && table.covariates.empty()) {
    cox.status = Status::not_applicable;
    cox.why = "There is one arm and no covariate.";
    return;
  }
  if (table.arms.size() > 1)
    if (const auto no = refusal(table, ""); no && no->status == Status::single_subject) {
      cox.status = no->status;
      cox.why = no->why;
      return;
    }
  std::vector<std::string> names, fields;
  const auto data = cox_data(table, names, fields, cox.dropped);
  auto fit = numeric::cox(data, o);
  cox.n = fit.n, cox.events = fit.events;
  say_end(fit.end, cox);
  const bool separated = fit.end == numeric::CoxEnd::separated;
  if (separated || (options.firth && fit.end == numeric::CoxEnd::converged)) {
    o.firth = true;
    if (o.ties == numeric::Ties::exact) o.ties = numeric::Ties::efron;
    fit = numeric::cox(data, o);
    cox.penalised = true;
    if (separated) cox.why += " Shown: Firth's penalised estimate with its profile interval.";
  }
  if (cox.dropped > 0)
    out.problems.push_back(
        {{},
         fmt::format("{} rows without a covariate are left out of the Cox model", cox.dropped),
         "Fill the cells, or name fewer covariates.",
         Severity::warning});
  if (fit.end != numeric::CoxEnd::converged) return;
  for (std::size_t j = 0; j < names.size(); ++j) {
    cox.coefficients.push_back(term_of(names[j], fit, j, options));
    Estimated& h = cox.coefficients.back().hazard_ratio;
    h.method = cox.penalised ? "Cox, Firth's penalised likelihood, profile interval"
                             : "Cox, " + cox.ties + " ties, Wald interval";
    if (separated) h.why = cox.why;
  }
  cox.log_likelihood_null = fit.log_likelihood_null, cox.log_likelihood = fit.log_likelihood;
  cox.score_test = fit.score_test, cox.wald_test = fit.wald_test;
  cox.likelihood_ratio_test = fit.likelihood_ratio_test, cox.concordance = fit.concordance;
  if (!cox.penalised) proportionality(data, fit, fields, o.ties, cox);
}

}  // namespace kinescape::clinical
