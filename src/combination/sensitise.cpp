// SPDX-License-Identifier: Apache-2.0
#include "combination/sensitise.hpp"

#include <cmath>

#include "combination/hill_internal.hpp"
#include "combination/spread_internal.hpp"
#include "numeric/distribution.hpp"
#include "numeric/multiplicity.hpp"

namespace kinescape::combination {
namespace {

/// ln IC50 of drug k at place `at` on the other drug's axis; NaN where the IC50 is outside the
/// doses (widened threefold) or there is no curve to speak of.
double log_ic50(const Surface& s, std::size_t k, std::size_t at, double floor) {
  const auto& axis = s.axis_nM[k];
  std::vector<double> y;
  HillLimits limits;
  limits.lowest_bottom = floor - 0.05;
  for (std::size_t i = 0; i < axis.size(); ++i) {
    y.push_back(s.viability[i * s.stride(k) + at * s.stride(1 - k)]);
    if (y.back() < limits.lowest_bottom + 0.05) limits.lowest_bottom = y.back() - 0.05;
  }
  int there = 0;
  for (const double v : y) there += !std::isnan(v);
  if (there < 5) return unknown;
  const Hill h = fit_hill(axis, y, limits);
  const double span = h.top - h.bottom;
  if (!h.usable() || span < 0.1) return unknown;
  if (h.log_c < std::log(axis[1] / 3.0) || h.log_c > std::log(axis.back() * 3.0)) return unknown;
  return h.log_c;
}

}  // namespace

std::vector<Sensitisation> sensitisation_of(
    const Block& block, const Cells& cells, double residual_sd, double floor, double level) {
  std::vector<Sensitisation> out;
  if (block.drugs.size() != 2) return out;
  for (std::size_t k = 0; k < 2; ++k) {
    const std::size_t doses = cells.mean.axis_nM[1 - k].size();
    const Functional shifts = [&](const Surface& s) {
      std::vector<double> v;
      for (std::size_t at = 0; at < doses; ++at) v.push_back(log_ic50(s, k, at, floor));
      for (std::size_t at = 1; at < doses; ++at) v.push_back(v[0] - v[at]);
      return v;
    };
    const Spread spread = spread_of(cells, shifts, residual_sd);
    for (std::size_t at = 1; at < doses; ++at) {
      const std::size_t i = doses + at - 1;
      Sensitisation s;
      s.line = block.line;
      s.drug = block.drugs[k];
      s.with = block.drugs[1 - k];
      s.with_dose_nM = cells.mean.axis_nM[1 - k][at];
      s.ic50_alone_nM = std::exp(spread.value[0]);
      s.ic50_with_nM = std::exp(spread.value[at]);
      s.log_fold = spread.value[i];
      s.se = spread.se[i];
      s.df = spread.df[i];
      s.fold = mapped(estimated(spread, i, level), [](double x) { return std::exp(x); });
      s.fold.method = "4-parameter log-logistic per dose, " + spread.method;
      if (std::isnan(s.log_fold)) {
        s.fold.status = Status::not_identifiable;
        s.fold.why = std::isnan(spread.value[0])
                         ? s.drug + " alone has no IC50 within its doses"
                         : "beside this dose too little is left for " + s.drug + " to take away";
      }
      s.p = p_of(spread, i);
      out.push_back(std::move(s));
    }
  }
  return out;
}

std::vector<SensitisationComparison> compare_lines(std::vector<Sensitisation>& shifts,
                                                   const std::vector<LinePair>& pairs,
                                                   double level) {
  std::vector<double> p;
  for (const Sensitisation& s : shifts) p.push_back(s.p);
  const auto adjusted = numeric::holm(p);
  for (std::size_t i = 0; i < shifts.size(); ++i) shifts[i].p_adjusted = adjusted[i];
  std::vector<SensitisationComparison> out;
  for (const LinePair& pair : pairs) {
    for (const Sensitisation& r : shifts) {
      if (r.line != pair.resistant) continue;
      for (const Sensitisation& s : shifts) {
        const bool same = s.line == pair.parental && s.drug == r.drug && s.with == r.with &&
                          std::fabs(s.with_dose_nM / r.with_dose_nM - 1.0) < 1e-3;
        if (!same) continue;
        SensitisationComparison c{
            pair.resistant, pair.parental, r.drug, r.with, r.with_dose_nM, {}};
        Estimated& e = c.ratio;
        e.level = level;
        e.n = std::min(r.fold.n, s.fold.n);
        e.method = "shift over shift, Welch t on ln fold";
        e.value = std::exp(r.log_fold - s.log_fold);
        const double v1 = r.se * r.se, v2 = s.se * s.se, se = std::sqrt(v1 + v2);
        const double df = (v1 + v2) * (v1 + v2) / (v1 * v1 / r.df + v2 * v2 / s.df);
        if (std::isnan(e.value)) {
          e.status = Status::not_identifiable;
          e.why = std::isnan(r.log_fold) ? r.fold.why : s.fold.why;
        } else if (!(se > 0.0) || std::isnan(df)) {
          e.status = Status::interval_open;
          e.why = "no error is known of one of the shifts";
        } else {
          const double half = numeric::student_t_quantile(0.5 + 0.5 * level, df) * se;
          e.low = std::exp(r.log_fold - s.log_fold - half);
          e.high = std::exp(r.log_fold - s.log_fold + half);
          e.status = r.fold.status == Status::ok ? s.fold.status : r.fold.status;
          e.why = r.fold.status == Status::ok ? s.fold.why : r.fold.why;
          c.p = numeric::two_sided_t((r.log_fold - s.log_fold) / se, df);
        }
        out.push_back(std::move(c));
      }
    }
  }
  p.clear();
  for (const auto& c : out) p.push_back(c.p);
  const auto adjusted_c = numeric::holm(p);
  for (std::size_t i = 0; i < out.size(); ++i) out[i].p_adjusted = adjusted_c[i];
  return out;
}

}  // namespace kinescape::combination
