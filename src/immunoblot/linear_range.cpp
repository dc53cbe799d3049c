// SPDX-License-Identifier: Apache-2.0
// Up to which signal does a probe show the load? A dilution series of one lysate.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "immunoblot/look_up_internal.hpp"
#include "numeric/distribution.hpp"
#include "numeric/least_squares.hpp"

namespace kinescape::immunoblot {
namespace {

struct Dilution {
  double load_ug, counts;
};

/// log signal = log c + log load, less log(1 + c load / s) where it saturates.
struct RangeFit {
  numeric::LeastSquaresFit fit;
  double aicc = unknown, df = 0.0;
};

double aicc_of(double residual_sum, std::size_t n, double parameters) {
  const double left = double(n) - parameters - 1.0;
  if (left <= 0.0) return unknown;
  return double(n) * std::log(std::max(residual_sum, 1e-12) / double(n)) +
         2.0 * parameters * double(n) / left;
}

/// The errors of load and transfer shrink with the signal's slope, 1 / (1 + over), where it
/// saturates: residuals are weighed by its inverse, taken from the fit before.
RangeFit saturating(const std::vector<Dilution>& data) {
  RangeFit out;
  std::vector<double> weight(data.size(), 1.0);
  const auto over_at = [&](std::span<const double> p, std::size_t i) {
    return std::exp(p[0] + std::log(data[i].load_ug) - p[1]);
  };
  const auto function = [&](std::span<const double> p, std::span<double> r, std::span<double> j) {
    for (std::size_t i = 0; i < data.size(); ++i) {
      const double over = over_at(p, i);
      r[i] = weight[i] *
             (p[0] + std::log(data[i].load_ug) - std::log1p(over) - std::log(data[i].counts));
      if (j.empty()) continue;
      j[2 * i] = weight[i] / (1.0 + over);
      j[2 * i + 1] = weight[i] * over / (1.0 + over);
    }
    return true;
  };
  double most = 0.0, mean = 0.0, log_weights = 0.0;
  for (const Dilution& d : data) {
    most = std::max(most, d.counts);
    mean += std::log(d.counts / d.load_ug) / double(data.size());
  }
  std::vector<double> start{mean + 0.2, std::log(3.0 * most)};
  for (int pass = 0; pass < 4; ++pass) {
    out.fit = numeric::least_squares(function, data.size(), start);
    if (!out.fit.usable() || pass == 3) break;
    start = out.fit.parameters;
    for (std::size_t i = 0; i < data.size(); ++i) weight[i] = 1.0 + over_at(start, i);
  }
  for (const double w : weight) log_weights += std::log(w);
  out.df = double(data.size()) - 2.0;
  if (out.fit.usable())
    out.aicc = aicc_of(out.fit.residual_sum, data.size(), 3.0) - 2.0 * log_weights;
  return out;
}

/// AICc of a signal that is proportional to its load.
double proportional(const std::vector<Dilution>& data) {
  double mean = 0.0, sum = 0.0;
  for (const Dilution& d : data) mean += std::log(d.counts / d.load_ug) / double(data.size());
  for (const Dilution& d : data) {
    const double off = std::log(d.counts / d.load_ug) - mean;
    sum += off * off;
  }
  return aicc_of(sum, data.size(), 2.0);
}

Estimated slope_of(const std::vector<Dilution>& data, double level) {
  Estimated e;
  e.level = level, e.n = int(data.size());
  e.method = "least squares of log signal on log load";
  double mx = 0.0, my = 0.0, xx = 0.0, xy = 0.0, yy = 0.0;
  const double n = double(data.size());
  for (const Dilution& d : data) mx += std::log(d.load_ug) / n, my += std::log(d.counts) / n;
  for (const Dilution& d : data) {
    const double x = std::log(d.load_ug) - mx, y = std::log(d.counts) - my;
    xx += x * x, xy += x * y, yy += y * y;
  }
  e.value = xy / xx;
  const double residual = std::max(0.0, yy - xy * e.value), df = n - 2.0;
  const double half =
      numeric::student_t_quantile(0.5 + 0.5 * level, df) * std::sqrt(residual / df / xx);
  e.low = e.value - half, e.high = e.value + half;
  e.status = Status::ok;
  return e;
}

LinearRange range_of(const std::vector<Dilution>& data, double level) {
  LinearRange out;
  std::set<double> loads;
  double most = 0.0, least = 1e300;
  for (const Dilution& d : data) {
    loads.insert(d.load_ug);
    most = std::max(most, d.counts), least = std::min(least, d.counts);
  }
  out.loads = int(loads.size());
  Estimated& top = out.highest_counts;
  top.level = out.slope.level = level;
  top.n = int(data.size());
  if (out.loads < 4) {
    top.status = out.slope.status = Status::too_few_data;
    top.why = out.slope.why = "a linear range needs four loads whose signals are numbers";
    return out;
  }
  out.lowest_ug = *loads.begin(), out.highest_ug = *loads.rbegin(), out.lowest_counts = least;
  out.slope = slope_of(data, level);
  const RangeFit bent = saturating(data);
  out.saturates = bent.fit.usable() && (bent.aicc < proportional(data));
  const double tenth = out.saturates ? 0.1 * std::exp(bent.fit.parameters[1]) : most;
  // Half of what the series shows may lie beyond its own saturation, never above its signals.
  if (!out.saturates || tenth >= most) {
    top.relation = Relation::greater;
    top.value = top.low = most;
    top.status = Status::interval_open_high;
    top.method = "the largest signal of the dilution series";
    top.why = "the signal is proportional to the load over the whole series";
    return out;
  }
  const double se = std::sqrt(bent.fit.residual_sum / bent.df * bent.fit.covariance_unscaled[3]);
  const double t = numeric::student_t_quantile(0.5 + 0.5 * level, bent.df);
  top.value = tenth;
  top.low = tenth * std::exp(-t * se), top.high = tenth * std::exp(t * se);
  top.status = Status::ok;
  top.method = "where a saturating fit of the dilution series loses a tenth of the signal";
  return out;
}

/// A signal above the range shows at least so much protein; one below is only flagged.
void place_in_range(const LinearRange& range, BandResult& band) {
  Estimated& v = band.volume;
  if (std::isnan(v.value)) return;
  band.linear = v.value > range.highest_counts.value ? LinearPlace::above
                : v.value < range.lowest_counts      ? LinearPlace::below
                                                     : LinearPlace::inside;
  if (band.linear != LinearPlace::above || !v.exact()) return;
  v.relation = Relation::greater;
  v.value = v.low;
  v.high = unknown;
  v.status = Status::interval_open_high;
  v.why = "the signal lies above the linear range of the dilution series";
}

}  // namespace

void apply_ranges(const std::vector<Found>& found, double level, Estimate& estimate) {
  std::map<std::pair<std::string, std::string>, std::vector<const Found*>> series;
  for (const Found& f : found) {
    if (f.entry->role == LaneEntry::Role::dilution)
      series[{f.entry->antibody, f.image->file}].push_back(&f);
  }
  for (const auto& [key, lanes] : series) {
    std::vector<Dilution> data;
    for (const Found* f : lanes) {
      if (f->volume().exact() && f->volume().value > 0.0)
        data.push_back({f->entry->load_ug, f->volume().value});
    }
    LinearRange range = range_of(data, level);
    range.antibody = key.first, range.image = key.second;
    if (!std::isnan(range.highest_counts.value)) {
      for (const Found& f : found) {
        const bool probed = f.entry->antibody == key.first && f.image->file == key.second;
        if (probed && f.band != nullptr) place_in_range(range, *f.band);
      }
    }
    estimate.ranges.push_back(std::move(range));
  }
  if (series.empty()) return;
  estimate.methods.push_back(
      "Linear range: a dilution series of one lysate is fitted by a signal proportional to its "
      "load "
      "and by one that saturates (smaller AICc); signals above the place where a tenth is lost, or "
      "above the series, are lower bounds.");
}

}  // namespace kinescape::immunoblot
