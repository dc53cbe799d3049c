// SPDX-License-Identifier: Apache-2.0
// Intervals by profile likelihood: the scalar is held at a value, everything else is refitted, and
// the ends are where the residual sum has risen by what the F distribution allows.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/errors.hpp"
#include "dose_response/infinity_internal.hpp"
#include "dose_response/reduced_internal.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::dose_response {
namespace {

using enum Parameter;
using internal::JointModel;

/// Of the dose means.
struct Range {
  double low = inf, high = -inf;
  [[nodiscard]] double size() const { return high > low ? high - low : 1.0; }
};

Range range(const JointModel& model) {
  Range r;
  for (const auto& group : model.groups) {
    for (const double m : group.mean) {
      r.low = std::min(r.low, m);
      r.high = std::max(r.high, m);
    }
  }
  return r;
}

/// The parameters shared in `fit`, recovered from its slots.
std::vector<Parameter> shared_in(const Fit& fit) {
  std::vector<Parameter> shared;
  const auto free = free_parameters(fit.shape);
  for (std::size_t i = 0; i < free.size() && fit.slot.size() > 1; ++i) {
    if (fit.slot[0][i] == fit.slot[1][i]) shared.push_back(free[i]);
  }
  return shared;
}

/// The residual sum as a function of the value at which one scalar is held.
class Profile {
 public:
  Profile(const Fit& fit,
          std::span<const Observations> groups,
          const Scalar& scalar,
          const FitOptions& options)
      : fit_(fit),
        scalar_(scalar),
        model_(internal::joint_model(fit.shape, groups, shared_in(fit))),
        options_(options),
        unit_(scalar.unit == Scalar::Unit::response ? range(model_).size() : 1.0),
        sign_(fit.curves[0][hill_slope] < 0.0 ? -1.0 : 1.0) {
    limits_ = internal::bounds(model_, options, sign_);
    limits_.tolerance = 1e-12;
    held_slot();
    set_window(options);
    error_ = standard_error();
    weight_ = 1e3 * std::max(fit.residual_sd, 1e-12 * unit_) / std::min(error_, 0.3 * unit_);
  }

  struct Point {
    double at = unknown, sum = unknown;
    std::vector<double> parameters;
    [[nodiscard]] bool found() const { return !std::isnan(sum); }
  };

  /// Least residual sum with the scalar at `at`, from starts nearby.
  [[nodiscard]] Point hold(double at, std::initializer_list<std::span<const double>> starts) const {
    const internal::Reduced reduced = reduced_at(at);
    Point best;
    for (const auto& start : starts) {
      const Point now = reduced.possible()     ? point(at, reduced.descend(start))
                        : scalar_.is_parameter ? hold_parameter(at, start)
                                               : hold_equation(at, start);
      if (now.found() && !(now.sum >= best.sum)) best = now;
    }
    return best;
  }

  /// The same from starts all over the window; `known` is the least that was found so far.
  [[nodiscard]] Point hold_anywhere(double at, const Point& known) const {
    const internal::Reduced reduced = reduced_at(at);
    if (!reduced.possible()) return known;
    const Point now = point(at, reduced.search(options_, sign_));
    return now.found() && !(now.sum >= known.sum) ? now : known;
  }

  [[nodiscard]] double lowest() const { return lowest_; }
  [[nodiscard]] double highest() const { return highest_; }
  [[nodiscard]] double standard_step() const { return std::min(error_, unit_of_value_); }
  [[nodiscard]] double estimate() const { return scalar_.value(fit_.curves); }

 private:
  void held_slot() {
    if (!scalar_.is_parameter) return;
    const auto free = free_parameters(fit_.shape);
    const auto found = std::find(free.begin(), free.end(), scalar_.parameter);
    if (found == free.end()) throw UsageError("profile: " + scalar_.name + " is not free");
    slot_ = model_.slot[scalar_.group][static_cast<std::size_t>(found - free.begin())];
  }

