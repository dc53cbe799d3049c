// SPDX-License-Identifier: Apache-2.0
// Intervals by profile likelihood: the scalar is held at a value, everything else is refitted, and
// the ends are where the residual sum has risen by what the F distribution allows.
#include <algorithm>
#include <cmath>
#include <limits>

#include "base/errors.hpp"
#include "dose_response/fit_internal.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::dose_response {
namespace {

using enum Parameter;
using internal::JointModel;
constexpr double inf = std::numeric_limits<double>::infinity();

double spread(const JointModel& model) {
  double low = inf, high = -inf;
  for (const auto& group : model.groups) {
    for (const double m : group.mean) {
      low = std::min(low, m);
      high = std::max(high, m);
    }
  }
  return high > low ? high - low : 1.0;
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
        unit_(scalar.unit == Scalar::Unit::response ? spread(model_) : 1.0) {
    const double slope = fit.curves[0][hill_slope];
    limits_ = internal::bounds(model_, options, slope < 0.0 ? -1.0 : 1.0);
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

  /// Least residual sum with the scalar at `at`, from a start nearby.
  [[nodiscard]] Point hold(double at, std::span<const double> start) const {
    return scalar_.is_parameter ? hold_parameter(at, start) : hold_equation(at, start);
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
    const double far = 1e3 * spread(model_), at = scalar_.value(fit_.curves);
    unit_of_value_ = dose ? 0.5 : (scalar_.unit == Scalar::Unit::response ? unit_ : 1.0);
    if (!std::isfinite(lowest_)) lowest_ = (std::isfinite(at) ? at : 0.0) - far;
    if (!std::isfinite(highest_)) highest_ = (std::isfinite(at) ? at : 0.0) + far;
  }

  [[nodiscard]] double equation(std::span<const double> parameters, double at) const {
    const auto curves = model_.curves(parameters);
    return scalar_.equation ? scalar_.equation(curves, at) : scalar_.value(curves) - at;
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
      return model_.residuals(p, r, j);
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
  double unit_;
  numeric::LeastSquaresOptions limits_;
  std::size_t slot_ = 0;
  double lowest_ = unknown, highest_ = unknown, error_ = unknown, weight_ = unknown;
  double unit_of_value_ = 1.0;
};

/// Where the root of the scaled rise passes `allowed`, from a point inside; NaN: not before the
/// window's end.
double crossing(const Profile& profile,
                const Fit& fit,
                Profile::Point inside,
                double allowed,
                double direction) {
  const double variance = fit.residual_sd * fit.residual_sd;
  const auto rise = [&](const Profile::Point& p) {
    return p.found() ? std::sqrt(std::max(0.0, p.sum - fit.residual_sum) / variance) : inf;
  };
  const double end = direction > 0.0 ? profile.highest() : profile.lowest();
  double inner = rise(inside) - allowed, step = 0.7 * allowed * profile.standard_step();
  Profile::Point outside;
  double outer = unknown;
  for (int i = 0; i < 80; ++i) {
    const double reach = direction * (end - inside.at);
    if (reach <= 1e-9 * (1.0 + std::fabs(end))) return unknown;
    const double at = step >= reach ? end : inside.at + direction * step;
    Profile::Point next = profile.hold(at, inside.parameters);
    // Before a place counts as outside, another way there is tried.
    if (rise(next) > allowed && inside.parameters != fit.parameters) {
      if (const auto other = profile.hold(at, fit.parameters); rise(other) < rise(next))
        next = other;
    }
    const double now = rise(next) - allowed;
    if (now > 0.0) {
      outside = next;
      outside.at = at;
      outer = now;
      break;
    }
    const double slope = (now - inner) / std::fabs(at - inside.at);
    const double wanted = slope > 0.0 ? -1.1 * now / slope : 2.5 * step;
    step = std::clamp(wanted, 0.3 * step, 2.5 * step);
    inside = next;
    inner = now;
  }
  if (std::isnan(outer)) return unknown;
  // Illinois on the signed rise; the held fits start from the inner end.
  double a = inside.at, b = outside.at, fa = inner, fb = outer;
  for (int i = 0; i < 60 && std::fabs(b - a) > 1e-9 * (1.0 + std::fabs(b)); ++i) {
    double at = std::isfinite(fb) ? (a * fb - b * fa) / (fb - fa) : 0.5 * (a + b);
    if (i % 8 == 7) at = 0.5 * (a + b);
    const Profile::Point p = profile.hold(at, inside.parameters);
    const double now = rise(p) - allowed;
    if (std::fabs(now) < 1e-7) return at;
    if (now > 0.0) {
      b = at;
      fb = now;
      fa *= 0.5;
    } else {
      a = at;
      fa = now;
      fb *= 0.5;
      inside = p;
    }
  }
  return 0.5 * (a + b);
}

}  // namespace

Scalar parameter_of(Parameter p, std::size_t group) {
  Scalar s;
  s.name = "parameter";
  s.value = [=](std::span<const Curve> c) { return c[group][p]; };
  s.is_parameter = true;
  s.parameter = p;
  s.group = group;
  const bool dose = p == log10_ec50 || p == log10_ec50_b;
  const bool response = p == top || p == bottom;
  s.unit = dose       ? Scalar::Unit::log10_dose
           : response ? Scalar::Unit::response
                      : Scalar::Unit::other;
  return s;
}

Scalar log10_relative_ic(double x, std::size_t group) {
  Scalar s;
  s.name = "log10_relative_ic";
  s.value = [=](std::span<const Curve> c) { return log10_relative_ic_nM(c[group], x); };
  return s;
}

Scalar log10_dose_at(double level, std::size_t group) {
  Scalar s;
  s.name = "log10_dose_at";
  s.value = [=](std::span<const Curve> c) { return log10_dose_at_nM(c[group], level); };
  s.equation = [=](std::span<const Curve> c, double at) {
    return value_at_log10(c[group], at) - level;
  };
  s.unit = Scalar::Unit::response;
  return s;
}

Scalar response_at(double dose_nM, std::size_t group) {
  Scalar s;
  s.name = "response_at";
  s.value = [=](std::span<const Curve> c) { return value(c[group], dose_nM); };
  s.unit = Scalar::Unit::response;
  return s;
}

Scalar area(double low_nM, double high_nM, std::size_t group) {
  Scalar s;
  s.name = "area";
  s.value = [=](std::span<const Curve> c) { return normalised_auc(c[group], low_nM, high_nM); };
  s.unit = Scalar::Unit::response;
  return s;
}

Scalar log10_fold(std::size_t a, std::size_t b) {
  Scalar s;
  s.name = "log10_fold";
  s.value = [=](std::span<const Curve> c) {
    return log10_relative_ic_nM(c[a], 0.5) - log10_relative_ic_nM(c[b], 0.5);
  };
  s.lowest = -12.0;
  s.highest = 12.0;
  return s;
}

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
    best = profile.hold(above ? profile.highest() : profile.lowest(), fit.parameters);
    const double variance = fit.residual_sd * fit.residual_sd;
    if (!best.found() || best.sum > fit.residual_sum + allowed * allowed * variance) {
      out.why = above ? "not reached at any dose" : "passed at every dose";
      return out;
    }
    (above ? out.low : out.high) = crossing(profile, fit, best, allowed, above ? -1.0 : 1.0);
    return out;
  }
  if (std::isnan(out.estimate)) {
    out.why = "the curve has no such number";
    return out;
  }
  out.low = crossing(profile, fit, best, allowed, -1.0);
  out.high = crossing(profile, fit, best, allowed, 1.0);
  return out;
}

double profiled_residual_sum(const Fit& fit,
                             std::span<const Observations> groups,
                             const Scalar& scalar,
                             double at,
                             const FitOptions& options) {
  if (!fit.usable()) return unknown;
  return Profile(fit, groups, scalar, options).hold(at, fit.parameters).sum;
}

}  // namespace kinescape::dose_response
