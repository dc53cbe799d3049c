// SPDX-License-Identifier: Apache-2.0
// How patients join a study.
#include <fmt/format.h>

#include "base/files.hpp"
#include "study/room_internal.hpp"

namespace kinescape::study {

namespace {

/// The choice that `key` names; none: the first.
template <class T>
T one_of(TomlReader& block,
         std::string_view key,
         const std::vector<std::pair<std::string, T>>& choices) {
  const std::string text = block.text(key, choices.front().first);
  std::string allowed;
  for (const auto& [name, choice] : choices) {
    if (text == name) return choice;
    allowed += (allowed.empty() ? "" : ", ") + name;
  }
  block.problem(key,
                fmt::format("no {} is called \"{}\"", key, printable(text)),
                fmt::format("Allowed: {}.", allowed));
  return choices.front().second;
}

}  // namespace

void read_clinical(TomlReader& top, Study& study) {
  for (TomlReader& block : top.tables("clinical")) {
    ClinicalInput in;
    in.files = read_files(block, study.folder);
    in.read.decimal = read_decimal(block);
    in.read.reference = block.text("reference");
    in.read.time_unit = block.text("time_unit");
    in.read.event_codes = block.texts("event_codes");
    in.read.censored_codes = block.texts("censored_codes");
    in.read.competing_codes = block.texts("competing_codes");
    in.read.covariates = block.texts("covariates");
    in.read.strata = block.texts("strata");
    in.options.landmarks = block.numbers("landmarks", 0.0, 100000.0);
    in.options.horizon = block.number("horizon", unknown, 1e-6, 100000.0);
    in.read.arm_column = block.text("arm_column");
    in.rules.confirmation = block.boolean("confirmation", false);
    in.rules.confirm_after_days =
        block.number("confirm_after_days", in.rules.confirm_after_days, 0.0, 3650.0);
    in.rules.stable_at_least_days =
        block.number("stable_days", in.rules.stable_at_least_days, 0.0, 3650.0);
    in.options.firth = block.boolean("firth", false);
    using enum clinical::BandScale;
    using enum clinical::TiedTimes;
    in.options.band = one_of<clinical::BandScale>(
        block, "band", {{"log-log", log_log}, {"plain", plain}, {"log", log}});
    in.options.ties = one_of<clinical::TiedTimes>(
        block, "ties", {{"efron", efron}, {"breslow", breslow}, {"exact", exact}});
    in.options.level = study.level;
    block.finish();
    study.clinical.push_back(std::move(in));
  }
  if (study.clinical.size() > 1)
    top.problem("clinical",
                "there are several [[clinical]] blocks",
                "Name all tables of the trial in one block.");
}

void load_clinical(const Study& study, Problems& problems) {
  for (const ClinicalInput& in : study.clinical) {
    std::vector<std::string> follow_up;
    for (const std::string& path : in.files) {
      auto bytes = read_file(path);
      append(problems, bytes.problems);
      if (!bytes.ok()) continue;
      if (clinical::has_lesion_columns(bytes.value, path))
        append(problems, clinical::read_lesions(bytes.value, path).problems);
      else
        follow_up.push_back(path);
    }
    if (!follow_up.empty()) append(problems, clinical::read_files(follow_up, in.read).problems);
  }
}

void run_clinical(const Study& study, Results& results, Problems& problems) {
  for (const ClinicalInput& in : study.clinical) {
    clinical::Options options = in.options;
    options.level = study.level;
    auto estimated = clinical::estimate_files(in.files, in.read, in.rules, options);
    append(problems, estimated.value.problems);
    results.clinical = std::move(estimated.value);
  }
}

std::vector<std::string> files_of_clinical(const Study& study) {
  std::vector<std::string> files;
  for (const ClinicalInput& in : study.clinical)
    files.insert(files.end(), in.files.begin(), in.files.end());
  return files;
}

}  // namespace kinescape::study
