// SPDX-License-Identifier: Apache-2.0
// From free text to variants: takes the gene, reference and fusion off, then reads what is left.
#include "evidence/variant.hpp"

#include <algorithm>
#include <cctype>

#include "base/text.hpp"
#include "evidence/variant_change_internal.hpp"

namespace kinescape::evidence {
namespace {

bool gene_like(std::string_view word) {
  if (word.size() < 2 || word.size() > 12 || !std::isupper(static_cast<unsigned char>(word[0])))
    return false;
  return std::all_of(
             word.begin(), word.end(), [](unsigned char c) { return std::isalnum(c) != 0; }) &&
         !parse_change(word);
}

/// "EML4-ALK", "EML4::ALK", "v::ALK": the two ends.
std::optional<std::pair<std::string, std::string>> fusion_of(std::string_view word) {
  if (iequal(word, "wild-type")) return std::nullopt;
  for (const std::string_view mark : {std::string_view("::"), std::string_view("-")}) {
    const auto at = word.find(mark);
    if (at == std::string_view::npos) continue;
    const auto left = word.substr(0, at), right = word.substr(at + mark.size());
    const bool unnamed = mark == "::" && (left == "v" || left == "?");
    if ((unnamed || gene_like(left)) && gene_like(right)) {
      return std::pair{unnamed ? std::string() : std::string(left), std::string(right)};
    }
  }
  return std::nullopt;
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

std::vector<std::string> split(std::string_view text, std::string_view marks) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (marks.find(c) != std::string_view::npos) {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  std::erase_if(out, [](const std::string& s) { return trimmed(s).empty(); });
  for (auto& s : out) s = std::string(trimmed(s));
  return out;
}

/// The text without reference, gene and fusion, which go into `found`.
struct Stripped {
  std::string body;
  Variant found;
  std::string fusion;
  bool says_fusion = false;
};

bool is_fusion_detail(const std::string& word) {
  const std::string small = lower(word);
  if (small.size() <= 4 && small.size() >= 2 && small[0] == 'v' &&
      std::isdigit(static_cast<unsigned char>(small[1]))) {
    return true;  // v1, v3a
  }
  const auto semi = small.find(';');  // E6;A20: the exons that were joined
  return semi != std::string::npos && semi >= 2 && semi <= 4 && small.size() - semi <= 5 &&
         std::isalpha(static_cast<unsigned char>(small[0])) &&
         std::isdigit(static_cast<unsigned char>(small[1])) &&
         std::isdigit(static_cast<unsigned char>(small[semi + 2 < small.size() ? semi + 2 : semi]));
}

/// One word of the text: true if it was understood and is not part of the body.
bool take_word(const std::string& word, Stripped& out) {
  if (const auto fusion = fusion_of(word)) {
    out.found.partner = fusion->first;
    out.found.gene = fusion->second;
    out.fusion =
        fusion->first.empty() ? fusion->second + " fusion" : fusion->first + "-" + fusion->second;
    out.says_fusion = true;
    return true;
  }
  const std::string small = lower(word);
  if (small == "fusion" || small == "fusions" || small == "rearrangement" ||
      small == "rearranged") {
    out.says_fusion = true;
    return true;
  }
  if (out.says_fusion && is_fusion_detail(word)) {
    out.found.fusion_variant = small[0] == 'v' ? small.substr(1) : word;
    return true;
  }
  if (small == "wild-type" || small == "wildtype") return false;
  const bool keyword = small == "wt" || small == "skipping" || small == "skip" || small == "wild" ||
                       small == "type" || small == "amp" || small == "amplification" ||
                       small == "parental" || small == "exon" || small == "mutation" ||
                       small == "gain" || small.starts_with("ex1");
  if (!keyword && gene_like(word)) {
    out.found.gene = word;
    return true;
  }
  return false;
}

Stripped strip(std::string_view text) {
  Stripped out;
  std::string plain = replaced(std::string(trimmed(text)), "\xC2\xA0", " ");
  for (const char* note : {"(gatekeeper)", "(Gatekeeper)", " mutation", " mutant", " MUTATION"})
    plain = replaced(plain, note, "");
  const auto colon = plain.find(':');  // NP_004295.2:p.Gly1202Arg, ALK:G1202R; "::" is a fusion
  if (colon != std::string::npos && colon > 0 && plain.compare(colon, 2, "::") != 0) {
    const std::string head(trimmed(std::string_view(plain).substr(0, colon)));
    const bool reference = head.find('_') != std::string::npos || head.starts_with("ENSP");
    if (reference || gene_like(head)) {
      (reference ? out.found.reference : out.found.gene) = head;
      plain = plain.substr(colon + 1);
    }
  }
  for (const auto& word : split(plain, " \t")) {
    if (!take_word(word, out)) out.body += (out.body.empty() ? "" : " ") + word;
  }
  return out;
}

std::string without_marks(std::string body) {
  body = replaced(std::move(body), "p.", "");
  std::erase_if(body, [](char c) { return c == '(' || c == ')'; });
  return body;
}

/// The variants that a body without gene names, or nothing.
std::optional<std::vector<std::vector<Change>>> read_changes(const std::string& body) {
  std::vector<std::vector<Change>> variants;
  if (const auto exon = parse_exon_change(body)) return std::vector<std::vector<Change>>{{*exon}};
  std::string text = replaced(without_marks(body), " and ", "+");
  text = replaced(std::move(text), " & ", "+");
  text = replaced(std::move(text), "];[", ",");  // in trans: two molecules
  std::erase_if(text, [](char c) { return c == '[' || c == ']' || c == ' '; });
  const auto joins = [](char c) { return c == '+' || c == '/'; };
  for (std::size_t i = 0; i < text.size(); ++i) {  // joined to nothing: half of a name
    const bool alone = i == 0 || i + 1 == text.size() || joins(text[i - 1]);
    if (joins(text[i]) && alone) return std::nullopt;
  }
  for (const auto& alternative : split(text, ",")) {
    std::vector<Change> cis;
    for (const auto& part : split(alternative, "+;")) {
      const auto pieces = split(part, "/");
      if (pieces.empty()) return std::nullopt;
      const auto first = parse_change(pieces.front());
      if (!first) return std::nullopt;
      std::vector<Change> same_place{*first};
      for (std::size_t i = 1; i < pieces.size(); ++i) {
        const bool letter = pieces[i].size() == 1 || one_letter(pieces[i]);
        const auto change = letter ? parse_change(std::string(1, first->first_residue) +
                                                  std::to_string(first->first) + pieces[i])
                                   : parse_change(pieces[i]);
        if (!change) return std::nullopt;
        (change->first == first->first ? same_place : cis).push_back(*change);
      }
      if (same_place.size() > 1) {  // I1171T/N/S: one of them, not all
        if (!cis.empty()) return std::nullopt;
        for (const auto& change : same_place) variants.push_back({change});
        continue;
      }
      cis.push_back(*first);
    }
    if (!cis.empty()) variants.push_back(cis);
  }
  if (variants.empty()) return std::nullopt;
  return variants;
}

std::optional<VariantKind> read_word(const std::string& body, bool says_fusion) {
  std::string small = lower(body);
  std::erase_if(small, [](char c) { return c == ' ' || c == '-' || c == '_'; });
  if (small == "wt" || small == "wildtype") return VariantKind::wild_type;
  if (small == "parental" || small == "parentalba/f3") return VariantKind::parental;
  for (const char* word :
       {"amplification", "amp", "amplified", "copynumbergain", "gain", "copynumberincrease"}) {
    if (small == word) return VariantKind::amplification;
  }
  if (small.empty() && says_fusion) return VariantKind::fusion;
  return std::nullopt;
}

}  // namespace

void ProteinSet::add(const std::string& gene, std::size_t first, const std::string& residues) {
  auto& of = genes_[gene];
  for (std::size_t i = 0; i < residues.size(); ++i) of[first + i] = residues[i];
}

std::optional<char> ProteinSet::residue(const std::string& gene, std::size_t position) const {
  const auto of = genes_.find(gene);
  if (of == genes_.end()) return std::nullopt;
  const auto at = of->second.find(position);
  return at == of->second.end() ? std::nullopt : std::optional(at->second);
}

std::string Variant::key() const {
  switch (kind) {
    case VariantKind::wild_type:
      return "WT";
    case VariantKind::parental:
      return "parental";
    case VariantKind::amplification:
      return "amplification";
    case VariantKind::fusion:
      return "fusion";
    case VariantKind::changes:
      break;
  }
  std::string out;
  for (const auto& change : changes) out += (out.empty() ? "" : "+") + change.key();
  return out;
}

Checked<ParsedVariants> parse_variants(std::string_view text,
                                       const std::string& gene,
                                       const ProteinSet& proteins,
                                       const Where& where) {
  Checked<ParsedVariants> out;
  const auto fail = [&](std::string what, std::string fix) {
    out.value = {};  // not those that were read before the fault
    out.problems.push_back({where, std::move(what), std::move(fix)});
    return out;
  };
  if (text.size() > 400)
    return fail("this is too long for the name of a variant", "Name one variant in a cell.");
  Stripped stripped = strip(text);
  out.value.fusion = stripped.fusion;
  const std::string& of = stripped.found.gene.empty() ? gene : stripped.found.gene;
  if (const auto kind = read_word(stripped.body, stripped.says_fusion)) {
    stripped.found.kind = *kind;
    out.value.variants.push_back(stripped.found);
    return out;
  }
  const auto read = read_changes(stripped.body);
  if (!read) {
    return fail("\"" + printable(text) + "\" is no variant that can be read",
                "Write it as HGVS (p.Gly1202Arg or G1202R, W557_K558del, T1151dup), with + between "
                "changes on one "
                "molecule; or WT, parental, amplification, fusion, exon14skip.");
  }
  for (auto changes : *read) {
    Variant variant = stripped.found;
    variant.kind = VariantKind::changes;
    for (auto& change : changes) {
      const std::string wrong = standardise(change, of, proteins);
      if (!wrong.empty()) {
        return fail("\"" + printable(text) + "\": " + wrong,
                    "Check the gene, the residue number and the reference.");
      }
    }
    std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
      return a.first != b.first ? a.first < b.first : a.key() < b.key();
    });
    changes.erase(std::unique(changes.begin(), changes.end()), changes.end());
    variant.changes = std::move(changes);
    out.value.variants.push_back(std::move(variant));
  }
  return out;
}

Checked<Variant> parse_variant(std::string_view text,
                               const std::string& gene,
                               const ProteinSet& proteins,
                               const Where& where) {
  auto parsed = parse_variants(text, gene, proteins, where);
  Checked<Variant> out;
  out.problems = std::move(parsed.problems);
  if (!out.ok()) return out;
  if (parsed.value.variants.size() != 1) {
    out.problems.push_back(
        {where, "\"" + printable(text) + "\" names several variants", "Name one."});
    return out;
  }
  out.value = std::move(parsed.value.variants.front());
  return out;
}

}  // namespace kinescape::evidence
