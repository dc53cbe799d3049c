// SPDX-License-Identifier: Apache-2.0
// Figures to SVG: the same bundle that draws the page, run once by Node.js for all of them.
#include <fmt/format.h>

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

/// "{name, spec}" of each figure. A spec is JSON already and JSON is JavaScript: no parsing here.
std::string call_with(const std::vector<OutputFile>& files) {
  std::string call = ";kinescapeSvg.run([";
  for (const OutputFile& file : files) {
    const std::string path = file.path.generic_string();
    if (!path.ends_with(spec_ending)) continue;
    const std::string name = path.substr(0, path.size() - spec_ending.size()) + ".svg";
    call += fmt::format("{{\"name\":{},\"spec\":{}}},\n", text_of(Json(name)), file.bytes);
  }
  return call + "]);\n";
}

}  // namespace

Checked<std::vector<OutputFile>> render_svg(const std::vector<OutputFile>& files) {
  Checked<std::vector<OutputFile>> result;
  std::size_t figures = 0;
  for (const OutputFile& file : files) {
    if (file.path.generic_string().ends_with(spec_ending)) ++figures;
  }
  if (figures == 0) return result;
  const std::string script = asset(Asset::vega_js) + asset(Asset::svg_js) + call_with(files);
  const double timeout_s = 30.0 + 2.0 * static_cast<double>(figures);
  const ChildResult child = run_child({"node", "-"}, script, timeout_s);
  if (child.end == ChildEnd::not_found) {
    result.problems.push_back(warning(
        "No SVG figures were written: there is no `node` on the PATH.",
        "Install Node.js 18 or newer (apt-get install nodejs), or save a figure as SVG from "
        "report.html, which needs nothing."));
    return result;
  }
  for (const std::string_view line : split_lines(child.output)) {
    const Json answer = Json::parse(line, nullptr, false);
    if (!answer.is_object() || !answer.contains("name")) continue;
    const auto name = answer["name"].get<std::string>();
    if (answer.contains("svg")) {
      result.value.push_back({name, answer["svg"].get<std::string>() + "\n"});
    } else {
      result.problems.push_back(
          warning(fmt::format("{} was not written: {}",
                              name,
                              answer.value("error", std::string("no reason given"))),
                  "Save the figure from report.html instead."));
    }
  }
  if (result.value.size() + result.problems.size() < figures) {
    result.problems.push_back(
        warning(fmt::format("{} of {} SVG figures were written: node {}. {}",
                            result.value.size(),
                            figures,
                            child.end == ChildEnd::timed_out
                                ? "took too long"
                                : fmt::format("ended with code {}", child.code),
                            printable(child.errors, 300)),
                "Check that `node --version` says 18 or newer."));
  }
  return result;
}

}  // namespace kinescape::report
