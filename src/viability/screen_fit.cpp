// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

#include "dose_response/batch_fit.hpp"
#include "dose_response/fit.hpp"
#include "numeric/distribution.hpp"
#include "viability/screen_internal.hpp"

namespace kinescape::viability {

namespace {

using dose_response::Curve;
using dose_response::Parameter;
using dose_response::Shape;

constexpr double flat_level = 0.01;  ///< As in the full analysis.
constexpr double clear_rise_z = 5.0, clear_rise = 0.15;
constexpr std::size_t least_screen_doses = 4;
constexpr std::size_t least_shared = 32;  ///< Curves on the same doses that are worth a basis.

/// Rows by dose, then value (missing last), so that the order of rows in the file changes no bit.
void sort_rows(ScreenCurve& c) {
  std::vector<std::size_t> order(c.dose_nM.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto value = [&](std::size_t i) {
    return std::isnan(c.viability[i]) ? std::numeric_limits<double>::infinity() : c.viability[i];
  };
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (c.dose_nM[a] != c.dose_nM[b]) return c.dose_nM[a] < c.dose_nM[b];
    if (value(a) != value(b)) return value(a) < value(b);
    return c.repeat[a] < c.repeat[b];
  });
  const ScreenCurve from = c;
  for (std::size_t i = 0; i < order.size(); ++i) {
    c.dose_nM[i] = from.dose_nM[order[i]];
    c.viability[i] = from.viability[order[i]];
    c.repeat[i] = from.repeat[order[i]];
  }
}

/// Largest rise between neighbouring doses, where it is beyond doubt.
bool rises(const ScreenCurve& c, double sd) {
  double before = unknown, before_n = 0.0;
  for (std::size_t i = 0; i < c.dose_nM.size();) {
    double sum = 0.0, n = 0.0;
    const double dose = c.dose_nM[i];
    for (; i < c.dose_nM.size() && c.dose_nM[i] == dose; ++i) {
      if (std::isnan(c.viability[i])) continue;
      sum += c.viability[i];
      n += 1.0;
    }
    if (n == 0.0) continue;
    const double rise = sum / n - before;  // NaN at the first dose: no rise
    const double clear =
        std::max(clear_rise, clear_rise_z * sd * std::sqrt(1.0 / n + 1.0 / before_n));
    if (rise > clear) return true;
    before = sum / n;
    before_n = n;
  }
  return false;
}

/// Between-repeat variance of log10 midpoint, from one Gauss-Newton step of the midpoint on the
/// residuals of each repeat, less what the wells' error explains; and the t quantile that goes
/// with it.
struct RepeatSpread {
  double variance = 0.0, t = 0.0;
};

RepeatSpread repeat_spread(const ScreenCurve& c, const Curve& curve, double sd, double level) {
  const std::size_t repeats = c.repeats;
  if (repeats < 2) return {};
  std::vector<double> score(repeats, 0.0), information(repeats, 0.0);
  std::array<double, 4> gradient{};
  for (std::size_t i = 0; i < c.dose_nM.size(); ++i) {
    if (std::isnan(c.viability[i])) continue;
    dose_response::gradient(curve, c.dose_nM[i], gradient);
    const double residual = c.viability[i] - dose_response::value(curve, c.dose_nM[i]);
    score[c.repeat[i]] += gradient[0] * residual;
    information[c.repeat[i]] += gradient[0] * gradient[0];
  }
  double sum = 0.0, squares = 0.0, technical = 0.0, n = 0.0;
  for (std::size_t r = 0; r < repeats; ++r) {
    if (!(information[r] > 0.0)) continue;
    const double shift = score[r] / information[r];
    sum += shift, squares += shift * shift, technical += sd * sd / information[r], n += 1.0;
  }
  if (n < 2.0) return {};
  const double variance = (squares - sum * sum / n) / (n - 1.0) - technical / n;
  return {std::max(0.0, variance) / n, numeric::student_t_quantile(0.5 + 0.5 * level, n - 1.0)};
}

/// Fills value, interval, relation and status of the IC50 from the profile interval.
void set_ic50(const ScreenCurve& c,
              double low,
              double high,
              const RepeatSpread& spread,
              double midpoint,
              ScreenResult& r) {
  Estimated& e = r.log10_ic50_nM;
  const double lowest = std::log10(r.lowest_nM), highest = std::log10(r.highest_nM);
  const double more = spread.t * spread.t * spread.variance;
  e.low = midpoint - std::sqrt((midpoint - low) * (midpoint - low) + more);
  e.high = midpoint + std::sqrt((high - midpoint) * (high - midpoint) + more);
  e.n = static_cast<int>(c.repeats);
  if (midpoint < lowest || midpoint > highest) {
    const bool above = midpoint > highest;
    r.curve_class = above ? CurveClass::above_highest : CurveClass::below_lowest;
    e.status = above ? Status::above_highest_dose : Status::below_lowest_dose;
    e.relation = above ? Relation::greater : Relation::less;
    e.value = above ? highest : lowest;
    (above ? e.high : e.low) = unknown;
    return;
  }
  r.curve_class = CurveClass::identified;
  e.value = midpoint;
  const bool open_low = std::isnan(e.low), open_high = std::isnan(e.high);
  e.status = open_low && open_high ? Status::interval_open
             : open_low            ? Status::interval_open_low
             : open_high           ? Status::interval_open_high
             : c.repeats < 2       ? Status::single_repeat
                                   : Status::ok;
}

/// Wells, doses and their range, of the rows that have a value.
void count_rows(const ScreenCurve& c, ScreenResult& r) {
  double last = unknown;
  for (std::size_t i = 0; i < c.dose_nM.size(); ++i) {
    if (std::isnan(c.viability[i])) continue;
    ++r.wells;
    if (!(c.dose_nM[i] > 0.0) || c.dose_nM[i] == last) continue;
    last = c.dose_nM[i];
    if (r.doses++ == 0) r.lowest_nM = last;
    r.highest_nM = last;
  }
  r.repeats = c.repeats;
}

double mean_of(const ScreenCurve& c, const ScreenResult& r) {
  double sum = 0.0;
  for (const double v : c.viability) sum += std::isnan(v) ? 0.0 : v;
  return sum / static_cast<double>(r.wells);
}

/// The numbers of one fitted curve.
struct Fitted {
  bool usable = false;
  Curve curve;
  double residual_sum = unknown, flat_p = unknown;
  double low = unknown, high = unknown;  ///< Of the log10 midpoint; NaN: open.
};

Fitted from_batch(const dose_response::BatchFit& fit, std::size_t k) {
  Fitted f;
  f.usable = fit.status[k] != Status::failed;
  f.curve.shape = Shape::log_logistic4;
  f.curve[Parameter::log10_ec50] = fit.log10_ec50[k];
  f.curve[Parameter::hill_slope] = fit.hill_slope[k];
  f.curve[Parameter::top] = fit.top[k];
  f.curve[Parameter::bottom] = fit.bottom[k];
  f.residual_sum = fit.residual_sum[k];
  f.flat_p = fit.flat_p[k];
  f.low = fit.log10_ec50_low[k];
  f.high = fit.log10_ec50_high[k];
  return f;
}

/// The few curves whose profile the batch cannot follow to its end are fitted one by one.
void fit_alone(const ScreenCurve& c, double level, Fitted& f) {
  const dose_response::BatchOptions window;
  dose_response::FitOptions how;
  how.level = level;
  how.decades_below = window.decades_below;
  how.decades_above = window.decades_above;
  how.lowest_slope = window.lowest_slope;
  how.highest_slope = window.highest_slope;
  how.falling_only = true;
  const dose_response::Observations wells{c.dose_nM, c.viability, {}};
  const dose_response::Fit fit = dose_response::fit_curve(Shape::log_logistic4, wells, how);
  if (!fit.usable()) return;
  const dose_response::Interval interval = dose_response::profile_interval(
      fit, std::span(&wells, 1), dose_response::parameter_of(Parameter::log10_ec50), how);
  f.usable = true;
  f.curve = fit.curves.front();
  f.residual_sum = fit.residual_sum;
  f.low = interval.low;
  f.high = interval.high;
}

/// What the fit `k` of a batch says about a curve.
ScreenResult result_of(const ScreenCurve& c,
                       const dose_response::BatchFit& fit,
                       std::size_t k,
                       const ScreenOptions& options) {
  ScreenResult r;
  count_rows(c, r);
  r.log10_ic50_nM.level = options.level;
  if (r.doses < least_screen_doses || r.wells <= least_screen_doses ||
      fit.status[k] == Status::too_few_data) {
    r.log10_ic50_nM.status = Status::too_few_data;
    return r;
  }
  Fitted f = from_batch(fit, k);
  if (!f.usable) fit_alone(c, options.level, f);
  if (!f.usable) {
    r.log10_ic50_nM.status = Status::failed;
    return r;
  }
  r.flat_p = f.flat_p;
  r.residual_sd = std::sqrt(f.residual_sum / (static_cast<double>(r.wells) - 4.0));
  if (!(r.flat_p <= flat_level)) {
    r.curve_class = CurveClass::flat;
    r.log10_ic50_nM.status = Status::no_response;
    r.top = mean_of(c, r);
    return r;
  }
  r.hill_slope = f.curve[Parameter::hill_slope];
  r.top = f.curve[Parameter::top];
  r.bottom = f.curve[Parameter::bottom];
  r.auc = dose_response::normalised_auc(f.curve, r.lowest_nM, r.highest_nM);
  if (r.bottom > r.top || rises(c, r.residual_sd)) {
    r.curve_class = CurveClass::non_monotone;
    r.log10_ic50_nM.status = Status::non_monotone;
    return r;
  }
  set_ic50(c,
           f.low,
           f.high,
           repeat_spread(c, f.curve, r.residual_sd, options.level),
           f.curve[Parameter::log10_ec50],
           r);
  return r;
}

/// Curves that are fitted in one call: all on the same doses, or each on its own, padded to `wells`
/// rows without a value.
struct Batch {
  bool shared = false;
  std::size_t wells = 0;
  std::vector<std::size_t> curves;
};

std::vector<Batch> batches_of(std::span<const ScreenCurve> curves) {
  std::map<std::vector<double>, std::vector<std::size_t>> designs;
  for (std::size_t i = 0; i < curves.size(); ++i) designs[curves[i].dose_nM].push_back(i);
  std::vector<Batch> batches;
  std::map<std::size_t, Batch> own;  // by padded size, so that one long curve does not pad them all
  for (auto& [doses, members] : designs) {
    if (members.size() >= least_shared) {
      batches.push_back({true, doses.size(), std::move(members)});
      continue;
    }
    if (doses.empty()) continue;
    Batch& batch = own[std::bit_ceil(doses.size())];
    batch.wells = std::bit_ceil(doses.size());
    batch.curves.insert(batch.curves.end(), members.begin(), members.end());
  }
  for (auto& [wells, batch] : own) {
    std::sort(batch.curves.begin(), batch.curves.end());
    batches.push_back(std::move(batch));
  }
  return batches;
}

}  // namespace

