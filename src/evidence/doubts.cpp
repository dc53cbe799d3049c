// SPDX-License-Identifier: Apache-2.0
// Rows that cannot be what they say, found from the row and its neighbours alone.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <set>

#include "base/number.hpp"
#include "base/text.hpp"
#include "evidence/conflicts.hpp"
#include "evidence/frequency.hpp"

namespace kinescape::evidence {
namespace {

std::set<std::string> words_of(const std::string& text) {
  std::set<std::string> out;
  std::string word;
  for (const char c : text + " ") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      word += c;
    } else if (!word.empty()) {
      out.insert(word);
      word.clear();
    }
  }
  return out;
}

std::string listed(const std::set<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ", ") + item;
  return out;
}

Conflict doubt(const char* kind, const Row& row, std::size_t index, std::string says) {
  return {kind, row.pack, row.agent, {row.gene, row.variant}, std::move(says), {index}, {}};
}

/// One doubt for several rows of a pack that share the reason.
struct Grouped {
  std::map<std::pair<std::string, std::string>, std::vector<std::size_t>> rows;  // (pack, reason)
  void add(const Row& row, std::size_t i, const std::string& reason) {
    rows[{row.pack, reason}].push_back(i);
  }
};

void emit(const char* kind,
          const Library& library,
          const Grouped& grouped,
          std::vector<Conflict>& out) {
  for (const auto& [key, rows] : grouped.rows) {
    const Row& first = library.rows[rows.front()];
    Conflict c{kind, key.first, "", {first.gene, ""}, "", rows, {}};
    std::set<std::string> agents, cells;
    for (const std::size_t i : rows) {
      agents.insert(library.rows[i].agent);
      cells.insert(library.rows[i].agent + " " + library.rows[i].variant + " " +
                   library.rows[i].as_printed);
    }
    if (agents.size() == 1) c.agent = *agents.begin();
    c.says = key.second + ": " + listed(cells) + ".";
    out.push_back(std::move(c));
  }
}

std::set<std::string> genes_of(const Library& library) {
  std::set<std::string> genes;
  for (const auto& row : library.rows) {
    if (!row.gene.empty()) genes.insert(row.gene);
  }
  for (const auto& pack : library.packs) {
    for (const auto& v : pack.variants) genes.insert(v.gene);
    for (const auto& p : pack.proteins) genes.insert(p.gene);
  }
  return genes;
}

/// Genes that the cited title names, none of which is the row's own target.
std::set<std::string> other_genes(const Source& cited,
                                  const std::string& gene,
                                  const std::set<std::string>& genes) {
  std::set<std::string> found;
  for (const auto& word : words_of(cited.citation)) {
    if (word == gene) return {};
    if (genes.contains(word)) found.insert(word);
  }
  return found;
}

void citations(const Library& library, const std::string& pack, std::vector<Conflict>& out) {
  const auto genes = genes_of(library);
  Grouped cannot_hold, none, unidentified;
  for (std::size_t i = 0; i < library.rows.size(); ++i) {
    const Row& row = library.rows[i];
    if (row.read != Read::quoted || (!pack.empty() && row.pack != pack)) continue;
    if (row.relation == PrintedRelation::missing && row.kind != RowKind::statement) continue;
    if (row.cites.empty()) none.add(row, i, "No reference is printed for these cells");
    for (const auto& id : row.cites) {
      const Source* cited = library.source(row.pack, id);
      if (cited == nullptr) continue;
      if (trimmed(cited->citation).empty())
        unidentified.add(row, i, "Reference " + id + " has no title and cannot be looked up");
      const auto others = other_genes(*cited, row.gene, genes);
      if (others.empty()) continue;
      cannot_hold.add(row,
                      i,
                      "Reference " + id + " (\"" + cited->citation + "\") is about " +
                          listed(others) + ", not " + row.gene +
                          ": it cannot be where these figures come from");
    }
  }
  emit("citation_cannot_hold", library, cannot_hold, out);
  emit("no_citation", library, none, out);
  emit("unidentified_reference", library, unidentified, out);
}

