// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

#include "numeric/distribution.hpp"
#include "viability/spread_internal.hpp"

namespace kinescape::viability {
namespace {

// Curves differ in variance as d0 / chi^2(d0) does. Most experiments repeat alike; the prior says
// so and leaves a seventh for curves whose variances differ severalfold (d0 of 2 and 4).
struct Likeness {
  double d0, prior;
};
constexpr std::array<Likeness, 6> likeness{
    {{2.0, 0.05}, {4.0, 0.10}, {8.0, 0.15}, {16.0, 0.20}, {64.0, 0.20}, {1e5, 0.30}}};
// Correlation of the two curves of a difference over days. That days are independent is the
// conservative end, so it has most of the prior.
struct Pairing {
  double rho, prior;
};
constexpr std::array<Pairing, 4> pairing{{{0.0, 0.94}, {0.3, 0.02}, {0.6, 0.02}, {0.85, 0.02}}};
// phi: log-uniform around the pooled variance, e^-8 to e^8.
constexpr int scales = 81;
constexpr double widest = 8.0;

// log density of an F(d1, d2) variate times f.
double log_f_density(double f, double d1, double d2) {
  const double a = 0.5 * d1, b = 0.5 * d2, x = f * d1 / d2;
  return std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) -
         (a + b) * std::log1p(x);
}

// Solves trigamma(x) = y by Newton's method on 1 / trigamma, which is convex (Smyth 2004,
// appendix).
double inverse_trigamma(double y) {
  double x = 0.5 + 1.0 / y;
  for (int it = 0; it < 50; ++it) {
    const double t = numeric::trigamma(x), step = 1e-5 * x;
    const double slope = (numeric::trigamma(x + step) - numeric::trigamma(x - step)) / (2.0 * step);
    const double change = t * (1.0 - t / y) / slope;
    x += change;
    if (std::abs(change) < 1e-10 * x) break;
  }
  return x;
}

// First and second moment of log sigma^2. They make a sounder match than those of 1 / sigma^2,
// which are ruled by the smallest variances that the mixture allows.
struct LogMoments {
  double first = 0.0, second = 0.0;
  // The scaled inverse chi^2 with these moments.
  [[nodiscard]] Shared shared() const {
    const double half = inverse_trigamma(second - first * first);
    return {std::exp(first - std::log(half) + numeric::digamma(half)), 2.0 * half};
  }
};

struct Node {
  double scale, d0, log_prior;
};

// One node for each scale and likeness, likeness by likeness.
std::vector<Node> nodes_around(double pooled) {
  std::vector<Node> nodes;
  for (const Likeness& l : likeness)
    for (int i = 0; i < scales; ++i)
      nodes.push_back(
          {pooled * std::exp(widest * (2.0 * i / (scales - 1) - 1.0)), l.d0, std::log(l.prior)});
  return nodes;
}

// Mixture over the nodes, by their log weights, of one curve's log variance.
LogMoments mixture(const Spread& s,
                   const std::vector<Node>& nodes,
                   std::span<const double> weight) {
  const double most = *std::max_element(weight.begin(), weight.end());
  LogMoments m;
  double sum = 0.0, centre = 0.0, spread = 0.0;
  for (std::size_t k = 0; k < nodes.size(); ++k) {
    const Node& n = nodes[k];
    const double nu = n.d0 + s.df;
    if (k % scales == 0) {  // A new d0
      centre = std::log(0.5) - numeric::digamma(0.5 * nu);
      spread = numeric::trigamma(0.5 * nu);
    }
    const double w = std::exp(weight[k] - most);
    const double mean = centre + std::log(n.d0 * n.scale * s.expected + s.df * s.variance);
    sum += w;
    m.first += w * mean;
    m.second += w * (mean * mean + spread);
  }
  m.first /= sum, m.second /= sum;
  return m;
}

// Posterior of each curve's log variance: its own evidence in full, the others' to the power
// `others`.
std::vector<LogMoments> posterior(std::span<const Spread> spreads, double others) {
  double pooled = 0.0, df = 0.0;
  for (const Spread& s : spreads) pooled += s.df * s.variance / s.expected, df += s.df;
  const std::vector<Node> nodes = nodes_around(pooled / df);
  std::vector<std::vector<double>> evidence(spreads.size());
  std::vector<double> all(nodes.size(), 0.0);
  for (std::size_t j = 0; j < spreads.size(); ++j)
    for (std::size_t k = 0; k < nodes.size(); ++k) {
      const Spread& s = spreads[j];
      evidence[j].push_back(
          log_f_density(s.variance / (s.expected * nodes[k].scale), s.df, nodes[k].d0));
      all[k] += evidence[j][k];
    }
  std::vector<LogMoments> out;
  std::vector<double> weight(nodes.size());
  for (std::size_t j = 0; j < spreads.size(); ++j) {
    for (std::size_t k = 0; k < nodes.size(); ++k)
      weight[k] = nodes[k].log_prior + others * all[k] + (1.0 - others) * evidence[j][k];
    out.push_back(mixture(spreads[j], nodes, weight));
  }
  return out;
}

// Contributions scaled to squares that sum to 1, by the repeat's name.
using Direction = std::map<std::string, double>;

double squared(const Direction& d) {
  double sum = 0.0;
  for (const auto& [name, x] : d) sum += x * x;
  return sum;
}

// Sum of the correlations over all pairs within groups, and how many pairs these are.
struct Pairs {
  double sum = 0.0, n = 0.0;
};

template <class Key>
Pairs within(std::span<const Spread> spreads, Key key) {
  struct Group {
    Direction total;
    double n = 0.0;
  };
  std::map<std::string, Group> groups;
  for (const Spread& s : spreads) {
    Group& g = groups[key(s)];
    g.n += 1.0;
    double length = 0.0;
    for (double c : s.contribution) length += c * c;
    if (!(length > 0.0)) continue;
    for (std::size_t i = 0; i < s.repeats.size(); ++i)
      g.total[s.repeats[i]] += s.contribution[i] / std::sqrt(length);
  }
  Pairs p;
  for (const auto& [name, g] : groups) {
    p.sum += 0.5 * (squared(g.total) - g.n);
    p.n += 0.5 * g.n * (g.n - 1.0);
  }
  return p;
}

// In one order whatever the order of the data: sums come out the same to the last bit.
template <class T, class Name>
std::vector<std::size_t> sorted(std::span<const T> spreads, Name name) {
  std::vector<std::size_t> order(spreads.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const Spread &x = name(spreads[a]), &y = name(spreads[b]);
    return std::tie(x.drug, x.line, x.variance) < std::tie(y.drug, y.line, y.variance);
  });
  return order;
}

}  // namespace

