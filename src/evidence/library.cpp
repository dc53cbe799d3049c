// SPDX-License-Identifier: Apache-2.0
#include "evidence/library.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace kinescape::evidence {
namespace {

void add_names(Library& library, const Pack& pack, Problems& problems) {
  for (const auto& agent : pack.agents) {
    const auto add = [&](const std::string& text) {
      const auto [it, fresh] = library.agent_names.try_emplace(lower(text), agent.name);
      if (!fresh && it->second != agent.name) {
        problems.push_back(
            {{pack.folder + "/agent.csv", 0, 0, agent.name, ""},
             "\"" + printable(text) + "\" names both " + it->second + " and " + agent.name,
             "An alias belongs to one agent."});
      }
    };
    add(agent.name);
    for (const auto& alias : agent.aliases) add(alias);
  }
  for (const auto& p : pack.proteins) library.proteins.add(p.gene, p.first, p.residues);
  for (const auto& s : pack.sources) library.sources[{pack.name, s.id}] = s;
}

void add_variant_aliases(Library& library, const Pack& pack, Problems& problems) {
  for (const auto& v : pack.variants) {
    const auto main = parse_variant(v.variant, v.gene, library.proteins, v.where);
    append(problems, main.problems);
    if (!main.ok()) continue;
    for (const auto& alias : v.aliases) {
      const auto other = parse_variant(alias, v.gene, library.proteins, v.where);
      if (!other.ok() || other.value.key() == main.value.key()) continue;
      library.variant_aliases[{v.gene, other.value.key()}] = main.value.key();
    }
  }
}

/// Fills what a row refers to: key, changes, words, system, readout, source.
void key_row(const Library& library, const Pack& pack, Row& row, Problems& problems) {
  Where where = row.where;
  where.item = "variant";
  const auto parsed = parse_variant(row.variant_as_printed, row.gene, library.proteins, where);
  append(problems, parsed.problems);
  if (parsed.ok()) {
    row.variant = library.aliased(row.gene, parsed.value.key());
    row.changes.clear();
    if (parsed.value.kind == VariantKind::changes) {
      for (const auto& change : parsed.value.changes)
        row.changes.push_back(library.aliased(row.gene, change.key()));
    }
    if (parsed.value.kind == VariantKind::parental) row.gene.clear();
  }
  if (row.kind == RowKind::fold) {
    const auto over = parse_variant(row.over, row.gene, library.proteins, where);
    append(problems, over.problems);
    if (over.ok()) row.over = library.aliased(row.gene, over.value.key());
  }
  if (const auto found = pack.systems.find(row.system); found != pack.systems.end())
    row.system_kind = found->second;
  if (const auto found = pack.assays.find(row.assay); found != pack.assays.end())
    row.readout = found->second;
  if (const auto found = pack.words.find(row.word); found != pack.words.end())
    row.meaning = found->second;
  if (const Source* source = library.source(pack.name, row.source))
    row.source_identity = source->identity;
  if (row.source_identity.empty()) row.source_identity = pack.name + ":" + row.source;
  if (const std::string agent = library.agent(row.agent); !agent.empty()) row.agent = agent;
}

}  // namespace

const Source* Library::source(const std::string& pack, const std::string& id) const {
  const auto found = sources.find({pack, id});
  return found == sources.end() ? nullptr : &found->second;
}

std::string Library::agent(std::string_view text) const {
  const auto found = agent_names.find(lower(trimmed(text)));
  return found == agent_names.end() ? "" : found->second;
}

std::string Library::aliased(const std::string& gene, const std::string& key) const {
  const auto found = variant_aliases.find({gene, key});
  return found == variant_aliases.end() ? key : found->second;
}

