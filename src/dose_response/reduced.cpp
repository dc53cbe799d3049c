// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "dose_response/infinity_internal.hpp"
#include "dose_response/reduced_internal.hpp"

namespace kinescape::dose_response::internal {
namespace {

using enum Parameter;
using Column = std::vector<double>;

bool is_linear(Parameter p) {
  return p == top || p == bottom || p == hormesis;
}

double dot(const Column& a, const Column& b) {
  double s = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) s += a[i] * b[i];
  return s;
}

void subtract(Column& from, double factor, const Column& what) {
  for (std::size_t i = 0; i < from.size(); ++i) from[i] -= factor * what[i];
}

/// Orthonormal columns of A = QR by modified Gram-Schmidt; columns that others explain are left
/// out.
class Basis {
 public:
  explicit Basis(std::vector<Column> columns) : q_(std::move(columns)) {
    const std::size_t n = q_.size();
    r_.assign(n * n, 0.0);
    for (std::size_t c = 0; c < n; ++c) {
      const double before = std::sqrt(dot(q_[c], q_[c]));
      for (std::size_t b = 0; b < c; ++b) {
        r_[b * n + c] = dot(q_[b], q_[c]);
        subtract(q_[c], r_[b * n + c], q_[b]);
      }
      const double after = std::sqrt(dot(q_[c], q_[c]));
      const bool own = after > 1e-10 * before;
      for (double& x : q_[c]) x = own ? x / after : 0.0;
      r_[c * n + c] = own ? after : 0.0;
    }
  }

  /// Coefficients that take A closest to `rhs`; what is left of it stays in `rhs`.
  Column solve(Column& rhs) const {
    const std::size_t n = q_.size();
    Column x(n);
    for (std::size_t c = 0; c < n; ++c) {
      x[c] = dot(q_[c], rhs);
      subtract(rhs, x[c], q_[c]);
    }
    for (std::size_t c = n; c-- > 0;) {
      for (std::size_t b = c + 1; b < n; ++b) x[c] -= r_[c * n + b] * x[b];
      x[c] = r_[c * n + c] > 0.0 ? x[c] / r_[c * n + c] : 0.0;
    }
    return x;
  }

 private:
  std::vector<Column> q_;
  Column r_;
};

/// Least squares |rhs + A x| subject to c0 + c x = 0, by elimination of one unknown.
class Constrained {
 public:
  Constrained(const std::vector<Column>& a, Column c) : a_(a), c_(std::move(c)) {
    double most = -1.0;
    for (std::size_t k = 0; k < c_.size(); ++k) {
      const double weight = std::fabs(c_[k]) / (std::sqrt(dot(a_[k], a_[k])) + 1e-300);
      if (c_[k] != 0.0 && weight > most) most = weight, out_ = k;
    }
    std::vector<Column> rest;
    for (std::size_t k = 0; k < a_.size(); ++k) {
      if (k == out_) continue;
      rest.push_back(a_[k]);
      if (out_ < a_.size()) subtract(rest.back(), c_[k] / c_[out_], a_[out_]);
    }
    basis_.emplace(std::move(rest));
  }

  /// The unknowns; the residual is left in `rhs`.
  Column solve(Column& rhs, double c0) const {
    const bool eliminated = out_ < a_.size();
    if (eliminated) subtract(rhs, c0 / c_[out_], a_[out_]);
    const Column some = basis_->solve(rhs);
    Column x;
    double met = c0;
    for (std::size_t k = 0, s = 0; k < a_.size(); ++k) {
      x.push_back(k == out_ ? 0.0 : -some[s++]);
      if (eliminated) met += c_[k] * x[k];
    }
    if (eliminated) x[out_] = -met / c_[out_];
    return x;
  }

 private:
  const std::vector<Column>& a_;
  Column c_;
  std::size_t out_ = static_cast<std::size_t>(-1);
  std::optional<Basis> basis_;
};

}  // namespace

