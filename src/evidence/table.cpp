// SPDX-License-Identifier: Apache-2.0
#include "evidence/table.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "evidence/conflicts.hpp"

namespace kinescape::evidence {
namespace {

/// Wild type, then single changes by residue, then compound ones, then the rest.
std::tuple<int, std::size_t, std::string> place_of(const std::string& key) {
  if (key == "WT") return {0, 0, key};
  if (key == "parental") return {4, 0, key};
  std::size_t residue = 0, at = 0;
  while (at < key.size() && !(key[at] >= '0' && key[at] <= '9')) ++at;
  while (at < key.size() && key[at] >= '0' && key[at] <= '9')
    residue = residue * 10 + static_cast<std::size_t>(key[at++] - '0');
  return {residue == 0 ? 3 : key.find('+') == std::string::npos ? 1 : 2, residue, key};
}

std::string printed(const Row& row) {
  return row.agent + " " + row.gene + " " + row.variant + ": " + row.as_printed + " (" +
         std::string(name(row.read)) + ")";
}

std::vector<std::string> order(const std::map<std::string, double>& values,
                               const std::set<std::string>& both) {
  std::vector<std::pair<double, std::string>> sorted;
  for (const auto& [agent, value] : values) {
    if (both.contains(agent)) sorted.push_back({value, agent});
  }
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::string> out;
  for (const auto& [value, agent] : sorted) out.push_back(agent);
  return out;
}

}  // namespace

ComparisonTable comparison_table(const Library& library,
                                 const PotencyModel& model,
                                 const std::vector<Conflict>& conflicts,
                                 const std::string& gene,
                                 const std::vector<VariantOf>& only) {
  ComparisonTable out;
  out.gene = gene;
  std::set<std::string> agents;
  std::set<std::tuple<int, std::size_t, std::string>> variants;
  for (const auto& row : library.rows) {
    if (row.gene != gene) continue;
    const bool wanted =
        only.empty() || std::any_of(only.begin(), only.end(), [&](const VariantOf& v) {
          return v.key == row.variant;
        });
    if (!wanted) continue;
    agents.insert(row.agent);
    variants.insert(place_of(row.variant));
  }
  for (const auto& v : only) variants.insert(place_of(v.key));
  out.agents.assign(agents.begin(), agents.end());
  for (const auto& [kind, residue, key] : variants) {
    out.variants.push_back({gene, key});
    std::vector<TableCell> line;
    for (const auto& agent : out.agents) {
      TableCell cell;
      cell.potency = model.summary(agent, out.variants.back());
      for (const auto& use : cell.potency.rows) {
        if (use.role == "this pair") cell.printed.push_back(use.row);
      }
      cell.conflicting = std::any_of(conflicts.begin(), conflicts.end(), [&](const Conflict& c) {
        return c.contradiction() && c.agent == agent && c.variant == out.variants.back();
      });
      line.push_back(std::move(cell));
    }
    out.cells.push_back(std::move(line));
  }
  return out;
}

PackDiff diff(const Library& a, const Library& b, const PotencyOptions& options) {
  PackDiff out;
  std::map<std::string, const Row*> was, is;
  for (const auto& row : a.rows) was[row.id] = &row;
  for (const auto& row : b.rows) is[row.id] = &row;
  for (const auto& [id, row] : was) {
    const auto now = is.find(id);
    if (now == is.end()) {
      out.rows.push_back({"removed", id, printed(*row), ""});
    } else if (printed(*row) != printed(*now->second) ||
               row->superseded != now->second->superseded) {
      out.rows.push_back({"changed",
                          id,
                          printed(*row),
                          printed(*now->second) + (now->second->superseded ? ", superseded" : "")});
    }
  }
  for (const auto& [id, row] : is) {
    if (!was.contains(id)) out.rows.push_back({"added", id, "", printed(*row)});
  }
  const PotencyModel before(a, options), after(b, options);
  std::set<std::pair<VariantOf, std::string>> pairs;
  for (const Library* library : {&a, &b}) {
    for (const auto& row : library->rows) pairs.insert({{row.gene, row.variant}, row.agent});
  }
  std::map<VariantOf, std::pair<std::map<std::string, double>, std::map<std::string, double>>>
      values;
  for (const auto& [variant, agent] : pairs) {
    const auto from = before.summary(agent, variant), to = after.summary(agent, variant);
    const double x = from.measured ? std::log10(from.ic50_nM.value) : unknown,
                 y = to.measured ? std::log10(to.ic50_nM.value) : unknown;
    if (std::isfinite(x)) values[variant].first[agent] = x;
    if (std::isfinite(y)) values[variant].second[agent] = y;
    if (std::isnan(x) && std::isnan(y)) continue;
    if (std::isnan(x) || std::isnan(y) || std::abs(y - x) > 0.02)
      out.estimates.push_back({agent, variant, from.ic50_nM, to.ic50_nM, y - x});
  }
  for (const auto& [variant, both] : values) {
    std::set<std::string> shared;
    for (const auto& [agent, value] : both.first) {
      if (both.second.contains(agent)) shared.insert(agent);
    }
    const auto from = order(both.first, shared), to = order(both.second, shared);
    if (from != to) out.ranks.push_back({variant, from, to});
  }
  return out;
}

}  // namespace kinescape::evidence
