// SPDX-License-Identifier: Apache-2.0
#include "numeric/shared_spread.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>
#include <vector>

#include "numeric/distribution.hpp"

namespace kinescape::numeric {
namespace {

// Members differ in variance as d0 / chi^2(d0) does. Most experiments repeat alike; the prior says
// so and leaves a sixteenth for members whose variances differ severalfold (d0 of 2 and 4).
struct Likeness {
  double d0, prior;
};
constexpr std::array<Likeness, 6> likeness{
    {{2.0, 0.01}, {4.0, 0.05}, {8.0, 0.10}, {16.0, 0.19}, {64.0, 0.25}, {1e5, 0.40}}};
// And any member may be odd, which no common d0 says: its variance is 4, 11 or 37 times what the
// others' is, with a d0 of its own. How many are, hardly any or a quarter, is integrated over too.
constexpr double odd_d0 = 8.0;
constexpr std::array<double, 3> odd_log_sizes{1.4, 2.4, 3.6};
constexpr std::array<double, 2> odd_shares{0.02, 0.25};
// Correlation of the two members of a difference over days. That days are independent is the
// conservative end, so it has nearly all of the prior.
struct Pairing {
  double rho, prior;
};
constexpr std::array<Pairing, 4> pairing{{{0.0, 0.982}, {0.3, 0.006}, {0.6, 0.006}, {0.85, 0.006}}};
constexpr int scales = 41;
constexpr std::size_t nodes = likeness.size() * scales, all_nodes = nodes * odd_shares.size();

// phi: log-uniform around what the members' variances say, as far as their number leaves open; odd
// members go on beyond.
struct Grid {
  double middle = 1.0, step = 0.4;
  std::array<int, odd_log_sizes.size()> odd{};  // In steps.

  explicit Grid(std::span<const OwnSpread> spreads) {
    // The median of log variances: one member that is odd does not move it far.
    std::vector<double> logs;
    double df = 0.0;
    for (const OwnSpread& s : spreads) {
      logs.push_back(std::log(s.variance / s.expected) - digamma(0.5 * s.df) +
                     std::log(0.5 * s.df));
      df += s.df;
    }
    std::sort(logs.begin(), logs.end());
    const std::size_t n = logs.size();
    middle = std::exp(0.5 * (logs[(n - 1) / 2] + logs[n / 2]));
    step = std::clamp(1.2 + 14.0 / std::sqrt(df), 1.5, 8.0) * 2.0 / (scales - 1);
    for (std::size_t i = 0; i < odd.size(); ++i)
      odd[i] = static_cast<int>(std::lround(odd_log_sizes[i] / step));
  }
  [[nodiscard]] double log_at(int i) const { return step * (i - 0.5 * (scales - 1)); }
  [[nodiscard]] int with_odd() const { return scales + odd.back(); }
};

// Density of an F(d1, d2) variate times f.
class FDensity {
 public:
  FDensity(double d1, double d2)
      : a_(0.5 * d1),
        b_(0.5 * d2),
        log_ratio_(std::log(d1 / d2)),
        constant_(std::lgamma(a_ + b_) - std::lgamma(a_) - std::lgamma(b_)) {}
  // Of the variate's log.
  [[nodiscard]] double log_at(double log_f) const {
    const double log_x = log_f + log_ratio_;
    return constant_ + a_ * log_x - (a_ + b_) * std::log1p(std::exp(log_x));
  }
  [[nodiscard]] double at(double log_f) const { return std::exp(log_at(log_f)); }

