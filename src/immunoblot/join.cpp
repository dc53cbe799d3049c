// SPDX-License-Identifier: Apache-2.0
// Several lanes and membranes to one number for each treatment.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "immunoblot/ratios_internal.hpp"
#include "numeric/distribution.hpp"
#include "numeric/least_squares.hpp"
#include "numeric/mixed_model.hpp"

namespace kinescape::immunoblot {

Tail tail_of(double mean, double sd, double bound, int sign) {
  const double a = sign * (bound - mean) / sd;  // the value lies above a, in its own direction
  const double upper = numeric::normal_cdf(-a);
  const double density = std::exp(-0.5 * a * a) / std::sqrt(2.0 * M_PI);
  // Far in the tail the ratio tends to a.
  const double mills = upper > 1e-12 ? density / upper : a + 1.0 / std::max(a, 1.0);
  const double variance = std::clamp(1.0 - mills * (mills - a), 1e-3, 1.0);
  return {mean + sign * sd * mills, sd * sd * variance};
}

namespace {

struct Linear {
  numeric::LeastSquaresFit fit;
  std::size_t k = 0;
};

/// Groups, then membranes but the first.
Linear solve(const std::vector<LogRatio>& data,
             const std::vector<double>& y,
             std::size_t groups,
             std::size_t membranes) {
  Linear out;
  out.k = groups + membranes - 1;
  const auto function = [&](std::span<const double> p, std::span<double> r, std::span<double> j) {
    std::ranges::fill(j, 0.0);
    for (std::size_t i = 0; i < data.size(); ++i) {
      const LogRatio& d = data[i];
      r[i] = p[d.group] + (d.membrane > 0 ? p[groups + d.membrane - 1] : 0.0) - y[i];
      if (j.empty()) continue;
      j[i * out.k + d.group] = 1.0;
      if (d.membrane > 0) j[i * out.k + groups + d.membrane - 1] = 1.0;
    }
    return true;
  };
  out.fit = numeric::least_squares(function, data.size(), std::vector<double>(out.k, 0.0));
  return out;
}

}  // namespace

namespace {

Joint join_lanes(const std::vector<LogRatio>& data, std::size_t groups, std::size_t membranes) {
  Joint out;
  if (data.empty() || groups == 0) return out;
  std::vector<double> y;
  double measured = 0.0, exact_n = 0.0;
  for (const LogRatio& d : data) {
    y.push_back(d.value);
    if (d.relation == Relation::equal) measured += d.se * d.se, exact_n += 1.0;
  }
  if (exact_n == 0.0) return out;
  measured /= exact_n;
  Linear linear;
  double variance = std::max(measured, 1e-4), extra = 0.0;
  const double k = double(groups + membranes - 1);
  const bool any_bound = exact_n < double(data.size());
  out.df = exact_n - k;
  out.measurement_only = out.df < 1.0;
  for (int pass = 0; pass < (any_bound ? 60 : 1); ++pass) {
    linear = solve(data, y, groups, membranes);
    if (!linear.fit.usable()) return out;
    if (!out.measurement_only) {
      variance = std::max((linear.fit.residual_sum + extra) / (double(data.size()) - k), 1e-8);
    }
    extra = 0.0;
    const auto& p = linear.fit.parameters;
    for (std::size_t i = 0; any_bound && i < data.size(); ++i) {
      const LogRatio& d = data[i];
      if (d.relation == Relation::equal) continue;
      const double mean = p[d.group] + (d.membrane > 0 ? p[groups + d.membrane - 1] : 0.0);
      const Tail t =
          tail_of(mean, std::sqrt(variance), d.value, d.relation == Relation::less ? -1 : 1);
      y[i] = t.mean;
      extra += t.variance;
    }
  }
  const std::size_t size = linear.k;
  for (std::size_t a = 0; a < groups; ++a) {
    out.mean.push_back(linear.fit.parameters[a]);
    for (std::size_t b = 0; b < groups; ++b) {
      out.covariance.push_back(variance * linear.fit.covariance_unscaled[a * size + b]);
    }
  }
  out.sd = out.measurement_only ? unknown : std::sqrt(variance);
  if (membranes >= 3) {
    double mean = 0.0, sum = 0.0;
    std::vector<double> effect{0.0};
    for (std::size_t m = 1; m < membranes; ++m)
      effect.push_back(linear.fit.parameters[groups + m - 1]);
    for (const double e : effect) mean += e / double(membranes);
    for (const double e : effect) sum += (e - mean) * (e - mean);
    const double per = double(data.size()) / double(membranes);
    out.membrane_sd = std::sqrt(std::max(0.0, sum / double(membranes - 1) - variance / per));
  }
  out.usable = std::ranges::all_of(out.covariance, [](double c) { return std::isfinite(c); });
  return out;
}

/// One value for each sample on each membrane: lanes that repeat it tell nothing of other samples.
std::vector<LogRatio> cells_of(const std::vector<LogRatio>& data) {
  std::vector<LogRatio> cells;
  std::map<std::pair<std::size_t, std::size_t>, std::vector<const LogRatio*>> lanes;
  for (const LogRatio& d : data) lanes[{d.sample, d.membrane}].push_back(&d);
  for (const auto& [key, of] : lanes) {
    LogRatio cell = *of.front();
    cell.value = 0.0;
    double variance = 0.0;
    for (const LogRatio* d : of) cell.value += d->value, variance += d->se * d->se;
    cell.value /= double(of.size());
    cell.se = std::sqrt(variance) / double(of.size());
    cells.push_back(cell);
  }
  return cells;
}

/// Samples that stand on several membranes (or all on one): each sample's mean, freed of its
/// membranes, is one value of its treatment.
Joint join_samples(const std::vector<LogRatio>& cells,
                   std::size_t groups,
                   std::size_t membranes,
                   std::size_t samples) {
  std::vector<LogRatio> each = cells;
  std::vector<std::size_t> group_of(samples);
  for (LogRatio& cell : each) {
    group_of[cell.sample - 1] = cell.group;
    cell.group = cell.sample - 1;
  }
  Joint out = join_lanes(each, samples, membranes);
  if (!out.usable) return out;
  const std::vector<double> value = out.mean;
  std::vector<double> n(groups, 0.0);
  out.mean.assign(groups, 0.0);
  for (std::size_t s = 0; s < samples; ++s)
    out.mean[group_of[s]] += value[s], n[group_of[s]] += 1.0;
  for (std::size_t g = 0; g < groups; ++g) out.mean[g] /= n[g];
  double squares = 0.0;
  for (std::size_t s = 0; s < samples; ++s) {
    const double off = value[s] - out.mean[group_of[s]];
    squares += off * off;
  }
  out.df = double(samples - groups);
  const double variance = std::max(squares / out.df, 1e-8);
  out.covariance.assign(groups * groups, 0.0);
  for (std::size_t g = 0; g < groups; ++g) out.covariance[g * groups + g] = variance / n[g];
  if (std::isnan(out.sd)) out.sd = std::sqrt(variance);  // one lane a sample: nothing else is known
  out.measurement_only = false;
  out.by_sample = true;
  return out;
}

/// Treatments that share no membrane can be compared only if membranes are taken for draws from one
/// spread, and where they share some, the others tell something, too: a random effect of the
/// membrane, by restricted likelihood (Kenward and Roger 1997). The degrees of freedom are the
/// fewest that any two treatments have.
Joint join_random(const std::vector<LogRatio>& cells, std::size_t groups, std::size_t membranes) {
  Joint out;
  numeric::MixedData data;
  data.fixed = int(groups), data.random = 1;
  for (const LogRatio& cell : cells) {
    data.y.push_back(cell.value);
    for (std::size_t g = 0; g < groups; ++g) data.x.push_back(g == cell.group ? 1.0 : 0.0);
    data.z.push_back(1.0);
    data.group.push_back(int(cell.membrane));
  }
  if (membranes < 3 || cells.size() < groups + 2) return out;
  const auto fit = numeric::fit_mixed(data);
  if (fit.end != numeric::MixedEnd::converged) return out;
  out.mean = fit.beta;
  out.covariance = fit.covariance_adjusted.empty() ? fit.covariance : fit.covariance_adjusted;
  out.df = 1e6;
  for (std::size_t a = 0; a < groups; ++a) {
    for (std::size_t b = 0; b < a; ++b) {
      std::vector<double> l(groups, 0.0);
      l[a] = 1.0, l[b] = -1.0;
      const auto c = numeric::contrast(fit, l, numeric::DfMethod::kenward_roger);
      if (!(c.df >= 1.0)) return out;
      out.df = std::min(out.df, c.df);
    }
  }
  out.sd = fit.residual_sd;
  out.membrane_sd = std::sqrt(std::max(0.0, fit.random_covariance.front()));
  out.random_membranes = true;
  out.usable = std::ranges::all_of(out.covariance, [](double c) { return std::isfinite(c); });
  return out;
}

/// Whether some treatment is missing from some membrane.
bool shared_in_part(const std::vector<LogRatio>& data, std::size_t groups, std::size_t membranes) {
  std::set<std::pair<std::size_t, std::size_t>> pairs;
  for (const LogRatio& d : data) pairs.insert({d.group, d.membrane});
  return pairs.size() < groups * membranes;
}

/// Each value on its own: with membranes at random where that is needed or tells more.
Joint join_values(const std::vector<LogRatio>& values, std::size_t groups, std::size_t membranes) {
  if (groups > 1 && shared_in_part(values, groups, membranes)) {
    Joint joint = join_random(values, groups, membranes);
    if (joint.usable) return joint;
  }
  return join_lanes(values, groups, membranes);
}

}  // namespace

Joint join(const std::vector<LogRatio>& data, std::size_t groups, std::size_t membranes) {
  const bool exact =
      std::ranges::all_of(data, [](const LogRatio& d) { return d.relation == Relation::equal; });
  const bool named = std::ranges::all_of(data, [](const LogRatio& d) { return d.sample > 0; });
  if (data.empty() || (!exact && !named)) return join_lanes(data, groups, membranes);
  if (!named) return join_values(data, groups, membranes);
  if (!exact) {
    Joint joint = join_censored(data, groups, membranes);
    return joint.usable ? joint : join_lanes(data, groups, membranes);
  }
  const auto cells = cells_of(data);
  std::map<std::size_t, std::set<std::size_t>> on;
  for (const LogRatio& cell : cells) on[cell.sample].insert(cell.membrane);
  const bool crossed =
      membranes == 1 || std::ranges::all_of(on, [](const auto& s) { return s.second.size() > 1; });
  if (crossed && on.size() > groups) {
    Joint joint = join_samples(cells, groups, membranes, on.size());
    if (joint.usable) return joint;
  }
  return join_values(cells, groups, membranes);
}

}  // namespace kinescape::immunoblot
