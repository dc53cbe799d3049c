// SPDX-License-Identifier: Apache-2.0
// One line against another: ratios with the profile of their joint likelihood, widened by what the
// differences of the repeats say.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>

#include "numeric/distribution.hpp"
#include "numeric/multiplicity.hpp"
#include "numeric/shared_spread.hpp"
#include "viability/analyse_internal.hpp"
#include "viability/same_shape_internal.hpp"

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
  bool paired = false;  ///< Repeats of both curves have names in common.
};

// Squared contributions of the difference and of the sum, repeat by repeat. Repeats of one name ran
// on one day; what moved both curves that day cancels in the difference.
numeric::PairedSpread paired_spread(const CurveResult& curve, const Known& r, const Known& p) {
  numeric::PairedSpread s;
  std::map<std::string, std::pair<double, double>> days;
  for (std::size_t i = 0; i < r.repeats.size(); ++i) days[r.repeats[i]].first = r.contribution[i];
  for (std::size_t i = 0; i < p.repeats.size(); ++i) days[p.repeats[i]].second = p.contribution[i];
  for (const auto& [name, c] : days) {
    const double difference = c.first - c.second, sum = c.first + c.second;
    s.difference.repeats.push_back(name);
    s.difference.contribution.push_back(difference);
    s.difference.variance += difference * difference;
    s.sum_variance += sum * sum;
  }
  s.difference.df = std::min(r.own_df, p.own_df);
  s.difference.expected = r.expected + p.expected;
  s.difference.row = curve.line, s.difference.column = curve.drug;
  const double least = 1e-9 * s.difference.expected;  // As in share().
  s.difference.variance = std::max(s.difference.variance, least);
  s.sum_variance = std::max(s.sum_variance, least);
  return s;
}

bool share_a_day(const Known& r, const Known& p) {
  return std::any_of(r.repeats.begin(), r.repeats.end(), [&](const std::string& name) {
    return std::find(p.repeats.begin(), p.repeats.end(), name) != p.repeats.end();
  });
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
  d.paired = share_a_day(r, p);
  if (d.paired) return d;                   // share_differences() finds its spread.
  const double a = r.robust, b = p.robust;  // Welch 1947, Satterthwaite 1946
  d.robust = a + b;
  d.df = (a + b) * (a + b) / (a * a / r.df + b * b / p.df);
  return d;
}

