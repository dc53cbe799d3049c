// SPDX-License-Identifier: Apache-2.0
/// \file The batched fit in lanes: where the search starts. Grids of midpoints and slopes over many
/// curves, and over the random directions of the flat test.
#pragma once

#include "dose_response/batch_lanes_internal.hpp"

namespace kinescape::dose_response::batch {

/// Squares of the products of one unit curve with several data vectors; `K` doses (0: `k`).
template <class W, int K>
KINESCAPE_INLINE typename W::F squared_product(const float* u, const float* y, int k) {
  using F = typename W::F;
  F dot{};
  const int n = K > 0 ? K : k;
  for (int d = 0; d < n; ++d) dot += u[d] * simd::load<F>(y + d * W::floats);
  return dot * dot;
}

/// Two vectors of lanes at once, so that a row is read once for both.
template <class W, int K>
KINESCAPE_INLINE void largest_of_two(
    const float* row, std::size_t rows, const float* y, int k, float* out) {
  using F = typename W::F;
  const auto n = static_cast<std::size_t>(K > 0 ? K : k);
  F a{}, b{};
  for (std::size_t r = 0; r < rows; ++r, row += n) {
    F p{}, q{};
    for (std::size_t d = 0; d < n; ++d) {
      p += row[d] * simd::load<F>(y + d * group);
      q += row[d] * simd::load<F>(y + d * group + W::floats);
    }
    a = simd::higher(p * p, a);
    b = simd::higher(q * q, b);
  }
  simd::store(out, a);
  simd::store(out + W::floats, b);
}

/// See Kernels::largest.
template <class W>
KINESCAPE_INLINE void largest(
    const float* row, std::size_t rows, const float* vector, std::size_t count, int k, float* out) {
  static_assert(group % (2 * W::floats) == 0);
  for (std::size_t first = 0; first < count; first += group) {
    for (std::size_t at = 0; at < group; at += 2 * W::floats) {
      const float* y = vector + first * static_cast<std::size_t>(k) + at;
      if (k == 8) {
        largest_of_two<W, 8>(row, rows, y, k, out + first + at);
      } else {
        largest_of_two<W, 0>(row, rows, y, k, out + first + at);
      }
    }
  }
}

/// Which of a row of values are peaks: a bit each, as Block keeps them.
template <class W>
struct Peaks {
  typename W::F before{};
  typename W::I rising = typename W::I{} - 1, low{}, high{};
  int n = 0;
  KINESCAPE_INLINE void mark(typename W::I peak) {
    const auto bit =
        static_cast<std::int32_t>(std::uint32_t{1} << static_cast<unsigned>((n - 1) % 32));
    (n > 32 ? high : low) |= peak & bit;
  }
  KINESCAPE_INLINE void next(typename W::F value) {
    if (n > 0) mark(rising & (before > value));
    if (n > 0) rising = value >= before;
    before = value;
    ++n;
  }
  KINESCAPE_INLINE void end() { mark(rising); }
  [[nodiscard]] KINESCAPE_INLINE std::uint64_t of(int lane) const {
    return static_cast<std::uint32_t>(low[lane]) |
           std::uint64_t{static_cast<std::uint32_t>(high[lane])} << 32U;
  }
};

/// Best slope of each midpoint and best midpoint of each slope, for the curves in the lanes.
template <class W, int K>
KINESCAPE_INLINE void scan_lanes(Block& b, const Basis& basis, const float* y, int first) {
  using F = typename W::F;
  const F zero{};
  const int here = std::min(W::floats, b.curves - first);
  F column_best[shared_slopes], column_row[shared_slopes];
  for (int j = 0; j < shared_slopes; ++j) column_best[j] = column_row[j] = zero - 1.0F;
  Peaks<W> rows, columns;
  const float* u = basis.direction.data();
  for (int i = 0; i < shared_midpoints; ++i) {
    F best = zero - 1.0F, chosen = zero;
    const F row = zero + static_cast<float>(i);
    for (int j = 0; j < shared_slopes; ++j, u += basis.doses) {
      const F square = squared_product<W, K>(u, y, basis.doses);
      const auto better = square > best;
      chosen = better ? zero + static_cast<float>(j) : chosen;
      best = better ? square : best;
      const auto highest = square > column_best[j];
      column_row[j] = highest ? row : column_row[j];
      column_best[j] = highest ? square : column_best[j];
    }
    const std::size_t to = row_cell(static_cast<std::size_t>(first), i);
    simd::store(b.row_share.data() + to, best);
    simd::store(b.row_slope.data() + to, chosen);
    rows.next(best);
  }
  rows.end();
  for (int j = 0; j < shared_slopes; ++j) {
    const std::size_t to = column_cell(static_cast<std::size_t>(first), j);
    simd::store(b.column_share.data() + to, column_best[j]);
    simd::store(b.column_row.data() + to, column_row[j]);
    columns.next(column_best[j]);
  }
  columns.end();
  for (int lane = 0; lane < here; ++lane) {
    b.row_peaks[static_cast<std::size_t>(first) + static_cast<std::size_t>(lane)] = rows.of(lane);
    b.column_peaks[static_cast<std::size_t>(first) + static_cast<std::size_t>(lane)] =
        columns.of(lane);
  }
}

/// The shared grid, several curves at once. Usual numbers of doses stay in registers.
template <class W>
KINESCAPE_INLINE void scan_shared(Block& b, const Basis& basis) {
  constexpr int lanes = W::floats;
  const int k = basis.doses;
  std::vector<float> y(static_cast<std::size_t>(k) * lanes);
  for (int first = 0; first < b.curves; first += lanes) {
    const int here = std::min(lanes, b.curves - first);
    for (int lane = 0; lane < here; ++lane) {
      const auto curve = static_cast<std::size_t>(first) + static_cast<std::size_t>(lane);
      const double scale = b.between[curve] > 0.0 ? 1.0 / __builtin_sqrt(b.between[curve]) : 0.0;
      const double* from = b.weighted.data() + curve * static_cast<std::size_t>(b.doses);
      for (int d = 0; d < k; ++d) {
        y[static_cast<std::size_t>(d) * lanes + static_cast<std::size_t>(lane)] =
            static_cast<float>(from[d] * scale);
      }
    }
    switch (k) {
      case 6:
        scan_lanes<W, 6>(b, basis, y.data(), first);
        break;
      case 8:
        scan_lanes<W, 8>(b, basis, y.data(), first);
        break;
      case 9:
        scan_lanes<W, 9>(b, basis, y.data(), first);
        break;
      case 10:
        scan_lanes<W, 10>(b, basis, y.data(), first);
        break;
      default:
        scan_lanes<W, 0>(b, basis, y.data(), first);
        break;
    }
  }
}

/// Doses of the curves that sit in the float lanes, [dose][lane], in an even number of places.
template <class W>
struct OwnDoses {
  std::vector<float> x, weight, weighted, part;
  std::size_t doses;
  float inverse_total[W::floats] = {}, low[W::floats] = {}, step[W::floats] = {};
  float first[W::floats] = {}, last[W::floats] = {};
  explicit OwnDoses(int k)
      : x((static_cast<std::size_t>(k) + 1) / 2 * 2 * W::floats),
        weight(x),
        weighted(x),
        part(x),
        doses(x.size() / W::floats) {}
  void seat(const Block& b, int curve, int lane) {
    const auto c = static_cast<std::size_t>(curve), k = static_cast<std::size_t>(b.doses);
    const double scale = b.between[c] > 0.0 ? 1.0 / __builtin_sqrt(b.between[c]) : 0.0;
    for (std::size_t d = 0; d < k; ++d) {
      const std::size_t to = d * W::floats + static_cast<std::size_t>(lane);
      x[to] = static_cast<float>(b.x[c * k + d]);
      weight[to] = static_cast<float>(b.weight[c * k + d]);
      weighted[to] = static_cast<float>(b.weighted[c * k + d] * scale);
    }
    inverse_total[lane] = static_cast<float>(1.0 / b.total_weight[c]);
    low[lane] = static_cast<float>(b.low[c]);
    step[lane] = static_cast<float>((b.high[c] - b.low[c]) / (own_midpoints - 1));
    first[lane] = static_cast<float>(b.first[c]);
    last[lane] = static_cast<float>(b.last[c]);
  }
};

template <class W>
KINESCAPE_INLINE typename W::F bounded_exp(typename W::F t, float bound) {
  const typename W::F zero{};
  return simd::exp_single<W>(simd::lower(simd::higher(t, zero - bound), zero + bound));
}

/// Share explained at one midpoint: responses 1 / (damp + part * factor), two doses to a division.
template <class W>
KINESCAPE_INLINE typename W::F share_at(const OwnDoses<W>& o,
                                        typename W::F factor,
                                        typename W::F damp) {
  using F = typename W::F;
  constexpr std::size_t lanes = W::floats;
  const F zero{};
  F g1 = zero, g2 = zero, p = zero;
  for (std::size_t at = 0; at < o.doses * lanes; at += 2 * lanes) {
    const F a = damp + simd::lower(simd::load<F>(o.part.data() + at) * factor, zero + 1e18F);
    const F b =
        damp + simd::lower(simd::load<F>(o.part.data() + at + lanes) * factor, zero + 1e18F);
    const F both = 1.0F / (a * b);
    const F ga = both * b, gb = both * a;
    const F wa = simd::load<F>(o.weight.data() + at) * ga;
    const F wb = simd::load<F>(o.weight.data() + at + lanes) * gb;
    g1 += wa + wb;
    g2 += wa * ga + wb * gb;
    p += simd::load<F>(o.weighted.data() + at) * ga +
         simd::load<F>(o.weighted.data() + at + lanes) * gb;
  }
  const F q = g2 - g1 * g1 * simd::load<F>(o.inverse_total);
  return q > 1e-6F * g2 ? p * p / simd::higher(q, zero + 1e-37F) : zero;
}

/// The grid of curves with doses of their own, several curves at once, in single precision. The
/// exponential is a part by dose, about the middle of a few midpoints, times a power by midpoint;
/// midpoints beyond the nearest dose are scaled by how far, so that the curve keeps its shape.
template <class W>
KINESCAPE_INLINE void scan_own(Block& b, const int* curves, int count) {
  using F = typename W::F;
  constexpr int lanes = W::floats;
  constexpr int rows = 8;
  static_assert(own_midpoints % rows == 0);
  const F zero{};
  OwnDoses<W> o(b.doses);
  for (int begin = 0; begin < count; begin += lanes) {
    const int here = std::min(lanes, count - begin);
    for (int lane = 0; lane < here; ++lane) o.seat(b, curves[begin + lane], lane);
    const F low = simd::load<F>(o.low), step = simd::load<F>(o.step);
    F column_best[own_slopes], column_row[own_slopes];
    for (int j = 0; j < own_slopes; ++j) column_best[j] = column_row[j] = zero - 1.0F;
    Peaks<W> peaks, columns;
    for (int i = 0; i < own_midpoints; i += rows) {
      const F about = low + step * (static_cast<float>(i) + 0.5F * (rows - 1));
      const F sign = about > zero ? zero - 1.0F : zero + 1.0F;
      const F nearest = about > zero ? simd::load<F>(o.last) : simd::load<F>(o.first);
      F best[rows], chosen[rows];
      for (int r = 0; r < rows; ++r) best[r] = chosen[r] = zero - 1.0F;
      for (int j = 0; j < own_slopes; ++j) {
        const F h = b.own_slope[j] * sign;
        for (std::size_t at = 0; at < o.doses * lanes; at += lanes) {
          const F t = h * (simd::load<F>(o.x.data() + at) - about);
          simd::store(o.part.data() + at, bounded_exp<W>(t, 60.0F));
        }
        const F turn = h * step;
        const F on = bounded_exp<W>(turn, 60.0F), back = bounded_exp<W>(zero - turn, 60.0F);
        // From the midpoint: exp of -(e - about) and of (e - nearest), in units of the slope.
        F from = bounded_exp<W>(turn * (0.5F * (rows - 1)), 60.0F);
        F past = bounded_exp<W>(h * (about - nearest) - turn * (0.5F * (rows - 1)), 60.0F);
        const F most = bounded_exp<W>(h * (about - nearest), 60.0F);
        for (int r = 0; r < rows; ++r) {
          const F share = share_at<W>(o, simd::lower(from, most), simd::lower(past, zero + 1.0F));
          from *= back;
          past *= on;
          const auto better = share > best[r];
          chosen[r] = better ? zero + static_cast<float>(j) : chosen[r];
          best[r] = better ? share : best[r];
          const auto highest = share > column_best[j];
          column_row[j] = highest ? zero + static_cast<float>(i + r) : column_row[j];
          column_best[j] = highest ? share : column_best[j];
        }
      }
      for (int r = 0; r < rows; ++r) peaks.next(best[r]);
      for (int lane = 0; lane < here; ++lane) {
        const auto c = static_cast<std::size_t>(curves[begin + lane]);
        for (int r = 0; r < rows; ++r) {
          const std::size_t to = row_cell(c, i + r);
          b.row_share[to] = best[r][lane];
          b.row_slope[to] = chosen[r][lane];
        }
      }
    }
    peaks.end();
    for (int j = 0; j < own_slopes; ++j) columns.next(column_best[j]);
    columns.end();
    for (int lane = 0; lane < here; ++lane) {
      const auto c = static_cast<std::size_t>(curves[begin + lane]);
      for (int j = 0; j < own_slopes; ++j) {
        const std::size_t to = column_cell(c, j);
        b.column_share[to] = column_best[j][lane];
        b.column_row[to] = column_row[j][lane];
      }
      b.row_peaks[c] = peaks.of(lane);
      b.column_peaks[c] = columns.of(lane);
    }
  }
}

}  // namespace kinescape::dose_response::batch