/// The same bound for variant after variant is where the assay ends, not what the agent does.
void same_bound_everywhere(const Library& library,
                           const std::string& pack,
                           std::vector<Conflict>& out) {
  std::map<std::tuple<std::string, std::string, std::string, std::string>, std::vector<std::size_t>>
      groups;
  for (std::size_t i = 0; i < library.rows.size(); ++i) {
    const Row& row = library.rows[i];
    const bool bound =
        row.relation == PrintedRelation::below || row.relation == PrintedRelation::above ||
        row.relation == PrintedRelation::at_most || row.relation == PrintedRelation::at_least;
    if (row.kind != RowKind::measurement || !bound || row.parental() ||
        (!pack.empty() && row.pack != pack))
      continue;
    groups[{row.pack, row.source, row.agent, row.as_printed}].push_back(i);
  }
  for (const auto& [key, rows] : groups) {
    std::set<std::string> variants;
    for (const std::size_t i : rows) variants.insert(library.rows[i].variant);
    if (variants.size() < 3) continue;
    const Row& row = library.rows[rows.front()];
    Conflict c = doubt("same_bound_everywhere", row, rows.front(), "");
    c.variant.key.clear();
    c.rows = rows;
    std::vector<double> others;  // what the same table prints for other agents
    for (const Row& other : library.rows) {
      if (other.pack == row.pack && other.source == row.source && other.agent != row.agent &&
          other.kind == RowKind::measurement && other.relation == PrintedRelation::exact) {
        others.push_back(other.low);
      }
    }
    c.says = row.agent + ": \"" + row.as_printed + "\" for each of " +
             std::to_string(variants.size()) + " variants (" + listed(variants) +
             ") is the limit of an assay rather than a potency";
    if (!others.empty() &&
        (row.relation == PrintedRelation::below || row.relation == PrintedRelation::at_most)) {
      const double least = *std::min_element(others.begin(), others.end());
      if (row.low < least) {
        c.says += "; it lies below every value of the other agents in the table (from " +
                  rounded(least) +
                  " nM), as an enzyme limit beside cell values would. The table does not say which "
                  "assay it is";
      }
    }
    c.says += ".";
    out.push_back(std::move(c));
  }
}

/// Words beside numbers, and cells without anything, in a table that ranks agents.
void mixed_tables(const Library& library, const std::string& pack, std::vector<Conflict>& out) {
  std::map<std::string, std::vector<std::size_t>> numbers, words, missing;
  for (std::size_t i = 0; i < library.rows.size(); ++i) {
    const Row& row = library.rows[i];
    if (row.read != Read::quoted || (!pack.empty() && row.pack != pack)) continue;
    (row.kind == RowKind::statement             ? words
     : row.relation == PrintedRelation::missing ? missing
                                                : numbers)[row.pack]
        .push_back(i);
  }
  for (const auto& [name_of_pack, rows] : words) {
    if (!numbers.contains(name_of_pack)) continue;
    std::set<std::string> printed;
    for (const std::size_t i : rows)
      printed.insert("\"" + library.rows[i].as_printed + "\" (" +
                     std::string(name(library.rows[i].meaning)) + ")");
    out.push_back({"words_beside_numbers",
                   name_of_pack,
                   "",
                   {},
                   std::to_string(rows.size()) + " cells of a column of nM hold words beside " +
                       std::to_string(numbers.at(name_of_pack).size()) +
                       " numbers and bounds: " + listed(printed) + ".",
                   rows,
                   {}});
  }
  for (const auto& [name_of_pack, rows] : missing) {
    std::set<std::string> cells;
    for (const std::size_t i : rows)
      cells.insert(library.rows[i].agent + " " + library.rows[i].variant);
    out.push_back({"missing_cells",
                   name_of_pack,
                   "",
                   {},
                   std::to_string(rows.size()) + " cells hold nothing: " + listed(cells) + ".",
                   rows,
                   {}});
  }
}

