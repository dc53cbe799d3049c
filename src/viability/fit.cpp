// SPDX-License-Identifier: Apache-2.0
// From nothing to the optimum: starts, variances by restricted likelihood, shifts between repeats.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "viability/model_internal.hpp"

namespace kinescape::viability::model {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Bounds of Theta::at. The lower plateau may undershoot the blank by a tenth of the vehicle: that
// much slack lets noise be noise, and no more keeps "no cells left" the end of every curve.
void bounds_of(const Data& data, Shape shape, int i, double& low, double& high) {
  switch (i) {
    case 0:
      low = data.lowest - 6.0, high = data.highest + 6.0;
      break;
    case 1:
    case 8:
      low = std::log(shape == Shape::brain_cousens ? 1.05 : 0.1), high = std::log(15.0);
      break;
    case 2:
      low = 0.2, high = 5.0;
      break;
    case 3:
      low = -0.1, high = 3.0;
      break;
    case 4:
      low = std::log(0.1), high = std::log(10.0);
      break;
    case 5:
      low = 0.0, high = 20.0;
      break;
    case 6:
      low = -5.0, high = 5.0;
      break;
    default:
      low = std::log(0.3), high = std::log(6.0);
  }
}

void lay_out(const Data& data, Fit& fit, bool shifts) {
  Layout& l = fit.layout;
  const bool top_free = data.normalised;
  l = {};
  l.theta = free_parameters(fit.theta.shape, top_free);
  int next = static_cast<int>(l.theta.size());
  for (std::size_t p = 0; p < data.plates.size(); ++p) {
    l.blank.push_back(!data.normalised && data.has_blank[p] ? next++ : -1);
    l.vehicle.push_back(!data.normalised ? next++ : -1);
    l.edge.push_back(data.fit_edge[p] ? next++ : -1);
    l.gradient.push_back(data.fit_gradient[p] ? next++ : -1);
  }
  if (shifts)
    for (std::size_t r = 0; r < data.repeats.size(); ++r) l.shift.push_back(next++);
  l.size = next;
  const auto n = static_cast<std::size_t>(next);
  fit.lower.assign(n, -infinity);
  fit.upper.assign(n, infinity);
  fit.ridge.assign(n, 0.0);
  for (std::size_t j = 0; j < l.theta.size(); ++j)
    bounds_of(data, fit.theta.shape, l.theta[j], fit.lower[j], fit.upper[j]);
  // A spatial term that the wells do not fix stays near zero: its prior SD is 30 %.
  for (const auto* terms : {&l.edge, &l.gradient})
    for (int i : *terms)
      if (i >= 0) fit.ridge[static_cast<std::size_t>(i)] = 1.0 / 0.09;
}

// Carries p of another layout over: plates as they are, theta from `fit.theta`.
std::vector<double> carried(const Fit& from, const Fit& to) {
  std::vector<double> p(static_cast<std::size_t>(to.layout.size), 0.0);
  for (std::size_t j = 0; j < to.layout.theta.size(); ++j)
    p[j] = std::clamp(
        to.theta.at[static_cast<std::size_t>(to.layout.theta[j])], to.lower[j], to.upper[j]);
  const auto copy = [&](const std::vector<int>& a, const std::vector<int>& b) {
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
      if (a[i] >= 0 && b[i] >= 0)
        p[static_cast<std::size_t>(b[i])] = from.p[static_cast<std::size_t>(a[i])];
  };
  copy(from.layout.blank, to.layout.blank);
  copy(from.layout.vehicle, to.layout.vehicle);
  copy(from.layout.edge, to.layout.edge);
  copy(from.layout.gradient, to.layout.gradient);
  copy(from.layout.shift, to.layout.shift);
  return p;
}

struct Level {
  double blank = 0.0, vehicle = 1.0;
};

std::vector<Level> control_levels(const Data& data) {
  std::vector<Level> levels(data.plates.size());
  for (std::size_t p = 0; p < levels.size() && !data.normalised; ++p) {
    double b = 0.0, nb = 0.0, v = 0.0, nv = 0.0;
    for (const Obs& o : data.obs) {
      if (o.plate != static_cast<int>(p)) continue;
      if (o.blank) b += o.n * o.y, nb += o.n;
      if (o.vehicle) v += o.n * o.y, nv += o.n;
    }
    levels[p].blank = nb > 0.0 ? b / nb : 0.0;
    levels[p].vehicle = nv > 0.0 ? v / nv - levels[p].blank : 1.0;
  }
  return levels;
}

struct Start {
  double q = infinity;
  Theta theta;
};

// Best plateaus for one midpoint and slope, by weighted linear least squares on crude viabilities.
Start start_at(const Data& data,
               const std::vector<Level>& levels,
               Theta theta,
               bool top_free,
               bool bottom_free) {
  double a11 = 0, a12 = 0, a22 = 0, b1 = 0, b2 = 0, yy = 0;
  for (const Obs& o : data.obs) {
    if (o.blank || o.vehicle) continue;
    const Level& level = levels[static_cast<std::size_t>(o.plate)];
    const double y = (o.y - level.blank) / level.vehicle;
    const double sd = 0.03 + 0.05 * std::clamp(y, 0.0, 1.5), w = o.n / (sd * sd);
    std::array<double, 9> d{};
    response(theta, o.log10_dose, d);
    const double t = d[2], b = 1.0 - t;  // y = top t + bottom b
    a11 += w * t * t, a12 += w * t * b, a22 += w * b * b;
    b1 += w * t * y, b2 += w * b * y, yy += w * y * y;
  }
  double top = 1.0, bottom = 0.0;
  if (top_free && bottom_free) {
    const double det = a11 * a22 - a12 * a12;
    if (det > 1e-9 * a11 * a22) {
      top = (a22 * b1 - a12 * b2) / det, bottom = (a11 * b2 - a12 * b1) / det;
    } else {
      top = a11 > 0 ? b1 / a11 : 1.0;
    }
  } else if (bottom_free) {
    bottom = a22 > 1e-9 ? (b2 - a12) / a22 : 0.0;
  } else if (top_free) {
    top = a11 > 0 ? b1 / a11 : 1.0;
  }
  top = std::clamp(top, 0.2, 5.0), bottom = std::clamp(bottom, -0.1, 3.0);
  theta.at[2] = top, theta.at[3] = bottom;
  const double q = yy - 2 * (top * b1 + bottom * b2) + top * top * a11 + 2 * top * bottom * a12 +
                   bottom * bottom * a22;
  return {q, theta};
}

std::vector<Start> starts(const Data& data, Shape shape, bool top_free) {
  const bool bottom_free = shape != Shape::log_logistic2 && shape != Shape::log_logistic3;
  const auto levels = control_levels(data);
  std::vector<Start> all;
  const double low = data.lowest - 1.0, high = data.highest + 1.0;
  const int steps = std::clamp(static_cast<int>(std::ceil((high - low) / 0.25)), 8, 60);
  for (int i = 0; i <= steps; ++i)
    for (double h : {0.5, 1.0, 2.0, 5.0}) {
      Theta theta;
      theta.shape = shape;
      theta.at[0] = low + (high - low) * i / steps;
      theta.at[1] = std::log(shape == Shape::brain_cousens ? std::max(h, 1.3) : h);
      all.push_back(start_at(data, levels, theta, top_free, bottom_free));
    }
  std::stable_sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.q < b.q; });
  std::vector<Start> kept;
  for (const Start& s : all) {
    const bool near = std::any_of(kept.begin(), kept.end(), [&](const Start& k) {
      return std::abs(k.theta.at[0] - s.theta.at[0]) < 0.6 &&
             std::abs(k.theta.at[1] - s.theta.at[1]) < 1.0;
    });
    if (!near) kept.push_back(s);
    if (kept.size() == 4) break;
  }
  return kept;
}