Checked<VariantOf> Library::variant(std::string_view text, const std::string& gene) const {
  Checked<VariantOf> out;
  const Where where{"", 0, 0, "variant", std::string(text)};
  const auto named = parse_variants(text, gene, proteins, where);
  out.problems = named.problems;
  if (!out.ok()) return out;
  if (named.value.variants.size() != 1) {
    std::string listed;
    for (const auto& each : named.value.variants)
      listed += (listed.empty() ? "" : ", ") + each.key();
    out.problems.push_back({where,
                            "\"" + printable(text) + "\" names several variants: " + listed,
                            "Ask for one at a time."});
    return out;
  }
  const Variant& v = named.value.variants.front();
  if (v.kind == VariantKind::parental) {
    out.value = {"", "parental"};
    return out;
  }
  std::string of = v.gene.empty() ? gene : v.gene;
  if (!of.empty()) {
    const auto again = parse_variant(text, of, proteins, where);
    append(out.problems, again.problems);
    if (!again.ok()) return out;
    out.value = {of, aliased(of, again.value.key())};
    // A fusion that has no rows of its own is what the packs call the wild type: no change in it.
    const bool own = std::any_of(rows.begin(), rows.end(), [&](const Row& r) {
      return r.gene == of && r.variant == out.value.key;
    });
    if (v.kind == VariantKind::fusion && !own) out.value.key = "WT";
    return out;
  }
  std::set<std::string> genes, all;
  for (const auto& row : rows) {
    if (row.gene.empty() || !all.insert(row.gene).second) continue;
    const auto again = parse_variant(text, row.gene, proteins, where);
    if (!again.ok()) continue;
    const std::string key = aliased(row.gene, again.value.key());
    const bool held = std::any_of(rows.begin(), rows.end(), [&](const Row& r) {
      return r.gene == row.gene &&
             (r.variant == key ||
              std::find(r.changes.begin(), r.changes.end(), key) != r.changes.end());
    });
    if (held) genes.insert(row.gene);
  }
  if (genes.empty()) {  // not measured anywhere: the one protein that has those residues, if it is
                        // known
    for (const auto& candidate : all) {
      if (!proteins.knows(candidate) || v.kind != VariantKind::changes) continue;
      const bool fits = std::all_of(v.changes.begin(), v.changes.end(), [&](const Change& c) {
        const auto real = proteins.residue(candidate, c.first);
        return real && (c.first_residue == '\0' || *real == c.first_residue);
      });
      if (fits) genes.insert(candidate);
    }
  }
  if (genes.size() == 1) {
    const auto again = parse_variant(text, *genes.begin(), proteins, where);
    out.value = {*genes.begin(), aliased(*genes.begin(), again.value.key())};
    return out;
  }
  std::string listed;
  for (const auto& g : genes.empty() ? all : genes) listed += (listed.empty() ? "" : ", ") + g;
  out.problems.push_back(
      {where,
       genes.empty() ? "no row of the packs holds \"" + printable(text) +
                           "\" and no known protein has that residue"
                     : "\"" + printable(text) + "\" is a variant of several genes: " + listed,
       "Name the gene: --gene, or \"GENE " + printable(text) + "\". Genes of the packs: " + listed +
           "."});
  return out;
}

Checked<Library> join(std::vector<Pack> packs) {
  Checked<Library> out;
  Library& library = out.value;
  for (const auto& pack : packs) add_names(library, pack, out.problems);
  for (const auto& pack : packs) add_variant_aliases(library, pack, out.problems);
  std::set<std::pair<std::string, std::string>> superseded;  // (pack or "", id)
  for (auto& pack : packs) {
    for (auto& row : pack.rows) {
      key_row(library, pack, row, out.problems);
      for (const auto& id : row.supersedes) {  // "row" of this pack, or "pack:row"
        const auto colon = id.find(':');
        superseded.insert(colon == std::string::npos
                              ? std::pair{pack.name, id}
                              : std::pair{id.substr(0, colon), id.substr(colon + 1)});
      }
      library.rows.push_back(std::move(row));
    }
    pack.rows.clear();
    for (auto& m : pack.mechanisms) {
      const Source* s = library.source(pack.name, m.source);
      m.source_identity = s != nullptr ? s->identity : pack.name + ":" + m.source;
    }
  }
  for (auto& row : library.rows) row.superseded = superseded.contains({row.pack, row.id});
  library.packs = std::move(packs);
  return out;
}

Checked<Library> load(const std::vector<std::string>& folders) {
  Problems problems;
  std::vector<Pack> packs;
  std::set<std::string> names;
  for (const auto& folder : folders) {
    auto pack = read_pack(folder);
    append(problems, std::move(pack.problems));
    if (!names.insert(pack.value.name).second) {
      problems.push_back({{folder, 0, 0, "", ""},
                          "a pack named \"" + printable(pack.value.name) + "\" is loaded already",
                          "Give each pack a name of its own."});
    }
    packs.push_back(std::move(pack.value));
  }
  if (has_errors(problems)) return {{}, std::move(problems)};
  auto out = join(std::move(packs));
  append(problems, std::move(out.problems));
  out.problems = std::move(problems);
  return out;
}

std::string left_out(const Row& row, const Admission& admission) {
  if (row.superseded) return "superseded";
  if (row.read == Read::no && !admission.unread) return "not read in its source";
  if (row.read == Read::quoted && !admission.quoted && !admission.unread)
    return "quoted, not read in its source";
  if (row.kind != RowKind::statement && row.relation == PrintedRelation::missing)
    return "no value printed";
  if (row.kind == RowKind::statement) {
    if (row.meaning == Meaning::comparison) return "compares two variants, sets no level";
    if (row.meaning == Meaning::unmeasured) return "not determined";
  }
  return "";
}

}  // namespace kinescape::evidence
