// SPDX-License-Identifier: Apache-2.0
// kinescape study new | check | run
#include "study/study.hpp"

#include <cstdio>
#include <memory>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "common.hpp"
#include "evidence_common.hpp"
#include "study/starter.hpp"

namespace kinescape::cli {
namespace study_verbs {

namespace fs = std::filesystem;

int make_starter(const std::string& folder) {
  std::error_code ignored;
  if (fs::exists(fs::path(folder) / "study.toml", ignored)) {
    throw UsageError(folder + " holds a study.toml already; name a new folder.");
  }
  OutputFolder out(folder);
  for (const auto& [path, bytes] : study::starter()) out.write(path, bytes);
  out.commit();
  std::printf("Made %s with virtual data. Next:\n  kinescape study run %s -o %s\n",
              folder.c_str(),
              (fs::path(folder) / "study.toml").c_str(),
              (fs::path(folder) / "results").c_str());
  return done;
}

int check_study(const std::string& path, const Common& common) {
  auto read = study::read_study(path);
  study::RunOptions options;
  options.shipped_packs = shipped_packs();
  if (read.ok()) append(read.problems, study::check(read.value, options));
  show(read.problems, common);
  if (!read.ok()) return data_problems;
  std::printf("%s: no errors, %zu warning%s\n",
              path.c_str(),
              read.problems.size(),
              read.problems.size() == 1 ? "" : "s");
  return done;
}

int run_study(const std::string& path, const Common& common) {
  auto read = study::read_study(path);
  if (!read.ok()) {
    show(read.problems, common);
    return data_problems;
  }
  study::RunOptions options;
  options.shipped_packs = shipped_packs();
  options.threads = Threads{common.threads};
  options.progress = progress_to_terminal(common);
  auto results = study::run(read.value, options);
  append(read.problems, results.problems);
  show(read.problems, common);
  if (!results.ok()) return data_problems;
  auto files = report::study_files(results.value);
  if (common.json) {
    for (const auto& file : files) {
      if (file.path == "results.json") std::fputs(file.bytes.c_str(), stdout);
    }
  }
  if (common.output.empty()) {
    if (!common.json) throw UsageError("Name a folder for the results with -o, or ask for --json.");
    return done;
  }
  add_svg(files, common);
  write_all(common.output, files);
  if (!common.json) {
    std::printf("Report: %s\n", (fs::path(common.output) / "report.html").c_str());
  }
  return done;
}

}  // namespace study_verbs

void add_study(CLI::App& app, Action& action) {
  auto* group = app.add_subcommand("study", "A whole study: from its files to one report");
  group->require_subcommand(1);
  auto common = std::make_shared<Common>();
  auto path = std::make_shared<std::string>();

  auto* make = group->add_subcommand("new", "Write a commented, working starter with virtual data");
  make->add_option("DIR", *path, "Folder to make")->required();
  make->footer("Example:\n  kinescape study new my-study");
  make->callback([&action, path] { action = [path] { return study_verbs::make_starter(*path); }; });

  auto* check = group->add_subcommand("check", "List every problem of a study at once");
  check->add_option("STUDY", *path, "study.toml")->required();
  check->footer("Example:\n  kinescape study check my-study/study.toml");
  check->callback([&action, path, common] {
    action = [=] { return study_verbs::check_study(*path, *common); };
  });

  auto* run = group->add_subcommand("run", "Run every assay of a study and write the report");
  run->add_option("STUDY", *path, "study.toml")->required();
  add_output(*run, *common, false);
  add_json(*run, *common);
  add_threads(*run, *common);
  run->footer("Example:\n  kinescape study run my-study/study.toml -o results");
  run->callback(
      [&action, path, common] { action = [=] { return study_verbs::run_study(*path, *common); }; });
}

}  // namespace kinescape::cli