std::vector<ScreenResult> fit_screen(std::span<ScreenCurve> curves, const ScreenOptions& options) {
  constexpr std::size_t block = 256;
  const auto each = [&](std::size_t n, const auto& f) {
    parallel_for((n + block - 1) / block, options.threads, [&](std::size_t b) {
      for (std::size_t i = b * block; i < std::min(n, (b + 1) * block); ++i) f(i);
    });
  };
  each(curves.size(), [&](std::size_t i) { sort_rows(curves[i]); });
  dose_response::BatchOptions how;
  how.intervals = true;
  how.level = options.level;
  how.flat_alpha = flat_level;
  how.threads = options.threads;
  std::vector<ScreenResult> results(curves.size());
  for (ScreenResult& r : results) r.log10_ic50_nM.status = Status::too_few_data;
  for (const Batch& batch : batches_of(curves)) {
    const std::size_t n = batch.curves.size(), wells = batch.wells;
    std::vector<double> dose(batch.shared ? wells : n * wells), response(n * wells, unknown);
    if (batch.shared) dose = curves[batch.curves.front()].dose_nM;
    each(n, [&](std::size_t k) {
      const ScreenCurve& c = curves[batch.curves[k]];
      const auto at = static_cast<std::ptrdiff_t>(k * wells);
      std::copy(c.viability.begin(), c.viability.end(), response.begin() + at);
      if (batch.shared) return;
      std::copy(c.dose_nM.begin(), c.dose_nM.end(), dose.begin() + at);
      for (std::size_t w = c.dose_nM.size(); w < wells; ++w) dose[k * wells + w] = c.dose_nM.back();
    });
    const auto fit = dose_response::batch_fit({n, wells, dose, response}, how);
    each(n, [&](std::size_t k) {
      const std::size_t i = batch.curves[k];
      results[i] = result_of(curves[i], fit, k, options);
    });
  }
  return results;
}

}  // namespace kinescape::viability