 private:
  double a_, b_, log_ratio_, constant_;
};

// A posterior of sigma^2: with these weights it is variance nu / chi^2(nu).
struct Part {
  double weight, variance, nu;
};
using Mixture = std::vector<Part>;

// Student's t as a function of the normal and back (Wallace 1959, doi:10.1214/aoms/1177706095):
// three digits, and every part of every mixture is asked some twenty times.
double normal_of_t(double t, double nu) {
  return (8.0 * nu + 1.0) / (8.0 * nu + 3.0) * std::sqrt(nu * std::log1p(t * t / nu));
}
double t_of_normal(double z, double nu) {
  const double u = z * (8.0 * nu + 3.0) / (8.0 * nu + 1.0);
  return std::sqrt(nu * std::expm1(u * u / nu));
}

// Where the mixture of t distributions leaves `tail` above; `guess` to start from.
double upper_quantile(const Mixture& m, double tail, double guess) {
  const auto excess = [&](double log_x) {
    const double x = std::exp(log_x);
    double p = 0.0;
    for (const Part& c : m)
      p +=
          c.weight * 0.5 * std::erfc(normal_of_t(x / std::sqrt(c.variance), c.nu) / std::sqrt(2.0));
    return std::log(p / tail);
  };
  double low = std::log(guess), high = low, f_low = excess(low), f_high = f_low;
  for (double step = 0.3; f_low < 0.0; step *= 2.0)
    high = low, f_high = f_low, low -= step, f_low = excess(low);
  for (double step = 0.3; f_high > 0.0; step *= 2.0)
    low = high, f_low = f_high, high += step, f_high = excess(high);
  for (int it = 0; it < 60 && high - low > 1e-5; ++it) {
    const double share = std::clamp(f_low / (f_low - f_high), 0.02, 0.98);
    const double at = low + share * (high - low), f = excess(at);
    if (std::abs(f) < 1e-5) return std::exp(at);
    (f > 0.0 ? low : high) = at, (f > 0.0 ? f_low : f_high) = f;
  }
  return std::exp(0.5 * (low + high));
}

// The t distribution that has the mixture's 80 % and 95 % intervals. Where a member may be odd or
// not, moments would be ruled by parts that hardly weigh.
SharedSpread shared_of(const Mixture& m) {
  double variance = 0.0;
  for (const Part& c : m) variance += c.weight * std::log(c.variance);
  const double sd = std::exp(0.5 * variance);
  const double q80 = upper_quantile(m, 0.1, 1.3 * sd);
  const double q95 = upper_quantile(m, 0.025, 1.6 * q80);
  constexpr double z80 = 1.2815515655446004, z95 = 1.959963984540054;
  double low = 0.5, high = 1e5;
  for (int it = 0; it < 60; ++it) {
    const double df = std::sqrt(low * high);
    (t_of_normal(z95, df) / t_of_normal(z80, df) > q95 / q80 ? low : high) = df;
  }
  const double df = std::sqrt(low * high), scale = q95 / student_t_quantile(0.975, df);
  return {scale * scale, df};
}

// How likely one member's own variance is at each node, alike and odd.
struct Evidence {
  std::vector<double> alike, odd, log_either;  // By node, by scale, by node and odd share.

