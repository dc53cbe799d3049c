// SPDX-License-Identifier: Apache-2.0
// How published potencies join a study: its lines' genotypes say what to ask, its plates' IC50s
// stand beside the answers.
#include <fmt/format.h>

#include <algorithm>

#include "study/room_internal.hpp"

namespace kinescape::study {
namespace {

namespace fs = std::filesystem;

/// The first of its ancestors: all lines derived from one are the same cells.
std::string cells_of(const Study& study, const std::string& line) {
  std::string at = line;
  for (std::size_t i = 0; i < study.lines.size(); ++i) {
    const auto found =
        std::ranges::find_if(study.lines, [&](const CellLine& l) { return l.name == at; });
    if (found == study.lines.end() || found->parental.empty()) break;
    at = found->parental;
  }
  return at;
}

/// The one gene of the packs that the genotypes name.
std::string shared_gene(const std::vector<evidence::Genotype>& genotypes,
                        const evidence::Library& library,
                        const EvidenceInput& in,
                        Problems& problems) {
  std::set<std::string> known, named;
  for (const auto& row : library.rows) known.insert(row.gene);
  for (const auto& genotype : genotypes) {
    for (const auto& c : genotype.carried) {
      if (!c.gene.empty() && known.contains(c.gene)) named.insert(c.gene);
    }
  }
  if (!in.gene.empty()) {
    if (known.contains(in.gene)) return in.gene;
    std::vector<std::string> genes(known.begin(), known.end());
    const auto guess = nearest(in.gene, genes);
    problems.push_back(
        {in.at,
         fmt::format("no pack holds a row on the gene \"{}\"", printable(in.gene)),
         guess ? fmt::format("Did you mean \"{}\"?", *guess) : "Name a gene of the packs."});
    return "";
  }
  if (named.size() == 1) return *named.begin();
  std::string list;
  for (const auto& gene : named) list += (list.empty() ? "" : ", ") + gene;
  problems.push_back({in.at,
                      named.empty()
                          ? "no genotype of a line names a gene of the packs"
                          : "the genotypes of the lines name several genes of the packs: " + list,
                      "Add gene = \"...\" to the [evidence] block."});
  return "";
}

void add_variant(const evidence::VariantOf& variant, std::vector<evidence::VariantOf>& all) {
  if (std::ranges::find(all, variant) == all.end()) all.push_back(variant);
}

/// What is asked of the packs: the lines' variants, then those that the block adds.
void place_variants(const Study& study,
                    const evidence::Library& library,
                    const std::vector<evidence::Genotype>& genotypes,
                    Loaded& loaded,
                    Problems& problems) {
  const EvidenceInput& in = *study.evidence;
  loaded.evidence_gene = shared_gene(genotypes, library, in, problems);
  if (loaded.evidence_gene.empty()) return;
  for (std::size_t i = 0; i < study.lines.size(); ++i) {
    LineVariant line{study.lines[i].name, cells_of(study, study.lines[i].name), {}};
    line.of = evidence::carried_of(genotypes[i], loaded.evidence_gene, library);
    if (!line.of.variant.key.empty()) add_variant(line.of.variant, loaded.evidence_variants);
    loaded.line_variants.push_back(std::move(line));
  }
  for (const std::string& text : in.variants) {
    auto variant = library.variant(text, loaded.evidence_gene);
    for (Problem& p : variant.problems) {
      p.where = in.at;
      problems.push_back(std::move(p));
    }
    if (variant.ok()) add_variant(variant.value, loaded.evidence_variants);
  }
  if (loaded.evidence_variants.empty())
    problems.push_back({in.at,
                        "there is no variant to ask the evidence about",
                        "Give lines a genotype, or add variants = [\"...\"]."});
}

void check_agents(const EvidenceInput& in, const evidence::Library& library, Problems& problems) {
  std::vector<std::string> known;
  for (const auto& [text, agent] : library.agent_names) known.push_back(agent);
  for (const std::string& text : in.agents) {
    if (!library.agent(text).empty()) continue;
    const auto guess = nearest(text, known);
    problems.push_back(
        {in.at,
         fmt::format("no pack knows the agent \"{}\"", printable(text)),
         guess ? fmt::format("Did you mean \"{}\"?", *guess) : "Name an agent of the packs."});
  }
}

const LineVariant* variant_of(const Loaded& loaded, const std::string& line) {
  const auto found =
      std::ranges::find_if(loaded.line_variants, [&](const auto& l) { return l.line == line; });
  return found == loaded.line_variants.end() || found->of.variant.key.empty() ? nullptr : &*found;
}

/// A drug by a name that the packs know: its own, or an alias.
std::string known_drug(const Study& study,
                       const evidence::Library& library,
                       const std::string& drug) {
  if (!library.agent(drug).empty()) return drug;
  for (const Drug& d : study.drugs) {
    if (d.name != drug) continue;
    for (const std::string& alias : d.aliases)
      if (!library.agent(alias).empty()) return alias;
  }
  return drug;
}

/// Why the values of a line do not weigh as those of its genotype; "" when they do.
std::string apart(const Study& study, const Loaded& loaded, const LineVariant& line) {
  const auto of =
      std::ranges::find_if(study.lines, [&](const CellLine& l) { return l.name == line.line; });
  if (of == study.lines.end() || of->parental.empty()) return "";
  const LineVariant* from = variant_of(loaded, of->parental);
  if (from == nullptr || from->of.variant != line.of.variant) return "";
  return line.line + " was derived from " + of->parental + " and its genotype is the same (" +
         line.of.variant.text() + "): what changed is not named.";
}

void ask_of_plates(const Study& study,
                   const Loaded& loaded,
                   const viability::Estimate& plates,
                   evidence::Question& question) {
  for (const auto& curve : plates.curves) {
    const LineVariant* line = variant_of(loaded, curve.line);
    if (line == nullptr) continue;
    question.own.push_back({curve.line,
                            known_drug(study, *loaded.evidence, curve.drug),
                            line->cells,
                            line->of.variant,
                            curve.ic50_nM,
                            apart(study, loaded, *line)});
  }
  for (const auto& c : plates.comparisons) {
    const LineVariant *line = variant_of(loaded, c.resistant),
                      *from = variant_of(loaded, c.parental);
    if (line == nullptr || from == nullptr) continue;
    question.folds.push_back({c.resistant,
                              c.parental,
                              known_drug(study, *loaded.evidence, c.drug),
                              line->of.variant,
                              from->of.variant,
                              c.fold_ic50});
  }
}

}  // namespace

void read_evidence(TomlReader& top, Study& study) {
  if (!top.has("evidence")) return;
  TomlReader block = top.table("evidence");
  EvidenceInput in;
  in.at = block.where();
  for (const std::string& folder : block.texts("packs")) {
    const fs::path whole = fs::path(study.folder) / folder;
    std::error_code ignored;
    if (!fs::exists(whole / "pack.json", ignored))
      block.problem(
          "packs",
          fmt::format("\"{}\" is no evidence pack: there is no pack.json in it", printable(folder)),
          "Name folders relative to the study file; leave packs out for those that come "
          "with the program.");
    in.packs.push_back(whole.lexically_normal().string());
  }
  in.include_unread = block.boolean("include_unread", false);
  in.gene = block.text("gene");
  in.variants = block.texts("variants");
  in.agents = block.texts("agents");
  block.finish();
  study.evidence = std::move(in);
}

void load_evidence(const Study& study,
                   const RunOptions& options,
                   Loaded& loaded,
                   Problems& problems) {
  if (!study.evidence) return;
  const EvidenceInput& in = *study.evidence;
  const auto& folders = in.packs.empty() ? options.shipped_packs : in.packs;
  if (folders.empty()) {
    problems.push_back({in.at,
                        "no evidence pack is named and none comes with the program",
                        "Add packs = [\"folder of a pack\"]."});
    return;
  }
  auto library = evidence::load(folders);
  append(problems, std::move(library.problems));
  if (has_errors(problems)) return;
  std::vector<evidence::Genotype> genotypes;
  for (const CellLine& line : study.lines) {
    auto genotype =
        evidence::parse_genotype(line.genotype, library.value.proteins, line.genotype_at);
    append(problems, std::move(genotype.problems));
    if (!line.genotype_file.empty()) {
      auto more = evidence::read_genotype(
          line.genotype_file, library.value.proteins, {line.genotype_sample});
      append(problems, std::move(more.problems));
      genotype.value.from_file = true;
      for (auto& carried : more.value.carried) genotype.value.carried.push_back(std::move(carried));
    }
    genotypes.push_back(std::move(genotype.value));
  }
  check_agents(in, library.value, problems);
  place_variants(study, library.value, genotypes, loaded, problems);
  loaded.evidence = std::move(library.value);
}

std::vector<std::string> files_of_evidence(const Study& study) {
  std::vector<std::string> files;
  for (const CellLine& line : study.lines) {
    if (study.evidence && !line.genotype_file.empty()) files.push_back(line.genotype_file);
  }
  return files;
}

void run_evidence(const Study& study,
                  Loaded& loaded,
                  const RunOptions& options,
                  Results& results,
                  Problems& problems) {
  if (!loaded.evidence) return;
  const EvidenceInput& in = *study.evidence;
  evidence::Question question;
  question.gene = loaded.evidence_gene;
  question.variants = loaded.evidence_variants;
  question.potency.level = study.level;
  question.potency.threads = options.threads;
  question.potency.admission = {in.include_unread, in.include_unread || !in.packs.empty()};
  for (const Drug& drug : study.drugs) {
    const std::string known = known_drug(study, *loaded.evidence, drug.name);
    if (!in.agents.empty() && !loaded.evidence->agent(known).empty())
      question.agents.push_back(known);
  }
  question.agents.insert(question.agents.end(), in.agents.begin(), in.agents.end());
  if (results.viability) ask_of_plates(study, loaded, *results.viability, question);
  for (const auto& pack : loaded.evidence->packs) {
    for (const auto& [file, hash] : pack.sha256) {
      const fs::path path = fs::path(pack.folder) / file;
      std::error_code unknown_size;
      results.provenance.inputs.push_back({path.string(), hash, fs::file_size(path, unknown_size)});
    }
  }
  EvidenceResults out;
  out.lines = loaded.line_variants;
  out.estimate = evidence::estimate(*loaded.evidence, question);
  append(problems, out.estimate.problems);
  results.evidence = std::move(out);
}

}  // namespace kinescape::study
