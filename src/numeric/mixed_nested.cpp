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
    const Index q = f_.rows(), p = f_.cols();
    const std::size_t n = e.size(), last = n + own_e.size();
    const auto rows = q * static_cast<Index>(u_.size());
    MatrixXd all = MatrixXd::Zero(q, p), all2 = all, tall2(rows, p);
    std::vector<MatrixXd> f;
    for (std::size_t m = 0; m < u_.size(); ++m) {
      f.push_back(own(m));
      all += f.back();
      const MatrixXd f2 = own2(m);
      all2 += f2;
      tall2.middleRows(q * static_cast<Index>(m), q) = f2;
    }
    // V_kE is Z g of one g for entries of groups; of units, of one each, here one below the other
    // for all units beside C_m of it. `pulled`: Z'A V_kE.
    std::vector<MatrixXd> shared, pulled, tall, tall_c;
    for (const MatrixXd& ek : e) {
      shared.push_back(ek * all);
      pulled.push_back(c_ * shared.back());
    }
    for (const MatrixXd& ek : own_e) {
      MatrixXd sum = MatrixXd::Zero(q, p), g(rows, p), c(rows, p);
      for (std::size_t m = 0; m < u_.size(); ++m) {
        const MatrixXd own_g = ek * f[m];
        const MatrixXd own_c = u_[m].c * own_g;
        sum += own_c;
        g.middleRows(q * static_cast<Index>(m), q) = own_g;
        c.middleRows(q * static_cast<Index>(m), q) = own_c;
      }
      tall.push_back(std::move(g)), tall_c.push_back(std::move(c)), pulled.push_back(sum);
    }
    pulled.push_back(all2);
    for (std::size_t k = 0; k <= last; ++k) {
      const MatrixXd left = k_ * pulled[k];  // K is symmetric
      for (std::size_t l = 0; l <= k; ++l) {
        MatrixXd& out = sums.q[k * (last + 1) + l];
        out -= left.transpose() * pulled[l];
        if (l < n)
          out += pulled[k].transpose() * shared[l];
        else if (k < last)
          out += tall[k - n].transpose() * tall_c[l - n];
        else if (l < last)
          out += tall2.transpose() * tall[l - n];
      }
    }
    MatrixXd& residual = sums.q[last * (last + 1) + last];
    for (const Unit& u : u_) {
      const MatrixXd cross = u.f3.transpose() * h_;
      residual += u.x3 - cross - cross.transpose() + h_.transpose() * u.c3 * h_;
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
        const MatrixXd ek_seen = ek * (u.c * m_.transpose());  // E_k Z_m'V^-1Z
        const MatrixXd around = m_ * (u.c * ek_seen);
        for (Index l = 0; l < n; ++l)
          sums.trace2(n + k, l) += (e[static_cast<std::size_t>(l)].array() * around.array()).sum();
      }
    }
    between_units(own_e, n, sums);
    for (const Unit& u : u_) sums.trace(last) += u.trace1, sums.trace2(last, last) += u.trace2;
    sums.trace(last) -= kc2.trace();
    sums.trace2(last, last) += -2.0 * trace_of(k_, c3_) + trace_of(kc2, kc2);
  }

  /// tr(V_kV^-1V_lV^-1) of two entries of the units' D: between units a and b Z_a'V^-1Z_b is
  /// -C_aKC_b, whose sum over all pairs parts into two sums over units; within one it is C_a more.
  void between_units(const std::vector<MatrixXd>& own_e, Index from, MixedSums& sums) const {
    const Index q = c_.rows();
    std::vector<MatrixXd> all(own_e.size(), MatrixXd::Zero(q, q));
    const auto add = [&](std::size_t k, std::size_t l, double more) {
      sums.trace2(from + static_cast<Index>(k), from + static_cast<Index>(l)) += more;
    };
    for (const Unit& u : u_) {
      const MatrixXd far = u.c * k_ * u.c, near = u.c - far;
      std::vector<MatrixXd> with_far, with_near;
      for (std::size_t k = 0; k < own_e.size(); ++k) {
        all[k] += u.c * own_e[k] * u.c;
        with_far.push_back(own_e[k] * far);
        with_near.push_back(own_e[k] * near);
        for (std::size_t l = 0; l <= k; ++l)
          add(k, l, trace_of(with_near[k], with_near[l]) - trace_of(with_far[k], with_far[l]));
      }
    }
    for (MatrixXd& s : all) s = s * k_;
    for (std::size_t k = 0; k < all.size(); ++k)
      for (std::size_t l = 0; l <= k; ++l) add(k, l, trace_of(all[k], all[l]));
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
