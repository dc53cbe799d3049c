// SPDX-License-Identifier: Apache-2.0
#include "combination/reference.hpp"

#include <algorithm>
#include <cmath>

#include "combination/hill_internal.hpp"

namespace kinescape::combination {
namespace {

struct Work {
  const Surface& surface;
  const ScoreOptions& options;
  std::vector<Hill> curves;
  PointScores out;

  [[nodiscard]] std::size_t drugs() const { return surface.axis_nM.size(); }

  /// What agent k alone does at its dose of cell i: measured, or read off its curve.
  [[nodiscard]] double alone(std::size_t i, std::size_t k) const {
    const std::size_t at = surface.at(i, k);
    const double measured = surface.viability[at * surface.stride(k)];
    if (!std::isnan(measured) || !curves[k].usable()) return measured;
    return value(curves[k], surface.axis_nM[k][at]);
  }
  [[nodiscard]] double fitted_alone(std::size_t i, std::size_t k) const {
    return curves[k].usable() ? value(curves[k], surface.axis_nM[k][surface.at(i, k)]) : unknown;
  }
  [[nodiscard]] bool combined(std::size_t i) const {
    for (std::size_t k = 0; k < drugs(); ++k) {
      if (surface.at(i, k) == 0) return false;
    }
    return true;
  }
};

double log_total(const std::vector<Hill>& curves, const std::vector<double>& dose, double y) {
  double sum = 0.0;
  for (std::size_t k = 0; k < curves.size(); ++k) {
    if (!(dose[k] > 0.0)) continue;
    const double d = dose_at(curves[k], y);
    if (d == d) sum += dose[k] / d;
  }
  return std::log(sum);
}

/// Loewe's equation on s = logit of the way from the top to the weakest bottom, where the
/// logarithm of the sum falls almost linearly: secant steps inside a bracket.
double solve_loewe(const std::vector<Hill>& curves, const std::vector<double>& dose) {
  double top = unknown, weakest = -HUGE_VAL;
  for (std::size_t k = 0; k < curves.size(); ++k) {
    if (!(dose[k] > 0.0)) continue;
    if (!curves[k].usable()) return unknown;
    top = curves[k].top;
    weakest = std::max(weakest, curves[k].bottom);
  }
  const double span = top - weakest;
  if (!(span > 1e-9)) return unknown;
  const auto y_of = [&](double s) { return top - span / (1.0 + std::exp(-s)); };
  double low = -34.0, high = 34.0;
  double f_low = log_total(curves, dose, y_of(low)), f_high = log_total(curves, dose, y_of(high));
  if (!(f_low > 0.0)) return top;  // doses so low that nothing is seen of them
  if (!(f_high < 0.0)) return unknown;
  double s = 0.0;
  int side = 0;
  for (int it = 0; it < 200; ++it) {
    s = std::isfinite(f_low) && std::isfinite(f_high)
            ? (low * f_high - high * f_low) / (f_high - f_low)
            : 0.5 * (low + high);
    if (!(s > low && s < high) || it % 8 == 7) s = 0.5 * (low + high);
    const double f = log_total(curves, dose, y_of(s));
    if (std::fabs(f) < 1e-13 || high - low < 1e-12) break;
    if (f > 0.0) {
      low = s;
      f_low = f;
      if (side == 1) f_high *= 0.5;
      side = 1;
    } else {
      high = s;
      f_high = f;
      if (side == -1) f_low *= 0.5;
      side = -1;
    }
  }
  return y_of(s);
}

std::vector<double> doses_of(const Surface& surface, std::size_t i) {
  std::vector<double> dose(surface.axis_nM.size());
  for (std::size_t k = 0; k < dose.size(); ++k) dose[k] = surface.axis_nM[k][surface.at(i, k)];
  return dose;
}

void simple_references(Work& w, std::size_t i) {
  double best = HUGE_VAL, product = 1.0;
  for (std::size_t k = 0; k < w.drugs(); ++k) {
    const double y = w.alone(i, k);
    product *= y;
    best = std::isnan(y) || std::isnan(best) ? unknown : std::min(best, y);
  }
  w.out.expected[static_cast<std::size_t>(Reference::hsa)][i] = best;
  w.out.expected[static_cast<std::size_t>(Reference::bliss)][i] = product;
}

/// The curve along drug k through cell `first` (its cell with no dose of k), fitted, into `sum`.
void refit_slice(Work& w, std::size_t first, std::size_t k, std::vector<double>& sum) {
  const auto& axis = w.surface.axis_nM[k];
  const std::size_t step = w.surface.stride(k);
  HillLimits limits;
  limits.lowest_bottom = std::min(w.options.floor, 0.0) - 0.05;
  std::vector<double> dose, y;
  for (std::size_t i = 1; i < axis.size(); ++i) {
    const double v = w.surface.viability[first + i * step];
    if (std::isnan(v)) continue;
    dose.push_back(axis[i]);
    y.push_back(v);
    limits.lowest_bottom = std::min(limits.lowest_bottom, v - 0.05);
  }
  if (w.drugs() == 2) {
    limits.top = w.fitted_alone(first, 1 - k);
  } else {
    limits.top = w.surface.viability[first];
  }
  if (w.options.full_range) limits.bottom = w.options.floor;
  const Hill hill = std::isnan(limits.top) ? Hill{} : fit_hill(dose, y, limits);
  for (std::size_t i = 1; i < axis.size(); ++i) {
    sum[first + i * step] += hill.usable() ? value(hill, axis[i]) : unknown;
  }
}

void zip(Work& w) {
  const std::size_t n = w.surface.size();
  std::vector<double> sum(n, 0.0);
  for (std::size_t k = 0; k < w.drugs(); ++k) {
    for (std::size_t i = 0; i < n; ++i) {
      if (w.surface.at(i, k) != 0) continue;
      bool others = true;
      for (std::size_t j = 0; j < w.drugs(); ++j) others = others && (j == k || w.surface.at(i, j));
      if (others) refit_slice(w, i, k, sum);
    }
  }
  const auto z = static_cast<std::size_t>(Reference::zip);
  for (std::size_t i = 0; i < n; ++i) {
    if (!w.combined(i)) continue;
    double product = 1.0;
    for (std::size_t k = 0; k < w.drugs(); ++k) product *= w.fitted_alone(i, k);
    w.out.expected[z][i] = product;
    w.out.zip_fitted[i] = sum[i] / static_cast<double>(w.drugs());
  }
}

void finish(Work& w) {
  for (const Reference ref : references) {
    const auto m = static_cast<std::size_t>(ref);
    double total = 0.0;
    for (std::size_t i = 0; i < w.surface.size(); ++i) {
      if (!w.combined(i) || std::isnan(w.surface.viability[i])) continue;
      const double seen = ref == Reference::zip ? w.out.zip_fitted[i] : w.surface.viability[i];
      const double delta = 100.0 * (w.out.expected[m][i] - seen);
      if (std::isnan(delta)) continue;
      w.out.delta[m][i] = delta;
      total += delta;
      ++w.out.cells[m];
    }
    if (w.out.cells[m] > 0) w.out.summary[m] = total / w.out.cells[m];
  }
}

}  // namespace

std::string_view name(Reference reference) {
  constexpr std::array<std::string_view, reference_count> names{"HSA", "Bliss", "Loewe", "ZIP"};
  return names[static_cast<std::size_t>(reference)];
}

std::string_view key(Reference reference) {
  constexpr std::array<std::string_view, reference_count> keys{"hsa", "bliss", "loewe", "zip"};
  return keys[static_cast<std::size_t>(reference)];
}

PointScores score(const Surface& surface, const ScoreOptions& options) {
  Work w{surface, options, {}, {}};
  const std::size_t n = surface.size();
  for (auto& v : w.out.expected) v.assign(n, unknown);
  for (auto& v : w.out.delta) v.assign(n, unknown);
  w.out.zip_fitted.assign(n, unknown);
  const auto wants = [&](Reference r) { return options.wanted[static_cast<std::size_t>(r)]; };
  bool gaps = false;  // single agents missing at doses of the combinations
  for (std::size_t k = 0; k < w.drugs(); ++k) {
    for (std::size_t i = 1; i < surface.axis_nM[k].size(); ++i) {
      gaps = gaps || std::isnan(surface.viability[i * surface.stride(k)]);
    }
  }
  w.curves.assign(w.drugs(), {});
  if (gaps || wants(Reference::loewe) || wants(Reference::zip)) {
    w.curves = fit_agents(surface, options.floor, options.full_range);
  }
  for (const Hill& h : w.curves) {
    w.out.agents.push_back({h.top, h.bottom, std::exp(h.log_c), h.slope});
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (!w.combined(i)) continue;
    simple_references(w, i);
    if (std::isnan(surface.viability[i])) continue;
    ++w.out.combined_cells;
    if (!wants(Reference::loewe)) continue;
    const double y = solve_loewe(w.curves, doses_of(surface, i));
    w.out.expected[static_cast<std::size_t>(Reference::loewe)][i] = y;
    w.out.loewe_undefined += std::isnan(y);
  }
  if (wants(Reference::zip)) zip(w);
  finish(w);
  return std::move(w.out);
}

double loewe_viability(const std::vector<Agent>& agents, const std::vector<double>& dose_nM) {
  std::vector<Hill> curves;
  for (const Agent& a : agents) {
    curves.push_back({a.top, a.bottom, std::log(a.ec50_nM), a.hill_slope});
  }
  return solve_loewe(curves, dose_nM);
}

}  // namespace kinescape::combination
