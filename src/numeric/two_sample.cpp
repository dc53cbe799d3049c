// SPDX-License-Identifier: Apache-2.0
#include "numeric/two_sample.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include "base/estimated.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::numeric {

MeanOf mean_of(std::span<const double> values) {
  const auto n = static_cast<int>(values.size());
  if (n == 0) return {unknown, unknown, 0};
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  if (n == 1) return {mean, unknown, 1};
  double squares = 0.0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  return {mean, squares / (n - 1) / n, n};
}

double median_of(std::span<const double> values) {
  if (values.empty()) return unknown;
  std::vector<double> v(values.begin(), values.end());
  std::sort(v.begin(), v.end());
  const std::size_t half = v.size() / 2;
  return v.size() % 2 == 1 ? v[half] : 0.5 * (v[half - 1] + v[half]);
}

namespace {

/// Satterthwaite's degrees of freedom of v1 + v2.
double pooled_df(double v1, int n1, double v2, int n2) {
  const double sum = v1 + v2;
  return sum * sum / (v1 * v1 / (n1 - 1) + v2 * v2 / (n2 - 1));
}

}  // namespace

WelchTest welch(std::span<const double> a, std::span<const double> b, double level) {
  const MeanOf x = mean_of(a), y = mean_of(b);
  WelchTest out{x.mean - y.mean, unknown, unknown, unknown, unknown, unknown, unknown};
  if (x.n < 2 || y.n < 2) return out;
  const double variance = x.squared_error + y.squared_error;
  if (!(variance > 0.0)) return out;
  out.se = std::sqrt(variance);
  out.df = pooled_df(x.squared_error, x.n, y.squared_error, y.n);
  out.t = out.difference / out.se;
  out.p = two_sided_t(out.t, out.df);
  const double half = student_t_quantile(0.5 + 0.5 * level, out.df) * out.se;
  out.low = out.difference - half, out.high = out.difference + half;
  return out;
}

Limits fieller(double x, double y, double vx, double vy, double cxy, double t) {
  // (x - r y)^2 <= t^2 (vx - 2 r cxy + r^2 vy) is an interval in r only if y differs from 0 at t.
  const double t2 = t * t, a = y * y - t2 * vy, b = x * y - t2 * cxy, c = x * x - t2 * vx;
  const double root = b * b - a * c;
  if (!(a > 0.0) || !(root >= 0.0)) return {unknown, unknown};
  return {(b - std::sqrt(root)) / a, (b + std::sqrt(root)) / a};
}

RatioOfMeans ratio_of_means(std::span<const double> a, std::span<const double> b, double level) {
  const MeanOf x = mean_of(a), y = mean_of(b);
  RatioOfMeans out{x.mean / y.mean, unknown, unknown, unknown};
  if (x.n < 2 || y.n < 2 || !(x.squared_error + y.squared_error > 0.0)) return out;
  const double r2 = out.ratio * out.ratio;
  out.df = pooled_df(x.squared_error, x.n, r2 * y.squared_error, y.n);
  const Limits l = fieller(x.mean,
                           y.mean,
                           x.squared_error,
                           y.squared_error,
                           0.0,
                           student_t_quantile(0.5 + 0.5 * level, out.df));
  out.low = l.low, out.high = l.high;
  return out;
}

RankSum rank_sum(std::span<const double> a, std::span<const double> b) {
  RankSum out{0.0, unknown};
  if (a.empty() || b.empty()) return out;
  for (const double x : a)
    for (const double y : b) out.w += x > y ? 1.0 : x == y ? 0.5 : 0.0;
  // Twice the midranks are whole; count subsets of size |a| by the sum of theirs.
  std::vector<double> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  std::vector<long> rank2;
  for (const double v : all) {
    const auto below = std::count_if(all.begin(), all.end(), [v](double u) { return u < v; });
    const auto same = std::count(all.begin(), all.end(), v);
    rank2.push_back(2 * below + same + 1);
  }
  const long most = std::accumulate(rank2.begin(), rank2.end(), 0L);
  std::vector<std::vector<double>> ways(
      a.size() + 1, std::vector<double>(static_cast<std::size_t>(most) + 1, 0.0));
  ways[0][0] = 1.0;
  for (const long r : rank2)
    for (std::size_t k = a.size(); k > 0; --k)
      for (auto s = static_cast<std::size_t>(most); s >= static_cast<std::size_t>(r); --s)
        ways[k][s] += ways[k - 1][s - static_cast<std::size_t>(r)];
  const long observed =
      std::accumulate(rank2.begin(), rank2.begin() + static_cast<std::ptrdiff_t>(a.size()), 0L);
  double low = 0.0, high = 0.0, total = 0.0;
  for (std::size_t s = 0; s < ways[a.size()].size(); ++s) {
    const double n = ways[a.size()][s];
    total += n;
    if (static_cast<long>(s) <= observed) low += n;
    if (static_cast<long>(s) >= observed) high += n;
  }
  out.p = std::min(1.0, 2.0 * std::min(low, high) / total);
  return out;
}

PermutationTest permute_means(std::span<const double> a,
                              std::span<const double> b,
                              int draws,
                              Seed seed,
                              std::uint32_t purpose) {
  const std::size_t n = a.size() + b.size(), k = a.size();
  if (a.empty() || b.empty()) return {unknown, false};
  std::vector<double> all(a.begin(), a.end());
  all.insert(all.end(), b.begin(), b.end());
  const double total = std::accumulate(all.begin(), all.end(), 0.0);
  const double expected = total * static_cast<double>(k) / static_cast<double>(n);
  const double scale = std::accumulate(
      all.begin(), all.end(), 0.0, [](double s, double v) { return s + std::fabs(v); });
  // The difference of means is monotone in the first sum.
  const double observed =
      std::fabs(std::accumulate(a.begin(), a.end(), 0.0) - expected) - 1e-12 * scale;
  if (log_choose(static_cast<double>(n), static_cast<double>(k)) <= std::log(200000.0) + 1e-9) {
    std::vector<std::size_t> pick(k);
    std::iota(pick.begin(), pick.end(), std::size_t{0});
    double hits = 0.0, count = 0.0;
    for (;;) {
      double sum = 0.0;
      for (const std::size_t i : pick) sum += all[i];
      hits += std::fabs(sum - expected) >= observed;
      count += 1.0;
      std::size_t i = k;
      while (i > 0 && pick[i - 1] == n - k + i - 1) --i;
      if (i == 0) break;
      ++pick[i - 1];
      for (std::size_t j = i; j < k; ++j) pick[j] = pick[j - 1] + 1;
    }
    return {hits / count, true};
  }
  double hits = 1.0;
  for (int d = 0; d < draws; ++d) {
    Stream stream(seed, purpose, static_cast<std::uint64_t>(d));
    std::vector<double> left = all;
    double sum = 0.0;
    for (std::size_t i = 0; i < k; ++i) {
      const auto j = i + static_cast<std::size_t>(stream.below(n - i));
      std::swap(left[i], left[j]);
      sum += left[i];
    }
    hits += std::fabs(sum - expected) >= observed;
  }
  return {hits / (draws + 1.0), false};
}

}  // namespace kinescape::numeric
