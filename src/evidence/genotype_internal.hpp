// SPDX-License-Identifier: Apache-2.0
/// \file What the readers of genotype files share. Shared inside the room.
#pragma once

#include <map>
#include <string>

#include "evidence/genotype.hpp"

namespace kinescape::evidence {

/// One annotation of one allele.
struct Consequence {
  std::string gene, protein_change;  ///< "p.Gly1202Arg", with or without a reference.
  std::string effect, intron;        ///< "splice_donor_variant", "14/20": where no residue changes.
  int rank = 0;                      ///< 0: the transcript that is preferred.
};

/// What a sample shows of one allele.
struct Sighting {
  Found found = Found::present;
  double allele_fraction = unknown;
  int depth = -1;
  std::string phase_set;
  unsigned haplotypes = 0;
};

/// Turns annotated alleles into what is carried, and counts what it cannot.
class GenotypeBuilder {
 public:
  GenotypeBuilder(const ProteinSet& proteins, const GenotypeOptions& options)
      : proteins_(proteins), options_(options) {}
  /// The change that the consequences agree on, with what was found.
  void add(const std::vector<Consequence>& consequences,
           const Sighting& sighting,
           const Where& where);
  /// A variant that is not a change of residues: "A::B" (no gene), "amplification" of `gene`.
  void add_named(const std::string& text,
                 const std::string& gene,
                 Found found,
                 const std::string& as_written,
                 const Where& where);
  [[nodiscard]] double amplified_copies() const { return options_.amplified_copies; }
  void pass_over(const std::string& reason) { ++passed_over_[reason]; }
  /// Absent where so many reads did not show it, else not covered.
  [[nodiscard]] Found unseen(int depth) const {
    return depth >= options_.min_depth ? Found::absent : Found::not_covered;
  }
  void finish(Checked<Genotype>& out, const std::string& file);

 private:
  const ProteinSet& proteins_;
  const GenotypeOptions& options_;
  std::vector<Carried> carried_;
  Problems problems_;
  std::map<std::string, int> passed_over_;
};

}  // namespace kinescape::evidence
