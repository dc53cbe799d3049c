// SPDX-License-Identifier: Apache-2.0
#include "evidence/potency.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "evidence/fixture_internal.hpp"
#include "evidence/simulate.hpp"

namespace kinescape::evidence {
namespace {

const std::string cells = ",cells,viability,";

std::string row(const std::string& id,
                const std::string& source,
                const std::string& agent,
                const std::string& variant,
                const std::string& relation,
                const std::string& value,
                const std::string& read = "yes",
                const std::string& fact = "") {
  return id + "," + source + "," + agent + ",KIN," + variant + cells + relation + "," + value +
         ",nM," + value + ",," + read + "," + fact + ",\n";
}

/// Two agents, wild type and one variant, three sources.
std::string small_table() {
  return row("R1", "S1", "blockib", "WT", "=", "10") +
         row("R2", "S1", "blockib", "A100C", "=", "200") +
         row("R3", "S2", "blockib", "WT", "=", "14") + row("R4", "S2", "stopib", "WT", "=", "50") +
         row("R5", "S2", "stopib", "A100C", "=", "60") +
         row("R6", "S3", "blockib", "A100C", "=", "150");
}

PotencyEstimate estimate(const Library& library,
                         const std::string& agent,
                         const std::string& variant,
                         PotencyOptions options = {}) {
  const PotencyModel model(library, options);
  EXPECT_TRUE(model.usable()) << model.why();
  return model.estimate(agent, {"KIN", variant});
}

TEST(Potency, numbers_of_a_pair_lie_inside_its_interval_and_the_predictive_one_is_wider) {
  const auto e = estimate(tests::library_of(small_table()), "blockib", "A100C");
  EXPECT_EQ(e.ic50_nM.status, Status::ok);
  EXPECT_LT(e.ic50_nM.low, 150);
  EXPECT_GT(e.ic50_nM.high, 200);
  EXPECT_LT(e.ic50_predictive_nM.low, e.ic50_nM.low);
  EXPECT_GT(e.ic50_predictive_nM.high, e.ic50_nM.high);
  EXPECT_GT(e.fold_over_wild_type.value, 3);
  EXPECT_EQ(e.numbers, 2);
  EXPECT_EQ(e.sources, 2);
  EXPECT_EQ(e.window_over_parental.status, Status::too_few_data) << "no parental row";
  ASSERT_FALSE(e.by_source.empty());
  EXPECT_GE(std::abs(e.by_source.front().shift_log10), std::abs(e.by_source.back().shift_log10));
}

TEST(Potency, the_order_of_the_rows_and_the_unit_they_are_printed_in_change_nothing) {
  const Library forward = tests::library_of(small_table());
  Library backward = forward;
  std::reverse(backward.rows.begin(), backward.rows.end());
  const auto a = estimate(forward, "blockib", "A100C"), b = estimate(backward, "blockib", "A100C");
  EXPECT_EQ(a.ic50_nM.value, b.ic50_nM.value) << "to the last bit";
  EXPECT_EQ(a.ic50_nM.high, b.ic50_nM.high);
  EXPECT_EQ(a.ic50_predictive_nM.low, b.ic50_predictive_nM.low);
  std::string in_uM = small_table();
  in_uM.replace(in_uM.find("=,10,nM,10"), 10, "=,0.01,uM,10");
  const auto c = estimate(tests::library_of(in_uM), "blockib", "A100C");
  EXPECT_EQ(c.ic50_nM.value, a.ic50_nM.value);
}

TEST(Potency, a_change_of_unit_moves_ic50s_by_its_factor_and_folds_not_at_all) {
  // Bounds, words and folds too. To 1e-7: logarithms of scaled values differ in their last bit, and
  // the standard deviations are found to 1e-8.
  const auto world = simulate({}, {}, Seed{11});
  Library scaled = world.library;
  for (auto& r : scaled.rows) {
    if (r.kind == RowKind::measurement) r.low *= 1000.0;
  }
  const PotencyModel nM(world.library, {}), pM(scaled, {});
  for (const auto& agent : world.agents) {
    const auto a = nM.summary(agent, world.variants[2]), b = pM.summary(agent, world.variants[2]);
    EXPECT_NEAR(b.ic50_nM.value / a.ic50_nM.value, 1000.0, 1e-4);
    EXPECT_NEAR(b.ic50_predictive_nM.high / a.ic50_predictive_nM.high, 1000.0, 1e-4);
    EXPECT_NEAR(b.fold_over_wild_type.value / a.fold_over_wild_type.value, 1.0, 1e-7);
    EXPECT_NEAR(b.fold_over_wild_type.low / a.fold_over_wild_type.low, 1.0, 1e-7);
  }
  const auto before = nM.draws(world.agents, world.variants[2], 100, Seed{3});
  const auto after = pM.draws(world.agents, world.variants[2], 100, Seed{3});
  for (std::size_t d = 0; d < before.log10_fold.size(); ++d) {
    for (std::size_t a = 0; a < world.agents.size(); ++a)
      EXPECT_NEAR(before.log10_fold[d][a], after.log10_fold[d][a], 1e-6) << "ranks stay";
  }
}

TEST(Potency, what_changes_do_on_average_is_learnt_from_other_targets) {
  // Five changes of KIN cost blockib tenfold each; of OTHER, stopib's wild type is all there is.
  std::string table = row("R0", "S1", "blockib", "WT", "=", "10");
  for (const std::string change : {"A100C", "C101D", "D102E", "E103F", "F104G"})
    table += row("R" + change, "S1", "blockib", change, "=", "100");
  std::string other = row("RO", "S2", "stopib", "WT", "=", "10");
  other.replace(other.find("KIN"), 3, "OTHER");
  const Library library = tests::library_of(table + other);
  const PotencyModel model(library, {});
  const auto e = model.summary("stopib", {"OTHER", "A1C"});
  EXPECT_GT(e.fold_over_wild_type.value, 3) << "and not 1, as if nothing were known";
  EXPECT_LT(e.fold_over_wild_type.low, 1) << "not measured: anything may be";
  EXPECT_FALSE(e.measured);
}

TEST(Potency, a_bound_moves_the_estimate_its_own_way_only) {
  const double without =
      estimate(tests::library_of(small_table()), "blockib", "A100C").ic50_nM.value;
  const auto with = [](const std::string& more) {
    return estimate(tests::library_of(small_table() + more), "blockib", "A100C").ic50_nM.value;
  };
  EXPECT_GT(with(row("R7", "S2", "blockib", "A100C", ">", "5000")), without);
  EXPECT_LT(with(row("R7", "S2", "blockib", "A100C", "<", "5")), without);
  EXPECT_NEAR(with(row("R7", "S2", "blockib", "A100C", "<", "900000")) / without, 1.0, 0.1)
      << "a bound far away says next to nothing";
}

TEST(Potency, words_move_an_estimate_and_never_outvote_a_number) {
  const std::string wild =
      row("R1", "S1", "blockib", "WT", "=", "10") + row("R2", "S2", "blockib", "WT", "=", "10");
  const std::string number = row("R3", "S1", "blockib", "A100C", "=", "1000");
  std::string words;
  for (int i = 0; i < 40; ++i)
    words += "W" + std::to_string(i) + ",S2,blockib,KIN,A100C,cells,viability,sensitive,yes\n";
  const double alone =
      estimate(tests::library_of(wild + number), "blockib", "A100C").fold_over_wild_type.value;
  const double spoken = estimate(tests::library_of(wild + number, words), "blockib", "A100C")
                            .fold_over_wild_type.value;
  const double countered =
      estimate(tests::library_of(wild + number + row("R4", "S2", "blockib", "A100C", "=", "10")),
               "blockib",
               "A100C")
          .fold_over_wild_type.value;
  EXPECT_LT(spoken, alone);
  EXPECT_GT(spoken, 10.0) << "forty words against one number of 100-fold";
  EXPECT_GT(spoken, countered) << "all words together weigh less than one number";
}

TEST(Potency, words_alone_say_which_way) {
  const std::string wild =
      row("R1", "S1", "blockib", "WT", "=", "10") + row("R2", "S2", "stopib", "WT", "=", "10");
  const auto library =
      tests::library_of(wild,
                        "W1,S3,blockib,KIN,A100C,cells,viability,resistant,yes\nW2,S3,stopib,KIN,"
                        "A100C,cells,viability,sensitive,yes\n");
  const auto up = estimate(library, "blockib", "A100C"),
             down = estimate(library, "stopib", "A100C");
  EXPECT_GT(up.fold_over_wild_type.value, down.fold_over_wild_type.value);
  EXPECT_TRUE(up.measured);
  EXPECT_EQ(up.words, 1);
}

TEST(Potency, a_fold_alone_is_a_contrast_within_its_source) {
  const std::string wild =
      row("R1", "S1", "blockib", "WT", "=", "10") + row("R2", "S2", "blockib", "WT", "=", "12");
  const auto library =
      tests::library_of(wild, "", "F1,S3,blockib,KIN,A100C,WT,cells,viability,=,30,,yes\n");
  const auto e = estimate(library, "blockib", "A100C");
  EXPECT_GT(e.fold_over_wild_type.value, 6.0);
  EXPECT_LT(e.fold_over_wild_type.low, 30.0);
  EXPECT_GT(e.fold_over_wild_type.high, 30.0);
  EXPECT_EQ(e.folds, 1);
}

TEST(Potency, a_fold_beside_the_two_values_that_it_is_made_of_counts_once) {
  const auto library = tests::library_of(
      small_table(), "", "F1,S1,blockib,KIN,A100C,WT,cells,viability,=,20,,yes\n");
  const auto e = estimate(library, "blockib", "A100C");
  const auto fold = std::find_if(e.rows.begin(), e.rows.end(), [&](const RowUse& u) {
    return library.rows[u.row].id == "F1";
  });
  ASSERT_NE(fold, e.rows.end());
  EXPECT_FALSE(fold->used);
  EXPECT_EQ(fold->why, "the two values it is made of are rows already");
}

TEST(Potency, one_fact_printed_three_times_weighs_as_one) {
  const std::string wild =
      row("R1", "S1", "blockib", "WT", "=", "10") + row("R2", "S2", "blockib", "WT", "=", "12");
  const double once =
      estimate(
          tests::library_of(wild + row("R3", "S1", "blockib", "A100C", "=", "500", "yes", "f")),
          "blockib",
          "A100C")
          .ic50_nM.high;
  const double thrice =
      estimate(
          tests::library_of(wild + row("R3", "S1", "blockib", "A100C", "=", "500", "yes", "f") +
                            row("R4", "S1", "blockib", "A100C", "=", "500", "yes", "f") +
                            row("R5", "S1", "blockib", "A100C", "=", "500", "yes", "f")),
          "blockib",
          "A100C")
          .ic50_nM.high;
  EXPECT_NEAR(std::log10(once), std::log10(thrice), 0.06) << "to the error of the draws";
}

TEST(Potency, a_compound_variant_without_rows_is_the_sum_of_its_parts_with_a_wider_interval) {
  std::string table;
  int id = 0;
  for (const char* source : {"S1", "S2", "S3"}) {
    table += row("R" + std::to_string(++id), source, "blockib", "WT", "=", "10") +
             row("R" + std::to_string(++id), source, "blockib", "A100C", "=", "100") +
             row("R" + std::to_string(++id), source, "blockib", "D102E", "=", "50");
  }
  const Library library = tests::library_of(table);
  const auto a = estimate(library, "blockib", "A100C"), b = estimate(library, "blockib", "D102E"),
             both = estimate(library, "blockib", "A100C+D102E");
  EXPECT_FALSE(both.measured);
  EXPECT_FALSE(both.ic50_nM.why.empty()) << "says that nothing was measured";
  EXPECT_NEAR(std::log10(both.fold_over_wild_type.value),
              std::log10(a.fold_over_wild_type.value) + std::log10(b.fold_over_wild_type.value),
              0.02);
  EXPECT_GT(both.fold_over_wild_type.high / both.fold_over_wild_type.low,
            a.fold_over_wild_type.high / a.fold_over_wild_type.low);
}

TEST(Potency, rows_that_were_not_read_weigh_only_on_request_and_are_marked) {
  const Library library =
      tests::library_of(small_table() + row("R7", "S3", "stopib", "A100C", "=", "9000", "no"));
  const auto without = estimate(library, "stopib", "A100C");
  PotencyOptions options;
  options.admission.unread = true;
  const auto with = estimate(library, "stopib", "A100C", options);
  EXPECT_FALSE(without.unread_weigh);
  EXPECT_TRUE(with.unread_weigh);
  EXPECT_GT(with.ic50_nM.value, 2 * without.ic50_nM.value);
}

TEST(Potency, an_agent_without_any_row_on_the_target_has_no_number) {
  const auto e =
      estimate(tests::library_of(row("R1", "S1", "blockib", "WT", "=", "10")), "stopib", "WT");
  EXPECT_TRUE(std::isnan(e.ic50_nM.value));
  EXPECT_EQ(e.ic50_nM.status, Status::too_few_data);
  EXPECT_FALSE(e.ic50_nM.why.empty());
}

TEST(Potency, a_library_without_rows_that_may_weigh_says_so) {
  const Library library = tests::library_of(row("R1", "S1", "blockib", "WT", "=", "10", "no"));
  const PotencyModel model(library, {});
  EXPECT_FALSE(model.usable());
  EXPECT_TRUE(std::isnan(model.summary("blockib", {"KIN", "WT"}).ic50_nM.value));
}

TEST(Potency, heavy_tails_let_an_outlier_pull_less) {
  std::string table;
  int id = 0;
  for (const char* source : {"S1", "S2", "S3"}) {
    for (int k = 0; k < 4; ++k) {
      table +=
          row("R" + std::to_string(++id), source, "blockib", "WT", "=", std::to_string(10 + k));
      table += row("R" + std::to_string(++id),
                   source,
                   "blockib",
                   "A100C",
                   "=",
                   std::to_string(100 + 10 * k));
    }
  }
  const Library library =
      tests::library_of(table + row("R99", "S1", "blockib", "A100C", "=", "90000"));
  PotencyOptions heavy;
  heavy.student_t = true;
  const double gaussian = estimate(library, "blockib", "A100C").ic50_nM.value,
               student = estimate(library, "blockib", "A100C", heavy).ic50_nM.value;
  EXPECT_LT(std::abs(std::log10(student / 115)), std::abs(std::log10(gaussian / 115)));
}

TEST(Potency, draws_agree_with_the_intervals_and_follow_the_seed) {
  const auto world = simulate({}, {}, Seed{5});
  const PotencyModel model(world.library, {});
  const auto draws = model.draws(world.agents, world.variants[1], 4000, Seed{3});
  std::vector<double> first;
  for (const auto& d : draws.log10_ic50) first.push_back(d[0]);
  std::sort(first.begin(), first.end());
  const auto e = model.summary(world.agents[0], world.variants[1]);
  EXPECT_NEAR(first[100], std::log10(e.ic50_nM.low), 0.08) << "2.5 % quantile of 4000 draws";
  EXPECT_NEAR(first[3900], std::log10(e.ic50_nM.high), 0.08);
  EXPECT_EQ(model.draws(world.agents, world.variants[1], 10, Seed{3}).log10_ic50,
            model.draws(world.agents, world.variants[1], 10, Seed{3}).log10_ic50);
  EXPECT_NE(model.draws(world.agents, world.variants[1], 10, Seed{3}).log10_ic50,
            model.draws(world.agents, world.variants[1], 10, Seed{4}).log10_ic50);
}

TEST(Potency, the_seed_of_a_virtual_literature_is_all_it_depends_on) {
  const auto a = simulate({}, {}, Seed{1}), b = simulate({}, {}, Seed{1}),
             c = simulate({}, {}, Seed{2});
  ASSERT_EQ(a.library.rows.size(), b.library.rows.size());
  for (std::size_t i = 0; i < a.library.rows.size(); ++i)
    EXPECT_EQ(a.library.rows[i].low == a.library.rows[i].low ? a.library.rows[i].low : -1,
              b.library.rows[i].low == b.library.rows[i].low ? b.library.rows[i].low : -1);
  EXPECT_NE(a.log10_ic50_nM, c.log10_ic50_nM);
}

}  // namespace
}  // namespace kinescape::evidence
