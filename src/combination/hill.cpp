// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "combination/descent_internal.hpp"
#include "combination/hill_internal.hpp"

namespace kinescape::combination {
namespace {

constexpr double lowest_slope = 0.2, highest_slope = 10.0;
constexpr double window = 4.6;  // of the midpoint beyond the doses: ln 100

struct Points {
  std::vector<double> log_x, y;  // -infinity: no drug
  double lowest = 0.0, highest = 0.0;
};

/// 1 / (1 + (x / c)^h): what is left between the plateaus.
double left(double log_x, double log_c, double slope) {
  return 1.0 / (1.0 + std::exp(slope * (log_x - log_c)));
}

/// Plateaus by linear least squares at a given midpoint and slope, and the sum of squares there.
double project(const Points& p, double log_c, double slope, const HillLimits& lim, Hill& hill) {
  double ss = 0, st = 0, tt = 0, sy = 0, ty = 0;
  for (std::size_t i = 0; i < p.y.size(); ++i) {
    const double s = left(p.log_x[i], log_c, slope), t = 1.0 - s;
    ss += s * s;
    st += s * t;
    tt += t * t;
    sy += s * p.y[i];
    ty += t * p.y[i];
  }
  double top = lim.top, bottom = lim.bottom;
  if (std::isnan(top) && std::isnan(bottom)) {
    const double det = ss * tt - st * st;
    if (!(det > 1e-12 * ss * tt)) return HUGE_VAL;
    top = (sy * tt - ty * st) / det;
    bottom = (ty * ss - sy * st) / det;
    if (bottom < lim.lowest_bottom) {
      bottom = lim.lowest_bottom;
      top = (sy - bottom * st) / ss;
    }
  } else if (std::isnan(bottom)) {
    bottom = tt > 1e-12 ? (ty - top * st) / tt : top;
  } else if (std::isnan(top)) {
    top = ss > 1e-12 ? (sy - bottom * st) / ss : bottom;
  }
  bottom = std::clamp(bottom, lim.lowest_bottom, lim.highest);
  hill = {top, bottom, log_c, slope};
  double sum = 0.0;
  for (std::size_t i = 0; i < p.y.size(); ++i) {
    const double s = left(p.log_x[i], log_c, slope);
    const double r = bottom + (top - bottom) * s - p.y[i];
    sum += r * r;
  }
  return sum;
}

/// Residuals and derivatives by {top, bottom, log_c, log slope}.
struct HillResiduals {
  const Points& p;
  bool operator()(const double* q, double* r, double* jacobian) const {
    const double slope = std::exp(q[3]);
    for (std::size_t i = 0; i < p.y.size(); ++i) {
      const double s = left(p.log_x[i], q[2], slope), span = q[0] - q[1];
      r[i] = q[1] + span * s - p.y[i];
      if (jacobian == nullptr) continue;
      double* d = jacobian + 4 * i;
      const double bend = s * (1.0 - s) * span;
      d[0] = s;
      d[1] = 1.0 - s;
      d[2] = bend * slope;
      d[3] = std::isinf(p.log_x[i]) ? 0.0 : -bend * slope * (p.log_x[i] - q[2]);
    }
    return true;
  }
};

Points points_of(std::span<const double> dose_nM, std::span<const double> response) {
  Points p;
  bool first = true;
  for (std::size_t i = 0; i < dose_nM.size(); ++i) {
    if (std::isnan(response[i])) continue;
    const double x = dose_nM[i] > 0.0 ? std::log(dose_nM[i]) : -HUGE_VAL;
    p.log_x.push_back(x);
    p.y.push_back(response[i]);
    if (std::isinf(x)) continue;
    p.lowest = first ? x : std::min(p.lowest, x);
    p.highest = first ? x : std::max(p.highest, x);
    first = false;
  }
  return p;
}

DescentOptions bounds(const Points& p, const HillLimits& lim) {
  DescentOptions o;
  o.lower = {-1e3, lim.lowest_bottom, p.lowest - window, std::log(lowest_slope)};
  o.upper = {1e3, lim.highest, p.highest + window, std::log(highest_slope)};
  o.held = {
      std::isnan(lim.top) ? char{0} : char{1}, std::isnan(lim.bottom) ? char{0} : char{1}, 0, 0};
  o.tolerance = 1e-9;
  o.most_steps = 60;
  return o;
}

}  // namespace

double value(const Hill& hill, double dose_nM) {
  if (!(dose_nM > 0.0)) return hill.top;
  return hill.bottom + (hill.top - hill.bottom) * left(std::log(dose_nM), hill.log_c, hill.slope);
}

double dose_at(const Hill& hill, double y) {
  const double ratio = (hill.top - y) / (y - hill.bottom);
  if (!(ratio > 0.0) || std::isinf(ratio)) return unknown;
  return std::exp(hill.log_c + std::log(ratio) / hill.slope);
}

Hill fit_hill(std::span<const double> dose_nM,
              std::span<const double> response,
              const HillLimits& limits) {
  const Points p = points_of(dose_nM, response);
  const auto free =
      static_cast<std::size_t>(2 + std::isnan(limits.top) + std::isnan(limits.bottom));
  if (p.y.size() < std::max<std::size_t>(free, 3)) return {};
  Hill best, second, now;
  double best_sum = HUGE_VAL, second_sum = HUGE_VAL;
  const double from = p.lowest - 1.0, to = p.highest + 1.5;
  constexpr int midpoints = 11;
  for (const double slope : {0.5, 0.9, 1.6, 3.0, 7.0}) {
    for (int i = 0; i < midpoints; ++i) {
      const double log_c = from + (to - from) * i / (midpoints - 1);
      const double sum = project(p, log_c, slope, limits, now);
      if (sum < best_sum) {
        second = best;
        second_sum = best_sum;
        best = now;
        best_sum = sum;
      } else if (sum < second_sum) {
        second = now;
        second_sum = sum;
      }
    }
  }
  if (!best.usable()) return {};
  const auto polish = [&](const Hill& h) {
    return descend(HillResiduals{p},
                   p.y.size(),
                   {h.top, h.bottom, h.log_c, std::log(h.slope)},
                   bounds(p, limits));
  };
  Descent d = polish(best);
  if (second.usable() && std::fabs(second.log_c - best.log_c) > 1.5) {
    const Descent e = polish(second);
    if (e.sum < d.sum) d = e;
  }
  return {d.at[0], d.at[1], d.at[2], std::exp(d.at[3])};
}

std::vector<Hill> fit_agents(const Surface& surface, double floor, bool full_range) {
  const std::size_t drugs = surface.axis_nM.size();
  std::vector<Hill> out(drugs);
  HillLimits limits;
  double lowest = floor;
  for (std::size_t k = 0; k < drugs; ++k) {
    for (std::size_t i = 0; i < surface.axis_nM[k].size(); ++i) {
      const double y = surface.viability[i * surface.stride(k)];
      if (y < lowest) lowest = y;
    }
  }
  limits.lowest_bottom = lowest - 0.05;
  std::vector<Points> points(drugs);
  std::vector<std::size_t> used;
  for (std::size_t k = 0; k < drugs; ++k) {
    std::vector<double> y;
    for (std::size_t i = 0; i < surface.axis_nM[k].size(); ++i) {
      y.push_back(surface.viability[i * surface.stride(k)]);
    }
    std::size_t own = 0;
    for (std::size_t i = 1; i < y.size(); ++i) own += !std::isnan(y[i]);
    if (own < 3) continue;
    HillLimits of_this = limits;
    if (std::isnan(y[0]) && own < 4) of_this.top = 1.0;  // no vehicle: what viability means
    if (full_range) {
      of_this.top = 1.0;
      of_this.bottom = floor;
    }
    out[k] = fit_hill(surface.axis_nM[k], y, of_this);
    if (!out[k].usable()) continue;
    points[k] = points_of(surface.axis_nM[k], y);
    used.push_back(k);
  }
  if (full_range || used.size() < 2 || std::isnan(surface.viability[0])) return out;
  // One response without drug for all: {top, then bottom, log_c, log slope of each}.
  std::size_t n = 1;
  for (const std::size_t k : used) n += points[k].y.size() - 1;
  std::vector<double> start{0.0}, lower{-1e3}, upper{1e3};
  for (const std::size_t k : used) {
    start[0] += out[k].top / static_cast<double>(used.size());
    const DescentOptions b = bounds(points[k], limits);
    start.insert(start.end(), {out[k].bottom, out[k].log_c, std::log(out[k].slope)});
    lower.insert(lower.end(), b.lower.begin() + 1, b.lower.end());
    upper.insert(upper.end(), b.upper.begin() + 1, b.upper.end());
  }
  const std::size_t width = start.size();
  const auto residuals = [&](const double* q, double* r, double* jacobian) {
    if (jacobian) std::fill(jacobian, jacobian + n * width, 0.0);
    std::size_t row = 0;
    r[row] = q[0] - surface.viability[0];
    if (jacobian) jacobian[0] = 1.0;
    ++row;
    for (std::size_t u = 0; u < used.size(); ++u) {
      const Points& p = points[used[u]];
      const double* own = q + 1 + 3 * u;
      const double slope = std::exp(own[2]), span = q[0] - own[0];
      for (std::size_t i = 1; i < p.y.size(); ++i, ++row) {
        const double s = left(p.log_x[i], own[1], slope);
        r[row] = own[0] + span * s - p.y[i];
        if (!jacobian) continue;
        double* d = jacobian + row * width;
        const double bend = s * (1.0 - s) * span * slope;
        d[0] = s;
        d[1 + 3 * u] = 1.0 - s;
        d[2 + 3 * u] = bend;
        d[3 + 3 * u] = -bend * (p.log_x[i] - own[1]);
      }
    }
    return true;
  };
  DescentOptions o;
  o.lower = lower;
  o.upper = upper;
  o.tolerance = 1e-10;
  const Descent d = descend(residuals, n, start, o);
  for (std::size_t u = 0; u < used.size(); ++u) {
    out[used[u]] = {d.at[0], d.at[1 + 3 * u], d.at[2 + 3 * u], std::exp(d.at[3 + 3 * u])};
  }
  return out;
}

}  // namespace kinescape::combination
