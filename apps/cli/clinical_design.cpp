// SPDX-License-Identifier: Apache-2.0
// kinescape clinical simulate | plan | reconstruct
#include <cmath>
#include <cstdio>
#include <memory>

#include "base/files.hpp"
#include "base/number.hpp"
#include "clinical/design.hpp"
#include "clinical/reconstruct.hpp"
#include "common.hpp"
#include "report/clinical.hpp"

namespace kinescape::cli {
namespace clinical_design_verbs {

Checked<clinical::VirtualTrial> design_of(const std::string& path, const Common& common) {
  return read_seeded(path, common, clinical::read_design, "patients");
}

int simulate(const std::string& path, const Common& common) {
  const auto design = design_of(path, common);
  show(design.problems, common);
  if (!design.ok()) return data_problems;
  const auto table =
      clinical::simulate(design.value.design, design.value.truth, *design.value.seed);
  write_all(common.output, {{"patients.csv", clinical::write_table(table)}});
  std::printf("Seed %llu: %zu virtual patients: %s\n",
              static_cast<unsigned long long>(design.value.seed->value),
              table.rows.size(),
              (std::filesystem::path(common.output) / "patients.csv").c_str());
  return done;
}

void print_plan(const report::PlanOf<clinical::Plan>& asked) {
  const clinical::Plan& plan = asked.plan;
  if (!std::isnan(plan.schoenfeld_events))
    std::printf("Hazard ratio %s: %s events by Schoenfeld's formula.\n",
                rounded(1.0 / plan.hazard_ratio).c_str(),
                rounded(plan.schoenfeld_events, 4).c_str());
  const bool sequential = plan.looks.size() > 1;
  if (sequential)
    for (const auto& l : plan.looks)
      std::printf("look at %s of the events: stop when p < %s (|z| > %s)\n",
                  rounded(l.information, 3).c_str(),
                  rounded(l.p_limit, 3).c_str(),
                  rounded(l.z_limit, 4).c_str());
  std::printf("%12s %10s %22s%s\n",
              "patients/arm",
              "events",
              "power (95 %)",
              sequential ? "  expected events, months; stopped by each look" : "");
  for (const auto& r : plan.rows) {
    std::printf("%12d %10s %8s (%s to %s)",
                r.patients_per_arm,
                rounded(r.events, 3).c_str(),
                rounded(r.power, 3).c_str(),
                rounded(r.power_low, 3).c_str(),
                rounded(r.power_high, 3).c_str());
    if (sequential) {
      std::printf("  %s, %s;",
                  rounded(r.expected_events, 3).c_str(),
                  rounded(r.expected_months, 3).c_str());
      for (const double s : r.stopped_by) std::printf(" %s", rounded(s, 3).c_str());
    }
    std::printf("\n");
  }
  std::printf("%s\n", plan.says.c_str());
}

int plan(const std::string& path,
         const Common& common,
         clinical::PlanOptions options,
         const std::string& typed) {
  const auto design = design_of(path, common);
  report::PlanOf<clinical::Plan> asked{{}, options.power};
  if (design.ok()) {
    options.seed = *design.value.seed;
    options.threads = Threads{common.threads};
    options.progress = progress_to_terminal(common);
    asked.plan = clinical::plan(design.value, options);
  }
  return tell(common,
              typed,
              {path},
              design.problems,
              asked,
              report::clinical_plan_json,
              report::clinical_plan_files,
              print_plan);
}

int reconstruct(const std::string& curve,
                const std::string& risk,
                int events,
                const Common& common) {
  auto points = read_file(curve), table = read_file(risk);
  Problems problems = points.problems;
  append(problems, table.problems);
  Checked<std::vector<clinical::PublishedCurve>> read;
  if (!has_errors(problems)) {
    read = clinical::read_published(points.value, curve, table.value, risk);
    append(problems, read.problems);
  }
  show(problems, common);
  if (has_errors(problems)) return data_problems;
  if (read.value.size() == 1) read.value.front().total_events = events;
  const auto rows = clinical::reconstruct(read.value);
  write_all(common.output, {{"reconstructed.csv", clinical::write_table(rows)}});
  std::printf("%zu rows reconstructed from %s: not real patients. %s\n",
              rows.rows.size(),
              curve.c_str(),
              (std::filesystem::path(common.output) / "reconstructed.csv").c_str());
  return done;
}

}  // namespace clinical_design_verbs

void add_clinical_design(CLI::App& group, Action& action, const std::string& typed) {
  auto* sim = group.add_subcommand("simulate", "A design and a truth to a trial's follow-up");
  auto common = std::make_shared<Common>();
  auto path = std::make_shared<std::string>();
  sim->add_option("DESIGN", *path, "design.toml: arms, accrual, scans, medians, seed")->required();
  add_output(*sim, *common, true);
  add_seed(*sim, *common);
  sim->footer("Example:\n  kinescape clinical simulate design.toml -o trial --seed 7");
  sim->callback(
      [=, &action] { action = [=] { return clinical_design_verbs::simulate(*path, *common); }; });

  auto* app = group.add_subcommand("plan", "Patients and events for a power");
  auto options = std::make_shared<clinical::PlanOptions>();
  app->add_option("DESIGN", *path, "design.toml with the difference to be found")->required();
  app->add_option("--power", options->power, "Wanted")->check(CLI::Range(0.1, 0.999));
  app->add_option("--alpha", options->alpha, "Two-sided level")->check(CLI::Range(0.0001, 0.5));
  app->add_option("--from", options->from, "Fewest patients an arm")->check(CLI::Range(2, 100000));
  app->add_option("--to", options->to, "Most patients an arm")->check(CLI::Range(2, 100000));
  app->add_option("--trials", options->studies, "Simulated at each size")
      ->check(CLI::Range(50, 100000));
  app->add_option("--looks", options->looks, "Group-sequential looks")->check(CLI::Range(1, 10));
  auto spending = std::make_shared<std::string>();
  app->add_option("--spending", *spending, "How looks share the level")
      ->check(CLI::IsMember({"obrien-fleming", "pocock"}));
  add_seed(*app, *common);
  add_output(*app, *common, false);
  add_json(*app, *common);
  add_threads(*app, *common);
  app->footer("Example:\n  kinescape clinical plan design.toml --power 0.9 --looks 3");
  app->callback([=, &action] {
    action = [=] {
      if (*spending == "pocock") options->spending = clinical::Spending::pocock;
      return clinical_design_verbs::plan(*path, *common, *options, typed);
    };
  });

  auto* guyot = group.add_subcommand("reconstruct", "A published curve to rows that reproduce it");
  auto risk = std::make_shared<std::string>();
  auto events = std::make_shared<int>(-1);
  guyot->add_option("CURVE", *path, "Points: time, survival, optionally arm")->required();
  guyot->add_option("--at-risk", *risk, "Numbers under the curve: time, at_risk, optionally arm")
      ->required();
  guyot->add_option("--events", *events, "Number of events, where the paper states it");
  add_output(*guyot, *common, true);
  guyot->footer("Example:\n  kinescape clinical reconstruct curve.csv --at-risk risk.csv -o rows");
  guyot->callback([=, &action] {
    action = [=] { return clinical_design_verbs::reconstruct(*path, *risk, *events, *common); };
  });
}

}  // namespace kinescape::cli
