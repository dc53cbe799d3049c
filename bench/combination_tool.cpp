// SPDX-License-Identifier: Apache-2.0
// What bench/compare_synergy.py times: reads a combination table and prints, as JSON, the CPU
// seconds of one matrix for point scores, for scores with intervals, and for MuSyC with intervals.
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "combination/estimate.hpp"
#include "combination/read.hpp"

namespace {

/// CPU seconds of one call, the mean over `times`.
template <class F>
double cpu_s(int times, F f) {
  const std::clock_t from = std::clock();
  for (int i = 0; i < times; ++i) f();
  return static_cast<double>(std::clock() - from) / CLOCKS_PER_SEC / times;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace kinescape::combination;
  if (argc != 2) {
    std::fputs("usage: kinescape_combination_tool TABLE\n", stderr);
    return 2;
  }
  const auto blocks = read(std::vector<std::string>{argv[1]});
  if (!blocks.ok() || blocks.value.empty()) {
    std::fputs(kinescape::describe(blocks.problems).c_str(), stderr);
    return 1;
  }
  const Block& block = blocks.value.front();
  const Cells cells = cells_of(block);
  double sink = 0.0;
  const double points = cpu_s(200, [&] { sink += score(cells.mean).summary[0]; });
  Options options;
  options.surfaces = options.specifications = false;
  const double intervals =
      cpu_s(20, [&] { sink += estimate_block(block, options).scores[0].summary.low; });
  const double musyc =
      cpu_s(10, [&] { sink += fit_surface(Model::musyc, cells).find("beta")->value; });
  std::printf(
      "{\"point_scores_s\": %.9f, \"with_intervals_s\": %.9f, \"musyc_s\": %.9f, \"sink\": %g}\n",
      points,
      intervals,
      musyc,
      sink);
  return 0;
}
