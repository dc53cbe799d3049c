// SPDX-License-Identifier: Apache-2.0
/// \file Run n independent pieces of work on the cores there are; the same bits at any count.
#pragma once

#include <cstddef>
#include <functional>

namespace kinescape {

/// How many threads a call may use. 0 = as many as the machine has cores.
struct Threads {
  unsigned count = 0;
  [[nodiscard]] unsigned resolved() const;
};

/// Calls f(i) once for each i in [0, n), in any order and on several threads. Each index must
/// write its own slot only. Used at the outermost loop alone. The exception of the lowest index
/// that threw is rethrown when all threads have stopped.
void parallel_for(std::size_t n, Threads threads, const std::function<void(std::size_t)>& f);

}  // namespace kinescape
