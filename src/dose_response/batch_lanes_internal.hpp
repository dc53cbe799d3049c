// SPDX-License-Identifier: Apache-2.0
/// \file The batched fit in lanes: value and derivatives of the projected problem, and the safe
/// Newton iteration on it. Each lane works on its own curve and takes the next when it is done.
#pragma once

#include <algorithm>
#include <vector>

#include "dose_response/batch_internal.hpp"
#include "dose_response/simd_internal.hpp"

namespace kinescape::dose_response::batch {

inline constexpr double most_exponent = 300.0;

/// Value, gradient and Hessian of the between-dose residual sum less its total, with both plateaus
/// solved for: -P^2 / Q, where P is the weighted product of curve and data and Q the curve's own
/// sum of squares, both about the mean. Derivatives by midpoint e and log slope l.
template <class W>
struct Local {
  typename W::D f, fe, fl, fee, fel, fll;
};

/// Doses of the curves that sit in the lanes: [dose][lane].
template <class W>
struct Lanes {
  std::vector<double> x, weight, weighted;
  alignas(64) double inverse_total[W::doubles] = {};
  int doses;
  explicit Lanes(int k)
      : x(static_cast<std::size_t>(k) * W::doubles), weight(x), weighted(x), doses(k) {
    std::fill(inverse_total, inverse_total + W::doubles, 1.0);
  }
  void seat(const Block& b, int curve, int lane) {
    const auto row = static_cast<std::size_t>(curve) * static_cast<std::size_t>(doses);
    for (int k = 0; k < doses; ++k) {
      const auto place = static_cast<std::size_t>(k);
      const std::size_t to = place * W::doubles + static_cast<std::size_t>(lane);
      const std::size_t from = row + place;
      x[to] = b.x[from];
      weight[to] = b.weight[from];
      weighted[to] = b.weighted[from];
    }
    inverse_total[lane] = 1.0 / b.total_weight[static_cast<std::size_t>(curve)];
  }
};

template <class W>
KINESCAPE_INLINE Local<W> evaluate(const Lanes<W>& lanes, typename W::D e, typename W::D l) {
  using D = typename W::D;
  const D zero{};
  // The small side of the logistic (share or 1 - share), so that far midpoints keep their shape.
  const D sign = e > zero ? zero - 1.0 : zero + 1.0;
  const D c = sign * (simd::exp<W>(l) * ln10);
  D g1 = zero, g2 = zero, p1 = zero;
  D a0 = zero, a1 = zero, pa0 = zero, pa1 = zero, ga0 = zero, ga1 = zero;
  D aa0 = zero, aa1 = zero, aa2 = zero;
  D b0 = zero, b1 = zero, b2 = zero, pb0 = zero, pb1 = zero, pb2 = zero;
  D gb0 = zero, gb1 = zero, gb2 = zero;
  const double* xs = lanes.x.data();
  const double* ws = lanes.weight.data();
  const double* ys = lanes.weighted.data();
  for (int k = 0; k < lanes.doses; ++k) {
    const int at = k * W::doubles;
    const D w = simd::load<D>(ws + at), y = simd::load<D>(ys + at);
    D t = c * (simd::load<D>(xs + at) - e);
    t = simd::lower(simd::higher(t, zero - most_exponent), zero + most_exponent);
    const D q = simd::exp<W>(t);
    const D g = 1.0 / (1.0 + q);
    const D a = g * (q * g);
    const D b = a * (1.0 - 2.0 * g);
    const D wg = w * g, wa = w * a, wb = w * b, ya = y * a, yb = y * b;
    const D at1 = wa * t, bt1 = wb * t, bt2 = bt1 * t, ybt = yb * t;
    g1 += wg;
    g2 += wg * g;
    p1 += y * g;
    a0 += wa;
    a1 += at1;
    pa0 += ya;
    pa1 += ya * t;
    ga0 += wa * g;
    ga1 += at1 * g;
    aa0 += wa * a;
    aa1 += at1 * a;
    aa2 += (at1 * a) * t;
    b0 += wb;
    b1 += bt1;
    b2 += bt2;
    pb0 += yb;
    pb1 += ybt;
    pb2 += ybt * t;
    gb0 += wb * g;
    gb1 += bt1 * g;
    gb2 += bt2 * g;
  }
  const D m = simd::load<D>(lanes.inverse_total);
  const D q = simd::higher(g2 - g1 * g1 * m, zero + 1e-290);
  const D r = p1 / q;
  const D gm = g1 * m;
  // First and second derivatives of the sums, by the chain rule (t_e = -c, t_l = t).
  const D ge = c * a0, gl = zero - a1;
  const D pe = c * pa0, pl = zero - pa1;
  const D qe = 2.0 * (c * ga0 - gm * ge), ql = 2.0 * (zero - ga1 - gm * gl);
  const D cc = c * c;
  const D pee = cc * pb0, pel = c * (pa0 - pb1), pll = pb2 - pa1;
  const D qee = 2.0 * (cc * (aa0 + gb0) - m * ge * ge - gm * (cc * b0));
  const D qel = 2.0 * (c * (ga0 - gb1 - aa1) - m * ge * gl - gm * (c * (a0 - b1)));
  const D qll = 2.0 * (aa2 + gb2 - ga1 - m * gl * gl - gm * (b2 - a1));
  const D ue = pe - r * qe, ul = pl - r * ql, two_q = 2.0 / q, rr = r * r;
  Local<W> out{};
  out.f = zero - p1 * r;
  out.fe = rr * qe - 2.0 * r * pe;
  out.fl = rr * ql - 2.0 * r * pl;
  out.fee = rr * qee - 2.0 * r * pee - two_q * ue * ue;
  out.fel = rr * qel - 2.0 * r * pel - two_q * ue * ul;
  out.fll = rr * qll - 2.0 * r * pll - two_q * ul * ul;
  return out;
}

/// The Newton step with the Hessian's eigenvalues made positive, no longer than `radius` (in units
/// of a third of a decade and of one e-fold of slope), inside the box.
template <class W>
struct Stride {
  typename W::D e, l, predicted;
};
template <class W>
KINESCAPE_INLINE Stride<W> stride(const Local<W>& at,
                                  typename W::D e,
                                  typename W::D l,
                                  typename W::D radius,
                                  typename W::D e_low,
                                  typename W::D e_high,
                                  typename W::D l_low,
                                  typename W::D l_high) {
  using D = typename W::D;
  const D zero{};
  constexpr double unit = 3.0;  // steps are compared in (3 e, l)
  // In those units.
  const D ge = at.fe / unit, gl = at.fl;
  const D hee = at.fee / (unit * unit), hel = at.fel / unit, hll = at.fll;
  const D half = 0.5 * (hee + hll), diff = 0.5 * (hee - hll);
  const D rad = simd::root(diff * diff + hel * hel);
  const D big = simd::magnitude(half + rad), small = simd::magnitude(half - rad);
  const D floor = 1e-14 * (big + small) + 1e-300;
  const D inv1 = 1.0 / simd::higher(big, floor), inv2 = 1.0 / simd::higher(small, floor);
  // Projections on the eigenspaces: (H - lambda2)/(lambda1 - lambda2) and its complement.
  const D gap = simd::higher(2.0 * rad, zero + 1e-300);
  const D c11 = (diff + rad) / gap, c12 = hel / gap;
  const D u1 = c11 * ge + c12 * gl, u2 = c12 * ge + (1.0 - c11) * gl;
  const auto apart = rad > 1e-14 * (big + small);
  D se = apart ? zero - (inv1 * u1 + inv2 * (ge - u1)) : zero - inv1 * ge;
  D sl = apart ? zero - (inv1 * u2 + inv2 * (gl - u2)) : zero - inv1 * gl;
  const D length = simd::root(se * se + sl * sl);
  const D shrink = length > radius ? radius / simd::higher(length, zero + 1e-300) : zero + 1.0;
  se = se * shrink;
  sl = sl * shrink;
  // A coordinate that would leave the box stops at its wall, one at a wall that the gradient pushes
  // against stays; the other takes the best step given that.
  const D e_down = unit * (e_low - e), e_up = unit * (e_high - e);
  const D l_down = l_low - l, l_up = l_high - l;
  const auto stay_e = ((e_down >= -1e-9) & (ge >= zero)) | ((e_up <= 1e-9) & (ge <= zero));
  const auto stay_l = ((l_down >= -1e-9) & (gl >= zero)) | ((l_up <= 1e-9) & (gl <= zero));
  const D wall_e = stay_e ? zero : simd::lower(simd::higher(se, e_down), e_up);
  const D wall_l = stay_l ? zero : simd::lower(simd::higher(sl, l_down), l_up);
  const auto cut_e = stay_e | (wall_e != se), cut_l = stay_l | (wall_l != sl);
  const D given_e = zero - (ge + hel * wall_l) / simd::higher(simd::magnitude(hee), floor);
  const D given_l = zero - (gl + hel * wall_e) / simd::higher(simd::magnitude(hll), floor);
  const D free_e = simd::lower(simd::higher(given_e, zero - radius), radius);
  const D free_l = simd::lower(simd::higher(given_l, zero - radius), radius);
  // Where one stays the other is free, even if together they would have left by both walls.
  se = stay_e ? zero : ((stay_l | (cut_l & ~cut_e)) ? free_e : wall_e);
  sl = stay_l ? zero : ((stay_e | (cut_e & ~cut_l)) ? free_l : wall_l);
  Stride<W> out{};
  out.e = simd::lower(simd::higher(e + se / unit, e_low), e_high) - e;
  out.l = simd::lower(simd::higher(l + sl, l_low), l_high) - l;
  const D de = out.e * unit;
  out.predicted = zero - (ge * de + gl * out.l +
                          0.5 * (hee * de * de + 2.0 * hel * de * out.l + hll * out.l * out.l));
  return out;
}

template <class W>
KINESCAPE_INLINE void solve(const Block& b, const Task* tasks, int count, Solution* out) {
  using D = typename W::D;
  constexpr int lanes = W::doubles;
  const D zero{};
  Lanes<W> seats(b.doses);
  int who[lanes], steps[lanes];
  D e = zero, l = zero, ce = zero, cl = zero, radius = zero, best = zero, foretold = zero;
  D low = zero, high = zero, settled = zero, within = zero, between = zero;
  Local<W> here{};
  const D l_low = zero + b.low_slope, l_high = zero + b.high_slope;
  int next = 0, busy = 0;
  typename W::L seat_of{};
  for (int lane = 0; lane < lanes; ++lane) {
    who[lane] = -1;
    seat_of[lane] = lane;
  }
  while (true) {
    for (int lane = 0; lane < lanes && next < count; ++lane) {
      if (who[lane] >= 0) continue;
      const Task& task = tasks[next];
      const auto curve = static_cast<std::size_t>(task.curve);
      seats.seat(b, task.curve, lane);
      who[lane] = next++;
      steps[lane] = 0;
      ++busy;
      const auto lane_here = seat_of == static_cast<std::int64_t>(lane);
      const auto put = [&](D& v, double x) { v = lane_here ? simd::all<D>(x) : v; };
      put(ce, task.midpoint);
      put(cl, task.log_slope);
      put(low, b.low[curve]);
      put(high, b.high[curve]);
      put(radius, 0.8);
      put(best, 1e300);
      put(foretold, 0.0);
      put(within, b.within[curve]);
      put(between, b.between[curve]);
      put(settled, 1e-11 * b.within[curve] + 1e-16 * b.between[curve]);
    }
    if (busy == 0) return;
    const Local<W> there = evaluate<W>(seats, ce, cl);
    // Accepted unless it rises by more than rounding.
    const D gain = best - there.f;
    const auto taken = there.f <= best + 1e-15 * simd::magnitude(best);
    const D de = 3.0 * (ce - e), dl = cl - l;
    const D length = simd::root(de * de + dl * dl);
    radius = taken ? (gain > 0.7 * foretold ? simd::lower(2.0 * radius, zero + 3.0)
                                            : (gain < 0.2 * foretold ? 0.5 * radius : radius))
                   : 0.25 * simd::lower(length, radius);
    e = taken ? ce : e;
    l = taken ? cl : l;
    best = taken ? there.f : best;
    here.f = taken ? there.f : here.f;
    here.fe = taken ? there.fe : here.fe;
    here.fl = taken ? there.fl : here.fl;
    here.fee = taken ? there.fee : here.fee;
    here.fel = taken ? there.fel : here.fel;
    here.fll = taken ? there.fll : here.fll;
    const Stride<W> s = stride<W>(here, e, l, radius, low, high, l_low, l_high);
    foretold = s.predicted;
    ce = e + s.e;
    cl = l + s.l;
    // A step this small changes the sum by less than can be told; its error is its square.
    const auto tiny = simd::magnitude(s.e) + simd::magnitude(s.l) < 2e-6;
    const auto flat = simd::magnitude(s.predicted) < settled;
    // On a ridge, where midpoint and slope stand for each other, rounding is all that is left.
    const auto ridge = simd::magnitude(s.predicted) <
                       1e-9 * (within + simd::higher(between + best, zero)) + 1e-14 * between;
    for (int lane = 0; lane < lanes; ++lane) {
      if (who[lane] < 0) continue;
      const bool done =
          tiny[lane] != 0 || flat[lane] != 0 || (steps[lane] > 40 && ridge[lane] != 0);
      if (!done && ++steps[lane] < 100) continue;
      Solution& solution = out[who[lane]];
      const bool step_ok = s.predicted[lane] >= 0.0;
      solution.midpoint = step_ok ? ce[lane] : e[lane];
      solution.log_slope = step_ok ? cl[lane] : l[lane];
      solution.sum = best[lane];
      const double fll = here.fll[lane] > 1e-300 ? here.fll[lane] : 1e-300;
      solution.curvature = here.fee[lane] - here.fel[lane] * here.fel[lane] / fll;
      solution.converged = done;
      who[lane] = -1;
      --busy;
    }
  }
}

}  // namespace kinescape::dose_response::batch
