// SPDX-License-Identifier: Apache-2.0
#include "viability/screen.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/csv.hpp"
#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/stream.hpp"

namespace kinescape::viability {
namespace {

namespace fs = std::filesystem;

/// A folder of this test's own, removed at its end.
class Folder {
 public:
  Folder() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = fs::temp_directory_path() /
            ("kinescape_screen_" + std::string(test->name()) + "_" + std::to_string(::getpid()));
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path_), {}));
  }

 private:
  fs::path path_;
};

/// Curves of 8 doses x 3 wells, 1 to 10^3.5 nM: i % 5 == 3 flat, == 4 midpoint far above the doses.
std::string table(int curves, double noise = 0.03) {
  std::ostringstream out;
  out << "line,drug,dose_nM,viability\n";
  for (int i = 0; i < curves; ++i) {
    Stream error(Seed{1}, 1, static_cast<std::uint64_t>(i));
    const double midpoint = i % 5 == 4 ? 1e5 : 30.0 * (1 + i % 3);
    for (int d = 0; d < 8; ++d) {
      const double dose = std::pow(10.0, 0.5 * d);
      for (int w = 0; w < 3; ++w) {
        const double v = i % 5 == 3 ? 1.0 : 1.0 / (1.0 + std::pow(dose / midpoint, 1.5));
        out << "line " << i / 10 << ",drug " << i % 10 << "," << dose << ","
            << v + noise * error.normal() << "\n";
      }
    }
  }
  return out.str();
}

void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}
std::string bytes(const std::string& path) {
  return read_file(path).value;
}

/// Rows of a result as column -> cell.
std::vector<std::map<std::string, std::string>> rows_of(const std::string& path) {
  const Checked<Grid> grid = read_csv(bytes(path), path);
  EXPECT_TRUE(grid.ok());
  std::vector<std::map<std::string, std::string>> rows;
  for (std::size_t r = 1; r < grid.value.rows(); ++r) {
    auto& row = rows.emplace_back();
    for (std::size_t c = 0; c < grid.value.columns(0); ++c) {
      row[std::string(grid.value.at(0, c))] = std::string(grid.value.at(r, c));
    }
  }
  return rows;
}

ScreenOptions options(unsigned threads = 1) {
  ScreenOptions o;
  o.threads = Threads{threads};
  o.chunk_curves = 15;
  return o;
}

TEST(Screen, FindsTheTruthOfEachCurveAndSaysSoWhereThereIsNone) {
  const Folder at;
  write(at / "in.csv", table(50));
  const auto run = screen(at / "in.csv", at / "out.csv", options());
  ASSERT_TRUE(run.ok()) << describe(run.problems);
  EXPECT_EQ(run.value.curves, 50U);
  EXPECT_EQ(run.value.rows, 50U * 24);
  EXPECT_EQ(at.files(), 2U) << "no journal and no part is left";
  const auto rows = rows_of(at / "out.csv");
  ASSERT_EQ(rows.size(), 50U);
  for (int i = 0; i < 50; ++i) {
    auto row = rows[static_cast<std::size_t>(i)];
    EXPECT_EQ(row["line"], "line " + std::to_string(i / 10));
    EXPECT_EQ(row["drug"], "drug " + std::to_string(i % 10));
    EXPECT_EQ(row["wells"], "24");
    if (i % 5 == 3) {
      EXPECT_EQ(row["class"], "flat") << i;
      EXPECT_EQ(row["status"], "no_response");
      EXPECT_EQ(row["ic50_nM"], "");
      EXPECT_EQ(row["relation"], "");
    } else if (i % 5 == 4) {
      EXPECT_NE(row["class"], "identified") << i;
    } else {
      EXPECT_EQ(row["class"], "identified");
      EXPECT_EQ(row["relation"], "=");
      EXPECT_EQ(row["status"], "single_repeat");
      EXPECT_NEAR(std::log10(std::stod(row["ic50_nM"]) / (30.0 * (1 + i % 3))), 0.0, 0.15);
      EXPECT_LT(std::stod(row["ic50_low_nM"]), std::stod(row["ic50_nM"]));
      EXPECT_GT(std::stod(row["ic50_high_nM"]), std::stod(row["ic50_nM"]));
    }
  }
}

