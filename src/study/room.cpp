// SPDX-License-Identifier: Apache-2.0
// What the rooms of a study share: files by name, and names by spelling.
#include <fmt/format.h>

#include <algorithm>

#include "study/room_internal.hpp"

namespace kinescape::study {
namespace {

namespace fs = std::filesystem;

/// Whether `name` matches `pattern`, in which * stands for any run of characters.
bool matches(std::string_view name, std::string_view pattern) {
  std::size_t n = 0, p = 0, star = std::string_view::npos, mark = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

/// The files that `pattern` (relative to `folder`, * in its last part) names, in order of name.
std::vector<std::string> files_like(const fs::path& folder, const std::string& pattern) {
  const fs::path whole = folder / pattern;
  std::error_code ignored;
  if (pattern.find('*') == std::string::npos) {
    if (fs::is_regular_file(whole, ignored)) return {whole.string()};
    return {};
  }
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(whole.parent_path(), ignored)) {
    if (entry.is_regular_file(ignored) &&
        matches(entry.path().filename().string(), whole.filename().string())) {
      out.push_back(entry.path().string());
    }
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace

std::vector<std::string> read_files(TomlReader& block, const fs::path& folder) {
  std::vector<std::string> out;
  for (const std::string& pattern : block.texts("files", true)) {
    const auto found = files_like(folder, pattern);
    if (found.empty()) {
      block.problem("files",
                    fmt::format("no file is named \"{}\"", printable(pattern)),
                    fmt::format("Names are relative to {}.",
                                folder.empty() ? "the study's folder" : folder.string()));
    }
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

std::string read_one_file(TomlReader& block,
                          std::string_view key,
                          std::string_view what,
                          const fs::path& folder) {
  const std::string name = block.text(key);
  if (name.empty()) return {};
  auto found = files_like(folder, name);
  if (found.size() == 1) return std::move(found.front());
  block.problem(key,
                fmt::format("no file is named \"{}\"", printable(name)),
                fmt::format("Name one {}.", what));
  return {};
}

Decimal read_decimal(TomlReader& block) {
  const std::string mark = block.text("decimal");
  if (mark.empty()) return Decimal::unstated;
  if (mark == "point" || mark == ".") return Decimal::point;
  if (mark == "comma" || mark == ",") return Decimal::comma;
  block.problem("decimal",
                fmt::format("decimal = \"{}\" is not known", printable(mark)),
                "Allowed: \"point\", \"comma\".");
  return Decimal::unstated;
}

Names line_names(const Study& study) {
  Names names;
  for (const CellLine& line : study.lines) names.add(line.name, line.aliases);
  return names;
}

Names drug_names(const Study& study) {
  Names names;
  for (const Drug& drug : study.drugs) names.add(drug.name, drug.aliases);
  return names;
}

void settle(std::string& spelling,
            const Names& names,
            std::string_view kind,
            const Where& where,
            std::set<std::string>& reported,
            Problems& problems) {
  if (spelling.empty() || names.empty()) return;
  if (const std::string* name = names.find(spelling)) {
    spelling = *name;
    return;
  }
  if (!reported.insert(spelling).second) return;
  const auto guess = nearest(spelling, names.known());
  problems.push_back(
      {where,
       fmt::format("the {} \"{}\" is not in the study file", kind, printable(spelling)),
       guess ? fmt::format("Did you mean \"{}\"? Or add aliases = [\"{}\"] to its [[{}]] block.",
                           *guess,
                           printable(spelling),
                           kind)
             : fmt::format("Add a [[{}]] block for it.", kind)});
}

}  // namespace kinescape::study
