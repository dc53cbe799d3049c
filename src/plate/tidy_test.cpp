// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <string>

#include "plate/columns_internal.hpp"
#include "plate/plate.hpp"
#include "said.hpp"

namespace kinescape::plate {
namespace {

using kinescape::tests::says;

Checked<PlateSet> read(const std::string& text, const ReadOptions& options = {}) {
  return read_plates(text, "study.csv", "", options);
}

TEST(TidyColumns, KnowTheSpellingsPeopleUseAndTheUnitInTheName) {
  struct Case {
    const char* title;
    Field field;
    const char* unit;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"dose_nM", Field::dose, "nM"},
           {"dose_uM", Field::dose, "uM"},
           {"conc (µM)", Field::dose, "µM"},
           {"Concentration [nM]", Field::dose, "nM"},
           {"Drug Concentration (μM)", Field::dose, "μM"},
           {"concentration in mM", Field::dose, "mM"},
           {"conc.pM", Field::dose, "pM"},
           {"dose_b_nM", Field::dose_b, "nM"},
           {"conc_r", Field::dose, ""},
           {"Cell Line", Field::line, ""},
           {"cell.line", Field::line, ""},
           {"CELL_LINE_NAME", Field::line, ""},
           {"Well ID", Field::well, ""},
           {"time_h", Field::time, "h"},
           {"Time (days)", Field::time, "days"},
           {"viability", Field::viability, ""},
           {"viability_percent", Field::viability, "%"},
           {"Viability (%)", Field::viability, "%"},
           {"% viability", Field::viability, "%"},
           {"% of control", Field::viability, "%"},
           {"Inhibition [%]", Field::inhibition, "%"},
           {"cell_count__ctrl", Field::signal_control, ""},
           {"cell_count__time0", Field::signal_day0, ""},
           {"OD490", Field::signal, ""},
       }) {
    const auto column = recognise(c.title);
    ASSERT_TRUE(column) << c.title;
    EXPECT_EQ(column->field, c.field) << c.title;
    EXPECT_EQ(column->unit, c.unit) << c.title;
  }
  EXPECT_EQ(recognise("OD490")->channel, "490 nm");
  EXPECT_TRUE(recognise("log10_dose_M")->log10);
  EXPECT_FALSE(recognise("favourite colour"));
  EXPECT_FALSE(recognise(""));
}

const char* const raw_table =
    "plate,well,line,drug,dose_uM,role,repeat,time_h,signal\n"
    "P1,A1,parental,drug A,0.1,sample,1,72,0.81\n"
    "P1,A2,parental,drug A,1,sample,1,72,OVRFLW\n"
    "P1,B1,parental,,,DMSO,1,72,1.2\n"
    "P1,B2,parental,,,vehicle,1,72,1.3\n"
    "P1,C1,,,,media,1,72,0.05\n"
    "P1,C2,parental,,,T0,1,0,0.4\n"
    "P1,D1,parental,drug A,10,sample,1,72,\n";

TEST(Tidy, ReadsARawTable) {
  const auto got = read(raw_table);
  ASSERT_TRUE(got.ok()) << describe(got.problems, 100);
  const PlateSet& set = got.value;
  EXPECT_EQ(set.scale, Scale::signal);
  ASSERT_EQ(set.plates.size(), 1U);
  EXPECT_EQ(set.plates[0].name, "P1");
  ASSERT_EQ(set.wells.size(), 7U);
  EXPECT_EQ(set.wells[0].drug, "drug A");
  EXPECT_DOUBLE_EQ(set.wells[0].dose_nM, 100.0);
  EXPECT_EQ(set.wells[0].time_h, 72.0);
  EXPECT_EQ(set.wells[0].repeat, "1");
  EXPECT_EQ(set.wells[0].origin.file, "study.csv");
  EXPECT_NE(set.wells[0].origin.cell.find("line 2"), std::string::npos);
  EXPECT_EQ(set.wells[1].reading, Reading::saturated);
  EXPECT_EQ(set.wells[1].printed, "OVRFLW");
  EXPECT_EQ(set.wells[1].signal, 1.3) << "the largest measured value is the lower bound";
  EXPECT_EQ(set.wells[2].role, Role::vehicle);
  EXPECT_EQ(set.wells[4].role, Role::blank);
  EXPECT_EQ(set.wells[5].role, Role::day0);
  EXPECT_EQ(set.wells[6].reading, Reading::missing);
  EXPECT_TRUE(std::isnan(set.wells[6].signal));
}

