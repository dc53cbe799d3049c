// SPDX-License-Identifier: Apache-2.0
// Figures to SVG: the same bundle that draws the page, run by Node.js for half of
// them in each of two processes.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/parallel.hpp"
#include "base/text.hpp"
#include "report/assets_internal.hpp"
#include "report/child_process_internal.hpp"
#include "report/json_internal.hpp"
#include "report/report.hpp"

namespace kinescape::report {
namespace {

constexpr std::string_view spec_ending = ".vl.json";

Problem warning(std::string what, std::string fix) {
  return {{}, std::move(what), std::move(fix), Severity::warning};
}

// A node process takes a third of a second before its first figure: more of them do not pay.
constexpr std::size_t most_children = 2;

std::vector<const OutputFile*> specs_of(const std::vector<OutputFile>& files) {
  std::vector<const OutputFile*> specs;
  for (const OutputFile& file : files) {
    if (file.path.generic_string().ends_with(spec_ending)) specs.push_back(&file);
  }
  return specs;
}

std::string svg_name(const OutputFile& spec) {
  const std::string path = spec.path.generic_string();
  return path.substr(0, path.size() - spec_ending.size()) + ".svg";
}

/// "{name, spec}" of every `of`th figure. A spec is JSON already and JSON is JavaScript: no
/// parsing.
std::string call_with(const std::vector<const OutputFile*>& specs,
                      std::size_t first,
                      std::size_t of) {
  std::string call = ";kinescapeSvg.run([";
  for (std::size_t i = first; i < specs.size(); i += of) {
    call += fmt::format(
        "{{\"name\":{},\"spec\":{}}},\n", text_of(Json(svg_name(*specs[i]))), specs[i]->bytes);
  }
  return call + "]);\n";
}

/// For a few dozen figures V8 earns nothing by optimising what it runs once, and little by
/// collecting garbage often. Set from inside: a flag that a future Node.js does not know is only a
/// word on its standard error.
std::string engine_flags(std::size_t figures) {
  if (figures > 60) return {};
  std::string call;
  for (const char* flag : {"--always-sparkplug", "--no-opt", "--min-semi-space-size=16"}) {
    call += fmt::format("require('v8').setFlagsFromString('{}');", flag);
  }
  return call + "\n";
}

using Answers = std::map<std::string, Json>;  ///< By the name of the SVG.

void collect(const ChildResult& child, Answers& answers) {
  for (const std::string_view line : split_lines(child.output)) {
    Json answer = Json::parse(line, nullptr, false);
    if (!answer.is_object() || !answer.contains("name")) continue;
    const auto name = answer["name"].get<std::string>();
    answers[name] = std::move(answer);
  }
}

}  // namespace

Checked<std::vector<OutputFile>> render_svg(const std::vector<OutputFile>& files) {
  Checked<std::vector<OutputFile>> result;
  const auto specs = specs_of(files);
  if (specs.empty()) return result;
  const std::string library =
      engine_flags(specs.size()) + asset(Asset::vega_js) + asset(Asset::svg_js);
  const double timeout_s = 30.0 + 2.0 * static_cast<double>(specs.size());
  std::vector<ChildResult> children(std::min(most_children, specs.size()));
  parallel_for(children.size(), Threads{most_children}, [&](std::size_t i) {
    children[i] =
        run_child({"node", "-"}, library + call_with(specs, i, children.size()), timeout_s);
  });
  if (children.front().end == ChildEnd::not_found) {
    result.problems.push_back(warning(
        "No SVG figures were written: there is no `node` on the PATH.",
        "Install Node.js 18 or newer (apt-get install nodejs), or save a figure as SVG from "
        "report.html, which needs nothing."));
    return result;
  }
  Answers answers;
  for (const ChildResult& child : children) collect(child, answers);
  for (const OutputFile* spec : specs) {
    const std::string name = svg_name(*spec);
    const auto at = answers.find(name);
    if (at == answers.end()) continue;
    if (at->second.contains("svg")) {
      result.value.push_back({name, at->second["svg"].get<std::string>() + "\n"});
    } else {
      result.problems.push_back(
          warning(fmt::format("{} was not written: {}",
                              name,
                              at->second.value("error", std::string("no reason given"))),
                  "Save the figure from report.html instead."));
    }
  }
  for (const ChildResult& child : children) {
    if (child.end == ChildEnd::exited && child.code == 0) continue;
    result.problems.push_back(
        warning(fmt::format("{} of {} SVG figures were written: node {}. {}",
                            result.value.size(),
                            specs.size(),
                            child.end == ChildEnd::timed_out
                                ? "took too long"
                                : fmt::format("ended with code {}", child.code),
                            printable(child.errors, 300)),
                "Check that `node --version` says 18 or newer."));
  }
  return result;
}

}  // namespace kinescape::report
