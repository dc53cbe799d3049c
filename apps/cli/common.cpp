// SPDX-License-Identifier: Apache-2.0
#include "common.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <set>

#include "base/files.hpp"
#include "base/number.hpp"

namespace kinescape::cli {

void add_output(CLI::App& app, Common& common, bool required) {
  auto* option =
      app.add_option("-o,--output", common.output, "Folder for the results; made if need be")
          ->type_name("DIR");
  if (required) option->required();
}

void add_json(CLI::App& app, Common& common) {
  app.add_flag("--json", common.json, "Print the whole result as JSON to standard output");
}

void add_seed(CLI::App& app, Common& common) {
  app.add_option("--seed", common.seed, "Seed of the random numbers; the same seed, the same bytes")
      ->type_name("N");
}

void add_threads(CLI::App& app, Common& common) {
  app.add_option(
         "--threads", common.threads, "Threads; 0 = all cores. The result does not depend on it")
      ->type_name("N")
      ->check(CLI::Range(0, 1024));
  app.add_flag("-q,--quiet", common.quiet, "No progress and no warnings");
}

void show(const Problems& problems, const Common& common) {
  if (problems.empty() || (common.quiet && !has_errors(problems))) return;
  std::fputs(describe(problems).c_str(), stderr);
}

std::string shown(const Estimated& e, int digits, double scale) {
  if (std::isnan(e.value)) return std::string(name(e.status));
  const std::string value = rounded(scale * e.value, digits);
  if (e.relation != Relation::equal) return std::string(name(e.relation)) + " " + value;
  const auto end = [&](double x) {
    return std::isnan(x) ? std::string("open") : rounded(scale * x, digits);
  };
  return value + " (" + end(e.low) + " to " + end(e.high) + ")";
}

ProgressSink progress_to_terminal(const Common& common) {
  if (common.quiet || isatty(STDERR_FILENO) == 0) return {};
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  auto last = std::make_shared<Clock::time_point>(start - std::chrono::seconds(1));
  return [start, last](const ProgressState& state) {
    const auto now = Clock::now();
    const bool finished = state.total != 0 && state.done >= state.total;
    if (!finished && now - *last < std::chrono::milliseconds(200)) return;
    *last = now;
    winsize size{};
    const int width =
        ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
    const double elapsed_s = std::chrono::duration<double>(now - start).count();
    std::fprintf(
        stderr, "\r%s%s", progress_line(state, elapsed_s, width - 1).c_str(), finished ? "\n" : "");
  };
}

void write_all(const std::string& folder, const std::vector<report::OutputFile>& files) {
  OutputFolder out(folder);
  for (const auto& file : files) out.write(file.path, file.bytes);
  out.commit();
}

void add_svg(std::vector<report::OutputFile>& files, const Common& common) {
  auto svg = report::render_svg(files);
  show(svg.problems, common);
  for (auto& file : svg.value) files.push_back(std::move(file));
}

Provenance provenance_of(const std::string& typed, const std::vector<std::string>& inputs) {
  Provenance out;
  out.version = version();
  out.command = typed;
  for (const std::string& path : inputs) {
    const auto sha = sha256_file(path);
    std::error_code unknown_size;
    const auto bytes = std::filesystem::file_size(path, unknown_size);
    if (sha.ok()) out.inputs.push_back({path, sha.value, bytes});
  }
  return out;
}

std::string typed_again(int argc, char** argv) {
  static const std::set<std::string, std::less<>> with_value = {"-o", "--output", "--threads"};
  static const std::set<std::string, std::less<>> alone = {"--json", "-q", "--quiet"};
  std::string out = "kinescape";
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (alone.contains(argument)) continue;
    if (with_value.contains(argument)) {
      ++i;
      continue;
    }
    const bool plain = argument.find_first_of(" '\"\\$*?;&|<>()") == std::string::npos;
    out += plain ? " " + argument : " '" + argument + "'";
  }
  return out;
}

}  // namespace kinescape::cli
