// SPDX-License-Identifier: Apache-2.0
// Contrasts of the model's growth rates: ratios, differences, their multiplicity, combinations.
#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "numeric/distribution.hpp"
#include "numeric/multiplicity.hpp"
#include "numeric/multivariate.hpp"
#include "numeric/two_sample.hpp"
#include "xenograft/estimate_internal.hpp"

namespace kinescape::xenograft {

Estimated interval_of(const numeric::Contrast& c, double level, int n, std::string method) {
  Estimated e;
  e.level = level, e.n = n, e.method = std::move(method);
  const double half = numeric::student_t_quantile(0.5 + 0.5 * level, c.df) * c.se;
  e.value = c.estimate, e.low = c.estimate - half, e.high = c.estimate + half;
  e.status = std::isnan(half) ? Status::interval_open : Status::ok;
  return e;
}

namespace {

/// ln 2 over a rate; the interval turns over, and is open where the rate may be 0.
Estimated doubling_of(const Estimated& rate) {
  Estimated e = rate;
  constexpr double ln2 = 0.6931471805599453;
  e.value = e.low = e.high = unknown;
  if (!(rate.value > 0.0)) {
    e.status = Status::not_applicable;
    e.why = "The tumours do not grow.";
    return e;
  }
  e.value = ln2 / rate.value, e.low = ln2 / rate.high;
  if (rate.low > 0.0)
    e.high = ln2 / rate.low;
  else
    e.status = Status::interval_open_high, e.why = "No growth at all is not excluded.";
  return e;
}

/// Correlation of all differences to the reference, for Dunnett's many-to-one comparison.
void dunnett(const Fitted& f, numeric::DfMethod method, std::vector<ArmResult*>& treated) {
  const std::size_t k = treated.size();
  if (k == 0 || k > 15) return;
  std::vector<std::vector<double>> l(k);
  std::vector<double> se(k), t(k), correlation(k * k);
  double df = 1e9;
  for (std::size_t i = 0; i < k; ++i) {
    l[i] = f.slope_of(i + 1);
    l[i][1] = 0.0;
    const auto c = numeric::contrast(f.fit, l[i], method);
    se[i] = c.se, t[i] = std::fabs(c.estimate / c.se), df = std::min(df, c.df);
  }
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = 0; j < k; ++j) {
      std::vector<double> both(l[i].size());
      for (std::size_t m = 0; m < both.size(); ++m) both[m] = l[i][m] - l[j][m];
      const double s = i == j ? 0.0 : numeric::contrast(f.fit, both, method).se;
      correlation[i * k + j] =
          i == j ? 1.0 : (se[i] * se[i] + se[j] * se[j] - s * s) / (2.0 * se[i] * se[j]);
    }
  for (std::size_t i = 0; i < k; ++i)
    treated[i]->p_dunnett = 1.0 - numeric::within_all(t[i], correlation, static_cast<int>(k), df);
}

}  // namespace