  Evidence(const OwnSpread& s, const Grid& grid) {
    const double log_f = std::log(s.variance / (s.expected * grid.middle));
    const FDensity far(s.df, odd_d0);
    for (int i = 0; i < grid.with_odd(); ++i)
      odd.push_back(far.at(log_f - grid.log_at(i)) / static_cast<double>(grid.odd.size()));
    for (const Likeness& l : likeness) {
      const FDensity near(s.df, l.d0);
      for (int i = 0; i < scales; ++i) alike.push_back(near.at(log_f - grid.log_at(i)));
    }
    for (const double share : odd_shares)
      for (std::size_t k = 0; k < nodes; ++k) {
        double sum = 0.0;
        for (const int step : grid.odd) sum += odd[k % scales + static_cast<std::size_t>(step)];
        log_either.push_back(std::log((1.0 - share) * alike[k] + share * sum + 1e-300));
      }
  }
};

// One member's variance, by the weights of the nodes.
Mixture mixture(const OwnSpread& s,
                const Evidence& e,
                const Grid& grid,
                const std::vector<double>& weight) {
  constexpr double least = 1e-5;  // What weighs less moves no third digit.
  std::vector<double> alike(nodes, 0.0), odd(e.odd.size(), 0.0);
  for (std::size_t k = 0; k < all_nodes; ++k) {
    if (weight[k] < least * 1e-3) continue;
    const double share = odd_shares[k / nodes], w = weight[k] / std::exp(e.log_either[k]);
    const std::size_t node = k % nodes;
    alike[node] += w * (1.0 - share) * e.alike[node];
    for (const int step : grid.odd) {
      const std::size_t far = node % scales + static_cast<std::size_t>(step);
      odd[far] += w * share * e.odd[far];
    }
  }
  Mixture m;
  const auto part = [&](double w, double d0, std::size_t scale) {
    if (w < least) return;
    const double prior = grid.middle * std::exp(grid.log_at(static_cast<int>(scale))) * s.expected;
    m.push_back({w, (d0 * prior + s.df * s.variance) / (d0 + s.df), d0 + s.df});
  };
  for (std::size_t k = 0; k < nodes; ++k) part(alike[k], likeness[k / scales].d0, k % scales);
  for (std::size_t i = 0; i < odd.size(); ++i) part(odd[i], odd_d0, i);
  double sum = 0.0;
  for (const Part& c : m) sum += c.weight;
  for (Part& c : m) c.weight /= sum;
  return m;
}

// Posterior of each member's variance: its own evidence in full, the others' to the power `others`.
std::vector<Mixture> posterior(std::span<const OwnSpread> spreads, double others) {
  const Grid grid(spreads);
  std::vector<Evidence> evidence;
  std::vector<double> all(all_nodes, 0.0);
  for (const OwnSpread& s : spreads) {
    evidence.emplace_back(s, grid);
    for (std::size_t k = 0; k < all_nodes; ++k) all[k] += evidence.back().log_either[k];
  }
  std::vector<Mixture> out;
  std::vector<double> weight(all_nodes);
  for (std::size_t j = 0; j < spreads.size(); ++j) {
    for (std::size_t k = 0; k < all_nodes; ++k)
      weight[k] = std::log(likeness[k % nodes / scales].prior) + others * all[k] +
                  (1.0 - others) * evidence[j].log_either[k];
    const double most = *std::max_element(weight.begin(), weight.end());
    double sum = 0.0;
    for (double& w : weight) sum += w = std::exp(w - most);
    for (double& w : weight) w /= sum;
    out.push_back(mixture(spreads[j], evidence[j], grid, weight));
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
Pairs within(std::span<const OwnSpread> spreads, Key key) {
  struct Group {
    Direction total;
    double n = 0.0;
  };
  std::map<std::string, Group> groups;
  for (const OwnSpread& s : spreads) {
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
    const OwnSpread &x = name(spreads[a]), &y = name(spreads[b]);
    return std::tie(x.column, x.row, x.variance) < std::tie(y.column, y.row, y.variance);
  });
  return order;
}

}  // namespace

double independence(std::span<const OwnSpread> spreads) {
  const double m = static_cast<double>(spreads.size());
  if (m < 3.0) return 1.0;  // One pair says nothing of a correlation.
  const Pairs all = within(spreads, [](const OwnSpread&) { return std::string(); });
  const Pairs row = within(spreads, [](const OwnSpread& s) { return s.row; });
  const Pairs column = within(spreads, [](const OwnSpread& s) { return s.column; });
  double squares = 0.0;
  for (const Pairs& p :
       {row, column, Pairs{all.sum - row.sum - column.sum, all.n - row.n - column.n}})
    if (p.n > 0.5) squares += p.sum * p.sum / p.n;
  // Of m variances with correlations rho, the mean is known as well as from m / (1 + ...) alone.
  return 1.0 / (1.0 + 2.0 * squares / m);
}

std::vector<SharedSpread> share_spread(std::span<const OwnSpread> spreads) {
  std::vector<SharedSpread> out(spreads.size());
  if (spreads.empty()) return out;
  if (spreads.size() == 1) return {{spreads[0].variance, spreads[0].df}};
  const auto order = sorted(spreads, [](const OwnSpread& s) -> const OwnSpread& { return s; });
  std::vector<OwnSpread> in;
  for (std::size_t i : order) in.push_back(spreads[i]);
  const std::vector<Mixture> p = posterior(in, independence(in));
  for (std::size_t i = 0; i < order.size(); ++i) out[order[i]] = shared_of(p[i]);
  return out;
}

std::vector<SharedSpread> share_spread(std::span<const PairedSpread> spreads) {
  std::vector<SharedSpread> out(spreads.size());
  if (spreads.empty()) return out;
  const auto order =
      sorted(spreads, [](const PairedSpread& s) -> const OwnSpread& { return s.difference; });
  std::vector<OwnSpread> in;
  for (std::size_t i : order) in.push_back(spreads[i].difference);
  const double others = independence(in);
  std::vector<Mixture> mixed(in.size());
  std::array<double, pairing.size()> weight{};
  for (std::size_t k = 0; k < pairing.size(); ++k) {
    const double g = (1.0 - pairing[k].rho) / (1.0 + pairing[k].rho);
    weight[k] = std::log(pairing[k].prior);
    for (std::size_t i : order) {
      const OwnSpread& d = spreads[i].difference;
      weight[k] +=
          others * FDensity(d.df, d.df).log_at(std::log(g * spreads[i].sum_variance / d.variance));
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
    const std::vector<Mixture> p = posterior(in, others);
    for (std::size_t i = 0; i < p.size(); ++i)
      for (const Part& c : p[i])
        mixed[i].push_back({c.weight * weight[k] / total, c.variance, c.nu});
  }
  for (std::size_t i = 0; i < order.size(); ++i) out[order[i]] = shared_of(mixed[i]);
  return out;
}

}  // namespace kinescape::numeric
