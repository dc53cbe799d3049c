// SPDX-License-Identifier: Apache-2.0
#include "numeric/proportion.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/estimated.hpp"
#include "numeric/distribution.hpp"
#include "numeric/root_internal.hpp"

namespace kinescape::numeric {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

/// P(X > x) + P(X = x) / 2 of a binomial.
double upper_mid_tail(int x, int n, double p) {
  const double point = std::exp(log_choose(n, x) + x * std::log(p) + (n - x) * std::log1p(-p));
  const double above = x == n ? 0.0 : 1.0 - beta_upper(p, x + 1.0, n - x);
  return above + 0.5 * point;
}

Limits mid_p(int x, int n, double tail) {
  Limits out{0.0, 1.0};
  if (x > 0)
    out.low = x == n
                  ? std::pow(2.0 * tail, 1.0 / n)
                  : bisect([&](double p) { return upper_mid_tail(x, n, p) - tail; }, 1e-300, 1.0);
  if (x < n)
    out.high =
        x == 0
            ? 1.0 - std::pow(2.0 * tail, 1.0 / n)
            : bisect([&](double p) { return upper_mid_tail(x, n, p) - (1.0 - tail); }, 1e-300, 1.0);
  return out;
}

Limits wilson(int x, int n, double z, bool corrected) {
  const double p = static_cast<double>(x) / n, z2 = z * z;
  if (!corrected) {
    const double center = (x + 0.5 * z2) / (n + z2);
    const double half = z / (n + z2) * std::sqrt(n * p * (1 - p) + 0.25 * z2);
    return {x == 0 ? 0.0 : center - half, x == n ? 1.0 : center + half};
  }
  const double below = z * std::sqrt(z2 - 2.0 - 1.0 / n + 4.0 * p * (n * (1 - p) + 1));
  const double above = z * std::sqrt(z2 + 2.0 - 1.0 / n + 4.0 * p * (n * (1 - p) - 1));
  const double denominator = 2.0 * (n + z2);
  return {x == 0 ? 0.0 : (2.0 * n * p + z2 - 1.0 - below) / denominator,
          x == n ? 1.0 : (2.0 * n * p + z2 + 1.0 + above) / denominator};
}

/// Tables with the margins of the observed one: the count of group 1 runs from `first`.
struct Margins {
  int first;
  std::vector<double> log_weight;  ///< ln of the hypergeometric weight, up to a constant.
};

Margins tables_of(int n1, int n2, int total) {
  Margins m{std::max(0, total - n2), {}};
  for (int k = m.first; k <= std::min(n1, total); ++k)
    m.log_weight.push_back(log_choose(n1, k) + log_choose(n2, total - k));
  return m;
}

/// Probabilities of the tables at a log odds ratio.
std::vector<double> probabilities(const Margins& m, double log_odds_ratio) {
  std::vector<double> p(m.log_weight.size());
  double top = -infinite, sum = 0.0;
  for (std::size_t i = 0; i < p.size(); ++i)
    top = std::max(top, p[i] = m.log_weight[i] + static_cast<double>(i) * log_odds_ratio);
  for (double& x : p) sum += x = std::exp(x - top);
  for (double& x : p) x /= sum;
  return p;
}

double conditional_mean(const Margins& m, double log_odds_ratio) {
  const auto p = probabilities(m, log_odds_ratio);
  double mean = 0.0;
  for (std::size_t i = 0; i < p.size(); ++i) mean += static_cast<double>(i) * p[i];
  return mean;
}

/// P(count >= at) when `upper`, else P(count <= at); `at` counts from the first table.
double tail(const Margins& m, double log_odds_ratio, std::size_t at, bool upper) {
  const auto p = probabilities(m, log_odds_ratio);
  double sum = 0.0;
  if (upper) {
    for (std::size_t i = p.size(); i-- > at;) sum += p[i];
  } else {
    for (std::size_t i = 0; i <= at; ++i) sum += p[i];
  }
  return sum;
}

void conditional_odds_ratio(int x1, const Margins& m, double level, TwoProportions& out) {
  const auto at = static_cast<std::size_t>(x1 - m.first), last = m.log_weight.size() - 1;
  const double alpha = 0.5 * (1.0 - level);
  constexpr double far = 60.0;  // of the log odds ratio
  if (last == 0) {
    out.odds_ratio = unknown;
    out.odds_ratio_exact = {0.0, infinite};
    return;
  }
  const auto estimate = [&](double t) { return conditional_mean(m, t) - static_cast<double>(at); };
  out.odds_ratio = at == 0 ? 0.0 : at == last ? infinite : std::exp(bisect(estimate, -far, far));
  out.odds_ratio_exact = {0.0, infinite};
  if (at > 0)
    out.odds_ratio_exact.low =
        std::exp(bisect([&](double t) { return tail(m, t, at, true) - alpha; }, -far, far));
  if (at < last)
    out.odds_ratio_exact.high =
        std::exp(bisect([&](double t) { return tail(m, t, at, false) - alpha; }, -far, far));
}

bool possible(int x, int n) {
  return n >= 1 && x >= 0 && x <= n;
}

}  // namespace

