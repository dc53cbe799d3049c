// SPDX-License-Identifier: Apache-2.0
// Pooling of small series by the beta-binomial likelihood (Skellam 1948; Griffiths 1973,
// doi:10.2307/2529131), profile intervals, and the exact test that all series share one chance.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "base/estimated.hpp"
#include "numeric/distribution.hpp"
#include "numeric/proportion.hpp"
#include "numeric/root_internal.hpp"

namespace kinescape::numeric {
namespace {

/// ln likelihood of the mean and the intraclass correlation. In rising products instead of gamma
/// functions, so that rho = 0 (the binomial) is no special case.
double log_likelihood(const std::vector<CountOf>& studies, double mean, double rho) {
  const double spread = rho / (1.0 - rho);  // 1 / (alpha + beta)
  double sum = 0.0;
  for (const CountOf& s : studies) {
    sum += log_choose(s.n, s.x);
    for (int k = 0; k < s.x; ++k) sum += std::log(mean + k * spread);
    for (int k = 0; k < s.n - s.x; ++k) sum += std::log(1.0 - mean + k * spread);
    for (int k = 0; k < s.n; ++k) sum -= std::log1p(k * spread);
  }
  return sum;
}

constexpr double edge = 1e-9, most = 0.999;

double best_rho(const std::vector<CountOf>& studies, double mean) {
  const double inside =
      golden_maximum([&](double r) { return log_likelihood(studies, mean, r); }, 0.0, most, 60);
  return log_likelihood(studies, mean, 0.0) >= log_likelihood(studies, mean, inside) ? 0.0 : inside;
}

double best_mean(const std::vector<CountOf>& studies, double rho) {
  return golden_maximum(
      [&](double m) { return log_likelihood(studies, m, rho); }, edge, 1.0 - edge, 60);
}

double profile_of_mean(const std::vector<CountOf>& studies, double mean) {
  return log_likelihood(studies, mean, best_rho(studies, mean));
}
double profile_of_rho(const std::vector<CountOf>& studies, double rho) {
  return log_likelihood(studies, best_mean(studies, rho), rho);
}

/// Chance, given the total, of tables no more probable than this one (Fisher-Freeman-Halton).
double exact_heterogeneity(const std::vector<CountOf>& studies, int total) {
  double size = 1.0;
  for (const CountOf& s : studies) size *= s.n + 1.0;
  if (size > 1e6) return unknown;
  double observed = 0.0, all = 0.0;
  int n = 0;
  for (const CountOf& s : studies) {
    observed += log_choose(s.n, s.x);
    n += s.n;
  }
  const double base = log_choose(n, total);
  const std::function<void(std::size_t, int, double)> walk =
      [&](std::size_t i, int left, double w) {
        if (i + 1 == studies.size()) {
          if (left > studies[i].n) return;
          w += log_choose(studies[i].n, left);
          if (w <= observed + 1e-7) all += std::exp(w - base);
          return;
        }
        for (int k = 0; k <= std::min(left, studies[i].n); ++k)
          walk(i + 1, left - k, w + log_choose(studies[i].n, k));
      };
  walk(0, total, 0.0);
  return std::min(1.0, all);
}

}  // namespace

PooledProportion pool_proportions(const std::vector<CountOf>& studies, double level) {
  PooledProportion out{unknown,
                       unknown,
                       unknown,
                       unknown,
                       unknown,
                       unknown,
                       unknown,
                       unknown,
                       unknown,
                       {unknown, unknown}};
  int x = 0, n = 0;
  for (const CountOf& s : studies) {
    if (s.n < 1 || s.x < 0 || s.x > s.n) return out;
    x += s.x;
    n += s.n;
  }
  if (studies.empty()) return out;
  out.clopper_pearson = proportion_interval(x, n, level, ProportionMethod::clopper_pearson);
  if (studies.size() == 1) {
    out.mean = static_cast<double>(x) / n;
    out.low = out.clopper_pearson.low, out.high = out.clopper_pearson.high;
    return out;
  }
  const double rho =
      golden_maximum([&](double r) { return profile_of_rho(studies, r); }, 0.0, most, 50);
  const double at_zero = profile_of_rho(studies, 0.0), at_rho = profile_of_rho(studies, rho);
  out.intraclass = at_zero >= at_rho ? 0.0 : rho;
  const double best = std::max(at_zero, at_rho);
  out.mean = x == 0 ? 0.0 : x == n ? 1.0 : best_mean(studies, out.intraclass);
  const double drop = 0.5 * chi_squared_quantile(level, 1.0);
  const auto below = [&](double m) { return profile_of_mean(studies, m) - (best - drop); };
  out.low = x == 0 ? 0.0 : bisect(below, edge, std::max(out.mean - edge, 2 * edge));
  out.high = x == n ? 1.0 : bisect(below, std::min(out.mean + edge, 1.0 - 2 * edge), 1.0 - edge);
  out.intraclass_high = bisect(
      [&](double r) { return profile_of_rho(studies, r) - (best - drop); }, out.intraclass, most);
  const double ratio = 2.0 * (best - at_zero);
  out.heterogeneity_p = ratio > 0.0 ? 0.5 * chi_squared_upper(ratio, 1.0) : 1.0;
  out.exact_heterogeneity_p = exact_heterogeneity(studies, x);
  out.predictive_low = out.low, out.predictive_high = out.high;
  if (out.intraclass > 0.0 && out.mean > 0.0 && out.mean < 1.0) {
    const double size = (1.0 - out.intraclass) / out.intraclass;
    out.predictive_low = std::min(
        out.low, beta_quantile(0.5 * (1.0 - level), out.mean * size, (1.0 - out.mean) * size));
    out.predictive_high = std::max(
        out.high, beta_quantile(0.5 * (1.0 + level), out.mean * size, (1.0 - out.mean) * size));
  }
  return out;
}

}  // namespace kinescape::numeric
