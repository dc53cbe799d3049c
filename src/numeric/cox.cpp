// SPDX-License-Identifier: Apache-2.0
#include "numeric/cox.hpp"

#include <algorithm>
#include <cmath>

#include "base/errors.hpp"
#include "numeric/cox_internal.hpp"
#include "numeric/distribution.hpp"
#include "numeric/survival_internal.hpp"

namespace kinescape::numeric {

std::string_view name(CoxEnd end) {
  switch (end) {
    case CoxEnd::not_run:
      return "not_run";
    case CoxEnd::converged:
      return "converged";
    case CoxEnd::no_events:
      return "no_events";
    case CoxEnd::separated:
      return "separated";
    case CoxEnd::singular:
      return "singular";
    case CoxEnd::out_of_steps:
      return "out_of_steps";
  }
  return "";
}

namespace {

/// Counts of predictor ranks, so that pairs are compared in n log n.
class Ranks {
 public:
  explicit Ranks(std::size_t n) : sum_(n + 1, 0), at_(n, 0) {}
  void add(std::size_t rank, int by) {
    at_[rank] += by;
    for (std::size_t i = rank + 1; i < sum_.size(); i += i & (~i + 1)) sum_[i] += by;
  }
  [[nodiscard]] int below(std::size_t rank) const {  // of ranks < rank
    int total = 0;
    for (std::size_t i = rank; i > 0; i &= i - 1) total += sum_[i];
    return total;
  }
  [[nodiscard]] int at(std::size_t rank) const { return at_[rank]; }

