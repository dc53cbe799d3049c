// SPDX-License-Identifier: Apache-2.0
// Log-likelihood, gradient, Hessian and expected information in the variance parameters, group by
// group. With E = V^-1 [X, y - X beta] every term of them is a piece of E'V_kE or E'V_kV^-1V_lE.
#include <cmath>
#include <numbers>

#include "numeric/mixed_internal.hpp"

namespace kinescape::numeric {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// e_a e_b' + e_b e_a', or e_a e_a'.
MatrixXd unit(Index size, Index a, Index b) {
  MatrixXd e = MatrixXd::Zero(size, size);
  e(a, b) = e(b, a) = 1.0;
  return e;
}

MatrixXd serial_matrix(const MatrixXd& distance, double decay, int derivative) {
  return distance.unaryExpr([=](double d) {
    if (d < 0.0) return 0.0;
    const double r = std::exp(-decay * d);
    return derivative == 0 ? r : derivative == 1 ? -d * r : d * d * r;
  });
}

/// Z D Z' within each unit of the block.
MatrixXd within_units(const MixedBlock& block, const MatrixXd& d) {
  MatrixXd out = MatrixXd::Zero(block.z.rows(), block.z.rows());
  for (const auto& unit_rows : block.units) {
    const MatrixXd z = block.z(unit_rows, Eigen::all);
    out(unit_rows, unit_rows) = z * d * z.transpose();
  }
  return out;
}

/// One derivative of V. Low rank (Z E Z') or dense.
struct Derivative {
  MatrixXd e;      // low rank: random x random
  MatrixXd dense;  // else rows x rows
  bool low_rank = false;
};

std::vector<Derivative> derivatives_of(const MixedProblem& problem,
                                       const MixedBlock& block,
                                       const MixedVariances& v,
                                       const MatrixXd& serial) {
  std::vector<Derivative> out;
  for (const auto& [a, b] : problem.entries) out.push_back({unit(problem.random, a, b), {}, true});
  if (problem.nested)
    for (const auto& [a, b] : problem.unit_entries)
      out.push_back({{}, within_units(block, unit(problem.random, a, b)), false});
  out.push_back(
      {{},
       problem.serial ? serial : MatrixXd(MatrixXd::Identity(block.y.size(), block.y.size())),
       false});
  if (problem.serial)
    out.push_back({{}, v.residual * serial_matrix(block.distance, v.decay, 1), false});
  return out;
}

void add_block(const MixedProblem& problem,
               const MixedBlock& block,
               const MixedVariances& v,
               const MatrixXd& inverse,
               const MatrixXd& e,
               const MatrixXd& serial,
               MixedSums& sums) {
  const auto parts = derivatives_of(problem, block, v, serial);
  const auto count = static_cast<Index>(parts.size());
  const MatrixXd b = inverse * block.z, c = block.z.transpose() * b;
  const MatrixXd f = block.z.transpose() * e;
  std::vector<MatrixXd> ce, a, fe, ve;  // C E_k, V^-1 V_k, E_k F, V_k E
  for (const Derivative& d : parts) {
    ce.push_back(d.low_rank ? MatrixXd(c * d.e) : MatrixXd());
    fe.push_back(d.low_rank ? MatrixXd(d.e * f) : MatrixXd());
    a.push_back(d.low_rank ? MatrixXd() : MatrixXd(inverse * d.dense));
    ve.push_back(d.low_rank ? MatrixXd() : MatrixXd(d.dense * e));
  }
  for (Index k = 0; k < count; ++k) {
    const auto ku = static_cast<std::size_t>(k);
    const Derivative& dk = parts[ku];
    sums.trace(k) += dk.low_rank ? ce[ku].trace() : a[ku].trace();
    sums.p[ku] += dk.low_rank ? MatrixXd(f.transpose() * fe[ku]) : MatrixXd(e.transpose() * ve[ku]);
    for (Index l = 0; l <= k; ++l) {
      const auto lu = static_cast<std::size_t>(l);
      const Derivative& dl = parts[lu];
      MatrixXd& q = sums.q[static_cast<std::size_t>(k * count + l)];
      if (dk.low_rank && dl.low_rank) {
        sums.trace2(k, l) += (ce[ku].array() * ce[lu].transpose().array()).sum();
        q += fe[ku].transpose() * c * fe[lu];
      } else if (dk.low_rank) {
        sums.trace2(k, l) += (dk.e.array() * (b.transpose() * dl.dense * b).array()).sum();
        q += fe[ku].transpose() * (b.transpose() * ve[lu]);
      } else if (dl.low_rank) {
        sums.trace2(k, l) += (dl.e.array() * (b.transpose() * dk.dense * b).array()).sum();
        q += (b.transpose() * ve[ku]).transpose() * fe[lu];
      } else {
        sums.trace2(k, l) += (a[ku].array() * a[lu].transpose().array()).sum();
        q += ve[ku].transpose() * (inverse * ve[lu]);
      }
    }
  }
  if (!problem.serial) return;
  const MatrixXd first = serial_matrix(block.distance, v.decay, 1);
  const MatrixXd second = v.residual * serial_matrix(block.distance, v.decay, 2);
  sums.second_residual += e.transpose() * first * e;
  sums.second_decay += e.transpose() * second * e;
  sums.trace_residual += (inverse.array() * first.array()).sum();
  sums.trace_decay += (inverse.array() * second.array()).sum();
}

void assemble(const MixedProblem& problem, const MixedSums& sums, MixedEvaluation& out) {
  const Index n = problem.count(), p = problem.fixed;
  out.gradient.resize(n);
  out.hessian.resize(n, n);
  out.expected.resize(n, n);
  out.q.assign(static_cast<std::size_t>(n * n), MatrixXd());
  std::vector<MatrixXd> phi_p;
  for (Index k = 0; k < n; ++k) {
    const MatrixXd& full = sums.p[static_cast<std::size_t>(k)];
    out.p.push_back(full.topLeftCorner(p, p));
    phi_p.push_back(out.phi * out.p.back());
    const double trace = sums.trace(k) - (problem.reml ? phi_p.back().trace() : 0.0);
    out.gradient(k) = -0.5 * (trace - full(p, p));
  }
  for (Index k = 0; k < n; ++k) {
    for (Index l = 0; l <= k; ++l) {
      const MatrixXd& q = sums.q[static_cast<std::size_t>(k * n + l)];
      const MatrixXd qx = q.topLeftCorner(p, p);
      const auto ku = static_cast<std::size_t>(k), lu = static_cast<std::size_t>(l);
      const double restricted = sums.trace2(k, l) - 2.0 * (out.phi * qx).trace() +
                                (phi_p[ku].array() * phi_p[lu].transpose().array()).sum();
      const VectorXd rk = sums.p[ku].col(p).head(p), rl = sums.p[lu].col(p).head(p);
      const double quadratic = q(p, p) - rk.dot(out.phi * rl);
      const double trace = problem.reml ? restricted : sums.trace2(k, l);
      out.hessian(k, l) = out.hessian(l, k) = 0.5 * trace - quadratic;
      out.expected(k, l) = out.expected(l, k) = 0.5 * restricted;
      out.q[static_cast<std::size_t>(k * n + l)] = qx;
      out.q[static_cast<std::size_t>(l * n + k)] = qx.transpose();
    }
  }
  if (!problem.serial) return;
  // V_kl is not zero for (sigma^2, decay) and (decay, decay).
  const Index s = n - 2, d = n - 1;
  const auto curved = [&](const MatrixXd& e2, double trace, Index k, Index l) {
    const MatrixXd x = e2.topLeftCorner(p, p);
    const double full = trace - (problem.reml ? (out.phi * x).trace() : 0.0);
    const double more = -0.5 * (full - e2(p, p));
    out.hessian(k, l) += more;
    if (k != l) out.hessian(l, k) += more;
    out.r.push_back(x);
  };
  curved(sums.second_residual, sums.trace_residual, s, d);
  curved(sums.second_decay, sums.trace_decay, d, d);
}

}  // namespace

