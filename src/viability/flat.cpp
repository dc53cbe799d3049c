// SPDX-License-Identifier: Apache-2.0
// Is there a response at all? All sigmoids against a constant, the statistic's null distribution
// simulated for the very design: midpoint and slope mean nothing under the null, so no F table
// holds (Davies 1987, doi:10.1093/biomet/74.1.33). Not the largest likelihood ratio but their mean
// counts (Andrews & Ploberger 1994, doi:10.2307/2951753): it has the greatest power on average over
// the weights, and these say that drugs make responses fall and that a weak response is likeliest
// the beginning of a fall at the highest doses.
#include <algorithm>
#include <cmath>

#include "base/stream.hpp"
#include "numeric/distribution.hpp"
#include "viability/classify_internal.hpp"

namespace kinescape::viability {
namespace {

using model::Data;
using model::Obs;

constexpr int draws = 1999;
// Weights of sigmoids that fall with a midpoint above the doses or within, and that rise.
constexpr double end_share = 0.5, falling_share = 0.4, rising_share = 0.1;
enum : std::uint32_t { flat_null = 0xF1A7 };

struct Cell {
  int unit;
  double u, n, y, within;
};

struct FlatDesign {
  std::vector<Cell> cells;
  std::vector<std::vector<double>> basis;  // Unit-free, orthogonal to the levels of the units.
  std::vector<double> log_share;           // Of each as a fall.
  double df = 0.0, wells = 0.0;
  int units = 0;
};

// Wells on the viability scale, their plate's edge and gradient taken off.
FlatDesign design_of(const Data& data, const model::Fit* fit) {
  FlatDesign d;
  d.units = static_cast<int>(data.plates.size());
  std::vector<double> blank(data.plates.size(), 0.0), vehicle(data.plates.size(), 1.0);
  const auto at = [&](int i, double fixed) {
    return fit && i >= 0 ? fit->p[static_cast<std::size_t>(i)] : fixed;
  };
  for (std::size_t p = 0; fit && p < blank.size(); ++p) {
    blank[p] = at(fit->layout.blank[p], 0.0);
    vehicle[p] = at(fit->layout.vehicle[p], 1.0);
  }
  for (const Obs& o : data.obs) {
    if (o.blank) continue;
    const auto p = static_cast<std::size_t>(o.plate);
    double scale = vehicle[p];
    if (fit)
      scale *= 1.0 + at(fit->layout.edge[p], 0.0) * o.edge +
               at(fit->layout.gradient[p], 0.0) * o.gradient;
    const double u = o.vehicle ? -1e9 : std::max(o.log10_dose, -1e9);
    const double y = (o.y - blank[p]) / scale, within = o.within / (scale * scale);
    const auto same = std::find_if(d.cells.begin(), d.cells.end(), [&](const Cell& c) {
      return c.unit == o.plate && std::abs(c.u - u) < 1e-6;
    });
    d.wells += o.n;
    if (same == d.cells.end()) {
      d.cells.push_back({o.plate, u, o.n, y, within});
    } else {
      const double n = same->n + o.n, delta = y - same->y;
      same->within += within + delta * delta * same->n * o.n / n;
      same->y += delta * o.n / n;
      same->n = n;
    }
  }
  d.df = d.wells - d.units - 3.0;
  return d;
}

// Removes the weighted mean of each unit.
void centre(const FlatDesign& d, std::vector<double>& v) {
  for (int unit = 0; unit < d.units; ++unit) {
    double s = 0.0, n = 0.0;
    for (std::size_t i = 0; i < d.cells.size(); ++i)
      if (d.cells[i].unit == unit) s += d.cells[i].n * v[i], n += d.cells[i].n;
    for (std::size_t i = 0; i < d.cells.size(); ++i)
      if (d.cells[i].unit == unit) v[i] -= s / n;
  }
}

// What a sigmoid explains, orthogonal to the levels; empty where that is nothing.
std::vector<double> contrast(const FlatDesign& d, double midpoint, double slope) {
  std::vector<double> v;
  for (const Cell& c : d.cells)
    v.push_back(c.u < -1e8 ? 0.0 : 1.0 / (1.0 + std::pow(10.0, -slope * (c.u - midpoint))));
  centre(d, v);
  double norm = 0.0;
  for (std::size_t i = 0; i < v.size(); ++i) norm += d.cells[i].n * v[i] * v[i];
  if (norm < 1e-6) return {};
  for (std::size_t i = 0; i < v.size(); ++i) v[i] *= d.cells[i].n / std::sqrt(norm);
  return v;
}

void make_basis(FlatDesign& d, double lowest, double highest) {
  std::vector<char> at_end;
  for (double e = lowest - 0.75; e <= highest + 0.75 + 1e-9; e += 0.25)
    for (double h : {0.7, 1.6, 5.0}) {
      auto v = contrast(d, e, h);
      if (v.empty()) continue;
      d.basis.push_back(std::move(v));
      at_end.push_back(e > highest - 1e-9 ? 1 : 0);
    }
  const auto n = static_cast<double>(d.basis.size());
  const auto end = static_cast<double>(std::count(at_end.begin(), at_end.end(), 1));
  for (const char is_end : at_end)
    d.log_share.push_back(std::log(is_end ? end_share / end : falling_share / (n - end)));
}

double product(const std::vector<double>& a, const std::vector<double>& b) {
  double s = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) s += a[i] * b[i];
  return s;
}

// Log of the mean likelihood ratio of a sigmoid against a constant.
double mean_ratio(const FlatDesign& d, std::vector<double> y, double within) {
  centre(d, y);
  double rss = within;
  for (std::size_t i = 0; i < y.size(); ++i) rss += d.cells[i].n * y[i] * y[i];
  if (d.basis.empty() || !(rss > 0.0)) return 0.0;
  const double log_rising = std::log(rising_share / static_cast<double>(d.basis.size()));
  std::vector<double> logs;
  for (std::size_t k = 0; k < d.basis.size(); ++k) {
    const double s = product(d.basis[k], y);
    const double ratio = -0.5 * (d.df + 2.0) * std::log1p(-std::min(s * s / rss, 1.0 - 1e-15));
    logs.push_back(ratio + (s < 0.0 ? d.log_share[k] : log_rising));
  }
  const double most = *std::max_element(logs.begin(), logs.end());
  double sum = 0.0;
  for (const double l : logs) sum += std::exp(l - most);
  return most + std::log(sum);
}

}  // namespace

