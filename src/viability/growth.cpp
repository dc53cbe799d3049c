// SPDX-License-Identifier: Apache-2.0
// Growth-rate inhibition (Hafner et al. 2016, doi:10.1038/nmeth.3853). With d doublings of the
// untreated cells, GR(v) = 2 v^(1/d) - 1 maps the fitted viability v, so GR50 is the dose of
// v = 0.75^d, and every growth-rate number comes from the same likelihood as the curve.
#include <algorithm>
#include <cmath>

#include "viability/analyse_internal.hpp"
#include "viability/quantities_internal.hpp"

namespace kinescape::viability {
namespace {

struct Doublings {
  double mean = unknown;
  std::vector<double> deviation;  // By repeat, over R: its contribution to the mean.
  std::string why;
};

Doublings doublings_of(const Job& job, const model::Fit& fit, const Options& options) {
  Doublings d;
  const auto& data = job.data;
  if (!data.normalised && !job.day0.empty()) {
    std::vector<double> each(data.repeats.size(), unknown);
    std::vector<double> sum(each.size(), 0.0), n(each.size(), 0.0);
    for (const auto& o : data.obs)
      if (!o.blank && o.repeat >= 0) {
        const int v = fit.layout.vehicle[static_cast<std::size_t>(o.plate)];
        sum[static_cast<std::size_t>(o.repeat)] += fit.p[static_cast<std::size_t>(v)];
        n[static_cast<std::size_t>(o.repeat)] += 1.0;
      }
    double total = 0.0, count = 0.0;
    for (std::size_t r = 0; r < each.size(); ++r) {
      auto start = job.day0.find(data.repeats[r]);
      if (start == job.day0.end()) start = job.day0.find("");
      if (start == job.day0.end() || !(start->second > 0.0) || n[r] == 0.0) continue;
      each[r] = std::log2(sum[r] / n[r] / start->second);
      total += each[r], count += 1.0;
    }
    if (count > 0.0) {
      d.mean = total / count;
      for (double e : each) d.deviation.push_back(e == e ? (e - d.mean) / count : 0.0);
      if (d.mean > 0.1) return d;
      d.mean = unknown;
      d.why = "The untreated cells did not grow between day 0 and the end.";
      return d;
    }
  }
  for (const Line& l : options.lines)
    if (l.name == job.line && l.doubling_time_h > 0.0) {
      if (job.time_h > 0.0) {
        d.mean = job.time_h / l.doubling_time_h;
        d.deviation.assign(data.repeats.size(), 0.0);
        return d;
      }
      d.why = "The doubling time is known, but not the exposure time.";
      return d;
    }
  d.why = "No day-0 wells and no doubling time for this line.";
  return d;
}

// The repeats' own growth moves the level that is asked for, and with it the quantity: their
// contributions gain d psi / d doublings times their deviation.
void add_growth_error(model::Known& k, const Doublings& d, double slope) {
  if (k.contribution.size() != d.deviation.size() || k.robust != k.robust || !std::isfinite(slope))
    return;
  double before = 0.0, after = 0.0;
  for (std::size_t r = 0; r < k.contribution.size(); ++r) {
    before += k.contribution[r] * k.contribution[r];
    k.contribution[r] += slope * d.deviation[r];
    after += k.contribution[r] * k.contribution[r];
  }
  if (before > 0.0) k.robust *= after / before;
}

}  // namespace

void add_growth(const Job& job, const Options& options, const std::string& method, Analysed& a) {
  CurveResult& r = a.result;
  const Doublings d = doublings_of(job, a.fit, options);
  if (!(d.mean > 0.0)) {
    for (Estimated* e : {&r.gr50_nM, &r.gr_max, &r.gr_aoc, &r.gr_inf, &r.h_gr})
      e->status = Status::not_applicable, e->why = d.why;
    return;
  }
  const auto& data = job.data;
  const double level = options.level, step = 1e-4;
  const std::string how = method + ", growth-rate scale";
  std::array<double, 9> g{};
  a.gr50 = position_of_level(data, a.fit, std::pow(0.75, d.mean), level);
  if (a.gr50.reach == Reach::exact) {
    const auto dose = [&](double n) {
      return model::AbsoluteIc(std::pow(0.75, n)).value(a.fit.theta, g);
    };
    add_growth_error(a.gr50.known, d, (dose(d.mean + step) - dose(d.mean - step)) / (2 * step));
  }
  r.gr50_nM = estimated(a.gr50, level, how, "half of the growth rate");
  // GR of a response is monotone in it: the profile of the response, mapped.
  const auto mapped_response = [&](model::Known k) {
    const double v = std::max(1e-6, k.profile.psi);
    // d GR / dn over d GR / dv, so that the error of n is carried on the viability axis.
    add_growth_error(k, d, -v * std::log(v) / d.mean);
    Estimated e = estimated(k, level, {Scale::identity}, how);
    return mapped(e, [&](double x) { return x == x ? model::growth_rate_of(x, d.mean) : x; });
  };
  r.gr_max = mapped_response(know(data, a.fit, model::AtDose(data.highest), level, -0.3, 4.0));
  if (a.has_plateaus) r.gr_inf = mapped_response(a.bottom);
  const auto aoc = [&](double n) {
    return model::GrowthAoc(data.lowest, data.highest, n).value(a.fit.theta, g);
  };
  model::Known area =
      know(data, a.fit, model::GrowthAoc(data.lowest, data.highest, d.mean), level, -2.0, 2.0);
  add_growth_error(area, d, (aoc(d.mean + step) - aoc(d.mean - step)) / (2 * step));
  r.gr_aoc = estimated(area, level, {Scale::identity}, how);
  if (!a.has_plateaus) return;
  std::vector<double> doses;
  for (double x : data.doses_nM) doses.push_back(std::log10(x));
  const auto slope = [&](double n) { return model::GrowthSlope(doses, n).value(a.fit.theta, g); };
  model::Known h =
      know(data, a.fit, model::GrowthSlope(doses, d.mean), level, std::log(0.05), std::log(20.0));
  add_growth_error(h, d, (slope(d.mean + step) - slope(d.mean - step)) / (2 * step));
  r.h_gr = estimated(h, level, {Scale::exponential}, how);
}

}  // namespace kinescape::viability