TEST(Tidy, ReadsSemicolonsAndDecimalCommas) {
  const auto got = read("line;drug;dose_nM;role;signal\nL1;drug A;12,5;sample;0,81\nL1;;0;;1,5\n");
  ASSERT_TRUE(got.ok()) << describe(got.problems, 100);
  EXPECT_DOUBLE_EQ(got.value.wells[0].dose_nM, 12.5);
  EXPECT_DOUBLE_EQ(got.value.wells[0].signal, 0.81);
  EXPECT_EQ(got.value.wells[1].role, Role::vehicle) << "a zero dose without a drug is vehicle";
}

TEST(Tidy, ADoseColumnWithoutAUnitIsRefusedUnlessToldTheUnit) {
  const std::string text = "line,drug,dose,signal\nL1,drug A,0.1,0.8\nL1,drug A,0,1.0\n";
  const auto got = read(text);
  EXPECT_FALSE(got.ok());
  EXPECT_TRUE(says(got.problems, "names no unit"));
  EXPECT_TRUE(says(got.problems, "pM, nM, uM"));
  ReadOptions options;
  options.dose_unit = "uM";
  const auto told = read(text, options);
  ASSERT_TRUE(told.ok()) << describe(told.problems, 100);
  EXPECT_DOUBLE_EQ(told.value.wells[0].dose_nM, 100.0);
}

TEST(Tidy, TakesUnitsFromAUnitColumnAndFromCells) {
  const auto got =
      read("line,drug,concentration,conc_unit,signal\nL1,drug A,0.1,µM,0.8\nL1,drug A,7,nM,0.9\n");
  ASSERT_TRUE(got.ok()) << describe(got.problems, 100);
  EXPECT_DOUBLE_EQ(got.value.wells[0].dose_nM, 100.0);
  EXPECT_DOUBLE_EQ(got.value.wells[1].dose_nM, 7.0);
  const auto cells = read("line,drug,dose,signal\nL1,drug A,2 uM,0.8\nL1,drug A,3nM,0.9\n");
  ASSERT_TRUE(cells.ok()) << describe(cells.problems, 100);
  EXPECT_DOUBLE_EQ(cells.value.wells[0].dose_nM, 2000.0);
  EXPECT_DOUBLE_EQ(cells.value.wells[1].dose_nM, 3.0);
}

TEST(Tidy, ReadsLog10Doses) {
  const auto got = read("line,drug,log10_dose_M,viability\nL1,drug A,-7,0.8\nL1,drug A,-6,0.4\n");
  ASSERT_TRUE(got.ok()) << describe(got.problems, 100);
  EXPECT_NEAR(got.value.wells[0].dose_nM, 100.0, 1e-9);
}

TEST(Tidy, ReadsNormalisedTables) {
  const auto got = read(
      "line,drug,dose_nM,repeat,viability\nL1,drug A,0,1,1.02\nL1,drug A,10,1,0.9\n"
      "L1,drug A,100,1,0.4\n");
  ASSERT_TRUE(got.ok()) << describe(got.problems, 100);
  EXPECT_EQ(got.value.scale, Scale::fraction_of_vehicle);
  EXPECT_EQ(got.value.wells[0].role, Role::vehicle);
  EXPECT_EQ(got.value.wells[1].role, Role::sample);
  const auto percent =
      read("line,drug,dose_nM,repeat,viability_percent\nL1,drug A,0,1,102\nL1,drug A,100,1,40\n");
  ASSERT_TRUE(percent.ok()) << describe(percent.problems, 100);
  EXPECT_DOUBLE_EQ(percent.value.wells[1].signal, 0.4);
  const auto inhibition =
      read("line,drug,dose_nM,inhibition_percent\nL1,drug A,1,2\nL1,drug A,100,60\n");
  ASSERT_TRUE(inhibition.ok()) << describe(inhibition.problems, 100);
  EXPECT_EQ(inhibition.value.scale, Scale::percent_inhibition);
  EXPECT_DOUBLE_EQ(inhibition.value.wells[1].signal, 0.4);
}

TEST(Tidy, RefusesPercentWhereAFractionIsMeantAndTheReverse) {
  EXPECT_TRUE(says(read("line,drug,dose_nM,viability\nL1,drug A,0,99\nL1,drug A,10,40\n").problems,
                   "viability_percent"));
  EXPECT_TRUE(says(read("line,drug,dose_nM,viability\nL1,drug A,1,95\nL1,drug A,10,40\n").problems,
                   "viability_percent"));
  EXPECT_TRUE(says(
      read("line,drug,dose_nM,viability_percent\nL1,drug A,0,1.0\nL1,drug A,10,0.4\n").problems,
      "fractions"));
}

