// SPDX-License-Identifier: Apache-2.0
// Where to start: a grid over the parameters that enter nonlinearly, with the others solved for.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "dose_response/fit_internal.hpp"

namespace kinescape::dose_response::internal {
namespace {

using enum Parameter;

/// Weighted linear least squares on at most three columns, by modified Gram-Schmidt.
struct Linear {
  std::array<double, 3> coefficient{};
  double residual_sum = std::numeric_limits<double>::infinity();
};

Linear solve(std::array<std::vector<double>, 3>& column,
             std::size_t columns,
             std::vector<double> rhs) {
  std::array<std::array<double, 3>, 3> r{};
  std::array<double, 3> projected{};
  Linear out;
  const std::size_t n = rhs.size();
  const auto dot = [n](const std::vector<double>& a, const std::vector<double>& b) {
    double s = 0.0;
    for (std::size_t i = 0; i < n; ++i) s += a[i] * b[i];
    return s;
  };
  for (std::size_t c = 0; c < columns; ++c) {
    const double before = std::sqrt(dot(column[c], column[c]));
    for (std::size_t b = 0; b < c; ++b) {
      r[b][c] = dot(column[b], column[c]);
      for (std::size_t i = 0; i < n; ++i) column[c][i] -= r[b][c] * column[b][i];
    }
    r[c][c] = std::sqrt(dot(column[c], column[c]));
    if (!(r[c][c] > 1e-9 * before)) return out;  // not separable here: not a place to start
    for (double& v : column[c]) v /= r[c][c];
    projected[c] = dot(column[c], rhs);
    for (std::size_t i = 0; i < n; ++i) rhs[i] -= projected[c] * column[c][i];
  }
  for (std::size_t c = columns; c-- > 0;) {
    double v = projected[c];
    for (std::size_t b = c + 1; b < columns; ++b) v -= r[c][b] * out.coefficient[b];
    out.coefficient[c] = v / r[c][c];
  }
  out.residual_sum = dot(rhs, rhs);
  return out;
}

/// Solves for the linear parameters of `c` and returns the residual sum. The columns are the
/// responses of unit curves, so that any shape that is linear in them will do.
double project(Curve& c, const DoseMeans& data) {
  std::array<Parameter, 3> linear{};
  std::size_t columns = 0;
  for (const Parameter p : free_parameters(c.shape)) {
    if (p == top || p == bottom || p == hormesis) linear[columns++] = p;
  }
  Curve unit = c;
  for (std::size_t i = 0; i < columns; ++i) unit[linear[i]] = 0.0;
  const std::size_t n = data.mean.size();
  std::vector<double> rhs(n), base(n);
  for (std::size_t i = 0; i < n; ++i) {
    base[i] = value(unit, data.dose_nM[i]);
    rhs[i] = std::sqrt(data.weight[i]) * (data.mean[i] - base[i]);
  }
  if (columns == 0) {
    double s = 0.0;
    for (const double v : rhs) s += v * v;
    return s;
  }
  std::array<std::vector<double>, 3> column;
  for (std::size_t k = 0; k < columns; ++k) {
    unit[linear[k]] = 1.0;
    column[k].resize(n);
    for (std::size_t i = 0; i < n; ++i) {
      column[k][i] = std::sqrt(data.weight[i]) * (value(unit, data.dose_nM[i]) - base[i]);
    }
    unit[linear[k]] = 0.0;
  }
  const Linear best = solve(column, columns, rhs);
  for (std::size_t k = 0; k < columns; ++k) c[linear[k]] = best.coefficient[k];
  return best.residual_sum;
}

struct Cell {
  double residual_sum = std::numeric_limits<double>::infinity();
  Curve curve;
};

/// Places of everything that enters nonlinearly but the first midpoint.
std::vector<Curve> forms(Shape shape, const FitOptions& options, double sign, double finer) {
  const bool two = shape == Shape::biphasic, five = shape == Shape::log_logistic5;
  std::vector<Curve> all;
  Curve c;
  c.shape = shape;
  const double step = 1.0 + (two ? 1.2 : 0.45) / finer;
  for (double h = std::max(0.2, options.lowest_slope); h <= std::min(15.0, options.highest_slope);
       h *= step) {
    c[hill_slope] = sign * h;
    for (const double tail : five ? std::vector<double>{0.3, 1.0, 3.0} : std::vector<double>{1.0}) {
      c[asymmetry] = tail;
      if (!two) {
        all.push_back(c);
        continue;
      }
      for (const double second : {0.8, 2.0, 5.0}) {
        for (const double share : {0.2, 0.5, 0.8}) {
          c[hill_slope_b] = second;
          c[fraction] = share;
          all.push_back(c);
        }
      }
    }
  }
  return all;
}

}  // namespace

std::vector<std::vector<Curve>> grid_cells(
    Shape shape, const DoseMeans& data, const FitOptions& options, double sign, double finer) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const double d : data.dose_nM) {
    if (d > 0.0) {
      low = std::min(low, std::log10(d));
      high = std::max(high, std::log10(d));
    }
  }
  if (!(low <= high)) return {};
  const bool two = shape == Shape::biphasic;
  // Half a decade finer than the doses usually are; the window's far ends matter less.
  const double from = low - std::min(2.0, options.decades_below);
  const double to = high + std::min(2.0, options.decades_above);
  const int steps = static_cast<int>(std::lround((two ? 14 : 48) * finer));
  const std::vector<Curve> of_form = forms(shape, options, sign, finer);
  std::vector<std::vector<Curve>> rows;
  for (int i = 0; i <= steps; ++i) {
    auto& row = rows.emplace_back();
    for (Curve c : of_form) {
      c[log10_ec50] = from + (to - from) * i / steps;
      if (!two) {
        row.push_back(c);
        continue;
      }
      for (int j = i + 1; j <= steps; ++j) {
        c[log10_ec50_b] = from + (to - from) * j / steps;
        row.push_back(c);
      }
    }
  }
  return rows;
}

std::vector<Curve> grid_starts(
    Shape shape, const DoseMeans& data, const FitOptions& options, double sign, std::size_t most) {
  const auto rows = shape == Shape::flat ? std::vector<std::vector<Curve>>{}
                                         : grid_cells(shape, data, options, sign, 1.0);
  if (rows.empty()) {
    Curve c;
    c.shape = shape;
    double sum = 0.0;
    for (std::size_t i = 0; i < data.mean.size(); ++i) sum += data.weight[i] * data.mean[i];
    c[top] = sum / data.total_weight;
    return {c};
  }
  std::vector<Cell> best_at;
  for (const auto& row : rows) {
    Cell& best = best_at.emplace_back();
    for (Curve trial : row) {
      const double sum = project(trial, data);
      if (sum < best.residual_sum) best = {sum, trial};
    }
  }
  // Best cells first; neighbours along the midpoint lead to the same optimum, so local ones only.
  std::vector<Cell> local;
  for (std::size_t i = 0; i < best_at.size(); ++i) {
    const double now = best_at[i].residual_sum;
    const bool below = i == 0 || now <= best_at[i - 1].residual_sum;
    const bool above = i + 1 == best_at.size() || now <= best_at[i + 1].residual_sum;
    if (below && above && std::isfinite(now)) local.push_back(best_at[i]);
  }
  std::stable_sort(local.begin(), local.end(), [](const Cell& a, const Cell& b) {
    return a.residual_sum < b.residual_sum;
  });
  std::vector<Curve> starts;
  for (std::size_t i = 0; i < std::min(most, local.size()); ++i) starts.push_back(local[i].curve);
  return starts;
}

}  // namespace kinescape::dose_response::internal
