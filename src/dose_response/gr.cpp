// SPDX-License-Identifier: Apache-2.0
#include "dose_response/gr.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>
#include <vector>

#include "base/errors.hpp"
#include "dose_response/fit_internal.hpp"
#include "dose_response/infinity_internal.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::dose_response {
namespace {

using enum Parameter;
using internal::DoseMeans;

FitOptions fit_options(const GrOptions& o) {
  FitOptions f;
  f.level = o.level;
  f.lowest_slope = o.lowest_slope;
  f.highest_slope = o.highest_slope;
  f.decades_below = f.decades_above = o.decades_beyond;
  f.falling_only = true;
  const auto plateau = static_cast<std::size_t>(bottom);
  f.lower[plateau] = o.lowest_gr_inf;
  f.upper[plateau] = o.highest_gr_inf;
  return f;
}

Estimated none(const GrOptions& o,
               Status status,
               const std::string& method,
               const std::string& why) {
  Estimated e;
  e.level = o.level;
  e.status = status;
  e.method = method;
  e.why = why;
  return e;
}

/// An interval as an estimate, `back` from the profiled scale.
template <class F>
Estimated estimated(const Interval& i, const std::string& method, F back) {
  Estimated e;
  e.level = i.level;
  e.method = method;
  e.value = back(i.estimate);
  e.low = back(i.low);
  e.high = back(i.high);
  const bool low = std::isnan(i.low), high = std::isnan(i.high);
  e.status = low ? (high ? Status::interval_open : Status::interval_open_low)
                 : (high ? Status::interval_open_high : Status::ok);
  if (e.status != Status::ok) e.why = i.why.empty() ? "the wells set no limit on that side" : i.why;
  return e;
}

/// A sum of dose means with given factors: its t interval from the spread of wells about their
/// means, or about the curve where doses were not repeated.
Estimated linear(const DoseMeans& m,
                 const std::vector<double>& factor,
                 double sd,
                 double df,
                 const std::string& method,
                 const GrOptions& o) {
  Estimated e = none(o, Status::ok, method, "");
  double value = 0.0, variance = 0.0;
  for (std::size_t i = 0; i < factor.size(); ++i) {
    value += factor[i] * m.mean[i];
    variance += factor[i] * factor[i] / m.weight[i];
  }
  e.value = value;
  if (df > 0.0 && sd >= 0.0) {
    const double half =
        numeric::student_t_quantile(0.5 + 0.5 * o.level, df) * sd * std::sqrt(variance);
    e.low = value - half;
    e.high = value + half;
  } else {
    e.status = Status::interval_open;
    e.why = "no repeated wells to tell the noise from";
  }
  return e;
}

/// Trapezoid factors of the area under the means on log10 dose, per decade.
std::vector<double> trapezoid(const DoseMeans& m) {
  std::vector<double> factor(m.mean.size(), 0.0);
  const double range = std::log10(m.dose_nM.back() / m.dose_nM.front());
  for (std::size_t i = 1; i < factor.size(); ++i) {
    const double half = 0.5 * std::log10(m.dose_nM[i] / m.dose_nM[i - 1]) / range;
    factor[i] += half;
    factor[i - 1] += half;
  }
  return factor;
}

Estimated gr50(const Fit& fit, const Observations& wells, const DoseMeans& m, const GrOptions& o) {
  const auto options = fit_options(o);
  const Interval i = profile_interval(fit, std::span(&wells, 1), log10_dose_at(0.5), options);
  const auto back = [](double z) { return std::pow(10.0, z); };
  Estimated e = estimated(i, "dose at GR = 0.5 of the curve, profile likelihood", back);
  const double lowest = m.dose_nM.front(), highest = m.dose_nM.back();
  if (e.value > highest) {
    e.value = highest;
    e.high = unknown;
    e.relation = Relation::greater;
    e.status = Status::above_highest_dose;
    e.why = "GR stays above 0.5 at the highest dose";
  } else if (e.value < lowest) {
    e.value = lowest;
    e.low = unknown;
    e.relation = Relation::less;
    e.status = Status::below_lowest_dose;
    e.why = "GR is below 0.5 at the lowest dose already";
  }
  return e;
}

}  // namespace

double gr_value(double treated, double control, double start) {
  return gr_value_from_doublings(treated, control, doublings(control, start));
}

double gr_value_from_doublings(double treated, double control, double d) {
  if (!(treated > 0.0) || !(control > 0.0) || d == 0.0 || !std::isfinite(d)) return unknown;
  return std::exp2((std::log2(treated / control) + d) / d) - 1.0;
}

double doublings(double control, double start) {
  return control > 0.0 && start > 0.0 ? std::log2(control / start) : unknown;
}