Limits proportion_interval(int x, int n, double level, ProportionMethod method) {
  if (!possible(x, n) || !(level > 0.0 && level < 1.0)) return {unknown, unknown};
  const double tail = 0.5 * (1.0 - level), z = normal_quantile(1.0 - tail);
  switch (method) {
    case ProportionMethod::clopper_pearson:
      return {x == 0 ? 0.0 : beta_quantile(tail, x, n - x + 1.0),
              x == n ? 1.0 : beta_quantile(1.0 - tail, x + 1.0, n - x)};
    case ProportionMethod::wilson:
      return wilson(x, n, z, false);
    case ProportionMethod::wilson_corrected:
      return wilson(x, n, z, true);
    case ProportionMethod::mid_p:
      return mid_p(x, n, tail);
    case ProportionMethod::jeffreys:
      return {x == 0 ? 0.0 : beta_quantile(tail, x + 0.5, n - x + 0.5),
              x == n ? 1.0 : beta_quantile(1.0 - tail, x + 0.5, n - x + 0.5)};
    case ProportionMethod::agresti_coull: {
      const double m = n + z * z, p = (x + 0.5 * z * z) / m, half = z * std::sqrt(p * (1 - p) / m);
      return {p - half, p + half};
    }
  }
  return {unknown, unknown};
}

double fisher_two_sided(int x1, int n1, int x2, int n2) {
  if (!possible(x1, n1) || !possible(x2, n2)) return unknown;
  const Margins m = tables_of(n1, n2, x1 + x2);
  const auto p = probabilities(m, 0.0);
  const double limit = p[static_cast<std::size_t>(x1 - m.first)] * (1.0 + 1e-7);
  double sum = 0.0;
  for (const double x : p) sum += x <= limit ? x : 0.0;
  return std::min(1.0, sum);
}

TwoProportions compare_proportions(int x1, int n1, int x2, int n2, double level) {
  TwoProportions out{};
  const Limits none{unknown, unknown};
  if (!possible(x1, n1) || !possible(x2, n2))
    return {unknown, none, unknown, unknown, none, unknown, none, unknown};
  const double p1 = static_cast<double>(x1) / n1, p2 = static_cast<double>(x2) / n2;
  const Limits one = proportion_interval(x1, n1, level, ProportionMethod::wilson);
  const Limits two = proportion_interval(x2, n2, level, ProportionMethod::wilson);
  out.difference = p1 - p2;
  out.newcombe = {out.difference - std::hypot(p1 - one.low, two.high - p2),
                  out.difference + std::hypot(one.high - p1, p2 - two.low)};
  out.fisher_p = fisher_two_sided(x1, n1, x2, n2);
  conditional_odds_ratio(x1, tables_of(n1, n2, x1 + x2), level, out);
  out.risk_ratio = x2 == 0 ? (x1 == 0 ? unknown : infinite) : p1 / p2;
  out.risk_ratio_log = none;
  if (x1 > 0 && x2 > 0) {
    const double se = std::sqrt(1.0 / x1 - 1.0 / n1 + 1.0 / x2 - 1.0 / n2);
    const double z = normal_quantile(0.5 + 0.5 * level);
    out.risk_ratio_log = {out.risk_ratio * std::exp(-z * se), out.risk_ratio * std::exp(z * se)};
  }
  const double pooled = static_cast<double>(x1 + x2) / (n1 + n2);
  const double variance = pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2);
  out.pearson_chi2 = variance > 0.0 ? out.difference * out.difference / variance : unknown;
  return out;
}

}  // namespace kinescape::numeric