double net_mean(const Obs& o, const Fit& fit) {
  if (o.blank) return 0.0;
  const auto& l = fit.layout;
  const auto plate = static_cast<std::size_t>(o.plate);
  const auto at = [&](int i, double fixed) {
    return i < 0 ? fixed : fit.p[static_cast<std::size_t>(i)];
  };
  double f = 1.0;
  if (!o.vehicle) {
    const double shift = o.repeat >= 0 && !l.shift.empty()
                             ? at(l.shift[static_cast<std::size_t>(o.repeat)], 0.0)
                             : 0.0;
    f = response(fit.theta, o.log10_dose - shift);
  }
  return at(l.vehicle[plate], 1.0) * f *
         (1.0 + at(l.edge[plate], 0.0) * o.edge + at(l.gradient[plate], 0.0) * o.gradient);
}

void apply_variance(const Data& data, Fit& fit) {
  fit.variance.resize(data.obs.size());
  for (std::size_t i = 0; i < data.obs.size(); ++i) {
    const double m = fit.noise.proportional * std::max(0.0, net_mean(data.obs[i], fit));
    fit.variance[i] = fit.noise.additive * fit.noise.additive + m * m;
  }
}

// DerSimonian & Laird 1986 (doi:10.1016/0197-2456(86)90046-2) on the free midpoints of the repeats.
double shift_variance(const Fit& fit) {
  const auto n = static_cast<std::size_t>(fit.layout.size);
  double w_sum = 0, w2 = 0, wb = 0, wbb = 0;
  for (int index : fit.layout.shift) {
    const auto i = static_cast<std::size_t>(index);
    // With theta fixed: what the repeat's own wells and controls say of its own midpoint.
    const double variance = fit.covariance[i * n + i];
    if (!(variance > 0.0)) return 0.0;
    const double w = 1.0 / variance, b = fit.p[i];
    w_sum += w, w2 += w * w, wb += w * b, wbb += w * b * b;
  }
  const double r = static_cast<double>(fit.layout.shift.size());
  const double cochran = wbb - wb * wb / w_sum;
  return std::max(0.0, (cochran - (r - 1.0)) / (w_sum - w2 / w_sum));
}

