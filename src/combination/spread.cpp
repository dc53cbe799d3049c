// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "combination/spread_internal.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::combination {
namespace {

/// Delete-one-repeat jackknife: for a linear number it is the repeats' own standard error.
void by_repeats(const Cells& cells, const Functional& f, Spread& out) {
  const std::size_t repeats = cells.repeats(), m = out.value.size();
  const auto r_count = static_cast<double>(repeats);
  std::vector<std::vector<double>> without;
  for (std::size_t r = 0; r < repeats; ++r) {
    std::vector<bool> keep(repeats, true);
    keep[r] = false;
    without.push_back(f(mean_of(cells, keep)));
  }
  out.parts.assign(repeats, std::vector<double>(m));
  for (std::size_t i = 0; i < m; ++i) {
    double mean = 0.0;
    for (std::size_t r = 0; r < repeats; ++r) mean += without[r][i] / r_count;
    double sum = 0.0;
    for (std::size_t r = 0; r < repeats; ++r) {
      const double part = std::sqrt((r_count - 1.0) / r_count) * (mean - without[r][i]);
      out.parts[r][i] = part;
      sum += part * part;
    }
    out.se[i] = std::sqrt(sum);
    out.df[i] = r_count - 1.0;
  }
  out.by_repeat = true;
  out.status = Status::ok;
  out.method = "each repeat left out in turn, Student t";
}

constexpr double tie = 2.0;

struct CellError {
  double se = unknown, df = unknown;
};

/// The error of each cell's mean: its own wells, or the pooled spread, or a surface's residuals.
std::vector<CellError> cell_errors(const Cells& cells, double residual_sd) {
  double squares = 0.0, df = 0.0;
  for (std::size_t i = 0; i < cells.mean.size(); ++i) {
    if (cells.wells[0][i] < 2) continue;
    squares += cells.squares[0][i];
    df += cells.wells[0][i] - 1;
  }
  const bool pooled = df >= 3.0;
  std::vector<CellError> out(cells.mean.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int n = cells.wells[0][i];
    if (n == 0) continue;
    if (n >= 3) {
      out[i] = {std::sqrt(cells.squares[0][i] / (n - 1.0) / n), n - 1.0};
    } else {
      const double sd = pooled ? std::sqrt(squares / df) : residual_sd;
      out[i] = {sd / std::sqrt(static_cast<double>(n)), pooled ? df : unknown};
    }
  }
  return out;
}

/// One repeat: each cell moved by its standard error, up and down.
void by_wells(const Cells& cells, const Functional& f, double residual_sd, Spread& out) {
  const auto errors = cell_errors(cells, residual_sd);
  const std::size_t m = out.value.size();
  std::vector<double> weight(m, 0.0), within(m, 0.0);
  bool stand_in = false;
  double shared_df = 0.0;
  for (const CellError& e : errors) stand_in = stand_in || (e.se == e.se && std::isnan(e.df));
  std::vector<double> shared(m, 0.0);
  Surface moved = cells.mean;
  for (std::size_t c = 0; c < errors.size(); ++c) {
    if (std::isnan(errors[c].se) || errors[c].se == 0.0) continue;
    const double at = moved.viability[c];
    moved.viability[c] = at + errors[c].se;
    auto up = f(moved);
    moved.viability[c] = at - errors[c].se;
    const auto down = f(moved);
    moved.viability[c] = at;
    for (std::size_t i = 0; i < m; ++i) {
      up[i] = 0.5 * (up[i] - down[i]);
      const double square = up[i] * up[i];
      weight[i] += square;
      // Cells whose variance is one pooled estimate share its degrees of freedom.
      if (std::isnan(errors[c].df) || cells.wells[0][c] < 3) {
        shared[i] += square;
        shared_df =
            std::isnan(errors[c].df) ? std::max(3.0, double(errors.size()) - 12.0) : errors[c].df;
      } else {
        within[i] += square * square / errors[c].df;
      }
    }
    out.parts.push_back(std::move(up));
  }
  for (std::size_t i = 0; i < m; ++i) {
    if (shared[i] > 0.0) within[i] += shared[i] * shared[i] / shared_df;
    out.se[i] = weight[i] > 0.0 ? std::sqrt(weight[i]) : unknown;
    out.df[i] = within[i] > 0.0 ? weight[i] * weight[i] / within[i] : unknown;
  }
  out.status = Status::single_repeat;
  out.method = stand_in ? "one well a cell: residuals of the MuSyC surface, Student t"
                        : "spread of wells within cells, Student t";
  out.why = stand_in ? "one repeat and one well a cell: the interval holds what a smooth surface "
                       "leaves over, not the error between cultures"
                     : "one repeat: the interval holds technical error only";
}

}  // namespace

Spread spread_of(const Cells& cells, const Functional& f, double residual_sd) {
  Spread out;
  out.value = f(cells.mean);
  const std::size_t m = out.value.size();
  out.se.assign(m, unknown);
  out.df.assign(m, unknown);
  out.repeats = static_cast<int>(cells.repeats());
  if (cells.repeats() > 1) {
    by_repeats(cells, f, out);
    return out;
  }
  bool replicated = false;
  for (const int n : cells.wells[0]) replicated = replicated || n > 1;
  if (!replicated && std::isnan(residual_sd)) {
    out.status = Status::single_repeat;
    out.method = "point score";
    out.why = "one repeat and one well a cell: nothing says how sure it is";
    return out;
  }
  by_wells(cells, f, residual_sd, out);
  return out;
}

