// SPDX-License-Identifier: Apache-2.0
// The likelihood of independent residuals from each group's cross products alone. With
// W = (sigma^2 I + Z'Z D)^-1 (random x random), Z'V^-1 = W Z', so no matrix of rows is ever formed:
// a group of a hundred rows costs what a group of five does.
#include <Eigen/LU>
#include <cmath>
#include <numbers>

#include "numeric/mixed_internal.hpp"

namespace kinescape::numeric {
namespace {

using Eigen::Dynamic;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
// On the stack: at most 4 random effects and 24 columns of [X, y].
using Small = Eigen::Matrix<double, Dynamic, Dynamic, 0, 4, 4>;
using Wide = Eigen::Matrix<double, Dynamic, Dynamic, 0, 4, 24>;
using Square = Eigen::Matrix<double, Dynamic, Dynamic, 0, 24, 24>;

/// What one group adds in the basis [X, y].
struct Pieces {
  Small c, c2;        // Z'V^-1Z, Z'V^-2Z
  Wide f, f2;         // Z'V^-1[X y], Z'V^-2[X y]
  Square x1, x2, x3;  // [X y]'V^-1[X y], ... V^-2 ..., V^-3
  double log_det, trace1, trace2;
};

Pieces pieces_of(const MixedMoments& m, const MixedVariances& v) {
  const Index q = v.group.rows();
  const Small zz = m.zz, d = v.group;
  const Wide zx = m.zx;
  const double s2 = v.residual;
  Small inner = zz * d;
  inner.diagonal().array() += s2;
  const Eigen::PartialPivLU<Small> lu(inner);
  const Small w = lu.inverse();
  Pieces out;
  out.log_det =
      static_cast<double>(m.rows - q) * std::log(s2) + std::log(std::fabs(lu.determinant()));
  out.c = w * zz;
  out.f = w * zx;
  out.c2 = w * out.c;
  out.f2 = w * out.f;
  const Wide k = d * out.f;  // D Z'V^-1[X y]; V^-1[X y] = ([X y] - Z k) / sigma^2
  out.x1 = (m.xx - zx.transpose() * k) / s2;
  out.x2 = (out.x1 - out.f.transpose() * k) / s2;
  out.x3 = (out.x2 - out.f2.transpose() * k) / s2;
  const Small shrunk = d * out.c;  // D Z'V^-1Z
  out.trace1 = (static_cast<double>(m.rows) - shrunk.trace()) / s2;
  out.trace2 =
      (static_cast<double>(m.rows) - 2.0 * shrunk.trace() + (shrunk * shrunk).trace()) / (s2 * s2);
  return out;
}

}  // namespace

void add_moments(const MixedProblem& problem,
                 const MixedVariances& v,
                 bool derivatives,
                 MixedSums& sums) {
  const auto entries = static_cast<Index>(problem.entries.size());
  const Index count = entries + 1, q = problem.random;
  std::vector<Small> unit;
  for (const auto& [a, b] : problem.entries) {
    Small e = Small::Zero(q, q);
    e(a, b) = e(b, a) = 1.0;
    unit.push_back(e);
  }
  std::vector<Wide> ef(unit.size());
  std::vector<Small> ce(unit.size());
  for (const MixedMoments& m : problem.moments) {
    const Pieces g = pieces_of(m, v);
    sums.log_det += g.log_det;
    sums.xx += g.x1;
    if (!derivatives) continue;
    for (std::size_t k = 0; k < unit.size(); ++k) {
      ef[k] = unit[k] * g.f;
      ce[k] = g.c * unit[k];
      sums.trace(static_cast<Index>(k)) += ce[k].trace();
      sums.p[k].noalias() += g.f.transpose() * ef[k];
      for (std::size_t l = 0; l <= k; ++l) {
        const auto at = k * static_cast<std::size_t>(count) + l;
        const Wide cef = g.c * ef[l];
        sums.trace2(static_cast<Index>(k), static_cast<Index>(l)) +=
            (ce[k].array() * ce[l].transpose().array()).sum();
        sums.q[at].noalias() += ef[k].transpose() * cef;
      }
      const auto at = static_cast<std::size_t>(entries * count) + k;  // (sigma^2, k)
      sums.trace2(entries, static_cast<Index>(k)) += (unit[k].array() * g.c2.array()).sum();
      sums.q[at].noalias() += g.f2.transpose() * ef[k];
    }
    sums.trace(entries) += g.trace1;
    sums.trace2(entries, entries) += g.trace2;
    sums.p.back() += g.x2;
    sums.q.back() += g.x3;
  }
}

}  // namespace kinescape::numeric
