// SPDX-License-Identifier: Apache-2.0
/// \file What batch_fit.cpp hands to the lanes: blocks of curves reduced to dose means, and tasks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kinescape::dose_response::batch {

inline constexpr double ln10 = 2.302585092994046;

enum class Isa { baseline, avx2, avx512 };
/// The widest that this machine has.
[[nodiscard]] Isa best_isa();

/// Grids on which the search starts: midpoints evenly over the window (both ends included), slopes
/// evenly in their logarithm.
inline constexpr int shared_midpoints = 48, shared_slopes = 12;
inline constexpr int own_midpoints = 40, own_slopes = 9;  // midpoints: a multiple of 8

/// Where the grid keeps a curve's cell: curves side by side in tiles, as wide as the widest lanes.
inline constexpr std::size_t tile = 16;
inline std::size_t tiled(std::size_t curve, int at, int most) {
  const auto n = static_cast<std::size_t>(most), i = static_cast<std::size_t>(at);
  return (curve / tile * n + i) * tile + curve % tile;
}
inline std::size_t row_cell(std::size_t curve, int row) {
  return tiled(curve, row, shared_midpoints);
}
inline std::size_t column_cell(std::size_t curve, int slope) {
  return tiled(curve, slope, shared_slopes);
}

/// Curves in reduced form, `doses` places each (row-major, one row per curve); places not used have
/// weight 0. `x` is log10 dose from the middle of the curve's doses; weighted responses are
/// centred.
struct Block {
  int curves = 0, doses = 0;
  std::vector<double> x, weight, weighted;  // weighted = weight * (mean - weighted mean)
  std::vector<double> total_weight, mean, between, within;  // sums of squares
  std::vector<double> low, high;                            // window of the midpoint, on x
  std::vector<double> first, last;                          // lowest and highest dose > 0, on x
  double low_slope = 0.0, high_slope = 0.0;                 // ln of the slope's bounds
  float own_slope[own_slopes] = {};                         // of the own grid, times ln 10
  // Per curve and midpoint of its grid, at row_cell(): largest share explained, the slope that did.
  std::vector<float> row_share, row_slope;
  // And per slope, at column_cell(): largest share explained, and the midpoint that did.
  std::vector<float> column_share, column_row;
  // Which of them are no worse than the one before and better than the one behind: a bit each.
  std::vector<std::uint64_t> row_peaks, column_peaks;
};

/// Unit curves of the shared design, [midpoint][slope][dose], weighted, centred, of length one.
struct Basis {
  int doses = 0;
  std::vector<float> direction;
};

struct Task {
  int curve = 0;
  double midpoint = 0.0, log_slope = 0.0;
};
struct Solution {
  double midpoint = 0.0, log_slope = 0.0;
  double sum = 0.0;        // between-dose residual sum
  double curvature = 0.0;  // second derivative of the profile along the midpoint
  bool converged = false;
};
/// One end of a profile interval: from a place inside, outwards.
struct EndTask {
  int curve = 0;
  double direction = 1.0;
  double midpoint = 0.0, log_slope = 0.0;
  double best = 0.0, limit = 0.0;  // least between-dose residual sum; where it may rise to
  double inner = 0.0;              // a midpoint inside for certain
};
struct EndSolution {
  double midpoint = 0.0;
  bool open = false, converged = false;
};
/// A place to ask the profile at, and what it says there.
struct Probe {
  int curve = 0;
  double midpoint = 0.0;
};
struct ProbeSolution {
  double log_slope = 0.0, sum = 0.0;  // sum: less the total between doses
};
struct Plateaus {
  double top = 0.0, bottom = 0.0, sum = 0.0, slope = 0.0;
};

/// Vectors that Kernels::largest takes at a time: [group][dose][vector of the group].
inline constexpr std::size_t group = 32;

/// The verbs, for one instruction set. All lanes do the same arithmetic per curve, so that the
/// answer does not depend on the set, on the neighbours or on the lane.
struct Kernels {
  void (*scan_shared)(Block&, const Basis&);
  void (*scan_own)(Block&, const int* curves, int count);
  void (*solve)(const Block&, const Task*, int, Solution*);
  void (*ends)(const Block&, const EndTask*, int, EndSolution*);
  void (*profile)(const Block&, const Probe*, int, ProbeSolution*);
  void (*plateaus)(const Block&, const Solution*, Plateaus*);
  /// For each of `count` vectors (a multiple of `group`) its largest squared product with any row.
  void (*largest)(const float* row,
                  std::size_t rows,
                  const float* vector,
                  std::size_t count,
                  int doses,
                  float* out);
};
[[nodiscard]] const Kernels& kernels(Isa isa);

}  // namespace kinescape::dose_response::batch