TEST(Tidy, ListsAllProblemsAtOnceWithTheirPlaces) {
  const auto got = read(
      "plate,well,line,drug,dose_nM,role,signal\n"
      "P1,A1,L1,drug A,-5,sample,0.81\n"
      "P1,Z99,L1,drug A,1,sample,0.8\n"
      "P1,A3,L1,drug A,1,smaple,0.8\n"
      "P1,A4,L1,,3,vehicle,0.8\n"
      "P1,A5,L1,drug A,1,sample,0.8x\n"
      "P1,A6,L1,drug A,1,sample,NaN\n"
      "P1,A7,L1,drug A,,sample,1\n"
      "P1,A8,L1,drug A,1,sample,1,extra\n"
      "P1,A9,L1,drug A,2,sample,#DIV/0!\n"
      "P1,A9,L1,drug A,2,sample,0.5\n");
  EXPECT_FALSE(got.ok());
  for (const char* part : {"is negative",
                           "is not a well",
                           "is no role",
                           "has a dose of",
                           "\"0.8x\" is not a number",
                           "\"NaN\" is no reading",
                           "has no dose",
                           "more cells than",
                           "error of the spreadsheet",
                           "there twice"}) {
    EXPECT_TRUE(says(got.problems, part));
  }
  for (const Problem& p : got.problems) {
    EXPECT_EQ(p.where.file, "study.csv") << p.what;
    EXPECT_TRUE(p.where.line > 0 || !p.where.item.empty()) << p.what;
    EXPECT_FALSE(p.fix.empty()) << p.what;
  }
}

TEST(Tidy, RefusesAmbiguousThousandsAndImpossibleDoses) {
  EXPECT_TRUE(says(read("line\tdrug\tdose_nM\tsignal\nL1\tdrug A\t1,234\t1.5\n").problems,
                   "decimal or a thousand"));
  EXPECT_TRUE(
      says(read("line,drug,dose_M,signal\nL1,drug A,10,1.5\n").problems, "cannot be dissolved"));
}

TEST(Tidy, SaysWhenNothingTellsWhatStoodInTheWells) {
  const auto got = read("plate,well,signal\nP1,A1,0.4\nP1,A2,0.5\n");
  EXPECT_FALSE(got.ok());
  EXPECT_TRUE(says(got.problems, "layout"));
  ReadOptions bare;
  bare.plan_needed = false;
  EXPECT_TRUE(read("plate,well,signal\nP1,A1,0.4\nP1,A2,0.5\n", bare).ok());
}

TEST(Tidy, ReplicatesOnOnePlateAreNotRepeats) {
  const auto technical = read(
      "plate,well,line,drug,dose_nM,replicate,signal\nP1,A1,L1,drug A,1,1,0.4\n"
      "P1,A2,L1,drug A,1,2,0.5\n");
  EXPECT_TRUE(says(technical.problems, "technical"));
  EXPECT_EQ(technical.value.wells[0].repeat, "");
  const auto repeats =
      read("line,drug,dose_nM,replicate,viability\nL1,drug A,1,1,0.4\nL1,drug A,1,2,0.5\n");
  EXPECT_TRUE(says(repeats.problems, "biological repeats"));
  EXPECT_EQ(repeats.value.wells[1].repeat, "2");
  const auto named =
      read("line,drug,dose_nM,repeat,viability\nL1,drug A,1,1,0.4\nL1,drug A,1,2,0.5\n");
  EXPECT_TRUE(named.problems.empty()) << describe(named.problems, 100);
}

TEST(Tidy, ARepeatWithoutPlateNamesIsAPlateOfItsOwn) {
  const auto got = read(
      "well,line,drug,dose_nM,repeat,signal\nA1,L1,drug A,1,day 1,0.4\nA1,L1,drug A,1,day 2,0.5\n");
  ASSERT_TRUE(got.ok()) << describe(got.problems, 100);
  EXPECT_EQ(got.value.plates.size(), 2U);
}

TEST(Tidy, ReadsCombinations) {
  const auto got = read(
      "line,drug_a,dose_a_nM,drug_b,dose_b_nM,viability\n"
      "L1,drug A,0,drug B,0,1.0\n"
      "L1,drug A,0,drug B,50,0.7\n"
      "L1,drug A,10,drug B,50,0.3\n");
  ASSERT_TRUE(got.ok()) << describe(got.problems, 100);
  EXPECT_EQ(got.value.wells[0].role, Role::vehicle);
  EXPECT_EQ(got.value.wells[1].drug, "drug A");
  EXPECT_EQ(got.value.wells[1].dose_nM, 0.0);
  EXPECT_EQ(got.value.wells[1].dose_b_nM, 50.0);
  EXPECT_EQ(got.value.wells[2].drug_b, "drug B");
}

