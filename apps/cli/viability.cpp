// SPDX-License-Identifier: Apache-2.0
// kinescape viability analyze | simulate (plan: plan.cpp)
#include <cmath>
#include <cstdio>
#include <memory>

#include "base/errors.hpp"
#include "base/number.hpp"
#include "common.hpp"
#include "plate/write.hpp"
#include "viability/design_file.hpp"
#include "viability/estimate.hpp"
#include "viability/screen.hpp"

namespace kinescape::cli {
namespace viability_verbs {

struct Analyze {
  Common common;
  std::vector<std::string> files, pairs;
  plate::ReadOptions read;
  viability::Options options;
  std::string decimal;
  bool screen = false;  ///< Asked for; long tables are screens without asking.
};

viability::Pair parse_pair(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
    throw UsageError("--pair \"" + text +
                     "\": write RESISTANT:PARENTAL, two line names with a colon.");
  }
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::vector<std::string> inputs_of(const Analyze& call) {
  std::vector<std::string> paths = call.files;
  if (!call.read.layout.empty()) paths.push_back(call.read.layout);
  return paths;
}

void print_tables(const viability::Estimate& estimate) {
  for (const auto& q : estimate.plates) {
    std::printf("plate %s: %s%s%s\n",
                q.plate.c_str(),
                std::string(name(q.verdict)).c_str(),
                q.reasons.empty() ? "" : ": ",
                q.reasons.empty() ? "" : q.reasons.front().c_str());
  }
  std::printf("\n%-16s %-16s %-30s %-26s %s\n", "drug", "line", "IC50 nM (95 %)", "Emax", "n");
  for (const auto& c : estimate.curves) {
    std::printf("%-16s %-16s %-30s %-26s %d\n",
                c.drug.c_str(),
                c.line.c_str(),
                shown(c.ic50_nM).c_str(),
                shown(c.emax, 2).c_str(),
                c.repeats);
  }
  if (!estimate.comparisons.empty()) std::printf("\n");
  for (const auto& c : estimate.comparisons) std::printf("%s\n", c.says.c_str());
}

/// A long table of many curves: streamed, one line of results a curve, resumable.
int analyze_screen(const Analyze& call) {
  if (call.files.size() != 1) throw UsageError("A screen is one file.");
  if (call.common.output.empty() || call.common.json) {
    throw UsageError(
        "A table this long is read as a screen: name a folder with -o, without --json.");
  }
  viability::ScreenOptions options;
  options.level = call.options.level;
  options.dose_unit = call.read.dose_unit;
  options.decimal = call.read.decimal;
  options.threads = call.options.threads;
  options.progress = call.options.progress;
  const auto output = std::filesystem::path(call.common.output) / "curves.csv";
  std::filesystem::create_directories(output.parent_path());
  const auto screened = viability::screen(call.files.front(), output, options);
  show(screened.problems, call.common);
  if (!screened.ok()) return data_problems;
  std::printf("%llu curves", static_cast<unsigned long long>(screened.value.curves));
  for (std::size_t i = 0; i < screened.value.by_class.size(); ++i) {
    if (screened.value.by_class[i] == 0) continue;
    std::printf(", %llu %s",
                static_cast<unsigned long long>(screened.value.by_class[i]),
                std::string(name(static_cast<viability::CurveClass>(i))).c_str());
  }
  std::printf("\nWritten to %s\n", output.c_str());
  return done;
}

int analyze(const Analyze& call, const std::string& typed) {
  if (call.screen || (call.files.size() == 1 && viability::is_screen(call.files.front()))) {
    return analyze_screen(call);
  }
  auto plates = plate::read_plates(call.files, call.read);
  Problems problems = std::move(plates.problems);
  viability::Estimate estimate;
  if (!has_errors(problems)) {
    auto checked = viability::estimate(plates.value, call.options);
    append(problems, std::move(checked.problems));
    estimate = std::move(checked.value);
  }
  show(problems, call.common);
  if (has_errors(problems) && !call.common.json) return data_problems;
  const Provenance provenance = provenance_of(typed, inputs_of(call));
  if (call.common.json) {
    std::fputs(report::viability_json(estimate, provenance, problems).c_str(), stdout);
  }
  if (has_errors(problems)) return data_problems;
  if (!call.common.output.empty()) {
    auto files = report::viability_files(estimate, provenance, problems);
    add_svg(files, call.common);
    write_all(call.common.output, files);
  }
  if (!call.common.json) {
    print_tables(estimate);
    if (!call.common.output.empty()) {
      std::printf("\nReport: %s\n",
                  (std::filesystem::path(call.common.output) / "report.html").c_str());
    }
  }
  return done;
}

void add_reading(CLI::App& app, Analyze& call) {
  app.add_option("FILES", call.files, "Plate files or tables, of any form Kinescape knows")
      ->required();
  app.add_option("--layout", call.read.layout, "Plate map: TOML, or CSV/XLSX blocks")
      ->type_name("FILE");
  app.add_option("--decimal", call.decimal, "How decimals are written, when the file is ambiguous")
      ->check(CLI::IsMember({"point", "comma"}));
  app.add_option("--channel", call.read.channel, "Wavelength or label to use, e.g. \"490 nm\"");
  app.add_option("--reference-channel",
                 call.read.reference_channel,
                 "Wavelength subtracted from it well by well");
  app.add_option(
      "--dose-unit", call.read.dose_unit, "Unit of a dose column that names none: nM, uM, ...");
  app.add_option("--repeat", call.read.repeat, "Biological repeat of these files");
  app.add_option("--line", call.read.line, "Cell line of these files");
}

void add_analysis(CLI::App& app, Analyze& call) {
  auto& o = call.options;
  app.add_option("--pair", call.pairs, "RESISTANT:PARENTAL, as often as there are pairs");
  app.add_option("--level", o.level, "Level of all intervals")->check(CLI::Range(0.5, 0.999));
  app.add_option("--time-h", o.time_h, "Hours under drug, when the files do not say")
      ->type_name("H");
  app.add_option("--ic", o.more_ic_percent, "Also IC10, IC90, ...: percent")
      ->check(CLI::Range(1.0, 99.0));
  app.add_option("--resistant-from", o.criterion.fold, "Fold from which a line is called resistant")
      ->check(CLI::Range(1.0, 1e6));
  app.add_flag("--screen",
               call.screen,
               "One long normalised table of many curves: streamed, resumable, a CSV line each");
  app.add_flag("--student-t", o.student_t, "Heavy-tailed wells instead of Gaussian ones");
  app.add_flag("!--no-spatial", o.spatial_terms, "No edge and gradient terms");
}

void add_analyze(CLI::App& group, Action& action, const std::string& typed) {
  auto* app = group.add_subcommand("analyze", "Plates to IC50s, and resistant against parental");
  auto call = std::make_shared<Analyze>();
  add_reading(*app, *call);
  add_analysis(*app, *call);
  add_output(*app, call->common, false);
  add_json(*app, call->common);
  add_threads(*app, call->common);
  app->footer(
      "Tidy columns: plate, well, line, drug, dose_nM, role, repeat, time_h, signal; or already\n"
      "normalised: line, drug, dose_nM, repeat, viability (fraction of vehicle).\n\n"
      "Examples:\n"
      "  kinescape viability analyze plates.csv --pair RES:PAR -o results\n"
      "  kinescape viability analyze day1.txt --layout map.toml --repeat 1 --json");
  app->callback([=, &action] {
    action = [=] {
      if (call->decimal == "point") call->read.decimal = Decimal::point;
      if (call->decimal == "comma") call->read.decimal = Decimal::comma;
      for (const auto& pair : call->pairs) call->options.pairs.push_back(parse_pair(pair));
      call->options.threads = Threads{call->common.threads};
      call->options.progress = progress_to_terminal(call->common);
      return analyze(*call, typed);
    };
  });
}

/// A tidy table, or the export of a plate reader and the plate map that says what stood where.
std::vector<report::OutputFile> files_of(const plate::PlateSet& plates, const std::string& form) {
  if (form == "tidy") return {{"plates.csv", plate::write_tidy(plates)}};
  const std::string note = "Virtual plates";
  const auto native = plate::parse_native_form(form).value();
  return {{"plates" + std::string(plate::file_ending(native)),
           plate::write_native(plates, native, note)},
          {"layout.toml", plate::write_layout(plates, note)}};
}

int simulate(const std::string& path, const std::string& form, const Common& common) {
  const auto read = read_seeded(path, common, viability::read_design, "plates");
  show(read.problems, common);
  if (!read.ok()) return data_problems;
  const viability::VirtualExperiment& experiment = read.value;
  const auto plates =
      viability::simulate(experiment.design, experiment.truth, experiment.noise, *experiment.seed);
  const auto files = files_of(plates, form);
  write_all(common.output, files);
  std::printf("Seed %llu: %zu virtual plates, %zu wells: %s\n",
              static_cast<unsigned long long>(experiment.seed->value),
              plates.plates.size(),
              plates.wells.size(),
              (std::filesystem::path(common.output) / files.front().path).c_str());
  if (files.size() > 1) {
    std::printf("Their plate map: %s\n",
                (std::filesystem::path(common.output) / files.back().path).c_str());
  }
  return done;
}

void add_simulate(CLI::App& group, Action& action) {
  auto* app =
      group.add_subcommand("simulate", "A design and a truth to the plates a reader would print");
  auto common = std::make_shared<Common>();
  auto path = std::make_shared<std::string>();
  app->add_option("DESIGN", *path, "design.toml: design, truth, noise and seed")->required();
  auto form = std::make_shared<std::string>("tidy");
  app->add_option("--format", *form, "A tidy table, or the export of a plate reader with its map")
      ->check(CLI::IsMember({"tidy", "gen5", "softmax", "bmg", "envision", "tecan"}));
  add_output(*app, *common, true);
  add_seed(*app, *common);
  app->footer(
      "Example:\n  kinescape viability simulate design.toml -o plates --seed 7\n"
      "  kinescape viability simulate design.toml -o plates --format gen5");
  app->callback([=, &action] { action = [=] { return simulate(*path, *form, *common); }; });
}

}  // namespace viability_verbs

void add_viability(CLI::App& app, Action& action, const std::string& typed) {
  auto* group =
      app.add_subcommand("viability", "Drug-viability plates: MTS, MTT, ATP, cell counts");
  group->require_subcommand(1);
  viability_verbs::add_analyze(*group, action, typed);
  viability_verbs::add_simulate(*group, action);
  add_plan(*group, action);
}

}  // namespace kinescape::cli
