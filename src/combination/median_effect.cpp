// SPDX-License-Identifier: Apache-2.0
#include "combination/median_effect.hpp"

#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "combination/hill_internal.hpp"

namespace kinescape::combination {
namespace {

bool inside(double fa) {
  return fa > 0.005 && fa < 0.995;
}

MedianLine line_of(const Surface& s, std::size_t k) {
  MedianLine out;
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0;
  for (std::size_t i = 1; i < s.axis_nM[k].size(); ++i) {
    const double fa = 1.0 - s.viability[i * s.stride(k)];
    if (!inside(fa)) continue;
    const double x = std::log(s.axis_nM[k][i]), y = std::log(fa / (1.0 - fa));
    n += 1;
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
    syy += y * y;
  }
  out.points = static_cast<int>(n);
  const double vx = n * sxx - sx * sx, vy = n * syy - sy * sy, c = n * sxy - sx * sy;
  if (n < 2 || !(vx > 0.0)) return out;
  out.m = c / vx;
  out.dm_nM = std::exp(-(sy - out.m * sx) / n / out.m);
  out.r = vy > 0.0 ? c / std::sqrt(vx * vy) : unknown;
  return out;
}

/// Where a falling series crosses `level`, log-linear between neighbours.
double crossing(const std::vector<double>& dose, const std::vector<double>& y, double level) {
  for (std::size_t i = 1; i + 1 < dose.size(); ++i) {
    if (std::isnan(y[i]) || std::isnan(y[i + 1]) || !(y[i] >= level && y[i + 1] < level)) continue;
    const double t = (y[i] - level) / (y[i] - y[i + 1]);
    return std::exp(std::log(dose[i]) + t * (std::log(dose[i + 1]) - std::log(dose[i])));
  }
  return unknown;
}

}  // namespace

MedianEffect median_effect(const Surface& surface) {
  MedianEffect out;
  const std::size_t drugs = surface.axis_nM.size();
  for (std::size_t k = 0; k < drugs; ++k) out.lines.push_back(line_of(surface, k));
  double sum = 0.0;
  std::vector<double> reduction(drugs, 0.0);
  int n = 0;
  for (std::size_t i = 0; i < surface.size(); ++i) {
    IndexCell cell;
    bool all = !std::isnan(surface.viability[i]);
    for (std::size_t k = 0; k < drugs; ++k) {
      cell.dose_nM[k] = surface.axis_nM[k][surface.at(i, k)];
      all = all && cell.dose_nM[k] > 0.0;
    }
    if (!all) continue;
    cell.affected = 1.0 - surface.viability[i];
    cell.dose_reduction.fill(unknown);
    if (inside(cell.affected)) {
      const double odds = std::log(cell.affected / (1.0 - cell.affected));
      double index = 0.0;
      for (std::size_t k = 0; k < drugs; ++k) {
        const MedianLine& l = out.lines[k];
        const double alone = l.m > 0.0 ? l.dm_nM * std::exp(odds / l.m) : unknown;
        cell.dose_reduction[k] = alone / cell.dose_nM[k];
        index += cell.dose_nM[k] / alone;
      }
      cell.combination_index = index;
    }
    if (cell.affected >= 0.05 && cell.affected <= 0.95 && cell.combination_index > 0.0) {
      sum += std::log(cell.combination_index);
      for (std::size_t k = 0; k < drugs; ++k) reduction[k] += std::log(cell.dose_reduction[k]);
      ++n;
    }
    out.cells.push_back(cell);
  }
  if (n > 0) out.combination_index.value = std::exp(sum / n);
  out.dose_reduction.resize(drugs);
  for (std::size_t k = 0; k < drugs && n > 0; ++k) {
    out.dose_reduction[k].value = std::exp(reduction[k] / n);
  }
  return out;
}

Isobologram isobologram(const Surface& surface, const SurfaceFit& fit) {
  Isobologram out;
  if (surface.axis_nM.size() != 2 || !fit.usable()) {
    out.why = "no surface was fitted";
    return out;
  }
  const auto value_of = [&](const char* key) {
    const Estimated* e = fit.find(key);
    return e ? e->value : unknown;
  };
  const Hill a{
      value_of("e0"), value_of("e1"), std::log(value_of("ec50_a_nM")), value_of("hill_slope_a")};
  const Hill b{
      value_of("e0"), value_of("e2"), std::log(value_of("ec50_b_nM")), value_of("hill_slope_b")};
  const double weaker = std::max(a.bottom, b.bottom);
  out.level = weaker < 0.45 ? 0.5 : 0.5 * (a.top + weaker);
  out.alone_a_nM = dose_at(a, out.level);
  out.alone_b_nM = dose_at(b, out.level);
  if (std::isnan(out.alone_a_nM) || std::isnan(out.alone_b_nM)) {
    out.why = "one drug alone never reaches " + rounded(100.0 * out.level) + " % viability";
    return out;
  }
  const double top_a = surface.axis_nM[0].back(), top_b = surface.axis_nM[1].back();
  if (out.alone_a_nM > 2.0 * top_a || out.alone_b_nM > 2.0 * top_b) {
    out.why = "one drug alone reaches " + rounded(100.0 * out.level) +
              " % viability only far above its doses";
    out.alone_a_nM = out.alone_b_nM = unknown;
    return out;
  }
  constexpr int steps = 40;
  for (int i = 0; i <= steps; ++i) {
    const double dose_a = out.alone_a_nM * i / steps;
    double low = 0.0, high = out.alone_b_nM * 1e3;
    if (predict(fit, dose_a, low) <= out.level) {
      out.fitted.push_back({dose_a, 0.0});
      break;
    }
    if (predict(fit, dose_a, high) > out.level) continue;
    for (int it = 0; it < 60; ++it) {
      const double middle = 0.5 * (low + high);
      (predict(fit, dose_a, middle) > out.level ? low : high) = middle;
    }
    out.fitted.push_back({dose_a, high});
  }
  const auto& da = surface.axis_nM[0];
  const auto& db = surface.axis_nM[1];
  for (std::size_t i = 1; i < da.size(); ++i) {
    std::vector<double> y;
    for (std::size_t j = 0; j < db.size(); ++j) y.push_back(surface.viability[i * db.size() + j]);
    const double at = crossing(db, y, out.level);
    if (!std::isnan(at)) out.measured.push_back({da[i], at});
  }
  for (std::size_t j = 1; j < db.size(); ++j) {
    std::vector<double> y;
    for (std::size_t i = 0; i < da.size(); ++i) y.push_back(surface.viability[i * db.size() + j]);
    const double at = crossing(da, y, out.level);
    if (!std::isnan(at)) out.measured.push_back({at, db[j]});
  }
  return out;
}

}  // namespace kinescape::combination
