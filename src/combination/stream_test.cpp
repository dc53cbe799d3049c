// SPDX-License-Identifier: Apache-2.0
#include "combination/stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

#include "base/number.hpp"

namespace kinescape::combination {
namespace {

std::string table_of(int matrices) {
  std::ostringstream out;
  out << "block_id,line,drug_a,dose_a_nM,drug_b,dose_b_nM,repeat,viability_fraction\n";
  for (int m = 1; m <= matrices; ++m) {
    for (int r = 1; r <= 3; ++r) {
      for (const double a : {0.0, 10.0, 30.0, 100.0}) {
        for (const double b : {0.0, 5.0, 50.0, 500.0}) {
          const double v =
              1 / (1 + a / 30) / (1 + b / (40 + m)) + 0.01 * std::sin(m + 7 * r + a + b);
          out << m << ",L,A," << exact(a) << ",B," << exact(b) << ',' << r << ',' << exact(v)
              << '\n';
        }
      }
    }
  }
  return out.str();
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Folder {
  std::filesystem::path at = std::filesystem::path(testing::TempDir()) /
                             (std::string("kinescape_combination_stream_") +
                              testing::UnitTest::GetInstance()->current_test_info()->name());
  Folder() {
    std::filesystem::remove_all(at);
    std::filesystem::create_directories(at);
  }
  ~Folder() { std::filesystem::remove_all(at); }
};

TEST(CombinationStream, AStoppedRunGoesOnToTheSameBytes) {
  const Folder folder;
  const std::string input = (folder.at / "matrices.csv").string();
  std::ofstream(input) << table_of(150);
  StreamOptions options;
  const auto whole = stream(input, folder.at / "whole.csv", options);
  ASSERT_TRUE(whole.ok()) << describe(whole.problems);
  EXPECT_TRUE(whole.value.complete);
  EXPECT_EQ(whole.value.matrices, 150U);
  EXPECT_EQ(whole.value.refused, 0U);
  options.stop_after = 1;
  const auto part = stream(input, folder.at / "parts.csv", options);
  EXPECT_FALSE(part.value.complete);
  EXPECT_LT(part.value.matrices, 150U);
  options.stop_after = 0;
  const auto rest = stream(input, folder.at / "parts.csv", options);
  EXPECT_EQ(rest.value.resumed, part.value.matrices);
  EXPECT_TRUE(rest.value.complete);
  EXPECT_EQ(contents(folder.at / "whole.csv"), contents(folder.at / "parts.csv"));
  EXPECT_FALSE(std::filesystem::exists(folder.at / "parts.csv.resume"));
  const std::string text = contents(folder.at / "whole.csv");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1 + 150 * 4);
}

TEST(CombinationStream, AMatrixThatCannotBeReadIsALineWithItsReason) {
  const Folder folder;
  const std::string input = (folder.at / "matrices.csv").string();
  std::string text = table_of(2);
  text += "3,L,A,x,B,5,1,0.5\n";
  std::ofstream(input) << text;
  const auto got = stream(input, folder.at / "out.csv", {});
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(got.value.matrices, 3U);
  EXPECT_EQ(got.value.refused, 1U);
  EXPECT_NE(contents(folder.at / "out.csv").find("is not a dose"), std::string::npos);
}

TEST(CombinationStream, WithoutBlockNumbersItIsRefused) {
  const Folder folder;
  const std::string input = (folder.at / "matrices.csv").string();
  std::ofstream(input) << "drug_a,dose_a_nM,drug_b,dose_b_nM,viability\nA,1,B,1,0.5\n";
  EXPECT_FALSE(stream(input, folder.at / "out.csv", {}).ok());
}

}  // namespace
}  // namespace kinescape::combination
