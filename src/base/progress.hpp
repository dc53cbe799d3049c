// SPDX-License-Identifier: Apache-2.0
/// \file How far is it? The library reports progress through a callback; only the program prints.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace kinescape {

struct ProgressState {
  std::string what;  ///< "fitting curves"
  std::uint64_t done = 0;
  std::uint64_t total = 0;  ///< 0: not known.
};

/// May be empty. Called from the thread that does the work, at most a few times a second.
using ProgressSink = std::function<void(const ProgressState&)>;

/// One line of text for a terminal of `width` columns: a bar, a count and the time left.
/// `elapsed_s` is the caller's clock: the library reads none.
[[nodiscard]] std::string progress_line(const ProgressState& state, double elapsed_s, int width);

}  // namespace kinescape
