// SPDX-License-Identifier: Apache-2.0
// How drug-viability plates join a study.
#include <fmt/format.h>

#include <algorithm>

#include "study/room_internal.hpp"

namespace kinescape::study {
namespace {

ViabilityInput read_viability_block(TomlReader& block, const std::filesystem::path& folder) {
  ViabilityInput out;
  out.files = read_files(block, folder);
  out.read.layout = read_one_file(block, "layout", "plate map (TOML, CSV or XLSX)", folder);
  out.read.decimal = read_decimal(block);
  out.read.channel = block.text("channel");
  out.read.reference_channel = block.text("reference_channel");
  out.read.dose_unit = block.text("dose_unit");
  out.read.repeat = block.text("repeat");
  out.read.line = block.text("line");
  out.time_h = block.number("time_h", unknown, 0.0, 10000.0);
  block.finish();
  return out;
}

void settle_names(const Study& study, plate::PlateSet& plates, Problems& problems) {
  const Names lines = line_names(study), drugs = drug_names(study);
  std::set<std::string> reported_lines, reported_drugs;
  for (plate::Well& well : plates.wells) {
    const Where where{well.origin.file, 0, 0, well.origin.cell, ""};
    settle(well.line, lines, "line", where, reported_lines, problems);
    settle(well.drug, drugs, "drug", where, reported_drugs, problems);
    settle(well.drug_b, drugs, "drug", where, reported_drugs, problems);
  }
}

/// The plates of all blocks as one set. Plates of two blocks may bear one name: then the block's
/// number is added, so that their controls are never mixed.
void join(plate::PlateSet& all, plate::PlateSet more, std::size_t block, Problems& problems) {
  if (!all.wells.empty() && all.scale != more.scale) {
    problems.push_back({{more.plates.empty() ? "" : more.plates.front().file, 0, 0, "", ""},
                        "raw signals and normalised values are mixed in one study",
                        "Give raw plates only, or normalised tables only."});
    return;
  }
  std::set<std::string> taken;
  for (const auto& info : all.plates) taken.insert(info.name);
  std::map<std::string, std::string> renamed;
  for (auto& info : more.plates) {
    if (!taken.contains(info.name)) continue;
    const std::string name = fmt::format("{} ({})", info.name, block);
    renamed[info.name] = name;
    info.name = name;
  }
  for (auto& well : more.wells) {
    if (const auto at = renamed.find(well.plate); at != renamed.end()) well.plate = at->second;
  }
  all.scale = more.scale;
  all.plates.insert(all.plates.end(), more.plates.begin(), more.plates.end());
  all.wells.insert(all.wells.end(), more.wells.begin(), more.wells.end());
}

viability::Options viability_options(const Study& study, const RunOptions& options) {
  viability::Options out;
  out.level = study.level;
  for (const CellLine& line : study.lines) {
    out.lines.push_back({line.name, line.doubling_time_h});
    if (!line.parental.empty()) out.pairs.push_back({line.name, line.parental});
  }
  out.more_ic_percent = study.more_ic_percent;
  out.auc_low_nM = study.auc_low_nM;
  out.auc_high_nM = study.auc_high_nM;
  out.criterion = study.criterion;
  out.threads = options.threads;
  out.progress = options.progress;
  return out;
}

}  // namespace

void read_viability(TomlReader& top, Study& study) {
  for (TomlReader& block : top.tables("viability")) {
    study.viability.push_back(read_viability_block(block, study.folder));
  }
}

void load_viability(const Study& study, Loaded& loaded, Problems& problems) {
  plate::PlateSet& all = loaded.viability;
  std::size_t block = 0;
  for (const ViabilityInput& input : study.viability) {
    ++block;
    auto read = plate::read_plates(input.files, input.read);
    append(problems, std::move(read.problems));
    for (plate::Well& well : read.value.wells) {
      if (well.time_h != well.time_h) well.time_h = input.time_h;
    }
    join(all, std::move(read.value), block, problems);
  }
  settle_names(study, all, problems);
}

void check_viability(const Study& study, const Loaded& loaded, Problems& problems) {
  if (loaded.viability.wells.empty()) return;
  append(problems, viability::check(loaded.viability, viability_options(study, {})));
}

void run_viability(const Study& study,
                   Loaded& loaded,
                   const RunOptions& options,
                   Results& results,
                   Problems& problems) {
  if (loaded.viability.wells.empty()) return;
  auto estimated = viability::estimate(loaded.viability, viability_options(study, options));
  append(problems, std::move(estimated.problems));
  results.viability = std::move(estimated.value);
}

std::vector<std::string> files_of_viability(const Study& study) {
  std::vector<std::string> files;
  for (const ViabilityInput& input : study.viability) {
    files.insert(files.end(), input.files.begin(), input.files.end());
    if (!input.read.layout.empty()) files.push_back(input.read.layout);
  }
  return files;
}

}  // namespace kinescape::study
