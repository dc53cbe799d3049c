// SPDX-License-Identifier: Apache-2.0
#include "base/parallel.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace kinescape {
namespace {

TEST(ParallelFor, CallsEachIndexOnceAtAnyThreadCount) {
  for (const unsigned threads : {1U, 2U, 7U}) {
    std::vector<int> calls(1000, 0);
    parallel_for(calls.size(), Threads{threads}, [&](std::size_t i) { ++calls[i]; });
    EXPECT_EQ(calls, std::vector<int>(1000, 1)) << threads << " threads";
  }
}

TEST(ParallelFor, RethrowsWhatAPieceOfWorkThrew) {
  EXPECT_THROW(parallel_for(100,
                            Threads{4},
                            [](std::size_t i) {
                              if (i == 50) throw std::runtime_error("50");
                            }),
               std::runtime_error);
}

}  // namespace
}  // namespace kinescape
