// SPDX-License-Identifier: Apache-2.0
#include "evidence/variant.hpp"

#include <gtest/gtest.h>

namespace kinescape::evidence {
namespace {

/// Made up, but with the residues at which the names below are true.
ProteinSet proteins() {
  ProteinSet set;
  set.add("ALK", 1150, "FTLPEVC");  // F1150 T1151 L1152 P1153 E1154 V1155 C1156
  set.add("ALK", 1171, "I");
  set.add("ALK", 1196, "LELMAGGD");  // L1196 ... G1201 G1202 D1203
  set.add("EGFR", 767, "ASVDNPHV");  // A767 S768 V769 D770 N771 P772 H773 V774
  return set;
}

std::string key(const std::string& text, const std::string& gene = "ALK") {
  const auto parsed = parse_variant(text, gene, proteins());
  return parsed.ok() ? parsed.value.key() : "problem: " + parsed.problems.front().what;
}

TEST(Variant, all_spellings_of_a_substitution_reach_one_key) {
  for (const char* text : {"NP_004295.2:p.Gly1202Arg",
                           "p.G1202R",
                           "G1202R",
                           "p.(Gly1202Arg)",
                           "ALK:p.G1202R",
                           "ALK G1202R",
                           "EML4-ALK G1202R",
                           "EML4::ALK v1 G1202R",
                           "G1202R mutation",
                           "ALK FUSION G1202R"}) {
    EXPECT_EQ(key(text), "G1202R") << text;
  }
}

TEST(Variant, a_slash_at_one_residue_lists_alternatives) {
  const auto parsed = parse_variants("I1171T/N/S", "ALK", proteins());
  ASSERT_TRUE(parsed.ok());
  ASSERT_EQ(parsed.value.variants.size(), 3U);
  EXPECT_EQ(parsed.value.variants[0].key(), "I1171T");
  EXPECT_EQ(parsed.value.variants[2].key(), "I1171S");
}

TEST(Variant, changes_on_one_molecule_are_compound_in_residue_order) {
  for (const char* text :
       {"L1196M/G1202R", "G1202R+L1196M", "p.[Leu1196Met;Gly1202Arg]", "L1196M + G1202R"}) {
    EXPECT_EQ(key(text), "L1196M+G1202R") << text;
  }
  const auto trans = parse_variants("p.[Leu1196Met];[Gly1202Arg]", "ALK", proteins());
  ASSERT_EQ(trans.value.variants.size(), 2U);
}

TEST(Variant, an_insertion_that_repeats_its_neighbours_is_a_duplication) {
  EXPECT_EQ(key("1151Tins"), "T1151dup");
  EXPECT_EQ(key("T1151dup"), "T1151dup");
  EXPECT_EQ(key("T1151_L1152insT"), "T1151dup");
  EXPECT_EQ(key("D770_N771insSVD", "EGFR"), "S768_D770dup");
  EXPECT_EQ(key("H773_V774insH", "EGFR"), "H773dup");
  EXPECT_EQ(key("H773_V774insH", "unknown"), "H773dup") << "its own text says what is repeated";
  EXPECT_EQ(key("Y764_V765insHH", "EGFR"), "Y764_V765insHH");
}

TEST(Variant, a_deletion_stands_at_its_last_possible_place) {
  EXPECT_EQ(key("G1202del"), "G1202del");
  EXPECT_EQ(key("G1201del"), "G1202del");
  EXPECT_EQ(key("delE746-A750", "x"), "E746_A750del");
  EXPECT_EQ(key("E746_A750delELREA", "x"), "E746_A750del");
  EXPECT_EQ(key("L747_P753delinsS", "x"), "L747_P753delinsS");
  EXPECT_EQ(key("K558delinsNP", "x"), "K558delinsNP");
}

TEST(Variant, words_that_are_no_change_of_a_residue) {
  EXPECT_EQ(key("Wild-Type EML4-ALK"), "WT");
  EXPECT_EQ(key("WT"), "WT");
  EXPECT_EQ(key("parental"), "parental");
  EXPECT_EQ(key("AMPLIFICATION"), "amplification");
  EXPECT_EQ(key("MET amplification"), "amplification");
  EXPECT_EQ(key("EXON 14 SKIPPING MUTATION"), "exon14skip");
  EXPECT_EQ(key("exon14skip"), "exon14skip");
  EXPECT_EQ(key("exon4-11del"), "exon4-11del");
  const auto fusion = parse_variant("EML4-ALK v3");
  EXPECT_EQ(fusion.value.key(), "fusion");
  EXPECT_EQ(fusion.value.partner, "EML4");
  EXPECT_EQ(fusion.value.fusion_variant, "3");
  EXPECT_EQ(parse_variant("v::ALK Fusion").value.key(), "fusion");
  EXPECT_EQ(parse_variant("EML4-ALK E6;A20").value.fusion_variant, "E6;A20");
}

TEST(Variant, residues_are_held_against_the_protein) {
  EXPECT_EQ(key("A1202R"), "problem: \"A1202R\": ALK has G at residue 1202, not A");
  EXPECT_EQ(key("G1200R"), "problem: \"G1200R\": ALK has A at residue 1200, not G");
  EXPECT_EQ(key("Q2000R"), "Q2000R") << "the set does not know that residue";
}

TEST(Variant, what_is_no_variant_is_a_problem_and_not_a_guess) {
  for (const char* text : {"",
                           "hello",
                           "G1202",
                           "1202R",
                           "G1202G",
                           "E750_A746del",
                           "A763_Y770insF",
                           "G0R",
                           "G1202R/",
                           "G1202R+",
                           "L1196M++G1202R",
                           "+",
                           "p.",
                           "12",
                           "G99999999R"}) {
    const auto parsed = parse_variant(text, "ALK", proteins());
    EXPECT_FALSE(parsed.ok()) << text << " became " << parsed.value.key();
  }
  EXPECT_TRUE(parse_variants("G1202R, A1202R", "ALK", proteins()).value.variants.empty())
      << "one fault: none of the list";
}

}  // namespace
}  // namespace kinescape::evidence
