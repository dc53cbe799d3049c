// SPDX-License-Identifier: Apache-2.0
#include "evidence/estimate.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "evidence/simulate.hpp"

namespace kinescape::evidence {
namespace {

Estimated value(double nM, double fold_error = 1.3) {
  Estimated e;
  e.value = nM;
  e.low = nM / fold_error;
  e.high = nM * fold_error;
  e.status = Status::ok;
  e.n = 3;
  return e;
}

Question about(const VirtualLiterature& world, std::size_t v, std::size_t a, const Estimated& own) {
  Question q;
  q.gene = world.variants[v].gene;
  q.variants = {world.variants[v]};
  q.own = {{"line", world.agents[a], "line", world.variants[v], own, ""}};
  return q;
}

TEST(EvidenceEstimate, a_plate_where_the_literature_puts_it_agrees_and_one_far_off_does_not) {
  const auto world = simulate({}, {}, Seed{11});
  const double truth = std::pow(10.0, world.log10_ic50_nM[2][1]);
  const auto near = estimate(world.library, about(world, 2, 1, value(truth)));
  ASSERT_EQ(near.own.size(), 1U);
  EXPECT_EQ(near.own[0].agreement, Agreement::agrees) << near.own[0].says;
  EXPECT_GT(near.own[0].p, 0.05);
  const auto far = estimate(world.library, about(world, 2, 1, value(3000.0 * truth)));
  EXPECT_EQ(far.own[0].agreement, Agreement::disagrees) << far.own[0].says;
  EXPECT_LT(far.own[0].p, 0.001);
  EXPECT_EQ(far.own[0].literature.ic50_nM.value, near.own[0].literature.ic50_nM.value)
      << "own values do not weigh in the literature";
}

TEST(EvidenceEstimate, both_together_lie_between_plate_and_literature_and_are_surer) {
  const auto world = simulate({}, {}, Seed{12});
  const double truth = std::pow(10.0, world.log10_ic50_nM[2][1]);
  const auto e = estimate(world.library, about(world, 2, 1, value(4.0 * truth)));
  const auto& c = e.own[0];
  EXPECT_GT(c.both_nM.value, std::min(c.own.ic50_nM.value, c.expected_nM.value));
  EXPECT_LT(c.both_nM.value, std::max(c.own.ic50_nM.value, c.expected_nM.value));
  EXPECT_LT(c.both_nM.high / c.both_nM.low, c.expected_nM.high / c.expected_nM.low);
  EXPECT_LT(c.both_nM.high / c.both_nM.low, c.own.ic50_nM.high / c.own.ic50_nM.low);
  EXPECT_EQ(e.library.rows.size(), world.library.rows.size() + 1);
  EXPECT_EQ(e.library.source("own_lab", "own_lab")->kind, "own_lab");
}

TEST(EvidenceEstimate, a_bound_is_judged_by_what_lies_beyond_it) {
  const auto world = simulate({}, {}, Seed{13});
  const double truth = std::pow(10.0, world.log10_ic50_nM[2][1]);
  Estimated above = value(truth / 1000.0);
  above.relation = Relation::greater;
  above.high = unknown;
  EXPECT_EQ(estimate(world.library, about(world, 2, 1, above)).own[0].agreement, Agreement::agrees)
      << "above a dose far below: no news";
  above.value = 3000.0 * truth;
  EXPECT_EQ(estimate(world.library, about(world, 2, 1, above)).own[0].agreement,
            Agreement::disagrees);
}

TEST(EvidenceEstimate, no_number_or_no_agent_is_said) {
  const auto world = simulate({}, {}, Seed{14});
  Question q = about(world, 2, 1, {});
  q.own.push_back({"line", "water", "line", world.variants[2], value(5.0), ""});
  const auto e = estimate(world.library, q);
  EXPECT_EQ(e.own[0].agreement, Agreement::no_plate);
  EXPECT_EQ(e.own[1].agreement, Agreement::no_literature);
  EXPECT_EQ(e.library.rows.size(), world.library.rows.size()) << "nothing was added";
  EXPECT_EQ(e.rankings.size(), 1U);
}

TEST(EvidenceEstimate, a_fold_between_lines_of_one_genotype_needs_another_cause) {
  const auto world = simulate({}, {}, Seed{15});
  Question q = about(world, 0, 1, value(100.0));
  q.folds = {
      {"resistant", "parental", world.agents[1], world.variants[0], world.variants[0], value(1.2)},
      {"resistant",
       "parental",
       world.agents[1],
       world.variants[0],
       world.variants[0],
       value(400.0)}};
  const auto e = estimate(world.library, q);
  ASSERT_EQ(e.folds.size(), 2U);
  EXPECT_EQ(e.folds[0].agreement, Agreement::agrees);
  EXPECT_EQ(e.folds[1].agreement, Agreement::disagrees);
  EXPECT_NE(e.folds[1].says.find("does not explain"), std::string::npos);
}

/// Of own values that a laboratory of the simulated kind prints, about one in twenty is called a
/// disagreement.
TEST(EvidenceEstimate, disagreement_is_called_as_often_as_it_says) {
  int disagree = 0, n = 0;
  for (int i = 0; i < 12; ++i) {
    const LiteratureTruth t;
    const auto world = simulate({}, t, Seed{static_cast<std::uint64_t>(300 + i)});
    const PotencyModel model(world.library, {});
    Stream stream(Seed{5}, 1, static_cast<std::uint64_t>(i));
    for (std::size_t v = 0; v < world.variants.size(); ++v) {
      for (std::size_t a = 0; a < world.agents.size(); ++a) {
        Row row = world.library.rows.front();
        row.agent = world.agents[a];
        row.variant = world.variants[v].key;
        row.changes.clear();
        if (row.variant.find('+') != std::string::npos) continue;
        row.se_log10 = 0.05;
        const double sd = std::sqrt(t.source * t.source + t.source_agent * t.source_agent +
                                    t.series * t.series + t.residual * t.residual + 0.05 * 0.05);
        row.low = std::pow(10.0, world.log10_ic50_nM[v][a] + sd * stream.normal());
        const double p = model.prediction(row).p_below;
        if (std::isnan(p)) continue;
        ++n;
        disagree += p < 0.025 || p > 0.975;
      }
    }
  }
  EXPECT_GT(n, 500);
  EXPECT_GT(disagree, n / 50) << "2 % of " << n;
  EXPECT_LT(disagree, n / 10) << "10 % of " << n;
}

}  // namespace
}  // namespace kinescape::evidence