void units(const Library& library, const std::string& pack, std::vector<Conflict>& out) {
  Grouped none;
  for (std::size_t i = 0; i < library.rows.size(); ++i) {
    const Row& row = library.rows[i];
    if (row.kind == RowKind::measurement && row.unit == "not stated" &&
        (pack.empty() || row.pack == pack)) {
      none.add(row, i, "The text gives no unit (" + row.source + "); nM is taken from context");
    }
  }
  emit("unit_not_stated", library, none, out);
}

bool in_vitro(const Outcome& o) {
  const std::string text = lower(o.setting + " " + o.as_printed);
  return text.find("in vitro") != std::string::npos || words_of(text).contains("cells");
}

void outcomes(const Library& library, const std::string& pack, std::vector<Conflict>& out) {
  for (const auto& p : library.packs) {
    if (!pack.empty() && p.name != pack) continue;
    const bool clinical = std::any_of(p.outcomes.begin(), p.outcomes.end(), [](const Outcome& o) {
      return o.read == Read::quoted &&
             (o.orr_percent == o.orr_percent || o.pfs_months == o.pfs_months);
    });
    for (const auto& o : p.outcomes) {
      if (o.read != Read::quoted) continue;
      const std::string id = p.name + ":" + o.id;
      if (clinical && in_vitro(o)) {
        out.push_back({"in_vitro_among_clinical",
                       p.name,
                       o.regimen,
                       {},
                       o.regimen + ": \"" + o.as_printed + "\" (" + o.setting +
                           ") was seen in a dish and stands in a table of patients.",
                       {},
                       {id}});
      }
      if ((o.orr_percent == o.orr_percent || o.pfs_months == o.pfs_months) && std::isnan(o.n)) {
        out.push_back(
            {"percent_without_counts",
             p.name,
             o.regimen,
             {},
             o.regimen + ": \"" + o.as_printed + "\" has no number of patients, so no interval.",
             {},
             {id}});
      }
      for (const auto& cited : o.cites) {
        const Source* source = library.source(p.name, cited);
        if (source != nullptr && trimmed(source->citation).empty()) {
          out.push_back(
              {"unidentified_reference",
               p.name,
               o.regimen,
               {},
               o.regimen + ": reference " + cited + " has no title and cannot be looked up.",
               {},
               {id}});
        }
      }
    }
  }
}

void frequencies(const Library& library, const std::string& pack, std::vector<Conflict>& out) {
  Admission admission;
  for (const auto& p : library.packs) {
    if (!pack.empty() && p.name != pack) continue;
    for (const auto& m : p.mechanisms) {
      if (std::isnan(m.percent) || !std::isnan(m.total)) continue;
      Conflict c{
          "percent_without_counts", p.name, m.prior_agent, {}, "", {}, {p.name + ":" + m.id}};
      c.says = m.mechanism + " after " + m.prior_agent + ": " +
               (m.as_printed.find('%') == std::string::npos ? rounded(m.percent, 2) + " %"
                                                            : "\"" + m.as_printed + "\"") +
               " is printed without counts";
      admission.unread = false;
      for (const bool unread : {false, true}) {  // what is read, then with what is only quoted
        admission.unread = unread;
        for (const auto& f :
             mechanism_frequencies(library, admission, 0.95, m.prior_agent, m.mechanism)) {
          const Estimated& e = f.pooled.proportion;
          c.says += std::string(unread ? "; with series that were not read here, "
                                       : "; counted series that were read ") +
                    "pool to " + rounded(100 * e.value, 2) + " % (" + rounded(100 * e.low, 2) +
                    " to " + rounded(100 * e.high, 2) + ", " + std::to_string(e.n) + " series)";
        }
      }
      c.says += ".";
      out.push_back(std::move(c));
    }
  }
}

}  // namespace

std::vector<Conflict> find_doubts(const Library& library, const std::string& pack) {
  std::vector<Conflict> out;
  citations(library, pack, out);
  same_bound_everywhere(library, pack, out);
  mixed_tables(library, pack, out);
  units(library, pack, out);
  outcomes(library, pack, out);
  frequencies(library, pack, out);
  return out;
}

}  // namespace kinescape::evidence
