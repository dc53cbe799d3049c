// SPDX-License-Identifier: Apache-2.0
// How long does a picture take from its values to measured bands? A blot as an imager writes it (20
// lanes, aim: under half a second) and one of 24 million pixels (aim: under four).
#include <benchmark/benchmark.h>

#include "immunoblot/design.hpp"
#include "immunoblot/measure.hpp"

namespace kinescape::immunoblot {
namespace {

/// Three strips of 20 lanes; `scale` times 1092 x 736 pixels.
Image blot(double scale) {
  Design d;
  d.lanes = 20, d.lane_px = 38.0 * scale, d.gap_px = 10.5 * scale, d.strip_px = 190.0 * scale;
  Truth t;
  for (const char* antibody : {"pT", "T", "L"}) {
    d.strips.push_back({antibody, 6e6 * scale * scale, unknown, 5.5 * scale, 0.8});
    t.amounts.emplace_back();
    for (int l = 0; l < 20; ++l) t.amounts.back().push_back(1.0 - 0.04 * l);
  }
  return simulate(d, t, {}, Seed{3}).image;
}

void find_and_measure(benchmark::State& state, double scale) {
  const Image image = blot(scale);
  std::size_t bands = 0;
  for (auto _ : state) {
    const auto layout = find_layout(image, "bench");
    MeasureOptions one;
    one.threads = Threads{1};
    const Measured m = measure(image, layout.value, one);
    bands = m.bands.size();
    benchmark::DoNotOptimize(m);
  }
  state.counters["pixels"] = double(image.pixels.size());
  state.counters["bands"] = double(bands);
}

BENCHMARK_CAPTURE(find_and_measure, imager, 1.0)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find_and_measure, large, 5.4)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace kinescape::immunoblot
