// SPDX-License-Identifier: Apache-2.0
// kinescape combination analyze
#include <cmath>
#include <cstdio>
#include <memory>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/number.hpp"
#include "combination/estimate.hpp"
#include "combination/read.hpp"
#include "common.hpp"

namespace kinescape::cli {
namespace {

struct Analyze {
  Common common;
  std::vector<std::string> files, pairs;
  combination::ReadOptions read;
  combination::Options options;
  std::string decimal, effect = "viability";
};

combination::LinePair line_pair(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
    throw UsageError("--pair \"" + text +
                     "\": write RESISTANT:PARENTAL, two line names with a colon.");
  }
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::string shown(const Estimated& e, int digits = 3) {
  if (std::isnan(e.value)) return std::string(name(e.status));
  const auto end = [&](double x) {
    return std::isnan(x) ? std::string("open") : rounded(x, digits);
  };
  return rounded(e.value, digits) + " (" + end(e.low) + " to " + end(e.high) + ")";
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
    for (const auto& p : pair.musyc.parameters) {
      if (p.interaction) {
        std::printf("  MuSyC %-10s %s\n", p.key.c_str(), shown(p.estimate).c_str());
      }
    }
    std::printf("\n");
  }
}

int analyze(const Analyze& call, const std::string& typed) {
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
  app.add_option("--scale", read.scale, "Its scale")
      ->check(CLI::IsMember({"percent", "fraction"}));
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
  add_output(*app, call->common, false);
  add_json(*app, call->common);
  add_seed(*app, call->common);
  add_threads(*app, call->common);
  app->footer(
      "Columns: line, drug_a, dose_a_nM, drug_b, dose_b_nM, repeat, viability (or\n"
      "viability_percent, inhibition_percent, or response with --response); or plates with drug,\n"
      "dose_nM, drug_b, dose_b_nM, role, signal; or tables of SynergyFinder, synergy, Combenefit.\n\n"
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

}  // namespace

void add_combination(CLI::App& app, Action& action, const std::string& typed) {
  auto* group = app.add_subcommand(
      "combination", "Two drugs or more: HSA, Bliss, Loewe, ZIP, MuSyC, with their intervals");
  group->require_subcommand(1);
  add_analyze(*group, action, typed);
}

}  // namespace kinescape::cli
