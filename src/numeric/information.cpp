// SPDX-License-Identifier: Apache-2.0
#include "numeric/information.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <cmath>
#include <cstddef>
#include <limits>

#include "base/errors.hpp"
#include "numeric/differences.hpp"

namespace kinescape::numeric {

std::vector<double> inverse_hessian(const GradientFunction& gradient,
                                    std::span<const double> at,
                                    const std::vector<bool>& moving) {
  const std::size_t k = at.size();
  if (moving.size() != k) throw UsageError("inverse_hessian: one flag per parameter");
  std::vector<std::size_t> place;
  std::vector<double> start;
  for (std::size_t j = 0; j < k; ++j) {
    if (!moving[j]) continue;
    place.push_back(j);
    start.push_back(at[j]);
  }
  std::vector<double> all(at.begin(), at.end()), slopes(k);
  const std::size_t m = place.size();
  const auto reduced = [&](std::span<const double> x, std::span<double> out) {
    for (std::size_t j = 0; j < m; ++j) all[place[j]] = x[j];
    gradient(all, slopes);
    for (std::size_t j = 0; j < m; ++j) out[j] = slopes[place[j]];
  };
  const auto second = finite_difference_jacobian(reduced, m, start);
  Eigen::MatrixXd hessian(m, m);
  for (std::size_t r = 0; r < m; ++r) {
    for (std::size_t c = 0; c < m; ++c) {
      hessian(static_cast<Eigen::Index>(r), static_cast<Eigen::Index>(c)) =
          0.5 * (second[r * m + c] + second[c * m + r]);
    }
  }
  std::vector<double> out(k * k, std::numeric_limits<double>::quiet_NaN());
  // Scaled to a unit diagonal: parameters differ by orders of magnitude.
  const Eigen::VectorXd diagonal = hessian.diagonal();
  if (!hessian.allFinite() || !(diagonal.array() > 0.0).all()) return out;
  const Eigen::VectorXd scale = diagonal.array().rsqrt();
  const Eigen::LLT<Eigen::MatrixXd> factor(scale.asDiagonal() * hessian * scale.asDiagonal());
  if (factor.info() != Eigen::Success) return out;
  const auto size = static_cast<Eigen::Index>(m);
  const Eigen::MatrixXd inverse = factor.solve(Eigen::MatrixXd::Identity(size, size));
  for (std::size_t r = 0; r < m; ++r) {
    for (std::size_t c = 0; c < m; ++c) {
      const auto i = static_cast<Eigen::Index>(r), j = static_cast<Eigen::Index>(c);
      out[place[r] * k + place[c]] = scale[i] * inverse(i, j) * scale[j];
    }
  }
  return out;
}

}  // namespace kinescape::numeric
