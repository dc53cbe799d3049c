// SPDX-License-Identifier: Apache-2.0
// How far may a parameter of a surface move before the wells object? Profile likelihood.
#include <algorithm>
#include <cmath>
#include <optional>

#include "combination/surface_internal.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::combination {
namespace {

/// Standard errors from the normal matrix; NaN where it is singular.
std::vector<double> standard_errors(const SurfaceProblem& problem,
                                    const Descent& best,
                                    double variance) {
  const std::size_t k = problem.width(), n = problem.rows.size();
  std::vector<double> r(n), jacobian(n * k), a(k * k, 0.0), out(k, unknown);
  problem(best.at.data(), r.data(), jacobian.data());
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < k; ++j) {
      for (std::size_t m = 0; m <= j; ++m)
        a[j * k + m] += jacobian[i * k + j] * jacobian[i * k + m];
    }
  }
  std::vector<char> frozen(k, 0);
  for (std::size_t j = 0; j < k; ++j) {
    frozen[j] = static_cast<char>(best.at[j] <= problem.bounds.lower[j] ||
                                  best.at[j] >= problem.bounds.upper[j] || !(a[j * k + j] > 1e-12));
  }
  std::vector<double> l(k * k), x(k), unit(k, 0.0);
  for (std::size_t j = 0; j < k; ++j) {
    if (frozen[j]) continue;
    std::fill(unit.begin(), unit.end(), 0.0);
    unit[j] = 1.0;
    if (!solve_damped(a, unit, 1e-12, frozen, l, x) || !(x[j] > 0.0)) continue;
    out[j] = std::sqrt(variance * x[j]);
  }
  return out;
}

struct Profile {
  const SurfaceProblem& problem;
  const Descent& best;
  double variance, critical;  // critical: t quantile; the signed root is divided by it

  /// sqrt of the rise over the critical rise with parameter j held at v; 1 is an interval's end.
  double rise(std::size_t j, double v, std::vector<double>& from) const {
    DescentOptions o = problem.bounds;
    o.held.assign(problem.width(), 0);
    o.held[j] = 1;
    o.tolerance = 1e-6;
    o.most_steps = 40;
    from[j] = v;
    const Descent d = descend(problem, problem.rows.size(), from, o);
    if (!std::isfinite(d.sum)) return HUGE_VAL;
    from = d.at;
    return std::sqrt(std::max(0.0, d.sum - best.sum) / variance) / critical;
  }

  /// The end of the interval on one side; NaN: open.
  [[nodiscard]] double end(std::size_t j, double direction, double se) const {
    const double bound = direction < 0.0 ? problem.bounds.lower[j] : problem.bounds.upper[j];
    const double at = best.at[j], widest = std::fabs(bound - at);
    if (!(widest > 0.0)) return unknown;
    double low = 0.0, high = unknown;  // distances inside and outside
    double f_low = 0.0, f_high = 0.0;
    double step = std::min(widest, std::isnan(se) ? 1.0 : std::clamp(critical * se, 0.02, 4.0));
    std::vector<double> from = best.at, inside = best.at;
    for (int it = 0; it < 30; ++it) {
      from = inside;
      const double f = rise(j, at + direction * step, from);
      if (std::fabs(f - 1.0) < 4e-3) return at + direction * step;
      if (f < 1.0) {
        low = step;
        f_low = f;
        inside = from;
        if (step >= widest) return unknown;
      } else {
        high = step;
        f_high = f;
      }
      if (std::isnan(high)) {
        step = std::min(widest, step * std::clamp(1.0 / std::max(f, 0.2), 1.15, 3.0));
      } else {
        const double secant =
            std::isfinite(f_high) ? low + (high - low) * (1.0 - f_low) / (f_high - f_low) : low;
        step = std::clamp(secant, low + 0.05 * (high - low), high - 0.05 * (high - low));
        if (high - low < 1e-4 * (1.0 + std::fabs(at))) return at + direction * step;
      }
    }
    return std::isnan(high) ? unknown : at + direction * 0.5 * (low + high);
  }
};

/// Whether the agent alone, at its highest dose, was past the middle of its own curve.
bool reached_half(const Hill& h, const std::vector<double>& axis) {
  return h.top - h.bottom > 0.05 && h.log_c < std::log(axis.back());
}

