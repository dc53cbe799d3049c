// SPDX-License-Identifier: Apache-2.0
#include "evidence/pack.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/files.hpp"
#include "evidence/fixture_internal.hpp"
#include "evidence/library.hpp"
#include "said.hpp"

namespace kinescape::evidence {
namespace {

using kinescape::tests::says;

using tests::knowledge;
using tests::pack_of;

/// A copy of a shipped pack that a test may spoil.
struct Copy {
  std::filesystem::path folder;
  explicit Copy(const std::string& pack)
      : folder(std::filesystem::path(::testing::TempDir()) /
               ("pack_" + pack + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder);
    std::filesystem::copy(knowledge(pack), folder);
  }
  ~Copy() { std::filesystem::remove_all(folder); }
  [[nodiscard]] Problems problems() const { return read_pack(folder.string()).problems; }
};

TEST(Pack, the_shipped_packs_have_no_problem_of_any_kind) {
  const auto library = load({knowledge("guide"),
                             knowledge("literature"),
                             knowledge("literature-unread"),
                             knowledge("panels")});
  EXPECT_TRUE(library.problems.empty()) << describe(library.problems);
  EXPECT_GT(library.value.rows.size(), 450U);
}

TEST(Pack, the_guide_stands_as_printed) {
  const auto guide = load({knowledge("guide")});
  ASSERT_TRUE(guide.ok()) << describe(guide.problems);
  const auto cell = [&](const std::string& agent, const std::string& variant) -> const Row& {
    for (const auto& row : guide.value.rows) {
      if (row.agent == agent && row.variant == variant) return row;
    }
    throw std::runtime_error("no such cell");
  };
  EXPECT_EQ(guide.value.rows.size(), 30U) << "five inhibitors by six statuses";
  EXPECT_EQ(cell("crizotinib", "L1196M").relation, PrintedRelation::above);
  EXPECT_EQ(cell("crizotinib", "L1196M").low, 1000);
  EXPECT_EQ(cell("crizotinib", "G1269A").meaning, Meaning::resistant) << "\"High\" is a high IC50";
  EXPECT_EQ(cell("ceritinib", "G1269A").meaning, Meaning::sensitive)
      << "\"Highly Active\" is a low one";
  EXPECT_EQ(cell("lorlatinib", "WT").relation, PrintedRelation::missing);
  EXPECT_EQ(cell("ensartinib", "G1202R").as_printed, "<4");
  EXPECT_EQ(guide.value.packs[0].outcomes.size(), 4U);
  EXPECT_EQ(guide.value.packs[0].mechanisms.at(0).percent, 29);
  EXPECT_EQ(guide.value.packs[0].sources.size(), 10U) << "the guide and its nine references";
}

TEST(Pack, a_table_that_was_changed_is_found_by_its_hash) {
  const Copy copy("guide");
  std::ofstream(copy.folder / "agent.csv", std::ios::app) << "newib,,\n";
  EXPECT_TRUE(says(copy.problems(), "is not the file that pack.json describes"));
}

TEST(Pack, a_newer_schema_is_refused_with_the_reason) {
  const Copy copy("guide");
  std::string json = read_file((copy.folder / "pack.json").string()).value;
  json.replace(json.find("\"schema\": 1"), 11, "\"schema\": 9");
  write_file(copy.folder / "pack.json", json);
  EXPECT_TRUE(
      says(copy.problems(), "this pack has schema 9; this version of Kinescape reads up to 1"));
}

TEST(Pack, a_manifest_that_is_none_gives_problems_and_no_crash) {
  for (const char* text : {"",
                           "[]",
                           "{",
                           "{\"name\": 3}",
                           "{\"tables\": {\"../../etc/passwd\": {\"sha256\": \"x\"}}}",
                           "\xff\xfe"}) {
    const Copy copy("guide");
    write_file(copy.folder / "pack.json", text);
    EXPECT_TRUE(has_errors(copy.problems())) << text;
  }
}

TEST(Pack, every_broken_cell_is_named_at_once) {
  Problems problems;
  Pack pack = pack_of(
      "R1,S1,blockib,KIN,WT,cells,viability,=,12,nM,12,,yes,,\n"
      "R1,S1,blockib,KIN,A100C,cells,viability,=,12,nM,12,,yes,,\n"          // id twice
      "R2,S9,blockib,KIN,A100C,cells,viability,=,12,nM,12,,yes,,\n"          // no such source
      "R3,S1,blockob,KIN,A100C,cells,viability,=,12,nM,12,,yes,,\n"          // no such agent
      "R4,S1,blockib,KIN,A100C,cells,viability,==,12,nM,12,,yes,,\n"         // relation
      "R5,S1,blockib,KIN,A100C,cells,viability,=,12,furlong,12,,yes,,\n"     // unit
      "R6,S1,blockib,KIN,A100C,cells,viability,=,12,uM,12,,yes,,\n"          // 12 uM is not 12 nM
      "R7,S1,blockib,KIN,A100C,cells,viability,=,abc,nM,abc,,yes,,\n"        // no number
      "R8,S1,blockib,KIN,A100C,cells,viability,interval,5-3,nM,5,3,yes,,\n"  // crossed
      "R9,S1,blockib,KIN,A100C,cells,viability,=,-1,nM,-1,,perhaps,,\n"  // negative; unknown word
      "R10,S1,blockib,KIN,A100C,cells,viability,=,1,nM,1\n",             // too few cells
      "",
      "",
      problems);
  std::ofstream(::testing::TempDir() + "/x") << "";
  auto joined = join({pack});
  append(problems, joined.problems);
  for (const char* text : {"is not a word for this column",
                           "is no unit of concentration",
                           "\"12\" in uM is not 12 nM",
                           "\"abc\" is no number",
                           "an upper end above its lower one",
                           "a potency is above 0",
                           "cells under a header of"}) {
    EXPECT_TRUE(says(problems, text)) << text;
  }
  for (const auto& p : problems) EXPECT_GT(p.where.line, 0U) << p.what;
}

TEST(Pack, ids_that_stand_twice_and_names_that_no_table_holds_are_problems) {
  const Copy copy("literature");
  std::string table = read_file((copy.folder / "statement.csv").string()).value;
  const std::size_t first = table.find('\n') + 1;
  const std::string line = table.substr(first, table.find('\n', first) - first + 1);
  std::string other = line;
  for (std::size_t at = other.find("Katayama"); at != std::string::npos;
       at = other.find("Katayama"))
    other.replace(at, 8, "Katagama");
  write_file(copy.folder / "statement.csv", table + line + other);
  const auto problems = copy.problems();
  EXPECT_TRUE(says(problems, "was used before"));
  EXPECT_TRUE(says(problems, "stands in no row of source.csv Did you mean"));
}

TEST(Pack, rows_that_supersede_each_other_in_a_circle_are_refused) {
  const Copy copy("guide");
  std::string table = read_file((copy.folder / "measurement.csv").string()).value;
  Problems problems;
  Pack pack = pack_of(
      "R1,S1,blockib,KIN,WT,cells,viability,=,12,nM,12,,yes,,R2\nR2,S1,blockib,KIN,WT,cells,"
      "viability,=,13,nM,13,,yes,,R1\n",
      "",
      "",
      problems);
  EXPECT_TRUE(problems.empty());
  // read_pack checks references; here the same through a written pack.
  const auto folder =
      std::filesystem::path(::testing::TempDir()) / ("circle" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  for (const auto& [file, bytes] : pack_files(pack)) write_file(folder / file, bytes);
  const auto read = read_pack(folder.string());
  EXPECT_TRUE(says(read.problems, "supersedes itself"));
  std::filesystem::remove_all(folder);
}

TEST(Pack, what_is_written_is_read_back_the_same) {
  const auto first = read_pack(knowledge("literature"));
  ASSERT_TRUE(first.ok());
  const auto folder =
      std::filesystem::path(::testing::TempDir()) / ("written" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  for (const auto& [file, bytes] : pack_files(first.value)) write_file(folder / file, bytes);
  const auto second = read_pack(folder.string());
  EXPECT_TRUE(second.problems.empty()) << describe(second.problems);
  EXPECT_EQ(pack_files(second.value), pack_files(first.value));
  EXPECT_EQ(second.value.rows.size(), first.value.rows.size());
  std::filesystem::remove_all(folder);
}

TEST(Library, every_spelling_of_an_agent_and_a_variant_finds_its_rows) {
  const Library library =
      tests::library_of("R1,S1,B-1,KIN,p.Ala100Cys,cells,viability,=,12,nM,12,,yes,,\n");
  EXPECT_EQ(library.rows.at(0).agent, "blockib");
  EXPECT_EQ(library.rows.at(0).variant, "A100C");
  EXPECT_EQ(library.agent("BLOCKOL"), "blockib");
  EXPECT_EQ(library.agent("unheardib"), "");
  EXPECT_EQ(library.variant("A100C").value.gene, "KIN") << "the one gene that holds it";
  EXPECT_EQ(library.variant("C101D").value.gene, "KIN")
      << "not measured, but the protein has that residue";
  EXPECT_FALSE(library.variant("W100C").ok());
  EXPECT_EQ(library.variant("XYZ1::KIN").value.key, "WT") << "a fusion without a change";
  const auto several = library.variant("A100C/D");
  ASSERT_FALSE(several.ok());
  EXPECT_NE(several.problems[0].what.find("A100C, A100D"), std::string::npos);
}

TEST(Library, a_residue_that_the_protein_does_not_have_is_a_problem_at_its_cell) {
  Problems problems;
  auto joined = join(
      {pack_of("R1,S1,blockib,KIN,W100C,cells,viability,=,12,nM,12,,yes,,\n", "", "", problems)});
  ASSERT_EQ(joined.problems.size(), 1U);
  EXPECT_EQ(joined.problems[0].where.line, 2U);
  EXPECT_EQ(joined.problems[0].where.item, "variant");
}

TEST(Library, rows_that_were_not_read_or_are_superseded_stay_out_unless_asked_for) {
  const Library library = tests::library_of(
      "R1,S1,blockib,KIN,WT,cells,viability,=,12,nM,12,,no,,\n"
      "R2,S1,blockib,KIN,WT,cells,viability,=,12,nM,12,,quoted,,\n"
      "R3,S1,blockib,KIN,WT,cells,viability,=,12,nM,12,,yes,,R4\n"
      "R4,S1,blockib,KIN,WT,cells,viability,=,12,nM,12,,yes,,\n");
  EXPECT_EQ(left_out(library.rows[0], {}), "not read in its source");
  EXPECT_EQ(left_out(library.rows[0], {.unread = true}), "");
  EXPECT_EQ(left_out(library.rows[1], {}), "quoted, not read in its source");
  EXPECT_EQ(left_out(library.rows[1], {.quoted = true}), "");
  EXPECT_EQ(left_out(library.rows[2], {}), "");
  EXPECT_EQ(left_out(library.rows[3], {}), "superseded");
}

}  // namespace
}  // namespace kinescape::evidence
