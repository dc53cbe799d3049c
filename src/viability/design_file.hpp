// SPDX-License-Identifier: Apache-2.0
/// \file A virtual experiment written down: design, truth, noise and seed in one TOML file, so that
/// every virtual data set can be made again.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/problem.hpp"
#include "base/stream.hpp"
#include "viability/design.hpp"

namespace kinescape::viability {

struct VirtualExperiment {
  Design design;
  Truth truth;
  Noise noise;
  std::optional<Seed> seed;  ///< From the file; a command line may give another.
};

/// Reads `[design]`, `[[line]]`, `[[drug]]`, `[[truth]]` and `[noise]`
/// (docs/rooms/viability-design.md names every key). All problems at once, those of check()
/// included.
[[nodiscard]] Checked<VirtualExperiment> read_design(std::string_view bytes,
                                                     const std::string& file);

}  // namespace kinescape::viability
