// SPDX-License-Identifier: Apache-2.0
// From study.toml to Study: every key checked, every named file looked for, all problems at once.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <limits>

#include "base/files.hpp"
#include "base/text.hpp"
#include "study/room_internal.hpp"

namespace kinescape::study {
namespace {

namespace fs = std::filesystem;
constexpr double infinite = std::numeric_limits<double>::infinity();

void read_lines(TomlReader& top, Study& study) {
  for (TomlReader& block : top.tables("line")) {
    CellLine line;
    line.name = block.required_text("name");
    line.aliases = block.texts("aliases");
    line.parental = block.text("parental");
    line.doubling_time_h = block.number("doubling_time_h", unknown, 1.0, 10000.0);
    line.genotype = block.text("genotype");
    line.genotype_at = block.where("genotype");
    line.genotype_file =
        read_one_file(block, "genotype_file", "VCF, BCF or MAF of the line", study.folder);
    line.genotype_sample = block.text("sample");
    line.description = block.text("description");
    block.finish();
    const auto same = [&](const CellLine& other) { return other.name == line.name; };
    if (std::ranges::any_of(study.lines, same)) {
      block.problem("name",
                    fmt::format("the line \"{}\" is described twice", line.name),
                    "Keep one of the two [[line]] blocks.");
    }
    study.lines.push_back(std::move(line));
  }
}

void read_drugs(TomlReader& top, Study& study) {
  for (TomlReader& block : top.tables("drug")) {
    Drug drug;
    drug.name = block.required_text("name");
    drug.aliases = block.texts("aliases");
    drug.targets = block.text("targets");
    drug.description = block.text("description");
    block.finish();
    study.drugs.push_back(std::move(drug));
  }
}

void read_analysis(TomlReader block, Study& study) {
  study.level = block.number("level", study.level, 0.5, 0.999);
  study.more_ic_percent = block.numbers("ic_percent", 1.0, 99.0);
  const double low = block.number("auc_low_nM", unknown, 0.0, infinite);
  const double high = block.number("auc_high_nM", unknown, 0.0, infinite);
  if (low == low) study.auc_low_nM = low;
  if (high == high) study.auc_high_nM = high;
  block.finish();
}

void read_criterion(TomlReader block, viability::ResistanceCriterion& criterion) {
  criterion.fold = block.number("fold", criterion.fold, 1.0, 1e6);
  criterion.whole_interval = block.boolean("whole_interval", criterion.whole_interval);
  criterion.restored_within =
      block.number("restored_within", criterion.restored_within, 1.0, 100.0);
  block.finish();
}

/// Every `parental` must name another line of the study, and no line may descend from itself.
void check_descent(const TomlReader& top, const Study& study, Problems& problems) {
  std::vector<std::string> names;
  for (const CellLine& line : study.lines) names.push_back(line.name);
  for (const CellLine& line : study.lines) {
    if (line.parental.empty() ||
        (line.parental != line.name && std::ranges::count(names, line.parental) > 0)) {
      continue;
    }
    const auto guess = nearest(line.parental, names);
    problems.push_back(
        {top.where("line"),
         fmt::format("the parental line \"{}\" of \"{}\" is not another line of this study",
                     printable(line.parental),
                     printable(line.name)),
         guess && *guess != line.name ? fmt::format("Did you mean \"{}\"?", *guess)
                                      : "Add a [[line]] block for it."});
  }
}

}  // namespace

Checked<Study> read_study(const std::string& path) {
  Checked<Study> out;
  auto bytes = read_file(path, std::size_t{16} << 20U);
  append(out.problems, std::move(bytes.problems));
  if (!out.ok()) return out;
  auto parsed = parse_toml(bytes.value, path);
  append(out.problems, std::move(parsed.problems));
  if (!out.ok()) return out;

  Study& study = out.value;
  study.path = path;
  study.folder = fs::path(path).parent_path().string();
  TomlReader top(parsed.value, path, "", out.problems);
  TomlReader about = top.table("study");
  study.title = about.required_text("title");
  study.question = about.text("question");
  study.authors = about.texts("authors");
  study.virtual_data = about.boolean("virtual_data", false);
  about.finish();
  read_lines(top, study);
  read_drugs(top, study);
  read_viability(top, study);
  read_combination(top, study);
  read_immunoblot(top, study);
  read_xenograft(top, study);
  read_clinical(top, study);
  read_clinical_pool(top, study);
  read_evidence(top, study);
  read_analysis(top.table("analysis"), study);
  read_criterion(top.table("resistance"), study.criterion);
  top.finish();
  check_descent(top, study, out.problems);
  constexpr std::array rooms{"viability",
                             "combination",
                             "immunoblot",
                             "xenograft",
                             "clinical",
                             "clinical_pool",
                             "evidence"};
  if (std::ranges::none_of(rooms, [&](const char* room) { return top.has(room); })) {
    out.problems.push_back(
        {top.where(),
         "the study names no data",
         "Add a block with files = [\"...\"]: [[viability]], [[combination]], [[immunoblot]], "
         "[[xenograft]], [[clinical]] or [[clinical_pool]]; or an [evidence] block."});
  }
  return out;
}

}  // namespace kinescape::study
