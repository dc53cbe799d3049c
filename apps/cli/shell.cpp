// SPDX-License-Identifier: Apache-2.0
// kinescape completion | man: both written from the command tree, so that they cannot be behind it.
#include <cstdio>
#include <memory>

#include "common.hpp"

namespace kinescape::cli {
namespace shell_parts {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

/// All words that may follow `app`: its commands and its flags.
std::string words_after(const CLI::App& app) {
  std::string out;
  for (const auto* command : commands_of(app)) out += command->get_name() + " ";
  for (const auto* option : app.get_options()) {
    for (const auto& flag : option->get_lnames()) out += "--" + flag + " ";
    for (const auto& flag : option->get_snames()) out += "-" + flag + " ";
  }
  return out;
}

/// One case per command path: "study run" -> the words that may follow.
void bash_cases(const CLI::App& app, const std::string& path, std::string& out) {
  out += "    '" + path + "') words='" + words_after(app) + "' ;;\n";
  for (const auto* command : commands_of(app)) {
    bash_cases(
        *command, path.empty() ? command->get_name() : path + " " + command->get_name(), out);
  }
}

std::string bash_completion(const CLI::App& app) {
  std::string cases;
  bash_cases(app, "", cases);
  return "# bash completion of kinescape: source <(kinescape completion bash)\n"
         "_kinescape() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} path= word words=\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case $word in -*|*[./]*) break ;; *) path=\"${path:+$path }$word\" ;; esac\n"
         "  done\n"
         "  case $path in\n" +
         cases +
         "  esac\n"
         "  if [[ $current == -* || -z ${words%% -*} || $words != -* && -z $current ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "  else\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\") $(compgen -f -- \"$current\"))\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _kinescape kinescape\n";
}

std::string zsh_completion(const CLI::App& app) {
  return "# zsh completion of kinescape: source <(kinescape completion zsh)\n"
         "autoload -U +X bashcompinit && bashcompinit\n" +
         bash_completion(app);
}

void fish_lines(const CLI::App& app, const std::string& seen, std::string& out) {
  const std::string condition =
      seen.empty() ? "__fish_use_subcommand" : "__fish_seen_subcommand_from " + seen;
  for (const auto* command : commands_of(app)) {
    out += "complete -c kinescape -f -n '" + condition + "' -a " + command->get_name() + " -d '" +
           command->get_description() + "'\n";
    fish_lines(*command, command->get_name(), out);
  }
  for (const auto* option : app.get_options()) {
    for (const auto& flag : option->get_lnames()) {
      out += "complete -c kinescape -n '" + condition + "' -l " + flag + "\n";
    }
  }
}

/// roff needs its control characters escaped.
std::string roff(const std::string& text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '-') {
      out += "\\-";
    } else if (line_start && (c == '.' || c == '\'')) {
      out += std::string("\\&") + c;
    } else {
      out += c;
    }
    line_start = c == '\n';
  }
  return out;
}

void man_section(const CLI::App& app, const std::string& path, std::string& out) {
  if (!path.empty()) {
    out += ".SS " + roff(path) + "\n" + roff(app.get_description()) + "\n";
    for (const auto* option : app.get_options()) {
      out += ".TP\n.B " + roff(option->get_name(false, true)) + "\n" +
             roff(option->get_description()) + "\n";
    }
    if (!app.get_footer().empty()) out += ".PP\n.nf\n" + roff(app.get_footer()) + "\n.fi\n";
  }
  for (const auto* command : commands_of(app)) {
    man_section(
        *command, path.empty() ? command->get_name() : path + " " + command->get_name(), out);
  }
}

std::string man_page(const CLI::App& app) {
  std::string out =
      ".TH KINESCAPE 1 \"\" \"kinescape " + version() +
      "\"\n.SH NAME\nkinescape \\- acquired resistance to targeted drugs, from plates to "
      "mechanism\n.SH SYNOPSIS\n.B kinescape\nCOMMAND [OPTIONS]\n.SH DESCRIPTION\n" +
      roff(app.get_description()) + "\n.SH COMMANDS\n";
  man_section(app, "", out);
  out += ".SH EXIT STATUS\n0 done; 1 the data has problems; 2 wrong usage; 3 an internal fault.\n";
  return out;
}

}  // namespace shell_parts

void add_shell(CLI::App& app, Action& action) {
  auto shell = std::make_shared<std::string>();
  auto* completion = app.add_subcommand("completion", "Completion script for a shell");
  completion->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->footer("Example:\n  source <(kinescape completion bash)");
  completion->callback([&app, &action, shell] {
    action = [&app, shell] {
      std::string out;
      if (*shell == "bash") out = shell_parts::bash_completion(app);
      if (*shell == "zsh") out = shell_parts::zsh_completion(app);
      if (*shell == "fish") shell_parts::fish_lines(app, "", out);
      std::fputs(out.c_str(), stdout);
      return done;
    };
  });
  auto* man = app.add_subcommand("man", "This manual as a man page");
  man->footer("Example:\n  kinescape man | man -l -");
  man->callback([&app, &action] {
    action = [&app] {
      std::fputs(shell_parts::man_page(app).c_str(), stdout);
      return done;
    };
  });
}

}  // namespace kinescape::cli