// Sets the ridge of the shifts to 1 / tau^2.
void set_shifts(Fit& fit, double tau2) {
  for (int i : fit.layout.shift) fit.ridge[static_cast<std::size_t>(i)] = 1.0 / tau2;
  fit.tau = std::sqrt(tau2);
}

// The between-repeat spread of the midpoint, estimated with theta held, then everything together.
Fit with_shifts(const Data& data, const Fit& pooled) {
  Fit fit = pooled;
  fit.layout = {};
  lay_out(data, fit, true);
  fit.p = carried(pooled, fit);
  set_shifts(fit, 1.0);
  for (int round = 0; round < 2; ++round) {
    if (!minimise(data, fit)) return pooled;
    update_variance(data, fit);
  }
  minimise(data, fit);
  // Hold theta: its bounds close on the estimate, so the covariance is that of the shifts.
  Fit held = fit;
  for (std::size_t j = 0; j < held.layout.theta.size(); ++j)
    held.lower[j] = held.upper[j] = held.p[j];
  for (int i : held.layout.shift) held.ridge[static_cast<std::size_t>(i)] = 1e-8;
  minimise(data, held);
  finish(data, held);
  const double tau2 = held.usable ? shift_variance(held) : 0.0;
  if (!(tau2 > 1e-8)) return pooled;
  set_shifts(fit, tau2);
  minimise(data, fit);
  update_variance(data, fit);
  return minimise(data, fit) ? fit : pooled;
}

}  // namespace

void update_variance(const Data& data, Fit& fit) {
  finish(data, fit);
  if (!fit.usable) return;
  // Each observation's squares over its residual degrees of freedom estimate its variance: a
  // gamma model with identity link in (additive^2, proportional^2), as in Smyth & Verbyla 1999.
  const std::vector<Lever> levers = leverages(data, fit);
  struct Cell {
    double squares, df, m2;
  };
  std::vector<Cell> cells;
  double scale = 0.0;
  for (std::size_t i = 0; i < data.obs.size(); ++i) {
    const Obs& o = data.obs[i];
    if (o.reading != plate::Reading::measured) continue;
    const double m = std::max(0.0, net_mean(o, fit));
    scale = std::max(scale, m);
    const double leverage = std::min(levers[i].leverage, 0.999 * std::min(1.0, o.n));
    const double d = levers[i].deviance;
    double squares = d * fit.variance[i], weight = 1.0;
    if (data.student_t) {
      // Squares as the t likelihood weighs them, at its current scale.
      const double raw = 4.0 * std::expm1(d / 5.0);
      weight = 5.0 / (4.0 + raw);
      squares = weight * raw * fit.variance[i];
    }
    cells.push_back({o.within + squares, o.n - leverage, m * m});
  }
  double a = fit.noise.additive * fit.noise.additive;
  double b = fit.noise.proportional * fit.noise.proportional;
  const double floor = 1e-14 * scale * scale + 1e-300;
  for (int it = 0; it < 60; ++it) {
    double s11 = 0, s12 = 0, s22 = 0, r1 = 0, r2 = 0;
    for (const Cell& c : cells) {
      const double v = std::max(a + b * c.m2, floor), w = c.df / (v * v), z = c.squares / c.df;
      s11 += w, s12 += w * c.m2, s22 += w * c.m2 * c.m2, r1 += w * z, r2 += w * c.m2 * z;
    }
    const double det = s11 * s22 - s12 * s12;
    double na = r1 / s11, nb = 0.0;
    if (det > 1e-10 * s11 * s22) {
      na = (s22 * r1 - s12 * r2) / det, nb = (s11 * r2 - s12 * r1) / det;
      if (na < 0.0) na = 0.0, nb = r2 / s22;
      if (nb < 0.0) nb = 0.0, na = r1 / s11;
    }
    // Data without noise: an SD of 1e-5 of the signal keeps the weights finite.
    na = std::max(na, 1e-10 * scale * scale + floor);
    const double moved = std::abs(na - a) / (a + na) + std::abs(nb - b) / (b + nb + 1e-12);
    a = 0.5 * (a + na), b = 0.5 * (b + nb);
    if (moved < 1e-9) break;
  }
  fit.noise = {std::sqrt(a), std::sqrt(b)};
  apply_variance(data, fit);
}