std::string FlatTest::key(const model::Data& data) {
  std::string k;
  for (const Cell& c : design_of(data, nullptr).cells)
    k += std::to_string(c.unit) + " " + std::to_string(std::llround(c.u * 1e4)) + " " +
         std::to_string(static_cast<int>(c.n)) + ";";
  return k;
}

FlatTest::FlatTest(const model::Data& data) {
  FlatDesign d = design_of(data, nullptr);
  if (d.df < 1.0) return;
  make_basis(d, data.lowest, data.highest);
  std::vector<double> y(d.cells.size());
  for (std::uint64_t k = 0; k < draws; ++k) {
    Stream stream(Seed{0x9E3779B97F4A7C15ULL}, flat_null, k);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = stream.normal() / std::sqrt(d.cells[i].n);
    const double pure = d.wells - static_cast<double>(d.cells.size());
    null_.push_back(mean_ratio(d, y, pure > 0.0 ? 2.0 * stream.gamma(0.5 * pure) : 0.0));
  }
  std::sort(null_.begin(), null_.end());
}

double FlatTest::p(const model::Data& data, const model::Fit& fit) const {
  if (null_.empty()) return unknown;
  FlatDesign d = design_of(data, &fit);
  make_basis(d, data.lowest, data.highest);
  std::vector<double> y;
  double within = 0.0;
  for (const Cell& c : d.cells) y.push_back(c.y), within += c.within;
  const double t = mean_ratio(d, y, within);
  const auto above =
      static_cast<double>(null_.end() - std::lower_bound(null_.begin(), null_.end(), t));
  const double counted = (above + 1.0) / (draws + 1.0);
  // Beyond the draws: a likelihood ratio is as large as t at most once in e^t times.
  const double t99 = null_[static_cast<std::size_t>(0.99 * draws)];
  return t > t99 ? 0.01 * std::exp(t99 - t) : counted;
}

}  // namespace kinescape::viability
