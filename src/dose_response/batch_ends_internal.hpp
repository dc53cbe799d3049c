// SPDX-License-Identifier: Apache-2.0
/// \file The batched fit in lanes: the profile, the ends of its intervals, and the plateaus that
/// belong to a solution.
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

/// The profile at given midpoints: over slopes at even steps, then Newton's steps from the best.
template <class W>
KINESCAPE_INLINE void profile(const Block& b, const Probe* probes, int count, ProbeSolution* out) {
  using D = typename W::D;
  constexpr int lanes = W::doubles, slopes = 24, steps = 6;
  const D zero{};
  Lanes<W> seats(b.doses);
  const double spacing = (b.high_slope - b.low_slope) / (slopes - 1);
  for (int first = 0; first < count; first += lanes) {
    const int here = std::min(lanes, count - first);
    D e = zero;
    for (int lane = 0; lane < here; ++lane) {
      seats.seat(b, probes[first + lane].curve, lane);
      e[lane] = probes[first + lane].midpoint;
    }
    D best = zero + 1e300, from = zero;
    for (int j = 0; j < slopes; ++j) {
      const D l = zero + (b.low_slope + spacing * j);
      const Local<W> at = evaluate<W>(seats, e, l);
      // What a Newton step within the cell still gains, where the sum is convex.
      const D hll = simd::higher(at.fll, zero + 1e-300);
      const D dl = simd::lower(simd::higher(zero - at.fl / hll, zero - spacing), zero + spacing);
      const D gain = at.fll > zero ? at.fl * dl + 0.5 * at.fll * dl * dl : zero;
      const auto better = at.f + gain < best;
      from = better ? l : from;
      best = better ? at.f + gain : best;
    }
    const D low = simd::higher(from - 1.5 * spacing, zero + b.low_slope);
    const D high = simd::lower(from + 1.5 * spacing, zero + b.high_slope);
    D l = from, lowest = zero + 1e300, chosen = from;
    for (int step = 0; step < steps; ++step) {
      const Local<W> at = evaluate<W>(seats, e, l);
      const auto better = at.f < lowest;
      chosen = better ? l : chosen;
      lowest = better ? at.f : lowest;
      const D hll = simd::higher(simd::magnitude(at.fll), zero + 1e-300);
      l = simd::lower(simd::higher(l - at.fl / hll, low), high);
    }
    for (int lane = 0; lane < here; ++lane) {
      out[first + lane] = {chosen[lane], lowest[lane]};
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
      const auto curve = static_cast<std::size_t>(first) + static_cast<std::size_t>(lane);
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
