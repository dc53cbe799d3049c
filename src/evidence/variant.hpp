// SPDX-License-Identifier: Apache-2.0
/// \file Which change of the protein do they mean? One key for every way of writing a variant.
///
/// HGVS protein names (den Dunnen 2016, doi:10.1002/humu.22981) with one or three letters, with or
/// without a reference sequence, and what papers write instead: I1171T/N/S, 1151Tins,
/// L1196M/G1202R, delE746-A750, EML4-ALK v1, amplification, exon 14 skipping. Gene names and
/// sequences are data: residues are checked and shorthands completed with what a ProteinSet knows.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.hpp"

namespace kinescape::evidence {

/// Stretches of the proteins that a pack knows, by gene and position from 1.
class ProteinSet {
 public:
  void add(const std::string& gene, std::size_t first, const std::string& residues);
  /// One-letter residue, or nothing where the set does not know it.
  [[nodiscard]] std::optional<char> residue(const std::string& gene, std::size_t position) const;
  [[nodiscard]] bool knows(const std::string& gene) const { return genes_.contains(gene); }

 private:
  std::map<std::string, std::map<std::size_t, char>, std::less<>> genes_;
};

enum class ChangeKind {
  substitution,   ///< G1202R, G1202* (stop)
  deletion,       ///< G1202del, W557_K558del
  duplication,    ///< T1151dup, A502_Y503dup
  insertion,      ///< A763_Y764insFQEA
  replacement,    ///< L747_P753delinsS
  frameshift,     ///< R100fs
  exon_skipping,  ///< exon14skip: first = last = exon
  exon_deletion,  ///< exon4-11del
};

/// One change. Positions count residues from 1 (exons for the exon kinds).
struct Change {
  ChangeKind kind = ChangeKind::substitution;
  std::size_t first = 0, last = 0;
  char first_residue = '\0', last_residue = '\0';  ///< '\0': the text did not say.
  std::string residues;                            ///< New or inserted residues; "*" stop.
  [[nodiscard]] std::string key() const;           ///< "G1202R", "W557_K558del", "exon14skip"
  bool operator==(const Change&) const = default;
};

enum class VariantKind {
  wild_type,
  parental,       ///< Cells that do not depend on the target: what is left is toxicity.
  changes,        ///< One change, or several on one molecule.
  amplification,  ///< More copies (or expression) of the gene.
  fusion,         ///< A fusion and nothing else is known of the kinase domain.
};

struct Variant {
  VariantKind kind = VariantKind::wild_type;
  std::vector<Change> changes;  ///< In residue order.
  std::string gene;             ///< As written, or "".
  std::string reference;        ///< "NP_004295.2", or "".
  std::string partner;          ///< Fusion partner, or "".
  std::string fusion_variant;   ///< "1", "3a", or "".
  /// Same key, same variant: "WT", "parental", "G1202R", "L1196M+G1202R", "T1151dup",
  /// "amplification", "fusion". Genes and fusions are not part of it.
  [[nodiscard]] std::string key() const;
  [[nodiscard]] bool compound() const { return changes.size() > 1; }
};

/// What one text names: usually one variant, several for "I1171T/N/S" or changes in trans.
struct ParsedVariants {
  std::vector<Variant> variants;
  std::string fusion;  ///< "EML4-ALK", when the text names one.
};

/// Reads `text`. `gene` (may be "") is used to look residues up where the text names none. Never
/// guesses: text that is none of the known forms, a residue that the protein does not have there,
/// a range that runs backwards, is a Problem with `where`.
[[nodiscard]] Checked<ParsedVariants> parse_variants(std::string_view text,
                                                     const std::string& gene = "",
                                                     const ProteinSet& proteins = {},
                                                     const Where& where = {});

/// The same where exactly one variant is expected.
[[nodiscard]] Checked<Variant> parse_variant(std::string_view text,
                                             const std::string& gene = "",
                                             const ProteinSet& proteins = {},
                                             const Where& where = {});

/// Three letters to one: "Gly" -> 'G', "Ter" -> '*'; nothing for what is no residue.
[[nodiscard]] std::optional<char> one_letter(std::string_view three);

}  // namespace kinescape::evidence