Estimated estimated(const Spread& spread, std::size_t i, double level) {
  Estimated e;
  e.value = spread.value[i];
  e.level = level;
  e.n = spread.repeats;
  e.method = spread.method;
  e.status = spread.status;
  e.why = spread.why;
  if (std::isnan(e.value)) {
    e.status = Status::too_few_data;
    e.why = "no cell has a reference to be held against";
    return e;
  }
  if (std::isnan(spread.se[i])) {
    if (e.status == Status::ok) {
      e.status = Status::interval_open;
      e.why = "without one of the repeats it has no value";
    }
    return e;
  }
  const double half = numeric::student_t_quantile(0.5 + 0.5 * level, spread.df[i]) * spread.se[i];
  e.low = e.value - half;
  e.high = e.value + half;
  return e;
}

double p_of(const Spread& spread, std::size_t i) {
  if (std::isnan(spread.value[i]) || !(spread.se[i] > 0.0)) return unknown;
  return numeric::two_sided_t(spread.value[i] / spread.se[i], spread.df[i]);
}

Winner winner(const Spread& spread,
              const std::vector<std::size_t>& of,
              double level,
              int draws,
              Stream stream) {
  Winner out;
  if (of.empty()) return out;
  std::size_t best = 0;
  for (std::size_t j = 1; j < of.size(); ++j) {
    if (spread.value[of[j]] > spread.value[of[best]]) best = j;
  }
  out.at = of[best];
  out.value = spread.value[out.at];
  const double tail = 0.5 - 0.5 * level;
  const auto quantile = [&](double count) {
    return numeric::student_t_quantile(1.0 - tail / count, spread.df[out.at]);
  };
  out.high = out.value + quantile(1.0) * spread.se[out.at];
  if (!spread.by_repeat || of.size() == 1) {
    out.low = out.value - quantile(static_cast<double>(of.size())) * spread.se[out.at];
    return out;
  }
  const std::size_t repeats = spread.parts.size(), m = of.size();
  const auto count = static_cast<double>(repeats);
  std::vector<double> centre(m), sum(m), squares(m), g(repeats), excess;
  for (std::size_t j = 0; j < m; ++j) {
    double apart = 0.0;
    for (std::size_t k = 0; k < repeats; ++k) {
      apart += std::pow(spread.parts[k][of[j]] - spread.parts[k][out.at], 2);
    }
    const double gap = out.value - spread.value[of[j]];
    centre[j] = gap <= tie * std::sqrt(apart) ? 0.0 : -gap;
  }
  for (int d = 0; d < draws; ++d) {
    std::fill(sum.begin(), sum.end(), 0.0);
    std::fill(squares.begin(), squares.end(), 0.0);
    for (std::size_t r = 0; r < repeats; ++r) {  // one repeat of the bootstrap world
      for (double& v : g) v = stream.normal();
      for (std::size_t j = 0; j < m; ++j) {
        double v = 0.0;
        for (std::size_t k = 0; k < repeats; ++k) v += g[k] * spread.parts[k][of[j]];
        sum[j] += v;
        squares[j] += v * v;
      }
    }
    std::size_t chosen = 0;
    for (std::size_t j = 1; j < m; ++j) {
      // `parts` sum to the error of a mean over repeats; the sum here is of as many such draws.
      if (centre[j] + sum[j] / std::sqrt(count) > centre[chosen] + sum[chosen] / std::sqrt(count)) {
        chosen = j;
      }
    }
    const double mean = sum[chosen] / count;
    const double variance = (squares[chosen] - count * mean * mean) / (count - 1.0);
    if (variance > 0.0) excess.push_back(mean / std::sqrt(variance / count));
  }
  if (excess.size() < 20) return out;
  const auto at = excess.begin() + static_cast<std::ptrdiff_t>(
                                       (1.0 - tail) * static_cast<double>(excess.size() - 1));
  std::nth_element(excess.begin(), at, excess.end());
  out.low = out.value - *at * spread.se[out.at];
  return out;
}

double chance_smallest(const Spread& spread,
                       std::size_t i,
                       const std::vector<std::size_t>& of,
                       int draws,
                       Stream stream) {
  if (spread.parts.empty()) return unknown;
  int best = 0;
  std::vector<double> g(spread.parts.size());
  for (int d = 0; d < draws; ++d) {
    for (double& v : g) v = stream.normal();
    const auto draw = [&](std::size_t j) {
      double v = spread.value[j];
      for (std::size_t k = 0; k < g.size(); ++k) v += g[k] * spread.parts[k][j];
      return v;
    };
    const double mine = draw(i);
    best +=
        std::all_of(of.begin(), of.end(), [&](std::size_t j) { return j == i || draw(j) >= mine; });
  }
  return static_cast<double>(best) / draws;
}

}  // namespace kinescape::combination
