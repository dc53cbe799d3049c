// SPDX-License-Identifier: Apache-2.0
#include "numeric/least_squares.hpp"

#include <Eigen/QR>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/errors.hpp"

namespace kinescape::numeric {
namespace {

using Vector = Eigen::VectorXd;
using Matrix = Eigen::MatrixXd;
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double epsilon = std::numeric_limits<double>::epsilon();

std::span<const double> view(const Vector& v) {
  return {v.data(), static_cast<std::size_t>(v.size())};
}

/// The damped linear problem at one point, on the parameters that may move:
/// minimise |r + J p|^2 over |D p| <= radius, through the singular values of J D^-1.
class Step {
 public:
  Step(const RowMatrix& jacobian, const Vector& scale, const std::vector<Eigen::Index>& free)
      : free_(free), scale_(scale), k_(jacobian.cols()) {
    const auto m = static_cast<Eigen::Index>(free.size());
    // Rows of zeros where there are fewer residuals than parameters: R stays square.
    Matrix scaled = Matrix::Zero(std::max(jacobian.rows(), m), m);
    for (Eigen::Index c = 0; c < m; ++c) {
      scaled.col(c).head(jacobian.rows()) = jacobian.col(at(c)) / scale(at(c));
    }
    qr_.compute(scaled);
    Matrix r = qr_.matrixQR().topRows(m).template triangularView<Eigen::Upper>();
    r = r * qr_.colsPermutation().transpose();
    svd_.compute(r, Eigen::ComputeThinU | Eigen::ComputeThinV);
  }

  /// Coordinates of the right-hand side along the left singular vectors.
  [[nodiscard]] Vector project(const Vector& rhs) const {
    Vector q = Vector::Zero(qr_.rows());
    q.head(rhs.size()) = rhs;
    // One reflection after the other: Eigen's own sequence brings its blocked products along, which
    // cost five seconds to compile and are not for one column.
    double work = 0.0;
    for (Eigen::Index c = 0; c < qr_.cols(); ++c) {
      const Eigen::Index below = qr_.rows() - c;
      q.tail(below).applyHouseholderOnTheLeft(
          qr_.matrixQR().col(c).tail(below - 1), qr_.hCoeffs()(c), &work);
    }
    return svd_.matrixU().adjoint() * q.head(svd_.matrixU().rows());
  }

  /// -(J'J + damping D'D)^-1 J' rhs, from project(rhs).
  [[nodiscard]] Vector solve(const Vector& projected, double damping) const {
    const Vector& s = svd_.singularValues();
    const double floor = s.size() > 0 ? s(0) * epsilon : 0.0;
    Vector w(s.size());
    for (Eigen::Index i = 0; i < s.size(); ++i) {
      const bool lost = damping == 0.0 && s(i) <= floor;
      w(i) = lost ? 0.0 : -projected(i) * s(i) / (s(i) * s(i) + damping);
    }
    const Vector q = svd_.matrixV() * w;
    Vector p = Vector::Zero(k_);
    for (Eigen::Index c = 0; c < q.size(); ++c) p(at(c)) = q(c) / scale_(at(c));
    return p;
  }

  /// The damping that makes |D p| = radius; 0 if the full step is shorter (Newton on 1/|p|).
  [[nodiscard]] double damping_for(const Vector& projected, double radius) const {
    const Vector& s = svd_.singularValues();
    const auto length = [&](double damping, double* slope) {
      double sum = 0.0, derivative = 0.0;
      for (Eigen::Index i = 0; i < s.size(); ++i) {
        const double d = s(i) * s(i) + damping;
        if (d <= 0.0) continue;
        const double t = projected(i) * s(i) / d;
        sum += t * t;
        derivative += t * t / d;
      }
      if (slope != nullptr) *slope = -derivative;  // of length^2 / 2
      return std::sqrt(sum);
    };
    if (length(0.0, nullptr) <= 1.1 * radius) return 0.0;
    double low = 0.0;
    double high = (s.array() * projected.array()).matrix().norm() / radius;
    double damping = 1e-3 * high;
    for (int i = 0; i < 60; ++i) {
      double slope = 0.0;
      const double now = length(damping, &slope);
      if (std::fabs(now - radius) <= 0.1 * radius) break;
      (now > radius ? low : high) = damping;
      const double next = damping - (now * now / slope) * (now - radius) / radius;
      damping = next > low && next < high ? next : std::max(std::sqrt(low * high), 1e-3 * high);
    }
    return damping;
  }