TEST(Screen, ThreadsChangeNoByte) {
  const Folder at;
  write(at / "in.csv", table(30));
  for (const unsigned threads : {1U, 2U, 3U}) {
    ASSERT_TRUE(
        screen(at / "in.csv", at / ("out" + std::to_string(threads)), options(threads)).ok());
  }
  EXPECT_EQ(bytes(at / "out1"), bytes(at / "out2"));
  EXPECT_EQ(bytes(at / "out1"), bytes(at / "out3"));
}

struct Killed : std::runtime_error {
  Killed() : std::runtime_error("killed") {}
};

TEST(Screen, AnInterruptedRunEndsWithTheSameBytes) {
  const Folder at;
  write(at / "in.csv", table(40));
  ASSERT_TRUE(screen(at / "in.csv", at / "whole.csv", options()).ok());
  for (const int kill_at : {1, 2}) {
    ScreenOptions o = options();
    int chunks = 0;
    o.after_chunk = [&](std::uint64_t) {
      if (++chunks == kill_at) throw Killed();
    };
    EXPECT_THROW((void)screen(at / "in.csv", at / "out.csv", o), Killed);
    EXPECT_FALSE(fs::exists(at / "out.csv"));
    EXPECT_TRUE(fs::exists(at / "out.csv.part"));
    // What was written after the journal is not trusted.
    std::ofstream(at / "out.csv.part", std::ios::app) << "half a li";
    const auto run = screen(at / "in.csv", at / "out.csv", options(2));
    ASSERT_TRUE(run.ok());
    EXPECT_EQ(run.value.resumed_after, static_cast<std::uint64_t>(15 * kill_at));
    EXPECT_EQ(run.value.curves, 40U);
    EXPECT_EQ(bytes(at / "out.csv"), bytes(at / "whole.csv"));
    EXPECT_EQ(at.files(), 3U);
    fs::remove(at / "out.csv");
  }
}

TEST(Screen, AJournalOfOtherWorkIsNotResumed) {
  const Folder at;
  write(at / "in.csv", table(20));
  ScreenOptions o = options();
  o.after_chunk = [](std::uint64_t) { throw Killed(); };
  const auto interrupt = [&] {
    EXPECT_THROW((void)screen(at / "in.csv", at / "out.csv", o), Killed);
  };
  interrupt();
  write(at / "in.csv", table(20, 0.05));  // the input changed
  auto run = screen(at / "in.csv", at / "out.csv", options());
  EXPECT_EQ(run.value.resumed_after, 0U);
  ASSERT_TRUE(screen(at / "in.csv", at / "again.csv", options()).ok());
  EXPECT_EQ(bytes(at / "out.csv"), bytes(at / "again.csv"));
  interrupt();
  ScreenOptions other = options();
  other.level = 0.9;
  EXPECT_EQ(screen(at / "in.csv", at / "out.csv", other).value.resumed_after, 0U);
  interrupt();
  write(at / "out.csv.part", "short");  // less than the journal speaks of
  EXPECT_EQ(screen(at / "in.csv", at / "out.csv", options()).value.resumed_after, 0U);
  EXPECT_EQ(bytes(at / "out.csv"), bytes(at / "again.csv"));
  interrupt();
  write(at / "out.csv.journal", "kinescape screen journal 1\nhalf");
  EXPECT_EQ(screen(at / "in.csv", at / "out.csv", options()).value.resumed_after, 0U);
}

