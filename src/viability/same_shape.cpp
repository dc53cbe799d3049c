// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "numeric/distribution.hpp"
#include "viability/same_shape_internal.hpp"

namespace kinescape::viability {
namespace {

constexpr int slope_index = 1, plateau_index = 3;  // In Theta::at.

struct Covariance {
  double slope = 0.0, plateau = 0.0, both = 0.0;
};

void add(Covariance& c, const model::Fit& fit) {
  const auto& free = fit.layout.theta;
  const auto place = [&](int index) { return std::find(free.begin(), free.end(), index); };
  const auto s = place(slope_index), p = place(plateau_index);
  if (s == free.end() || p == free.end()) return;
  const auto i = static_cast<std::size_t>(s - free.begin());
  const auto j = static_cast<std::size_t>(p - free.begin());
  const auto n = static_cast<std::size_t>(fit.layout.size);
  c.slope += fit.covariance[i * n + i];
  c.plateau += fit.covariance[j * n + j];
  c.both += fit.covariance[i * n + j];
}

}  // namespace

double plateau_slope_correlation(const model::Fit& r, const model::Fit& p) {
  Covariance c;
  add(c, r);
  add(c, p);
  if (!(c.slope > 0.0 && c.plateau > 0.0)) return 0.0;
  return std::clamp(c.both / std::sqrt(c.slope * c.plateau), -0.99, 0.99);
}

double joint_p(double a, double df_a, double b, double df_b, double correlation) {
  const double t2 = (a * a - 2.0 * correlation * a * b + b * b) / (1.0 - correlation * correlation);
  if (t2 != t2) return unknown;
  const double nu = 2.0 / (1.0 / df_a + 1.0 / df_b);
  return nu > 1.0 ? numeric::f_upper(t2 * (nu - 1.0) / (2.0 * nu), 2.0, nu - 1.0) : 1.0;
}

}  // namespace kinescape::viability