void set_status(Estimated& e, bool half_seen, bool at_limit, const std::string& agent) {
  const bool open_low = std::isnan(e.low), open_high = std::isnan(e.high);
  if (!open_low && !open_high) {
    e.status = Status::ok;
    return;
  }
  if (!half_seen) {
    e.status = Status::not_identifiable;
    e.value = e.low = e.high = unknown;
    e.why = "not identifiable: drug " + agent + " alone never reached half its effect";
    return;
  }
  if (at_limit && open_low != open_high) {  // where the search ends says nothing; the far end does
    e.relation = open_high ? Relation::greater : Relation::less;
    e.value = open_high ? e.low : e.high;
    e.status = open_high ? Status::interval_open_high : Status::interval_open_low;
    e.why = "the wells set a limit on one side only: this bound";
    return;
  }
  e.status = open_low && open_high ? Status::interval_open
             : open_low            ? Status::interval_open_low
                                   : Status::interval_open_high;
  e.why = "the wells set no limit on that side";
}

}  // namespace

void describe_fit(const SurfaceProblem& problem,
                  Descent best,
                  const std::vector<Hill>& agents,
                  const Cells& cells,
                  const SurfaceOptions& options,
                  SurfaceFit& out) {
  double pure = 0.0;
  for (std::size_t r = 0; r < cells.repeats(); ++r) {
    for (std::size_t i = 0; i < cells.mean.size(); ++i) out.n += cells.wells[r][i];
  }
  std::size_t row = 0;
  for (std::size_t r = 0; r < cells.repeats(); ++r) {
    for (std::size_t i = 0; i < cells.mean.size(); ++i) {
      if (cells.wells[r][i] == 0) continue;
      const double w = problem.rows[row].weight;
      pure += w * w / problem.rows[row].wells * cells.squares[r][i];
      ++row;
    }
  }
  out.k = static_cast<int>(problem.width());
  const double df = out.n - out.k;
  const double variance = (best.sum + pure) / df;
  out.residual_sd = std::sqrt(variance);
  const double q = out.k + 1.0;
  out.aicc = out.n * std::log((best.sum + pure) / out.n) + 2.0 * q +
             2.0 * q * (q + 1.0) / std::max(1.0, out.n - q - 1.0);
  out.at = best.at;
  const double critical = numeric::student_t_quantile(0.5 + 0.5 * options.level, df);
  const auto errors = standard_errors(problem, best, variance);
  const Profile profile{problem, best, variance, critical};
  const int n = static_cast<int>(cells.repeats());
  for (std::size_t j = 0; j < problem.spec->parameters.size(); ++j) {
    const ModelParameter& p = problem.spec->parameters[j];
    SurfaceParameter q_j{std::string(p.key), {}, p.interaction};
    Estimated& e = q_j.estimate;
    e.value = best.at[j];
    e.level = options.level;
    e.n = n;
    const bool by_profile = p.interaction && options.intervals;
    e.method = std::string(name(out.model)) +
               (by_profile ? ", profile likelihood" : ", least squares, standard error");
    if (by_profile) {
      e.low = profile.end(j, -1.0, errors[j]);
      e.high = profile.end(j, 1.0, errors[j]);
    } else if (!p.interaction && !std::isnan(errors[j]) && critical * errors[j] < 5.0) {
      e.low = e.value - critical * errors[j];
      e.high = e.value + critical * errors[j];
    }
    const bool at_limit =
        best.at[j] <= problem.bounds.lower[j] || best.at[j] >= problem.bounds.upper[j];
    if (p.log) e = mapped(e, [](double x) { return std::exp(x); });
    if (!p.interaction || by_profile) {
      const int agent = p.needs_agent;
      const bool half =
          agent < 0 || reached_half(agents[static_cast<std::size_t>(agent)],
                                    cells.mean.axis_nM[static_cast<std::size_t>(agent)]);
      set_status(e, half, p.interaction && at_limit, agent == 0 ? "a" : "b");
    } else {
      e.status = Status::ok;
    }
    out.parameters.push_back(q_j);
  }
}

}  // namespace kinescape::combination
