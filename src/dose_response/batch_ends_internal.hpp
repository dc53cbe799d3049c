// SPDX-License-Identifier: Apache-2.0
/// \file The batched fit in lanes, the other verbs: where the search starts, the ends of the
/// profile intervals, and the plateaus that belong to a solution.
#pragma once

#include "dose_response/batch_lanes_internal.hpp"

namespace kinescape::dose_response::batch {

/// Follows the profile (slope at its best) outwards until the residual sum reaches the limit.
template <class W>
KINESCAPE_INLINE void ends(const Block& b, const EndTask* tasks, int count, EndSolution* out) {
  using D = typename W::D;
  constexpr int lanes = W::doubles;
  const D zero{};
  Lanes<W> seats(b.doses);
  int who[lanes], steps[lanes];
  D e = zero, l = zero, inner = zero, outer = zero, end = zero, best = zero, room = zero + 1.0;
  D direction = zero + 1.0;
  const D l_low = zero + b.low_slope, l_high = zero + b.high_slope;
  int next = 0, busy = 0;
  for (int lane = 0; lane < lanes; ++lane) who[lane] = -1;
  while (true) {
    for (int lane = 0; lane < lanes && next < count; ++lane) {
      if (who[lane] >= 0) continue;
      const EndTask& task = tasks[next];
      const auto curve = static_cast<std::size_t>(task.curve);
      seats.seat(b, task.curve, lane);
      who[lane] = next++;
      steps[lane] = 0;
      ++busy;
      e[lane] = task.midpoint;
      l[lane] = task.log_slope;
      inner[lane] = task.inner;
      end[lane] = task.direction > 0.0 ? b.high[curve] : b.low[curve];
      outer[lane] = end[lane];
      direction[lane] = task.direction;
      best[lane] = task.best - b.between[curve];
      room[lane] = task.limit - task.best;
    }
    if (busy == 0) return;
    const Local<W> at = evaluate<W>(seats, e, l);
    const auto held = ((l <= l_low) & (at.fl >= zero)) | ((l >= l_high) & (at.fl <= zero));
    const D hll = simd::higher(simd::magnitude(at.fll), zero + 1e-300);
    D dl = held ? zero : zero - at.fl / hll;
    const D drop = held ? zero : 0.5 * at.fl * at.fl / hll;  // what settling the slope still gains
    const auto settled = drop <= 1e-3 * room;
    const auto exact = drop <= 1e-9 * room;
    const D rise = simd::higher(at.f - drop - best, zero + 1e-12 * room);
    const D follow = held ? zero : zero - at.fel / hll;  // d slope / d midpoint on the profile
    const D slope = direction * (at.fe + at.fl * follow);
    const auto inside = rise <= room;
    inner = (settled & inside) ? e : inner;
    outer = (settled & ~inside) ? e : outer;
    // Newton on the root of the rise, which is nearly straight.
    const D root_rise = simd::root(rise), root_room = simd::root(room);
    const auto uphill = slope > zero;
    const D newton = e + direction * (2.0 * root_rise * (root_room - root_rise) /
                                      simd::higher(slope, zero + 1e-300));
    const D bold = inside ? e + direction * 0.5 : 0.5 * (inner + outer);
    D to = uphill ? newton : bold;
    // At most 1.2 decades at once, and between what is known to be inside and outside.
    to = simd::lower(simd::higher(to, e - 1.2), e + 1.2);
    const auto beyond_outer = direction * (to - outer) >= zero;
    const auto within_inner = direction * (to - inner) <= zero;
    const auto outer_known = outer != end;
    to = beyond_outer ? (outer_known ? 0.5 * (inner + outer) : end) : to;
    to = within_inner ? 0.5 * (inner + outer) : to;
    to = settled ? to : e;
    const D de = to - e;
    dl = dl + follow * de;
    dl = simd::lower(simd::higher(dl, zero - 0.7), zero + 0.7);
    const auto close = (simd::magnitude(de) < 1e-6) & settled;
    // The grid's last row may miss the window's end by a rounding.
    const auto open = (direction * (end - e) < 1e-7) & inside & settled;
    const auto narrow = (simd::magnitude(outer - inner) < 1e-9) & settled;
    const auto done = (close & exact) | open | (narrow & exact);
    for (int lane = 0; lane < lanes; ++lane) {
      if (who[lane] < 0) continue;
      if (done[lane] == 0 && ++steps[lane] < 120) continue;
      EndSolution& solution = out[who[lane]];
      solution.open = open[lane] != 0;
      solution.converged = done[lane] != 0;
      solution.midpoint = to[lane];
      who[lane] = -1;
      --busy;
    }
    e = to;
    l = simd::lower(simd::higher(l + dl, l_low), l_high);
  }
}

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
  const int n = K > 0 ? K : k;
  constexpr int stride = static_cast<int>(group);
  F a{}, b{};
  for (std::size_t r = 0; r < rows; ++r, row += n) {
    F p{}, q{};
    for (int d = 0; d < n; ++d) {
      p += row[d] * simd::load<F>(y + d * stride);
      q += row[d] * simd::load<F>(y + d * stride + W::floats);
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

/// Best slope of each midpoint and best midpoint of each slope, for the curves in the lanes.
template <class W, int K>
KINESCAPE_INLINE void scan_lanes(Block& b, const Basis& basis, const float* y, int first) {
  using F = typename W::F;
  const F zero{};
  const int here = std::min(W::floats, b.curves - first);
  F column_best[shared_slopes], column_row[shared_slopes];
  for (int j = 0; j < shared_slopes; ++j) column_best[j] = column_row[j] = zero - 1.0F;
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
    for (int lane = 0; lane < here; ++lane) {
      const auto to = static_cast<std::size_t>((first + lane) * shared_midpoints + i);
      b.row_share[to] = best[lane];
      b.row_slope[to] = static_cast<std::uint8_t>(chosen[lane]);
    }
  }
  for (int j = 0; j < shared_slopes; ++j) {
    for (int lane = 0; lane < here; ++lane) {
      const auto to = static_cast<std::size_t>((first + lane) * shared_slopes + j);
      b.column_share[to] = column_best[j][lane];
      b.column_row[to] = static_cast<std::uint8_t>(column_row[j][lane]);
    }
  }
}

/// The shared grid, several curves at once. Usual numbers of doses stay in registers.
template <class W>
KINESCAPE_INLINE void scan_shared(Block& b, const Basis& basis) {
  constexpr int lanes = W::floats;
  const int k = basis.doses;
  std::vector<float> y(static_cast<std::size_t>(k * lanes));
  for (int first = 0; first < b.curves; first += lanes) {
    const int here = std::min(lanes, b.curves - first);
    for (int lane = 0; lane < here; ++lane) {
      const auto curve = static_cast<std::size_t>(first + lane);
      const double scale = b.between[curve] > 0.0 ? 1.0 / __builtin_sqrt(b.between[curve]) : 0.0;
      const double* from = b.weighted.data() + curve * static_cast<std::size_t>(b.doses);
      for (int d = 0; d < k; ++d) {
        y[static_cast<std::size_t>(d * lanes + lane)] = static_cast<float>(from[d] * scale);
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
      for (int lane = 0; lane < here; ++lane) {
        const auto c = static_cast<std::size_t>(curves[begin + lane]);
        for (int r = 0; r < rows; ++r) {
          const auto to = c * shared_midpoints + static_cast<std::size_t>(i + r);
          b.row_share[to] = best[r][lane];
          b.row_slope[to] = static_cast<std::uint8_t>(chosen[r][lane]);
        }
      }
    }
    for (int lane = 0; lane < here; ++lane) {
      const auto c = static_cast<std::size_t>(curves[begin + lane]);
      for (int j = 0; j < own_slopes; ++j) {
        const auto to = c * shared_slopes + static_cast<std::size_t>(j);
        b.column_share[to] = column_best[j][lane];
        b.column_row[to] = static_cast<std::uint8_t>(column_row[j][lane]);
      }
    }
  }
}

/// Plateaus, slope and the residual sum itself (not a difference of large numbers).
template <class W>
KINESCAPE_INLINE void plateaus(const Block& b, const Solution* solutions, Plateaus* out) {
  using D = typename W::D;
  constexpr int lanes = W::doubles;
  const D zero{};
  Lanes<W> seats(b.doses);
  std::vector<double> share(seats.x.size());
  for (int first = 0; first < b.curves; first += lanes) {
    const int here = std::min(lanes, b.curves - first);
    D e = zero, l = zero;
    for (int lane = 0; lane < here; ++lane) {
      seats.seat(b, first + lane, lane);
      e[lane] = solutions[first + lane].midpoint;
      l[lane] = solutions[first + lane].log_slope;
    }
    const D sign = e > zero ? zero - 1.0 : zero + 1.0;
    const D h = simd::exp<W>(l);
    const D c = sign * (h * ln10);
    D g1 = zero, g2 = zero, p1 = zero;
    for (int k = 0; k < b.doses; ++k) {
      const int at = k * lanes;
      D t = c * (simd::load<D>(seats.x.data() + at) - e);
      t = simd::lower(simd::higher(t, zero - most_exponent), zero + most_exponent);
      const D g = 1.0 / (1.0 + simd::exp<W>(t));
      simd::store(share.data() + at, g);
      const D w = simd::load<D>(seats.weight.data() + at);
      g1 += w * g;
      g2 += w * g * g;
      p1 += simd::load<D>(seats.weighted.data() + at) * g;
    }
    const D m = simd::load<D>(seats.inverse_total);
    const D mean = g1 * m;
    const D r = p1 / simd::higher(g2 - g1 * mean, zero + 1e-290);
    D sum = zero;
    for (int k = 0; k < b.doses; ++k) {
      const int at = k * lanes;
      const D w = simd::load<D>(seats.weight.data() + at);
      const D y = simd::load<D>(seats.weighted.data() + at) / simd::higher(w, zero + 1e-300);
      const D left = y - r * (simd::load<D>(share.data() + at) - mean);
      sum += w * left * left;
    }
    const D with = r * (1.0 - mean), without = zero - r * mean;  // at share 1 and 0, about the mean
    for (int lane = 0; lane < here; ++lane) {
      const auto curve = static_cast<std::size_t>(first + lane);
      Plateaus& o = out[first + lane];
      const bool falling = sign[lane] > 0.0;
      o.top = b.mean[curve] + (falling ? with[lane] : without[lane]);
      o.bottom = b.mean[curve] + (falling ? without[lane] : with[lane]);
      o.sum = sum[lane];
      o.slope = h[lane];
    }
  }
}

}  // namespace kinescape::dose_response::batch
