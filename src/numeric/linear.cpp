// SPDX-License-Identifier: Apache-2.0
// The one place where Eigen's products and decompositions of whole matrices are compiled.
#include <Eigen/Dense>
#include <cmath>

#include "numeric/linear_internal.hpp"

namespace kinescape::numeric {
namespace linear {

// By the member's name: the operator of this room would call these again.
Matrix product(const Matrix& a, const Matrix& b) {
  return a.operator*(b);
}
Matrix turned_product(const Matrix& a, const Matrix& b) {
  return a.transpose().operator*(b);
}
Matrix product_turned(const Matrix& a, const Matrix& b) {
  return a.operator*(b.transpose());
}
Vector product(const Matrix& a, const Vector& b) {
  return a.operator*(b);
}
Vector turned_product(const Matrix& a, const Vector& b) {
  return a.transpose().operator*(b);
}

}  // namespace linear

using Eigen::MatrixXd;
using Eigen::VectorXd;

Cholesky::Cholesky(const MatrixXd& a) : llt_(a), ok_(llt_.info() == Eigen::Success) {}
double Cholesky::log_determinant() const {
  return 2.0 * llt_.matrixLLT().diagonal().array().log().sum();
}
MatrixXd Cholesky::inverse() const {
  return llt_.solve(MatrixXd::Identity(llt_.rows(), llt_.rows()));
}
MatrixXd Cholesky::solve(const MatrixXd& b) const {
  return llt_.solve(b);
}
VectorXd Cholesky::solve(const VectorXd& b) const {
  return llt_.solve(b);
}
MatrixXd Cholesky::half_solve(const MatrixXd& b) const {
  return llt_.matrixL().solve(b);
}

VectorXd solve_symmetric(const MatrixXd& a, const VectorXd& b) {
  return a.ldlt().solve(b);
}
MatrixXd solve_symmetric(const MatrixXd& a, const MatrixXd& b) {
  return a.ldlt().solve(b);
}
MatrixXd inverse_symmetric(const MatrixXd& a) {
  return a.ldlt().solve(MatrixXd::Identity(a.rows(), a.rows()));
}
VectorXd solve_positive(const MatrixXd& a, const VectorXd& b) {
  const Eigen::LDLT<MatrixXd> ldlt(a);
  if (ldlt.info() != Eigen::Success || !(ldlt.vectorD().minCoeff() > 0.0)) return {};
  return ldlt.solve(b);
}

SymmetricEigen symmetric_eigen(const MatrixXd& a) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(a);
  return {solver.eigenvalues(), solver.eigenvectors()};
}
MatrixXd SymmetricEigen::with(const VectorXd& f) const {
  return linear::product_turned(vectors * f.asDiagonal(), vectors);
}
double least_eigenvalue(const MatrixXd& a) {
  return Eigen::SelfAdjointEigenSolver<MatrixXd>(a, Eigen::EigenvaluesOnly).eigenvalues()(0);
}
MatrixXd scaled(const MatrixXd& a, const VectorXd& s) {
  return s.asDiagonal() * a * s.asDiagonal();
}

Inverse inverse_of(const MatrixXd& a) {
  const Eigen::PartialPivLU<MatrixXd> lu(a);
  return {lu.inverse(), std::log(std::fabs(lu.determinant()))};
}

LeastSquaresSolution solve_least_squares(const MatrixXd& a, const VectorXd& b) {
  const Eigen::ColPivHouseholderQR<MatrixXd> qr(a);
  return {qr.solve(b), qr.rank()};
}
VectorXd shortest_least_squares(const MatrixXd& a, const VectorXd& b) {
  return a.completeOrthogonalDecomposition().solve(b);
}

}  // namespace kinescape::numeric