double independence(std::span<const Spread> spreads) {
  const double m = static_cast<double>(spreads.size());
  if (m < 3.0) return 1.0;  // One pair says nothing of a correlation.
  const Pairs all = within(spreads, [](const Spread&) { return std::string(); });
  const Pairs line = within(spreads, [](const Spread& s) { return s.line; });
  const Pairs drug = within(spreads, [](const Spread& s) { return s.drug; });
  double squares = 0.0;
  for (const Pairs& p : {line, drug, Pairs{all.sum - line.sum - drug.sum, all.n - line.n - drug.n}})
    if (p.n > 0.5) squares += p.sum * p.sum / p.n;
  // Of m variances with correlations rho, the mean is known as well as from m / (1 + ...) alone.
  return 1.0 / (1.0 + 2.0 * squares / m);
}

std::vector<Shared> share_spread(std::span<const Spread> spreads) {
  std::vector<Shared> out(spreads.size());
  if (spreads.empty()) return out;
  if (spreads.size() == 1) return {{spreads[0].variance, spreads[0].df}};
  const auto order = sorted(spreads, [](const Spread& s) -> const Spread& { return s; });
  std::vector<Spread> in;
  for (std::size_t i : order) in.push_back(spreads[i]);
  const std::vector<LogMoments> p = posterior(in, independence(in));
  for (std::size_t i = 0; i < order.size(); ++i) out[order[i]] = p[i].shared();
  return out;
}

std::vector<Shared> share_spread(std::span<const PairedSpread> spreads) {
  std::vector<Shared> out(spreads.size());
  if (spreads.empty()) return out;
  const auto order =
      sorted(spreads, [](const PairedSpread& s) -> const Spread& { return s.difference; });
  std::vector<Spread> in;
  for (std::size_t i : order) in.push_back(spreads[i].difference);
  const double others = independence(in);
  std::vector<LogMoments> mixed(in.size());
  std::array<double, pairing.size()> weight{};
  for (std::size_t k = 0; k < pairing.size(); ++k) {
    const double g = (1.0 - pairing[k].rho) / (1.0 + pairing[k].rho);
    weight[k] = std::log(pairing[k].prior);
    for (std::size_t i : order) {
      const Spread& d = spreads[i].difference;
      weight[k] += others * log_f_density(g * spreads[i].sum_variance / d.variance, d.df, d.df);
    }
  }
  const double most = *std::max_element(weight.begin(), weight.end());
  double total = 0.0;
  for (double& w : weight) total += w = std::exp(w - most);
  for (std::size_t k = 0; k < pairing.size(); ++k) {
    const double g = (1.0 - pairing[k].rho) / (1.0 + pairing[k].rho);
    for (std::size_t i = 0; i < order.size(); ++i) {
      const PairedSpread& s = spreads[order[i]];
      in[i].variance = 0.5 * (s.difference.variance + g * s.sum_variance);
      in[i].df = 2.0 * s.difference.df;
    }
    const std::vector<LogMoments> p = posterior(in, others);
    for (std::size_t i = 0; i < p.size(); ++i) {
      mixed[i].first += weight[k] / total * p[i].first;
      mixed[i].second += weight[k] / total * p[i].second;
    }
  }
  for (std::size_t i = 0; i < order.size(); ++i) out[order[i]] = mixed[i].shared();
  return out;
}

}  // namespace kinescape::viability
