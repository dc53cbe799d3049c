// SPDX-License-Identifier: Apache-2.0
/// \file The same questions for a million curves: from one long table of normalised viabilities to
/// one line of results per curve, in the memory of a few thousand curves, resumable after a kill.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/number.hpp"
#include "base/parallel.hpp"
#include "base/problem.hpp"
#include "base/progress.hpp"
#include "viability/estimate.hpp"

namespace kinescape::viability {

struct ScreenOptions {
  double level = 0.95;
  std::string dose_unit;  ///< For a dose column that names no unit.
  Decimal decimal = Decimal::unstated;
  std::size_t chunk_curves = 16384;  ///< Fitted together; the place to resume is kept after each.
  std::size_t most_problems = 100;   ///< Listed one by one; more are counted.
  Threads threads;
  ProgressSink progress;  ///< In bytes of the input.
  /// Called when a chunk is safe on the disk, with the curves done so far. May throw to stop: what
  /// was written stays, and the next run goes on from there.
  std::function<void(std::uint64_t)> after_chunk;
};

struct ScreenSummary {
  std::uint64_t rows = 0;  ///< Of data, without the head.
  std::uint64_t curves = 0;
  std::uint64_t resumed_after = 0;  ///< Curves that an earlier, interrupted run had finished.
  std::uint64_t missing = 0;        ///< Rows without a viability: counted and left out.
  std::array<std::uint64_t, 6> by_class{};  ///< Curves of this run, by CurveClass.
  std::string input_sha256;
  std::uint64_t input_bytes = 0;
};

/// Whether `path` is a long table that `screen` is made for: a plain text table with the columns
/// line, drug, dose and viability, of at least `least_bytes`.
[[nodiscard]] bool is_screen(const std::string& path,
                             std::uint64_t least_bytes = std::uint64_t{64} << 20U);

/// Fits every curve of `input` (columns line, drug, dose_nM or another unit, viability or
/// viability_percent, and perhaps repeat; the rows of one line and drug stand together) and writes
/// `output`, one CSV row per curve in the order of the input: its class, n, the relative IC50 with
/// profile-likelihood interval and relation (a bound where it is out of range, nothing where there
/// is none), slope, plateaus, area, and the flat test.
///
/// Results grow in `output`.part beside `output`.journal and are renamed when all is done: a run
/// that finds both from the same input, options and version goes on after the last whole chunk and
/// ends with the same bytes. Thread counts and interruptions change no byte.
///
/// Faulty rows: all are looked for (the first `most_problems` listed with their line, the rest
/// counted), nothing is left at `output`. Throws FileError where files cannot be written.
[[nodiscard]] Checked<ScreenSummary> screen(const std::string& input,
                                            const std::filesystem::path& output,
                                            const ScreenOptions& options = {});

}  // namespace kinescape::viability
