// SPDX-License-Identifier: Apache-2.0
// How blots join a study.
#include <fmt/format.h>

#include "study/room_internal.hpp"

namespace kinescape::study {
namespace {

ImmunoblotInput read_immunoblot_block(TomlReader& block, const Study& study) {
  ImmunoblotInput out;
  out.files.images = read_files(block, study.folder);
  out.files.layout = read_one_file(block, "layout", "file of boxes (TOML)", study.folder);
  out.files.sheet = read_one_file(block, "lanes", "lane sheet (CSV or XLSX)", study.folder);
  out.files.page = block.integer("page", 1, 1, 100000);
  out.files.loading =
      read_one_file(block, "loading", "loading table of the protein assay (CSV)", study.folder);
  out.options.find.polarity = block.text("bands", "auto");
  const std::string& polarity = out.options.find.polarity;
  if (polarity != "auto" && polarity != "bright" && polarity != "dark") {
    block.problem("bands",
                  fmt::format("bands = \"{}\" is not known", printable(polarity)),
                  "Allowed: \"auto\", \"bright\", \"dark\".");
  }
  out.options.ratios.ratios = block.texts("ratios");
  out.options.ratios.suppressed_below =
      block.number("suppressed_below", out.options.ratios.suppressed_below, 0.01, 0.99);
  out.options.ratios.downstream = block.texts("downstream");
  out.options.ratios.maintained_above =
      block.number("maintained_above", out.options.ratios.maintained_above, 0.01, 1.0);
  out.options.ratios.parallel = block.boolean("parallel", false);
  if (!out.files.layout.empty() && out.files.images.size() > 1) {
    block.problem("layout",
                  "a layout belongs to one image, and the block names several",
                  "Name one image, or leave the layout out.");
  }
  block.finish();
  return out;
}

}  // namespace

void read_immunoblot(TomlReader& top, Study& study) {
  for (TomlReader& block : top.tables("immunoblot")) {
    study.immunoblot.push_back(read_immunoblot_block(block, study));
  }
  if (study.immunoblot.size() > 1)
    top.problem("immunoblot",
                "there are several [[immunoblot]] blocks",
                "Name all images of the study in one block; its lane sheet tells them apart.");
}

void load_immunoblot(const Study& study, Loaded& loaded, Problems& problems) {
  const Names lines = line_names(study), drugs = drug_names(study);
  std::set<std::string> reported_lines, reported_drugs;
  for (const ImmunoblotInput& input : study.immunoblot) {
    auto read = immunoblot::read_blots(input.files);
    append(problems, std::move(read.problems));
    for (immunoblot::LaneEntry& lane : read.value.sheet.entries) {
      settle(lane.line, lines, "line", lane.where, reported_lines, problems);
      settle(lane.drug, drugs, "drug", lane.where, reported_drugs, problems);
    }
    loaded.immunoblot = std::move(read.value);
  }
}

void run_immunoblot(const Study& study,
                    Loaded& loaded,
                    const RunOptions& run,
                    Results& results,
                    Problems& problems) {
  if (!loaded.immunoblot || loaded.immunoblot->images.empty()) return;
  immunoblot::BlotOptions options = study.immunoblot.front().options;
  options.measure.level = options.ratios.level = study.level;
  options.measure.threads = run.threads;
  for (const CellLine& line : study.lines) {
    if (!line.parental.empty()) options.ratios.pairs.push_back({line.name, line.parental});
  }
  auto estimated = immunoblot::estimate_blots(*loaded.immunoblot, options);
  append(problems, std::move(estimated.problems));
  results.immunoblot = std::move(estimated.value);
}

std::vector<std::string> files_of_immunoblot(const Study& study) {
  std::vector<std::string> files;
  for (const ImmunoblotInput& input : study.immunoblot) {
    files.insert(files.end(), input.files.images.begin(), input.files.images.end());
    if (!input.files.layout.empty()) files.push_back(input.files.layout);
    if (!input.files.sheet.empty()) files.push_back(input.files.sheet);
    if (!input.files.loading.empty()) files.push_back(input.files.loading);
  }
  return files;
}

}  // namespace kinescape::study
