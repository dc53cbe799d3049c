// SPDX-License-Identifier: Apache-2.0
// The program: parses the command line, runs one command, turns its ending into an exit code.
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include "base/errors.hpp"
#include "common.hpp"
#include "immunoblot.hpp"

namespace kinescape::cli {
namespace {

constexpr const char* about =
    "Kinescape: why a targeted drug stopped working, and what still will.\n"
    "Every protocol is a forward model and its inverse: it simulates the experiment and analyses\n"
    "the real one, in the same files.";
constexpr const char* start_here =
    "Start here:\n"
    "  kinescape study new my-study          a working starter with virtual data\n"
    "  kinescape study run my-study/study.toml -o results\n"
    "  kinescape viability analyze plates.csv";

int run(int argc, char** argv) {
  CLI::App app{about, "kinescape"};
  app.set_version_flag("--version", version());
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::help);
  Action action;
  add_study(app, action);
  add_viability(app, action, typed_again(argc, argv));
  add_combination(app, action, typed_again(argc, argv));
  add_immunoblot(app, action, typed_again(argc, argv));
  add_evidence(app, action, typed_again(argc, argv));
  add_xenograft(app, action, typed_again(argc, argv));
  add_clinical(app, action, typed_again(argc, argv));
  add_shell(app, action);
  app.footer(
      start_here);  // last, because a command takes over the footer there is when it is added
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);
    const std::vector<std::string> words(argv + 1, argv + argc);
    std::fputs(wrong_usage_text(app, e.what(), words).c_str(), stderr);
    return wrong_usage;
  }
  return action();
}

}  // namespace
}  // namespace kinescape::cli

int main(int argc, char** argv) {
  using namespace kinescape;
  if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {  // before anything is built up
    std::puts(version().c_str());
    return cli::done;
  }
  try {
    return cli::run(argc, argv);
  } catch (const UsageError& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return cli::wrong_usage;
  } catch (const FileError& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return cli::data_problems;
  } catch (const std::exception& e) {
    std::fprintf(
        stderr, "internal fault: %s\nPlease report it with the command you typed.\n", e.what());
    return cli::internal_fault;
  }
}
