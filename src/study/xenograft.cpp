// SPDX-License-Identifier: Apache-2.0
// How tumours in mice join a study.
#include <fmt/format.h>

#include "study/room_internal.hpp"

namespace kinescape::study {

namespace {

/// "BOTH = FIRST + SECOND" of arms.
void read_combinations(TomlReader& block, xenograft::Options& options) {
  for (const std::string& text : block.texts("combinations")) {
    if (const auto c = xenograft::parse_combination(text))
      options.combinations.push_back(*c);
    else
      block.problem("combinations",
                    fmt::format("\"{}\" is no combination of arms", printable(text)),
                    "Write \"both = first + second\", three names of arms.");
  }
}

}  // namespace

void read_xenograft(TomlReader& top, Study& study) {
  for (TomlReader& block : top.tables("xenograft")) {
    XenograftInput in;
    in.files = read_files(block, study.folder);
    in.read.decimal = read_decimal(block);
    in.read.reference = block.text("reference");
    in.read.palpable_limit_mm3 = block.number("palpable_mm3", unknown, 0.001, 10000.0);
    const std::string formula = block.text("formula", "half_length_width2");
    if (const auto known = xenograft::parse_volume_formula(formula))
      in.read.formula = *known;
    else
      block.problem("formula",
                    fmt::format("no volume formula is called \"{}\"", printable(formula)),
                    "Allowed: half_length_width2, ellipsoid_length_width2, "
                    "ellipsoid_length_width_height, half_length_width_height, "
                    "ellipsoid_mean_diameter.");
    in.options.start_day = block.number("start_day", unknown, -10000.0, 10000.0);
    in.options.mrecist.first_day = block.number("mrecist_first_day", 10.0, 0.0, 1000.0);
    in.options.multiple = block.number("multiple", 2.0, 1.01, 1000.0);
    in.options.common_effect = block.boolean("common_effect", false);
    in.options.serial_correlation = block.boolean("serial_correlation", false);
    in.options.knots = block.numbers("knots", -10000.0, 10000.0);
    read_combinations(block, in.options);
    in.options.level = study.level;
    block.finish();
    study.xenograft.push_back(std::move(in));
  }
  if (study.xenograft.size() > 1)
    top.problem("xenograft",
                "there are several [[xenograft]] blocks",
                "Name all tables of the study in mice in one block.");
}

void load_xenograft(const Study& study, Loaded& loaded, Problems& problems) {
  for (const XenograftInput& in : study.xenograft) {
    auto read = xenograft::read_files(in.files, in.read);
    append(problems, std::move(read.problems));
    loaded.xenograft = std::move(read.value);
  }
}

void run_xenograft(const Study& study, Loaded& loaded, Results& results, Problems& problems) {
  if (!loaded.xenograft || loaded.xenograft->animals.empty()) return;
  xenograft::Options options = study.xenograft.front().options;
  options.level = study.level;
  results.xenograft = xenograft::estimate(*loaded.xenograft, options);
  append(problems, results.xenograft->problems);
}

std::vector<std::string> files_of_xenograft(const Study& study) {
  std::vector<std::string> files;
  for (const XenograftInput& in : study.xenograft)
    files.insert(files.end(), in.files.begin(), in.files.end());
  return files;
}

}  // namespace kinescape::study
