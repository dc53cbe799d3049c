// SPDX-License-Identifier: Apache-2.0
// What refers to what inside one pack.
#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "evidence/pack_rows_internal.hpp"

namespace kinescape::evidence {
namespace {

Where in_column(Where where, const char* column) {
  where.item = column;
  where.column = 0;
  return where;
}

/// A name that another table must hold.
void must_be_in(const std::vector<std::string>& names,
                const std::string& name,
                const Where& where,
                const char* column,
                const char* table,
                Problems& problems) {
  if (name.empty() || std::binary_search(names.begin(), names.end(), name)) return;
  const auto meant = nearest(name, names);
  problems.push_back(
      {in_column(where, column),
       "\"" + printable(name) + "\" stands in no row of " + table + ".csv",
       meant ? "Did you mean \"" + *meant + "\"?" : std::string("Add it to ") + table + ".csv."});
}

template <class Items, class F>
std::vector<std::string> sorted_names(const Items& items, F of) {
  std::vector<std::string> out;
  for (const auto& item : items) out.push_back(of(item));
  std::sort(out.begin(), out.end());
  return out;
}

void check_twice(const Pack& pack, Problems& problems) {
  std::map<std::string, Where> seen;
  const auto once = [&](const std::string& id, const Where& where) {
    const auto [it, fresh] = seen.try_emplace(id, where);
    if (!fresh && !id.empty()) {
      problems.push_back({in_column(where, "row"),
                          "the row id \"" + printable(id) + "\" was used before, in " +
                              it->second.file + " line " + std::to_string(it->second.line),
                          "Give every row of a pack an id of its own."});
    }
  };
  for (const auto& row : pack.rows) once(row.id, row.where);
  for (const auto& o : pack.outcomes) once(o.id, o.where);
  for (const auto& m : pack.mechanisms) once(m.id, m.where);
  for (const auto& e : pack.exposures) once(e.id, e.where);
  std::set<std::string> sources;
  for (const auto& s : pack.sources) {
    if (!sources.insert(s.id).second) {
      problems.push_back({{pack.folder + "/source.csv", 0, 0, s.id, ""},
                          "the source \"" + printable(s.id) + "\" stands twice",
                          "Keep one row."});
    }
  }
}

/// Superseding must point at rows that are there, and never lead back to its start.
void check_supersedes(const Pack& pack, Problems& problems) {
  std::map<std::string, const Row*> by_id;
  for (const auto& row : pack.rows) by_id.emplace(row.id, &row);
  for (const auto& row : pack.rows) {
    for (const auto& id : row.disputes) {
      if (!by_id.contains(id))
        problems.push_back({in_column(row.where, "disputes"),
                            "there is no row \"" + printable(id) + "\"",
                            "Check the id.",
                            Severity::warning});
    }
    std::set<std::string> seen{row.id};
    std::vector<std::string> next = row.supersedes;
    for (const auto& id : row.supersedes) {
      // A row of another pack may be superseded too, so this is no error.
      if (!by_id.contains(id) && id.find(':') == std::string::npos)
        problems.push_back({in_column(row.where, "supersedes"),
                            "there is no row \"" + printable(id) + "\" in this pack",
                            "Check the id.",
                            Severity::warning});
    }
    while (!next.empty()) {
      const std::string id = next.back();
      next.pop_back();
      if (id == row.id) {
        problems.push_back({in_column(row.where, "supersedes"),
                            "the row \"" + printable(row.id) +
                                "\" supersedes itself, by way of others or directly",
                            "A newer row supersedes an older one; break the circle."});
        break;
      }
      if (!seen.insert(id).second) continue;
      if (const auto found = by_id.find(id); found != by_id.end()) {
        next.insert(next.end(), found->second->supersedes.begin(), found->second->supersedes.end());
      }
    }
  }
}

}  // namespace

void check_references(const Pack& pack, Problems& problems) {
  const auto sources = sorted_names(pack.sources, [](const Source& s) { return s.id; });
  const auto agents = sorted_names(pack.agents, [](const Agent& a) { return a.name; });
  const auto systems = sorted_names(pack.systems, [](const auto& s) { return s.first; });
  const auto assays = sorted_names(pack.assays, [](const auto& s) { return s.first; });
  const auto words = sorted_names(pack.words, [](const auto& s) { return s.first; });
  for (const auto& row : pack.rows) {
    must_be_in(sources, row.source, row.where, "source", "source", problems);
    must_be_in(agents, row.agent, row.where, "agent", "agent", problems);
    must_be_in(systems, row.system, row.where, "system", "system", problems);
    must_be_in(assays, row.assay, row.where, "assay", "assay", problems);
    if (row.kind == RowKind::statement)
      must_be_in(words, row.word, row.where, "word", "word", problems);
    if (row.source.empty())
      problems.push_back({in_column(row.where, "source"),
                          "no source is named",
                          "Every row names where it comes from."});
    for (const auto& cited : row.cites)
      must_be_in(sources, cited, row.where, "cites", "source", problems);
  }
  for (const auto& o : pack.outcomes)
    must_be_in(sources, o.source, o.where, "source", "source", problems);
  for (const auto& m : pack.mechanisms)
    must_be_in(sources, m.source, m.where, "source", "source", problems);
  for (const auto& e : pack.exposures) {
    must_be_in(sources, e.source, e.where, "source", "source", problems);
    must_be_in(agents, e.agent, e.where, "agent", "agent", problems);
  }
  check_twice(pack, problems);
  check_supersedes(pack, problems);
}

}  // namespace kinescape::evidence
