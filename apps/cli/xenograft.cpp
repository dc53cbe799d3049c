// SPDX-License-Identifier: Apache-2.0
// kinescape xenograft analyze
#include "report/xenograft.hpp"

#include <cmath>
#include <cstdio>
#include <memory>

#include "base/errors.hpp"
#include "base/number.hpp"
#include "common.hpp"

namespace kinescape::cli {
namespace xenograft_verbs {

struct Analyze {
  Common common;
  std::vector<std::string> files, combinations;
  xenograft::ReadOptions read;
  xenograft::Options options;
  std::string decimal, formula, df;
  bool random_intercept = false;
};

xenograft::Combination combination_of(const std::string& text) {
  if (const auto c = xenograft::parse_combination(text)) return *c;
  throw UsageError("--combination \"" + text + "\": write BOTH=FIRST+SECOND, three arm names.");
}

void print_tables(const xenograft::Estimate& e) {
  std::printf("volume: %s\nmodel: %s\n\n", e.volume_formula.c_str(), e.model.formula.c_str());
  for (const auto& c : e.model.coefficients)
    std::printf("%-32s %10s  se %-9s df %-7s p %s\n",
                c.name.c_str(),
                rounded(c.estimate, 4).c_str(),
                rounded(c.se).c_str(),
                rounded(c.df).c_str(),
                rounded(c.p).c_str());
  for (const auto& l : e.model.line_effects)
    std::printf("effect of %s between lines: SD %s per day\n",
                l.arm.c_str(),
                rounded(l.sd_per_day).c_str());
  std::printf("\n%-20s %5s  %-34s %-28s %s\n",
              "arm",
              "mice",
              "growth rate per day (95 %)",
              "ratio",
              "TGI %");
  for (const auto& a : e.arms)
    std::printf("%-20s %5d  %-34s %-28s %s\n",
                a.arm.c_str(),
                a.animals,
                shown(a.growth_rate_per_day).c_str(),
                shown(a.growth_rate_ratio).c_str(),
                shown(a.tgi_percent).c_str());
  std::printf("\nmRECIST, CR/PR/SD/PD/NE (%s)\n", e.mrecist_rule.c_str());
  for (const auto& a : e.arms)
    std::printf("%-20s %d/%d/%d/%d/%d\n", a.arm.c_str(), a.cr, a.pr, a.sd, a.pd, a.not_classified);
  for (const auto& c : e.combinations)
    std::printf("%s = %s + %s: %s per day. %s\n",
                c.both.c_str(),
                c.first.c_str(),
                c.second.c_str(),
                shown(c.excess_per_day).c_str(),
                c.says.c_str());
}

int analyze(const Analyze& call, const std::string& typed) {
  const auto experiment = xenograft::read_files(call.files, call.read);
  xenograft::Estimate estimate;
  if (experiment.ok()) estimate = xenograft::estimate(experiment.value, call.options);
  return tell(call.common,
              typed,
              call.files,
              experiment.problems,
              estimate,
              report::xenograft_json,
              report::xenograft_files,
              print_tables);
}

void add_options(CLI::App& app, Analyze& call) {
  auto& o = call.options;
  app.add_option("FILES", call.files, "Tables of visits, long or wide")->required();
  app.add_option("--formula", call.formula, "Volume from calipers")
      ->check(CLI::IsMember({"half_length_width2",
                             "ellipsoid_length_width2",
                             "ellipsoid_length_width_height",
                             "half_length_width_height",
                             "ellipsoid_mean_diameter"}));
  app.add_option("--reference", call.read.reference, "Arm that others are compared with");
  app.add_option("--palpable-mm3",
                 call.read.palpable_limit_mm3,
                 "Volumes below it count as below it, no more is known of them")
      ->check(CLI::Range(0.01, 1e6));
  app.add_option("--decimal", call.decimal, "How decimals are written, when the file is ambiguous")
      ->check(CLI::IsMember({"point", "comma"}));
  app.add_option("--level", o.level, "Level of all intervals")->check(CLI::Range(0.5, 0.999));
  app.add_option(
      "--start-day", o.start_day, "Day of the first dose: baseline is the last visit by it");
  app.add_option("--knot", o.knots, "Day at which growth rates may change, as often as needed");
  app.add_option("--multiple", o.multiple, "Of baseline, for the time to it")
      ->check(CLI::Range(1.01, 1000.0));
  app.add_option("--mrecist-first-day",
                 o.mrecist.first_day,
                 "Day after baseline from which responses count")
      ->check(CLI::Range(0.0, 3650.0));
  app.add_option("--combination", call.combinations, "BOTH=FIRST+SECOND: more than the two added?");
  app.add_option("--df", call.df, "Degrees of freedom")
      ->check(CLI::IsMember({"kenward-roger", "satterthwaite"}));
  app.add_flag(
      "--serial", o.serial_correlation, "Residuals of a mouse are correlated over time, CAR(1)");
  app.add_flag("--common-effect",
               o.common_effect,
               "Take the effect to be one for all lines, instead of one that varies between them");
  app.add_flag("--random-intercept",
               call.random_intercept,
               "One growth rate for all mice of an arm: for comparison only");
  app.add_flag("--drop-below-limit",
               o.drop_below_limit,
               "Leave out volumes below the limit: for comparison only");
}

void add_analyze(CLI::App& group, Action& action, const std::string& typed) {
  auto* app = group.add_subcommand("analyze", "Visits to growth rates, endpoints and classes");
  auto call = std::make_shared<Analyze>();
  add_options(*app, *call);
  add_seed(*app, call->common);
  add_output(*app, call->common, false);
  add_json(*app, call->common);
  add_threads(*app, call->common);
  app->footer(
      "Tidy columns: animal, arm, day, length_mm and width_mm or volume_mm3, weight_g, removed.\n"
      "Wide: a row a mouse with columns \"day 0\", \"day 3\"; or a row a day with columns \"arm / "
      "mouse\".\n\n"
      "Example:\n  kinescape xenograft analyze tumours.csv --palpable-mm3 30 -o results");
  app->callback([=, &action] {
    action = [=] {
      if (call->decimal == "point") call->read.decimal = Decimal::point;
      if (call->decimal == "comma") call->read.decimal = Decimal::comma;
      if (!call->formula.empty())
        call->read.formula = *xenograft::parse_volume_formula(call->formula);
      for (const auto& c : call->combinations)
        call->options.combinations.push_back(combination_of(c));
      call->options.satterthwaite = call->df == "satterthwaite";
      call->options.random_slope = !call->random_intercept;
      if (call->common.seed) call->options.seed = Seed{*call->common.seed};
      return analyze(*call, typed);
    };
  });
}

}  // namespace xenograft_verbs

void add_xenograft(CLI::App& app, Action& action, const std::string& typed) {
  auto* group =
      app.add_subcommand("xenograft", "Tumours in mice: calipers to growth and endpoints");
  group->require_subcommand(1);
  xenograft_verbs::add_analyze(*group, action, typed);
  add_xenograft_design(*group, action, typed);
}

}  // namespace kinescape::cli
