// SPDX-License-Identifier: Apache-2.0
/// \file Another program behind pipes: text in, text out, no shell and no file between.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kinescape::report {

enum class ChildEnd {
  exited,       ///< By itself; see `code`.
  not_found,    ///< There is no such program on the PATH.
  not_started,  ///< The system refused; `errors` says why.
  killed,       ///< By a signal of somebody else.
  timed_out,    ///< By us.
};

struct ChildResult {
  ChildEnd end = ChildEnd::not_started;
  int code = -1;
  std::string output, errors;  ///< What it wrote; the first 64 MB and 64 kB.
};

/// Runs arguments[0] (looked up on the PATH) with `input` on its standard input, and waits. The
/// child is killed after `timeout_s`; it outlives this call in no case.
[[nodiscard]] ChildResult run_child(const std::vector<std::string>& arguments,
                                    std::string_view input,
                                    double timeout_s);

}  // namespace kinescape::report