 private:
  [[nodiscard]] Eigen::Index at(Eigen::Index c) const { return free_[static_cast<std::size_t>(c)]; }
  const std::vector<Eigen::Index>& free_;
  const Vector& scale_;
  Eigen::Index k_;
  Eigen::ColPivHouseholderQR<Matrix> qr_;
  Eigen::JacobiSVD<Matrix, Eigen::NoQRPreconditioner> svd_;
};

/// One descent from one start with one first trust radius.
class Descent {
 public:
  Descent(const ResidualFunction& f,
          std::size_t n,
          std::span<const double> start,
          const LeastSquaresOptions& options)
      : f_(f), options_(options), k_(static_cast<Eigen::Index>(start.size())) {
    lower_ = options.lower.empty() ? Vector(Vector::Constant(k_, -inf))
                                   : Vector(Eigen::Map<const Vector>(options.lower.data(), k_));
    upper_ = options.upper.empty() ? Vector(Vector::Constant(k_, inf))
                                   : Vector(Eigen::Map<const Vector>(options.upper.data(), k_));
    x_ = Eigen::Map<const Vector>(start.data(), k_).cwiseMax(lower_).cwiseMin(upper_);
    residual_ = trial_ = probe_ = Vector::Zero(static_cast<Eigen::Index>(n));
    jacobian_ = RowMatrix::Zero(static_cast<Eigen::Index>(n), k_);
  }

  LeastSquaresFit run(double first_step) {
    LeastSquaresFit fit;
    fit.parameters.assign(x_.data(), x_.data() + k_);
    if (!linearise() || !jacobian_.allFinite()) {
      fit.end = FitEnd::undefined_at_start;
      return fit;
    }
    scale_ = Vector::Zero(k_);
    rescale();
    const double size = scale_.cwiseProduct(x_).norm();
    radius_ = first_step * (size > 0.0 ? size : 1.0);
    bool done = k_ == 0 || sum_ == 0.0;
    for (; !done && iterations_ < options_.max_iterations; ++iterations_) done = iterate();
    if (done) polish();
    finish(fit, done);
    return fit;
  }

 private:
  /// Residuals, Jacobian and sum of squares at x_; false where they are not numbers.
  bool linearise() {
    const bool defined = f_(view(x_),
                            {residual_.data(), static_cast<std::size_t>(residual_.size())},
                            {jacobian_.data(), static_cast<std::size_t>(jacobian_.size())});
    sum_ = residual_.squaredNorm();
    return defined && std::isfinite(sum_);
  }

  bool evaluate(const Vector& x, Vector& residual) const {
    const bool defined =
        f_(view(x), {residual.data(), static_cast<std::size_t>(residual.size())}, {});
    return defined && std::isfinite(residual.squaredNorm());
  }

  void rescale() {
    for (Eigen::Index j = 0; j < k_; ++j) {
      scale_(j) = std::max(scale_(j), jacobian_.col(j).norm());
      if (scale_(j) == 0.0) scale_(j) = 1.0;
    }
  }

  /// Parameters not held by a bound that the descent direction pushes against.
  [[nodiscard]] std::vector<Eigen::Index> free_set() const {
    const Vector gradient = jacobian_.transpose() * residual_;
    std::vector<Eigen::Index> free;
    for (Eigen::Index j = 0; j < k_; ++j) {
      const bool held =
          (x_(j) <= lower_(j) && gradient(j) >= 0.0) || (x_(j) >= upper_(j) && gradient(j) <= 0.0);
      if (!held) free.push_back(j);
    }
    return free;
  }

  /// Drops from `free` those at a bound that `p` would leave through; true if there were any.
  bool drop_blocked(std::vector<Eigen::Index>& free, const Vector& p) const {
    return std::erase_if(free, [&](Eigen::Index j) {
             return (x_(j) <= lower_(j) && p(j) < 0.0) || (x_(j) >= upper_(j) && p(j) > 0.0);
           }) > 0;
  }

