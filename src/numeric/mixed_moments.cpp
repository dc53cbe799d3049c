// SPDX-License-Identifier: Apache-2.0
// The likelihood of independent residuals from cross products alone. With
// W = (sigma^2 I + Z'Z D)^-1 (random x random), Z'V^-1 = W Z', so no matrix of rows is ever formed.
// Groups that have one Z'Z (mice measured on the same days) share W and every matrix made of it,
// and what is left of each is a form ([X y]'Z) M (Z'[X y]), which is linear in the products of the
// rows of Z'[X y]: they are added up once, and a class of a hundred groups costs what one group
// does.
#include <Eigen/LU>
#include <cmath>
#include <numbers>

#include "numeric/mixed_internal.hpp"

namespace kinescape::numeric {
namespace {

using Eigen::Dynamic;
using Eigen::Index;
using Eigen::MatrixXd;
// On the stack: at most 4 random effects.
using Small = Eigen::Matrix<double, Dynamic, Dynamic, 0, 4, 4>;

/// to += scale * sum over the class of (Z'[X y])' m (Z'[X y]).
void add_form(const MixedClass& c, const Small& m, double scale, MatrixXd& to) {
  const Index q = m.rows(), cells = to.size();
  double* sum = to.data();
  for (Index a = 0; a < q; ++a)
    for (Index b = 0; b < q; ++b) {
      const double weight = scale * m(a, b);
      if (weight == 0.0) continue;
      const double* product = c.products[static_cast<std::size_t>(a * q + b)].data();
      for (Index i = 0; i < cells; ++i) sum[i] += weight * product[i];
    }
}

/// What the groups of one class add.
class Shared {
 public:
  Shared(const MixedClass& c, const MixedVariances& v) : c_(c), s2_(v.residual) {
    const Small zz = c.zz, d = v.group;
    Small inner = zz * d;
    inner.diagonal().array() += s2_;
    const Eigen::PartialPivLU<Small> lu(inner);
    w_ = lu.inverse();
    log_det_ = static_cast<double>(c.rows - d.rows()) * std::log(s2_) +
               std::log(std::fabs(lu.determinant()));
    c1_ = w_ * zz;
    dw_ = d * w_;
    x1_ = c.xx;
    add_form(c, dw_, -1.0, x1_);
    x1_ /= s2_;
    d_ = d;
  }
  void value(MixedSums& sums) const {
    sums.log_det += c_.groups * log_det_;
    sums.xx += x1_;
  }
  void derivatives(const std::vector<Small>& unit, MixedSums& sums) const {
    const std::size_t n = unit.size(), count = n + 1;
    const Small ww = w_ * w_, c2 = w_ * c1_;
    std::vector<Small> we(n), ce(n);  // W'E_k, C E_k
    for (std::size_t k = 0; k < n; ++k) we[k] = w_.transpose() * unit[k], ce[k] = c1_ * unit[k];
    for (std::size_t k = 0; k < n; ++k) {
      const auto ki = static_cast<Index>(k), last = static_cast<Index>(n);
      sums.trace(ki) += c_.groups * ce[k].trace();
      add_form(c_, we[k] * w_, 1.0, sums.p[k]);
      for (std::size_t l = 0; l <= k; ++l) {
        const auto li = static_cast<Index>(l);
        sums.trace2(ki, li) += c_.groups * (ce[k].array() * ce[l].transpose().array()).sum();
        add_form(c_, we[k] * (ce[l] * w_), 1.0, sums.q[k * count + l]);
      }
      sums.trace2(last, ki) += c_.groups * (unit[k].array() * c2.array()).sum();
      add_form(c_, ww.transpose() * (unit[k] * w_), 1.0, sums.q[n * count + k]);
    }
    residual(ww, sums);
  }

 private:
  /// The terms of sigma^2: [X y]'V^-2[X y] and its like.
  void residual(const Small& ww, MixedSums& sums) const {
    const auto last = static_cast<Index>(sums.p.size()) - 1;
    MatrixXd x2 = x1_;
    add_form(c_, w_.transpose() * dw_, -1.0, x2);
    x2 /= s2_;
    MatrixXd x3 = x2;
    add_form(c_, ww.transpose() * dw_, -1.0, x3);
    sums.p.back() += x2;
    sums.q.back() += x3 / s2_;
    const Small shrunk = d_ * c1_;  // D Z'V^-1Z
    const double rows = static_cast<double>(c_.rows), lost = shrunk.trace();
    sums.trace(last) += c_.groups * (rows - lost) / s2_;
    sums.trace2(last, last) +=
        c_.groups * (rows - 2.0 * lost + (shrunk * shrunk).trace()) / (s2_ * s2_);
  }

  const MixedClass& c_;
  double s2_, log_det_;
  Small w_, c1_, dw_, d_;  // Z'V^-1 = W Z'; Z'V^-1Z
  MatrixXd x1_;
};

}  // namespace

std::vector<MixedClass> classes_of(const std::vector<MixedMoments>& groups) {
  std::vector<MixedClass> out;
  for (const MixedMoments& m : groups) {
    const Index q = m.zz.rows();
    auto c = out.begin();
    while (c != out.end() && !(c->rows == m.rows && c->zz == m.zz)) ++c;
    if (c == out.end()) {
      const MatrixXd zero = MatrixXd::Zero(m.xx.rows(), m.xx.cols());
      out.push_back(
          {m.zz, zero, std::vector<MatrixXd>(static_cast<std::size_t>(q * q), zero), m.rows, 0.0});
      c = out.end() - 1;
    }
    c->groups += 1.0;
    c->xx += m.xx;
    for (Index a = 0; a < q; ++a)
      for (Index b = 0; b < q; ++b) {
        const MatrixXd left = m.zx.row(a).transpose(), right = m.zx.row(b).transpose();
        c->products[static_cast<std::size_t>(a * q + b)] += left * right.transpose();
      }
  }
  return out;
}

void add_classes(const MixedProblem& problem,
                 const MixedVariances& v,
                 bool derivatives,
                 MixedSums& sums) {
  std::vector<Small> unit;
  for (const auto& [a, b] : problem.entries) {
    Small e = Small::Zero(problem.random, problem.random);
    e(a, b) = e(b, a) = 1.0;
    unit.push_back(e);
  }
  for (const MixedClass& c : problem.classes) {
    const Shared shared(c, v);
    shared.value(sums);
    if (derivatives) shared.derivatives(unit, sums);
  }
}

}  // namespace kinescape::numeric
