// SPDX-License-Identifier: Apache-2.0
/// \file Products and decompositions of whole matrices, compiled once (linear.cpp).
///
/// Eigen builds its kernels anew in every file that multiplies or solves, ten to thirty seconds of
/// compiling each. The operators below take the plain cases, so that `a * b`, `a.transpose() * b`
/// and `a * b.transpose()` read as ever and cost nothing to compile; other expressions stay
/// Eigen's.
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <concepts>

namespace kinescape::numeric {

namespace linear {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

template <class T>
concept Plain = std::same_as<T, Matrix>;
template <class T>
concept Column = std::same_as<T, Vector>;
template <class T>
concept Turned =
    std::same_as<T, Eigen::Transpose<Matrix>> || std::same_as<T, Eigen::Transpose<const Matrix>>;

[[nodiscard]] Matrix product(const Matrix& a, const Matrix& b);
[[nodiscard]] Matrix turned_product(const Matrix& a, const Matrix& b);  ///< A'B
[[nodiscard]] Matrix product_turned(const Matrix& a, const Matrix& b);  ///< AB'
[[nodiscard]] Vector product(const Matrix& a, const Vector& b);
[[nodiscard]] Vector turned_product(const Matrix& a, const Vector& b);  ///< A'b

}  // namespace linear

[[nodiscard]] Eigen::MatrixXd operator*(const linear::Plain auto& a, const linear::Plain auto& b) {
  return linear::product(a, b);
}
[[nodiscard]] Eigen::MatrixXd operator*(const linear::Turned auto& a, const linear::Plain auto& b) {
  return linear::turned_product(a.nestedExpression(), b);
}
[[nodiscard]] Eigen::MatrixXd operator*(const linear::Plain auto& a, const linear::Turned auto& b) {
  return linear::product_turned(a, b.nestedExpression());
}
[[nodiscard]] Eigen::VectorXd operator*(const linear::Plain auto& a, const linear::Column auto& b) {
  return linear::product(a, b);
}
[[nodiscard]] Eigen::VectorXd operator*(const linear::Turned auto& a,
                                        const linear::Column auto& b) {
  return linear::turned_product(a.nestedExpression(), b);
}

/// A = LL' of a symmetric positive definite matrix.
class Cholesky {
 public:
  explicit Cholesky(const Eigen::MatrixXd& a);
  [[nodiscard]] bool ok() const { return ok_; }  ///< false: not positive definite
  [[nodiscard]] double log_determinant() const;
  [[nodiscard]] Eigen::MatrixXd inverse() const;
  [[nodiscard]] Eigen::MatrixXd solve(const Eigen::MatrixXd& b) const;
  [[nodiscard]] Eigen::VectorXd solve(const Eigen::VectorXd& b) const;
  [[nodiscard]] Eigen::MatrixXd half_solve(const Eigen::MatrixXd& b) const;  ///< L^-1 B

 private:
  Eigen::LLT<Eigen::MatrixXd> llt_;
  bool ok_;
};

/// A^-1 b of a symmetric matrix, by LDL' with pivots; A^-1 likewise.
[[nodiscard]] Eigen::VectorXd solve_symmetric(const Eigen::MatrixXd& a, const Eigen::VectorXd& b);
[[nodiscard]] Eigen::MatrixXd solve_symmetric(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b);
[[nodiscard]] Eigen::MatrixXd inverse_symmetric(const Eigen::MatrixXd& a);
/// The same where A must be positive definite; empty where it is not.
[[nodiscard]] Eigen::VectorXd solve_positive(const Eigen::MatrixXd& a, const Eigen::VectorXd& b);

/// Eigenvalues, ascending, and their vectors in columns, of a symmetric matrix.
struct SymmetricEigen {
  Eigen::VectorXd values;
  Eigen::MatrixXd vectors;
  /// V diag(f) V' for values f in place of the eigenvalues.
  [[nodiscard]] Eigen::MatrixXd with(const Eigen::VectorXd& f) const;
};
[[nodiscard]] SymmetricEigen symmetric_eigen(const Eigen::MatrixXd& a);
[[nodiscard]] double least_eigenvalue(const Eigen::MatrixXd& a);

/// diag(s) A diag(s).
[[nodiscard]] Eigen::MatrixXd scaled(const Eigen::MatrixXd& a, const Eigen::VectorXd& s);

/// A square matrix by LU with pivots.
struct Inverse {
  Eigen::MatrixXd inverse;
  double log_abs_determinant;
};
[[nodiscard]] Inverse inverse_of(const Eigen::MatrixXd& a);

/// min |A x - b|; `rank` as Householder QR with column pivots finds it.
struct LeastSquaresSolution {
  Eigen::VectorXd x;
  Eigen::Index rank;
};
[[nodiscard]] LeastSquaresSolution solve_least_squares(const Eigen::MatrixXd& a,
                                                       const Eigen::VectorXd& b);
/// The shortest of the solutions.
[[nodiscard]] Eigen::VectorXd shortest_least_squares(const Eigen::MatrixXd& a,
                                                     const Eigen::VectorXd& b);

}  // namespace kinescape::numeric
