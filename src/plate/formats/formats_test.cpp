// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <string>

#include "base/errors.hpp"
#include "base/xlsx.hpp"
#include "plate/plate.hpp"
#include "plate/write.hpp"
#include "said.hpp"

namespace kinescape::plate {
namespace {

using kinescape::tests::says;

Checked<PlateSet> bare(const std::string& bytes, const std::string& file = "export.txt") {
  ReadOptions options;
  options.plan_needed = false;
  return read_plates(bytes, file, "", options);
}

const Well* find(const PlateSet& set, const char* well, const std::string& channel = "*") {
  for (const Well& w : set.wells) {
    if (w.position == *parse_position(well) && (channel == "*" || w.channel == channel)) return &w;
  }
  return nullptr;
}

/// Two plates, two wavelengths, every kind of reading, controls and a dose series.
PlateSet study(Format format, std::vector<std::string> channels) {
  PlateSet set;
  for (int p = 0; p < 2; ++p) {
    const std::string plate = p == 0 ? "day 1, parental" : "day 2 \"resistant\"";
    set.plates.push_back({plate, format, "", ""});
    for (const std::string& channel : channels) {
      for (int r = 0; r < format.rows; ++r) {
        for (int c = 0; c < format.columns; ++c) {
          Well w;
          w.plate = plate;
          w.position = {r, c};
          w.placed = true;
          w.line = p == 0 ? "parental" : "resistant";
          w.repeat = p == 0 ? "1" : "2";
          w.time_h = 72.0;
          w.channel = channel;
          if (c == 0) {
            w.role = Role::blank;
          } else if (c == format.columns - 1) {
            w.role = Role::vehicle;
          } else {
            w.drug = r % 2 == 0 ? "drug A" : "drug 'B'";
            w.dose_nM = 10'000.0 / std::pow(3.0, c);
          }
          w.signal = (1 + r * format.columns + c + (channel.empty() ? 0 : 500) + 2000 * p) / 1000.0;
          set.wells.push_back(w);
        }
      }
    }
    Well& saturated = set.wells[set.wells.size() - 3];
    saturated.reading = Reading::saturated;
    saturated.printed = "OVER";
    Well& masked = set.wells[set.wells.size() - 4];
    masked.reading = Reading::masked;
    masked.printed = "MASKED";
    Well& missing = set.wells[set.wells.size() - 5];
    missing.reading = Reading::missing;
  }
  return set;
}

void same(const PlateSet& want, const Checked<PlateSet>& got, bool with_plan) {
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  ASSERT_EQ(got.value.wells.size(), want.wells.size());
  ASSERT_EQ(got.value.plates.size(), want.plates.size());
  using Key = std::tuple<std::string, Position, std::string>;
  std::map<Key, const Well*> by_key;
  for (const Well& w : got.value.wells) by_key[Key{w.plate, w.position, w.channel}] = &w;
  for (const Well& w : want.wells) {
    const auto at = by_key.find(Key{w.plate, w.position, w.channel});
    ASSERT_NE(at, by_key.end()) << w.plate << " " << name(w.position) << " " << w.channel;
    const Well& g = *at->second;
    ASSERT_EQ(g.reading, w.reading) << name(w.position);
    if (w.reading == Reading::measured) {
      ASSERT_EQ(g.signal, w.signal);
    }
    ASSERT_FALSE(g.origin.cell.empty());
    if (!with_plan) continue;
    ASSERT_EQ(g.role, w.role);
    ASSERT_EQ(g.drug, w.drug);
    ASSERT_EQ(g.dose_nM, w.dose_nM) << "doses survive to the bit";
    ASSERT_EQ(g.line, w.line);
    ASSERT_EQ(g.repeat, w.repeat);
    ASSERT_EQ(g.time_h, w.time_h);
  }
}

TEST(RoundTrip, EveryNativeFormWithItsLayoutGivesTheSameWells) {
  for (NativeForm form : {NativeForm::gen5,
                          NativeForm::softmax,
                          NativeForm::bmg,
                          NativeForm::envision,
                          NativeForm::tecan}) {
    for (Format format : {Format{2, 3}, Format{8, 12}, Format{16, 24}}) {
      SCOPED_TRACE(std::string(name(form)) + " " + std::to_string(format.wells()));
      const PlateSet set = study(format, {"490 nm", "630 nm"});
      const std::string bytes = write_native(set, form, "virtual data");
      EXPECT_EQ(bytes, write_native(set, form, "virtual data"));
      same(set,
           read_plates(bytes, "sim" + std::string(file_ending(form)), write_layout(set), {}),
           true);
      EXPECT_EQ(parse_native_form(name(form)), form);
    }
  }
}

TEST(RoundTrip, TidyTables) {
  const PlateSet set = study({8, 12}, {""});
  same(set, read_plates(write_tidy(set), "sim.csv", "", {}), true);
}

TEST(RoundTrip, WhatAFormCannotSayIsRefused) {
  PlateSet set = study({8, 12}, {"490 nm"});
  set.wells[1].placed = false;
  EXPECT_THROW((void)write_native(set, NativeForm::gen5), UsageError);
  set = study({8, 12}, {"490 nm"});
  set.scale = Scale::fraction_of_vehicle;
  EXPECT_THROW((void)write_native(set, NativeForm::bmg), UsageError);
}

TEST(Speed, A1536WellExportIsReadInMilliseconds) {
  const PlateSet set = study({32, 48}, {"490 nm"});
  for (NativeForm form : {NativeForm::gen5,
                          NativeForm::softmax,
                          NativeForm::bmg,
                          NativeForm::envision,
                          NativeForm::tecan}) {
    const std::string bytes = write_native(set, form);
    const auto start = std::chrono::steady_clock::now();
    const auto got = bare(bytes);
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    RecordProperty(std::string(name(form)) + "_ms_for_3072_wells", std::to_string(1e3 * seconds));
    EXPECT_EQ(got.value.wells.size(), 3072U);
    EXPECT_LT(seconds, 2.0) << "two plates in the unoptimised build";
  }
}

TEST(Gen5, SkipsLayoutAndCalculatedRowsAndReadsSigns) {
  const auto got = bare(
      "Software Version\t3.12\n\nPlate Number\tPlate 1\nReader Type:\tX\n\nLayout\n\t1\t2\n"
      "A\tSPL1\tBLK\tWell ID\n\nResults\n\t1\t2\n"
      "A\t0.5\tOVRFLW\tread:490\n\t0.1\t*****\tread:630\n\t99\t1\tNorm\n"
      "B\t0.7\t-0.01\tread:490\n\t0.2\tMISSED\tread:630\n\t98\t2\tNorm\n\n"
      "Plate Number\tPlate 2\n\nResults\n\t1\t2\nA\t1.5\t1.6\tread:490\nB\t1.7\t1.8\tread:490\n");
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  EXPECT_EQ(got.value.plates.size(), 2U);
  ASSERT_EQ(got.value.wells.size(), 12U);
  EXPECT_EQ(find(got.value, "A2", "490 nm")->reading, Reading::saturated);
  EXPECT_EQ(find(got.value, "A2", "490 nm")->signal, 0.7);
  EXPECT_EQ(find(got.value, "B2", "630 nm")->reading, Reading::missing);
  EXPECT_TRUE(says(got.problems, "calculated"));
  EXPECT_TRUE(says(got.problems, "negative"));
}

TEST(Gen5, ReadsAKinetic) {
  const auto got = bare(
      "Software Version\t3.12\nPlate Number\tPlate 1\nReader Type:\tX\n\nOD:600\n\n"
      "Time\tT OD:600\tA1\tA2\n0:00:00\t37.0\t0.1\t0.2\n1:30:00\t37.0\t0.3\t0.4\n\n");
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  ASSERT_EQ(got.value.wells.size(), 4U);
  EXPECT_EQ(got.value.wells[3].time_h, 1.5);
  EXPECT_EQ(got.value.wells[3].channel, "600 nm");
}

TEST(Gen5, ReadsAWorkbook) {
  Grid grid("g.xlsx", "Plate 1");
  grid.add_row({"Software Version", "3.12"}, 1);
  grid.add_row({"Plate Number", "P7"}, 2);
  grid.add_row({"Procedure Details"}, 3);
  grid.add_row({"Results"}, 4);
  grid.add_row({"", "", "1", "2"}, 5);
  grid.add_row({"", "A", "0.25", "OVRFLW", "450"}, 6);
  const auto got = bare(write_xlsx({grid}), "g.xlsx");
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  ASSERT_EQ(got.value.wells.size(), 2U);
  EXPECT_EQ(got.value.plates[0].name, "P7");
  EXPECT_EQ(got.value.wells[0].signal, 0.25);
  EXPECT_EQ(got.value.wells[0].channel, "450 nm");
  EXPECT_EQ(got.value.wells[0].origin.cell, "Plate 1!C6");
}

TEST(SoftMax, ReadsKineticsAndLeavesReducedValuesAlone) {
  const auto got = bare(
      "##BLOCKS= 1\r\n"
      "Plate:\tK1\t1.3\tPlateFormat\tKinetic\tAbsorbance\tRaw\tFALSE\t2\t\t\t\t\t\t1\t600 "
      "\t1\t3\t6\t1\t2\r\n"
      "Time(hh:mm:ss)\tTemperature(C)\t1\t2\t3\t\r\n"
      "00:00:00\t37\t0,11\t0.12\t0.13\t\r\n\t\t0.14\t\tMasked\t\r\n\r\n"
      "00:30:00\t37\t1.11\t1.12\t#Sat\t\r\n\t\t1.14\t1.15\t1.16\t\r\n\r\n"
      "\t\t1\t2\t3\t\r\n\t\t9\t9\t9\t\r\n~End\r\n");
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  ASSERT_EQ(got.value.wells.size(), 12U);
  EXPECT_EQ(got.value.wells[0].signal, 0.11);
  EXPECT_EQ(got.value.wells[0].time_h, 0.0);
  EXPECT_EQ(got.value.wells[6].time_h, 0.5);
  EXPECT_EQ(got.value.wells[4].reading, Reading::missing);
  EXPECT_EQ(got.value.wells[5].reading, Reading::masked);
  EXPECT_EQ(got.value.wells[8].reading, Reading::saturated);
  EXPECT_EQ(got.value.plates[0].format, (Format{2, 3}));
}

TEST(SoftMax, ReadsWellsAsColumnsForEachWavelength) {
  const auto got = bare(
      "##BLOCKS= 1\n"
      "Plate:\tT\t1.3\tTimeFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1\t\t\t\t\t\t2\t260 340 "
      "\t1\t3\t6\n"
      "\tTemperature(C)"
      "\tA1\tA2\tA3\tB1\tB2\tB3\n\t25\t1\t2\t3\t4\t5\t6\n\n\t25\t7\t8\t9\t\t11\t12\n\n"
      "\t\tA1\tA2\tA3\tB1\tB2\tB3\n\t\t0\t0\t0\t0\t0\t0\n~End\n");
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  ASSERT_EQ(got.value.wells.size(), 12U);
  EXPECT_EQ(find(got.value, "B3", "260 nm")->signal, 6.0);
  EXPECT_EQ(find(got.value, "B3", "340 nm")->signal, 12.0);
}

// The lists that MARS exports; forms of the head and of the times as its files show them.
TEST(Bmg, ReadsListsOfWells) {
  const auto got = bare(
      "User: U,Path: C:\\Data,Test run no.: 1\nTest name: x,Date: 3/06/2026,Time: 11:57:23\n"
      "ID1: plate 7\n,,\nAbsorbance,,\n,,\n"
      "Well,Content,Raw Data (450 1),Raw Data (620 2),Blank corrected (450 1)\n"
      "A01,Sample X1,0.42,0.05,0.37\nA02,Blank B,0.06,,0.0\nH12,Sample X2,overflow,0.07,2.9\n");
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  ASSERT_EQ(got.value.wells.size(), 5U);
  EXPECT_EQ(got.value.plates[0].name, "plate 7");
  EXPECT_EQ(got.value.plates[0].format, (Format{8, 12}));
  EXPECT_EQ(find(got.value, "A1", "450 nm (1)")->signal, 0.42);
  EXPECT_EQ(find(got.value, "A1", "620 nm (2)")->signal, 0.05);
  EXPECT_EQ(find(got.value, "H12", "450 nm (1)")->reading, Reading::saturated);
  EXPECT_NE(describe(got.problems).find("Blank corrected (450 1)"), std::string::npos);
}

TEST(Bmg, ReadsTimesOfKineticLists) {
  const auto got = bare(
      "User: U,Path: C:\\Data,Test run no.: 2\n\nTest name: OD600,Date: 15/10/2025\n\n"
      "Absorbance,,,,,\n\nWell Row,Well Col,Content,Raw Data (600),Raw Data (600),Raw Data "
      "(600)\n\n"
      ",,Time,0 h ,0 h 60 min,1 h 15 min\n\nA,1,Sample X1,0.081,0.097,0.1\n\n"
      "C,2,Sample X26,0.097,0.098,0.099\n\n");
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  ASSERT_EQ(got.value.wells.size(), 6U);
  EXPECT_EQ(got.value.wells[1].time_h, 1.0);
  EXPECT_EQ(got.value.wells[5].time_h, 1.25);
  EXPECT_EQ(name(got.value.wells[5].position), "C02");
  EXPECT_EQ(got.value.wells[5].signal, 0.099);
}

TEST(EnVision, ReadsGridsWithoutLetters) {
  std::string text = "Plate information\nPlate,Repeat,Barcode,Label\n1,1,=\"BC1\",Lum(1)\n\n";
  for (int r = 0; r < 8; ++r) {
    for (int c = 0; c < 12; ++c) {
      text += (r == 0 || c == 0 ? std::string() : std::to_string(100 * r + c)) + ",";
    }
    text += "\n";
  }
  const auto got = bare(text + "\n\nBasic assay information\n");
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  ASSERT_EQ(got.value.wells.size(), 96U);
  EXPECT_EQ(got.value.plates[0].name, "BC1");
  EXPECT_EQ(find(got.value, "C5")->signal, 204.0);
  EXPECT_EQ(find(got.value, "A1")->reading, Reading::missing);
}

TEST(EnVision, AnExportThatIsCutShortHoldsNoPlate) {
  EXPECT_FALSE(bare("Plate information\n").ok());
}

TEST(Tecan, ReadsCyclesWithWellsAsRows) {
  Grid grid("t.xlsx", "Sheet2");
  grid.add_row({"Application: SparkControl"}, 1);
  grid.add_row({"Device: Spark"}, 2);
  grid.add_row({"Name", "", "OD"}, 3);
  grid.add_row({"Measurement wavelength [nm]", "", "600"}, 4);
  grid.add_row({"Cycle Nr.", "1", "2"}, 5);
  grid.add_row({"Time [s]", "0", "1800"}, 6);
  grid.add_row({"Temp. [C]", "37", "37"}, 7);
  grid.add_row({"A1", "0.1", "0.2"}, 8);
  grid.add_row({"A2", "0.3", "OVER"}, 9);
  const auto got = bare(write_xlsx({grid}), "t.xlsx");
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  ASSERT_EQ(got.value.wells.size(), 4U);
  EXPECT_EQ(got.value.wells[1].time_h, 0.5);
  EXPECT_EQ(got.value.wells[3].reading, Reading::saturated);
}

TEST(Incucyte, TrustsTheElapsedHours) {
  const auto got = bare(
      "Vessel Name: V1\n\nDate Time\tElapsed\tA1\tB1\n3/27/2018 2:20:00 PM\t0\t3\t796\n"
      "04/01/18 06:20\t112\t13\t\n");
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  ASSERT_EQ(got.value.wells.size(), 4U);
  EXPECT_EQ(got.value.plates[0].name, "V1");
  EXPECT_EQ(got.value.wells[2].time_h, 112.0);
  EXPECT_EQ(got.value.wells[3].reading, Reading::missing);
}

const char* const prism =
    "<?xml version=\"1.0\"?><GraphPadPrismFile PrismXMLVersion=\"5.00\">"
    "<Table ID=\"Table0\" XFormat=\"numbers\" YFormat=\"replicates\" Replicates=\"2\" "
    "TableType=\"XY\">"
    "<Title>drug A</Title><XColumn><Title>log[drug], "
    "M</Title><Subcolumn><d>-8</d><d>-6</d></Subcolumn>"
    "</XColumn><YColumn><Title>parental</Title><Subcolumn><d>98</d><d>20</d></Subcolumn>"
    "<Subcolumn><d>101</d><d "
    "Excluded=\"1\">55</d></Subcolumn></YColumn></Table></GraphPadPrismFile>";

TEST(Prism, ReadsLogDosesReplicatesAndExclusions) {
  const auto got = read_plates(prism, "a.pzfx", "", {});
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  ASSERT_EQ(got.value.wells.size(), 4U);
  const Well& w = got.value.wells[1];
  EXPECT_EQ(w.line, "parental");
  EXPECT_EQ(w.drug, "drug A");
  EXPECT_NEAR(w.dose_nM, 1000.0, 1e-9);
  EXPECT_DOUBLE_EQ(w.signal, 0.2);
  EXPECT_EQ(got.value.wells[3].excluded, "excluded in Prism");
  EXPECT_TRUE(says(got.problems, "percent"));
  std::string unitless = prism;
  unitless.replace(unitless.find("log[drug], M"), 12, "X");
  EXPECT_TRUE(says(read_plates(unitless, "a.pzfx", "", {}).problems, "no unit of dose"));
  EXPECT_FALSE(read_plates(std::string(prism).substr(0, 300), "a.pzfx", "", {}).ok());
}

TEST(PlainBlocks, OneLabelledGridIsAPlate) {
  const auto got = bare("\t1\t2\t3\nA\t1\t2\t3\nB\t1\t2\tOVER\n", "p1.tsv");
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  EXPECT_EQ(got.value.plates[0].name, "p1");
  EXPECT_EQ(got.value.wells.size(), 6U);
  EXPECT_EQ(got.value.wells[5].signal, 3.0);
  const auto two = bare("day 1\n,1,2\nA,1,2\nB,1,2\n\nday 2\n,1,2\nA,5,6\nB,7,8\n", "p.csv");
  ASSERT_EQ(two.value.plates.size(), 2U);
  EXPECT_EQ(two.value.plates[1].name, "day 2");
}

TEST(Layouts, OfAnotherPlateSizeAreRefused) {
  const PlateSet small = study({8, 12}, {"490 nm"});
  const PlateSet large = study({16, 24}, {"490 nm"});
  const auto got =
      read_plates(write_native(small, NativeForm::gen5), "s.txt", write_layout(large), {});
  EXPECT_TRUE(says(got.problems, "layout of a 96-well plate"));
  const auto reverse =
      read_plates(write_native(large, NativeForm::gen5), "s.txt", write_layout(small), {});
  EXPECT_TRUE(says(reverse.problems, "layout of a 384-well plate"));
}

TEST(Joining, TheSamePlateNameInTwoFilesStaysTwoPlates) {
  // Through files, as only they have two names.
  const PlateSet set = study({2, 3}, {"490 nm"});
  const auto folder = testing::TempDir();
  const std::string a = folder + "/day_a.txt", b = folder + "/day_b.txt";
  for (const auto& path : {a, b}) {
    FILE* file = fopen(path.c_str(), "wb");
    const std::string bytes = write_native(set, NativeForm::gen5);
    ASSERT_EQ(fwrite(bytes.data(), 1, bytes.size(), file), bytes.size());
    fclose(file);
  }
  ReadOptions options;
  options.plan_needed = false;
  const auto got = read_plates({a, b}, options);
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  EXPECT_EQ(got.value.plates.size(), 4U);
  EXPECT_EQ(got.value.plates[0].name, "day_a: day 1, parental");
  EXPECT_TRUE(says(read_plates({a, a}, options).problems, "named twice"));
}

}  // namespace
}  // namespace kinescape::plate
