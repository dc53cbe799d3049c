// SPDX-License-Identifier: Apache-2.0
#include "evidence/import.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/files.hpp"
#include "evidence/library.hpp"
#include "said.hpp"

namespace kinescape::evidence {
namespace {

using kinescape::tests::says;

struct Result {
  PackBuilder builder;
  Problems problems;
  Library library;  ///< Of the pack that was written and read back.
};

Result imported(ImportFrom from, const std::string& bytes, ImportOptions options = {}) {
  options.date = "2026-01-01";
  Result out{PackBuilder(options), {}, {}};
  out.problems = import_bytes(from, bytes, "export", options, out.builder);
  append(out.problems, out.builder.problems());
  const auto folder =
      std::filesystem::path(::testing::TempDir()) / ("import" + std::to_string(::getpid()));
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  for (const auto& [file, text] : out.builder.files()) write_file(folder / file, text);
  if (out.builder.files().size() > 1) {
    auto library = load({folder.string()});
    EXPECT_TRUE(library.ok()) << describe(library.problems);
    out.library = std::move(library.value);
  }
  std::filesystem::remove_all(folder);
  return out;
}

TEST(Import, civic_tables_of_both_schemas) {
  const auto old = imported(
      ImportFrom::civic,
      "gene\tvariant\tdrugs\tdrug_interaction_type\tevidence_type\tevidence_direction\tevidence_"
      "level\tclinical_significance\tcitation_id\tsource_type\tcitation\tevidence_status\tevidence_"
      "id\n"
      "KIN\tEML4-KIN "
      "A100C\tBlockib\t\tPredictive\tSupports\tD\tResistance\t1\tPubMed\tOne\taccepted\t11\n"
      "KIN\tA100C\tBlockib,Stopib\tSubstitutes\tPredictive\tSupports\tD\tSensitivity/"
      "Response\t1\tPubMed\tOne\taccepted\t12\n"
      "KIN\tA100C\tBlockib,"
      "Stopib\tCombination\tPredictive\tSupports\tD\tResistance\t1\tPubMed\tOne\taccepted\t13\n"
      "KIN\tALL "
      "SORTS\tBlockib\t\tPredictive\tSupports\tD\tResistance\t1\tPubMed\tOne\taccepted\t14\n"
      "KIN\tA100C\tBlockib\t\tPrognostic\tSupports\tD\tPoor "
      "Outcome\t1\tPubMed\tOne\taccepted\t15\n");
  ASSERT_EQ(old.library.rows.size(), 3U);
  EXPECT_EQ(old.library.rows[0].meaning, Meaning::resistant);
  EXPECT_EQ(old.library.rows[0].fusion, "EML4-KIN");
  EXPECT_TRUE(says(old.problems, "\"ALL SORTS\" is no single variant"));
  EXPECT_TRUE(says(old.problems, "several agents at once"));
  const auto now =
      imported(ImportFrom::civic,
               "evidence_id\tstatus\tmolecular_profile\ttherapies\tevidence_type\tevidence_"
               "level\tevidence_direction\tsignificance\tsource_type\tcitation_id\tsource_title\n"
               "21\tACCEPTED\tv::KIN Fusion AND KIN "
               "A100C\tBlockib\tPREDICTIVE\tD\tSUPPORTS\tRESISTANCE\tPUBMED\t1\tOne\n");
  ASSERT_EQ(now.library.rows.size(), 1U);
  EXPECT_EQ(now.library.rows[0].variant, "A100C");
  EXPECT_EQ(now.library.rows[0].gene, "KIN");
}

TEST(Import, civic_json) {
  const auto r = imported(
      ImportFrom::civic,
      R"([{"id": 5, "status": "ACCEPTED", "significance": "SENSITIVITYRESPONSE", "evidenceType": "PREDICTIVE", "evidenceLevel": "A",
       "evidenceDirection": "SUPPORTS", "molecularProfile": {"name": "KIN A100C"}, "therapies": [{"name": "Blockib"}],
       "source": {"citationId": "7", "sourceType": "PUBMED", "title": "T"}}, 3, {"id": 6}])");
  ASSERT_EQ(r.library.rows.size(), 1U);
  EXPECT_EQ(r.library.rows[0].meaning, Meaning::sensitive);
  EXPECT_TRUE(says(r.problems, "this is no record"));
  EXPECT_TRUE(has_errors(imported(ImportFrom::civic, "{\"a\": 1}").problems));
}

