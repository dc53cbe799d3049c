// SPDX-License-Identifier: Apache-2.0
// The rows in order, the risk sets one by one, and the exact likelihood of tied times.
#include <algorithm>
#include <cmath>

#include "base/errors.hpp"
#include "numeric/cox_internal.hpp"
#include "numeric/survival_internal.hpp"

namespace kinescape::numeric {

CoxSet sorted_set(const CoxData& data) {
  check_rows(data.rows);
  const std::size_t n = data.rows.time.size();
  const auto p = static_cast<std::size_t>(data.covariates);
  if (data.x.size() != n * p || (!data.stratum.empty() && data.stratum.size() != n))
    throw UsageError("cox: covariates or strata differ in length from the rows");
  for (const double v : data.x)
    if (!std::isfinite(v)) throw UsageError("cox: a covariate is not a number");
  auto order = ascending(data.rows.time);
  if (!data.stratum.empty())
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return data.stratum[a] < data.stratum[b];
    });
  CoxSet set;
  set.x.resize(static_cast<Eigen::Index>(n), data.covariates);
  set.time.reserve(n), set.event.reserve(n);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t from = order[i];
    if (i == 0 || (!data.stratum.empty() && data.stratum[from] != data.stratum[order[i - 1]]))
      set.begin.push_back(i);
    set.time.push_back(data.rows.time[from]);
    set.event.push_back(data.rows.event[from]);
    set.events += data.rows.event[from] != 0;
    if (!data.rows.entry.empty()) set.entry.push_back(data.rows.entry[from]);
    std::copy_n(data.x.data() + from * p, p, set.x.data() + i * p);
  }
  set.begin.push_back(n);
  if (n > 0) set.x.rowwise() -= set.x.colwise().mean().eval();
  set.width = (p + 3) / 4 * 4;
  set.padded.assign(n * set.width, 0.0);
  for (std::size_t i = 0; i < n; ++i)
    std::copy_n(set.x.data() + i * p, p, set.padded.data() + i * set.width);
  if (!set.entry.empty()) {
    set.by_entry.resize(n);
    for (std::size_t i = 0; i < n; ++i) set.by_entry[i] = i;
    for (std::size_t s = 0; s + 1 < set.begin.size(); ++s)
      std::stable_sort(set.by_entry.begin() + static_cast<std::ptrdiff_t>(set.begin[s]),
                       set.by_entry.begin() + static_cast<std::ptrdiff_t>(set.begin[s + 1]),
                       [&](std::size_t a, std::size_t b) { return set.entry[a] < set.entry[b]; });
  }
  return set;
}

std::vector<double> relative_hazard(const CoxSet& set, const Eigen::VectorXd& beta) {
  const Eigen::VectorXd eta = set.x * beta;
  std::vector<double> w(set.time.size());
  for (std::size_t s = 0; s + 1 < set.begin.size(); ++s) {
    const auto first = static_cast<Eigen::Index>(set.begin[s]);
    const auto count = static_cast<Eigen::Index>(set.begin[s + 1]) - first;
    const double top = eta.segment(first, count).maxCoeff();
    for (Eigen::Index i = first; i < first + count; ++i)
      w[static_cast<std::size_t>(i)] = std::exp(eta(i) - top);
  }
  return w;
}