MatrixXd covariance_of(const MixedProblem& problem,
                       const MixedBlock& block,
                       const MixedVariances& v) {
  MatrixXd out = block.z * v.group * block.z.transpose();
  if (problem.nested) out += within_units(block, v.subgroup);
  if (problem.serial)
    out += v.residual * serial_matrix(block.distance, v.decay, 0);
  else
    out.diagonal().array() += v.residual;
  return out;
}

namespace {

/// Adds every block; false where V is not positive definite.
bool add_blocks(const MixedProblem& problem,
                const MixedVariances& v,
                bool derivatives,
                MixedSums& sums) {
  const Index p = problem.fixed;
  for (const MixedBlock& block : problem.blocks) {
    const Cholesky factor(covariance_of(problem, block, v));
    if (!factor.ok()) return false;
    MatrixXd xy(block.y.size(), p + 1);
    xy << block.x, block.y;
    const MatrixXd e = factor.solve(xy);
    sums.xx += xy.transpose() * e;
    sums.log_det += factor.log_determinant();
    if (!derivatives) continue;
    const MatrixXd inverse = factor.inverse();
    const MatrixXd serial = problem.serial ? serial_matrix(block.distance, v.decay, 0) : MatrixXd();
    add_block(problem, block, v, inverse, e, serial, sums);
  }
  return true;
}

/// From the basis [X, y] to [X, y - X beta].
void residual_basis(const VectorXd& beta, MixedSums& sums) {
  const Index p = beta.size();
  MatrixXd t = MatrixXd::Identity(p + 1, p + 1);
  t.col(p).head(p) = -beta;
  const auto turn = [&](MatrixXd& m) { m = (t.transpose() * m * t).eval(); };
  for (MatrixXd& m : sums.p) turn(m);
  for (MatrixXd& m : sums.q) turn(m);
  turn(sums.second_residual);
  turn(sums.second_decay);
}

}  // namespace