 private:
  std::vector<int> sum_, at_;
};

/// Places of the values among the distinct ones, from 0; and how many of those there are.
std::size_t dense_ranks(const Eigen::VectorXd& values, std::vector<std::size_t>& rank) {
  const std::span<const double> all(values.data(), static_cast<std::size_t>(values.size()));
  rank.resize(all.size());
  std::size_t distinct = 0;
  double before = unknown;
  for (const std::size_t i : ascending(all)) {
    distinct += all[i] != before;
    before = all[i];
    rank[i] = distinct - 1;
  }
  return distinct;
}

std::vector<double> to_vector(const Eigen::VectorXd& v) {
  return {v.data(), v.data() + v.size()};
}

PartialLikelihood likelihood(const CoxSet& set, const Eigen::VectorXd& beta, Ties ties) {
  return ties == Ties::exact ? exact_likelihood(set, beta) : partial_likelihood(set, beta, ties);
}

/// Whether the information has a direction that says nothing, relative to its own diagonal.
bool is_singular(const Eigen::MatrixXd& information) {
  const Eigen::VectorXd scale = information.diagonal().cwiseMax(0.0).cwiseSqrt();
  if (!(scale.minCoeff() > 0.0)) return true;
  return least_eigenvalue(scaled(information, scale.cwiseInverse())) < 1e-10;
}

/// Newton steps, halved while the likelihood falls. False: out of steps.
bool climb(const CoxSet& set,
           const CoxOptions& options,
           Eigen::VectorXd& beta,
           PartialLikelihood& here,
           int& iterations) {
  for (iterations = 0; iterations < options.max_iterations;) {
    Eigen::VectorXd step = solve_symmetric(here.information, here.gradient);
    if (!step.allFinite()) return false;
    PartialLikelihood next = likelihood(set, beta + step, options.ties);
    ++iterations;
    int halved = 0;
    while (!(next.value >= here.value - 1e-12 * std::fabs(here.value)) && ++halved < 40) {
      step *= 0.5;
      next = likelihood(set, beta + step, options.ties);
    }
    if (halved >= 40) return true;  // no better point in double precision
    const double change = std::fabs(1.0 - here.value / next.value);
    beta += step;
    here = std::move(next);
    if (halved == 0 && change <= options.tolerance) return true;
  }
  return false;
}

/// Likelihoods that still rise as a direction grows: the information has all but gone there.
bool has_run_away(const Eigen::MatrixXd& at_zero, const Eigen::MatrixXd& now, bool settled) {
  // Directions are measured by what was known of them at the start.
  const Cholesky start(at_zero);
  const Eigen::MatrixXd half = start.half_solve(now);
  const Eigen::MatrixXd relative = start.half_solve(half.transpose());
  return least_eigenvalue(0.5 * (relative + relative.transpose())) < (settled ? 1e-6 : 1e-4);
}

void summarise(const CoxSet& set,
               const Eigen::VectorXd& beta,
               const PartialLikelihood& here,
               double level,
               CoxFit& fit) {
  const Eigen::Index p = beta.size();
  const Eigen::MatrixXd covariance = inverse_symmetric(here.information);
  const double z = normal_quantile(0.5 + 0.5 * level);
  fit.coefficient = to_vector(beta);
  for (Eigen::Index j = 0; j < p; ++j) {
    const double se = std::sqrt(covariance(j, j));
    fit.se.push_back(se);
    fit.low.push_back(beta(j) - z * se);
    fit.high.push_back(beta(j) + z * se);
    fit.p.push_back(2.0 * normal_cdf(-std::fabs(beta(j) / se)));
  }
  fit.covariance.assign(covariance.data(), covariance.data() + covariance.size());
  fit.log_likelihood = here.value;
  fit.wald_test = beta.dot(here.information * beta);
  fit.likelihood_ratio_test = 2.0 * (here.value - fit.log_likelihood_null);
  fit.concordance = concordance(set, beta);
}

}  // namespace

double concordance(const CoxSet& set, const Eigen::VectorXd& beta) {
  const Eigen::VectorXd eta = set.x * beta;
  std::vector<std::size_t> rank;
  const std::size_t levels = dense_ranks(eta, rank);
  double agree = 0.0, tied = 0.0, all = 0.0;
  for (std::size_t s = 0; s + 1 < set.begin.size(); ++s) {
    Ranks later(levels);
    const std::size_t begin = set.begin[s], end = set.begin[s + 1];
    int count = 0;
    std::size_t entry = end;
    for (std::size_t last = end; last > begin;) {
      std::size_t first = last;
      const double t = set.time[last - 1];
      while (first > begin && set.time[first - 1] == t) --first;
      for (std::size_t i = first; i < last; ++i)
        if (set.event[i] == 0) later.add(rank[i], 1), ++count;
      if (!set.entry.empty())
        for (; entry > begin && set.entry[set.by_entry[entry - 1]] >= t; --entry)
          later.add(rank[set.by_entry[entry - 1]], -1), --count;
      for (std::size_t i = first; i < last; ++i) {
        if (set.event[i] == 0) continue;
        agree += static_cast<double>(later.below(rank[i]));
        tied += static_cast<double>(later.at(rank[i]));
        all += static_cast<double>(count);
      }
      for (std::size_t i = first; i < last; ++i)
        if (set.event[i] != 0) later.add(rank[i], 1), ++count;
      last = first;
    }
  }
  return all > 0.0 ? (agree + 0.5 * tied) / all : unknown;
}

CoxFit cox(const CoxData& data, const CoxOptions& options) {
  const CoxSet set = sorted_set(data);
  CoxFit fit;
  fit.n = static_cast<int>(set.time.size());
  fit.events = set.events;
  if (set.events == 0) {
    fit.end = CoxEnd::no_events;
    return fit;
  }
  Eigen::VectorXd beta = Eigen::VectorXd::Zero(data.covariates);
  PartialLikelihood here = likelihood(set, beta, options.ties);
  fit.log_likelihood_null = here.value;
  if (data.covariates == 0) {
    fit.log_likelihood = here.value;
    fit.end = CoxEnd::converged;
    return fit;
  }
  if (is_singular(here.information)) {
    fit.end = CoxEnd::singular;
    return fit;
  }
  const Eigen::MatrixXd at_zero = here.information;
  fit.score_test = here.gradient.dot(solve_symmetric(at_zero, here.gradient));
  if (options.firth) {
    if (options.ties == Ties::exact) throw UsageError("cox: Firth needs Efron or Breslow ties");
    fit_firth(set, options, fit);
    return fit;
  }
  const bool settled = climb(set, options, beta, here, fit.iterations);
  if (has_run_away(at_zero, here.information, settled)) {
    fit.end = CoxEnd::separated;
    fit.coefficient = to_vector(beta);
    fit.log_likelihood = here.value;
    return fit;
  }
  fit.end = settled ? CoxEnd::converged : CoxEnd::out_of_steps;
  if (settled) summarise(set, beta, here, options.level, fit);
  return fit;
}

ProportionalityTest proportionality(const CoxData& data,
                                    const CoxFit& fit,
                                    std::span<const int> terms,
                                    TimeScale scale,
                                    Ties ties) {
  const CoxSet set = sorted_set(data);
  const Eigen::Index p = data.covariates;
  if (terms.size() != static_cast<std::size_t>(p))
    throw UsageError("proportionality: one term a covariate");
  ProportionalityTest out{{}, {}, {}, unknown, static_cast<double>(p), unknown};
  if (fit.end != CoxEnd::converged) return out;
  const Eigen::VectorXd beta = Eigen::Map<const Eigen::VectorXd>(fit.coefficient.data(), p);
  const SurvivalCurve pooled = kaplan_meier(data.rows);
  const auto g_of = [&](double t) {
    if (scale == TimeScale::identity) return t;
    const auto at = std::lower_bound(pooled.time.begin(), pooled.time.end(), t);
    return at == pooled.time.begin()
               ? 0.0
               : 1.0 - pooled.survival[static_cast<std::size_t>(at - pooled.time.begin()) - 1];
  };
  // Centred, because x g(t) and x are then nearly orthogonal.
  double center = 0.0;
  for (std::size_t i = 0; i < set.time.size(); ++i)
    if (set.event[i] != 0) center += g_of(set.time[i]) / set.events;
  Eigen::VectorXd score = Eigen::VectorXd::Zero(p);
  Eigen::MatrixXd bb = Eigen::MatrixXd::Zero(p, p), bt = bb, tt = bb;
  walk_risk_sets(set, beta, ties, {}, [&](const RiskSet& r) {
    const double g = g_of(r.time) - center;
    score += g * (r.failed - r.mean);
    bb += r.variance, bt += g * r.variance, tt += g * g * r.variance;
  });
  const Eigen::MatrixXd free = tt - bt * solve_symmetric(bb, bt);
  const int count = p == 0 ? 0 : *std::max_element(terms.begin(), terms.end()) + 1;
  for (int term = 0; term < count; ++term) {
    std::vector<Eigen::Index> of;
    for (Eigen::Index j = 0; j < p; ++j)
      if (terms[static_cast<std::size_t>(j)] == term) of.push_back(j);
    const Eigen::VectorXd u = score(of);
    const Eigen::MatrixXd v = free(of, of);
    out.chi2.push_back(u.dot(solve_symmetric(v, u)));
    out.df.push_back(static_cast<double>(of.size()));
    out.p.push_back(chi_squared_upper(out.chi2.back(), out.df.back()));
  }
  out.global_chi2 = score.dot(solve_symmetric(free, score));
  out.global_p = chi_squared_upper(out.global_chi2, out.global_df);
  return out;
}

}  // namespace kinescape::numeric