void walk_risk_sets(const CoxSet& set,
                    const Eigen::VectorXd& beta,
                    Ties ties,
                    const Eigen::MatrixXd& c,
                    const std::function<void(const RiskSet&)>& visit) {
  const Eigen::Index p = beta.size();
  const auto w = relative_hazard(set, beta);
  struct Sums {
    double s0 = 0.0, a0 = 0.0;
    Eigen::VectorXd s1, a1;
    Eigen::MatrixXd s2;
  };
  const auto zero = [p] {
    return Sums{
        0.0, 0.0, Eigen::VectorXd::Zero(p), Eigen::VectorXd::Zero(p), Eigen::MatrixXd::Zero(p, p)};
  };
  const auto add = [&](Sums& s, std::size_t i, double sign) {
    const Eigen::VectorXd row = set.x.row(static_cast<Eigen::Index>(i)).transpose();
    const double weight = sign * w[i], a = c.size() > 0 ? row.dot(c * row) : 0.0;
    s.s0 += weight, s.a0 += weight * a;
    s.s1 += weight * row, s.a1 += weight * a * row;
    s.s2 += weight * row * row.transpose();
  };
  for (std::size_t stratum = 0; stratum + 1 < set.begin.size(); ++stratum) {
    const std::size_t begin = set.begin[stratum], end = set.begin[stratum + 1];
    Sums all = zero();
    std::size_t entry = end;
    for (std::size_t last = end; last > begin;) {
      const double t = set.time[last - 1];
      Sums now = zero();
      double d = 0.0;
      Eigen::VectorXd failed = Eigen::VectorXd::Zero(p);
      std::size_t first = last;
      while (first > begin && set.time[first - 1] == t) {
        --first;
        add(all, first, 1.0);
        if (set.event[first] == 0) continue;
        add(now, first, 1.0);
        d += 1.0;
        failed += set.x.row(static_cast<Eigen::Index>(first)).transpose();
      }
      if (!set.entry.empty())
        for (; entry > begin && set.entry[set.by_entry[entry - 1]] >= t; --entry)
          add(all, set.by_entry[entry - 1], -1.0);
      for (int l = 0; l < static_cast<int>(d); ++l) {
        const double share = ties == Ties::efron ? l / d : 0.0, s0 = all.s0 - share * now.s0;
        RiskSet r;
        r.time = t, r.s0 = s0;
        r.mean = (all.s1 - share * now.s1) / s0;
        r.variance = (all.s2 - share * now.s2) / s0 - r.mean * r.mean.transpose();
        r.failed = failed / d;
        r.penalty_a = (all.a0 - share * now.a0) / s0;
        r.penalty_ax = (all.a1 - share * now.a1) / s0;
        visit(r);
      }
      last = first;
    }
  }
}

namespace {

/// Sum over all ways to choose d of the rows of the product of their weights, with derivatives.
struct Choice {
  double value = 0.0;
  Eigen::VectorXd first;
  Eigen::MatrixXd second;
};

}  // namespace

PartialLikelihood exact_likelihood(const CoxSet& set, const Eigen::VectorXd& beta) {
  const Eigen::Index p = beta.size();
  const Eigen::VectorXd eta = set.x * beta;
  PartialLikelihood out;
  out.gradient = Eigen::VectorXd::Zero(p);
  out.information = Eigen::MatrixXd::Zero(p, p);
  for (std::size_t s = 0; s + 1 < set.begin.size(); ++s) {
    for (std::size_t first = set.begin[s]; first < set.begin[s + 1];) {
      const double t = set.time[first];
      std::size_t last = first, d = 0;
      Eigen::VectorXd failed = Eigen::VectorXd::Zero(p);
      for (; last < set.begin[s + 1] && set.time[last] == t; ++last) {
        if (set.event[last] == 0) continue;
        ++d;
        failed += set.x.row(static_cast<Eigen::Index>(last)).transpose();
      }
      if (d > 0) {
        // b[k]: choices of k among the rows seen so far; rescaled so that nothing overflows.
        const Choice none{0.0, Eigen::VectorXd::Zero(p), Eigen::MatrixXd::Zero(p, p)};
        std::vector<Choice> b(d + 1, none);
        b[0].value = 1.0;
        double log_scale = 0.0;
        const double shift = eta.segment(static_cast<Eigen::Index>(first),
                                         static_cast<Eigen::Index>(set.begin[s + 1] - first))
                                 .maxCoeff();
        for (std::size_t i = first; i < set.begin[s + 1]; ++i) {
          if (!set.entry.empty() && !(set.entry[i] < t)) continue;
          const Eigen::VectorXd row = set.x.row(static_cast<Eigen::Index>(i)).transpose();
          const double weight = std::exp(eta(static_cast<Eigen::Index>(i)) - shift);
          for (std::size_t k = d; k > 0; --k) {
            const Choice& before = b[k - 1];
            Choice& now = b[k];
            now.second +=
                weight * (before.second + before.first * row.transpose() +
                          row * before.first.transpose() + before.value * row * row.transpose());
            now.first += weight * (before.first + before.value * row);
            now.value += weight * before.value;
          }
          double top = 0.0;
          for (const Choice& choice : b) top = std::max(top, choice.value);
          if (top > 1e100) {
            for (Choice& choice : b) choice.value /= top, choice.first /= top, choice.second /= top;
            log_scale += std::log(top);
          }
        }
        const Eigen::VectorXd mean = b[d].first / b[d].value;
        out.value +=
            failed.dot(beta) - std::log(b[d].value) - log_scale - static_cast<double>(d) * shift;
        out.gradient += failed - mean;
        out.information += b[d].second / b[d].value - mean * mean.transpose();
      }
      first = last;
    }
  }
  return out;
}

}  // namespace kinescape::numeric
