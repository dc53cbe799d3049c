// SPDX-License-Identifier: Apache-2.0
// Weighted log-rank tests, and the largest of several.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "base/errors.hpp"
#include "base/estimated.hpp"
#include "numeric/distribution.hpp"
#include "numeric/linear_internal.hpp"
#include "numeric/multivariate.hpp"
#include "numeric/survival.hpp"
#include "numeric/survival_internal.hpp"

namespace kinescape::numeric {
namespace {

/// One event time of one stratum: at risk and failed per group, pooled S just before.
struct Moment {
  std::vector<double> at_risk, failed;
  double all_at_risk = 0.0, all_failed = 0.0, before = 1.0;
};

void moments_of_stratum(const FollowUp& rows,
                        std::span<const int> group,
                        int groups,
                        const std::vector<std::size_t>& members,
                        std::vector<Moment>& out) {
  std::vector<std::size_t> by_time = members, by_entry;
  const auto earlier = [&](std::size_t a, std::size_t b) { return rows.time[a] < rows.time[b]; };
  std::stable_sort(by_time.begin(), by_time.end(), earlier);
  if (!rows.entry.empty()) {
    by_entry = members;
    std::stable_sort(by_entry.begin(), by_entry.end(), [&](std::size_t a, std::size_t b) {
      return rows.entry[a] < rows.entry[b];
    });
  }
  std::vector<double> at_risk(static_cast<std::size_t>(groups), 0.0);
  if (rows.entry.empty())
    for (const std::size_t i : members) at_risk[static_cast<std::size_t>(group[i])] += 1.0;
  double survival = 1.0;
  std::size_t entered = 0;
  for (std::size_t i = 0; i < by_time.size();) {
    const double t = rows.time[by_time[i]];
    for (; entered < by_entry.size() && rows.entry[by_entry[entered]] < t; ++entered)
      at_risk[static_cast<std::size_t>(group[by_entry[entered]])] += 1.0;
    Moment m{at_risk, std::vector<double>(at_risk.size(), 0.0), 0.0, 0.0, survival};
    for (const double r : at_risk) m.all_at_risk += r;
    for (; i < by_time.size() && rows.time[by_time[i]] == t; ++i) {
      const auto g = static_cast<std::size_t>(group[by_time[i]]);
      at_risk[g] -= 1.0;
      if (rows.event[by_time[i]] != 0) m.failed[g] += 1.0, m.all_failed += 1.0;
    }
    if (m.all_failed == 0.0) continue;
    survival *= (m.all_at_risk - m.all_failed) / m.all_at_risk;
    out.push_back(std::move(m));
  }
}

std::vector<Moment> moments(const FollowUp& rows,
                            std::span<const int> group,
                            int groups,
                            std::span<const int> stratum) {
  check_rows(rows);
  if (group.size() != rows.time.size() || (!stratum.empty() && stratum.size() != group.size()))
    throw UsageError("rank test: group or stratum differs in length from the rows");
  std::set<int> strata(stratum.begin(), stratum.end());
  if (strata.empty()) strata.insert(0);
  std::vector<Moment> out;
  for (const int s : strata) {
    std::vector<std::size_t> members;
    for (std::size_t i = 0; i < group.size(); ++i)
      if (stratum.empty() || stratum[i] == s) members.push_back(i);
    moments_of_stratum(rows, group, groups, members, out);
  }
  return out;
}

double weight_at(const FhWeight& w, double before) {
  const double early = w.rho == 0.0 ? 1.0 : std::pow(before, w.rho);
  return w.gamma == 0.0 ? early : early * std::pow(1.0 - before, w.gamma);
}

}  // namespace

RankTest rank_test(const FollowUp& rows,
                   std::span<const int> group,
                   int groups,
                   std::span<const int> stratum,
                   FhWeight weight) {
  RankTest out{std::vector<double>(static_cast<std::size_t>(groups), 0.0),
               std::vector<double>(static_cast<std::size_t>(groups), 0.0),
               unknown,
               unknown,
               unknown,
               unknown};
  Eigen::MatrixXd variance = Eigen::MatrixXd::Zero(groups, groups);
  for (const Moment& m : moments(rows, group, groups, stratum)) {
    const double w = weight_at(weight, m.before), n = m.all_at_risk, d = m.all_failed;
    const double spread = n > 1.0 ? w * w * d * (n - d) / (n * n * (n - 1.0)) : 0.0;
    for (int g = 0; g < groups; ++g) {
      const auto at = static_cast<std::size_t>(g);
      out.observed[at] += w * m.failed[at];
      out.expected[at] += w * d * m.at_risk[at] / n;
      for (int h = 0; h < groups; ++h)
        variance(g, h) +=
            spread * m.at_risk[at] * ((g == h ? n : 0.0) - m.at_risk[static_cast<std::size_t>(h)]);
    }
  }
  // A group that no event ever met carries nothing and takes no degree of freedom.
  std::vector<int> live;
  for (int g = 0; g < groups; ++g)
    if (out.expected[static_cast<std::size_t>(g)] > 0.0) live.push_back(g);
  if (live.size() < 2) return out;
  const auto k = static_cast<Eigen::Index>(live.size()) - 1;
  Eigen::VectorXd excess(k);
  Eigen::MatrixXd v(k, k);
  for (Eigen::Index i = 0; i < k; ++i) {
    const auto g = live[static_cast<std::size_t>(i) + 1];
    excess(i) =
        out.observed[static_cast<std::size_t>(g)] - out.expected[static_cast<std::size_t>(g)];
    for (Eigen::Index j = 0; j < k; ++j)
      v(i, j) = variance(g, live[static_cast<std::size_t>(j) + 1]);
  }
  const Eigen::VectorXd solved = solve_positive(v, excess);
  if (solved.size() == 0) return out;
  out.chi2 = excess.dot(solved);
  out.df = static_cast<double>(k);
  out.p = chi_squared_upper(out.chi2, out.df);
  if (k == 1) out.z = excess(0) / std::sqrt(v(0, 0));
  return out;
}

MaxCombo max_combo(const FollowUp& rows,
                   std::span<const int> group,
                   std::span<const int> stratum,
                   std::span<const FhWeight> weights) {
  const std::size_t k = weights.size();
  std::vector<double> score(k, 0.0), covariance(k * k, 0.0);
  for (const Moment& m : moments(rows, group, 2, stratum)) {
    const double n = m.all_at_risk, d = m.all_failed, r = m.at_risk[1];
    const double spread = n > 1.0 ? d * (n - d) * r * (n - r) / (n * n * (n - 1.0)) : 0.0;
    for (std::size_t i = 0; i < k; ++i) {
      const double w = weight_at(weights[i], m.before);
      score[i] += w * (m.failed[1] - d * r / n);
      for (std::size_t j = 0; j < k; ++j)
        covariance[i * k + j] += w * weight_at(weights[j], m.before) * spread;
    }
  }
  MaxCombo out{std::vector<double>(k, unknown), unknown, unknown};
  std::vector<double> correlation(k * k);
  for (std::size_t i = 0; i < k; ++i) {
    if (!(covariance[i * k + i] > 0.0)) return out;
    out.z[i] = score[i] / std::sqrt(covariance[i * k + i]);
    for (std::size_t j = 0; j < k; ++j)
      correlation[i * k + j] =
          covariance[i * k + j] / std::sqrt(covariance[i * k + i] * covariance[j * k + j]);
  }
  out.largest = 0.0;
  for (const double z : out.z) out.largest = std::max(out.largest, std::fabs(z));
  out.p = 1.0 - within_all(out.largest,
                           correlation,
                           static_cast<int>(k),
                           std::numeric_limits<double>::infinity());
  return out;
}

}  // namespace kinescape::numeric