MixedEvaluation evaluate(const MixedProblem& problem, const MixedVariances& v, bool derivatives) {
  MixedEvaluation out;
  const Index p = problem.fixed, count = problem.count();
  MixedSums sums;
  const MatrixXd zero = MatrixXd::Zero(p + 1, p + 1);
  sums.xx = sums.second_residual = sums.second_decay = zero;
  sums.trace = VectorXd::Zero(count);
  sums.trace2 = MatrixXd::Zero(count, count);
  sums.p.assign(static_cast<std::size_t>(count), zero);
  sums.q.assign(static_cast<std::size_t>(count * count), zero);
  if (!problem.nested_moments.empty()) {
    add_nested_moments(problem, v, derivatives, sums);
  } else if (problem.classes.empty()) {
    if (!add_blocks(problem, v, derivatives, sums)) return out;
  } else {
    add_classes(problem, v, derivatives, sums);
  }
  const Cholesky factor(sums.xx.topLeftCorner(p, p));
  if (!factor.ok()) return out;
  const VectorXd right = sums.xx.col(p).head(p);
  out.phi = factor.inverse();
  out.beta = factor.solve(right);
  const double residual = sums.xx(p, p) - right.dot(out.beta);
  const double free = static_cast<double>(problem.rows - (problem.reml ? p : 0));
  const double log_det_x = problem.reml ? factor.log_determinant() : 0.0;
  out.log_likelihood =
      -0.5 * (free * std::log(2.0 * std::numbers::pi) + sums.log_det + log_det_x + residual);
  out.ok = std::isfinite(out.log_likelihood);
  if (!derivatives || !out.ok) return out;
  residual_basis(out.beta, sums);
  assemble(problem, sums, out);
  return out;
}

}  // namespace kinescape::numeric
