// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "immunoblot/lane_solver_internal.hpp"

namespace kinescape::immunoblot {
namespace {

constexpr double lost = std::numeric_limits<double>::quiet_NaN();

/// Cholesky factor of the free rows of J'J, their diagonal raised by `damping` of itself.
class Factor {
 public:
  Factor(const Normal& normal, std::size_t k, const std::vector<std::size_t>& free, double damping)
      : n_(free.size()), l_(n_ * n_, 0.0) {
    for (std::size_t a = 0; a < n_; ++a) {
      for (std::size_t b = 0; b <= a; ++b) {
        const std::size_t i = std::max(free[a], free[b]), j = std::min(free[a], free[b]);
        double sum = normal.matrix[i * k + j];
        if (a == b) sum += damping * std::max(sum, 1e-300);
        for (std::size_t c = 0; c < b; ++c) sum -= l_[a * n_ + c] * l_[b * n_ + c];
        if (a != b) {
          l_[a * n_ + b] = sum / l_[b * n_ + b];
        } else if (sum > 1e-13 * normal.matrix[i * k + i]) {
          l_[a * n_ + a] = std::sqrt(sum);
        } else {
          return;
        }
      }
    }
    good_ = true;
  }
  [[nodiscard]] bool good() const { return good_; }

  /// (L L')^-1 x.
  void solve(std::vector<double>& x) const {
    for (std::size_t a = 0; a < n_; ++a) {
      for (std::size_t c = 0; c < a; ++c) x[a] -= l_[a * n_ + c] * x[c];
      x[a] /= l_[a * n_ + a];
    }
    for (std::size_t a = n_; a-- > 0;) {
      for (std::size_t c = a + 1; c < n_; ++c) x[a] -= l_[c * n_ + a] * x[c];
      x[a] /= l_[a * n_ + a];
    }
  }

 private:
  std::size_t n_;
  std::vector<double> l_;
  bool good_ = false;
};

/// Parameters that no bound holds against the descent.
std::vector<std::size_t> free_of(const std::vector<double>& p,
                                 const std::vector<double>& gradient,
                                 const SolverOptions& o) {
  std::vector<std::size_t> free;
  for (std::size_t j = 0; j < p.size(); ++j) {
    const bool held =
        (p[j] <= o.lower[j] && gradient[j] >= 0.0) || (p[j] >= o.upper[j] && gradient[j] <= 0.0);
    if (!held) free.push_back(j);
  }
  return free;
}

std::vector<double> variance_of(const Normal& normal,
                                std::size_t k,
                                const std::vector<std::size_t>& free) {
  std::vector<double> out(k, lost);
  const Factor factor(normal, k, free, 0.0);
  if (!factor.good()) return out;
  for (std::size_t a = 0; a < free.size(); ++a) {
    std::vector<double> unit(free.size(), 0.0);
    unit[a] = 1.0;
    factor.solve(unit);
    out[free[a]] = unit[a];
  }
  return out;
}

}  // namespace

SolverFit solve_normal(const NormalFunction& f,
                       std::vector<double> start,
                       const SolverOptions& options) {
  SolverFit fit;
  const std::size_t k = start.size();
  for (std::size_t j = 0; j < k; ++j)
    start[j] = std::clamp(start[j], options.lower[j], options.upper[j]);
  Normal normal;
  double sum = f(start, &normal), damping = 1.0;
  int crawl = 0;
  if (!std::isfinite(sum)) return fit;
  for (int step = 0; step < options.most_steps && !fit.converged; ++step) {
    const auto free = free_of(start, normal.gradient, options);
    if (free.empty()) {
      fit.converged = true;
      break;
    }
    bool moved = false;
    while (!moved && damping < 1e12) {
      const Factor factor(normal, k, free, damping);
      std::vector<double> delta;
      for (const std::size_t j : free) delta.push_back(-normal.gradient[j]);
      if (factor.good()) factor.solve(delta);
      std::vector<double> next = start;
      for (std::size_t a = 0; a < free.size(); ++a) {
        const std::size_t j = free[a];
        next[j] = std::clamp(next[j] + delta[a], options.lower[j], options.upper[j]);
      }
      const double there = factor.good() ? f(next, nullptr) : lost;
      if (there <= sum) {
        moved = true;
        // A fit with misfit left over may crawl: a dozen tiny gains in a row are an end, too.
        crawl = sum - there <= 100.0 * options.tolerance * sum ? crawl + 1 : 0;
        fit.converged = sum - there <= options.tolerance * sum || crawl == 12;
        start = std::move(next);
        damping = std::max(0.2 * damping, 1e-9);
      } else {
        damping *= 5.0;
      }
    }
    if (!moved) fit.converged = true;  // nothing is left to gain but rounding
    sum = f(start, &normal);
  }
  fit.variance = variance_of(normal, k, free_of(start, normal.gradient, options));
  fit.sum = sum;
  fit.parameters = std::move(start);
  return fit;
}

}  // namespace kinescape::immunoblot