// The differences of one number over all pairs.
void share_differences(const std::vector<std::pair<const CurveResult*, Difference*>>& all) {
  std::vector<numeric::PairedSpread> spreads;
  std::vector<Difference*> paired;
  for (const auto& [curve, d] : all)
    if (d->paired) {
      paired.push_back(d);
      spreads.push_back(paired_spread(*curve, *d->r, *d->p));
    }
  const std::vector<numeric::SharedSpread> shared = numeric::share_spread(spreads);
  for (std::size_t i = 0; i < paired.size(); ++i)
    paired[i]->robust = shared[i].variance, paired[i]->df = shared[i].df;
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

Fold exact_fold(const Difference& d, const Options& options, const std::string& how) {
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

// A number of both curves: exact on both sides (a difference), or at best a bound.
struct Side {
  Position r, p;
  std::optional<Difference> exact;
};

Side dose_side(const Position& r, const Position& p) {
  Side s{r, p, std::nullopt};
  if (r.reach == Reach::exact && p.reach == Reach::exact) s.exact = Difference{};
  return s;
}

Fold fold_of(const Side& s, const Options& options, const std::string& how) {
  if (s.r.reach == Reach::none || s.p.reach == Reach::none) {
    Fold f;
    f.estimate.level = options.level;
    f.estimate.status = Status::not_applicable;
    f.estimate.why = "Not known for at least one of the lines.";
    return f;
  }
  return s.exact ? exact_fold(*s.exact, options, how) : bounded_fold(s.r, s.p, options, how);
}

// A flat line has no midpoint, but half of its effect, if there is any, lies above the doses.
Position midpoint_or_bound(const Analysed& a) {
  if (a.result.curve_class != CurveClass::flat || a.absolute.reach != Reach::above) return a.ic50;
  return a.absolute;
}

// The five numbers in which two curves are compared.
enum Number : std::size_t { ic50, absolute, gr50, bottom, slope, numbers };
using Sides = std::array<Side, numbers>;

Sides sides_of(const Matched& m) {
  const Analysed &r = *m.resistant, &p = *m.parental;
  Sides s;
  if (!r.fitted || !p.fitted) return s;
  s[ic50] = dose_side(midpoint_or_bound(r), midpoint_or_bound(p));
  s[absolute] = dose_side(r.absolute, p.absolute);
  s[gr50] = dose_side(r.gr50, p.gr50);
  if (!r.has_plateaus || !p.has_plateaus) return s;
  s[bottom] = dose_side({Reach::exact, r.bottom, unknown}, {Reach::exact, p.bottom, unknown});
  s[slope] = dose_side({Reach::exact, r.slope, unknown}, {Reach::exact, p.slope, unknown});
  return s;
}

// Their spreads, each number's shared over the pairs.
void fill_differences(const std::vector<Matched>& pairs, std::vector<Sides>& sides) {
  for (std::size_t number = 0; number < numbers; ++number) {
    std::vector<std::pair<const CurveResult*, Difference*>> all;
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      Side& s = sides[i][number];
      if (!s.exact) continue;
      *s.exact = difference(s.r.known, s.p.known);
      all.emplace_back(&pairs[i].resistant->result, &*s.exact);
    }
    share_differences(all);
  }
}

void compare_shapes(const Matched& m, const Sides& s, const Options& options, Comparison& c) {
  const std::string how = "joint profile likelihood, repeats as replicates";
  const Difference &plateau = *s[bottom].exact, &steepness = *s[slope].exact;
  c.emax_difference = from_difference(plateau, options.level, {Scale::identity}, how);
  // An unreached plateau may lie deeper than the curve says.
  const bool r_reached = m.resistant->plateau_reached, p_reached = m.parental->plateau_reached;
  if (!r_reached) c.emax_difference.low = unknown;
  if (!p_reached) c.emax_difference.high = unknown;
  if (!(r_reached && p_reached)) {
    Estimated& e = c.emax_difference;
    if (e.status != Status::single_repeat)
      e.status = e.low == e.low     ? Status::interval_open_high
                 : e.high == e.high ? Status::interval_open_low
                                    : Status::interval_open;
    e.why = "The lower plateau of at least one line is not reached at its highest dose.";
  }
  c.hill_slope_ratio = from_difference(steepness, options.level, {Scale::exponential}, how);
  const double rho = plateau_slope_correlation(m.resistant->fit, m.parental->fit);
  c.same_shape_p =
      joint_p(statistic(plateau, 0.0), plateau.df, statistic(steepness, 0.0), steepness.df, rho);
}

Comparison compare_one(const Matched& m, const Sides& s, const Options& options) {
  Comparison c;
  c.drug = m.resistant->result.drug, c.resistant = m.resistant->result.line;
  c.parental = m.parental->result.line;
  for (Estimated* e : {&c.fold_ic50,
                       &c.fold_ic50_absolute,
                       &c.fold_gr50,
                       &c.emax_difference,
                       &c.hill_slope_ratio}) {
    e->level = options.level;
    e->status = Status::not_applicable;
    e->why = "Not known for at least one of the lines.";
  }
  if (!m.resistant->fitted || !m.parental->fitted) return c;
  const std::string how = "joint profile likelihood, repeats as replicates";
  const Fold fold = fold_of(s[ic50], options, how);
  c.fold_ic50 = fold.estimate;
  c.p = fold.p, c.p_equivalence = fold.p_equivalence;
  c.fold_ic50_absolute = fold_of(s[absolute], options, how).estimate;
  c.fold_gr50 = fold_of(s[gr50], options, how).estimate;
  if (s[bottom].exact) compare_shapes(m, s, options, c);
  return c;
}

// Adjusted p values and calls, which need all comparisons.
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

}  // namespace

std::vector<Comparison> compare(const std::vector<Matched>& pairs, const Options& options) {
  std::vector<Sides> sides;
  for (const Matched& m : pairs) sides.push_back(sides_of(m));
  fill_differences(pairs, sides);
  std::vector<Comparison> comparisons;
  for (std::size_t i = 0; i < pairs.size(); ++i)
    comparisons.push_back(compare_one(pairs[i], sides[i], options));
  conclude(comparisons, options);
  return comparisons;
}

}  // namespace kinescape::viability
