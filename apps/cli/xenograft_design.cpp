// SPDX-License-Identifier: Apache-2.0
// kinescape xenograft simulate | plan | randomize
#include <cmath>
#include <cstdio>
#include <memory>
#include <sstream>

#include "base/csv.hpp"
#include "base/files.hpp"
#include "base/number.hpp"
#include "common.hpp"
#include "xenograft/design.hpp"

namespace kinescape::cli {
namespace xenograft_design_verbs {

/// The design, with the seed of the command line before that of the file.
Checked<xenograft::VirtualExperiment> design_of(const std::string& path, const Common& common) {
  Checked<xenograft::VirtualExperiment> out;
  auto bytes = read_file(path, std::size_t{16} << 20U);
  out.problems = std::move(bytes.problems);
  if (has_errors(out.problems)) return out;
  out = xenograft::read_design(bytes.value, path);
  if (common.seed) out.value.seed = Seed{*common.seed};
  if (out.ok() && !out.value.seed)
    out.problems.push_back(
        {{path, 0, 0, "", ""},
         "no seed is given",
         "Add seed = 1 to the design, or --seed 1: the same seed, the same mice.",
         Severity::error});
  return out;
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

int plan(const std::string& path, const Common& common, xenograft::PlanOptions options) {
  const auto v = design_of(path, common);
  show(v.problems, common);
  if (!v.ok()) return data_problems;
  options.seed = *v.value.seed;
  options.threads = Threads{common.threads};
  options.progress = progress_to_terminal(common);
  const auto plan = xenograft::plan(v.value, options);
  std::printf("%10s %10s %22s %16s\n", "mice/arm", "implanted", "power (95 %)", "mouse-days");
  for (const auto& r : plan.rows)
    std::printf("%10d %10d %8s (%s to %s) %12s\n",
                r.animals_per_arm,
                r.implanted_per_arm,
                rounded(r.power, 3).c_str(),
                rounded(r.power_low, 3).c_str(),
                rounded(r.power_high, 3).c_str(),
                rounded(r.median_days, 4).c_str());
  std::printf("%s\n", plan.says.c_str());
  return done;
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

void add_xenograft_design(CLI::App& group, Action& action) {
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

  auto* app = group.add_subcommand("plan", "Mice an arm for a power, with removal at the limits");
  auto options = std::make_shared<xenograft::PlanOptions>();
  app->add_option("DESIGN", *path, "design.toml with the difference to be found")->required();
  app->add_option("--power", options->power, "Wanted")->check(CLI::Range(0.1, 0.999));
  app->add_option("--alpha", options->alpha, "Two-sided level")->check(CLI::Range(0.0001, 0.5));
  app->add_option("--from", options->from, "Fewest mice an arm")->check(CLI::Range(2, 200));
  app->add_option("--to", options->to, "Most mice an arm")->check(CLI::Range(2, 200));
  app->add_option("--studies", options->studies, "Simulated at each size")
      ->check(CLI::Range(50, 100000));
  add_seed(*app, *common);
  add_threads(*app, *common);
  app->footer("Example:\n  kinescape xenograft plan design.toml --power 0.9");
  app->callback([=, &action] {
    action = [=] { return xenograft_design_verbs::plan(*path, *common, *options); };
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
