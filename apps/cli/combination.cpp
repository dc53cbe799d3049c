// SPDX-License-Identifier: Apache-2.0
// kinescape combination analyze | simulate | plan
#include <cmath>
#include <cstdio>
#include <memory>

#include "base/errors.hpp"
#include "base/number.hpp"
#include "base/quantity.hpp"
#include "combination/design.hpp"
#include "combination/estimate.hpp"
#include "combination/read.hpp"
#include "combination/stream.hpp"
#include "common.hpp"
#include "plate/write.hpp"

namespace kinescape::cli {
namespace combination_verbs {

struct Analyze {
  Common common;
  std::vector<std::string> files, pairs;
  combination::ReadOptions read;
  combination::Options options;
  std::string decimal, effect = "viability", compatible, baseline, tool_unit = "nM";
  combination::CompatibleOptions like;
  bool stream = false;
};

combination::LinePair line_pair(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
    throw UsageError("--pair \"" + text +
                     "\": write RESISTANT:PARENTAL, two line names with a colon.");
  }
  return {text.substr(0, colon), text.substr(colon + 1)};
}

void print_tables(const combination::Estimate& estimate) {
  for (const auto& pair : estimate.pairs) {
    std::string drugs = pair.drugs[0];
    for (std::size_t k = 1; k < pair.drugs.size(); ++k) drugs += " + " + pair.drugs[k];
    std::printf("%s%s%s, %d repeat%s, %d wells\n  %s\n",
                drugs.c_str(),
                pair.line.empty() ? "" : " on ",
                pair.line.c_str(),
                pair.repeats,
                pair.repeats == 1 ? "" : "s",
                pair.wells,
                pair.says.c_str());
    for (const auto& score : pair.scores) {
      std::printf("  %-6s %-28s peak %-28s %s\n",
                  std::string(name(score.reference)).c_str(),
                  shown(score.summary).c_str(),
                  shown(score.peak).c_str(),
                  std::string(name(score.call)).c_str());
    }
    if (pair.compatible && !pair.compatible->why.empty()) {
      std::printf("  As SynergyFinder: %s\n", pair.compatible->why.c_str());
    } else if (pair.compatible) {
      std::printf("  As SynergyFinder:");
      for (const auto ref : combination::references) {
        const double score = pair.compatible->summary[static_cast<std::size_t>(ref)];
        std::printf("  %s %.3f", std::string(name(ref)).c_str(), score);
      }
      std::printf("\n");
    }
    for (const auto& p : pair.musyc.parameters) {
      if (p.interaction && pair.drugs.size() == 2) {
        std::printf("  MuSyC %-10s %s\n", p.key.c_str(), shown(p.estimate).c_str());
      }
    }
    std::printf("\n");
  }
}

/// A file of many matrices: a line of scores each, written as they are done.
int analyze_stream(const Analyze& call) {
  if (call.files.size() != 1 || call.common.output.empty() || call.common.json) {
    throw UsageError("--stream takes one file and a folder with -o, without --json.");
  }
  combination::StreamOptions options;
  options.read = call.read;
  options.estimate = call.options;
  const auto output = std::filesystem::path(call.common.output) / "scores.csv";
  std::filesystem::create_directories(output.parent_path());
  const auto streamed = combination::stream(call.files.front(), output, options);
  show(streamed.problems, call.common);
  if (!streamed.ok()) return data_problems;
  std::printf("%llu matrices, %llu of an earlier run, %llu refused\nWritten to %s\n",
              static_cast<unsigned long long>(streamed.value.matrices),
              static_cast<unsigned long long>(streamed.value.resumed),
              static_cast<unsigned long long>(streamed.value.refused),
              output.c_str());
  return done;
}

int analyze(const Analyze& call, const std::string& typed) {
  if (call.stream) return analyze_stream(call);
  auto blocks = combination::read(call.files, call.read);
  Problems problems = std::move(blocks.problems);
  combination::Estimate estimate;
  if (!has_errors(problems)) {
    auto checked = combination::estimate(blocks.value, call.options);
    append(problems, std::move(checked.problems));
    estimate = std::move(checked.value);
  }
  show(problems, call.common);
  if (has_errors(problems) && !call.common.json) return data_problems;
  std::vector<std::string> inputs = call.files;
  if (!call.read.layout.empty()) inputs.push_back(call.read.layout);
  Provenance provenance = provenance_of(typed, inputs);
  provenance.seed = call.options.seed;
  if (call.common.json) {
    std::fputs(report::combination_json(estimate, provenance, problems).c_str(), stdout);
  }
  if (has_errors(problems)) return data_problems;
  if (!call.common.output.empty()) {
    auto files = report::combination_files(estimate, provenance, problems);
    add_svg(files, call.common);
    write_all(call.common.output, files);
  }
  if (!call.common.json) {
    print_tables(estimate);
    if (!call.common.output.empty()) {
      std::printf("Report: %s\n",
                  (std::filesystem::path(call.common.output) / "report.html").c_str());
    }
  }
  return done;
}

void add_reading(CLI::App& app, combination::ReadOptions& read, std::string& decimal) {
  app.add_option("--response", read.response, "What a response column holds")
      ->check(CLI::IsMember({"viability", "inhibition"}));
  app.add_option("--scale", read.scale, "Its scale")->check(CLI::IsMember({"percent", "fraction"}));
  app.add_option("--dose-unit", read.dose_unit, "Unit of dose columns that name none: nM, uM, ...");
  app.add_option("--dose-unit-b", read.dose_unit_b, "Of the second drug, where it is another");
  app.add_option("--drug-a", read.drug_a, "Name of the first drug of a table without names");
  app.add_option("--drug-b", read.drug_b, "Name of the second");
  app.add_option("--line", read.line, "Cell line of these files");
  app.add_option("--repeat", read.repeat, "Biological repeat of these files");
  app.add_option("--layout", read.layout, "Plate map for files of raw signals")->type_name("FILE");
  app.add_option("--channel", read.channel, "Wavelength or label of those");
  app.add_option("--decimal", decimal, "How decimals are written, when the file is ambiguous")
      ->check(CLI::IsMember({"point", "comma"}));
}

void settle(Analyze& call) {
  if (call.decimal == "point") call.read.decimal = Decimal::point;
  if (call.decimal == "comma") call.read.decimal = Decimal::comma;
  for (const auto& pair : call.pairs) call.options.pairs.push_back(line_pair(pair));
  if (call.effect == "growth-rate") call.options.effect = combination::Effect::growth_rate;
  if (!call.compatible.empty()) {
    for (const auto b : {combination::Baseline::part, combination::Baseline::all}) {
      if (call.baseline == name(b)) call.like.baseline = b;
    }
    call.like.unit_nM = nanomolar_per(call.tool_unit).value_or(unknown);
    call.options.compatible = call.like;
  }
  if (call.common.seed) call.options.seed = Seed{*call.common.seed};
  call.options.threads = Threads{call.common.threads};
  call.options.progress = progress_to_terminal(call.common);
}

void add_analyze(CLI::App& group, Action& action, const std::string& typed) {
  auto* app = group.add_subcommand("analyze", "Dose matrices to synergy scores with intervals");
  auto call = std::make_shared<Analyze>();
  app->add_option("FILES", call->files, "Tables of doses and responses, or plates")->required();
  add_reading(*app, call->read, call->decimal);
  app->add_option("--pair", call->pairs, "RESISTANT:PARENTAL, to compare sensitisation");
  app->add_option("--level", call->options.level, "Level of all intervals")
      ->check(CLI::Range(0.5, 0.999));
  app->add_option("--effect", call->effect, "What effects are counted in; it changes Bliss")
      ->check(CLI::IsMember({"viability", "growth-rate"}));
  app->add_option("--doublings",
                  call->options.doublings,
                  "Of untreated cells during the assay, for growth-rate effects");
  app->add_option("--cap-a-nM", call->options.cap_a_nM, "Highest dose of the first drug to advise");
  app->add_option("--cap-b-nM", call->options.cap_b_nM, "Of the second");
  app->add_option("--compatible", call->compatible, "Also print the numbers of that program")
      ->check(CLI::IsMember({"synergyfinder"}));
  app->add_option("--baseline", call->baseline, "Its baseline correction")
      ->check(CLI::IsMember({"none", "part", "all"}))
      ->needs("--compatible");
  app->add_option("--emin-percent", call->like.emin_percent, "Its Emin, fixed; free if not given")
      ->needs("--compatible");
  app->add_option("--emax-percent", call->like.emax_percent, "Its Emax, fixed; free if not given")
      ->needs("--compatible");
  app->add_option("--tool-unit", call->tool_unit, "Unit of its doses; matters to its L.4 fits only")
      ->check(CLI::IsMember({"pM", "nM", "uM", "mM", "M"}))
      ->needs("--compatible");
  app->add_flag("--stream",
                call->stream,
                "Many matrices, told apart by block_id: streamed, resumable, a CSV line each");
  add_output(*app, call->common, false);
  add_json(*app, call->common);
  add_seed(*app, call->common);
  add_threads(*app, call->common);
  app->footer(
      "Columns: line, drug_a, dose_a_nM, drug_b, dose_b_nM, repeat, viability (or\n"
      "viability_percent, inhibition_percent, or response with --response); or plates with drug,\n"
      "dose_nM, drug_b, dose_b_nM, role, signal; or tables of SynergyFinder, synergy, "
      "Combenefit.\n\n"
      "Examples:\n"
      "  kinescape combination analyze matrix.csv --response viability -o results\n"
      "  kinescape combination analyze plates.csv --pair RES:PAR --json");
  app->callback([=, &action] {
    action = [=] {
      settle(*call);
      return analyze(*call, typed);
    };
  });
}

/// The design of a virtual experiment; nothing where it has errors, which are then shown.
std::optional<combination::VirtualExperiment> experiment_of(const std::string& path,
                                                            const Common& common) {
  auto read = read_seeded(path, common, combination::read_design, "plates");
  show(read.problems, common);
  if (!read.ok()) return std::nullopt;
  return std::move(read.value);
}

int simulate(const std::string& path, const Common& common) {
  const auto experiment = experiment_of(path, common);
  if (!experiment) return data_problems;
  const auto plates = combination::simulate(
      experiment->design, experiment->truths, experiment->noise, *experiment->seed);
  write_all(common.output, {{"plates.csv", plate::write_tidy(plates)}});
  std::printf("Seed %llu: %zu virtual plates, %zu wells: %s\n",
              static_cast<unsigned long long>(experiment->seed->value),
              plates.plates.size(),
              plates.wells.size(),
              (std::filesystem::path(common.output) / "plates.csv").c_str());
  return done;
}

struct Plan {
  Common common;
  std::string path;
  std::vector<int> doses{4, 6, 8}, repeats{3, 4, 6};
  int simulations = 100;
};

int plan(const Plan& call, const std::string& typed) {
  const auto experiment = experiment_of(call.path, call.common);
  if (!experiment) return data_problems;
  const auto rows = combination::plan(
      *experiment, call.doses, call.repeats, call.simulations, Threads{call.common.threads});
  if (call.common.json) {
    Provenance provenance = provenance_of(typed, {call.path});
    provenance.seed = experiment->seed;
    std::fputs(report::combination_plan_json(rows, call.simulations, provenance).c_str(), stdout);
    return done;
  }
  std::printf("%-7s %-8s %-6s %-10s", "doses", "repeats", "wells", "step");
  for (const auto ref : combination::references) {
    std::printf(" %-16s", std::string(name(ref)).c_str());
  }
  std::printf("\n");
  for (const auto& row : rows) {
    std::printf(
        "%-7d %-8d %-6d %-10s", row.doses, row.repeats, row.wells, rounded(row.step).c_str());
    for (std::size_t m = 0; m < combination::reference_count; ++m) {
      const std::string cell =
          rounded(row.true_score[m], 2) + " in " + rounded(100.0 * row.power[m], 2) + " %";
      std::printf(" %-16s", cell.c_str());
    }
    std::printf("\n");
  }
  std::printf("\nTrue score in points, and how often %d simulated experiments called its sign.\n",
              call.simulations);
  return done;
}

void add_simulate(CLI::App& group, Action& action) {
  auto* app =
      group.add_subcommand("simulate", "A design and a stated interaction to virtual plates");
  auto common = std::make_shared<Common>();
  auto path = std::make_shared<std::string>();
  app->add_option("DESIGN", *path, "design.toml: design, truth, noise and seed")->required();
  add_output(*app, *common, true);
  add_seed(*app, *common);
  app->footer("Example:\n  kinescape combination simulate design.toml -o plates --seed 7");
  app->callback([=, &action] { action = [=] { return simulate(*path, *common); }; });
}

void add_plan_of(CLI::App& group, Action& action, const std::string& typed) {
  auto* app = group.add_subcommand("plan", "Which matrix would detect a stated interaction");
  auto call = std::make_shared<Plan>();
  app->add_option("DESIGN", call->path, "design.toml, as for simulate")->required();
  app->add_option("--doses", call->doses, "Doses of each drug to try");
  app->add_option("--repeats", call->repeats, "Biological repeats to try");
  app->add_option("--simulations", call->simulations, "Virtual experiments of each")
      ->check(CLI::Range(10, 100000));
  add_json(*app, call->common);
  add_seed(*app, call->common);
  add_threads(*app, call->common);
  app->footer("Example:\n  kinescape combination plan design.toml --doses 4 6 8 --repeats 3 5");
  app->callback([=, &action] { action = [=] { return plan(*call, typed); }; });
}

}  // namespace combination_verbs

void add_combination(CLI::App& app, Action& action, const std::string& typed) {
  auto* group = app.add_subcommand(
      "combination", "Two drugs or more: HSA, Bliss, Loewe, ZIP, MuSyC, with their intervals");
  group->require_subcommand(1);
  combination_verbs::add_analyze(*group, action, typed);
  combination_verbs::add_simulate(*group, action);
  combination_verbs::add_plan_of(*group, action, typed);
}

}  // namespace kinescape::cli