Reduced::Reduced(const JointModel& model,
                 const numeric::LeastSquaresOptions& limits,
                 std::span<const double> near,
                 Equation equation,
                 std::size_t group)
    : model_(model),
      limits_(limits),
      near_(near.begin(), near.end()),
      equation_(std::move(equation)),
      group_(group) {
  const auto free = free_parameters(model.shape);
  std::vector<char> linear(model.count, 0);
  for (const auto& slots : model.slot) {
    for (std::size_t i = 0; i < free.size(); ++i) linear[slots[i]] = is_linear(free[i]) ? 1 : 0;
  }
  for (std::size_t j = 0; j < model.count; ++j) {
    const bool fixed = limits.lower[j] == limits.upper[j];
    if (fixed) near_[j] = limits.lower[j];
    if (fixed) continue;
    if (!linear[j]) {
      moving_.push_back(j);
      continue;
    }
    linear_.push_back(j);
    if (std::isfinite(limits.lower[j]) || std::isfinite(limits.upper[j])) possible_ = false;
  }
  if (equation_ && possible_) look_at_equation();
  moving_limits_ = limits;
  moving_limits_.lower.clear(), moving_limits_.upper.clear();
  for (const std::size_t j : moving_) {
    moving_limits_.lower.push_back(limits.lower[j]);
    moving_limits_.upper.push_back(limits.upper[j]);
  }
}

double Reduced::equation_at(std::span<const double> p) const {
  return equation_(model_.curves(p));
}

double Reduced::equation_slope(std::vector<double>& p, std::size_t slot) const {
  const double keep = p[slot], h = 1e-6 * std::max(1.0, std::fabs(keep));
  p[slot] = keep + h;
  const double above = equation_at(p);
  p[slot] = keep - h;
  const double below = equation_at(p);
  p[slot] = keep;
  return (above - below) / (2.0 * h);
}

// Does the equation know the plateaus, and is it linear in them? If it knows none, it decides the
// midpoint of its group.
void Reduced::look_at_equation() {
  std::vector<double> p = near_;
  for (const std::size_t j : linear_) p[j] = 0.0;
  const double zero = equation_at(p);
  double expected = zero;
  for (std::size_t i = 0; i < linear_.size(); ++i) {
    p[linear_[i]] = 1.0;
    const double here = equation_at(p);
    p[linear_[i]] = 0.0;
    if (!std::isfinite(here - zero)) possible_ = false;
    on_plateaus_ = on_plateaus_ || std::fabs(here - zero) > 1e-12 * (1.0 + std::fabs(zero));
    expected += (0.7 + 0.6 * static_cast<double>(i)) * (here - zero);
  }
  for (std::size_t i = 0; i < linear_.size(); ++i)
    p[linear_[i]] = 0.7 + 0.6 * static_cast<double>(i);
  if (!(std::fabs(equation_at(p) - expected) <= 1e-8 * (1.0 + std::fabs(expected))))
    possible_ = false;
  if (on_plateaus_ || !possible_) return;
  const auto free = free_parameters(model_.shape);
  const auto at = std::find(free.begin(), free.end(), log10_ec50);
  possible_ = at != free.end();
  if (!possible_) return;
  pivot_ = model_.slot[group_][static_cast<std::size_t>(at - free.begin())];
  possible_ = std::erase(moving_, *pivot_) == 1;
}

bool Reduced::meet_by_pivot(std::vector<double>& p) const {
  for (int it = 0; it < 30; ++it) {
    const double e = equation_at(p), slope = equation_slope(p, *pivot_);
    if (!std::isfinite(e) || !(slope != 0.0)) return false;
    p[*pivot_] -= e / slope;
    if (std::fabs(e) <= 1e-12 * (1.0 + std::fabs(slope * p[*pivot_]))) break;
  }
  return p[*pivot_] >= limits_.lower[*pivot_] && p[*pivot_] <= limits_.upper[*pivot_];
}

std::vector<double> Reduced::moving_of(std::span<const double> parameters) const {
  std::vector<double> x;
  for (const std::size_t j : moving_) x.push_back(parameters[j]);
  return x;
}