  void set_window(const FitOptions& options) {
    double low = 0.0, high = 0.0;
    internal::dose_range(model_, low, high);
    lowest_ = scalar_.lowest;
    highest_ = scalar_.highest;
    const bool dose = scalar_.unit == Scalar::Unit::log10_dose || scalar_.name == "log10_dose_at";
    if (scalar_.is_parameter) {
      if (std::isnan(lowest_)) lowest_ = limits_.lower[slot_];
      if (std::isnan(highest_)) highest_ = limits_.upper[slot_];
    } else if (dose) {
      if (std::isnan(lowest_)) lowest_ = low - options.decades_below;
      if (std::isnan(highest_)) highest_ = high + options.decades_above;
    }
    const double at = scalar_.value(fit_.curves);
    unit_of_value_ = dose ? 0.5 : (scalar_.unit == Scalar::Unit::response ? unit_ : 1.0);
    // Beside the estimate, which may lie anywhere, the data must be in the window.
    const Range data = range(model_);
    const bool known = std::isfinite(at);
    const double far = 1e3 * data.size();
    if (!std::isfinite(lowest_)) lowest_ = std::min(known ? at : 0.0, data.low) - far;
    if (!std::isfinite(highest_)) highest_ = std::max(known ? at : 0.0, data.high) + far;
  }

  [[nodiscard]] double equation(std::span<const Curve> curves, double at) const {
    return scalar_.equation ? scalar_.equation(curves, at) : scalar_.value(curves) - at;
  }

  [[nodiscard]] double equation(std::span<const double> parameters, double at) const {
    const auto curves = model_.curves(parameters);
    return equation(std::span<const Curve>(curves), at);
  }

  /// The fit with its plateaus solved for and the scalar at `at`.
  [[nodiscard]] internal::Reduced reduced_at(double at) const {
    const bool plateau =
        scalar_.is_parameter &&
        (scalar_.parameter == top || scalar_.parameter == bottom || scalar_.parameter == hormesis);
    if (scalar_.is_parameter && !plateau) {
      auto limits = limits_;
      limits.lower[slot_] = limits.upper[slot_] = at;
      return {model_, limits, fit_.parameters, {}, scalar_.group};
    }
    return {model_,
            limits_,
            fit_.parameters,
            [this, at](std::span<const Curve> curves) { return equation(curves, at); },
            scalar_.group};
  }

  [[nodiscard]] Point point(double at, const internal::Reduced::Optimum& o) const {
    return o.found() ? Point{at, o.residual_sum + model_.pure_error, o.parameters} : Point{};
  }

  /// d equation / d parameters by central differences.
  [[nodiscard]] std::vector<double> slopes(std::span<const double> parameters, double at) const {
    std::vector<double> x(parameters.begin(), parameters.end()), out(x.size());
    for (std::size_t j = 0; j < x.size(); ++j) {
      const double keep = x[j], h = 1e-6 * std::max(1.0, std::fabs(keep));
      x[j] = keep + h;
      const double above = equation(x, at);
      x[j] = keep - h;
      const double below = equation(x, at);
      x[j] = keep;
      out[j] = (above - below) / (2.0 * h);
    }
    return out;
  }

  /// Of the equation at the optimum, by the delta method; one unit where that cannot be told.
  [[nodiscard]] double standard_error() const {
    const double at = scalar_.value(fit_.curves);
    const double from = std::isfinite(at) ? std::clamp(at, lowest_, highest_) : highest_;
    const auto g = slopes(fit_.parameters, from);
    double variance = 0.0;
    for (std::size_t a = 0; a < g.size(); ++a) {
      for (std::size_t b = 0; b < g.size() && !fit_.covariance.empty(); ++b) {
        const double c = fit_.covariance[a * g.size() + b];
        if (!std::isnan(c)) variance += g[a] * c * g[b];
      }
    }
    const double e = std::sqrt(variance);
    return e > 0.0 && std::isfinite(e) ? e : unit_;
  }

  [[nodiscard]] Point hold_parameter(double at, std::span<const double> start) const {
    auto limits = limits_;
    limits.lower[slot_] = limits.upper[slot_] = at;
    const auto f = [&](std::span<const double> p, std::span<double> r, std::span<double> j) {
      model_.residuals(p, r, j);
      return true;
    };
    const auto fit = numeric::least_squares(f, model_.rows, start, limits);
    if (!fit.usable()) return {};
    return {at, fit.residual_sum + model_.pure_error, fit.parameters};
  }

