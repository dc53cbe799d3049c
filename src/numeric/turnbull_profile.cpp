// SPDX-License-Identifier: Apache-2.0
// How far may a quantile or a survival move before the likelihood of interval-censored rows
// objects? The maximum with mass a on the first k sets: with a multiplier lambda its conditions are
// those of the free problem whose columns are divided by 1 + lambda (1 - a) (the first k) and 1 -
// lambda a (the others), so that the same Newton steps serve, and one number is left to be found.
#include <algorithm>
#include <cmath>

#include "base/estimated.hpp"
#include "numeric/distribution.hpp"
#include "numeric/turnbull_internal.hpp"

namespace kinescape::numeric {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

class Profile {
 public:
  explicit Profile(const IntervalRows& rows) : sets_(turnbull_sets::innermost(rows)) {
    int iterations = 0;
    double optimality = 0.0;
    free_ = turnbull_sets::maximise(sets_.member, iterations, optimality);
    top_ = turnbull_sets::log_likelihood(sets_.member, free_);
  }
  [[nodiscard]] const turnbull_sets::Sets& sets() const { return sets_; }
  [[nodiscard]] double mass(Index first) const { return free_.head(first).sum(); }

  /// Twice the log-likelihood lost by giving the first `first` sets the mass a.
  [[nodiscard]] double lost(Index first, double a) const {
    const Index sets = free_.size();
    if (std::fabs(mass(first) - a) < 1e-9) return 0.0;
    // All rows must be able to lie on the side that keeps mass.
    if (first == 0 || first == sets || a <= 0.0 || a >= 1.0) return impossible(first, a);
    // lambda; the mass falls as it grows, from all to nothing. Regula falsi (Illinois); what the
    // mass is off by enters the likelihood squared.
    double low = -1.0 / (1.0 - a), high = 1.0 / a, at_low = 1.0 - a, at_high = -a;
    VectorXd p;
    for (int i = 0; i < 60; ++i) {
      const double lambda =
          i % 4 == 3 ? 0.5 * (low + high) : (low * at_high - high * at_low) / (at_high - at_low);
      p = tilted(first, a, lambda);
      const double off = p.head(first).sum() / p.sum() - a;
      if (std::fabs(off) < 1e-7) break;
      if (off > 0.0)
        low = lambda, at_low = off, at_high *= 0.5;
      else
        high = lambda, at_high = off, at_low *= 0.5;
    }
    // Held exactly, so that the likelihood is that of a distribution.
    const double left = p.head(first).sum(), right = p.tail(sets - first).sum();
    if (!(left > 0.0) || !(right > 0.0)) return impossible(first, a);
    p.head(first) *= a / left;
    p.tail(sets - first) *= (1.0 - a) / right;
    return std::max(0.0, 2.0 * (top_ - turnbull_sets::log_likelihood(sets_.member, p)));
  }

  /// The mass of the first `first` sets where their likelihood, tilted towards more (direction +1)
  /// or less (-1) mass, has lost `most`; 1 or 0 where it never does.
  [[nodiscard]] double mass_that_loses(Index first, double most, int direction) const {
    const double goal = std::sqrt(most), bound = direction > 0 ? 1.0 : 0.0;
    if (first == 0 || first == free_.size()) return mass(first);
    double low = 0.0, at_low = -goal, high = 1.0;
    Tilt now = at_ratio(first, -direction * high);
    while (std::sqrt(now.lost) < goal) {
      if (high > 30.0) return bound;
      low = high, at_low = std::sqrt(now.lost) - goal, high *= 2.0;
      now = at_ratio(first, -direction * high);
    }
    double at_high = std::sqrt(now.lost) - goal;
    // The root of what is lost is nearly a straight line: regula falsi (Illinois).
    for (int i = 0; i < 40 && std::fabs(std::sqrt(now.lost) - goal) > 1e-6; ++i) {
      const double middle = (low * at_high - high * at_low) / (at_high - at_low);
      now = at_ratio(first, -direction * middle);
      const double off = std::sqrt(now.lost) - goal;
      if (off < 0.0)
        low = middle, at_low = off, at_high *= 0.5;
      else
        high = middle, at_high = off, at_low *= 0.5;
    }
    return now.mass;
  }

