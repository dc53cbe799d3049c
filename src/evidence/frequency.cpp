// SPDX-License-Identifier: Apache-2.0
#include "evidence/frequency.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "base/errors.hpp"
#include "numeric/distribution.hpp"
#include "numeric/quadrature.hpp"

namespace kinescape::evidence {
namespace {

/// Without the binomial coefficient, which no comparison needs.
double log_binomial(const Count& c, double logit) {
  // log p = -log(1 + e^-x), log(1 - p) = -log(1 + e^x), without overflow.
  const double log_p =
      logit > 0 ? -std::log1p(std::exp(-logit)) : logit - std::log1p(std::exp(logit));
  const double log_q = log_p - logit;
  return c.positive * log_p + (c.total - c.positive) * log_q;
}

/// Log likelihood of all series when logits are N(mu, tau^2).
double log_likelihood(const std::vector<Count>& counts, double mu, double tau) {
  double sum = 0;
  for (const auto& c : counts) {
    if (tau < 1e-6) {
      sum += log_binomial(c, mu);
      continue;
    }
    double area = 0;
    for (int panel = -2; panel < 2; ++panel) {
      area += numeric::gauss_legendre(
          [&](double z) {
            return std::exp(log_binomial(c, mu + tau * z) - 0.5 * z * z) * 0.39894228040143268;
          },
          3.0 * panel,
          3.0 * panel + 3.0);
    }
    sum += std::log(area);
  }
  return sum;
}

/// Largest f on [a, b] of a function with one top, by golden section.
template <class F>
std::pair<double, double> top_of(F f, double a, double b) {
  constexpr double golden = 0.61803398874989485;
  double c = b - golden * (b - a), d = a + golden * (b - a), fc = f(c), fd = f(d);
  while (b - a > 1e-5) {
    if (fc > fd) {
      b = d, d = c, fd = fc, c = b - golden * (b - a), fc = f(c);
    } else {
      a = c, c = d, fc = fd, d = a + golden * (b - a), fd = f(d);
    }
  }
  return {0.5 * (a + b), std::max(fc, fd)};
}

std::pair<double, double> best_tau(const std::vector<Count>& counts, double mu) {
  auto found = top_of([&](double tau) { return log_likelihood(counts, mu, tau); }, 0.0, 4.0);
  const double at_zero = log_likelihood(counts, mu, 0.0);
  if (at_zero >= found.second) found = {0.0, at_zero};
  return found;
}

double expit(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}

Estimated exact_proportion(const Count& c, double level) {
  Estimated e;
  const double tail = 0.5 * (1 - level);
  e.level = level;
  e.n = 1;
  e.method = "one series, Clopper-Pearson";
  e.status = Status::ok;
  e.value = static_cast<double>(c.positive) / c.total;
  e.low =
      c.positive == 0 ? 0.0 : numeric::beta_quantile(tail, c.positive, c.total - c.positive + 1);
  e.high = c.positive == c.total
               ? 1.0
               : numeric::beta_quantile(1 - tail, c.positive + 1, c.total - c.positive);
  return e;
}

}  // namespace

Pooled pool(const std::vector<Count>& counts, double level) {
  Pooled out;
  for (const auto& c : counts) {
    if (c.total < 1 || c.positive < 0 || c.positive > c.total)
      throw UsageError("a count of more positive than tested, or of nobody tested");
  }
  if (counts.empty()) {
    out.proportion.status = Status::too_few_data;
    out.proportion.why = "No series with counts.";
    return out;
  }
  const Count all =
      std::accumulate(counts.begin(), counts.end(), Count{}, [](Count a, const Count& b) {
        return Count{a.positive + b.positive, a.total + b.total};
      });
  if (counts.size() == 1 || all.positive == 0 || all.positive == all.total) {
    out.proportion = exact_proportion(all, level);
    out.proportion.n = static_cast<int>(counts.size());
    if (counts.size() > 1)
      out.proportion.method = "all series alike at the limit, Clopper-Pearson on their sum";
    return out;
  }
  const auto profile = [&](double mu) { return best_tau(counts, mu).second; };
  const auto top = top_of(profile, -9.0, 9.0);
  const double mu = top.first, best = top.second;  // a lambda may not take a binding in C++20
  out.tau = best_tau(counts, mu).first;
  const double common =
      top_of([&](double m) { return log_likelihood(counts, m, 0.0); }, -9.0, 9.0).second;
  out.heterogeneity_p =
      best - common < 1e-9 ? 1.0 : 0.5 * numeric::chi_squared_upper(2 * (best - common), 1);
  const double drop = 0.5 * numeric::chi_squared_quantile(level, 1);
  const auto end = [&](double step) {
    double inside = mu, outside = mu + step;
    while (profile(outside) > best - drop && std::abs(outside) < 15) outside += step;
    while (std::abs(outside - inside) > 1e-5) {
      const double middle = 0.5 * (inside + outside);
      (profile(middle) > best - drop ? inside : outside) = middle;
    }
    return 0.5 * (inside + outside);
  };
  Estimated& e = out.proportion;
  e.level = level;
  e.n = static_cast<int>(counts.size());
  e.method = "binomial-normal random effects, profile likelihood";
  e.status = Status::ok;
  e.value = expit(mu);
  e.low = expit(end(-0.5));
  e.high = expit(end(0.5));
  return out;
}

std::vector<MechanismFrequency> mechanism_frequencies(const Library& library,
                                                      const Admission& admission,
                                                      double level,
                                                      const std::string& prior_agent,
                                                      const std::string& mechanism) {
  struct Key {
    std::string prior_agent, mechanism, kind, setting;
    auto operator<=>(const Key&) const = default;
  };
  std::map<Key, std::vector<const MechanismCount*>> groups;
  for (const auto& pack : library.packs) {
    for (const auto& m : pack.mechanisms) {
      const bool admitted =
          m.read == Read::yes || admission.unread || (m.read == Read::quoted && admission.quoted);
      if (!admitted || std::isnan(m.positive) || std::isnan(m.total) || m.total < 1) continue;
      if (!prior_agent.empty() && m.prior_agent != prior_agent) continue;
      if (!mechanism.empty() && m.mechanism != mechanism) continue;
      groups[{m.prior_agent, m.mechanism, m.kind, m.setting}].push_back(&m);
    }
  }
  std::vector<MechanismFrequency> out;
  for (const auto& [key, rows] : groups) {
    MechanismFrequency f{key.prior_agent, key.mechanism, key.kind, key.setting, {}, {}};
    std::vector<Count> counts;
    std::set<std::string> papers;
    for (const auto* m : rows) {
      if (!papers.insert(m->source_identity).second) continue;
      counts.push_back({static_cast<int>(m->positive), static_cast<int>(m->total)});
      f.rows.push_back(m->pack + ":" + m->id);
    }
    f.pooled = pool(counts, level);
    out.push_back(std::move(f));
  }
  return out;
}

}  // namespace kinescape::evidence
