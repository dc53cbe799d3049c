// SPDX-License-Identifier: Apache-2.0
// The non-parametric maximum likelihood of interval-censored times.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/errors.hpp"
#include "base/estimated.hpp"
#include "numeric/distribution.hpp"
#include "numeric/interval_censored.hpp"
#include "numeric/linear_internal.hpp"
#include "numeric/turnbull_internal.hpp"

namespace kinescape::numeric {
namespace turnbull_sets {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

void check(const IntervalRows& rows) {
  if (rows.low.size() != rows.high.size()) throw UsageError("interval rows differ in length");
  for (std::size_t i = 0; i < rows.low.size(); ++i)
    if (!std::isfinite(rows.low[i]) || !(rows.low[i] <= rows.high[i]))
      throw UsageError("interval rows: a low end is above its high end, or not a number");
}

namespace {

/// An end of an interval in the order of time: a closed left end at t comes before a right end at
/// t, which comes before an open left end at t.
struct End {
  double at;
  int rank;  // 0 closed left, 1 right, 2 open left
};

}  // namespace

Sets innermost(const IntervalRows& rows) {
  std::vector<End> ends;
  for (std::size_t i = 0; i < rows.low.size(); ++i) {
    ends.push_back({rows.low[i], rows.low[i] == rows.high[i] ? 0 : 2});
    ends.push_back({rows.high[i], 1});
  }
  std::sort(ends.begin(), ends.end(), [](const End& a, const End& b) {
    return a.at < b.at || (a.at == b.at && a.rank < b.rank);
  });
  Sets sets;
  for (std::size_t k = 0; k + 1 < ends.size(); ++k) {
    if (ends[k].rank == 1 || ends[k + 1].rank != 1) continue;
    sets.left.push_back(ends[k].at);
    sets.right.push_back(ends[k + 1].at);
  }
  sets.member =
      MatrixXd::Zero(static_cast<Index>(rows.low.size()), static_cast<Index>(sets.left.size()));
  for (std::size_t i = 0; i < rows.low.size(); ++i) {
    const bool exact = rows.low[i] == rows.high[i];
    for (std::size_t j = 0; j < sets.left.size(); ++j) {
      const bool point = sets.left[j] == sets.right[j];
      const bool in = exact ? point && sets.left[j] == rows.low[i]
                            : (sets.left[j] >= rows.low[i] && sets.right[j] <= rows.high[i] &&
                               !(point && sets.left[j] == rows.low[i]));
      sets.member(static_cast<Index>(i), static_cast<Index>(j)) = in ? 1.0 : 0.0;
    }
  }
  return sets;
}

namespace {

/// min |A x - b| over x >= 0 (Lawson & Hanson 1974), from the normal equations.
/// From the feasible x >= 0, whose positive entries begin as the active ones.
VectorXd non_negative_least_squares(const MatrixXd& gram, const VectorXd& atb, VectorXd x) {
  const Index n = atb.size();
  std::vector<bool> active(static_cast<std::size_t>(n), false);
  for (Index j = 0; j < n; ++j) active[static_cast<std::size_t>(j)] = x(j) > 0.0;
  const double tolerance = 1e-13 * std::max(1.0, atb.cwiseAbs().maxCoeff());
  for (Index step = 0; step < 6 * n + 10; ++step) {
    if (step > 0) {
      const VectorXd w = atb - gram * x;
      Index enter = -1;
      double best = tolerance;
      for (Index j = 0; j < n; ++j)
        if (!active[static_cast<std::size_t>(j)] && w(j) > best) best = w(j), enter = j;
      if (enter < 0) break;
      active[static_cast<std::size_t>(enter)] = true;
    }
    for (;;) {
      std::vector<Index> in;
      for (Index j = 0; j < n; ++j)
        if (active[static_cast<std::size_t>(j)]) in.push_back(j);
      if (in.empty()) break;
      const VectorXd s = shortest_least_squares(gram(in, in), atb(in));
      if (s.minCoeff() > 0.0) {
        x.setZero();
        for (std::size_t k = 0; k < in.size(); ++k) x(in[k]) = s(static_cast<Index>(k));
        break;
      }
      double share = 1.0;
      for (std::size_t k = 0; k < in.size(); ++k) {
        const double to = s(static_cast<Index>(k)), from = x(in[k]);
        if (to <= 0.0) share = std::min(share, from / (from - to));
      }
      bool left_one = false;
      for (std::size_t k = 0; k < in.size(); ++k) {
        x(in[k]) += share * (s(static_cast<Index>(k)) - x(in[k]));
        if (x(in[k]) <= 1e-15)
          x(in[k]) = 0.0, active[static_cast<std::size_t>(in[k])] = false, left_one = true;
      }
      if (!left_one) break;
    }
  }
  return x;
}

}  // namespace

double log_likelihood(const MatrixXd& member, const VectorXd& p) {
  const VectorXd chance = member * p;
  return chance.minCoeff() > 0.0 ? chance.array().log().sum() : -1e300;
}

namespace {

/// How far the conditions are from holding, per row.
double violation(const MatrixXd& member, const VectorXd& p) {
  const double n = static_cast<double>(member.rows());
  const VectorXd gradient = member.transpose() * (member * p).cwiseInverse() / n;
  double worst = 0.0;
  for (Index j = 0; j < p.size(); ++j)
    worst = std::max(worst, p(j) > 0.0 ? std::fabs(gradient(j) - 1.0) : gradient(j) - 1.0);
  return worst;
}

}  // namespace

VectorXd maximise(const MatrixXd& member, int& iterations, double& optimality, double enough) {
  const Index m = member.cols(), n = member.rows();
  VectorXd p = VectorXd::Constant(m, 1.0 / static_cast<double>(m));
  optimality = violation(member, p);
  for (iterations = 0; iterations < 500 && optimality > enough; ++iterations) {
    const VectorXd chance = member * p;
    // min |S q - 2| with sum q = 1: the columns less 2, and a row of ones for the sum.
    MatrixXd s = chance.cwiseInverse().asDiagonal() * member;
    s.array() -= 2.0;
    const MatrixXd gram = s.transpose() * s / static_cast<double>(n) + MatrixXd::Ones(m, m);
    VectorXd q = non_negative_least_squares(gram, VectorXd::Ones(m), p);
    if (!(q.sum() > 0.0)) break;
    q /= q.sum();
    const double here = log_likelihood(member, p);
    const double slope = (member.transpose() * chance.cwiseInverse()).dot(q - p);
    double step = 1.0;
    VectorXd next = q;
    while (log_likelihood(member, next) < here + 1e-4 * step * slope - 1e-13 * std::fabs(here) &&
           step > 1e-12) {
      step *= 0.5;
      next = p + step * (q - p);
    }
    const double before = optimality, reached = violation(member, next);
    // At the end of the double's digits: keep the better of the two.
    if (before < std::max(1e-10, enough) && reached >= before) break;
    p = next;
    optimality = reached;
  }
  return p;
}

}  // namespace turnbull_sets

namespace {

using Eigen::Index;
using Eigen::VectorXd;
using turnbull_sets::check;
using turnbull_sets::innermost;
using turnbull_sets::log_likelihood;
using turnbull_sets::maximise;
using turnbull_sets::Sets;

double quantile_end(const Sets& sets, const VectorXd& p, double share) {
  double sum = 0.0;
  for (Index j = 0; j < p.size(); ++j) {
    sum += p(j);
    if (sum >= share - 1e-12) return sets.right[static_cast<std::size_t>(j)];
  }
  return std::numeric_limits<double>::infinity();
}

Limits percentile(std::vector<double> values, double level) {
  std::sort(values.begin(), values.end());
  const auto at = [&](double p) {
    const double place = p * static_cast<double>(values.size() - 1);
    const double x = values[static_cast<std::size_t>(std::lround(place))];
    return std::isfinite(x) ? x : unknown;
  };
  return {at(0.5 - 0.5 * level), at(0.5 + 0.5 * level)};
}

}  // namespace

Turnbull turnbull(const IntervalRows& rows) {
  check(rows);
  Turnbull out;
  if (rows.low.empty()) return out;
  const Sets sets = innermost(rows);
  const VectorXd p = maximise(sets.member, out.iterations, out.optimality);
  out.log_likelihood = log_likelihood(sets.member, p);
  double left = 1.0;
  for (Index j = 0; j < p.size(); ++j) {
    if (!(p(j) > 1e-14)) continue;
    left = std::max(0.0, left - p(j));
    out.left.push_back(sets.left[static_cast<std::size_t>(j)]);
    out.right.push_back(sets.right[static_cast<std::size_t>(j)]);
    out.mass.push_back(p(j));
    out.survival_after.push_back(left);
  }
  if (!out.survival_after.empty() && out.survival_after.back() < 1e-12)
    out.survival_after.back() = 0.0;
  return out;
}

Limits survival_bounds(const Turnbull& fit, double time) {
  double above = 1.0, below = 1.0;
  for (std::size_t j = 0; j < fit.mass.size(); ++j) {
    if (fit.right[j] <= time) above -= fit.mass[j];
    if (fit.right[j] <= time || fit.left[j] < time) below -= fit.mass[j];
  }
  return {std::clamp(below, 0.0, 1.0), std::clamp(above, 0.0, 1.0)};
}

Limits quantile_bounds(const Turnbull& fit, double p) {
  double sum = 0.0;
  for (std::size_t j = 0; j < fit.mass.size(); ++j) {
    sum += fit.mass[j];
    if (sum >= p - 1e-12)
      return {fit.left[j], std::isfinite(fit.right[j]) ? fit.right[j] : unknown};
  }
  return {unknown, unknown};
}

TurnbullBootstrap turnbull_bootstrap(const IntervalRows& rows,
                                     double p,
                                     double time,
                                     int draws,
                                     double level,
                                     Seed seed,
                                     std::uint32_t purpose) {
  check(rows);
  const std::size_t n = rows.low.size();
  std::vector<double> quantiles, survivals;
  for (int draw = 0; draw < draws && n > 0; ++draw) {
    Stream stream(seed, purpose, static_cast<std::uint64_t>(draw));
    IntervalRows sample;
    for (std::size_t i = 0; i < n; ++i) {
      const auto k = static_cast<std::size_t>(stream.below(n));
      sample.low.push_back(rows.low[k]);
      sample.high.push_back(rows.high[k]);
    }
    const Sets sets = innermost(sample);
    int iterations = 0;
    double optimality = 0.0;
    const VectorXd mass = maximise(sets.member, iterations, optimality);
    quantiles.push_back(quantile_end(sets, mass, p));
    double after = 1.0;
    for (Index j = 0; j < mass.size(); ++j)
      if (sets.right[static_cast<std::size_t>(j)] <= time) after -= mass(j);
    survivals.push_back(after);
  }
  if (quantiles.empty()) return {{unknown, unknown}, {unknown, unknown}};
  return {percentile(quantiles, level), percentile(survivals, level)};
}

IntervalRankTest interval_rank_test(const IntervalRows& rows,
                                    std::span<const int> group,
                                    int groups) {
  check(rows);
  if (group.size() != rows.low.size()) throw UsageError("interval_rank_test: lengths differ");
  IntervalRankTest out{unknown, static_cast<double>(groups - 1), unknown};
  const std::size_t n = group.size();
  if (n < 2) return out;
  const Turnbull fit = turnbull(rows);
  const auto s_log_s = [](double s) { return s > 0.0 ? s * std::log(s) : 0.0; };
  std::vector<double> score(n);
  double mean = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    // S at the ends of the row, on the sets that the row may hold.
    double before = 1.0, inside = 0.0;
    for (std::size_t j = 0; j < fit.mass.size(); ++j) {
      const bool exact = rows.low[i] == rows.high[i];
      const bool in = exact ? fit.left[j] == rows.low[i] && fit.right[j] == rows.low[i]
                            : fit.left[j] >= rows.low[i] && fit.right[j] <= rows.high[i] &&
                                  !(fit.left[j] == fit.right[j] && fit.left[j] == rows.low[i]);
      if (in)
        inside += fit.mass[j];
      else if (fit.right[j] <= rows.low[i] && inside == 0.0)
        before -= fit.mass[j];
    }
    const double after = std::max(0.0, before - inside);
    score[i] = inside > 0.0 ? (s_log_s(before) - s_log_s(after)) / (before - after) : 0.0;
    mean += score[i] / static_cast<double>(n);
  }
  double spread = 0.0;
  VectorXd sum = VectorXd::Zero(groups), size = VectorXd::Zero(groups);
  for (std::size_t i = 0; i < n; ++i) {
    spread += (score[i] - mean) * (score[i] - mean) / static_cast<double>(n - 1);
    sum(group[i]) += score[i] - mean;
    size(group[i]) += 1.0;
  }
  if (!(spread > 0.0) || !(size.minCoeff() > 0.0) || groups < 2) return out;
  // Permutation covariance of the sums: spread (diag(n_g) - n_g n_h / n); chi2 in closed form.
  out.chi2 = sum.cwiseAbs2().cwiseQuotient(size).sum() / spread;
  out.p = chi_squared_upper(out.chi2, out.df);
  return out;
}

}  // namespace kinescape::numeric
