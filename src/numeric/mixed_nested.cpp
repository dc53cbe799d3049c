// SPDX-License-Identifier: Apache-2.0
// The likelihood of units within groups from each unit's cross products. A group's V is its units'
// own V_m, block by block, plus Z D Z': V^-1 = A - A Z K Z'A with A = diag(V_m^-1) and
// K = (I + D Z'AZ)^-1 D, so that again nothing larger than (random x random) is inverted.
#include <cmath>

#include "numeric/mixed_internal.hpp"

namespace kinescape::numeric {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

/// A unit on its own: Z'A^kZ, Z'A^k[X y], [X y]'A^k[X y], and traces of A and A^2.
struct Unit {
  MatrixXd c, c2, c3, f, f2, f3, x1, x2, x3;
  double log_det = 0.0, trace1 = 0.0, trace2 = 0.0;
};

Unit unit_of(const MixedMoments& m, const MatrixXd& d, double s2) {
  MatrixXd inner = m.zz * d;
  inner.diagonal().array() += s2;
  const auto [w, log_determinant] = inverse_of(inner);
  Unit u;
  u.log_det = static_cast<double>(m.rows - d.rows()) * std::log(s2) + log_determinant;
  u.c = w * m.zz, u.c2 = w * u.c, u.c3 = w * u.c2;
  u.f = w * m.zx, u.f2 = w * u.f, u.f3 = w * u.f2;
  const MatrixXd k = d * u.f;
  u.x1 = (m.xx - m.zx.transpose() * k) / s2;
  u.x2 = (u.x1 - u.f.transpose() * k) / s2;
  u.x3 = (u.x2 - u.f2.transpose() * k) / s2;
  const MatrixXd shrunk = d * u.c;
  u.trace1 = (static_cast<double>(m.rows) - shrunk.trace()) / s2;
  u.trace2 =
      (static_cast<double>(m.rows) - 2.0 * shrunk.trace() + (shrunk * shrunk).trace()) / (s2 * s2);
  return u;
}

double trace_of(const MatrixXd& a, const MatrixXd& b) {
  return (a.array() * b.transpose().array()).sum();
}

class Group {
 public:
  Group(const std::vector<MixedMoments>& units, const MixedVariances& v) {
    const Index q = v.group.rows();
    for (const MixedMoments& m : units) u_.push_back(unit_of(m, v.subgroup, v.residual));
    c_ = c2_ = c3_ = MatrixXd::Zero(q, q);
    f_ = f2_ = MatrixXd::Zero(q, u_.front().f.cols());
    for (const Unit& u : u_) c_ += u.c, c2_ += u.c2, c3_ += u.c3, f_ += u.f, f2_ += u.f2;
    const auto [w, log_determinant] = inverse_of(MatrixXd::Identity(q, q) + v.group * c_);
    k_ = w * v.group;
    log_det_ = log_determinant;
    h_ = k_ * f_;
    m_ = MatrixXd::Identity(q, q) - c_ * k_;  // Z'V^-1 = M Z'A
  }

  void value(MixedSums& sums) const {
    sums.log_det += log_det_;
    for (const Unit& u : u_) sums.log_det += u.log_det, sums.xx += u.x1;
    sums.xx -= f_.transpose() * h_;
  }

  /// `e`, `own_e`: derivatives of D of the groups and of D of the units.
  void derivatives(const std::vector<MatrixXd>& e,
                   const std::vector<MatrixXd>& own_e,
                   MixedSums& sums) const {
    first(e, own_e, sums);
    second(e, own_e, sums);
    traces(e, own_e, sums);
  }

 private:
  [[nodiscard]] MatrixXd own(std::size_t m) const { return u_[m].f - u_[m].c * h_; }  // Z_m'E_m
  [[nodiscard]] MatrixXd own2(std::size_t m) const {
    return u_[m].f2 - u_[m].c2 * h_;
  }  // Z_m'A_mE_m

  void first(const std::vector<MatrixXd>& e,
             const std::vector<MatrixXd>& own_e,
             MixedSums& sums) const {
    MatrixXd all = MatrixXd::Zero(f_.rows(), f_.cols());
    for (std::size_t m = 0; m < u_.size(); ++m) {
      const MatrixXd f = own(m);
      all += f;
      for (std::size_t k = 0; k < own_e.size(); ++k)
        sums.p[e.size() + k] += f.transpose() * own_e[k] * f;
      const MatrixXd cross = u_[m].f2.transpose() * h_;
      sums.p[e.size() + own_e.size()] +=
          u_[m].x2 - cross - cross.transpose() + h_.transpose() * u_[m].c2 * h_;
    }
    for (std::size_t k = 0; k < e.size(); ++k) sums.p[k] += all.transpose() * e[k] * all;
  }