  [[nodiscard]] Vector inside(const Vector& x) const { return x.cwiseMax(lower_).cwiseMin(upper_); }

  /// p + a/2 where the second-order correction a is small against p, else p.
  Vector accelerated(const Step& step, const Vector& p, double damping) {
    constexpr double h = 0.1;
    if (!options_.acceleration || inside(x_ + p) != x_ + p) return p;
    const double size = scale_.cwiseProduct(p).norm();
    if (size < 1e-4 * scale_.cwiseProduct(x_).norm()) return p;  // differences would be noise
    if (!evaluate(x_ + h * p, probe_)) return p;
    const Vector bend = (2.0 / h) * ((probe_ - residual_) / h - jacobian_ * p);
    const Vector a = step.solve(step.project(bend), damping);
    if (!a.allFinite() || 2.0 * scale_.cwiseProduct(a).norm() > 0.75 * size) return p;
    const Vector both = p + 0.5 * a;
    return inside(both) == both ? both : p;
  }

  enum class Trial { accepted, rejected, converged };

  /// Tries p, and sets the next trust radius by how well the linear model foretold the sum.
  Trial attempt(const Vector& p, const Vector& linear) {
    const double length = scale_.cwiseProduct(p).norm();
    const Vector moved = jacobian_ * linear;
    const double predicted = -(2.0 * residual_.dot(moved) + moved.squaredNorm()) / sum_;
    const Vector next = x_ + p;
    const bool defined = evaluate(next, trial_);
    const double actual = defined ? 1.0 - trial_.squaredNorm() / sum_ : -inf;
    const double ratio = predicted > 0.0 ? actual / predicted : -1.0;
    if (ratio < 0.25) {
      radius_ = (defined && actual > -9.0 ? 0.25 : 0.1) * std::min(radius_, length);
    } else if (ratio > 0.75) {
      radius_ = std::max(radius_, 2.0 * length);
    }
    const double size = scale_.cwiseProduct(x_).norm();
    const bool still = predicted <= options_.tolerance && std::fabs(actual) <= options_.tolerance;
    if (ratio > 1e-4) {
      x_ = next;
      if (!linearise() || !jacobian_.allFinite()) return Trial::converged;  // edge of the domain
      rescale();
      return still && ratio <= 2.0 ? Trial::converged : Trial::accepted;
    }
    const bool stuck = length <= options_.tolerance * size || length == 0.0 || radius_ < 1e-300;
    return still || stuck ? Trial::converged : Trial::rejected;
  }

  /// One accepted step, or the end. Returns true when nothing is left to gain.
  bool iterate() {
    const auto free_at_gradient = free_set();
    if (free_at_gradient.empty()) return true;
    const Step whole(jacobian_, scale_, free_at_gradient);
    const Vector projected = whole.project(residual_);
    for (int tries = 0; tries < 60; ++tries) {
      double damping = whole.damping_for(projected, radius_);
      Vector p = whole.solve(projected, damping);
      std::optional<Step> part;
      auto free = free_at_gradient;
      while (drop_blocked(free, p)) {
        if (free.empty()) return true;
        part.emplace(jacobian_, scale_, free);
        const Vector some = part->project(residual_);
        damping = part->damping_for(some, radius_);
        p = part->solve(some, damping);
      }
      const Vector linear = inside(x_ + p) - x_;
      const Vector full = accelerated(part ? *part : whole, p, damping);
      const Trial trial = attempt(full == p ? linear : full, linear);
      if (trial == Trial::converged) return true;
      if (trial == Trial::accepted) return sum_ == 0.0;
    }
    return true;
  }

  /// Gauss-Newton steps while they still shrink: the sum of squares is flat to rounding long before
  /// the parameters are settled.
  void polish() {
    double last = inf;
    for (int i = 0; i < 20 && k_ > 0 && sum_ > 0.0; ++i) {
      auto free = free_set();
      if (free.empty()) return;
      const Step step(jacobian_, scale_, free);
      const Vector p = step.solve(step.project(residual_), 0.0);
      const double length = scale_.cwiseProduct(p).norm();
      if (!p.allFinite() || length >= 0.5 * last || inside(x_ + p) != x_ + p) return;
      last = length;
      if (!evaluate(x_ + p, trial_) || trial_.squaredNorm() > sum_ * (1.0 + 1e-12)) return;
      const Vector before = x_;
      x_ += p;
      if (!linearise() || !jacobian_.allFinite()) {
        x_ = before;
        linearise();
        return;
      }
      if (length <= epsilon * scale_.cwiseProduct(x_).norm()) return;
    }
  }

