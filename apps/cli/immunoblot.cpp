// SPDX-License-Identifier: Apache-2.0
// kinescape immunoblot analyze | protein | simulate | plan
#include "immunoblot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/number.hpp"
#include "immunoblot/blots.hpp"
#include "immunoblot/design.hpp"
#include "immunoblot/plan.hpp"
#include "immunoblot/protein.hpp"
#include "immunoblot_print.hpp"
#include "report/immunoblot.hpp"

namespace kinescape::cli {
namespace immunoblot_verbs {

struct Analyze {
  Common common;
  std::vector<std::string> pairs;
  immunoblot::BlotFiles files;
  immunoblot::BlotOptions options;
};

int analyze(const Analyze& call, const std::string& typed) {
  const immunoblot::BlotFiles& in = call.files;
  if (!in.layout.empty() && in.images.size() > 1) {
    throw UsageError("A layout belongs to one image: give one image with --layout.");
  }
  auto read = immunoblot::read_blots(in);
  Problems problems = std::move(read.problems);
  immunoblot::Estimate estimate;
  if (!has_errors(problems)) {
    auto estimated = immunoblot::estimate_blots(read.value, call.options);
    append(problems, std::move(estimated.problems));
    estimate = std::move(estimated.value);
  }
  show(problems, call.common);
  if (has_errors(problems) && !call.common.json) return data_problems;
  std::vector<std::string> inputs = in.images;
  if (!in.layout.empty()) inputs.push_back(in.layout);
  if (!in.sheet.empty()) inputs.push_back(in.sheet);
  if (!in.loading.empty()) inputs.push_back(in.loading);
  const Provenance provenance =
      has_errors(problems) ? provenance_of(typed, {}) : provenance_of(typed, inputs);
  if (call.common.json) {
    std::fputs(report::immunoblot_json(estimate, provenance, problems).c_str(), stdout);
  }
  if (has_errors(problems)) return data_problems;
  if (!call.common.output.empty()) {
    auto files = report::immunoblot_files(estimate, provenance, problems);
    add_svg(files, call.common);
    write_all(call.common.output, files);
  }
  if (!call.common.json) {
    print_blots(estimate);
    if (!call.common.output.empty()) {
      std::printf("\nReport: %s\n",
                  (std::filesystem::path(call.common.output) / "report.html").c_str());
    }
  }
  return done;
}

/// A table among the images is the lane sheet.
void take_sheet(immunoblot::BlotFiles& files) {
  auto& images = files.images;
  for (const char* ending : {".csv", ".tsv", ".txt", ".xlsx"}) {
    const auto at =
        std::ranges::find_if(images, [&](const std::string& f) { return f.ends_with(ending); });
    if (at == images.end()) continue;
    if (!files.sheet.empty()) throw UsageError("Two lane sheets are given.");
    files.sheet = *at;
    images.erase(at);
  }
  if (images.empty()) throw UsageError("Name an image.");
}

void add_analyze(CLI::App& group, Action& action, const std::string& typed) {
  auto* app = group.add_subcommand("analyze", "An imager's picture to bands with their volumes");
  auto call = std::make_shared<Analyze>();
  app->add_option("IMAGES", call->files.images, "Greyscale TIFF or PNG, as the imager exported it")
      ->required();
  app->add_option("--layout", call->files.layout, "Boxes to use instead of those that are found");
  app->add_option(
      "--lanes", call->files.sheet, "Lane sheet: what stood in each lane (CSV or XLSX)");
  app->add_option(
      "--ratio", call->options.ratios.ratios, "TARGET/REFERENCE antibodies of the sheet");
  app->add_option("--pair", call->pairs, "RESISTANT:PARENTAL lines, compared at each dose");
  app->add_option("--suppressed-below",
                  call->options.ratios.suppressed_below,
                  "Share left that is called suppressed")
      ->check(CLI::Range(0.01, 0.99));
  app->add_option("--downstream",
                  call->options.ratios.downstream,
                  "TARGET/REFERENCE downstream of the other ratios: bypass or on target?");
  app->add_option("--maintained-above",
                  call->options.ratios.maintained_above,
                  "Share left of a downstream signal that is called maintained")
      ->check(CLI::Range(0.01, 1.0));
  app->add_option("--loading",
                  call->files.loading,
                  "Loading table (protein_samples.csv), for ratios over \"load\"");
  app->add_flag("--parallel",
                call->options.ratios.parallel,
                "Target and reference stand on membranes that were loaded apart");
  app->add_option("--page", call->files.page, "Page of the TIFF")->check(CLI::Range(1, 100000));
  app->add_option(
         "--bands", call->options.find.polarity, "Whether bands are bright or dark in the file")
      ->check(CLI::IsMember({"auto", "bright", "dark"}));
  app->add_option("--level", call->options.measure.level, "Level of all intervals")
      ->check(CLI::Range(0.5, 0.999));
  add_output(*app, call->common, false);
  add_json(*app, call->common);
  add_threads(*app, call->common);
  app->footer(
      "With -o the picture with its boxes (NAME.overlay.png) and the boxes as a file that can be\n"
      "edited (NAME.layout.toml) are written beside the report.\n\n"
      "The lane sheet has the columns lane, sample, line, drug, dose_nM, antibody; where needed "
      "image,\n"
      "strip, band, membrane, role (sample, marker, dilution), mass_kDa, load_ug, time_h, measure. "
      "A\n"
      "table among the IMAGES is taken for it.\n\n"
      "Examples:\n"
      "  kinescape immunoblot analyze blot.tif -o results\n"
      "  kinescape immunoblot analyze day1.tif day2.tif --lanes lanes.csv --ratio pT/T\n"
      "  kinescape immunoblot analyze blot.tif --layout results/blot.layout.toml --json");
  app->callback([=, &action] {
    action = [=] {
      call->options.pictures = !call->common.output.empty();
      call->options.measure.threads = Threads{call->common.threads};
      call->options.ratios.level = call->options.measure.level;
      for (const std::string& text : call->pairs) {
        const auto colon = text.find(':');
        if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
          throw UsageError("--pair \"" + text +
                           "\": write RESISTANT:PARENTAL, two line names with a colon.");
        }
        call->options.ratios.pairs.push_back({text.substr(0, colon), text.substr(colon + 1)});
      }
      take_sheet(call->files);
      return analyze(*call, typed);
    };
  });
}

struct Protein {
  Common common;
  std::string file;
  immunoblot::ProteinOptions options;
};

void print_samples(const immunoblot::ProteinResult& result) {
  for (const auto& c : result.curves) {
    if (c.chosen)
      std::printf("Standard curve: %s\n\n", std::string(immunoblot::name(c.curve)).c_str());
  }
  std::printf("%-20s %8s  %-36s %s\n", "sample", "dilution", "protein ug/ml (95 %)", "lysate ul");
  for (const auto& s : result.samples) {
    std::printf("%-20s %8s  %-36s %s\n",
                s.sample.c_str(),
                rounded(s.dilution).c_str(),
                shown(s.concentration_ug_per_ml).c_str(),
                std::isnan(s.lysate_ul.value) ? "-" : shown(s.lysate_ul).c_str());
  }
}

int protein(const Protein& call, const std::string& typed) {
  auto bytes = read_file(call.file, std::size_t{256} << 20U);
  Problems problems = std::move(bytes.problems);
  immunoblot::ProteinResult result;
  if (!has_errors(problems)) {
    auto plate = immunoblot::read_protein(bytes.value, call.file);
    append(problems, std::move(plate.problems));
    if (!has_errors(problems)) {
      auto estimated = immunoblot::estimate_protein(plate.value, call.options);
      append(problems, std::move(estimated.problems));
      result = std::move(estimated.value);
    }
  }
  show(problems, call.common);
  if (has_errors(problems) && !call.common.json) return data_problems;
  const Provenance provenance = provenance_of(
      typed, has_errors(problems) ? std::vector<std::string>{} : std::vector{call.file});
  if (call.common.json) {
    std::fputs(report::protein_json(result, provenance, problems).c_str(), stdout);
  }
  if (has_errors(problems)) return data_problems;
  if (!call.common.output.empty()) {
    write_all(call.common.output, report::protein_files(result, provenance, problems));
  }
  if (!call.common.json) print_samples(result);
  return done;
}

void add_protein(CLI::App& group, Action& action, const std::string& typed) {
  auto* app =
      group.add_subcommand("protein", "A BCA or Bradford plate to concentrations and loads");
  auto call = std::make_shared<Protein>();
  app->add_option("FILE", call->file, "Table of standards, samples and blanks")->required();
  auto& o = call->options;
  app->add_option("--curve", o.curve, "Standard curve; without it the smallest AICc decides")
      ->check(CLI::IsMember({"linear", "quadratic", "4pl", "5pl"}));
  app->add_option("--load-ug", o.load_ug, "Protein for each lane: gives the loading table")
      ->check(CLI::Range(1e-3, 1e4));
  app->add_option("--volume-ul", o.volume_ul, "Volume of a loaded lane")
      ->check(CLI::Range(0.1, 1e4));
  app->add_option("--buffer-fold", o.buffer_fold, "Concentration of the sample buffer (4: 4x)")
      ->check(CLI::Range(1.0, 20.0));
  app->add_option("--level", o.level, "Level of all intervals")->check(CLI::Range(0.5, 0.999));
  add_output(*app, call->common, false);
  add_json(*app, call->common);
  app->footer(
      "Columns: role (standard, sample, blank), sample, concentration_ug_per_ml, dilution,\n"
      "absorbance.\n\n"
      "Example:\n"
      "  kinescape immunoblot protein bca.csv --load-ug 20");
  app->callback([=, &action] { action = [=] { return protein(*call, typed); }; });
}

int simulate(const std::string& path, const Common& common) {
  auto bytes = read_file(path, std::size_t{16} << 20U);
  Problems problems = std::move(bytes.problems);
  immunoblot::VirtualBlot blot;
  if (!has_errors(problems)) {
    auto read = immunoblot::read_design(bytes.value, path);
    append(problems, std::move(read.problems));
    blot = std::move(read.value);
  }
  if (common.seed) blot.seed = Seed{*common.seed};
  if (!has_errors(problems) && !blot.seed) {
    problems.push_back({{path, 0, 0, "", ""},
                        "no seed is given",
                        "Add seed = 1 to the design, or --seed 1: the same seed, the same blot."});
  }
  show(problems, common);
  if (has_errors(problems)) return data_problems;
  const auto made = immunoblot::simulate(blot.design, blot.truth, blot.noise, *blot.seed);
  write_all(common.output,
            {{"blot.tif", immunoblot::write_tiff(made.image)},
             {"truth.csv", immunoblot::truth_csv(made)}});
  std::printf("Seed %llu: %d x %d pixels, %zu bands: %s\n",
              static_cast<unsigned long long>(blot.seed->value),
              made.image.width,
              made.image.height,
              made.bands.size(),
              (std::filesystem::path(common.output) / "blot.tif").c_str());
  return done;
}

void add_simulate(CLI::App& group, Action& action) {
  auto* app =
      group.add_subcommand("simulate", "Amounts of protein to the picture an imager would write");
  auto common = std::make_shared<Common>();
  auto path = std::make_shared<std::string>();
  app->add_option("DESIGN", *path, "design.toml: strips with their amounts, noise and seed")
      ->required();
  add_output(*app, *common, true);
  add_seed(*app, *common);
  app->footer("Example:\n  kinescape immunoblot simulate design.toml -o blot --seed 7");
  app->callback([=, &action] { action = [=] { return simulate(*path, *common); }; });
}

void add_plan(CLI::App& group, Action& action) {
  auto* app = group.add_subcommand("plan", "Samples and membranes that tell a fold from none");
  auto options = std::make_shared<immunoblot::PlanOptions>();
  immunoblot::PlanOptions& o = *options;
  app->add_option("--fold", o.fold, "To be told from 1")->check(CLI::Range(0.001, 1000.0));
  app->add_option("--power", o.power, "Wanted")->check(CLI::Range(0.1, 0.999));
  app->add_option("--level", o.level, "Level of the interval")->check(CLI::Range(0.5, 0.999));
  app->add_option("--sample-sd", o.sample_sd, "Between samples, SD of natural-log ratios")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 5.0));
  app->add_option("--blot-sd", o.blot_sd, "Between blots of one sample (between_lanes_sd)")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 5.0));
  app->add_option("--most-samples", o.most_samples, "Of each treatment")->check(CLI::Range(2, 200));
  app->add_option("--most-membranes", o.most_membranes, "That show all samples")
      ->check(CLI::Range(1, 50));
  app->footer(
      "A second membrane halves the blots' share of the variance, never the samples'.\n\n"
      "Example:\n"
      "  kinescape immunoblot plan --fold 2 --sample-sd 0.3");
  app->callback([options, &action] {
    action = [options] {
      const auto plan = immunoblot::plan(*options);
      std::printf("%10s %10s %8s\n", "membranes", "samples", "power");
      for (const auto& r : plan.rows)
        std::printf("%10d %10d %8s\n", r.membranes, r.samples, rounded(r.power, 3).c_str());
      std::printf("%sSpreads of log ratios: %s between samples, %s between blots of a sample.\n",
                  plan.says.c_str(),
                  rounded(options->sample_sd).c_str(),
                  rounded(options->blot_sd).c_str());
      return done;
    };
  });
}

}  // namespace immunoblot_verbs

void add_immunoblot(CLI::App& app, Action& action, const std::string& typed) {
  auto* group = app.add_subcommand("immunoblot", "Western blots and the protein assay before them");
  group->require_subcommand(1);
  immunoblot_verbs::add_analyze(*group, action, typed);
  immunoblot_verbs::add_protein(*group, action, typed);
  immunoblot_verbs::add_simulate(*group, action);
  immunoblot_verbs::add_plan(*group, action);
}

}  // namespace kinescape::cli
