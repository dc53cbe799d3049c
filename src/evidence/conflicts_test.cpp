// SPDX-License-Identifier: Apache-2.0
#include "evidence/conflicts.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/errors.hpp"
#include "evidence/fixture_internal.hpp"
#include "evidence/frequency.hpp"
#include "evidence/rank.hpp"
#include "evidence/table.hpp"

namespace kinescape::evidence {
namespace {

using tests::knowledge;

const Library& shipped() {
  static const Library library = load({knowledge("guide"),
                                       knowledge("literature"),
                                       knowledge("literature-unread"),
                                       knowledge("panels")})
                                     .value;
  return library;
}

const Conflict* find(const std::vector<Conflict>& all,
                     const std::string& kind,
                     const std::string& agent,
                     const std::string& variant) {
  const auto at = std::find_if(all.begin(), all.end(), [&](const Conflict& c) {
    return c.kind == kind && (agent.empty() || c.agent == agent) &&
           (variant.empty() || c.variant.key == variant);
  });
  return at == all.end() ? nullptr : &*at;
}

TEST(Conflicts, the_shipped_evidence_shows_its_known_contradictions_by_itself) {
  const PotencyModel model(shipped(), {});
  const auto all = find_conflicts(shipped(), &model);
  EXPECT_NE(find(all, "opposite_directions", "crizotinib", "F1174L"), nullptr);
  EXPECT_NE(find(all, "opposite_directions", "brigatinib", "G1202R"), nullptr);
  EXPECT_NE(find(all, "opposite_directions", "alectinib", "I1171T"), nullptr)
      << "the guide against the literature";
  const Conflict* twice = find(all, "one_fact_two_prints", "ceritinib", "WT");
  ASSERT_NE(twice, nullptr) << "1.6 and 1.7 for one cell";
  EXPECT_NE(twice->says.find("1.7"), std::string::npos);
}

TEST(Conflicts, the_guides_defects_surface_from_its_own_rows) {
  const auto doubts = find_doubts(shipped(), "guide");
  for (const char* kind : {"citation_cannot_hold",
                           "no_citation",
                           "unidentified_reference",
                           "same_bound_everywhere",
                           "words_beside_numbers",
                           "missing_cells",
                           "in_vitro_among_clinical",
                           "percent_without_counts"}) {
    EXPECT_NE(find(doubts, kind, "", ""), nullptr) << kind;
  }
  const Conflict* bound = find(doubts, "same_bound_everywhere", "ensartinib", "");
  ASSERT_NE(bound, nullptr);
  EXPECT_EQ(bound->rows.size(), 4U);
  const Conflict* cited = find(doubts, "citation_cannot_hold", "", "");
  EXPECT_NE(cited->says.find("not ALK"), std::string::npos);
  const auto percent = std::find_if(doubts.begin(), doubts.end(), [](const Conflict& c) {
    return c.says.find("29 %") != std::string::npos;
  });
  ASSERT_NE(percent, doubts.end());
  EXPECT_NE(percent->says.find("23 %"), std::string::npos)
      << "19 of 84 in the series: " << percent->says;
}

const char* const numbers =
    "R1,S1,blockib,KIN,WT,cells,viability,=,10,nM,10,,yes,,\n"
    "R2,S1,blockib,KIN,A100C,cells,viability,=,400,nM,400,,yes,,\n"
    "R3,S2,blockib,KIN,WT,cells,viability,=,11,nM,11,,yes,,\n"
    "R4,S2,blockib,KIN,A100C,cells,viability,=,4,nM,4,,yes,,\n"
    "R5,S3,stopib,KIN,WT,cells,viability,=,30,nM,30,,yes,,\n";

TEST(Conflicts, numbers_far_apart_and_words_against_numbers) {
  const Library library =
      tests::library_of(numbers, "W1,S3,blockib,KIN,A100C,cells,viability,sensitive,yes\n");
  const PotencyModel model(library, {});
  const auto all = find_conflicts(library, &model);
  EXPECT_NE(find(all, "numbers_apart", "blockib", "A100C"), nullptr);
  EXPECT_NE(find(all, "word_against_number", "blockib", "A100C"), nullptr)
      << "sensitive against 40-fold";
  EXPECT_EQ(find(all, "numbers_apart", "blockib", "WT"), nullptr);
  EXPECT_EQ(find(all, "opposite_directions", "", ""), nullptr);
}

TEST(Conflicts, degrees_comparisons_and_unread_rows) {
  const Library library =
      tests::library_of(numbers,
                        "W1,S1,stopib,KIN,A100C,cells,viability,so-so,yes\nW2,S2,stopib,KIN,A100C,"
                        "cells,viability,resistant,yes\n"
                        "W3,S1,stopib,KIN,D102E,cells,viability,worse than "
                        "A1C,yes\nW4,S2,stopib,KIN,D102E,cells,viability,sensitive,yes\n"
                        "W5,S3,stopib,KIN,D102E,cells,viability,resistant,no\n");
  EXPECT_NE(find(find_conflicts(library, nullptr), "different_degrees", "stopib", "A100C"),
            nullptr);
  EXPECT_EQ(find(find_conflicts(library, nullptr), "opposite_directions", "stopib", "D102E"),
            nullptr);
  EXPECT_NE(find(find_conflicts(library, nullptr, {.include_unread = true}),
                 "opposite_directions",
                 "stopib",
                 "D102E"),
            nullptr);
}

TEST(Rank, agents_that_cannot_be_told_apart_are_tied_and_probabilities_add_up) {
  PotencyOptions options;
  options.admission.unread = true;
  const PotencyModel model(shipped(), options);
  RankOptions how;
  how.include_unread = true;
  const auto conflicts = find_conflicts(shipped(), &model, {.include_unread = true});
  const auto r = rank(shipped(), model, conflicts, {"ALK", "G1202R"}, how);
  EXPECT_EQ(r.criterion, Criterion::cover) << "two agents and more have an exposure";
  double sum = 0;
  std::size_t compared = 0;
  for (const auto& x : r.ranking) {
    if (std::isnan(x.p_best)) continue;
    sum += x.p_best;
    ++compared;
    for (const auto& other : x.tied_with) {  // ties are mutual
      const auto at = std::find_if(
          r.ranking.begin(), r.ranking.end(), [&](const Ranked& y) { return y.agent == other; });
      ASSERT_NE(at, r.ranking.end());
      EXPECT_NE(std::find(at->tied_with.begin(), at->tied_with.end(), x.agent),
                at->tied_with.end());
    }
  }
  EXPECT_NEAR(sum, 1.0, 1e-9);
  EXPECT_GE(compared, 5U);
  EXPECT_TRUE(std::any_of(r.conflicting.begin(), r.conflicting.end(), [](const Listed& l) {
    return l.agent == "brigatinib";
  }));
  EXPECT_FALSE(r.unmeasured.empty());
  EXPECT_FALSE(r.out_of_scope.empty());
  for (const auto& f : r.would_change) EXPECT_FALSE(f.what.empty());
}

TEST(Rank, what_is_clear_is_ranked_so_and_follows_the_criterion) {
  std::string table;
  int id = 0;
  for (const char* source : {"S1", "S2", "S3"}) {
    for (const auto& [agent, wild, mutant] :
         {std::tuple{"blockib", "10", "2000"}, std::tuple{"stopib", "20", "22"}}) {
      table += "R" + std::to_string(++id) + "," + source + "," + agent +
               ",KIN,WT,cells,viability,=," + wild + ",nM," + wild + ",,yes,,\n";
      table += "R" + std::to_string(++id) + "," + source + "," + agent +
               ",KIN,A100C,cells,viability,=," + mutant + ",nM," + mutant + ",,yes,,\n";
    }
  }
  const Library library = tests::library_of(table);
  const PotencyModel model(library, {});
  const auto r = rank(library, model, {}, {"KIN", "A100C"});
  EXPECT_EQ(r.criterion, Criterion::fold) << "no exposures";
  ASSERT_EQ(r.ranking.size(), 2U);
  EXPECT_EQ(r.ranking[0].agent, "stopib");
  EXPECT_GT(r.ranking[0].p_best, 0.95);
  EXPECT_TRUE(r.ranking[0].tied_with.empty());
  EXPECT_EQ(r.ranking[0].cover.status, Status::too_few_data);
  RankOptions by_ic50;
  by_ic50.by = Criterion::ic50;
  EXPECT_EQ(rank(library, model, {}, {"KIN", "WT"}, by_ic50).ranking[0].agent, "blockib");
}

TEST(Table, every_printed_row_stands_in_its_cell) {
  const PotencyModel model(shipped(), {});
  const auto conflicts = find_conflicts(shipped(), &model);
  const auto table = comparison_table(shipped(), model, conflicts, "ALK");
  std::size_t printed = 0, rows = 0;
  for (const auto& line : table.cells) {
    for (const auto& cell : line) printed += cell.printed.size();
  }
  for (const auto& row : shipped().rows) rows += row.gene == "ALK";
  EXPECT_EQ(printed, rows);
  EXPECT_EQ(table.variants.front().key, "WT");
}

TEST(Diff, rows_estimates_and_orders_that_moved_are_listed) {
  const Library before = tests::library_of(numbers);
  Library after = tests::library_of(
      std::string(numbers) + "R6,S3,stopib,KIN,A100C,cells,viability,=,3000,nM,3000,,yes,,\n");
  after.rows[1].low = 40;
  after.rows[1].as_printed = "40";
  const auto d = diff(before, after, {});
  EXPECT_TRUE(std::any_of(d.rows.begin(), d.rows.end(), [](const RowChange& r) {
    return r.kind == "added" && r.row == "R6";
  }));
  EXPECT_TRUE(std::any_of(d.rows.begin(), d.rows.end(), [](const RowChange& r) {
    return r.kind == "changed" && r.row == "R2";
  }));
  EXPECT_TRUE(std::any_of(d.estimates.begin(), d.estimates.end(), [](const EstimateChange& e) {
    return e.variant.key == "A100C" && e.agent == "blockib";
  }));
  EXPECT_TRUE(diff(before, before, {}).rows.empty());
  EXPECT_TRUE(diff(before, before, {}).estimates.empty());
}

TEST(Frequency, one_series_has_the_exact_interval) {
  // Clopper-Pearson of 4 of 11: R 4.2.2, binom.test(4, 11).
  const auto p = pool({{4, 11}}).proportion;
  EXPECT_NEAR(p.value, 4.0 / 11, 1e-12);
  EXPECT_NEAR(p.low, 0.1092634, 1e-6);
  EXPECT_NEAR(p.high, 0.6920953, 1e-6);
}

TEST(Frequency, several_series_are_the_binomial_normal_model) {
  // R 4.2.2, lme4 1.1-31: glmer(cbind(k, n - k) ~ 1 + (1 | s), binomial, nAGQ = 25)
  // k = 4 11 4 20 3, n = 11 55 18 40 30 (tests/reference/frequency_glmer.R).
  const auto p = pool({{4, 11}, {11, 55}, {4, 18}, {20, 40}, {3, 30}});
  EXPECT_NEAR(std::log(p.proportion.value / (1 - p.proportion.value)), -1.0654431508, 2e-4);
  EXPECT_NEAR(p.tau, 0.6439839412, 2e-3) << "the top is flat in tau";
  EXPECT_LT(p.heterogeneity_p, 0.05);
  const auto alike = pool({{20, 100}, {21, 100}, {19, 100}});
  EXPECT_NEAR(alike.tau, 0.0, 1e-3);
  EXPECT_NEAR(alike.proportion.value, 0.2, 1e-3);
}

TEST(Frequency, counts_that_cannot_be_are_refused_and_none_found_has_a_bound) {
  EXPECT_THROW(static_cast<void>(pool({{5, 4}})), UsageError);
  EXPECT_THROW(static_cast<void>(pool({{0, 0}})), UsageError);
  EXPECT_EQ(pool({}).proportion.status, Status::too_few_data);
  const auto none = pool({{0, 20}, {0, 10}}).proportion;
  EXPECT_EQ(none.low, 0.0);
  EXPECT_NEAR(none.high, 1 - std::pow(0.025, 1.0 / 30), 1e-9);
}

}  // namespace
}  // namespace kinescape::evidence
