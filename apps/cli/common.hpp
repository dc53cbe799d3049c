// SPDX-License-Identifier: Apache-2.0
/// \file What every command shares: common flags, exit codes, how problems and progress are shown.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/estimated.hpp"
#include "base/files.hpp"
#include "base/parallel.hpp"
#include "base/problem.hpp"
#include "base/progress.hpp"
#include "base/provenance.hpp"
#include "base/stream.hpp"
#include "report/report.hpp"

namespace kinescape::cli {

/// Exit codes that scripts rely on.
inline constexpr int done = 0, data_problems = 1, wrong_usage = 2, internal_fault = 3;

/// The command that was chosen; returns an exit code.
using Action = std::function<int()>;

struct Common {
  std::string output;  ///< -o
  bool json = false;
  bool quiet = false;
  unsigned threads = 0;
  std::optional<std::uint64_t> seed;
};

void add_output(CLI::App& app, Common& common, bool required);
void add_json(CLI::App& app, Common& common);
void add_seed(CLI::App& app, Common& common);
void add_threads(CLI::App& app, Common& common);

/// Problems to stderr, unless `quiet` and none is an error.
void show(const Problems& problems, const Common& common);

/// A design.toml by its room's reader, with the seed of the command line before that of the file;
/// without either a problem. `things`: what the same seed gives again.
template <class Virtual>
Checked<Virtual> read_seeded(const std::string& path,
                             const Common& common,
                             Checked<Virtual> (*read)(std::string_view, const std::string&),
                             const char* things) {
  Checked<Virtual> out;
  auto bytes = read_file(path, std::size_t{16} << 20U);
  out.problems = std::move(bytes.problems);
  if (has_errors(out.problems)) return out;
  out = read(bytes.value, path);
  if (common.seed) out.value.seed = Seed{*common.seed};
  if (out.ok() && !out.value.seed)
    out.problems.push_back({{path, 0, 0, "", ""},
                            "no seed is given",
                            std::string("Add seed = 1 to the design, or --seed 1: the same seed, "
                                        "the same ") +
                                things + ".",
                            Severity::error});
  return out;
}

/// "value (low to high)", each times `scale`, an open end as "open"; a bound as "> value"; without
/// a value the status.
[[nodiscard]] std::string shown(const Estimated& e, int digits = 3, double scale = 1.0);

/// A progress bar on stderr when that is a terminal; otherwise an empty sink.
[[nodiscard]] ProgressSink progress_to_terminal(const Common& common);

/// Writes all files below the output folder, or none.
void write_all(const std::string& folder, const std::vector<report::OutputFile>& files);

/// Adds the SVG of every figure to `files`; without a way to make them, a warning.
void add_svg(std::vector<report::OutputFile>& files, const Common& common);

/// What made a result: this version, the command as typed, and the files it read, with their
/// hashes.
[[nodiscard]] Provenance provenance_of(const std::string& typed,
                                       const std::vector<std::string>& inputs);

/// What `analyze` does once a room has estimated: problems to stderr, JSON or tables to stdout, the
/// report into the output folder. With errors among `problems` only they are told.
template <class Estimate>
int tell(const Common& common,
         const std::string& typed,
         const std::vector<std::string>& inputs,
         const Problems& problems,
         const Estimate& estimate,
         std::string (*json)(const Estimate&, const Provenance&, const Problems&),
         std::vector<report::OutputFile> (*report)(const Estimate&,
                                                   const Provenance&,
                                                   const Problems&),
         void (*print)(const Estimate&)) {
  const bool failed = has_errors(problems);
  show(problems, common);
  if constexpr (requires { estimate.problems; })
    if (!failed) show(estimate.problems, common);
  if (failed && !common.json) return data_problems;
  const Provenance provenance = provenance_of(typed, inputs);
  if (common.json) std::fputs(json(estimate, provenance, problems).c_str(), stdout);
  if (failed) return data_problems;
  if (!common.output.empty()) {
    auto files = report(estimate, provenance, problems);
    add_svg(files, common);
    write_all(common.output, files);
  }
  if (common.json) return done;
  print(estimate);
  if (!common.output.empty())
    std::printf("\nReport: %s\n", (std::filesystem::path(common.output) / "report.html").c_str());
  return done;
}

/// The arguments as they could be typed again, without -o and what does not change the result.
[[nodiscard]] std::string typed_again(int argc, char** argv);

/// What a wrong command line is told: the word found, the nearest that exist, where the help is.
[[nodiscard]] std::string wrong_usage_text(const CLI::App& app,
                                           const std::string& fault,
                                           const std::vector<std::string>& words);

void add_study(CLI::App& app, Action& action);
void add_viability(CLI::App& app, Action& action, const std::string& typed);
void add_evidence(CLI::App& app, Action& action, const std::string& typed);
void add_xenograft(CLI::App& app, Action& action, const std::string& typed);
void add_xenograft_design(CLI::App& xenograft, Action& action, const std::string& typed);
void add_clinical(CLI::App& app, Action& action, const std::string& typed);
void add_clinical_design(CLI::App& clinical, Action& action, const std::string& typed);
void add_plan(CLI::App& viability, Action& action);
void add_combination(CLI::App& app, Action& action, const std::string& typed);
void add_shell(CLI::App& app, Action& action);  ///< completion and man, made from the tree itself

}  // namespace kinescape::cli
