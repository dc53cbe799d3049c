// SPDX-License-Identifier: Apache-2.0
// One mouse by itself.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/number.hpp"
#include "numeric/least_squares.hpp"
#include "xenograft/estimate.hpp"
#include "xenograft/estimate_internal.hpp"

namespace kinescape::xenograft {

std::string words(const MrecistRule& r) {
  return fmt::format(
      "best response from day {} after baseline, and best running average from baseline: CR below "
      "{} "
      "and {} %, PR below {} and {} %, SD below {} and {} %, else PD",
      exact(r.first_day),
      exact(r.cr_best),
      exact(r.cr_average),
      exact(r.pr_best),
      exact(r.pr_average),
      exact(r.sd_best),
      exact(r.sd_average));
}

std::size_t baseline_visit(const Animal& a, const Options& o) {
  std::size_t at = 0;
  bool found = false;
  for (std::size_t i = 0; i < a.visits.size(); ++i) {
    if (std::isnan(a.visits[i].volume_mm3)) continue;
    if (!found || (!std::isnan(o.start_day) && a.visits[i].day <= o.start_day))
      at = i, found = true;
  }
  return at;
}

namespace {

/// As the class is defined, an unmeasurable volume is 0 here.
double shown_volume(const Visit& v) {
  return v.below_limit ? 0.0 : v.volume_mm3;
}

void responses(const std::vector<double>& t,
               const std::vector<double>& v,
               const MrecistRule& rule,
               AnimalResult& out) {
  const double shift = v.front() == 0.0 ? 1.0 : 0.0, base = v.front() + shift;
  double sum = 0.0;
  int counted = 0;
  double best = std::numeric_limits<double>::infinity(), average = best;
  for (std::size_t i = 0; i < t.size(); ++i) {
    const double change = 100.0 * (v[i] + shift - base) / base;
    sum += change;
    const double running = sum / static_cast<double>(i + 1);
    if (t[i] < rule.first_day) continue;
    ++counted;
    if (change < best) best = change, out.best_response_day = t[i];
    if (running < average) average = running, out.best_average_day = t[i];
  }
  out.mrecist = "NE";
  if (counted < 2) {
    out.best_response_day = out.best_average_day = unknown;
    return;
  }
  out.best_response_percent = best;
  out.best_average_percent = average;
  out.mrecist = best < rule.cr_best && average < rule.cr_average   ? "CR"
                : best < rule.pr_best && average < rule.pr_average ? "PR"
                : best < rule.sd_best && average < rule.sd_average ? "SD"
                                                                   : "PD";
}

void areas(const std::vector<double>& t, const std::vector<double>& v, AnimalResult& out) {
  double area = 0.0, xy = 0.0, xx = 0.0;
  for (std::size_t i = 1; i < t.size(); ++i) {
    area += 0.5 * (v[i] + v[i - 1]) * (t[i] - t[i - 1]);
    xy += (t[i] - t[0]) * (v[i] - v[0]);
    xx += (t[i] - t[0]) * (t[i] - t[0]);
  }
  if (t.size() < 2) return;
  out.auc_mm3_day = area;
  out.slope_angle_deg = std::atan(xy / xx) * 180.0 / std::numbers::pi;
}

/// Least-squares slope of ln volume, over visits above the limit.
double own_slope(const Animal& a) {
  double n = 0, st = 0, sy = 0, stt = 0, sty = 0;
  for (const Visit& v : a.visits) {
    if (v.below_limit || !(v.volume_mm3 > 0.0)) continue;
    const double y = std::log(v.volume_mm3);
    n += 1, st += v.day, sy += y, stt += v.day * v.day, sty += v.day * y;
  }
  const double spread = stt - st * st / n;
  return n >= 2 && spread > 0.0 ? (sty - st * sy / n) / spread : unknown;
}

/// V = V0 (exp(-d t) + exp(g t) - 1) (Stein et al. 2008, doi:10.1634/theoncologist.2008-0075) on
/// the log scale, kept where AICc prefers it to exponential growth by 4 or more.
void decay_regrowth(const std::vector<double>& t, const std::vector<double>& v, AnimalResult& out) {
  std::vector<double> day, y;
  for (std::size_t i = 0; i < t.size(); ++i)
    if (v[i] > 0.0) day.push_back(t[i] - t[0]), y.push_back(std::log(v[i]));
  const std::size_t n = y.size();
  if (n < 7) return;
  const numeric::ResidualFunction model = [&](std::span<const double> p,
                                              std::span<double> r,
                                              std::span<double> j) {
    for (std::size_t i = 0; i < n; ++i) {
      const double decay = std::exp(-p[1] * day[i]), growth = std::exp(p[2] * day[i]);
      const double sum = decay + growth - 1.0;
      if (!(sum > 0.0) || !std::isfinite(sum)) return false;
      r[i] = p[0] + std::log(sum) - y[i];
      if (!j.empty())
        j[3 * i] = 1.0, j[3 * i + 1] = -day[i] * decay / sum, j[3 * i + 2] = day[i] * growth / sum;
    }
    return true;
  };
  numeric::LeastSquaresOptions options;
  options.lower = {-50.0, 0.0, 0.0}, options.upper = {50.0, 2.0, 2.0};
  const auto fit = numeric::least_squares(model, n, std::vector<double>{y[0], 0.05, 0.02}, options);
  if (!fit.usable()) return;
  double st = 0, sy = 0, stt = 0, sty = 0, syy = 0;
  for (std::size_t i = 0; i < n; ++i)
    st += day[i], sy += y[i], stt += day[i] * day[i], sty += day[i] * y[i], syy += y[i] * y[i];
  const auto m = static_cast<double>(n);
  const double sxx = stt - st * st / m, sxy = sty - st * sy / m,
               line = syy - sy * sy / m - sxy * sxy / sxx;
  const auto aicc = [m](double rss, double k) {
    return m * std::log(rss / m) + 2 * k + 2 * k * (k + 1) / (m - k - 1);
  };
  if (!(fit.residual_sum > 0.0) || !(line > 0.0) || aicc(fit.residual_sum, 4) > aicc(line, 3) - 4.0)
    return;
  out.decay_per_day = fit.parameters[1], out.regrowth_per_day = fit.parameters[2];
}

}  // namespace

AnimalResult describe(const Animal& a, const Options& o) {
  AnimalResult out;
  out.id = a.id, out.arm = a.arm, out.line = a.line;
  out.removal = name(a.removal), out.removal_as_written = a.removal_as_written;
  out.mrecist = "NE";
  const std::size_t base = baseline_visit(a, o);
  std::vector<double> t, v;
  double weight = unknown, last = 0.0;
  for (std::size_t i = 0; i < a.visits.size(); ++i) {
    const Visit& visit = a.visits[i];
    if (!std::isnan(visit.weight_g)) {
      if (i <= base || std::isnan(weight)) weight = visit.weight_g;
      const double loss = 100.0 * (1.0 - visit.weight_g / weight);
      if (i >= base)
        out.largest_weight_loss_percent = std::isnan(out.largest_weight_loss_percent)
                                              ? std::max(0.0, loss)
                                              : std::max(out.largest_weight_loss_percent, loss);
    }
    if (std::isnan(visit.volume_mm3)) continue;
    out.day.push_back(visit.day);
    out.volume_mm3.push_back(visit.volume_mm3);
    out.below_limit.push_back(visit.below_limit);
    if (i < base) continue;
    t.push_back(visit.day - a.visits[base].day);
    v.push_back(shown_volume(visit));
  }
  out.visits = static_cast<int>(out.day.size());
  if (t.empty()) return out;
  out.baseline_mm3 = v.front(), out.baseline_day = a.visits[base].day;
  responses(t, v, o.mrecist, out);
  areas(t, v, out);
  out.slope_per_day = own_slope(a);
  decay_regrowth(t, v, out);
  out.multiple_high = std::numeric_limits<double>::infinity();
  for (std::size_t i = 1; i < t.size(); ++i) {
    if (v.front() > 0.0 && v[i] >= o.multiple * v.front()) {
      out.multiple_high = t[i];
      break;
    }
    last = t[i];
  }
  out.multiple_low = last;
  return out;
}

}  // namespace kinescape::xenograft
