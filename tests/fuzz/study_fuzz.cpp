// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes: a study file that is read without errors keeps what its header promises.
#include <algorithm>
#include <filesystem>

#include "fuzz.hpp"
#include "study/study.hpp"
#include "temporary_file.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kinescape;
  const auto got = study::read_study(fuzz::file_with(fuzz::text(data, size)));
  for (const Problem& p : got.problems) {
    fuzz::require(!p.what.empty() && !p.fix.empty(), "a problem says what and how to mend it");
  }
  if (!got.ok()) return 0;
  const study::Study& s = got.value;
  fuzz::require(!s.title.empty(), "a study has a title");
  fuzz::require(!s.viability.empty(), "a study names data");
  fuzz::require(s.level >= 0.5 && s.level <= 0.999, "the level is in its range");
  for (const auto& input : s.viability) {
    fuzz::require(!input.files.empty(), "a block names files");
    for (const auto& file : input.files) {
      fuzz::require(std::filesystem::is_regular_file(file), "the files are there");
    }
  }
  for (const auto& line : s.lines) {
    fuzz::require(!line.name.empty() && line.parental != line.name, "a line has a name and parent");
    const auto named = [&](const study::CellLine& other) { return other.name == line.name; };
    fuzz::require(std::ranges::count_if(s.lines, named) == 1, "a line is described once");
  }
  return 0;
}
