// SPDX-License-Identifier: Apache-2.0
#include "numeric/multivariate.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "base/errors.hpp"
#include "base/estimated.hpp"
#include "base/stream.hpp"
#include "numeric/distribution.hpp"
#include "numeric/quadrature.hpp"

namespace kinescape::numeric {
namespace {

std::size_t cell(int row, int column, int columns) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) +
         static_cast<std::size_t>(column);
}

/// Lower Cholesky factor of a positive semi-definite matrix; a row that depends on those before it
/// has a zero pivot.
std::vector<double> factor(std::span<const double> r, int k) {
  const auto at = [k](int i, int j) { return cell(i, j, k); };
  std::vector<double> l(cell(k, 0, k), 0.0);
  for (int i = 0; i < k; ++i) {
    for (int j = 0; j <= i; ++j) {
      double sum = r[at(i, j)];
      for (int m = 0; m < j; ++m) sum -= l[at(i, m)] * l[at(j, m)];
      if (i == j)
        l[at(i, i)] = sum > 1e-12 ? std::sqrt(sum) : 0.0;
      else
        l[at(i, j)] = l[at(j, j)] > 0.0 ? sum / l[at(j, j)] : 0.0;
    }
  }
  return l;
}

double tent(double u) {
  return std::fabs(2.0 * (u - std::floor(u)) - 1.0);
}

constexpr double primes[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53};

double cdf(double z) {
  return 0.5 * std::erfc(-z * std::numbers::sqrt2 / 2.0);
}

/// P(|Z| <= c) of normals with few free directions: one integral within the other, the last in
/// closed form. A row that depends on those before it narrows the last of them.
class Nested {
 public:
  Nested(double c, const std::vector<double>& l, int k) : c_(c), l_(l), k_(k) {
    for (int r = 0; r < k; ++r)
      if (at(r, r) > 0.0) free_.push_back(r);
    narrows_.resize(free_.size());
    for (int r = 0; r < k; ++r) {
      if (at(r, r) > 0.0) continue;
      for (std::size_t f = free_.size(); f-- > 0;)
        if (free_[f] < r && std::fabs(at(r, free_[f])) > 1e-7) {
          narrows_[f].push_back(r);
          break;
        }
    }
  }
  /// Sharp edges (a direction that is all but settled by the others) ask for another rule.
  [[nodiscard]] bool serves() const {
    return free_.size() <= 3 &&
           std::all_of(free_.begin(), free_.end(), [&](int r) { return at(r, r) > 0.05; });
  }
  [[nodiscard]] double value() {
    y_.assign(static_cast<std::size_t>(k_), 0.0);
    return from(0);
  }

 private:
  double c_;
  const std::vector<double>& l_;
  int k_;
  std::vector<int> free_;                  // rows with a direction of their own
  std::vector<std::vector<int>> narrows_;  // by free direction: the dependent rows it settles
  std::vector<double> y_;

  [[nodiscard]] double at(int r, int m) const { return l_[cell(r, m, k_)]; }
  [[nodiscard]] double before(int r, int column) const {
    double sum = 0.0;
    for (int m = 0; m < column; ++m) sum += at(r, m) * y_[static_cast<std::size_t>(m)];
    return sum;
  }
  // NOLINTNEXTLINE(misc-no-recursion): at most three levels
  double from(std::size_t f) {
    const int column = free_[f];
    double low = -9.0, high = 9.0;
    const auto narrow = [&](int r) {
      const double by = at(r, column), s = before(r, column);
      low = std::max(low, std::min((-c_ - s) / by, (c_ - s) / by));
      high = std::min(high, std::max((-c_ - s) / by, (c_ - s) / by));
    };
    narrow(column);
    for (const int r : narrows_[f]) narrow(r);
    if (!(low < high)) return 0.0;
    if (f + 1 == free_.size()) return cdf(high) - cdf(low);
    const auto inside = [&](double y) {
      y_[static_cast<std::size_t>(column)] = y;
      return std::exp(-0.5 * y * y) * from(f + 1);
    };
    constexpr int panels = 3;
    double sum = 0.0;
    for (int i = 0; i < panels; ++i)
      sum += gauss_legendre(
          inside, low + (high - low) * i / panels, low + (high - low) * (i + 1) / panels);
    return sum / std::sqrt(2.0 * std::numbers::pi);
  }
};

/// The same by a lattice, for any number of directions.
double by_lattice(double c, const std::vector<double>& l, int k, int points) {
  constexpr int shifts = 4;
  double total = 0.0;
  std::vector<double> y(static_cast<std::size_t>(k));
  for (int shift = 0; shift < shifts; ++shift) {
    for (int i = 1; i <= points; ++i) {
      double product = 1.0;
      for (int r = 0; r < k && product > 0.0; ++r) {
        double shifted = 0.0;
        for (int m = 0; m < r; ++m) shifted += l[cell(r, m, k)] * y[static_cast<std::size_t>(m)];
        const double pivot = l[cell(r, r, k)];
        if (pivot == 0.0) {
          if (std::fabs(shifted) > c) product = 0.0;
          y[static_cast<std::size_t>(r)] = 0.0;
          continue;
        }
        const double a = cdf((-c - shifted) / pivot), b = cdf((c - shifted) / pivot);
        product *= b - a;
        if (r + 1 == k) continue;
        // Richtmyer lattice: multiples of square roots of primes, baker-transformed.
        const double u = tent(i * std::sqrt(primes[r]) + std::sqrt(primes[15 - r]) * (shift + 1));
        y[static_cast<std::size_t>(r)] =
            kinescape::normal_quantile(std::clamp(a + u * (b - a), 1e-300, 1.0 - 1e-16));
      }
      total += product;
    }
  }
  return total / (shifts * points);
}

double within_normals(double c, const std::vector<double>& l, int k, int points) {
  Nested nested(c, l, k);
  return nested.serves() ? nested.value() : by_lattice(c, l, k, points);
}

}  // namespace

double within_all(double c, std::span<const double> correlation, int k, double df) {
  if (!(c >= 0.0) || k < 1 || !(df > 0.0)) return unknown;
  if (k > 15) throw UsageError("within_all: at most 15 statistics");
  if (k == 1) return 2.0 * student_t_cdf(c, df) - 1.0;
  const auto l = factor(correlation, k);
  if (std::isinf(df)) return std::clamp(within_normals(c, l, k, 8192), 0.0, 1.0);
  // Student: the common scale is integrated over its quantiles.
  const auto at = [&](double u) {
    return within_normals(c * std::sqrt(chi_squared_quantile(u, df) / df), l, k, 512);
  };
  return std::clamp(gauss_legendre(at, 0.0, 1.0), 0.0, 1.0);
}

}  // namespace kinescape::numeric
