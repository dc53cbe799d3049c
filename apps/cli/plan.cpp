// SPDX-License-Identifier: Apache-2.0
// kinescape viability plan
#include "viability/plan.hpp"

#include <cmath>
#include <cstdio>
#include <memory>
#include <sstream>

#include "base/csv.hpp"
#include "base/errors.hpp"
#include "base/number.hpp"
#include "common.hpp"

namespace kinescape::cli {
namespace plan_verbs {

struct PlanCall {
  Common common;
  viability::PlanOptions options;
  double ic50_nM = 100.0, hill_slope = 1.2, emax = 0.1;
  int plate_wells = 96;
};

std::string table_of(const viability::Plan& plan) {
  std::ostringstream out;
  const auto line = [&](const std::vector<std::string>& cells) { write_csv_row(out, cells); };
  line({"doses",
        "repeats",
        "wells",
        "plates",
        "total_wells",
        "power",
        "power_low",
        "power_high",
        "simulations",
        "reaches",
        "why"});
  for (const auto& row : plan.rows) {
    line({std::to_string(row.doses),
          std::to_string(row.repeats),
          std::to_string(row.wells),
          std::to_string(row.plates),
          std::to_string(row.total_wells),
          exact(row.power.value),
          exact(row.power.low),
          exact(row.power.high),
          std::to_string(row.power.n),
          row.reaches ? "yes" : "no",
          row.why});
  }
  return out.str();
}

int plan(PlanCall& call) {
  using dose_response::Parameter;
  auto& o = call.options;
  auto& curve = o.parental_curve;
  curve.shape = dose_response::Shape::log_logistic4;
  curve[Parameter::log10_ec50] = std::log10(call.ic50_nM);
  curve[Parameter::hill_slope] = call.hill_slope;
  curve[Parameter::bottom] = call.emax;
  const auto format = plate::format_with(call.plate_wells);
  if (!format)
    throw UsageError("--plate-wells: no such standard plate; 6, 12, 24, 48, 96, 384 or 1536.");
  o.base.format = *format;
  o.threads = Threads{call.common.threads};
  o.progress = progress_to_terminal(call.common);
  const Problems problems = viability::check(o);
  show(problems, call.common);
  if (has_errors(problems)) return wrong_usage;
  const Seed seed{call.common.seed.value_or(1)};
  const auto plan = viability::plan(o, seed);
  std::printf("%s\nSeed %llu. Doses x repeats x wells: power (95 %% interval)\n",
              plan.says.c_str(),
              static_cast<unsigned long long>(seed.value));
  for (const auto& row : plan.rows) {
    if (std::isnan(row.power.value)) continue;
    std::printf("  %2d x %d x %d, %4d wells: %.2f (%.2f to %.2f)%s\n",
                row.doses,
                row.repeats,
                row.wells,
                row.total_wells,
                row.power.value,
                row.power.low,
                row.power.high,
                row.reaches ? "  reaches" : "");
  }
  if (call.common.output.empty()) return done;
  std::vector<report::OutputFile> files{{"plan.csv", table_of(plan)}};
  if (plan.chosen) {
    files.push_back({"layout.toml", viability::layout_toml(plan.plates)});
    files.push_back({"layout.csv", viability::layout_table(plan.plates)});
    files.push_back({"pipetting.csv", viability::layout_blocks(plan.plates)});
  }
  write_all(call.common.output, files);
  std::printf("Written to %s\n", call.common.output.c_str());
  return done;
}

}  // namespace plan_verbs

void add_plan(CLI::App& group, Action& action) {
  auto* app =
      group.add_subcommand("plan", "Doses, repeats and wells that detect a shift, with a layout");
  auto call = std::make_shared<plan_verbs::PlanCall>();
  auto& o = call->options;
  app->add_option("--fold", o.fold, "Shift of IC50 that must not be missed")
      ->check(CLI::Range(1.01, 1e6));
  app->add_option("--power", o.power, "Chance of seeing it")->check(CLI::Range(0.05, 0.999));
  app->add_option("--ic50-nM", call->ic50_nM, "Expected IC50 of the parental line")
      ->check(CLI::Range(1e-6, 1e9));
  app->add_option("--hill-slope", call->hill_slope, "Expected slope")->check(CLI::Range(0.1, 10.0));
  app->add_option("--emax", call->emax, "Expected lower plateau, fraction of vehicle")
      ->check(CLI::Range(0.0, 0.9));
  app->add_option("--repeat-sd", o.noise.repeat_log10_ic50, "SD of log10 IC50 between repeats")
      ->check(CLI::Range(0.0, 2.0));
  app->add_option("--well-cv", o.noise.proportional, "CV of a well's net signal, as a fraction")
      ->check(CLI::Range(0.0, 1.0));
  app->add_option("--lowest-nM", o.lowest_nM, "Lowest dose");
  app->add_option("--highest-nM", o.highest_nM, "Highest dose");
  app->add_option("--doses", o.doses, "Numbers of doses to try")->check(CLI::Range(4, 48));
  app->add_option("--repeats", o.repeats, "Numbers of biological repeats to try")
      ->check(CLI::Range(2, 50));
  app->add_option("--wells", o.wells, "Technical wells per dose to try")->check(CLI::Range(1, 20));
  app->add_option("--plate-wells", call->plate_wells, "Wells of a plate");
  app->add_option("--simulations", o.simulations, "Simulated experiments for a design")
      ->check(CLI::Range(20, 100000));
  add_output(*app, call->common, false);
  add_seed(*app, call->common);
  add_threads(*app, call->common);
  app->footer(
      "Example:\n  kinescape viability plan --fold 3 --ic50-nM 100 --repeat-sd 0.1 -o plan");
  app->callback([call, &action] { action = [call] { return plan_verbs::plan(*call); }; });
}

}  // namespace kinescape::cli