bool Reduced::project(std::span<const double> moving, bool with_jacobian, Projected& out) const {
  auto& p = out.parameters;
  p = near_;
  for (std::size_t i = 0; i < moving_.size(); ++i) p[moving_[i]] = moving[i];
  for (const std::size_t j : linear_) p[j] = 0.0;
  if (pivot_ && !meet_by_pivot(p)) return false;
  const std::size_t rows = model_.rows, count = model_.count;
  out.residual.assign(rows, 0.0);
  Column whole(rows * count);
  const auto column = [&](std::size_t slot) {
    Column c(rows);
    for (std::size_t r = 0; r < rows; ++r) c[r] = whole[r * count + slot];
    return c;
  };
  model_.residuals(p, out.residual, whole);
  std::vector<Column> a;
  for (const std::size_t j : linear_) a.push_back(column(j));
  Column c;
  double c0 = 0.0;
  if (on_plateaus_) {
    c0 = equation_at(p);
    for (const std::size_t j : linear_) {
      p[j] = 1.0;
      c.push_back(equation_at(p) - c0);
      p[j] = 0.0;
    }
  }
  const Constrained solver(a, c);
  const Column x = solver.solve(out.residual, c0);
  for (std::size_t i = 0; i < linear_.size(); ++i) p[linear_[i]] = x[i];
  if (!with_jacobian) return true;
  Column rest(rows);
  model_.residuals(p, rest, whole);
  out.jacobian.assign(rows * moving_.size(), 0.0);
  const Column by_pivot = pivot_ ? column(*pivot_) : Column();
  const double pivot_slope = pivot_ ? equation_slope(p, *pivot_) : 1.0;
  for (std::size_t i = 0; i < moving_.size(); ++i) {
    Column d = column(moving_[i]);
    const double e = equation_ ? equation_slope(p, moving_[i]) : 0.0;
    if (pivot_) subtract(d, e / pivot_slope, by_pivot);
    (void)solver.solve(d, on_plateaus_ ? e : 0.0);
    for (std::size_t r = 0; r < rows; ++r) out.jacobian[r * moving_.size() + i] = d[r];
  }
  return true;
}

Reduced::Optimum Reduced::descend(std::span<const double> start) const {
  Projected at;
  const auto f = [&](std::span<const double> x, std::span<double> r, std::span<double> j) {
    if (!project(x, !j.empty(), at)) return false;
    std::copy(at.residual.begin(), at.residual.end(), r.begin());
    if (!j.empty()) std::copy(at.jacobian.begin(), at.jacobian.end(), j.begin());
    return true;
  };
  const auto fit = numeric::least_squares(f, model_.rows, moving_of(start), moving_limits_);
  if (fit.end == numeric::FitEnd::undefined_at_start || !project(fit.parameters, false, at))
    return {};
  return {fit.residual_sum, at.parameters};
}

Reduced::Optimum Reduced::search(const FitOptions& options, double sign) const {
  struct Cell {
    double sum = inf;
    std::vector<double> parameters;
  };
  const auto free = free_parameters(model_.shape);
  auto rows = grid_cells(model_.shape, model_.groups[group_], options, sign, 0.6);
  const auto free_at =
      static_cast<std::size_t>(std::find(free.begin(), free.end(), log10_ec50) - free.begin());
  const bool midpoint_moves =
      free_at < free.size() &&
      std::find(moving_.begin(), moving_.end(), model_.slot[group_][free_at]) != moving_.end();
  // Where the midpoint is decided already, valleys lie along the slope.
  if (!midpoint_moves && !rows.empty()) {
    const auto forms = grid_cells(model_.shape, model_.groups[group_], options, sign, 2.0).front();
    rows.clear();
    for (const Curve& c : forms) rows.push_back({c});
  }
  std::vector<Cell> best;
  std::vector<double> p = near_;
  Projected at;
  for (const auto& row : rows) {
    Cell& cell = best.emplace_back();
    for (const Curve& c : row) {
      for (std::size_t i = 0; i < free.size(); ++i) p[model_.slot[group_][i]] = c[free[i]];
      auto x = moving_of(p);
      for (std::size_t i = 0; i < x.size(); ++i)
        x[i] = std::clamp(x[i], moving_limits_.lower[i], moving_limits_.upper[i]);
      if (!project(x, false, at)) continue;
      const double sum = dot(at.residual, at.residual);
      if (sum < cell.sum) cell = {sum, at.parameters};
    }
  }
  std::vector<Cell> valleys;
  for (std::size_t i = 0; i < best.size(); ++i) {
    const bool below = i == 0 || best[i].sum <= best[i - 1].sum;
    const bool above = i + 1 == best.size() || best[i].sum <= best[i + 1].sum;
    if (below && above && std::isfinite(best[i].sum)) valleys.push_back(best[i]);
  }
  std::stable_sort(
      valleys.begin(), valleys.end(), [](const Cell& a, const Cell& b) { return a.sum < b.sum; });
  Optimum least;
  for (std::size_t i = 0; i < std::min<std::size_t>(4, valleys.size()); ++i) {
    const Optimum now = descend(valleys[i].parameters);
    if (now.found() && !(now.residual_sum >= least.residual_sum)) least = now;
  }
  return least;
}

}  // namespace kinescape::dose_response::internal
