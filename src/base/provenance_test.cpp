// SPDX-License-Identifier: Apache-2.0
#include "base/provenance.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/files.hpp"

namespace kinescape {
namespace {

TEST(InputFile, IsNamedByPathHashAndSize) {
  const std::filesystem::path path = std::filesystem::path(::testing::TempDir()) /
                                     ("kinescape_input_" + std::to_string(::getpid()));
  write_file(path, "abc");
  const auto one = input_file(path);
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one.value.path, path.string());
  EXPECT_EQ(one.value.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(one.value.bytes, 3U);

  const auto several = input_files({path, "/no/such/file", path}, Threads{2});
  ASSERT_EQ(several.problems.size(), 1U);
  EXPECT_EQ(several.problems[0].where.file, "/no/such/file");
  EXPECT_EQ(several.value[2].sha256, one.value.sha256);
  std::filesystem::remove(path);
}

TEST(Version, HasThreeParts) {
  const std::string v = version();
  EXPECT_EQ(std::count(v.begin(), v.end(), '.'), 2) << v;
}

}  // namespace
}  // namespace kinescape
