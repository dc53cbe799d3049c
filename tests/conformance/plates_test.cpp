// SPDX-License-Identifier: Apache-2.0
// Real exports of instruments against values that another reader took from them.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "base/csv.hpp"
#include "base/files.hpp"
#include "base/number.hpp"
#include "plate/plate.hpp"
#include "shared_data.hpp"

namespace kinescape::plate {
namespace {

using tests::shared_data;

struct Expected {
  std::string plate;
  Position well;
  double value = unknown;
};

std::vector<Expected> expected(const std::filesystem::path& path) {
  const auto bytes = read_file(path.string());
  const auto grid = read_csv(bytes.value, path.string());
  std::vector<Expected> all;
  for (std::size_t row = 1; row < grid.value.rows(); ++row) {
    const auto position = parse_position(grid.value.at(row, 1));
    if (!position) continue;
    all.push_back({std::string(grid.value.at(row, 0)),
                   *position,
                   parse_number(grid.value.at(row, 4), Decimal::point).value});
  }
  return all;
}

PlateSet raw(const std::filesystem::path& path, const std::string& instrument) {
  ReadOptions options;
  options.plan_needed = false;
  auto got = read_plates({path.string()}, options);
  EXPECT_TRUE(got.ok()) << describe(got.problems);
  EXPECT_FALSE(got.value.plates.empty());
  if (!got.value.plates.empty()) {
    EXPECT_EQ(got.value.plates[0].instrument, instrument);
  }
  return std::move(got.value);
}

/// Every expected value is among the readings of its well, each reading used once. A cell that is
/// no number is theirs as 0 and ours as a reading with its meaning. Plates are matched in file
/// order.
void agrees(const std::string& stem,
            const std::string& ending,
            const std::string& instrument,
            std::size_t not_numbers,
            int row_step = 1) {
  const auto folder = shared_data("dose-response/plates");
  if (!folder) GTEST_SKIP() << "no shared data";
  const auto want = expected(*folder / (stem + ".expected.csv"));
  ASSERT_FALSE(want.empty());
  const PlateSet set = raw(*folder / (stem + ending), instrument);
  std::vector<std::string> plates;
  for (const Expected& e : want) {
    if (plates.empty() || plates.back() != e.plate) plates.push_back(e.plate);
  }
  std::map<std::pair<std::string, Position>, std::vector<const Well*>> readings;
  std::map<std::string, std::size_t> order;
  for (const PlateInfo& plate : set.plates) order.emplace(plate.name, order.size());
  ASSERT_EQ(order.size(), plates.size());
  for (const Well& w : set.wells) {
    readings[{plates[order.at(w.plate)], w.position}].push_back(&w);
  }
  std::size_t gaps = 0;
  for (const Expected& e : want) {
    auto& of_well = readings[{e.plate, Position{e.well.row * row_step, e.well.column}}];
    auto hit = of_well.end();
    for (auto at = of_well.begin(); at != of_well.end() && hit == of_well.end(); ++at) {
      if ((*at)->reading == Reading::measured && (*at)->signal == e.value) hit = at;
    }
    for (auto at = of_well.begin(); at != of_well.end() && hit == of_well.end(); ++at) {
      if ((*at)->reading != Reading::measured && e.value == 0.0) {
        hit = at;
        ++gaps;
      }
    }
    ASSERT_NE(hit, of_well.end()) << e.plate << " " << name(e.well) << " " << e.value;
    of_well.erase(hit);
  }
  EXPECT_EQ(gaps, not_numbers);
}

TEST(PlateFiles, BmgSmartControl) {
  agrees("bmg_labtech_format", ".csv", "BMG LABTECH", 0);
}
TEST(PlateFiles, BmgMars384) {
  agrees("bmg_mars_abs384", ".csv", "BMG LABTECH", 0);
}
TEST(PlateFiles, EnVisionAbsorbance) {
  agrees("envision_abs_A450", ".csv", "PerkinElmer EnVision", 0);
}
/// The file holds rows A, E, I and M; the other reader counts them A to D.
TEST(PlateFiles, EnVisionLuminescence) {
  agrees("envision_lum", ".csv", "PerkinElmer EnVision", 0, 4);
}
TEST(PlateFiles, Gen5Luminescence) {
  agrees("gen5_lum", ".txt", "BioTek Gen5", 0);
}
TEST(PlateFiles, Gen5WithCellsThatAreNoNumbers) {
  agrees("gen5_abs450_96_nonnumeric", ".txt", "BioTek Gen5", 13);
  const auto folder = shared_data("dose-response/plates");
  if (!folder) GTEST_SKIP() << "no shared data";
  const PlateSet set = raw(*folder / "gen5_abs450_96_nonnumeric.txt", "BioTek Gen5");
  for (const Well& w : set.wells) {
    if (w.printed == "OVRFLW") {
      EXPECT_EQ(w.reading, Reading::saturated);
      EXPECT_EQ(w.signal, 2.5) << "the largest value on the plate";
    }
    if (w.printed == "MISSED") {
      EXPECT_EQ(w.reading, Reading::missing);
    }
  }
}
TEST(PlateFiles, SoftMaxEndpointThreeReads) {
  agrees("softmax_abs_endpoint", ".txt", "SoftMax Pro", 1);
}
TEST(PlateFiles, SoftMaxPartialThreeWavelengths) {
  agrees("softmax_abs_partial", ".txt", "SoftMax Pro", 192);
}
TEST(PlateFiles, SoftMaxLuminescenceTwoPlates) {
  agrees("softmax_lum_endpoint", ".txt", "SoftMax Pro", 96);
}

/// Two cells counted by hand in the file, and the plan of its outer wells: empty.
TEST(PlateFiles, EnVisionWithoutLettersAndNumbers) {
  const auto folder = shared_data("dose-response/plates");
  if (!folder) GTEST_SKIP() << "no shared data";
  ReadOptions options;
  options.plan_needed = false;
  const auto got = read_plates({(*folder / "gdr_envision_H0109269D00.csv").string(),
                                (*folder / "gdr_envision_H0109269D01.csv").string(),
                                (*folder / "gdr_envision_H0309269D00.csv").string()},
                               options);
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  ASSERT_EQ(got.value.plates.size(), 3U);
  EXPECT_EQ(got.value.plates[0].name, "H0109269D00");
  EXPECT_EQ(got.value.plates[0].format, (Format{16, 24}));
  ASSERT_EQ(got.value.wells.size(), 3U * 384U);
  for (const Well& w : got.value.wells) {
    const bool outer = w.position.row < 2 || w.position.row > 13 || w.position.column == 0;
    if (outer) {
      EXPECT_EQ(w.reading, Reading::missing) << name(w.position);
    }
    if (w.plate == "H0109269D00" && w.position == Position{2, 1}) {
      EXPECT_EQ(w.signal, 111728.0);
    }
    if (w.plate == "H0309269D00" && w.position == Position{13, 1}) {
      EXPECT_EQ(w.signal, 58083.0);
    }
  }
}

TEST(PlateFiles, LongTableWithAManifestOfTemplates) {
  const auto folder = shared_data("dose-response/plates/gdr_long_tsv");
  if (!folder) GTEST_SKIP() << "no shared data";
  ReadOptions options;
  options.layout = (*folder / "Manifest.tsv").string();
  options.dose_unit = "uM";
  const auto got = read_plates({(*folder / "RawData.tsv").string()}, options);
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  EXPECT_EQ(got.value.plates.size(), 8U);
  ASSERT_EQ(got.value.wells.size(), 1920U);
  std::map<Role, int> roles;
  for (const Well& w : got.value.wells) ++roles[w.role];
  EXPECT_EQ(roles[Role::day0], 480);
  const Well& first = got.value.wells[0];  // Plate1 C3: vehicle of line CL_B
  EXPECT_EQ(first.role, Role::vehicle);
  EXPECT_EQ(first.line, "CL_B");
  EXPECT_NEAR(first.signal, 93.2177606451669 - 1.0, 1e-12) << "its BackgroundValue is subtracted";
  const Well& second = got.value.wells[1];  // C4: one drug
  EXPECT_NEAR(second.dose_nM, 3.16227766016838, 1e-12);
  EXPECT_TRUE(second.drug_b.empty());
  const Well& pair = got.value.wells[9];  // C12: both drugs
  EXPECT_EQ(pair.drug_b, "G04");
  EXPECT_NEAR(pair.dose_b_nM, 100.0, 1e-9);
}

TEST(PlateFiles, IncucyteTimeCourse) {
  const auto folder = shared_data("dose-response/plates");
  if (!folder) GTEST_SKIP() << "no shared data";
  const PlateSet set = raw(*folder / "thunor_incucyte_minimal.txt", "Incucyte");
  ASSERT_EQ(set.wells.size(), 18U * 8U);
  EXPECT_EQ(set.wells.back().time_h, 136.0) << "also after the date changes its form";
  EXPECT_EQ(set.wells.back().signal, 5112.0);
}

TEST(PlateFiles, GrowthRateTable) {
  const auto folder = shared_data("dose-response/gr");
  if (!folder) GTEST_SKIP() << "no shared data";
  ReadOptions options;
  options.dose_unit = "uM";
  const auto got = read_plates({(*folder / "toy_example_input1.tsv").string()}, options);
  ASSERT_TRUE(got.ok()) << describe(got.problems);
  std::map<Role, int> roles;
  for (const Well& w : got.value.wells) ++roles[w.role];
  EXPECT_EQ(roles[Role::sample], 1008);
  EXPECT_EQ(got.value.plates.size(), 112U);
  EXPECT_EQ(roles[Role::day0], 112);
}

TEST(PlateFiles, SynergyTables) {
  const auto folder = shared_data("dose-response/synergy");
  if (!folder) GTEST_SKIP() << "no shared data";
  ReadOptions options;
  options.response = "viability";
  const auto rows =
      read_plates({(*folder / "mathews_block1_ispinesib_ibrutinib.csv").string()}, options);
  EXPECT_TRUE(rows.ok()) << describe(rows.problems);
  EXPECT_EQ(rows.value.wells.size(), 36U);
  options.response = "inhibition";
  const auto drugs =
      read_plates({(*folder / "oneil_block2_NCIH2122_paclitaxel_L778123.csv").string()}, options);
  EXPECT_TRUE(drugs.ok()) << describe(drugs.problems);
}

}  // namespace
}  // namespace kinescape::plate
