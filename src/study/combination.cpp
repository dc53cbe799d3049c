// SPDX-License-Identifier: Apache-2.0
// How dose matrices of drugs given together join a study.
#include <fmt/format.h>

#include "study/room_internal.hpp"

namespace kinescape::study {
namespace {

CombinationInput read_combination_block(TomlReader& block, const std::filesystem::path& folder) {
  CombinationInput out;
  out.files = read_files(block, folder);
  out.read.layout = read_one_file(block, "layout", "plate map (TOML, CSV or XLSX)", folder);
  out.read.decimal = read_decimal(block);
  out.read.channel = block.text("channel");
  out.read.response = block.text("response");
  if (!out.read.response.empty() && out.read.response != "viability" &&
      out.read.response != "inhibition") {
    block.problem("response",
                  fmt::format("response = \"{}\" is not known", printable(out.read.response)),
                  "Allowed: \"viability\", \"inhibition\".");
  }
  out.read.scale = block.text("scale");
  if (!out.read.scale.empty() && out.read.scale != "percent" && out.read.scale != "fraction") {
    block.problem("scale",
                  fmt::format("scale = \"{}\" is not known", printable(out.read.scale)),
                  "Allowed: \"percent\", \"fraction\".");
  }
  out.read.dose_unit = block.text("dose_unit");
  out.read.dose_unit_b = block.text("dose_unit_b");
  out.read.drug_a = block.text("drug_a");
  out.read.drug_b = block.text("drug_b");
  out.read.line = block.text("line");
  out.read.repeat = block.text("repeat");
  out.cap_a_nM = block.number("cap_a_nM", unknown, 0.0, 1e9);
  out.cap_b_nM = block.number("cap_b_nM", unknown, 0.0, 1e9);
  block.finish();
  return out;
}

combination::Options combination_options(const Study& study, const RunOptions& run) {
  combination::Options out;
  out.level = study.level;
  for (const CellLine& line : study.lines) {
    if (!line.parental.empty()) out.pairs.push_back({line.name, line.parental});
  }
  out.threads = run.threads;
  out.progress = run.progress;
  return out;
}

}  // namespace

void read_combination(TomlReader& top, Study& study) {
  for (TomlReader& block : top.tables("combination")) {
    study.combination.push_back(read_combination_block(block, study.folder));
  }
}

void load_combination(const Study& study, Loaded& loaded, Problems& problems) {
  const Names lines = line_names(study), drugs = drug_names(study);
  std::set<std::string> reported_lines, reported_drugs;
  for (const CombinationInput& input : study.combination) {
    auto read = combination::read(input.files, input.read);
    append(problems, std::move(read.problems));
    const Where where{input.files.empty() ? study.path : input.files.front(), 0, 0, "", ""};
    for (combination::Block& block : read.value) {
      settle(block.line, lines, "line", where, reported_lines, problems);
      for (std::string& drug : block.drugs) {
        settle(drug, drugs, "drug", where, reported_drugs, problems);
      }
      block.cap_nM[0] = input.cap_a_nM;
      block.cap_nM[1] = input.cap_b_nM;
      loaded.combination.push_back(std::move(block));
    }
  }
}

void check_combination(const Study&, const Loaded& loaded, Problems& problems) {
  append(problems, combination::check(loaded.combination));
}

void run_combination(const Study& study,
                     Loaded& loaded,
                     const RunOptions& options,
                     Results& results,
                     Problems& problems) {
  if (loaded.combination.empty()) return;
  auto estimated = combination::estimate(loaded.combination, combination_options(study, options));
  append(problems, std::move(estimated.problems));
  results.combination = std::move(estimated.value);
}

std::vector<std::string> files_of_combination(const Study& study) {
  std::vector<std::string> files;
  for (const CombinationInput& input : study.combination) {
    files.insert(files.end(), input.files.begin(), input.files.end());
    if (!input.read.layout.empty()) files.push_back(input.read.layout);
  }
  return files;
}

}  // namespace kinescape::study