 private:
  struct Tilt {
    double mass, lost;
  };
  /// The maximum when mass on the first sets costs e^log_ratio times what it costs on the others.
  [[nodiscard]] Tilt at_ratio(Index first, double log_ratio) const {
    const double ratio = std::exp(log_ratio);
    MatrixXd member = sets_.member;
    member.leftCols(first) /= ratio;
    int iterations = 0;
    double optimality = 0.0;
    VectorXd p = turnbull_sets::maximise(member, iterations, optimality, 1e-8);
    p.head(first) /= ratio;
    p /= p.sum();
    return {p.head(first).sum(),
            std::max(0.0, 2.0 * (top_ - turnbull_sets::log_likelihood(sets_.member, p)))};
  }

  turnbull_sets::Sets sets_;
  VectorXd free_;
  double top_ = 0.0;

  [[nodiscard]] VectorXd tilted(Index first, double a, double lambda) const {
    const Index sets = free_.size();
    const double one = 1.0 + lambda * (1.0 - a), two = 1.0 - lambda * a;
    MatrixXd member = sets_.member;
    member.leftCols(first) /= one;
    member.rightCols(sets - first) /= two;
    int iterations = 0;
    double optimality = 0.0;
    VectorXd p = turnbull_sets::maximise(member, iterations, optimality, 1e-8);
    p.head(first) /= one;
    p.tail(sets - first) /= two;
    return p;
  }
  /// No mass on one side: every row must be able to lie on the other.
  [[nodiscard]] double impossible(Index first, double a) const {
    const Index sets = free_.size();
    const MatrixXd side = a >= 0.5 ? MatrixXd(sets_.member.leftCols(first))
                                   : MatrixXd(sets_.member.rightCols(sets - first));
    if (side.cols() == 0 || !(side.rowwise().sum().minCoeff() > 0.0)) return 1e300;
    int iterations = 0;
    double optimality = 0.0;
    const VectorXd p = turnbull_sets::maximise(side, iterations, optimality);
    return std::max(0.0, 2.0 * (top_ - turnbull_sets::log_likelihood(side, p)));
  }
};

}  // namespace

Limits quantile_profile(const IntervalRows& rows, double p, double level) {
  turnbull_sets::check(rows);
  if (rows.low.empty()) return {unknown, unknown};
  const Profile profile(rows);
  const auto& sets = profile.sets();
  const auto count = static_cast<Index>(sets.left.size());
  const double most = chi_squared_quantile(level, 1.0);
  Index at = 0;
  while (at + 1 < count && profile.mass(at + 1) < p - 1e-12) ++at;
  // Set j holds the quantile if the mass up to its end may be p (earlier sets), or the mass before
  // it (later ones).
  Index first = at, last = at;
  while (first > 0 && profile.lost(first, p) <= most) --first;
  while (last + 1 < count && profile.lost(last + 1, p) <= most) ++last;
  const double low = sets.left[static_cast<std::size_t>(first)],
               high = sets.right[static_cast<std::size_t>(last)];
  return {low, std::isfinite(high) ? high : unknown};
}

Limits survival_profile(const IntervalRows& rows, double time, double level) {
  turnbull_sets::check(rows);
  if (rows.low.empty()) return {unknown, unknown};
  const Profile profile(rows);
  const auto& sets = profile.sets();
  const double most = chi_squared_quantile(level, 1.0);
  Index surely = 0, perhaps = 0;  // sets that end by `time`; that begin before it
  for (std::size_t j = 0; j < sets.left.size(); ++j) {
    surely += sets.right[j] <= time;
    perhaps += sets.right[j] <= time || sets.left[j] < time;
  }
  // S is highest when the sets that span `time` lie after it, lowest when they lie before it.
  return {1.0 - profile.mass_that_loses(perhaps, most, +1),
          1.0 - profile.mass_that_loses(surely, most, -1)};
}

}  // namespace kinescape::numeric