  void second(const std::vector<MatrixXd>& e,
              const std::vector<MatrixXd>& own_e,
              MixedSums& sums) const {
    MatrixXd all = MatrixXd::Zero(f_.rows(), f_.cols()), all2 = all;
    std::vector<MatrixXd> f, f2;
    for (std::size_t m = 0; m < u_.size(); ++m)
      f.push_back(own(m)), f2.push_back(own2(m)), all += f.back(), all2 += f2.back();
    const std::size_t n = e.size(), last = n + own_e.size();
    // Z_m g of V_kE, and the sum of Z_m'A_mV_kE.
    const auto g = [&](std::size_t k, std::size_t m) {
      return MatrixXd(k < n ? e[k] * all : own_e[k - n] * f[m]);
    };
    std::vector<MatrixXd> pulled;
    for (std::size_t k = 0; k < last; ++k) {
      MatrixXd sum = MatrixXd::Zero(f_.rows(), f_.cols());
      for (std::size_t m = 0; m < u_.size(); ++m) sum += u_[m].c * g(k, m);
      pulled.push_back(sum);
    }
    pulled.push_back(all2);
    for (std::size_t k = 0; k <= last; ++k)
      for (std::size_t l = 0; l <= k; ++l) {
        MatrixXd& q = sums.q[k * (last + 1) + l];
        q -= pulled[k].transpose() * k_ * pulled[l];
        for (std::size_t m = 0; m < u_.size(); ++m) {
          if (k < last) {
            q += g(k, m).transpose() * u_[m].c * g(l, m);
          } else if (l < last) {
            q += f2[m].transpose() * g(l, m);
          } else {
            const MatrixXd cross = u_[m].f3.transpose() * h_;
            q += u_[m].x3 - cross - cross.transpose() + h_.transpose() * u_[m].c3 * h_;
          }
        }
      }
  }

  void traces(const std::vector<MatrixXd>& e,
              const std::vector<MatrixXd>& own_e,
              MixedSums& sums) const {
    const auto n = static_cast<Index>(e.size()), units = static_cast<Index>(own_e.size()),
               last = n + units;
    const MatrixXd cv = m_ * c_, cv2 = m_ * c2_ * m_.transpose(), kc2 = k_ * c2_;
    for (Index k = 0; k < n; ++k) {
      const MatrixXd& ek = e[static_cast<std::size_t>(k)];
      sums.trace(k) += trace_of(ek, cv);
      sums.trace2(last, k) += trace_of(ek, cv2);
      for (Index l = 0; l <= k; ++l)
        sums.trace2(k, l) += trace_of(ek * cv, e[static_cast<std::size_t>(l)] * cv);
    }
    for (Index k = 0; k < units; ++k) {
      const MatrixXd& ek = own_e[static_cast<std::size_t>(k)];
      for (const Unit& u : u_) {
        const MatrixXd ck = u.c * k_;
        sums.trace(n + k) += trace_of(ek, u.c - ck * u.c);
        sums.trace2(last, n + k) +=
            trace_of(ek, u.c2 - u.c2 * k_ * u.c - ck * u.c2 + ck * c2_ * k_ * u.c);
        const MatrixXd seen = u.c * m_.transpose();  // Z_m'V^-1Z
        for (Index l = 0; l < n; ++l)
          sums.trace2(n + k, l) +=
              trace_of(ek * seen, e[static_cast<std::size_t>(l)] * seen.transpose());
      }
    }
    for (std::size_t a = 0; a < u_.size(); ++a)
      for (std::size_t b = 0; b < u_.size(); ++b) {
        MatrixXd between = -(u_[a].c * k_ * u_[b].c);  // Z_a'V^-1Z_b
        if (a == b) between += u_[a].c;
        for (Index k = 0; k < units; ++k)
          for (Index l = 0; l <= k; ++l)
            sums.trace2(n + k, n + l) +=
                trace_of(own_e[static_cast<std::size_t>(k)] * between,
                         own_e[static_cast<std::size_t>(l)] * between.transpose());
      }
    for (const Unit& u : u_) sums.trace(last) += u.trace1, sums.trace2(last, last) += u.trace2;
    sums.trace(last) -= kc2.trace();
    sums.trace2(last, last) += -2.0 * trace_of(k_, c3_) + trace_of(kc2, kc2);
  }

  std::vector<Unit> u_;
  MatrixXd c_, c2_, c3_, f_, f2_, k_, h_, m_;
  double log_det_ = 0.0;
};

}  // namespace

void add_nested_moments(const MixedProblem& problem,
                        const MixedVariances& v,
                        bool derivatives,
                        MixedSums& sums) {
  const auto ones = [&](const auto& entries) {
    std::vector<MatrixXd> out;
    for (const auto& [a, b] : entries) {
      MatrixXd e = MatrixXd::Zero(problem.random, problem.random);
      e(a, b) = e(b, a) = 1.0;
      out.push_back(e);
    }
    return out;
  };
  const auto of_groups = ones(problem.entries), of_units = ones(problem.unit_entries);
  for (const std::vector<MixedMoments>& units : problem.nested_moments) {
    const Group group(units, v);
    group.value(sums);
    if (derivatives) group.derivatives(of_groups, of_units, sums);
  }
}

}  // namespace kinescape::numeric
