// SPDX-License-Identifier: Apache-2.0
#include "evidence/genotype.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "evidence/fixture_internal.hpp"

namespace kinescape::evidence {
namespace {

/// KIN 100.. is ACDEFGHIKL (fixture_internal.hpp).
ProteinSet kin_proteins() {
  ProteinSet set;
  set.add("KIN", 100, "ACDEFGHIKL");
  return set;
}

OfGene of(const std::string& text) {
  const auto genotype = parse_genotype(text, kin_proteins());
  EXPECT_TRUE(genotype.ok()) << text << ": " << describe(genotype.problems);
  return carried_of(genotype.value, "KIN", tests::library_of(""));
}

TEST(Genotype, a_fusion_alone_is_the_wild_type_and_a_change_beside_it_is_that_change) {
  EXPECT_EQ(of("PART::KIN v1").variant.key, "WT");
  EXPECT_EQ(of("PART-KIN E13;A20; KIN A100C").variant.key, "A100C");
  EXPECT_EQ(of("PART::KIN v1; A100C").variant.key, "A100C") << "the fusion names the gene";
  EXPECT_EQ(of("KIN p.[Ala100Cys;Asp102Glu]").variant.key, "A100C+D102E");
  EXPECT_EQ(of("KIN amplification").variant.key, "amplification");
}

TEST(Genotype, what_is_not_said_is_not_known) {
  EXPECT_EQ(of("OTH G12C").variant.key, "");
  EXPECT_FALSE(of("OTH G12C").why.empty());
  const auto two = of("PART::KIN v1; KIN A100C; KIN D102E");
  EXPECT_EQ(two.variant.key, "") << "in cis or in trans?";
  const auto bypass = of("PART::KIN v1; OTH amplification");
  EXPECT_EQ(bypass.variant.key, "WT");
  ASSERT_EQ(bypass.also.size(), 1U);
  EXPECT_EQ(bypass.also[0], "OTH amplification");
}

TEST(Genotype, faults_are_problems) {
  for (const char* text : {"KIN G100C", "A100C", "KIN nonsense words here"})
    EXPECT_FALSE(parse_genotype(text, kin_proteins()).ok()) << text;
  EXPECT_TRUE(parse_genotype("", kin_proteins()).value.carried.empty());
}

class Written {
 public:
  Written(const std::string& name, const std::string& bytes)
      : path_(std::filesystem::path(testing::TempDir()) / name) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  Written(const Written&) = delete;
  Written& operator=(const Written&) = delete;
  ~Written() { std::filesystem::remove(path_); }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

const std::string head =
    "##fileformat=VCFv4.2\n##contig=<ID=2>\n"
    "##FILTER=<ID=LowQual,Description=\"low\">\n"
    "##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Consequence annotations from Ensembl VEP. "
    "Format: Allele|Consequence|SYMBOL|HGVSp|CANONICAL\">\n"
    "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n"
    "##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"Reads\">\n"
    "##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"Depth\">\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ttumour\tblood\n";

std::string record(int at,
                   const std::string& change,
                   const std::string& tumour,
                   const std::string& blood,
                   const std::string& filter = "PASS") {
  return "2\t" + std::to_string(at) + "\t.\tC\tT\t50\t" + filter + "\tCSQ=T|missense_variant|KIN|" +
         change + "|YES\tGT:AD:DP\t" + tumour + "\t" + blood + "\n";
}

TEST(Genotype, a_vcf_says_present_absent_and_not_covered) {
  const Written file(
      "kinescape_genotype.vcf",
      head + record(10, "NP_1.1:p.Ala100Cys", "0/1:40,40:80", "0/0:90,0:90") +
          record(20, "NP_1.1:p.Asp102Glu", "0/0:55,0:55", "0/0:90,0:90") +
          record(30, "NP_1.1:p.Phe104Leu", "0/0:5,0:5", "0/0:90,0:90") +
          record(40, "NP_1.1:p.His106Leu", "./.:.:.", "0/0:90,0:90") +
          record(50, "NP_1.1:p.Ile107Leu", "0/1:30,30:60", "0/0:90,0:90", "LowQual") +
          record(60, "NP_1.1:p.Lys108%3D", "0/1:30,30:60", "0/0:90,0:90") +
          record(70, "NP_1.1:p.Trp108Leu", "0/1:30,30:60", "0/0:90,0:90"));
  EXPECT_FALSE(read_genotype(file.path(), kin_proteins()).ok()) << "two samples, none named";
  const auto read = read_genotype(file.path(), kin_proteins(), {"tumour"});
  ASSERT_TRUE(read.ok()) << describe(read.problems);
  EXPECT_TRUE(read.value.from_file);
  const auto& c = read.value.carried;
  ASSERT_EQ(c.size(), 4U);
  EXPECT_EQ(c[0].variant.key(), "A100C");
  EXPECT_EQ(c[0].found, Found::present);
  EXPECT_EQ(c[1].found, Found::absent);
  EXPECT_EQ(c[2].found, Found::not_covered) << "five reads";
  EXPECT_EQ(c[3].found, Found::not_covered) << "no call";
  EXPECT_EQ(read.problems.size(), 3U) << "filtered, synonymous, and a residue that is not there\n"
                                      << describe(read.problems);
  const auto blood = read_genotype(file.path(), kin_proteins(), {"blood"});
  ASSERT_TRUE(blood.ok());
  const OfGene none = carried_of(blood.value, "KIN", tests::library_of(""));
  EXPECT_EQ(none.variant.key, "") << "no change is listed: that is not the wild type";
  EXPECT_FALSE(read_genotype(file.path(), kin_proteins(), {"nobody"}).ok());
}

TEST(Genotype, allele_fractions_come_from_reads_and_alleles_from_their_annotation) {
  std::string two = record(10, "p.Ala100Cys", "1/2:10,30,60:100", "0/0:90,0,0:90");
  two.replace(two.find("\tT\t"), 3, "\tT,G\t");
  two.replace(two.find("|YES"), 4, "|YES,G|missense_variant|KIN|p.Ala100Gly|YES");
  const Written file("kinescape_alleles.vcf", head + two);
  const auto read = read_genotype(file.path(), kin_proteins(), {"tumour"});
  ASSERT_TRUE(read.ok()) << describe(read.problems);
  ASSERT_EQ(read.value.carried.size(), 2U);
  EXPECT_EQ(read.value.carried[0].variant.key(), "A100C");
  EXPECT_NEAR(read.value.carried[0].allele_fraction, 0.3, 1e-12);
  EXPECT_EQ(read.value.carried[1].variant.key(), "A100G");
  EXPECT_NEAR(read.value.carried[1].allele_fraction, 0.6, 1e-12);
  EXPECT_EQ(read.value.carried[1].depth, 100);
}

TEST(Genotype, phase_says_whether_two_changes_are_on_one_molecule) {
  const std::string phased = std::string(head).replace(
      head.find("##FORMAT=<ID=AD"),
      0,
      "##FORMAT=<ID=PS,Number=1,Type=Integer,Description=\"Phase set\">\n");
  const auto key = [&](const std::string& first, const std::string& second, bool sets) {
    std::string text =
        record(10, "p.Ala100Cys", first, first) + record(20, "p.Asp102Glu", second, second);
    if (sets) {
      for (std::size_t at = 0; (at = text.find("GT:AD:DP", at)) != std::string::npos; at += 8)
        text.replace(at, 8, "GT:AD:PS");
    }
    const Written file("kinescape_phase.vcf", phased + text);
    const auto read = read_genotype(file.path(), kin_proteins(), {"tumour"});
    EXPECT_TRUE(read.ok()) << describe(read.problems);
    return carried_of(read.value, "KIN", tests::library_of(""));
  };
  EXPECT_EQ(key("0|1:9,9:18", "0|1:9,9:18", false).variant.key, "A100C+D102E") << "one chromosome";
  EXPECT_EQ(key("0|1:9,9:7", "0|1:9,9:7", true).variant.key, "A100C+D102E") << "one phase set";
  EXPECT_EQ(key("0|1:9,9:7", "0|1:9,9:8", true).variant.key, "") << "two phase sets";
  EXPECT_EQ(key("0/1:9,9:18", "0|1:9,9:18", false).variant.key, "") << "one is not phased";
  const auto apart = key("0|1:9,9:18", "1|0:9,9:18", false);
  EXPECT_EQ(apart.variant.key, "");
  EXPECT_NE(apart.why.find("no molecule"), std::string::npos) << apart.why;
}

TEST(Genotype, a_lost_splice_site_is_its_exon_skipped_in_a_protein_that_the_packs_know) {
  std::string wide(head);
  wide.replace(wide.find("|CANONICAL"), 10, "|CANONICAL|INTRON");
  const auto site = [](int at, const std::string& effect, const std::string& rest) {
    return "2\t" + std::to_string(at) + "\t.\tC\tT\t50\tPASS\tCSQ=T|" + effect + "|" + rest +
           "\tGT:AD:DP\t0/1:30,30:60\t0/0:60,0:60\n";
  };
  const Written file("kinescape_splice.vcf",
                     wide + site(10, "splice_donor_variant", "KIN||YES|14/20") +
                         site(20, "splice_acceptor_variant&intron_variant", "KIN||YES|13/20") +
                         site(30, "splice_region_variant&intron_variant", "KIN||YES|13/20") +
                         site(40, "splice_donor_variant", "OTH||YES|4/9"));
  const auto read = read_genotype(file.path(), kin_proteins(), {"tumour"});
  ASSERT_TRUE(read.ok()) << describe(read.problems);
  ASSERT_EQ(read.value.carried.size(), 2U) << "not the region beside a site, nor a protein unknown";
  for (const auto& c : read.value.carried) EXPECT_EQ(c.variant.key(), "exon14skip");
  EXPECT_EQ(carried_of(read.value, "KIN", tests::library_of("")).variant.key, "exon14skip");
  const auto maf = read_genotype_maf(
      "Hugo_Symbol\tHGVSp_Short\tConsequence\tINTRON\n"
      "KIN\tp.X102_splice\tsplice_donor_variant\t14/20\nKIN\tp.X102_splice\t\t\n",
      "x.maf",
      kin_proteins(),
      {});
  ASSERT_TRUE(maf.ok()) << describe(maf.problems);
  ASSERT_EQ(maf.value.carried.size(), 1U);
  EXPECT_EQ(maf.value.carried[0].variant.key(), "exon14skip");
  ASSERT_EQ(maf.problems.size(), 1U) << "an exon that is not told";
  EXPECT_EQ(maf.problems[0].where.line, 3U);
}

TEST(Genotype, fusions_and_copy_numbers_of_structural_records_are_read_where_they_are_named) {
  const std::string text =
      "##fileformat=VCFv4.2\n##contig=<ID=2>\n"
      "##INFO=<ID=ANN,Number=.,Type=String,Description=\"Functional annotations\">\n"
      "##INFO=<ID=CN,Number=1,Type=Integer,Description=\"Copies\">\n"
      "##ALT=<ID=DUP,Description=\"Duplication\">\n"
      "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n"
      "##FORMAT=<ID=CN,Number=1,Type=Integer,Description=\"Copies\">\n"
      "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ttumour\n"
      "2\t10\ta\tA\t]2:900]A\t.\tPASS\tANN=]2:900]A|gene_fusion|HIGH|PAR&KIN|x\tGT\t0/1\n"
      "2\t20\tb\tA\t]2:910]A\t.\tPASS\tANN=]2:910]A|bidirectional_gene_fusion|HIGH|OTH&KIN|"
      "x\tGT\t0/1\n"
      "2\t30\tc\tA\t<DUP>\t.\tPASS\tANN=<DUP>|duplication|HIGH|AMP|x\tGT:CN\t0/1:14\n"
      "2\t40\td\tA\t<DUP>\t.\tPASS\tANN=<DUP>|duplication|HIGH|FEW|x\tGT:CN\t0/1:3\n"
      "2\t50\te\tA\t<DUP>\t.\tPASS\tANN=<DUP>|duplication|HIGH|MANY|x\tGT\t0/1\n"
      "2\t60\tf\tA\t<DUP>\t.\tPASS\tANN=<DUP>|duplication|HIGH|NOT|x\tGT:CN\t0/0:14\n";
  const Written file("kinescape_structural.vcf", text);
  const auto read = read_genotype(file.path(), kin_proteins(), {"tumour"});
  ASSERT_TRUE(read.ok()) << describe(read.problems);
  const auto& c = read.value.carried;
  ASSERT_EQ(c.size(), 2U)
      << "three copies, untold copies, an unclear join and what the sample lacks";
  EXPECT_EQ(c[0].gene, "KIN");
  EXPECT_EQ(c[0].variant.kind, VariantKind::fusion);
  EXPECT_EQ(c[0].variant.partner, "PAR");
  EXPECT_EQ(c[1].gene, "AMP");
  EXPECT_EQ(c[1].variant.key(), "amplification");
  EXPECT_EQ(read.problems.size(), 4U) << "what was passed over, by reason\n"
                                      << describe(read.problems);
  const OfGene kin = carried_of(read.value, "KIN", tests::library_of(""));
  EXPECT_EQ(kin.variant.key, "WT") << "a fusion without a change";
}

TEST(Genotype, a_vcf_without_consequences_or_that_is_none_is_refused) {
  const Written plain("kinescape_plain.vcf",
                      "##fileformat=VCFv4.2\n##contig=<ID=2>\n"
                      "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n2\t5\t.\tC\tT\t.\t.\t.\n");
  EXPECT_FALSE(read_genotype(plain.path(), kin_proteins()).ok());
  const Written noise("kinescape_noise.vcf", std::string("\x00\x01 nothing\n\n", 12));
  EXPECT_FALSE(read_genotype(noise.path(), kin_proteins()).ok());
  const Written broken("kinescape_broken.vcf", head + "2\tten\t.\tC\n");
  EXPECT_FALSE(read_genotype(broken.path(), kin_proteins(), {"tumour"}).ok());
  EXPECT_FALSE(read_genotype("/nowhere/at/all.vcf", kin_proteins()).ok());
}

TEST(Genotype, a_maf_is_read_by_sample_with_its_depths) {
  const std::string table =
      "#version 2.4\nHugo_Symbol\tHGVSp_Short\tTumor_Sample_Barcode\tt_depth\tt_alt_count\tFILTER\n"
      "KIN\tp.A100C\tT1\t120\t36\tPASS\nKIN\tp.D102E\tT1\t120\t0\tPASS\nKIN\tp.F104L\tT1\t4\t0\t.\n"
      "OTH\tp.G12C\tT1\t\t\t\nKIN\t\tT1\t50\t10\tPASS\nKIN\tp.H106L\tT1\t50\t10\tgermline\n"
      "KIN\tp.A100C\tT2\t99\t9\tPASS\n";
  EXPECT_FALSE(read_genotype_maf(table, "t.maf", kin_proteins()).ok()) << "two samples";
  const auto read = read_genotype_maf(table, "t.maf", kin_proteins(), {"T1"});
  ASSERT_TRUE(read.ok()) << describe(read.problems);
  const auto& c = read.value.carried;
  ASSERT_EQ(c.size(), 4U);
  EXPECT_EQ(c[0].found, Found::present);
  EXPECT_NEAR(c[0].allele_fraction, 0.3, 1e-12);
  EXPECT_EQ(c[0].where.line, 3U);
  EXPECT_EQ(c[1].found, Found::absent);
  EXPECT_EQ(c[2].found, Found::not_covered);
  EXPECT_EQ(c[3].gene, "OTH");
  EXPECT_EQ(c[3].found, Found::present);
  EXPECT_FALSE(read_genotype_maf("a\tb\n1\t2\n", "t.maf", kin_proteins()).ok());
  EXPECT_FALSE(read_genotype_maf("", "t.maf", kin_proteins()).ok());
}

}  // namespace
}  // namespace kinescape::evidence
