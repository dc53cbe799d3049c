// SPDX-License-Identifier: Apache-2.0
// Is there a response at all? The largest F of any sigmoid against a constant, with its null
// distribution simulated for the very design: midpoint and slope mean nothing under the null, so
// no F table holds (Davies 1987, doi:10.1093/biomet/74.1.33).
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
enum : std::uint32_t { flat_null = 0xF1A7 };

struct Cell {
  int unit;
  double u, n, y, within;
};

struct Design {
  std::vector<Cell> cells;
  std::vector<std::vector<double>> basis;  // Unit-free, orthogonal to the levels of the units.
  double df = 0.0, wells = 0.0;
  int units = 0;
};

// Wells on the viability scale, their plate's edge and gradient taken off.
Design design_of(const Data& data, const model::Fit* fit) {
  Design d;
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
void centre(const Design& d, std::vector<double>& v) {
  for (int unit = 0; unit < d.units; ++unit) {
    double s = 0.0, n = 0.0;
    for (std::size_t i = 0; i < d.cells.size(); ++i)
      if (d.cells[i].unit == unit) s += d.cells[i].n * v[i], n += d.cells[i].n;
    for (std::size_t i = 0; i < d.cells.size(); ++i)
      if (d.cells[i].unit == unit) v[i] -= s / n;
  }
}

void make_basis(Design& d, double lowest, double highest) {
  for (double e = lowest - 0.75; e <= highest + 0.75 + 1e-9; e += 0.25)
    for (double h : {0.7, 1.6, 5.0}) {
      std::vector<double> v;
      for (const Cell& c : d.cells)
        v.push_back(c.u < -1e8 ? 0.0 : 1.0 / (1.0 + std::pow(10.0, -h * (c.u - e))));
      centre(d, v);
      double norm = 0.0;
      for (std::size_t i = 0; i < v.size(); ++i) norm += d.cells[i].n * v[i] * v[i];
      if (norm < 1e-6) continue;
      for (std::size_t i = 0; i < v.size(); ++i) v[i] *= d.cells[i].n / std::sqrt(norm);
      d.basis.push_back(std::move(v));
    }
}

double largest_f(const Design& d, std::vector<double> y, double within) {
  centre(d, y);
  double rss = within, most = 0.0;
  for (std::size_t i = 0; i < y.size(); ++i) rss += d.cells[i].n * y[i] * y[i];
  for (const auto& v : d.basis) {
    double s = 0.0;
    for (std::size_t i = 0; i < y.size(); ++i) s += v[i] * y[i];
    most = std::max(most, s * s);
  }
  return most * d.df / std::max(rss - most, 1e-300);
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
  Design d = design_of(data, nullptr);
  if (d.df < 1.0) return;
  make_basis(d, data.lowest, data.highest);
  std::vector<double> y(d.cells.size());
  for (std::uint64_t k = 0; k < draws; ++k) {
    Stream stream(Seed{0x9E3779B97F4A7C15ULL}, flat_null, k);
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = stream.normal() / std::sqrt(d.cells[i].n);
    const double pure = d.wells - static_cast<double>(d.cells.size());
    null_.push_back(largest_f(d, y, pure > 0.0 ? 2.0 * stream.gamma(0.5 * pure) : 0.0));
  }
  std::sort(null_.begin(), null_.end());
  df_ = d.df;
}

double FlatTest::p(const model::Data& data, const model::Fit& fit) const {
  if (null_.empty()) return unknown;
  Design d = design_of(data, &fit);
  make_basis(d, data.lowest, data.highest);
  std::vector<double> y;
  double within = 0.0;
  for (const Cell& c : d.cells) y.push_back(c.y), within += c.within;
  const double f = largest_f(d, y, within);
  const auto above =
      static_cast<double>(null_.end() - std::lower_bound(null_.begin(), null_.end(), f));
  const double counted = (above + 1.0) / (draws + 1.0);
  // Beyond the draws: the tail of F(2, df), set to the simulated 99th percentile.
  const double f99 = null_[static_cast<std::size_t>(0.99 * draws)];
  if (!(f > f99)) return counted;
  return 0.01 * numeric::f_upper(f / 2.0, 2.0, df_) / numeric::f_upper(f99 / 2.0, 2.0, df_);
}

}  // namespace kinescape::viability
