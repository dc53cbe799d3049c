// SPDX-License-Identifier: Apache-2.0
// From Study to Results: loads what the study names, room by room, and runs every assay.
#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/files.hpp"
#include "study/room_internal.hpp"

namespace kinescape::study {
namespace {

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
  for (const auto files_of : {files_of_viability,
                              files_of_combination,
                              files_of_immunoblot,
                              files_of_xenograft,
                              files_of_clinical,
                              files_of_clinical_pool,
                              files_of_evidence}) {
    for (const std::string& file : files_of(study)) add_input(file, results, problems);
  }
}

/// Reads the files of every room, so that all problems are found at once.
Loaded load(const Study& study, const RunOptions& options, Problems& problems) {
  Loaded loaded;
  load_viability(study, loaded, problems);
  load_combination(study, loaded, problems);
  load_immunoblot(study, loaded, problems);
  load_xenograft(study, loaded, problems);
  load_clinical(study, problems);
  load_clinical_pool(study, loaded, problems);
  load_evidence(study, options, loaded, problems);
  return loaded;
}

}  // namespace

Checked<Results> run(const Study& study, const RunOptions& options) {
  Checked<Results> out;
  Results& results = out.value;
  results.study = study;
  results.provenance.version = version();
  results.provenance.command = "kinescape study run " + study.path;
  Loaded loaded = load(study, options, out.problems);
  if (!out.ok()) return out;
  add_inputs(study, results, out.problems);
  run_viability(study, loaded, options, results, out.problems);
  run_combination(study, loaded, options, results, out.problems);
  run_immunoblot(study, loaded, options, results, out.problems);
  run_xenograft(study, loaded, results, out.problems);
  run_clinical(study, results, out.problems);
  run_clinical_pool(study, loaded, results);
  run_evidence(study, loaded, options, results, out.problems);
  for (const Problem& p : out.problems) {
    if (p.severity == Severity::warning) results.problems.push_back(p);
  }
  return out;
}

Problems check(const Study& study, const RunOptions& options) {
  Problems problems;
  const Loaded loaded = load(study, options, problems);
  if (has_errors(problems)) return problems;
  check_viability(study, loaded, problems);
  check_combination(study, loaded, problems);
  return problems;
}

}  // namespace kinescape::study
