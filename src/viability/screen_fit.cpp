// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <utility>

#include "dose_response/fit.hpp"
#include "dose_response/flat_null.hpp"
#include "numeric/distribution.hpp"
#include "viability/screen_internal.hpp"

namespace kinescape::viability {

namespace {

using dose_response::Curve;
using dose_response::Parameter;
using dose_response::Shape;

constexpr double flat_level = 0.01;  ///< As in the full analysis.
constexpr double clear_rise_z = 5.0, clear_rise = 0.15;
constexpr std::size_t least_doses = 4;

/// Rows by dose, then value, so that the order of rows in the file changes no bit.
std::vector<std::size_t> order_of(const ScreenCurve& c) {
  std::vector<std::size_t> order(c.dose_nM.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(c.dose_nM[a], c.viability[a]) < std::pair(c.dose_nM[b], c.viability[b]);
  });
  return order;
}

/// Largest rise between neighbouring doses, where it is beyond doubt.
bool rises(const dose_response::Observations& obs, double sd) {
  double before = unknown, before_n = 0.0;
  for (std::size_t i = 0; i < obs.dose_nM.size();) {
    double sum = 0.0, n = 0.0;
    const double dose = obs.dose_nM[i];
    for (; i < obs.dose_nM.size() && obs.dose_nM[i] == dose; ++i) sum += obs.response[i], n += 1.0;
    const double mean = sum / n;
    const double rise = mean - before;
    if (rise > clear_rise && rise > clear_rise_z * sd * std::sqrt(1.0 / n + 1.0 / before_n))
      return true;
    before = mean, before_n = n;
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
  for (const std::size_t i : order_of(c)) {
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

std::string key_of(const dose_response::Observations& obs) {
  std::string key;
  const double first = std::log10(obs.dose_nM.front() > 0.0 ? obs.dose_nM.front() : 1.0);
  for (const double d : obs.dose_nM) {
    const long at = d > 0.0 ? std::lround(1e4 * (std::log10(d) - first)) : -1'000'000L;
    key += std::to_string(at) + ",";
  }
  return key;
}

}  // namespace

struct ScreenFitter::Cache {
  std::map<std::string, std::unique_ptr<dose_response::FlatNull>> nulls;
};

ScreenFitter::ScreenFitter(const ScreenOptions& options)
    : options_(options), cache_(std::make_unique<Cache>()) {}
ScreenFitter::~ScreenFitter() = default;

namespace {

dose_response::Observations observations(const ScreenCurve& c) {
  dose_response::Observations obs;
  for (const std::size_t i : order_of(c)) {
    obs.dose_nM.push_back(c.dose_nM[i]);
    obs.response.push_back(c.viability[i]);
  }
  return obs;
}

std::size_t distinct_doses(const dose_response::Observations& obs) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < obs.dose_nM.size(); ++i) {
    n += obs.dose_nM[i] > 0.0 && (i == 0 || obs.dose_nM[i] != obs.dose_nM[i - 1]);
  }
  return n;
}

ScreenResult fit_one(const ScreenCurve& c,
                     const dose_response::Observations& obs,
                     const dose_response::FlatNull* null,
                     const ScreenOptions& options) {
  ScreenResult r;
  r.wells = static_cast<std::uint32_t>(obs.dose_nM.size());
  r.doses = static_cast<std::uint32_t>(distinct_doses(obs));
  r.repeats = c.repeats;
  r.log10_ic50_nM.level = options.level;
  if (r.doses > 0) {
    r.lowest_nM =
        *std::find_if(obs.dose_nM.begin(), obs.dose_nM.end(), [](double d) { return d > 0.0; });
    r.highest_nM = obs.dose_nM.back();
  }
  if (r.doses < least_doses || null == nullptr) {
    r.log10_ic50_nM.status = Status::too_few_data;
    return r;
  }
  const dose_response::Fit fit = dose_response::fit_curve(Shape::log_logistic4, obs);
  if (!fit.usable()) {
    r.log10_ic50_nM.status = Status::failed;
    return r;
  }
  const double mean = std::accumulate(obs.response.begin(), obs.response.end(), 0.0) / r.wells;
  double about_mean = 0.0;
  for (const double y : obs.response) about_mean += (y - mean) * (y - mean);
  const Curve& curve = fit.curves.front();
  r.residual_sd = fit.residual_sd;
  r.flat_p = dose_response::flat_p(*null, fit.residual_sum, about_mean);
  if (!(r.flat_p <= flat_level)) {
    r.curve_class = CurveClass::flat;
    r.log10_ic50_nM.status = Status::no_response;
    r.top = mean;
    return r;
  }
  r.hill_slope = curve[Parameter::hill_slope];
  r.top = curve[Parameter::top];
  r.bottom = curve[Parameter::bottom];
  r.auc = dose_response::normalised_auc(curve, r.lowest_nM, r.highest_nM);
  if (r.bottom > r.top || rises(obs, r.residual_sd)) {
    r.curve_class = CurveClass::non_monotone;
    r.log10_ic50_nM.status = Status::non_monotone;
    return r;
  }
  dose_response::FitOptions fit_options;
  fit_options.level = options.level;
  const auto interval = dose_response::profile_interval(
      fit, std::span(&obs, 1), dose_response::log10_relative_ic(0.5), fit_options);
  set_ic50(c,
           interval.low,
           interval.high,
           repeat_spread(c, curve, r.residual_sd, options.level),
           curve[Parameter::log10_ec50],
           r);
  return r;
}

}  // namespace

std::vector<ScreenResult> ScreenFitter::fit(std::span<const ScreenCurve> curves) {
  std::vector<dose_response::Observations> obs(curves.size());
  std::vector<const dose_response::FlatNull*> null(curves.size(), nullptr);
  for (std::size_t i = 0; i < curves.size(); ++i) {
    obs[i] = observations(curves[i]);
    if (distinct_doses(obs[i]) < least_doses) continue;
    auto& known = cache_->nulls[key_of(obs[i])];
    if (!known) {
      std::vector<double> log10_dose, weight;
      for (std::size_t k = 0; k < obs[i].dose_nM.size(); ++k) {
        const double d = obs[i].dose_nM[k];
        if (k == 0 || d != obs[i].dose_nM[k - 1]) {
          log10_dose.push_back(d > 0.0 ? std::log10(d) : -std::numeric_limits<double>::infinity());
          weight.push_back(0.0);
        }
        weight.back() += 1.0;
      }
      const double low = log10_dose[std::isinf(log10_dose.front()) ? 1 : 0];
      known = std::make_unique<dose_response::FlatNull>(log10_dose,
                                                        weight,
                                                        static_cast<int>(obs[i].dose_nM.size()),
                                                        low - 4.0,
                                                        log10_dose.back() + 4.0);
    }
    null[i] = known.get();
  }
  std::vector<ScreenResult> results(curves.size());
  constexpr std::size_t block = 64;
  parallel_for((curves.size() + block - 1) / block, options_.threads, [&](std::size_t b) {
    for (std::size_t i = b * block; i < std::min(curves.size(), (b + 1) * block); ++i) {
      results[i] = fit_one(curves[i], obs[i], null[i], options_);
    }
  });
  return results;
}

}  // namespace kinescape::viability
