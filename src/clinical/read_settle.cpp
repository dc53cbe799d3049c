// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/number.hpp"
#include "base/text.hpp"
#include "base/titled.hpp"
#include "clinical/read_internal.hpp"

namespace kinescape::clinical {

bool among(const std::string& cell, const std::vector<std::string>& codes) {
  return std::any_of(codes.begin(), codes.end(), [&](const auto& c) { return iequal(c, cell); });
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i)
    out += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return out;
}

std::vector<std::string> arms_in_order(const std::set<std::string>& names,
                                       std::string reference,
                                       const std::string& file,
                                       Problems& problems) {
  if (reference.empty()) {
    static const std::vector<std::string> words = {
        "control", "placebo", "standard", "standard of care", "reference", "untreated", "vehicle"};
    for (const std::string& name : names)
      if (reference.empty() && among(name, words)) reference = name;
  } else if (!names.contains(reference) && !names.empty()) {
    problems.push_back({{file, 0, 0, "", ""},
                        "no arm is called \"" + printable(reference) + "\"",
                        "Name one of: " + joined({names.begin(), names.end()}) + ".",
                        Severity::error});
  }
  std::vector<std::string> out;
  if (names.contains(reference)) out.push_back(reference);
  for (const std::string& name : names)
    if (name != reference) out.push_back(name);
  return out;
}

namespace {

/// A patient twice: stretches of one follow-up when entries tell them apart, else a problem.
void patients(bool entries, Table& table, Problems& problems) {
  std::map<std::string, std::vector<std::size_t>> rows;
  for (std::size_t i = 0; i < table.rows.size(); ++i) rows[table.rows[i].patient].push_back(i);
  for (auto& [patient, of] : rows) {
    for (const std::size_t i : of) {
      if (table.rows[i].arm == table.rows[of.front()].arm) continue;
      problems.push_back(
          {table.rows[i].where,
           fmt::format("patient \"{}\" is in two arms: \"{}\" here and \"{}\" at line {}",
                       printable(patient),
                       printable(table.rows[i].arm),
                       printable(table.rows[of.front()].arm),
                       table.rows[of.front()].where.line),
           "A patient belongs to the arm it was allotted to; mend the name or the arm.",
           Severity::error});
    }
    if (of.size() == 1) continue;
    const bool stretches = entries && !table.interval_censored &&
                           std::none_of(of.begin(), of.end(), [&](std::size_t i) {
                             return std::isnan(table.rows[i].entry);
                           });
    if (!stretches) {
      problems.push_back(
          {table.rows[of[1]].where,
           fmt::format("patient \"{}\" is there twice: also at line {}",
                       printable(patient),
                       table.rows[of[0]].where.line),
           "Keep one row; for covariates that change, give each stretch an entry and a time.",
           Severity::error});
      continue;
    }
    table.stretches = true;
    std::sort(of.begin(), of.end(), [&](std::size_t a, std::size_t b) {
      return table.rows[a].entry < table.rows[b].entry;
    });
    for (std::size_t k = 1; k < of.size(); ++k) {
      const Row& before = table.rows[of[k - 1]];
      const Row& now = table.rows[of[k]];
      if (now.entry < before.time_low)
        problems.push_back(
            {now.where,
             fmt::format("two stretches of patient \"{}\" overlap", printable(patient)),
             "One must end before the next begins.",
             Severity::error});
      else if (before.ending != Ending::censored)
        problems.push_back(
            {now.where,
             fmt::format("patient \"{}\" is followed after the event", printable(patient)),
             "Only the last stretch may end with the event.",
             Severity::error});
    }
  }
}

void arms(const ReadOptions& options, Table& table, Problems& problems) {
  std::set<std::string> names;
  for (const Row& row : table.rows) names.insert(row.arm);
  table.arms = arms_in_order(
      names, options.reference, table.rows.empty() ? "" : table.rows.front().where.file, problems);
}

/// Columns of numbers stay numbers; others become one indicator per level after the first.
void covariates(const ReadOptions& options,
                const std::vector<std::vector<std::string>>& cells,
                Table& table) {
  for (std::size_t j = 0; j < options.covariates.size(); ++j) {
    const std::string& field = options.covariates[j];
    std::set<std::string> levels;
    bool numbers = true;
    for (const auto& cells : cells) {
      if (is_blank_cell(cells[j])) continue;
      numbers = numbers && parse_number(cells[j], options.decimal).kind == NumberKind::number;
      levels.insert(cells[j]);
    }
    if (numbers) {
      table.covariates.push_back({field, field});
      for (std::size_t i = 0; i < cells.size(); ++i)
        table.rows[i].covariates.push_back(is_blank_cell(cells[i][j])
                                               ? unknown
                                               : parse_number(cells[i][j], options.decimal).value);
      continue;
    }
    for (auto level = levels.begin(); level != levels.end(); ++level) {
      if (level == levels.begin()) continue;
      table.covariates.push_back({field + "[" + *level + "]", field});
      for (std::size_t i = 0; i < cells.size(); ++i)
        table.rows[i].covariates.push_back(is_blank_cell(cells[i][j]) ? unknown
                                           : cells[i][j] == *level    ? 1.0
                                                                      : 0.0);
    }
  }
}

}  // namespace

void settle(const ReadOptions& options,
            bool entries,
            const std::vector<std::vector<std::string>>& cells,
            Table& table,
            Problems& problems) {
  patients(entries, table, problems);
  arms(options, table, problems);
  covariates(options, cells, table);
}

}  // namespace kinescape::clinical