GrMetrics gr_metrics(std::span<const double> dose_nM,
                     std::span<const double> gr,
                     const GrOptions& o) {
  for (const double d : dose_nM) {
    if (!(d > 0.0)) throw UsageError("gr_metrics: a dose is not above zero");
  }
  const Observations wells{{dose_nM.begin(), dose_nM.end()}, {gr.begin(), gr.end()}, {}};
  const DoseMeans m = internal::reduce(wells);
  GrMetrics out;
  const std::string curve_method = "3-parameter log-logistic with top 1, profile likelihood";
  if (m.mean.size() < 4) {
    const Estimated few = none(o, Status::too_few_data, "", "fewer than 4 doses");
    out.gr50_nM = out.gr_max = out.gr_aoc = out.gec50_nM = out.gr_inf = out.h_gr = few;
    return out;
  }
  const FitOptions options = fit_options(o);
  const Fit fit = fit_curve(Shape::log_logistic3u, wells, options);
  const Fit flat = fit_curve(Shape::flat, wells);
  const double repeats = m.wells - static_cast<int>(m.mean.size());
  const double df = repeats > 0.0 ? repeats : fit.n - fit.k();
  const double sd = repeats > 0.0 ? std::sqrt(m.pure_error / repeats) : fit.residual_sd;

  auto factor = trapezoid(m);
  out.gr_aoc = linear(m, factor, sd, df, "trapezoids on log10 dose, Student t", o);
  out.gr_aoc.value = 1.0 - out.gr_aoc.value;
  std::tie(out.gr_aoc.low, out.gr_aoc.high) =
      std::pair(1.0 - out.gr_aoc.high, 1.0 - out.gr_aoc.low);
  std::fill(factor.begin(), factor.end(), 0.0);
  const std::size_t last = factor.size() - 1;
  factor[m.mean[last] <= m.mean[last - 1] ? last : last - 1] = 1.0;
  out.gr_max = linear(m, factor, sd, df, "lower mean of the two highest doses, Student t", o);

  out.r_squared = 1.0 - fit.residual_sum / flat.residual_sum;
  const double gain = (flat.residual_sum - fit.residual_sum) / 2.0;
  out.flat_p = numeric::f_upper(gain / (fit.residual_sum / (fit.n - 3)), 2.0, fit.n - 3.0);
  if (!fit.usable() || !(out.flat_p < o.flat_alpha)) {
    out.curve = flat.curves[0];
    const Estimated no = none(o, Status::no_response, curve_method, "the response is flat");
    out.gr50_nM = out.gec50_nM = out.gr_inf = out.h_gr = no;
    return out;
  }
  out.curve = fit.curves[0];
  const auto same = [](double v) { return v; };
  const auto profile = [&](Parameter p) {
    return profile_interval(fit, std::span(&wells, 1), parameter_of(p), options);
  };
  out.gr50_nM = gr50(fit, wells, m, o);
  out.gec50_nM =
      estimated(profile(log10_ec50), curve_method, [](double z) { return std::pow(10.0, z); });
  out.gr_inf = estimated(profile(bottom), curve_method, same);
  out.h_gr = estimated(profile(hill_slope), curve_method, same);
  return out;
}

DipRate dip_rate(std::span<const double> time_h, std::span<const double> count) {
  if (time_h.size() != count.size())
    throw UsageError("dip_rate: times and counts differ in number");
  std::vector<std::pair<double, double>> points;
  for (std::size_t i = 0; i < count.size(); ++i) {
    if (count[i] > 0.0 && std::isfinite(count[i]) && std::isfinite(time_h[i])) {
      points.emplace_back(time_h[i], std::log2(count[i]));
    }
  }
  std::sort(points.begin(), points.end());
  DipRate best;
  double best_score = -inf;
  constexpr std::size_t least = 5;
  for (std::size_t first = 0; first + least <= points.size(); ++first) {
    const auto n = static_cast<double>(points.size() - first);
    double mt = 0.0, my = 0.0, tt = 0.0, ty = 0.0, yy = 0.0;
    for (std::size_t i = first; i < points.size(); ++i) {
      mt += points[i].first / n;
      my += points[i].second / n;
    }
    for (std::size_t i = first; i < points.size(); ++i) {
      const double t = points[i].first - mt, y = points[i].second - my;
      tt += t * t;
      ty += t * y;
      yy += y * y;
    }
    if (!(tt > 0.0)) continue;
    const double slope = ty / tt, rest = std::max(0.0, yy - slope * ty);
    const double r2 = yy > 0.0 ? 1.0 - (rest / (n - 2.0)) / (yy / (n - 1.0)) : 0.0;
    const double rmse = std::sqrt(rest / n);
    const double score = r2 * (1.0 - rmse) * (1.0 - rmse) * std::pow(n - 3.0, 0.25);
    if (score <= best_score) continue;
    best_score = score;
    best = {slope,
            std::sqrt(rest / (n - 2.0) / tt),
            points[first].first,
            my - slope * mt,
            r2,
            static_cast<int>(points.size() - first),
            Status::ok};
  }
  return best;
}

}  // namespace kinescape::dose_response
