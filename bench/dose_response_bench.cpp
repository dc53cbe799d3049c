// SPDX-License-Identifier: Apache-2.0
// How many curves a second? 8 doses x 3 wells, 80 % sigmoid, 10 % partial, 10 % flat, one thread.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <vector>

#include "dose_response/batch_fit.hpp"
#include "dose_response/curve.hpp"
#include "dose_response/fit.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::dose_response {
namespace {

struct Set {
  std::vector<double> dose_nM, own_dose_nM, response;
  std::size_t curves = 0, wells = 0;
};

Set simulate(std::size_t curves) {
  using enum Parameter;
  std::mt19937_64 bits(1);
  const auto uniform = [&] { return (static_cast<double>(bits() >> 11U) + 0.5) * 0x1p-53; };
  Set s;
  s.curves = curves;
  for (const double d : {3, 10, 30, 100, 300, 1000, 3000, 10000}) {
    s.dose_nM.insert(s.dose_nM.end(), 3, d);
  }
  s.wells = s.dose_nM.size();
  for (std::size_t c = 0; c < curves; ++c) {
    Curve curve;
    curve.shape = Shape::log_logistic4;
    const double shift = std::pow(10.0, 0.5 * (uniform() - 0.5));  // own doses: none like another
    curve[log10_ec50] = std::log10(shift) + (c % 10 == 8 ? 4.2 + uniform() : 0.8 + 2.9 * uniform());
    curve[hill_slope] = 0.5 * std::exp(1.8 * uniform());
    curve[top] = 0.95 + 0.1 * uniform();
    curve[bottom] = c % 10 == 9 ? curve[top] : 0.5 * uniform();
    const double stretch = 0.9 + 0.2 * uniform();
    for (const double d : s.dose_nM) {
      const double own = shift * std::pow(d, stretch);
      s.own_dose_nM.push_back(own);
      const double y = value(curve, d * shift);
      const double noise = 0.05 * y * numeric::normal_quantile(uniform());
      s.response.push_back(y + noise + 0.02 * numeric::normal_quantile(uniform()));
    }
  }
  return s;
}

const Set& curves() {
  static const Set set = simulate(50000);
  return set;
}

void run(benchmark::State& state, const std::vector<double>& dose, const BatchOptions& options) {
  const Set& s = curves();
  int failed = 0;
  for (auto _ : state) {
    const BatchFit fit = batch_fit({s.curves, s.wells, dose, s.response}, options);
    benchmark::DoNotOptimize(fit.residual_sum.data());
    for (const Status status : fit.status) failed += status == Status::failed;
  }
  state.counters["curves/s"] = benchmark::Counter(static_cast<double>(s.curves),
                                                  benchmark::Counter::kIsIterationInvariantRate);
  state.counters["failed"] = failed;
}

void SharedDoses(benchmark::State& state) {
  run(state, curves().dose_nM, {});
}
void OwnDoses(benchmark::State& state) {
  run(state, curves().own_dose_nM, {});
}
void SharedDosesWithIntervals(benchmark::State& state) {
  BatchOptions options;
  options.intervals = true;
  run(state, curves().dose_nM, options);
}
void SharedDosesWithoutWideVectors(benchmark::State& state) {
  BatchOptions options;
  options.lanes = BatchOptions::Lanes::baseline;
  run(state, curves().dose_nM, options);
}
BENCHMARK(SharedDoses)->Unit(benchmark::kMillisecond);
BENCHMARK(OwnDoses)->Unit(benchmark::kMillisecond);
BENCHMARK(SharedDosesWithIntervals)->Unit(benchmark::kMillisecond);
BENCHMARK(SharedDosesWithoutWideVectors)->Unit(benchmark::kMillisecond);

/// One curve by the general fit, and one profile interval.
void SingleFit(benchmark::State& state) {
  const Set& s = curves();
  const Observations o{s.dose_nM, {s.response.begin(), s.response.begin() + 24}, {}};
  for (auto _ : state) benchmark::DoNotOptimize(fit_curve(Shape::log_logistic4, o));
}
void SingleProfile(benchmark::State& state) {
  const Set& s = curves();
  const Observations o{s.dose_nM, {s.response.begin(), s.response.begin() + 24}, {}};
  const Fit fit = fit_curve(Shape::log_logistic4, o);
  for (auto _ : state) {
    benchmark::DoNotOptimize(profile_interval(fit, std::span(&o, 1), log10_dose_at(0.5)));
  }
}
BENCHMARK(SingleFit)->Unit(benchmark::kMicrosecond);
BENCHMARK(SingleProfile)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace kinescape::dose_response
