// SPDX-License-Identifier: Apache-2.0
// kinescape clinical analyze | orr | pool
#include "report/clinical.hpp"

#include <cmath>
#include <cstdio>
#include <memory>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/number.hpp"
#include "common.hpp"

namespace kinescape::cli {
namespace clinical_verbs {

struct Analyze {
  Common common;
  std::vector<std::string> files;
  clinical::ReadOptions read;
  clinical::RecistRules rules;
  clinical::Options options;
  std::string decimal, band, ties;
};

void print_tables(const clinical::Estimate& e) {
  if (!e.reconstructed_from.empty())
    std::printf("Reconstructed from %s: not real patients.\n", e.reconstructed_from.c_str());
  if (e.response)
    for (const auto& a : e.response->arms)
      std::printf("%s: CR %d, PR %d, SD %d, PD %d, NE %d; response rate %s %% (Clopper-Pearson)\n",
                  a.arm.c_str(),
                  a.complete,
                  a.partial,
                  a.stable,
                  a.progression,
                  a.not_evaluable,
                  shown(a.orr.clopper_pearson, 3, 100.0).c_str());
  std::printf(
      "%-24s %6s %7s  %-30s %s\n", "arm", "n", "events", "median (95 %)", "restricted mean");
  for (const auto& a : e.arms) {
    std::printf("%-24s %6d %7d  %-30s %s\n",
                a.arm.c_str(),
                a.n,
                a.events,
                shown(a.median).c_str(),
                shown(a.restricted_mean).c_str());
    for (const auto& l : a.landmarks)
      std::printf("  event-free at %s: %s %%\n",
                  exact(l.time).c_str(),
                  shown(l.survival, 3, 100.0).c_str());
  }
  const auto test = [](const clinical::TestResult& t) {
    if (t.status == Status::ok)
      std::printf("%s: p = %s\n", t.name.c_str(), rounded(t.p, 3).c_str());
    else
      std::printf(
          "%s: %s. %s\n", t.name.c_str(), std::string(name(t.status)).c_str(), t.why.c_str());
  };
  test(e.logrank);
  for (const auto& t : e.tests) test(t);
  if (!e.cox.why.empty())
    std::printf("Cox: %s. %s\n", std::string(name(e.cox.status)).c_str(), e.cox.why.c_str());
  for (const auto& c : e.cox.coefficients)
    std::printf("hazard ratio %s: %s, p = %s\n",
                c.name.c_str(),
                shown(c.hazard_ratio).c_str(),
                rounded(c.p, 3).c_str());
}

int analyze(const Analyze& call, const std::string& typed) {
  const auto estimated = clinical::estimate_files(call.files, call.read, call.rules, call.options);
  return tell(call.common,
              typed,
              call.files,
              estimated.problems,
              estimated.value,
              report::clinical_json,
              report::clinical_files,
              print_tables);
}

void add_analyze(CLI::App& group, Action& action, const std::string& typed) {
  auto* app = group.add_subcommand("analyze", "Follow-up to curves, medians, tests, hazard ratios");
  auto call = std::make_shared<Analyze>();
  app->add_option("FILES", call->files, "Tables of follow-up, one row a patient")->required();
  app->add_option("--event-code", call->read.event_codes, "Status that means the event, e.g. 2");
  app->add_option(
      "--censored-code", call->read.censored_codes, "Status that means censored, e.g. 1");
  app->add_option("--competing-code",
                  call->read.competing_codes,
                  "Status that rules the event out, e.g. death");
  app->add_option("--reference", call->read.reference, "Arm that others are compared with");
  app->add_option(
      "--arm-column", call->read.arm_column, "Column of the arm, if it is not called arm");
  app->add_option("--covariate", call->read.covariates, "Column for the Cox model, beside the arm");
  app->add_option("--strata", call->read.strata, "Column whose values part the baseline hazard");
  app->add_option("--time-unit", call->read.time_unit, "days, weeks, months or years")
      ->check(CLI::IsMember({"days", "weeks", "months", "years"}));
  app->add_option(
         "--decimal", call->decimal, "How decimals are written, when the file is ambiguous")
      ->check(CLI::IsMember({"point", "comma"}));
  auto& o = call->options;
  app->add_option("--level", o.level, "Level of all intervals")->check(CLI::Range(0.5, 0.999));
  app->add_option(
      "--landmark", o.landmarks, "Time at which survival is reported, as often as needed");
  app->add_option("--horizon", o.horizon, "Of the restricted mean")->check(CLI::Range(0.001, 1e6));
  app->add_option("--band", call->band, "Scale of the curve's interval")
      ->check(CLI::IsMember({"plain", "log", "log-log"}));
  app->add_option("--ties", call->ties, "Of the Cox model")
      ->check(CLI::IsMember({"efron", "breslow", "exact"}));
  app->add_flag("--firth", o.firth, "Penalised hazard ratios, which stay finite under separation");
  app->add_option("--rho", o.rho, "Weight S^rho (1-S)^gamma of one more log-rank test");
  app->add_option("--gamma", o.gamma, "See --rho");
  auto& rules = call->rules;
  app->add_flag("--confirm", rules.confirmation, "CR and PR of lesions must be seen again");
  app->add_option("--confirm-after", rules.confirm_after_days, "Days later")
      ->check(CLI::Range(0.0, 3650.0));
  app->add_option(
         "--stable-days", rules.stable_at_least_days, "SD counts from this day after baseline")
      ->check(CLI::Range(0.0, 3650.0));
  add_seed(*app, call->common);
  add_output(*app, call->common, false);
  add_json(*app, call->common);
  add_threads(*app, call->common);
  app->footer(
      "Tidy columns: patient, arm, time, event; lesions: patient, day, lesion, organ, kind,\n"
      "diameter_mm; between scans: patient, arm, time_low, time_high\n"
      "(empty: not seen); with entry for late entry or stretches of changing covariates.\n\n"
      "Example:\n  kinescape clinical analyze pfs.csv --landmark 12 -o results");
  app->callback([=, &action] {
    action = [=] {
      if (call->decimal == "point") call->read.decimal = Decimal::point;
      if (call->decimal == "comma") call->read.decimal = Decimal::comma;
      if (call->band == "plain") call->options.band = clinical::BandScale::plain;
      if (call->band == "log") call->options.band = clinical::BandScale::log;
      if (call->ties == "breslow") call->options.ties = clinical::TiedTimes::breslow;
      if (call->ties == "exact") call->options.ties = clinical::TiedTimes::exact;
      if (call->common.seed) call->options.seed = Seed{*call->common.seed};
      return analyze(*call, typed);
    };
  });
}

struct Orr {
  Common common;
  int responders = 0, n = 0, responders2 = -1, n2 = -1;
  double level = 0.95;
};

int orr(const Orr& call, const std::string& typed) {
  const auto check = [](int x, int n) {
    if (n < 1 || x < 0 || x > n)
      throw UsageError(std::to_string(x) + " of " + std::to_string(n) +
                       ": responders must be between 0 and n, and n at least 1.");
  };
  check(call.responders, call.n);
  const bool two = call.n2 >= 0 || call.responders2 >= 0;
  if (two) check(call.responders2, call.n2);
  const auto rate = clinical::response_rate(call.responders, call.n, call.level);
  const auto second = clinical::response_rate(call.responders2, call.n2, call.level);
  const auto compared =
      clinical::compare_rates(call.responders, call.n, call.responders2, call.n2, call.level);
  if (call.common.json) {
    const report::OrrAnswer answer{rate, two ? &second : nullptr, two ? &compared : nullptr};
    std::fputs(report::orr_json(answer, provenance_of(typed, {})).c_str(), stdout);
    return done;
  }
  std::printf("%d of %d responded: %s %%\n",
              rate.responders,
              rate.n,
              rounded(100.0 * rate.wilson.value).c_str());
  for (const Estimated* e : {&rate.clopper_pearson, &rate.wilson, &rate.mid_p, &rate.jeffreys})
    std::printf("  %-18s %s to %s %%\n",
                e->method.c_str(),
                rounded(100.0 * e->low).c_str(),
                rounded(100.0 * e->high).c_str());
  if (two) {
    std::printf("difference: %s %%\n", shown(compared.difference, 3, 100.0).c_str());
    std::printf("odds ratio: %s, Fisher's p = %s\n",
                shown(compared.odds_ratio).c_str(),
                rounded(compared.fisher_p).c_str());
  }
  return done;
}

void add_orr(CLI::App& group, Action& action, const std::string& typed) {
  auto* app = group.add_subcommand("orr", "A response rate with its intervals; two rates compared");
  auto call = std::make_shared<Orr>();
  app->add_option("--responders", call->responders, "Patients who responded")->required();
  app->add_option("--n", call->n, "Patients")->required();
  app->add_option("--responders2", call->responders2, "Of a second group");
  app->add_option("--n2", call->n2, "Of a second group");
  app->add_option("--level", call->level, "Level of all intervals")->check(CLI::Range(0.5, 0.999));
  add_json(*app, call->common);
  app->footer("Example:\n  kinescape clinical orr --responders 9 --n 11");
  app->callback([=, &action] { action = [=] { return orr(*call, typed); }; });
}

void print_pooled(const std::vector<clinical::Pooled>& pooled) {
  for (const auto& p : pooled)
    std::printf(
        "%-24s %d of %d in %d series: %s %%; heterogeneity p = %s (exact), %s (beta-binomial)\n",
        p.group.c_str(),
        p.responders,
        p.n,
        p.studies,
        shown(p.rate, 3, 100.0).c_str(),
        std::isnan(p.exact_heterogeneity_p) ? "-" : rounded(p.exact_heterogeneity_p).c_str(),
        std::isnan(p.heterogeneity_p) ? "-" : rounded(p.heterogeneity_p).c_str());
}

int pool(const std::string& path, double level, const Common& common, const std::string& typed) {
  const auto series = clinical::read_series_files({path});
  std::vector<clinical::Pooled> pooled;
  if (series.ok()) pooled = clinical::pool(series.value, level);
  return tell(common,
              typed,
              {path},
              series.problems,
              pooled,
              report::pool_json,
              report::pool_files,
              print_pooled);
}

void add_pool(CLI::App& group, Action& action, const std::string& typed) {
  auto* app = group.add_subcommand("pool", "Small series from several studies, pooled");
  auto common = std::make_shared<Common>();
  auto path = std::make_shared<std::string>();
  auto level = std::make_shared<double>(0.95);
  app->add_option("FILE", *path, "Columns source, group, responders, n")->required();
  app->add_option("--level", *level, "Level of all intervals")->check(CLI::Range(0.5, 0.999));
  add_output(*app, *common, false);
  add_json(*app, *common);
  app->footer("Example:\n  kinescape clinical pool series.csv -o pooled");
  app->callback([=, &action] { action = [=] { return pool(*path, *level, *common, typed); }; });
}

}  // namespace clinical_verbs

void add_clinical(CLI::App& app, Action& action, const std::string& typed) {
  auto* group = app.add_subcommand("clinical", "Responses and time to event in patients");
  group->require_subcommand(1);
  clinical_verbs::add_analyze(*group, action, typed);
  clinical_verbs::add_orr(*group, action, typed);
  clinical_verbs::add_pool(*group, action, typed);
  add_clinical_design(*group, action, typed);
}

}  // namespace kinescape::cli
