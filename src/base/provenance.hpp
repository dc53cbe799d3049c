// SPDX-License-Identifier: Apache-2.0
/// \file Where did this result come from? Enough to make it again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "base/problem.hpp"
#include "base/stream.hpp"

namespace kinescape {

struct InputFile {
  std::string path;    ///< As the user gave it.
  std::string sha256;  ///< Of its bytes.
  std::uint64_t bytes = 0;
};

/// Same inputs, same command, same seed, same version: the same result, to the bit. Therefore no
/// date, host or user is part of it.
struct Provenance {
  std::string version;  ///< Of Kinescape.
  std::string command;  ///< As it could be typed again, without the output folder.
  std::optional<Seed> seed;
  std::vector<InputFile> inputs;
};

/// The version of this build, "0.1.0".
[[nodiscard]] std::string version();

/// What identifies the file at `path`: its hash, streamed, and its size. Unreadable: a Problem.
[[nodiscard]] Checked<InputFile> input_file(const std::string& path);

/// The same of several files, in their order; the problems of all of them.
[[nodiscard]] Checked<std::vector<InputFile>> input_files(const std::vector<std::string>& paths,
                                                          Threads threads = {});

}  // namespace kinescape