  [[nodiscard]] Point hold_equation(double at, std::span<const double> start) const {
    const std::size_t rows = model_.rows;
    double shift = 0.0;
    std::vector<double> x(start.begin(), start.end());
    Point point;
    // The penalised optimum is shifted until it meets the constraint itself.
    for (int round = 0; round < 6; ++round) {
      const auto f = [&](std::span<const double> p, std::span<double> r, std::span<double> j) {
        const bool wanted = !j.empty();
        model_.residuals(p, r.first(rows), wanted ? j.first(rows * model_.count) : j);
        const double e = equation(p, at);
        if (!std::isfinite(e)) return false;
        r[rows] = weight_ * (e + shift);
        if (wanted) {
          const auto g = slopes(p, at);
          for (std::size_t c = 0; c < g.size(); ++c) j[rows * model_.count + c] = weight_ * g[c];
        }
        return true;
      };
      const auto fit = numeric::least_squares(f, rows + 1, x, limits_);
      if (!fit.usable()) return {};
      x = fit.parameters;
      const double missed = equation(x, at);
      const double penalty = weight_ * (missed + shift);
      point = {at, fit.residual_sum - penalty * penalty + model_.pure_error, x};
      if (std::fabs(missed) <= 1e-7 * std::min(error_, unit_)) return point;
      shift += missed;
    }
    const double missed = std::fabs(equation(x, at));
    return missed <= 1e-3 * std::min(error_, unit_) ? point : Point{};
  }

  const Fit& fit_;
  const Scalar& scalar_;
  JointModel model_;
  const FitOptions& options_;
  double unit_, sign_;
  numeric::LeastSquaresOptions limits_;
  std::size_t slot_ = 0;
  double lowest_ = unknown, highest_ = unknown, error_ = unknown, weight_ = unknown;
  double unit_of_value_ = 1.0;
};

/// One end of an interval: where the root of the scaled rise of the whole profile passes `allowed`.
class End {
 public:
  End(const Profile& profile, const Fit& fit, double allowed, double direction)
      : profile_(profile), fit_(fit), allowed_(allowed), direction_(direction) {}

  /// The farthest place of the interval, from a point inside; NaN: the window ends before.
  [[nodiscard]] double from(Profile::Point inside) const {
    for (int round = 0; round < 10; ++round) {
      const Bracket b = bracket(inside);
      if (!b.outside.found()) return unknown;
      const double end = root(b);
      // The profile may come back down another valley a little further on.
      const double width = std::fabs(end - profile_.estimate());
      Profile::Point again;
      for (const double further : {0.05, 0.5, 2.0}) {
        const double step = std::isfinite(width) && width > 0.0 ? width : profile_.standard_step();
        const double at = end + direction_ * further * step;
        if (direction_ * (last() - at) <= 0.0) break;
        const Profile::Point p = profile_.hold_anywhere(at, {});
        if (p.found() && excess(p) < -1e-6) again = p;
      }
      if (!again.found()) return end;
      inside = again;
    }
    return unknown;
  }

 private:
  struct Bracket {
    Profile::Point inside, outside;  ///< Outside is not found where the window ends first.
  };

  [[nodiscard]] double last() const {
    return direction_ > 0.0 ? profile_.highest() : profile_.lowest();
  }

  [[nodiscard]] double excess(const Profile::Point& p) const {
    if (!p.found()) return inf;
    return std::sqrt(std::max(0.0, p.sum - fit_.residual_sum)) / fit_.residual_sd - allowed_;
  }

