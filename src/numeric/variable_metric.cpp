// SPDX-License-Identifier: Apache-2.0
#include "numeric/variable_metric.hpp"

#include <cmath>
#include <cstddef>

namespace kinescape::numeric {
namespace {

using Vector = std::vector<double>;

constexpr double step = 1e-3, tolerance = 1e-7, enough_descent = 1e-4, cut = 0.2;
constexpr int most_gradients = 500;

class Search {
 public:
  Search(const std::function<double(const Vector&)>& f, const Vector& start)
      : f_(f), k_(start.size()), unit_(start), x_(start.size()) {
    for (double& u : unit_) u = std::fabs(u) < 1e-4 ? 1.0 : std::fabs(u);
    for (std::size_t i = 0; i < k_; ++i) x_[i] = start[i] / unit_[i];
  }

  VariableMetricEnd run() {
    best_ = scaled(x_);
    finite_ = std::isfinite(best_);
    if (finite_) gradient_ = slopes(x_);
    bool fresh = true;
    int gradients = 1, since_reset = 0;
    for (bool done = false; finite_ && !done && gradients < most_gradients;) {
      if (fresh) reset();
      if (fresh) since_reset = 0;
      const Vector direction = downhill();
      const Vector from = x_;
      if (!advance(direction)) {  // from a fresh metric there is nowhere to go; else try one
        done = fresh;
        fresh = true;
        continue;
      }
      const Vector before = gradient_;
      gradient_ = slopes(x_);
      ++gradients;
      ++since_reset;
      fresh = !update(from, before) || since_reset > 2 * static_cast<int>(k_);
    }
    VariableMetricEnd out;
    if (finite_) out.hessian = curvature();
    out.at = natural(x_);
    out.value = best_;
    out.finite = finite_;
    return out;
  }

 private:
  [[nodiscard]] Vector natural(const Vector& x) const {
    Vector p(k_);
    for (std::size_t i = 0; i < k_; ++i) p[i] = x[i] * unit_[i];
    return p;
  }
  [[nodiscard]] double scaled(const Vector& x) const { return f_(natural(x)); }

  Vector slopes(const Vector& x) {
    Vector g(k_), y = x;
    for (std::size_t i = 0; i < k_; ++i) {
      y[i] = x[i] + step;
      const double above = scaled(y);
      y[i] = x[i] - step;
      g[i] = (above - scaled(y)) / (2.0 * step);
      y[i] = x[i];
      finite_ = finite_ && std::isfinite(g[i]);
    }
    return g;
  }

  void reset() {
    metric_.assign(k_ * k_, 0.0);
    for (std::size_t i = 0; i < k_; ++i) metric_[i * k_ + i] = 1.0;
  }

  [[nodiscard]] Vector times_metric(const Vector& v) const {
    Vector out(k_, 0.0);
    for (std::size_t i = 0; i < k_; ++i) {
      for (std::size_t j = 0; j < k_; ++j) out[i] += metric_[i * k_ + j] * v[j];
    }
    return out;
  }
  [[nodiscard]] Vector downhill() const {
    Vector d = times_metric(gradient_);
    for (double& v : d) v = -v;
    return d;
  }

  /// Moves along `direction`; false where the step is uphill, too short to count, or gains too
  /// little to go on.
  bool advance(const Vector& direction) {
    double descent = 0.0;
    for (std::size_t i = 0; i < k_; ++i) descent += direction[i] * gradient_[i];
    if (!(descent < 0.0)) return false;
    const Vector from = x_;
    double length = 1.0, now = best_;
    for (bool accepted = false; !accepted;) {
      bool moved = false;
      for (std::size_t i = 0; i < k_; ++i) {
        x_[i] = from[i] + length * direction[i];
        moved = moved || 10.0 + from[i] != 10.0 + x_[i];
      }
      if (!moved) return false;
      now = scaled(x_);
      accepted = std::isfinite(now) && now <= best_ + descent * length * enough_descent;
      if (!accepted) length *= cut;
    }
    const bool goes_on = std::fabs(now - best_) > tolerance * (std::fabs(best_) + tolerance);
    best_ = now;
    return goes_on;
  }

  /// The Broyden-Fletcher-Goldfarb-Shanno update; false where the curvature is not positive.
  bool update(const Vector& from, const Vector& before) {
    Vector s(k_), y(k_);
    double along = 0.0;
    for (std::size_t i = 0; i < k_; ++i) {
      s[i] = x_[i] - from[i];
      y[i] = gradient_[i] - before[i];
      along += s[i] * y[i];
    }
    if (!(along > 0.0)) return false;
    const Vector by = times_metric(y);
    double bend = 0.0;
    for (std::size_t i = 0; i < k_; ++i) bend += by[i] * y[i];
    const double weight = 1.0 + bend / along;
    for (std::size_t i = 0; i < k_; ++i) {
      for (std::size_t j = 0; j < k_; ++j) {
        metric_[i * k_ + j] += (weight * s[i] * s[j] - s[i] * by[j] - by[i] * s[j]) / along;
      }
    }
    return true;
  }

  /// R takes these outer steps in natural units, unlike those of the slopes.
  Vector curvature() {
    Vector rows(k_ * k_), out(k_ * k_);
    for (std::size_t i = 0; i < k_; ++i) {
      Vector y = x_;
      const double outer = step / unit_[i];
      y[i] = x_[i] + outer;
      const Vector above = slopes(y);
      y[i] = x_[i] - outer;
      const Vector below = slopes(y);
      for (std::size_t j = 0; j < k_; ++j) {
        rows[i * k_ + j] = (above[j] - below[j]) / (2.0 * outer * unit_[i] * unit_[j]);
      }
    }
    for (std::size_t i = 0; i < k_; ++i) {
      for (std::size_t j = 0; j < k_; ++j) {
        out[i * k_ + j] = 0.5 * (rows[i * k_ + j] + rows[j * k_ + i]);
      }
    }
    return out;
  }

  const std::function<double(const Vector&)>& f_;
  std::size_t k_;
  Vector unit_, x_, gradient_, metric_;
  double best_ = 0.0;
  bool finite_ = true;
};

}  // namespace

VariableMetricEnd variable_metric(const std::function<double(const Vector&)>& f,
                                  const Vector& start) {
  return Search(f, start).run();
}

}  // namespace kinescape::numeric