void rates(const Fitted& f, const Options& o, std::vector<ArmResult>& arms) {
  const auto refuse = [&](ArmResult& a) {
    const bool single = a.animals == 1;
    for (Estimated* e : {&a.growth_rate_per_day,
                         &a.growth_rate_ratio,
                         &a.growth_rate_difference_per_day,
                         &a.doubling_time_days}) {
      e->status = single                         ? Status::single_subject
                  : f.model.status == Status::ok ? Status::not_applicable
                                                 : f.model.status;
      e->why = single ? "One mouse: between-mouse spread is unknown; report the curve, no p value."
                      : f.model.why;
      e->n = a.animals;
    }
  };
  const auto method =
      o.satterthwaite ? numeric::DfMethod::satterthwaite : numeric::DfMethod::kenward_roger;
  const std::string words = "mixed model, " + f.model.df_method;
  const bool have_reference = f.usable() && !arms.empty() && f.arms.front() == arms.front().arm;
  std::vector<ArmResult*> treated;
  for (ArmResult& a : arms) {
    const auto at = std::find(f.arms.begin(), f.arms.end(), a.arm);
    if (!f.usable() || at == f.arms.end()) {
      refuse(a);
      continue;
    }
    const auto index = static_cast<std::size_t>(at - f.arms.begin());
    const auto own = numeric::contrast(f.fit, f.slope_of(index), method);
    a.growth_rate_per_day = interval_of(own, o.level, a.animals, words);
    a.doubling_time_days = doubling_of(a.growth_rate_per_day);
    Estimated &ratio = a.growth_rate_ratio, &difference = a.growth_rate_difference_per_day;
    ratio.level = difference.level = o.level, ratio.n = a.animals;
    if (index == 0 || !have_reference) {
      ratio.status = difference.status = Status::not_applicable;
      ratio.why = difference.why = index == 0 && have_reference
                                       ? "The reference arm."
                                       : "The reference arm is not in the model.";
      continue;
    }
    auto l = f.slope_of(index);
    l[1] = 0.0;
    const auto d = numeric::contrast(f.fit, l, method),
               c = numeric::contrast(f.fit, f.slope_of(0), method);
    difference = interval_of(d, o.level, a.animals + arms.front().animals, words);
    a.p = d.p;
    ratio = difference;
    ratio.method = words + ", Fieller";
    const double covariance = 0.5 * (own.se * own.se + c.se * c.se - d.se * d.se);
    const auto limits =
        numeric::fieller(own.estimate,
                         c.estimate,
                         own.se * own.se,
                         c.se * c.se,
                         covariance,
                         numeric::student_t_quantile(0.5 + 0.5 * o.level, std::min(d.df, c.df)));
    ratio.value = own.estimate / c.estimate, ratio.low = limits.low, ratio.high = limits.high;
    ratio.status = std::isnan(limits.low) ? Status::interval_open : Status::ok;
    if (std::isnan(limits.low)) ratio.why = "Whether the reference grows at all is not settled.";
    treated.push_back(&a);
  }
  std::vector<double> p;
  for (const ArmResult* a : treated) p.push_back(a->p);
  const auto holm = numeric::holm(p);
  for (std::size_t i = 0; i < treated.size(); ++i) treated[i]->p_holm = holm[i];
  if (have_reference && treated.size() + 1 == f.arms.size()) dunnett(f, method, treated);
}

std::optional<Combination> parse_combination(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  const auto plus = text.find('+', equals);
  if (plus == std::string_view::npos) return std::nullopt;
  const auto name = [&](std::size_t from, std::size_t to) {
    return std::string(trimmed(text.substr(from, to - from)));
  };
  Combination c{name(0, equals), name(equals + 1, plus), name(plus + 1, text.size())};
  if (c.both.empty() || c.first.empty() || c.second.empty()) return std::nullopt;
  return c;
}

void combinations(const Fitted& f, const Options& o, Estimate& out) {
  const auto method =
      o.satterthwaite ? numeric::DfMethod::satterthwaite : numeric::DfMethod::kenward_roger;
  for (const Combination& c : o.combinations) {
    CombinationResult r{c.both, c.first, c.second, {}, unknown, ""};
    const auto at = [&](const std::string& arm) {
      return static_cast<std::size_t>(std::find(f.arms.begin(), f.arms.end(), arm) -
                                      f.arms.begin());
    };
    const std::size_t ab = at(c.both), a = at(c.first), b = at(c.second);
    if (!f.usable() || std::max({ab, a, b}) >= f.arms.size()) {
      r.excess_per_day.status = Status::not_applicable;
      r.excess_per_day.why = "An arm of the combination is not in the model.";
    } else {
      std::vector<double> l = f.slope_of(ab);
      const auto la = f.slope_of(a), lb = f.slope_of(b), l0 = f.slope_of(0);
      for (std::size_t j = 0; j < l.size(); ++j) l[j] += l0[j] - la[j] - lb[j];
      const auto contrast = numeric::contrast(f.fit, l, method);
      r.excess_per_day =
          interval_of(contrast,
                      o.level,
                      f.model.animals,
                      "growth rates added (Bliss independence of surviving shares), mixed model, " +
                          f.model.df_method);
      r.p = contrast.p;
      r.says = r.excess_per_day.high < 0.0  ? "More than the two alone, added."
               : r.excess_per_day.low > 0.0 ? "Less than the two alone, added."
                                            : "Not told from the two alone, added.";
    }
    out.combinations.push_back(std::move(r));
  }
}

}  // namespace kinescape::xenograft