  void finish(LeastSquaresFit& fit, bool done) const {
    const auto free = free_set();
    fit.parameters.assign(x_.data(), x_.data() + k_);
    fit.residual_sum = sum_;
    fit.iterations = iterations_;
    fit.end = !done                                         ? FitEnd::out_of_steps
              : static_cast<Eigen::Index>(free.size()) < k_ ? FitEnd::at_bound
                                                            : FitEnd::converged;
    fit.covariance_unscaled.assign(static_cast<std::size_t>(k_ * k_), unknown);
    const auto m = static_cast<Eigen::Index>(free.size());
    if (m == 0 || jacobian_.rows() < m) return;
    Matrix scaled(jacobian_.rows(), m);
    Vector norm(m);
    for (Eigen::Index c = 0; c < m; ++c) {
      scaled.col(c) = jacobian_.col(free[static_cast<std::size_t>(c)]);
      norm(c) = scaled.col(c).norm();
      if (norm(c) == 0.0) return;
      scaled.col(c) /= norm(c);
    }
    const Eigen::ColPivHouseholderQR<Matrix> qr(scaled);
    if (qr.rank() < m) return;
    const Matrix r = qr.matrixQR().topRows(m).template triangularView<Eigen::Upper>();
    const Matrix inverse = qr.colsPermutation() *
                           r.triangularView<Eigen::Upper>().solve(Matrix::Identity(m, m)).eval();
    const Matrix covariance = inverse.lazyProduct(inverse.transpose());
    for (Eigen::Index a = 0; a < m; ++a) {
      for (Eigen::Index b = 0; b < m; ++b) {
        const auto row = free[static_cast<std::size_t>(a)],
                   column = free[static_cast<std::size_t>(b)];
        fit.covariance_unscaled[static_cast<std::size_t>(row * k_ + column)] =
            covariance(a, b) / (norm(a) * norm(b));
      }
    }
  }

  const ResidualFunction& f_;
  const LeastSquaresOptions& options_;
  Eigen::Index k_;
  Vector lower_, upper_, x_, scale_, residual_, trial_, probe_;
  RowMatrix jacobian_;
  double sum_ = unknown, radius_ = unknown;
  int iterations_ = 0;
};

void check(const LeastSquaresOptions& options, std::size_t k) {
  for (const auto* bound : {&options.lower, &options.upper}) {
    if (!bound->empty() && bound->size() != k) {
      throw UsageError("least_squares: bounds and start differ in length");
    }
  }
  for (std::size_t j = 0; j < k && !options.lower.empty() && !options.upper.empty(); ++j) {
    if (!(options.lower[j] <= options.upper[j])) {
      throw UsageError("least_squares: a lower bound lies above its upper bound");
    }
  }
}

}  // namespace

std::string_view name(FitEnd end) {
  switch (end) {
    case FitEnd::not_run:
      return "not_run";
    case FitEnd::converged:
      return "converged";
    case FitEnd::at_bound:
      return "at_bound";
    case FitEnd::out_of_steps:
      return "out_of_steps";
    case FitEnd::undefined_at_start:
      return "undefined_at_start";
  }
  return "not_run";
}

LeastSquaresFit least_squares(const ResidualFunction& f,
                              std::size_t n,
                              std::span<const double> start,
                              const LeastSquaresOptions& options) {
  check(options, start.size());
  LeastSquaresFit best = Descent(f, n, start, options).run(options.first_step);
  double first_step = options.first_step;
  for (int i = 0; i < options.more_first_steps; ++i) {
    first_step /= 20.0;
    LeastSquaresFit other = Descent(f, n, start, options).run(first_step);
    const bool better = other.residual_sum < best.residual_sum * (1.0 - 1e-9);
    if (other.usable() && (!best.usable() || better)) best = std::move(other);
  }
  return best;
}

}  // namespace kinescape::numeric