  [[nodiscard]] Bracket bracket(Profile::Point inside) const {
    double inner = excess(inside), step = 0.7 * allowed_ * profile_.standard_step();
    for (int i = 0; i < 200; ++i) {
      const double reach = direction_ * (last() - inside.at);
      if (reach <= 1e-9 * (1.0 + std::fabs(last()))) break;
      const double at = step >= reach ? last() : inside.at + direction_ * step;
      Profile::Point next = profile_.hold(at, {inside.parameters, fit_.parameters});
      // Before a place counts as outside, all ways there are tried.
      if (!(excess(next) <= 0.0)) next = profile_.hold_anywhere(at, next);
      next.at = at;
      const double now = excess(next);
      if (now > 0.0) return {inside, next};
      const double slope = (now - inner) / std::fabs(at - inside.at);
      const double wanted = slope > 0.0 ? -1.1 * now / slope : 2.5 * step;
      step = std::clamp(wanted, 0.3 * step, 2.5 * step);
      inside = next;
      inner = now;
    }
    return {inside, {}};
  }

  /// Illinois on the signed rise.
  [[nodiscard]] double root(const Bracket& bracket) const {
    Profile::Point inside = bracket.inside, outside = bracket.outside;
    double fa = excess(inside), fb = excess(outside);
    for (int i = 0; i < 60; ++i) {
      const double a = inside.at, b = outside.at;
      if (std::fabs(b - a) <= 1e-9 * (1.0 + std::fabs(b))) break;
      const bool halve = !std::isfinite(fb) || i % 8 == 7;
      const double at = halve ? 0.5 * (a + b) : (a * fb - b * fa) / (fb - fa);
      Profile::Point p =
          outside.parameters.empty()
              ? profile_.hold(at, {inside.parameters, fit_.parameters})
              : profile_.hold(at, {inside.parameters, outside.parameters, fit_.parameters});
      p.at = at;
      const double now = excess(p);
      if (std::fabs(now) < 1e-7) return at;
      (now > 0.0 ? outside : inside) = p;
      (now > 0.0 ? fb : fa) = now;
      (now > 0.0 ? fa : fb) *= 0.5;
    }
    return 0.5 * (inside.at + outside.at);
  }

  const Profile& profile_;
  const Fit& fit_;
  double allowed_, direction_;
};

}  // namespace

Interval profile_interval(const Fit& fit,
                          std::span<const Observations> groups,
                          const Scalar& scalar,
                          const FitOptions& options) {
  if (fit.noise_known) throw UsageError("profile_interval: not a least-squares fit; see wald()");
  Interval out;
  out.level = options.level;
  if (!fit.usable() || !(fit.residual_sd > 0.0)) {
    out.why = fit.usable() ? "no wells are left to tell the noise from" : "the curve is not fitted";
    return out;
  }
  const Profile profile(fit, groups, scalar, options);
  out.estimate = profile.estimate();
  const double allowed =
      numeric::student_t_quantile(0.5 + 0.5 * options.level, static_cast<double>(fit.n - fit.k()));
  Profile::Point best{out.estimate, fit.residual_sum, fit.parameters};
  if (out.estimate > profile.highest() || out.estimate < profile.lowest()) {
    // The estimate lies beyond the window: what the data still allow begins at its end.
    const bool above = out.estimate > profile.highest();
    const double at = above ? profile.highest() : profile.lowest();
    best = profile.hold_anywhere(at, profile.hold(at, {fit.parameters}));
    const double variance = fit.residual_sd * fit.residual_sd;
    if (!best.found() || best.sum > fit.residual_sum + allowed * allowed * variance) {
      out.why = above ? "not reached at any dose" : "passed at every dose";
      return out;
    }
    (above ? out.low : out.high) = End(profile, fit, allowed, above ? -1.0 : 1.0).from(best);
    return out;
  }
  if (std::isnan(out.estimate)) {
    out.why = "the curve has no such number";
    return out;
  }
  out.low = End(profile, fit, allowed, -1.0).from(best);
  out.high = End(profile, fit, allowed, 1.0).from(best);
  return out;
}

double profiled_residual_sum(const Fit& fit,
                             std::span<const Observations> groups,
                             const Scalar& scalar,
                             double at,
                             const FitOptions& options) {
  if (!fit.usable()) return unknown;
  const Profile profile(fit, groups, scalar, options);
  return profile.hold_anywhere(at, profile.hold(at, {fit.parameters})).sum;
}

}  // namespace kinescape::dose_response