TEST(Screen, AllFaultyRowsAreListedAndNothingIsLeft) {
  const Folder at;
  std::string text = table(20);
  text += "line 9,drug 9,ten,0.5\n";         // line 482
  text += "line 9,drug 9,10,OVER\n";         // 483
  text += "line 9,drug 9,-10,0.5\n";         // 484
  text += ",drug 9,10,0.5\n";                // 485
  text += "line 9,,10,0.5\n";                // 486
  text += "line 9,drug 9,10,0.5,surplus\n";  // 487
  text += "line 0,drug 0,10,0.5\n";          // 488: away from its curve
  write(at / "in.csv", text);
  const auto run = screen(at / "in.csv", at / "out.csv", options());
  EXPECT_FALSE(run.ok());
  ASSERT_EQ(run.problems.size(), 7U) << describe(run.problems);
  for (std::size_t i = 0; i < 7; ++i) {
    EXPECT_EQ(run.problems[i].where.line, 482 + i) << describe(run.problems[i]);
    EXPECT_FALSE(run.problems[i].where.shown.empty());
    EXPECT_FALSE(run.problems[i].fix.empty());
  }
  EXPECT_NE(run.problems[6].fix.find("Sort"), std::string::npos);
  EXPECT_EQ(at.files(), 1U);
  ScreenOptions few = options();
  few.most_problems = 3;
  const auto short_list = screen(at / "in.csv", at / "out.csv", few);
  ASSERT_EQ(short_list.problems.size(), 4U);
  EXPECT_NE(short_list.problems[3].what.find("4 more"), std::string::npos);
}

TEST(Screen, AFaultyTableLeavesAnEarlierResultAlone) {
  const Folder at;
  write(at / "in.csv", table(3));
  ASSERT_TRUE(screen(at / "in.csv", at / "out.csv", options()).ok());
  const std::string before = bytes(at / "out.csv");
  write(at / "in.csv", table(3) + "a,b,c,d\n");
  EXPECT_FALSE(screen(at / "in.csv", at / "out.csv", options()).ok());
  EXPECT_EQ(bytes(at / "out.csv"), before);
}

TEST(Screen, HeadsWithoutUnitOrColumnAreRefused) {
  const Folder at;
  const auto problems = [&](const std::string& text) {
    write(at / "in.csv", text);
    return screen(at / "in.csv", at / "out.csv", options()).problems;
  };
  EXPECT_NE(describe(problems("line,drug,dose,viability\na,b,1,1\n")).find("names no unit"),
            std::string::npos);
  EXPECT_NE(describe(problems("line,drug,viability\na,b,1\n")).find("no column dose_nM"),
            std::string::npos);
  EXPECT_NE(
      describe(problems("line,drug,dose_nM,dose_uM,viability\na,b,1,1,1\n")).find("two columns"),
      std::string::npos);
  EXPECT_NE(describe(problems("line,drug,dose_nM,viability\n")).find("no rows"), std::string::npos);
  EXPECT_FALSE(problems("").empty());
  EXPECT_FALSE(screen(at / "absent.csv", at / "out.csv", options()).ok());
}

TEST(Screen, UnitsPercentMissingCellsAndRowOrderChangeNoNumber) {
  const Folder at;
  const std::string text = table(1);
  write(at / "in.csv", text);
  ASSERT_TRUE(screen(at / "in.csv", at / "out.csv", options()).ok());
  const auto want = rows_of(at / "out.csv").front();
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::string turned = "Drug;Cell line;Dose (uM);Viability (%)\n";
  for (std::size_t i = lines.size() - 1; i > 0; --i) {
    std::istringstream row(lines[i]);
    std::string line, drug, dose, value;
    std::getline(row, line, ',');
    std::getline(row, drug, ',');
    std::getline(row, dose, ',');
    std::getline(row, value, ',');
    turned += drug + ";" + line + ";" + exact(std::stod(dose) * 1e-3) + ";" +
              exact(std::stod(value) * 100) + "\n";
  }
  turned += "drug 0;line 0;0.01;\n";
  turned += "drug 0;line 0;0.01;NA\n";
  write(at / "turned.csv", turned);
  const auto run = screen(at / "turned.csv", at / "out2.csv", options());
  ASSERT_TRUE(run.ok()) << describe(run.problems);
  EXPECT_EQ(run.value.missing, 2U);
  auto got = rows_of(at / "out2.csv").front();
  for (const auto* column :
       {"ic50_nM", "ic50_low_nM", "ic50_high_nM", "hill_slope", "emax", "auc"}) {
    EXPECT_NEAR(std::stod(got[column]) / std::stod(want.at(column)), 1.0, 2e-5) << column;
  }
  EXPECT_EQ(got["wells"], "24");
}

