// SPDX-License-Identifier: Apache-2.0
#include "evidence/genotype.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace kinescape::evidence {
namespace {

std::string said_of(const Carried& c) {
  std::string out = c.gene.empty() ? c.variant.key() : c.gene + " " + c.variant.key();
  if (c.variant.kind == VariantKind::fusion) out = c.as_written;
  return out;
}

}  // namespace

std::string_view name(Found found) {
  switch (found) {
    case Found::present:
      return "present";
    case Found::absent:
      return "absent";
    case Found::not_covered:
      return "not_covered";
  }
  return "";
}

Checked<Genotype> parse_genotype(std::string_view text,
                                 const ProteinSet& proteins,
                                 const Where& where) {
  Checked<Genotype> out;
  std::string fused;  // gene of the fusion that was named first
  // Parts are separated by "; ": fusions name their exons as "E13;A20", changes in cis as "[a;b]".
  std::vector<std::string> parts(1);
  int brackets = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    brackets += text[i] == '[' ? 1 : text[i] == ']' ? -1 : 0;
    const bool last = i + 1 == text.size() || text[i + 1] == ' ' || text[i + 1] == '\n';
    if (text[i] == ';' && brackets <= 0 && last) {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  for (const std::string& part : parts) {
    const std::string written(trimmed(part));
    if (written.empty()) continue;
    // First without a gene: whether the part names one; then with it, so that residues are checked.
    auto named = parse_variant(written, fused, proteins, where);
    if (!named.ok()) {
      append(out.problems, std::move(named.problems));
      continue;
    }
    Carried c;
    c.variant = std::move(named.value);
    c.gene = c.variant.gene.empty() ? fused : c.variant.gene;
    if (c.variant.kind == VariantKind::parental) c.gene.clear();
    if (c.gene.empty() && c.variant.kind != VariantKind::parental) {
      out.problems.push_back({where,
                              "\"" + printable(written) + "\" names no gene",
                              "Write the gene before the change, as in GENE A100C."});
      continue;
    }
    if (fused.empty() && !c.variant.partner.empty()) fused = c.gene;
    c.as_written = written;
    c.where = where;
    out.value.carried.push_back(std::move(c));
  }
  return out;
}

namespace {

enum class Together { unknown, one_molecule, apart };

/// Whether the phase of the changes puts all of them on one copy of the chromosome.
Together together(const std::vector<const Carried*>& changes) {
  unsigned common = ~0U, seen = 0;
  bool apart = true;
  for (const Carried* c : changes) {
    if (c->phase_set.empty() || c->phase_set != changes.front()->phase_set)
      return Together::unknown;
    common &= c->haplotypes;
    apart = apart && (seen & c->haplotypes) == 0;
    seen |= c->haplotypes;
  }
  return common != 0 ? Together::one_molecule : apart ? Together::apart : Together::unknown;
}

/// The key of all changes on one molecule.
std::string compound_key(const std::vector<const Carried*>& changes,
                         const std::string& gene,
                         const Library& library) {
  std::string text;
  for (const Carried* c : changes) text += (text.empty() ? "" : "+") + c->variant.key();
  const auto joined = parse_variant(text, gene, library.proteins);
  return joined.ok() ? library.aliased(gene, joined.value.key()) : "";
}

}  // namespace

OfGene carried_of(const Genotype& genotype, const std::string& gene, const Library& library) {
  OfGene out;
  out.variant.gene = gene;
  std::vector<const Carried*> changes;
  const Carried* amplified = nullptr;
  bool plain = false, unseen = false;
  for (const Carried& c : genotype.carried) {
    if (c.gene == gene && c.found == Found::not_covered) unseen = true;
    if (c.found != Found::present) continue;
    if (c.gene != gene) {
      if (!c.gene.empty()) out.also.push_back(said_of(c));
      if (c.gene.empty()) out.variant = {"", "parental"};
      continue;
    }
    switch (c.variant.kind) {
      case VariantKind::changes:
        changes.push_back(&c);
        break;
      case VariantKind::amplification:
        amplified = &c;
        break;
      default:
        plain = true;
    }
  }
  if (out.variant.key == "parental") return out;
  std::vector<std::string> keys;
  for (const Carried* c : changes) keys.push_back(library.aliased(gene, c->variant.key()));
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  const Together phase = together(changes);
  if (keys.size() > 1 && phase == Together::one_molecule)
    out.variant.key = compound_key(changes, gene, library);
  if (!out.variant.key.empty()) {
    if (amplified != nullptr) out.also.push_back(said_of(*amplified));
  } else if (keys.size() > 1) {
    out.why = "It carries " + std::to_string(keys.size()) + " changes of " + gene +
              (phase == Together::apart
                   ? ", and their phase says that no molecule has two of them."
                   : ", and nothing says that they are on one molecule (then write them with +).");
  } else if (keys.size() == 1) {
    out.variant.key = keys.front();
    if (amplified != nullptr) out.also.push_back(said_of(*amplified));
  } else if (amplified != nullptr) {
    out.variant.key = "amplification";
  } else if (plain) {
    out.variant.key = "WT";
    if (unseen) out.also.push_back("some sites of " + gene + " that were not covered");
  } else {
    out.why = genotype.from_file ? "The file names no change of " + gene +
                                       ", and nothing says that all of it was covered."
                                 : "Its genotype says nothing of " + gene + ".";
  }
  return out;
}

}  // namespace kinescape::evidence
