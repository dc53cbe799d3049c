// SPDX-License-Identifier: Apache-2.0
// kinescape xenograft simulate | plan | randomize
#include <cmath>
#include <cstdio>
#include <memory>
#include <sstream>

#include "base/csv.hpp"
#include "base/number.hpp"
#include "common.hpp"
#include "report/xenograft.hpp"
#include "xenograft/design.hpp"

namespace kinescape::cli {
namespace xenograft_design_verbs {

Checked<xenograft::VirtualExperiment> design_of(const std::string& path, const Common& common) {
  return read_seeded(path, common, xenograft::read_design, "mice");
}

int simulate(const std::string& path, const Common& common) {
  const auto v = design_of(path, common);
  show(v.problems, common);
  if (!v.ok()) return data_problems;
  const auto e = xenograft::simulate(v.value.design, v.value.truth, v.value.noise, *v.value.seed);
  write_all(common.output, {{"tumours.csv", xenograft::write_experiment(e)}});
  std::printf("Seed %llu: %zu virtual mice: %s\n",
              static_cast<unsigned long long>(v.value.seed->value),
              e.animals.size(),
              (std::filesystem::path(common.output) / "tumours.csv").c_str());
  return done;
}

void print_plan(const report::PlanOf<xenograft::Plan>& asked) {
  const xenograft::Plan& plan = asked.plan;
  std::printf("%10s %10s %22s %12s %12s\n",
              "mice/arm",
              "implanted",
              "power (95 %)",
              "mouse-days",
              "visits");
  for (const auto& r : plan.rows)
    std::printf("%10d %10d %8s (%s to %s) %12s %12s\n",
                r.animals_per_arm,
                r.implanted_per_arm,
                rounded(r.power, 3).c_str(),
                rounded(r.power_low, 3).c_str(),
                rounded(r.power_high, 3).c_str(),
                rounded(r.mouse_days, 4).c_str(),
                rounded(r.measurements, 4).c_str());
  std::printf("%s\n", plan.says.c_str());
  if (plan.options.empty()) return;
  std::printf("\n%8s %6s %7s %9s %9s %22s %10s %7s %8s\n",
              "every d",
              "until",
              "limit",
              "stop at",
              "mice/arm",
              "power (95 %)",
              "mouse-days",
              "visits",
              "at limit");
  for (const auto& o : plan.options) {
    const bool reached = o.animals_per_arm.status != Status::not_reached;
    std::printf("%8s %6s %7s %9s %9s %8s (%s to %s) %10s %7s %6s %%%s\n",
                exact(o.every_days).c_str(),
                exact(o.until_day).c_str(),
                exact(o.volume_limit_mm3).c_str(),
                std::isnan(o.stop_when_gone)
                    ? "never"
                    : (rounded(100.0 * o.stop_when_gone, 2) + " %").c_str(),
                ((reached ? "" : "> ") + exact(o.animals_per_arm.value)).c_str(),
                rounded(o.at.power, 3).c_str(),
                rounded(o.at.power_low, 3).c_str(),
                rounded(o.at.power_high, 3).c_str(),
                rounded(o.at.mouse_days, 4).c_str(),
                rounded(o.at.measurements, 4).c_str(),
                rounded(100.0 * o.at.removed_share, 2).c_str(),
                o.as_designed ? "  as designed" : "");
  }
  std::printf(
      "stop at: the study ends at the visit by which this share of the reference's mice have "
      "left.\n"
      "%s\n",
      plan.says_of_options.c_str());
}

int plan(const std::string& path,
         const Common& common,
         xenograft::PlanOptions options,
         const std::string& typed) {
  const auto v = design_of(path, common);
  report::PlanOf<xenograft::Plan> asked{{}, options.power};
  if (v.ok()) {
    options.seed = *v.value.seed;
    options.threads = Threads{common.threads};
    options.progress = progress_to_terminal(common);
    asked.plan = xenograft::plan(v.value, options);
  }
  return tell(common,
              typed,
              {path},
              v.problems,
              asked,
              report::xenograft_plan_json,
              report::xenograft_plan_files,
              print_plan);
}

int randomize(const std::string& path, const std::vector<std::string>& arms, const Common& common) {
  auto e = xenograft::read_files({path});
  show(e.problems, common);
  if (!e.ok()) return data_problems;
  const auto list = xenograft::randomise(e.value, arms, Seed{*common.seed});
  std::ostringstream out;
  write_csv_row(out, std::vector<std::string>{"animal", "arm", "volume_mm3", "block"});
  for (const auto& a : list)
    write_csv_row(
        out,
        std::vector<std::string>{a.animal, a.arm, exact(a.volume_mm3), std::to_string(a.block)});
  std::fputs(out.str().c_str(), stdout);
  return done;
}

}  // namespace xenograft_design_verbs

void add_xenograft_design(CLI::App& group, Action& action, const std::string& typed) {
  auto* sim =
      group.add_subcommand("simulate", "A design and a truth to the table a lab would keep");
  auto common = std::make_shared<Common>();
  auto path = std::make_shared<std::string>();
  sim->add_option("DESIGN", *path, "design.toml: arms, days, limits, growth rates, seed")
      ->required();
  add_output(*sim, *common, true);
  add_seed(*sim, *common);
  sim->footer("Example:\n  kinescape xenograft simulate design.toml -o mice --seed 7");
  sim->callback(
      [=, &action] { action = [=] { return xenograft_design_verbs::simulate(*path, *common); }; });

  auto* app = group.add_subcommand("plan", "Mice an arm, days and stopping rule for a power");
  auto options = std::make_shared<xenograft::PlanOptions>();
  app->add_option("DESIGN", *path, "design.toml with the difference to be found")->required();
  app->add_option("--power", options->power, "Wanted")->check(CLI::Range(0.1, 0.999));
  app->add_option("--alpha", options->alpha, "Two-sided level")->check(CLI::Range(0.0001, 0.5));
  app->add_option("--from", options->from, "Fewest mice an arm")->check(CLI::Range(2, 200));
  app->add_option("--to", options->to, "Most mice an arm")->check(CLI::Range(2, 200));
  app->add_option("--studies", options->studies, "Simulated at each size")
      ->check(CLI::Range(50, 100000));
  app->add_option("--every", options->every_days, "Days between visits to try, as often as wanted")
      ->check(CLI::Range(0.1, 365.0));
  app->add_option("--until", options->until_days, "Last day to try, as often as wanted");
  app->add_option("--volume-limit", options->volume_limits_mm3, "Limit in mm3 to try")
      ->check(CLI::Range(1.0, 1e6));
  app->add_option("--stop-when-gone",
                  options->stop_when_gone,
                  "Share of the reference's mice whose leaving ends the study, to try")
      ->check(CLI::Range(0.01, 1.0));
  app->add_flag(
      "--only-mice", options->only_mice, "The design's own days and limits, nothing else");
  add_seed(*app, *common);
  add_output(*app, *common, false);
  add_json(*app, *common);
  add_threads(*app, *common);
  app->footer(
      "Without --every, --until, --volume-limit and --stop-when-gone it tries twice the step "
      "between\n"
      "visits, two thirds of the length, and an end once half of the reference's mice have "
      "left.\n\n"
      "Examples:\n  kinescape xenograft plan design.toml --power 0.9\n"
      "  kinescape xenograft plan design.toml --every 2 --every 7 --until 21 --volume-limit 1000");
  app->callback([=, &action] {
    action = [=] { return xenograft_design_verbs::plan(*path, *common, *options, typed); };
  });

  auto* lists = group.add_subcommand("randomize", "Mice to arms in blocks of like volume");
  auto arms = std::make_shared<std::vector<std::string>>();
  lists->add_option("FILE", *path, "Baseline volumes: animal, arm (any), day, volume_mm3")
      ->required();
  lists->add_option("--arm", *arms, "Names of the arms, as often as there are")->required();
  lists->add_option("--seed", common->seed, "Of the list; write it into the protocol")->required();
  lists->footer(
      "Example:\n  kinescape xenograft randomize day0.csv --arm control --arm treated --seed 7");
  lists->callback([=, &action] {
    action = [=] { return xenograft_design_verbs::randomize(*path, *arms, *common); };
  });
}

}  // namespace kinescape::cli
