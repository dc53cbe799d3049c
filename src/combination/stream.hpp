// SPDX-License-Identifier: Apache-2.0
/// \file Ten thousand dose matrices in one file: scored one after the other in memory of a few,
/// written as they are done, and continued where a stopped run left off.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/problem.hpp"
#include "combination/estimate.hpp"
#include "combination/read.hpp"

namespace kinescape::combination {

struct StreamOptions {
  ReadOptions read;
  Options estimate;  ///< surfaces and specifications are off in a stream.
  /// For tests: stop after so many matrices, as a killed run would.
  std::uint64_t stop_after = 0;
};

struct Streamed {
  std::uint64_t matrices = 0;  ///< In the output, earlier runs included.
  std::uint64_t resumed = 0;   ///< Of those, from an earlier run.
  std::uint64_t refused = 0;   ///< Whose rows could not be read: a line with the reason.
  bool complete = false;
};

/// Reads a long table with a column of block numbers, each block's rows together, and writes a line
/// of scores with intervals for each block and model to `output`. Beside it `<output>.resume` says
/// how far it got; a run with the same file and options goes on from there to the same bytes. p
/// values are of each matrix alone: the file's own number of matrices is known at its end only.
[[nodiscard]] Checked<Streamed> stream(const std::string& path,
                                       const std::filesystem::path& output,
                                       const StreamOptions& options);

}  // namespace kinescape::combination
