// SPDX-License-Identifier: Apache-2.0
// Feeds every reader of this room randomly damaged copies of sound input, the same ones each time.
// The fuzz targets search further; this runs with every build and needs no clang.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "base/csv.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "base/xlsx.hpp"

namespace kinescape {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::string> corpus(const std::string& target) {
  std::vector<fs::path> paths;
  const fs::path folder = fs::path(KINESCAPE_SOURCE_DIR) / "tests" / "fuzz" / "corpus" / target;
  for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<std::string> out;
  for (const auto& path : paths) out.push_back(content(path));
  return out;
}

/// Calls f with each seed as it is and with `copies` damaged copies of it.
template <class F>
void with_damaged(const std::string& target, int copies, F f) {
  const auto seeds = corpus(target);
  ASSERT_FALSE(seeds.empty()) << "no corpus for " << target;
  std::mt19937 random(17);
  for (const std::string& seed : seeds) {
    f(seed);
    for (int i = 0; i < copies; ++i) {
      std::string bytes = seed;
      for (auto n = 1 + random() % 4; n > 0 && !bytes.empty(); --n) {
        const std::size_t at = random() % bytes.size();
        const auto other = static_cast<char>(static_cast<unsigned char>(random() % 256));
        switch (random() % 5) {
          case 0:
            bytes[at] = other;
            break;
          case 1:
            bytes.erase(at, 1 + random() % 8);
            break;
          case 2:
            bytes.insert(at, 1 + random() % 8, other);
            break;
          case 3:
            bytes.insert(at, bytes.substr(bytes.size() / 2, random() % 64));
            break;
          default:
            bytes[at] = ",;\t\"\n\r<>&=/0123456789.-"[random() % 23];
        }
      }
      f(bytes);
    }
  }
}

TEST(Readers, TextIsValidOrRefused) {
  with_damaged("decode_text", 1000, [](const std::string& bytes) {
    const auto text = decode_text(bytes, "f");
    if (!text.ok()) return;
    const auto again = decode_text("\xEF\xBB\xBF" + text.value, "f");
    ASSERT_TRUE(again.problems.empty());
    ASSERT_EQ(again.value, text.value);
  });
}

TEST(Readers, NumbersAreFiniteAndReadBack) {
  with_damaged("parse_number", 2000, [](const std::string& text) {
    for (const Decimal decimal : {Decimal::unstated, Decimal::point, Decimal::comma}) {
      const ParsedNumber n = parse_number(text, decimal);
      if (n.kind != NumberKind::number) continue;
      ASSERT_TRUE(std::isfinite(n.value)) << text;
      ASSERT_EQ(parse_number(exact(n.value)).value, n.value) << text;
    }
  });
}

TEST(Readers, FileAndStreamReadTheSameTable) {
  const fs::path path =
      fs::path(::testing::TempDir()) / ("kinescape_damaged_" + std::to_string(::getpid()));
  CsvOptions options;
  options.max_line_bytes = 60;
  options.max_columns = 5;
  with_damaged("stream_csv", 200, [&](const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    const auto grid = read_csv(bytes, path, options);
    std::size_t row = 0;
    const Problems problems = stream_csv(path, options, [&](const StreamedRow& r) {
      if (grid.ok() && r.cells.size() != grid.value.columns(row)) ADD_FAILURE() << bytes;
      ++row;
      return true;
    });
    ASSERT_EQ(has_errors(problems), !grid.ok()) << bytes;
    if (grid.ok()) {
      ASSERT_EQ(row, grid.value.rows()) << bytes;
    }
  });
  fs::remove(path);
}

TEST(Readers, WorkbooksAreReadOrRefusedWithinTheirLimits) {
  XlsxLimits limits;
  limits.max_part_bytes = limits.max_total_bytes = 1U << 20U;
  limits.max_cells = 1000;
  std::size_t read = 0;
  with_damaged("read_xlsx", 500, [&](const std::string& bytes) {
    const auto sheets = read_xlsx(bytes, "f.xlsx", limits);
    std::size_t cells = 0;
    for (const Grid& sheet : sheets.value) {
      for (std::size_t r = 0; r < sheet.rows(); ++r) cells += 1 + sheet.columns(r);
    }
    ASSERT_LE(cells, limits.max_cells + sheets.value.size());
    if (sheets.ok()) ++read;
  });
  EXPECT_GT(read, 0U) << "the sound one at least";
}

}  // namespace
}  // namespace kinescape
