// SPDX-License-Identifier: Apache-2.0
// What was wrong with the command line: names the word that was found and the nearest that exist.
#include <algorithm>

#include "base/text.hpp"
#include "common.hpp"

namespace kinescape::cli {
namespace usage_parts {

/// The command chain as far as it was understood, and the first word that is no command; empty: it
/// is missing.
struct Stop {
  const CLI::App* app = nullptr;
  std::string path, word;
};

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

Stop where_it_stops(const CLI::App& app, const std::vector<std::string>& words) {
  Stop stop{&app, app.get_name(), ""};
  for (const std::string& word : words) {
    const auto names = commands_of(*stop.app);
    if (names.empty()) break;
    if (word.starts_with('-')) continue;
    if (std::ranges::find(names, word) == names.end()) {
      stop.word = word;
      break;
    }
    stop.app = stop.app->get_subcommand(word);
    stop.path += " " + word;
  }
  return stop;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

/// The option that each unknown word with dashes may have meant.
std::string meant_options(const CLI::App& app, const std::vector<std::string>& words) {
  std::vector<std::string> known;
  for (const auto* option : app.get_options()) {
    for (const auto& flag : option->get_lnames()) known.push_back("--" + flag);
  }
  std::string out;
  for (const std::string& word : words) {
    const std::string flag = word.substr(0, word.find('='));
    if (!flag.starts_with("--") || std::ranges::find(known, flag) != known.end()) continue;
    if (const auto meant = nearest(flag, known)) out += "Did you mean " + *meant + "?\n";
  }
  return out;
}

}  // namespace usage_parts

std::string wrong_usage_text(const CLI::App& app,
                             const std::string& fault,
                             const std::vector<std::string>& words) {
  const usage_parts::Stop stop = usage_parts::where_it_stops(app, words);
  const auto names = usage_parts::commands_of(*stop.app);
  std::string out;
  if (names.empty()) {
    out = fault + "\n" + usage_parts::meant_options(*stop.app, words);
  } else if (stop.word.empty()) {
    out = "A command of " + stop.path + " is missing: " + usage_parts::joined(names) + "\n";
  } else {
    out = "\"" + printable(stop.word) + "\" is no command of " + stop.path + ": " +
          usage_parts::joined(names) + "\n";
    if (const auto meant = nearest(stop.word, names)) {
      out += "Did you mean " + stop.path + " " + *meant + "?\n";
    }
  }
  return out + "Run " + stop.path + " --help to see what is allowed.\n";
}

}  // namespace kinescape::cli
