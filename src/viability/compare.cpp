// SPDX-License-Identifier: Apache-2.0
// One line against another: ratios with the profile of their joint likelihood, widened by what the
// differences of the repeats say.
#include <algorithm>
#include <cmath>
#include <map>

#include "numeric/distribution.hpp"
#include "numeric/multiplicity.hpp"
#include "viability/analyse_internal.hpp"

namespace kinescape::viability {
namespace {

using model::Known;

// psi_r - psi_p of two regular quantities.
struct Difference {
  const Known* r = nullptr;
  const Known* p = nullptr;
  double value = unknown, naive = unknown, robust = unknown, df = 1.0;
  int n = 0;
  bool single = false;
};

// Contributions on the scale on which their squares sum to the variance.
std::map<std::string, double> scaled(const Known& k) {
  double sum = 0.0;
  for (double c : k.contribution) sum += c * c;
  const double factor = sum > 0.0 ? std::sqrt(k.robust / sum) : 0.0;
  std::map<std::string, double> by_name;
  for (std::size_t i = 0; i < k.contribution.size(); ++i)
    by_name[k.repeats[i]] = factor * k.contribution[i];
  return by_name;
}

Difference difference(const Known& r, const Known& p) {
  Difference d;
  d.r = &r, d.p = &p;
  d.value = r.profile.psi - p.profile.psi;
  d.naive = r.naive + p.naive;
  d.n = static_cast<int>(std::min(r.repeats.size(), p.repeats.size()));
  if (r.robust != r.robust || p.robust != p.robust) {
    d.single = true;
    d.df = std::min(r.repeats.size() < 2 ? r.df : 1e9, p.repeats.size() < 2 ? p.df : 1e9);
    return d;
  }
  // Repeats of one name were run on one day: their contributions are paired. A pairing that means
  // nothing costs degrees of freedom, never validity.
  auto cr = scaled(r), cp = scaled(p);
  double variance = 0.0;
  int shared = 0;
  for (const auto& [name, c] : cr) {
    const auto other = cp.find(name);
    const double x = other == cp.end() ? c : c - other->second;
    shared += other != cp.end();
    variance += x * x;
  }
  for (const auto& [name, c] : cp)
    if (!cr.contains(name)) variance += c * c;
  d.robust = variance;
  if (shared > 0) {
    d.df = std::min(r.df, p.df);
  } else {  // Welch 1947, Satterthwaite 1946
    const double a = r.robust, b = p.robust;
    d.df = (a + b) * (a + b) / (a * a / r.df + b * b / p.df);
  }
  return d;
}

// Profile of the difference at joint depth z: the largest psi_r(z cos a) - psi_p(-z sin a), which
// is the profile of the joint likelihood of two curves that share no parameter.
double joint_end(const Difference& d, bool up, double z) {
  const double sign = up ? 1.0 : -1.0;
  if (z == 0.0) return d.value;
  const auto at = [&](double a) {
    const double x = model::psi_at(d.r->profile, up, z * std::cos(a));
    const double y = model::psi_at(d.p->profile, !up, z * std::sin(a));
    return x == x && y == y ? sign * (x - y) : 1e300;
  };
  constexpr double quarter = 1.5707963267948966;
  constexpr int steps = 16;
  double best = -1e300, where = 0.0;
  for (int i = 0; i <= steps; ++i) {
    const double v = at(quarter * i / steps);
    if (v > best) best = v, where = quarter * i / steps;
  }
  for (double width = quarter / steps; width > 1e-4; width *= 0.5)
    for (double a : {where - width, where + width}) {
      if (a < 0.0 || a > quarter) continue;
      const double v = at(a);
      if (v > best) best = v, where = a;
    }
  return best > 1e299 ? unknown : sign * best;
}

double end_of(const Difference& d, bool up, double t) {
  const double ratio = d.robust == d.robust ? d.robust / d.naive : 1.0;
  if (ratio <= 1.0) return joint_end(d, up, t * std::sqrt(ratio));
  const double e = joint_end(d, up, t) - d.value;
  return d.value + (up ? 1.0 : -1.0) * std::sqrt(e * e + t * t * (d.robust - d.naive));
}

// A bound on one side or both: the recovered-variance end of the difference that the data close.
double bounded_end(const Position& r, const Position& p, bool up, double level) {
  const double tr = multiple(level, r.known.df), tp = multiple(level, p.known.df);
  const double er = model::interval_end(r.known, up, tr) - r.known.profile.psi;
  const double ep = model::interval_end(p.known, !up, tp) - p.known.profile.psi;
  const double value = r.known.profile.psi - p.known.profile.psi;
  return value + (up ? 1.0 : -1.0) * std::sqrt(er * er + ep * ep);
}

// The multiple t at which an end reaches `target`; ends move outwards as t grows. An end that is
// open, or that does not come so far, is past every t that was traced.
template <class End>
double t_at(double value, double target, End end) {
  const bool up = target > value;
  double low = 0.0, high = 1.0;
  const auto inside = [&](double t) {
    const double e = end(up, t);
    return e == e && (up ? e < target : e > target);
  };
  while (high < 1e4 && inside(high)) low = high, high *= 1.6;
  for (int it = 0; it < 40; ++it) {
    const double mid = 0.5 * (low + high);
    (inside(mid) ? low : high) = mid;
  }
  return 0.5 * (low + high);
}

// t statistic of psi = target for a difference, continued beyond the traced profile in proportion.
double statistic(const Difference& d, double target) {
  if (target == d.value) return 0.0;
  const double sd = std::sqrt(d.robust == d.robust ? d.robust : d.naive);
  const double crude = std::abs(target - d.value) / sd;
  const double deepest = multiple(0.95, d.df);
  const double far = end_of(d, target > d.value, deepest);
  const bool traced = far == far && std::abs(far - d.value) >= std::abs(target - d.value);
  const double t = traced
                       ? t_at(d.value, target, [&](bool up, double x) { return end_of(d, up, x); })
                   : far == far ? deepest * std::abs(target - d.value) / std::abs(far - d.value)
                                : std::min(crude, deepest);
  return target > d.value ? -t : t;
}

Estimated from_difference(const Difference& d, double level, Scale scale, const std::string& how) {
  Estimated e;
  e.level = level, e.n = d.n, e.method = how;
  const double t = multiple(level, d.df);
  e.value = scale(d.value);
  e.low = scale(end_of(d, false, t)), e.high = scale(end_of(d, true, t));
  const bool low = e.low == e.low, high = e.high == e.high;
  e.status = low && high ? Status::ok
             : low       ? Status::interval_open_high
             : high      ? Status::interval_open_low
                         : Status::interval_open;
  if (e.status != Status::ok) e.why = "The data do not close the interval on both sides.";
  if (d.single) {
    e.status = Status::single_repeat;
    e.why = "One biological repeat on at least one side: technical error only.";
  }
  return e;
}

struct Fold {
  Estimated estimate;
  double p = unknown, p_equivalence = unknown;
};

Fold exact_fold(const Position& r,
                const Position& p,
                const Options& options,
                const std::string& how) {
  const Difference d = difference(r.known, p.known);
  Fold f;
  f.estimate = from_difference(d, options.level, {Scale::power10}, how);
  f.p = numeric::two_sided_t(statistic(d, 0.0), d.df);
  const double within = std::log10(options.criterion.restored_within);
  if (within > 0.0) {
    // Two one-sided tests (Schuirmann 1987): above -within, and below +within.
    const double above = numeric::student_t_cdf(-statistic(d, -within), d.df);
    const double below = numeric::student_t_cdf(statistic(d, within), d.df);
    f.p_equivalence = std::max(above, below);
  }
  return f;
}

Fold bounded_fold(const Position& r,
                  const Position& p,
                  const Options& options,
                  const std::string& how) {
  Fold f;
  Estimated& e = f.estimate;
  e.level = options.level, e.method = how;
  e.n = static_cast<int>(std::min(r.known.repeats.size(), p.known.repeats.size()));
  const bool greater = r.reach == Reach::above || p.reach == Reach::below;
  const bool less = r.reach == Reach::below || p.reach == Reach::above;
  if (greater && less) {
    e.status = Status::too_few_data;
    e.why =
        "Neither line's value lies among the tested doses, and on the same side: the ratio is "
        "not known.";
    return f;
  }
  const double vr = r.reach == Reach::exact ? r.known.profile.psi : r.bound;
  const double vp = p.reach == Reach::exact ? p.known.profile.psi : p.bound;
  e.value = std::pow(10.0, vr - vp);
  e.relation = greater ? Relation::greater : Relation::less;
  e.status = greater ? Status::above_highest_dose : Status::below_lowest_dose;
  (greater ? e.low : e.high) = std::pow(10.0, bounded_end(r, p, !greater, options.level));
  e.why = std::string("Only a bound: the ") +
          (r.reach != Reach::exact && p.reach != Reach::exact ? "values of both lines lie"
           : r.reach != Reach::exact                          ? "resistant line's value lies"
                                                              : "parental line's value lies") +
          " outside the tested doses.";
  // The largest level whose bound still excludes 1.
  const double end0 = bounded_end(r, p, !greater, 1e-6);
  const bool beyond = greater ? end0 > 0.0 : end0 < 0.0;
  if (!beyond) return f;
  double low = 0.0, high = 1.0;
  for (int it = 0; it < 50; ++it) {
    const double mid = 0.5 * (low + high), end = bounded_end(r, p, !greater, mid);
    const bool excludes = end == end && (greater ? end > 0.0 : end < 0.0);
    (excludes ? low : high) = mid;
  }
  f.p = std::max(1.0 - low, 1e-6);
  return f;
}

Fold fold_of(const Position& r, const Position& p, const Options& options, const std::string& how) {
  if (r.reach == Reach::none || p.reach == Reach::none) {
    Fold f;
    f.estimate.level = options.level;
    f.estimate.status = Status::not_applicable;
    f.estimate.why = "Not known for at least one of the lines.";
    return f;
  }
  if (r.reach == Reach::exact && p.reach == Reach::exact) return exact_fold(r, p, options, how);
  return bounded_fold(r, p, options, how);
}

// A flat line has no midpoint, but half of its effect, if there is any, lies above the doses.
Position midpoint_or_bound(const Analysed& a) {
  if (a.result.curve_class != CurveClass::flat || a.absolute.reach != Reach::above) return a.ic50;
  return a.absolute;
}

}  // namespace

Comparison compare(const Analysed& r, const Analysed& p, const Options& options) {
  Comparison c;
  c.drug = r.result.drug, c.resistant = r.result.line, c.parental = p.result.line;
  for (Estimated* e : {&c.fold_ic50,
                       &c.fold_ic50_absolute,
                       &c.fold_gr50,
                       &c.emax_difference,
                       &c.hill_slope_ratio}) {
    e->level = options.level;
    e->status = Status::not_applicable;
    e->why = "Not known for at least one of the lines.";
  }
  if (!r.fitted || !p.fitted) return c;
  const std::string how = "joint profile likelihood, repeats as replicates";
  const Fold fold = fold_of(midpoint_or_bound(r), midpoint_or_bound(p), options, how);
  c.fold_ic50 = fold.estimate;
  c.p = fold.p, c.p_equivalence = fold.p_equivalence;
  c.fold_ic50_absolute = fold_of(r.absolute, p.absolute, options, how).estimate;
  c.fold_gr50 = fold_of(r.gr50, p.gr50, options, how).estimate;
  if (!r.has_plateaus || !p.has_plateaus) return c;
  const Difference bottom = difference(r.bottom, p.bottom), slope = difference(r.slope, p.slope);
  c.emax_difference = from_difference(bottom, options.level, {Scale::identity}, how);
  // An unreached plateau may lie deeper than the curve says.
  if (!r.plateau_reached) c.emax_difference.low = unknown;
  if (!p.plateau_reached) c.emax_difference.high = unknown;
  if (!(r.plateau_reached && p.plateau_reached)) {
    Estimated& e = c.emax_difference;
    if (e.status != Status::single_repeat)
      e.status = e.low == e.low     ? Status::interval_open_high
                 : e.high == e.high ? Status::interval_open_low
                                    : Status::interval_open;
    e.why = "The lower plateau of at least one line is not reached at its highest dose.";
  }
  c.hill_slope_ratio = from_difference(slope, options.level, {Scale::exponential}, how);
  // Bonferroni over slope and lower plateau: each answers to the spread of its own repeats.
  const double p_bottom = numeric::two_sided_t(statistic(bottom, 0.0), bottom.df);
  const double p_slope = numeric::two_sided_t(statistic(slope, 0.0), slope.df);
  c.same_shape_p = std::min(1.0, 2.0 * std::min(p_bottom, p_slope));
  return c;
}

void conclude(std::vector<Comparison>& comparisons, const Options& options) {
  std::vector<double> p;
  for (const auto& c : comparisons) p.push_back(c.p);
  const auto holm = numeric::holm(p), bh = numeric::benjamini_hochberg(p);
  const ResistanceCriterion& k = options.criterion;
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    Comparison& c = comparisons[i];
    c.p_adjusted = holm[i], c.q_bh = bh[i];
    const Estimated& f = c.fold_ic50;
    if (f.value != f.value) continue;
    c.call = ResistanceCall::undecided;
    if (f.status == Status::single_repeat || f.n < 2) continue;
    const double least = k.whole_interval ? f.low : f.value;
    if (least > k.fold && f.relation != Relation::less) {
      c.call = ResistanceCall::resistant;
    } else if (f.relation == Relation::equal && f.low >= 1.0 / k.restored_within &&
               f.high <= k.restored_within) {
      c.call = ResistanceCall::restored;
    } else if (f.high < k.fold) {
      c.call = ResistanceCall::not_resistant;
    }
  }
}

}  // namespace kinescape::viability