TEST(Screen, PercentCalledFractionIsRefused) {
  const Folder at;
  std::ostringstream out;
  out << "line,drug,dose_nM,viability\n";
  for (int i = 0; i < 3000; ++i) out << "a,b" << i / 1000 << "," << 1 + i % 10 << ",97\n";
  write(at / "in.csv", out.str());
  const auto run = screen(at / "in.csv", at / "out.csv", options());
  EXPECT_FALSE(run.ok());
  EXPECT_NE(describe(run.problems).find("viability_percent"), std::string::npos);
}

TEST(Screen, RepeatsCountAndTheirSpreadWidensTheInterval) {
  const Folder at;
  std::string tight = "line,drug,dose_nM,repeat,viability\n", wide = tight;
  for (int day = 0; day < 3; ++day) {
    Stream error(Seed{3}, 2, static_cast<std::uint64_t>(day));
    for (int d = 0; d < 8; ++d) {
      const double dose = std::pow(10.0, 0.5 * d), e = 0.01 * error.normal();
      const double moved = 30.0 * std::pow(10.0, 0.3 * (day - 1));
      const std::string start = "a,b," + exact(dose) + ",day " + std::to_string(day) + ",";
      tight += start + exact(1.0 / (1.0 + dose / 30.0) + e) + "\n";
      wide += start + exact(1.0 / (1.0 + dose / moved) + e) + "\n";
    }
  }
  write(at / "tight.csv", tight);
  write(at / "wide.csv", wide);
  ASSERT_TRUE(screen(at / "tight.csv", at / "t", options()).ok());
  ASSERT_TRUE(screen(at / "wide.csv", at / "w", options()).ok());
  auto t = rows_of(at / "t").front(), w = rows_of(at / "w").front();
  EXPECT_EQ(t["repeats"], "3");
  EXPECT_EQ(t["status"], "ok");
  const auto decades = [](auto& row) {
    return std::log10(std::stod(row["ic50_high_nM"]) / std::stod(row["ic50_low_nM"]));
  };
  // SD 0.3 over 3 days: half width near t(2) 0.3 / sqrt(3) = 0.75 decades.
  EXPECT_LT(decades(t), 0.15);
  EXPECT_GT(decades(w), 1.2);
  EXPECT_LT(decades(w), 1.9);
}

TEST(Screen, TooFewDosesAndRisingCurvesAreNamed) {
  const Folder at;
  std::string text = "line,drug,dose_nM,viability\n";
  for (int i = 0; i < 9; ++i) text += "a,three doses," + std::to_string(1 + i % 3) + ",0.5\n";
  Stream error(Seed{4}, 3);
  for (int i = 0; i < 24; ++i) {
    const double dose = std::pow(10.0, 0.5 * (i / 3));
    text += "a,rising," + exact(dose) + "," +
            exact(2.0 - 1.0 / (1.0 + dose / 30.0) + 0.02 * error.normal()) + "\n";
  }
  write(at / "in.csv", text);
  ASSERT_TRUE(screen(at / "in.csv", at / "out.csv", options()).ok());
  auto rows = rows_of(at / "out.csv");
  EXPECT_EQ(rows[0]["status"], "too_few_data");
  EXPECT_EQ(rows[0]["ic50_nM"], "");
  EXPECT_EQ(rows[1]["class"], "non_monotone");
  EXPECT_EQ(rows[1]["ic50_nM"], "");
}

TEST(Screen, IsToldFromPlatesByItsColumnsAndSize) {
  const Folder at;
  write(at / "long.csv", table(2));
  write(at / "plate.csv", "plate,well,line,drug,dose_nM,role,signal\np,A1,a,b,1,sample,1\n");
  EXPECT_TRUE(is_screen(at / "long.csv", 10));
  EXPECT_FALSE(is_screen(at / "long.csv"));
  EXPECT_FALSE(is_screen(at / "plate.csv", 10));
  EXPECT_FALSE(is_screen(at / "absent.csv", 0));
}

}  // namespace
}  // namespace kinescape::viability
