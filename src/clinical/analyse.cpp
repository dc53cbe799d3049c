// SPDX-License-Identifier: Apache-2.0
// Files to an estimate: which of them are lesions, which are follow-up.
#include <algorithm>
#include <set>

#include "base/files.hpp"
#include "clinical/estimate.hpp"
#include "clinical/read_internal.hpp"

namespace kinescape::clinical {

Checked<Estimate> estimate_files(const std::vector<std::string>& paths,
                                 const ReadOptions& read,
                                 const RecistRules& rules,
                                 const Options& options) {
  Checked<Estimate> out;
  LesionTable lesions;
  std::vector<std::string> follow_up;
  for (const std::string& path : paths) {
    auto bytes = read_file(path);
    append(out.problems, bytes.problems);
    if (!bytes.ok()) continue;
    if (!has_lesion_columns(bytes.value, path)) {
      follow_up.push_back(path);
      continue;
    }
    auto more = read_lesions(bytes.value, path);
    append(out.problems, std::move(more.problems));
    std::move(more.value.patients.begin(),
              more.value.patients.end(),
              std::back_inserter(lesions.patients));
  }
  Table table;
  if (!follow_up.empty()) {
    auto checked = read_files(follow_up, read);
    append(out.problems, std::move(checked.problems));
    table = std::move(checked.value);
  }
  if (has_errors(out.problems)) return out;
  std::optional<ResponseEstimate> response;
  if (!lesions.patients.empty()) {
    std::set<std::string> names;
    for (const LesionPatient& p : lesions.patients) names.insert(p.arm);
    Problems unnamed;
    response = assess(
        lesions,
        rules,
        options.level,
        arms_in_order(
            names, read.reference, paths.front(), follow_up.empty() ? out.problems : unnamed));
    if (has_errors(out.problems)) return out;
    if (follow_up.empty()) table = progression_table(*response);
  }
  out.value = estimate(table, options);
  if (!response) return out;
  append(out.value.problems, response->problems);
  out.value.methods.insert(
      out.value.methods.begin(), response->methods.begin(), response->methods.end());
  out.value.citations.insert(
      out.value.citations.begin(), response->citations.begin(), response->citations.end());
  out.value.response = std::move(response);
  return out;
}

}  // namespace kinescape::clinical