TEST(Import, chembl_rows_need_a_unit_a_target_and_a_variant_that_can_be_read) {
  ImportOptions options;
  options.genes["made-up kinase"] = "KIN";
  const auto r =
      imported(ImportFrom::chembl,
               "Molecule Name;Standard Type;Standard Relation;Standard Value;Standard Units;Target "
               "Name;Assay Variant Mutation;Document ChEMBL ID;Activity ID\n"
               "BLOCKIB;IC50;'>';10;uM;Made-up kinase;A100C;D1;1\n"
               "BLOCKIB;IC50;'=';10;nM;Made-up kinase;A100C,D102E;D1;2\n"
               "BLOCKIB;IC50;'=';10;ug/mL;Made-up kinase;;D1;3\n"
               "BLOCKIB;IC50;'=';10;nM;Other kinase;;D1;4\n"
               "BLOCKIB;IC50;'=';-3;nM;Made-up kinase;;D1;5\n"
               "BLOCKIB;IC50;'=';3;nM;Made-up kinase;UNDEFINED MUTATION;D1;6\n"
               "BLOCKIB;Inhibition;'=';3;%;Made-up kinase;;D1;7\n",
               options);
  ASSERT_EQ(r.library.rows.size(), 2U);
  EXPECT_EQ(r.library.rows[0].low, 10000);
  EXPECT_EQ(r.library.rows[0].relation, PrintedRelation::above);
  EXPECT_EQ(r.library.rows[1].variant, "A100C+D102E");
  EXPECT_EQ(r.builder.skipped(), 4U);
}

TEST(Import, bindingdb_writes_mutations_into_the_target_and_bounds_into_the_value) {
  const auto r =
      imported(ImportFrom::bindingdb,
               "BindingDB Reactant_set_id\tBindingDB Ligand Name\tTarget Name\tIC50 (nM)\tKi "
               "(nM)\tUniProt (SwissProt) Entry Name of Target Chain\tPMID\n"
               "1\tblockib::B-1\tMade-up receptor [A100C,D102E]\t>10000\t\tKIN_HUMAN\t9\n"
               "2\tblockib\tMade-up receptor\t\t 0.5\tKIN_HUMAN\t9\n"
               "3\tblockib\tMade-up receptor [100-200]\t7\t\tKIN_HUMAN\t9\n");
  ASSERT_EQ(r.library.rows.size(), 3U);
  EXPECT_EQ(r.library.rows[0].variant, "A100C+D102E");
  EXPECT_EQ(r.library.rows[0].agent, "blockib");
  EXPECT_EQ(r.library.rows[1].endpoint, "Ki");
  EXPECT_EQ(r.library.rows[2].variant, "WT") << "a stretch of residues is no mutation";
}

TEST(Import, oncokb_levels_are_directions) {
  const auto r = imported(
      ImportFrom::oncokb_maf,
      "#version "
      "2.4\nHugo_Symbol\tHGVSp_Short\tLEVEL_1\tLEVEL_R2\nKIN\tp.A100C\tBlockib\tStopib\nKIN\tp."
      "A100C\t\t\nKIN\tbroken\tBlockib\t\nKIN\tp.A100C\tBlockib+Stopib\t\n");
  ASSERT_EQ(r.library.rows.size(), 2U);
  EXPECT_EQ(r.library.rows[0].meaning, Meaning::sensitive);
  EXPECT_EQ(r.library.rows[1].meaning, Meaning::resistant);
}

TEST(Import, a_civic_vcf_gives_the_variants_it_names) {
  const auto r = imported(ImportFrom::civic_vcf,
                          "##fileformat=VCFv4.2\n2\t1\t7\tC\tG\t.\t.\tGN=KIN;VT=EML4-KIN_A100C;CSQ="
                          "x\n2\t1\t8\tC\tG\t.\t.\tGN=KIN;VT=ANY_MUTATION\n2\t1\n");
  EXPECT_EQ(r.builder.skipped(), 2U);
  EXPECT_NE(r.builder.files().at("variant.csv").find("KIN,A100C"), std::string::npos);
}

TEST(Import, ones_own_table_with_a_column_map) {
  ImportOptions options;
  options.columns = {
      {"agent", "Drug"}, {"variant", "Mutation"}, {"value", "IC50"}, {"word", "Call"}};
  options.gene = "KIN";
  options.source_kind = "own_lab";
  options.source = "our bench";
  options.unit = "uM";
  const auto r = imported(ImportFrom::table,
                          "Drug,Mutation,IC50,Call\nblockib,A100C,0.2,\nblockib,WT,<0.004,"
                          "\nblockib,D102E,,resistant\nblockib,D102E,x,\nblockib,D102E,1-2,\n",
                          options);
  ASSERT_EQ(r.library.rows.size(), 4U);
  EXPECT_EQ(r.library.rows[0].low, 200);
  EXPECT_EQ(r.library.rows[1].relation, PrintedRelation::below);
  EXPECT_EQ(r.library.rows[2].relation, PrintedRelation::interval);
  EXPECT_EQ(r.library.packs[0].sources[0].kind, "own_lab");
  EXPECT_TRUE(says(r.problems, "\"x\" is no positive number"));
  EXPECT_TRUE(has_errors(imported(ImportFrom::table, "a,b\n1,2\n", {}).problems))
      << "no column for the agent";
}

TEST(Import, rows_wider_than_the_header_are_reported_with_their_line) {
  const auto r = imported(
      ImportFrom::table,
      "agent,variant,gene,value,unit\nblockib,A100C,KIN,3,nM\nblockib,A100C,KIN,3,nM,9,9,9\n");
  ASSERT_EQ(r.library.rows.size(), 1U);
  ASSERT_EQ(r.problems.size(), 1U);
  EXPECT_EQ(r.problems[0].where.line, 3U);
}

}  // namespace
}  // namespace kinescape::evidence
