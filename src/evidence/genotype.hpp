// SPDX-License-Identifier: Apache-2.0
/// \file What does this line or patient carry? From a line of text, a VCF or a MAF to the keys that
/// packs use. What a file does not cover is never taken as absent.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/estimated.hpp"
#include "base/problem.hpp"
#include "evidence/library.hpp"
#include "evidence/variant.hpp"

namespace kinescape::evidence {

/// Was a change looked for, and found?
enum class Found {
  present,
  absent,       ///< Looked for at enough depth and not there.
  not_covered,  ///< Not looked at, or not at enough depth: nothing is known.
};
[[nodiscard]] std::string_view name(Found found);

struct Carried {
  std::string gene;  ///< "" for parental cells.
  Variant variant;
  Found found = Found::present;
  double allele_fraction = unknown;
  int depth = -1;  ///< Reads; -1: not told.
  std::string as_written;
  Where where;
  std::string phase_set;    ///< Changes of one set are known to lie together or apart; "": unknown.
  unsigned haplotypes = 0;  ///< Bit by bit: which copies of the chromosome carry it.
};

struct Genotype {
  std::string sample;
  std::vector<Carried> carried;
  bool from_file = false;  ///< A list of what was found: what it does not name is unknown.
};

/// "EML4::ALK v1; ALK G1202R; MET amplification": one thing a part. Each must name its gene or
/// follow from a fusion that does. Changes on one molecule are joined by +.
[[nodiscard]] Checked<Genotype> parse_genotype(std::string_view text,
                                               const ProteinSet& proteins,
                                               const Where& where = {});

struct GenotypeOptions {
  std::string sample;  ///< Of a file with several; "" where it holds one.
  int min_depth = 20;  ///< Reads below which a change that is not seen counts as not covered.
  double amplified_copies = 6;  ///< Copies from which a gene counts as amplified; needed to say so.
  [[nodiscard]] Problems check() const;
};

/// A VCF or BCF (by its content) or a MAF (by its columns). Changes are taken from the protein
/// consequences that VEP (CSQ), SnpEff (ANN) or vcf2maf (HGVSp_Short) wrote; of several transcripts
/// the one that the packs' protein fits, then MANE, canonical or picked. What has none, fails its
/// filter or cannot be read is counted in warnings. Structural records: gene fusions that SnpEff
/// names (A&B), and copy numbers (CN) of genes whose whole transcript is gained or duplicated;
/// breakpoints that name no fusion are passed over. A lost splice site of a gene whose protein the
/// packs know is the skipping of its exon, as far as is to be expected: the donor of intron 14 or
/// the acceptor of intron 13 is exon 14. Absent: genotype 0/0 (or no read of the change)
/// at min_depth reads or more.
[[nodiscard]] Checked<Genotype> read_genotype(const std::string& path,
                                              const ProteinSet& proteins,
                                              const GenotypeOptions& options = {});
/// The two readers behind it.
[[nodiscard]] Checked<Genotype> read_genotype_vcf(const std::string& path,
                                                  const ProteinSet& proteins,
                                                  const GenotypeOptions& options = {});
[[nodiscard]] Checked<Genotype> read_genotype_maf(std::string_view bytes,
                                                  const std::string& file,
                                                  const ProteinSet& proteins,
                                                  const GenotypeOptions& options = {});

/// What a genotype says of one gene.
struct OfGene {
  VariantOf variant;  ///< Key "" where nothing can be said: `why`.
  std::string why;
  std::vector<std::string> also;  ///< What else it carries, in other genes or beside it.
};
/// A fusion or "WT" without a change is the wild type. Two changes are one compound variant where
/// their phase puts them on one molecule; where it does not, they have no single key. A file in
/// which a gene has no change says nothing of it unless the text does.
[[nodiscard]] OfGene carried_of(const Genotype& genotype,
                                const std::string& gene,
                                const Library& library);

}  // namespace kinescape::evidence
