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

// What each repeat's own growth contributes to a number that changes by `slope` per doubling.
std::vector<double> from_growth(const Doublings& d, double slope) {
  std::vector<double> more(d.deviation.size(), 0.0);
  if (std::isfinite(slope))
    for (std::size_t r = 0; r < more.size(); ++r) more[r] = slope * d.deviation[r];
  return more;
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
  const Subject s{data, a.fit, a.knowledge, level};
  // How a number moves with the doublings that it is computed for.
  const auto slope_of = [&](auto number) {
    return from_growth(d, (number(d.mean + step) - number(d.mean - step)) / (2 * step));
  };
  a.gr50 = position_of_level(s, "GR50", std::pow(0.75, d.mean), slope_of([&](double n) {
                               return model::AbsoluteIc(std::pow(0.75, n)).value(a.fit.theta, g);
                             }));
  r.gr50_nM = estimated(a.gr50, level, how, "half of the growth rate");
  // GR of a response is monotone in it: the profile of the response, mapped.
  const auto mapped_response =
      [&](const char* name, const model::Quantity& response, double lowest) {
        // d GR / dn over d GR / dv, so that the error of n is carried on the viability axis.
        const double v = std::max(1e-6, response.value(a.fit.theta, g));
        const model::Known k =
            know(s, name, response, lowest, 4.0, from_growth(d, -v * std::log(v) / d.mean));
        Estimated e = estimated(k, level, {Scale::identity}, how);
        return mapped(e, [&](double x) { return x == x ? model::growth_rate_of(x, d.mean) : x; });
      };
  r.gr_max = mapped_response("GRmax", model::AtDose(data.highest), -0.3);
  if (a.has_plateaus) r.gr_inf = mapped_response("GRinf", model::Coordinate(3), lowest_plateau);
  const model::GrowthAoc aoc(data.lowest, data.highest, d.mean);
  const auto aoc_more = slope_of([&](double n) {
    return model::GrowthAoc(data.lowest, data.highest, n).value(a.fit.theta, g);
  });
  r.gr_aoc = estimated(know(s, "GR_AOC", aoc, -2.0, 2.0, aoc_more), level, {Scale::identity}, how);
  if (!a.has_plateaus) return;
  std::vector<double> doses;
  for (double x : data.doses_nM) doses.push_back(std::log10(x));
  const auto h_more =
      slope_of([&](double n) { return model::GrowthSlope(doses, n).value(a.fit.theta, g); });
  const model::Known h =
      know(s, "h_GR", model::GrowthSlope(doses, d.mean), std::log(0.05), std::log(20.0), h_more);
  r.h_gr = estimated(h, level, {Scale::exponential}, how);
}

}  // namespace kinescape::viability