Fit fit_shape(const Data& data, Shape shape) {
  Fit best;
  for (const Start& start : starts(data, shape, data.normalised)) {
    Fit fit;
    fit.theta = start.theta;
    lay_out(data, fit, false);
    const auto levels = control_levels(data);
    fit.p.assign(static_cast<std::size_t>(fit.layout.size), 0.0);
    double v = 0.0;
    for (std::size_t j = 0; j < fit.layout.theta.size(); ++j)
      fit.p[j] = std::clamp(start.theta.at[static_cast<std::size_t>(fit.layout.theta[j])],
                            fit.lower[j],
                            fit.upper[j]);
    for (std::size_t p = 0; p < levels.size(); ++p) {
      if (fit.layout.blank[p] >= 0)
        fit.p[static_cast<std::size_t>(fit.layout.blank[p])] = levels[p].blank;
      if (fit.layout.vehicle[p] >= 0)
        fit.p[static_cast<std::size_t>(fit.layout.vehicle[p])] = levels[p].vehicle;
      v = std::max(v, std::abs(levels[p].vehicle));
    }
    fit.noise = {0.02 * v, 0.05};
    apply_variance(data, fit);
    minimise(data, fit, {}, 40, 1e-7);
    if (!(best.q <= fit.q)) best = fit;
  }
  if (best.layout.size == 0) return best;
  for (int round = 0; round < 4; ++round) {
    update_variance(data, best);
    minimise(data, best, {}, 40, round < 3 ? 1e-7 : 1e-11);
  }
  const double mid = best.theta.at[0];
  if (data.repeats.size() > 1 && shape != Shape::flat && mid > data.lowest - 0.5 &&
      mid < data.highest + 0.5)
    best = with_shifts(data, best);
  finish(data, best);
  return best;
}

Fit refit_shape(const Data& data, const Fit& base, Shape shape) {
  Fit best;
  std::vector<Theta> tries;
  Theta theta = base.theta;
  theta.shape = shape;
  if (shape == Shape::log_logistic5) {
    for (double s : {0.4, 1.0, 2.5}) {
      Theta t = theta;
      t.at[4] = std::log(s);
      tries.push_back(t);
    }
  } else if (shape == Shape::brain_cousens) {
    for (double h : {1.0, 2.0}) {
      Theta t = theta;
      t.at[1] = std::max(t.at[1], std::log(1.5)) + std::log(h);
      t.at[5] = 0.3 * h;
      tries.push_back(t);
    }
  } else if (shape == Shape::biphasic) {
    for (double share : {-0.7, 0.7}) {
      Theta t = theta;
      t.at[0] -= 0.7, t.at[6] = share, t.at[7] = std::log(1.4);
      t.at[1] = std::max(t.at[1], 0.0) + 0.3, t.at[8] = t.at[1];
      tries.push_back(t);
    }
  } else if (shape == Shape::log_logistic2 || shape == Shape::log_logistic3) {
    theta.at[3] = 0.0;
    tries.push_back(theta);
    for (double beyond : {0.3, 1.0, 2.0}) {
      Theta t = theta;
      t.at[0] = data.highest + beyond, t.at[1] = std::log(1.2);
      tries.push_back(t);
    }
  } else {
    tries.push_back(theta);
  }
  for (const Theta& t : tries) {
    Fit fit = base;
    fit.theta = t;
    lay_out(data, fit, !base.layout.shift.empty());
    for (std::size_t r = 0; r < base.layout.shift.size(); ++r)
      fit.ridge[static_cast<std::size_t>(fit.layout.shift[r])] = 1.0 / (base.tau * base.tau);
    fit.p = carried(base, fit);
    minimise(data, fit, {}, 60, 1e-8);
    if (!(best.q <= fit.q)) best = fit;
  }
  finish(data, best);
  return best;
}

}  // namespace kinescape::viability::model
