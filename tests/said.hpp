// SPDX-License-Identifier: Apache-2.0
/// \file What tests ask of a list of problems.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/problem.hpp"

namespace kinescape::tests {

/// Whether one of the problems, or its mend, has these words.
inline testing::AssertionResult says(const Problems& problems, const std::string& words) {
  for (const Problem& p : problems)
    if ((p.what + " " + p.fix).find(words) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "no problem says \"" << words << "\" in:\n"
                                     << describe(problems, 100);
}

}  // namespace kinescape::tests