TEST(Tidy, ReadsSynergyTablesWhenToldWhatTheResponseIs) {
  const std::string text =
      "block_id,drug_row,drug_col,conc_r,conc_c,response,conc_r_unit,conc_c_unit\n"
      "1,drug A,drug B,0,0,99,nM,uM\n1,drug A,drug B,10,0.5,40,nM,uM\n";
  EXPECT_TRUE(says(read(text).problems, "viability or inhibition"));
  ReadOptions options;
  options.response = "viability";
  const auto got = read(text, options);
  ASSERT_TRUE(got.ok()) << describe(got.problems, 100);
  EXPECT_DOUBLE_EQ(got.value.wells[1].dose_b_nM, 500.0);
  EXPECT_DOUBLE_EQ(got.value.wells[1].signal, 0.4);
}

TEST(Tidy, ReadsGrowthRateTablesWithTheirControls) {
  const auto got = read(
      "cell_line\tagent\treplicate\ttime\tconcentration_uM\tcell_count\tcell_count__ctrl\t"
      "cell_count__time0\n"
      "L1\tdrug A\t1\t48\t0.1\t900\t1200\t300\n"
      "L1\tdrug A\t1\t48\t1\t500\t1200\t300\n"
      "L1\tdrug A\t2\t48\t1\t550\t1300\t310\n");
  ASSERT_TRUE(got.ok()) << describe(got.problems, 100);
  ASSERT_EQ(got.value.wells.size(), 7U);
  EXPECT_EQ(got.value.plates.size(), 2U);
  const Well& vehicle = got.value.wells[3];
  EXPECT_EQ(vehicle.role, Role::vehicle);
  EXPECT_EQ(vehicle.signal, 1200.0);
  EXPECT_EQ(got.value.wells[4].role, Role::day0);
  EXPECT_EQ(got.value.wells[4].plate, got.value.wells[0].plate);
}

TEST(Tidy, ReadsTableOfCountsOverTimeWithUnitsPerDrug) {
  const auto got = read(
      "upid,well,cell.line,drug1,drug1.conc,drug1.units,drug2,drug2.conc,drug2.units,time,cell."
      "count\n"
      "P1,A1,L1,drug A,1e-6,M,,,,0,400\nP1,A1,L1,drug A,1e-6,M,,,,4,500\n"
      "P1,A2,L1,,0,M,,,,0,410\nP1,A2,L1,,0,M,,,,4,700\n");
  ASSERT_TRUE(got.ok()) << describe(got.problems, 100);
  EXPECT_DOUBLE_EQ(got.value.wells[0].dose_nM, 1000.0);
  EXPECT_EQ(got.value.wells[1].time_h, 4.0);
  EXPECT_EQ(got.value.wells[2].role, Role::vehicle);
}

TEST(Tidy, ChannelsAreKeptChosenAndSubtracted) {
  std::string text = "plate,well,line,drug,dose_nM,wavelength_nm,signal\n";
  text += "P1,A1,L1,drug A,1,490,0.9\nP1,A1,L1,drug A,1,630,0.1\n";
  text += "P1,A2,L1,drug A,2,490,0.5\nP1,A2,L1,drug A,2,630,OVER\n";
  EXPECT_EQ(read(text).value.wells.size(), 4U);
  ReadOptions options;
  options.channel = "490";
  options.reference_channel = "630";
  const auto got = read(text, options);
  ASSERT_EQ(got.value.wells.size(), 2U);
  EXPECT_DOUBLE_EQ(got.value.wells[0].signal, 0.8);
  EXPECT_EQ(got.value.wells[1].reading, Reading::missing);
  options.channel = "570";
  EXPECT_TRUE(says(read(text, options).problems, "490 nm, 630 nm"));
}

TEST(Tidy, AMillionRowsAreNotQuadratic) {
  const auto seconds = [](int rows) {
    std::string text = "plate,well,line,drug,dose_nM,signal\n";
    for (int i = 0; i < rows; ++i) {
      text += "P" + std::to_string(i / 96) + "," + name(Position{i % 96 / 12, i % 12}) +
              ",L1,drug A," + std::to_string(1 + i % 8) + ",0.5\n";
    }
    const auto start = std::chrono::steady_clock::now();
    const auto got = read(text);
    EXPECT_EQ(got.value.wells.size(), static_cast<std::size_t>(rows));
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  const double small = seconds(5'000);
  const double large = seconds(40'000);
  EXPECT_LT(large, 30.0 * small + 0.2) << "8 times the rows; quadratic would be 64 times the time";
}

TEST(Tidy, AFileThatIsNoTableSaysWhatWasLookedFor) {
  EXPECT_TRUE(says(read("dear diary,\ntoday was fine\n").problems, "tidy table"));
  EXPECT_FALSE(read("").ok());
  EXPECT_FALSE(read_plates(std::string("\xD0\xCF\x11\xE0 old", 8), "old.xls", "", {}).ok());
}

}  // namespace
}  // namespace kinescape::plate
