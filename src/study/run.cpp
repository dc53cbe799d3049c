// SPDX-License-Identifier: Apache-2.0
// From Study to Results: reads what the study names, checks that data and study speak of the same
// lines and drugs, and runs every assay.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>

#include "base/files.hpp"
#include "base/text.hpp"
#include "study/study.hpp"

namespace kinescape::study {
namespace {

/// Spelling in the data -> name in the study; exact first, then without regard to case.
class Names {
 public:
  void add(const std::string& name, const std::vector<std::string>& aliases) {
    known_.push_back(name);
    names_[lower(name)] = name;
    for (const std::string& alias : aliases) names_[lower(alias)] = name;
  }
  [[nodiscard]] const std::string* find(const std::string& spelling) const {
    const auto at = names_.find(lower(spelling));
    return at == names_.end() ? nullptr : &at->second;
  }
  [[nodiscard]] bool empty() const { return known_.empty(); }
  [[nodiscard]] const std::vector<std::string>& known() const { return known_; }

 private:
  std::map<std::string, std::string> names_;
  std::vector<std::string> known_;
};

/// Gives `spelling` its name in the study, or reports it once.
void settle(std::string& spelling,
            const Names& names,
            std::string_view kind,
            const Origin& origin,
            std::set<std::string>& reported,
            Problems& problems) {
  if (spelling.empty() || names.empty()) return;
  if (const std::string* name = names.find(spelling)) {
    spelling = *name;
    return;
  }
  if (!reported.insert(spelling).second) return;
  const auto guess = nearest(spelling, names.known());
  problems.push_back(
      {{origin.file, 0, 0, origin.cell, ""},
       fmt::format("the {} \"{}\" is not in the study file", kind, printable(spelling)),
       guess ? fmt::format("Did you mean \"{}\"? Or add aliases = [\"{}\"] to its [[{}]] block.",
                           *guess,
                           printable(spelling),
                           kind)
             : fmt::format("Add a [[{}]] block for it.", kind)});
}

void settle_names(const Study& study, plate::PlateSet& plates, Problems& problems) {
  Names lines, drugs;
  for (const CellLine& line : study.lines) lines.add(line.name, line.aliases);
  for (const Drug& drug : study.drugs) drugs.add(drug.name, drug.aliases);
  std::set<std::string> reported_lines, reported_drugs;
  for (plate::Well& well : plates.wells) {
    settle(well.line, lines, "line", well.origin, reported_lines, problems);
    settle(well.drug, drugs, "drug", well.origin, reported_drugs, problems);
    settle(well.drug_b, drugs, "drug", well.origin, reported_drugs, problems);
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

void add_input(const std::string& path, Results& results, Problems& problems) {
  const auto seen = [&](const InputFile& f) { return f.path == path; };
  if (std::ranges::any_of(results.provenance.inputs, seen)) return;
  auto sha = sha256_file(path);
  if (sha.ok()) {
    std::error_code unknown_size;
    results.provenance.inputs.push_back(
        {path, sha.value, std::filesystem::file_size(path, unknown_size)});
  }
  append(problems, std::move(sha.problems));
}

/// The study file and all that it names, with their hashes.
void add_inputs(const Study& study, Results& results, Problems& problems) {
  add_input(study.path, results, problems);
  for (const ViabilityInput& input : study.viability) {
    for (const std::string& file : input.files) add_input(file, results, problems);
    if (!input.read.layout.empty()) add_input(input.read.layout, results, problems);
  }
}

/// Reads all viability blocks into one set of plates.
plate::PlateSet read_viability(const Study& study, Problems& problems) {
  plate::PlateSet all;
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
  return all;
}

}  // namespace

Checked<Results> run(const Study& study, const RunOptions& options) {
  Checked<Results> out;
  Results& results = out.value;
  results.study = study;
  results.provenance.version = version();
  results.provenance.command = "kinescape study run " + study.path;
  plate::PlateSet plates = read_viability(study, out.problems);
  settle_names(study, plates, out.problems);
  if (!out.ok()) return out;
  add_inputs(study, results, out.problems);
  if (!plates.wells.empty()) {
    auto estimated = viability::estimate(plates, viability_options(study, options));
    append(out.problems, std::move(estimated.problems));
    results.viability = std::move(estimated.value);
  }
  for (const Problem& p : out.problems) {
    if (p.severity == Severity::warning) results.problems.push_back(p);
  }
  return out;
}

Problems check(const Study& study) {
  Problems problems;
  plate::PlateSet plates = read_viability(study, problems);
  settle_names(study, plates, problems);
  if (!has_errors(problems) && !plates.wells.empty()) {
    append(problems, viability::check(plates, viability_options(study, {})));
  }
  return problems;
}

}  // namespace kinescape::study
