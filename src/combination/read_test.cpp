// SPDX-License-Identifier: Apache-2.0
#include "combination/read.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "combination/design.hpp"
#include "combination/estimate.hpp"
#include "plate/write.hpp"
#include "said.hpp"

namespace kinescape::combination {
namespace {

using kinescape::tests::says;

Checked<std::vector<Block>> read_text(const std::string& text, const ReadOptions& options = {}) {
  return read(text, "matrix.csv", options);
}

TEST(Read, TheDirectionIsAskedFor) {
  const auto got = read_text("drug_a,dose_a_nM,drug_b,dose_b_nM,response\nA,1,B,1,50\n");
  EXPECT_FALSE(got.ok());
  EXPECT_TRUE(says(got.problems, "--response"));
}

TEST(Read, TheScaleIsAskedForWhereTheValuesLeaveAChoice) {
  ReadOptions o;
  o.response = "inhibition";
  const std::string text =
      "drug_a,dose_a_nM,drug_b,dose_b_nM,response\nA,0,B,0,0\nA,1,B,0,0.05\nA,0,B,1,0.1\n"
      "A,1,B,1,0.12\n";
  EXPECT_TRUE(says(read_text(text, o).problems, "--scale"));
  o.scale = "fraction";
  const auto got = read_text(text, o);
  ASSERT_TRUE(got.ok());
  EXPECT_DOUBLE_EQ(got.value.front().wells.back().viability, 0.88);
}

TEST(Read, SynergyFindersTable) {
  ReadOptions o;
  o.response = "viability";
  const auto got = read_text(
      "block_id,drug_row,drug_col,conc_r,conc_c,response,conc_r_unit,conc_c_unit\n"
      "1,A,B,0,0,100,uM,nM\n1,A,B,2,0,60,uM,nM\n1,A,B,0,5,80,uM,nM\n1,A,B,2,5,30,uM,nM\n",
      o);
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  ASSERT_EQ(got.value.size(), 1U);
  EXPECT_EQ(got.value[0].drugs, (std::vector<std::string>{"A", "B"}));
  EXPECT_DOUBLE_EQ(got.value[0].wells[3].dose_nM[0], 2000.0);
  EXPECT_DOUBLE_EQ(got.value[0].wells[3].dose_nM[1], 5.0);
  EXPECT_DOUBLE_EQ(got.value[0].wells[3].viability, 0.3);
}

TEST(Read, SynergysTableNeedsAUnit) {
  ReadOptions o;
  o.response = "viability";
  const std::string text = "d1,d2,E\n0,0,1\n1,0,.8\n0,1,.7\n1,1,.5\n";
  EXPECT_TRUE(says(read_text(text, o).problems, "names no unit"));
  o.dose_unit = "uM";
  const auto got = read_text(text, o);
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  EXPECT_DOUBLE_EQ(got.value[0].wells[1].dose_nM[0], 1000.0);
}

TEST(Read, CombenefitsMatrix) {
  ReadOptions o;
  o.response = "viability";
  const auto got = read_text(
      ",0,1,3\n0,100,90,70\n0.1,95,80,50\n1,60,40,20\nAgent1,Drug X\nAgent2,Drug Y\nUnit1,uM\n"
      "Unit2,nM\n",
      o);
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  EXPECT_EQ(got.value[0].drugs, (std::vector<std::string>{"Drug X", "Drug Y"}));
  EXPECT_EQ(got.value[0].wells.size(), 9U);
  const Cells cells = cells_of(got.value[0]);
  EXPECT_DOUBLE_EQ(cells.mean.viability[2 * 3 + 1], 0.4);
  EXPECT_DOUBLE_EQ(cells.mean.axis_nM[0][1], 100.0);
}

TEST(Read, SwappedDrugsAreOneCombination) {
  const auto got = read_text(
      "drug_a,dose_a_nM,drug_b,dose_b_nM,viability\nA,1,B,2,0.5\nB,2,A,1,0.6\nA,0,B,0,1\n");
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  ASSERT_EQ(got.value.size(), 1U);
  EXPECT_TRUE(says(got.problems, "both orders"));
  EXPECT_EQ(got.value[0].wells[1].dose_nM[0], 1.0);
}

TEST(Read, EveryFaultIsNamed) {
  const auto got = read_text(
      "drug_a,dose_a_nM,drug_b,dose_b_nM,viability\nA,x,B,2,0.5\nA,-1,B,2,0.5\nA,1,B,2,high\n"
      ",5,B,2,0.4\n");
  EXPECT_EQ(got.problems.size(), 4U) << describe(got.problems);
}

TEST(Check, NamesWhatIsMissing) {
  const auto blocks = read_text(
      "drug_a,dose_a_nM,drug_b,dose_b_nM,viability\nA,1,B,2,0.5\nA,3,B,2,0.2\nA,1,B,0,0.9\n"
      "A,3,B,0,0.7\n");
  ASSERT_TRUE(blocks.ok());
  const Problems problems = check(blocks.value);
  EXPECT_TRUE(says(problems, "\"B\" was never given alone"));
  EXPECT_TRUE(says(problems, "no well is without drug"));
  const auto result = estimate(blocks.value);
  ASSERT_TRUE(result.ok());
  const ScoreResult& bliss = result.value.pairs[0].of(Reference::bliss);
  EXPECT_EQ(bliss.call, Call::not_identifiable);
  EXPECT_EQ(bliss.summary.status, Status::not_identifiable);
}

TEST(Check, AnArmInAnotherUnitIsAnError) {
  const auto blocks = read_text(
      "drug_a,dose_a_nM,drug_b,dose_b_nM,viability\nA,0,B,0,1\nA,1,B,0,0.9\nA,3,B,0,0.8\n"
      "A,0,B,1000,.9\nA,0,B,3000,.8\nA,1,B,1,0.5\nA,3,B,3,0.4\n");
  ASSERT_TRUE(blocks.ok());
  EXPECT_TRUE(has_errors(check(blocks.value)));
}

TEST(Check, ImpossibleEffectsAreSaid) {
  const auto blocks = read_text(
      "drug_a,dose_a_nM,drug_b,dose_b_nM,viability\nA,0,B,0,1\nA,1,B,0,1.9\nA,0,B,1,-0.5\n"
      "A,1,B,1,0.5\n");
  const Problems problems = check(blocks.value);
  EXPECT_TRUE(says(problems, "above 150 %"));
  EXPECT_TRUE(says(problems, "below -20 %"));
}

TEST(Simulate, SameSeedSamePlatesAndMoreRepeatsMoveNothing) {
  Design d;
  d.lines = {"L"};
  d.doses_a_nM = d.doses_b_nM = {10, 100, 1000};
  const std::vector<Truth> truths{{"L", Together::bliss, {}}};
  const auto one = simulate(d, truths, {}, Seed{3});
  EXPECT_EQ(plate::write_tidy(one), plate::write_tidy(simulate(d, truths, {}, Seed{3})));
  EXPECT_NE(plate::write_tidy(one), plate::write_tidy(simulate(d, truths, {}, Seed{4})));
  d.repeats = 4;
  const auto more = simulate(d, truths, {}, Seed{3});
  for (std::size_t i = 0; i < one.wells.size(); ++i) {
    EXPECT_EQ(one.wells[i].signal, more.wells[i].signal);
  }
}

TEST(Simulate, WhatIsWrittenIsReadBack) {
  Design d;
  d.lines = {"L"};
  d.doses_a_nM = d.doses_b_nM = {10, 100, 1000};
  const auto plates = simulate(d, {{"L", Together::bliss, {}}}, {}, Seed{3});
  const auto direct = blocks_of(plates);
  const auto file = read_text(plate::write_tidy(plates));
  ASSERT_TRUE(file.ok()) << describe(file.problems);
  ASSERT_EQ(file.value.size(), 1U);
  ASSERT_EQ(file.value[0].wells.size(), direct.value[0].wells.size());
  EXPECT_EQ(file.value[0].repeats.size(), 3U);
  for (std::size_t i = 0; i < file.value[0].wells.size(); ++i) {
    EXPECT_NEAR(file.value[0].wells[i].viability, direct.value[0].wells[i].viability, 1e-5)
        << "six digits are written";
  }
}

TEST(Estimate, TheSameBitsAtAnyThreadCount) {
  Design d;
  d.lines = {"L", "M"};
  d.doses_a_nM = d.doses_b_nM = {10, 30, 100, 300, 1000};
  const auto plates =
      simulate(d, {{"L", Together::bliss, {}}, {"M", Together::hsa, {}}}, {}, Seed{5});
  const auto blocks = blocks_of(plates);
  Options one, two;
  one.threads = Threads{1};
  two.threads = Threads{2};
  const auto x = estimate(blocks.value, one), y = estimate(blocks.value, two);
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t m = 0; m < reference_count; ++m) {
      EXPECT_EQ(x.value.pairs[i].scores[m].summary.low, y.value.pairs[i].scores[m].summary.low);
      EXPECT_EQ(x.value.pairs[i].scores[m].peak.low, y.value.pairs[i].scores[m].peak.low);
    }
  }
}

}  // namespace
}  // namespace kinescape::combination
