// SPDX-License-Identifier: Apache-2.0
// The sentences: one for each curve and comparison, and those of the methods paragraph.
#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "viability/words_internal.hpp"

namespace kinescape::viability {
namespace {

std::string repeats_text(int n) {
  return n == 1 ? "one repeat" : "n = " + std::to_string(n) + " repeats";
}

std::string percent(double x) {
  return rounded(100.0 * x, 2) + " %";
}

std::string p_text(double p) {
  return p < 1e-4 ? "p < 0.0001" : "p = " + rounded(p, 2);
}

}  // namespace

std::string with_interval(const Estimated& e, const std::string& unit) {
  const std::string u = unit.empty() ? "" : " " + unit;
  if (e.value != e.value) return "not known";
  const std::string low = rounded(e.low), high = rounded(e.high);
  if (e.relation == Relation::greater)
    return "more than " + rounded(e.value) + u + (e.low == e.low ? " (at least " + low + ")" : "");
  if (e.relation == Relation::less)
    return "less than " + rounded(e.value) + u +
           (e.high == e.high ? " (at most " + high + ")" : "");
  std::string interval = " (no interval)";
  if (e.low == e.low && e.high == e.high)
    interval = " (" + low + " to " + high + ")";
  else if (e.low == e.low)
    interval = " (" + low + " or more)";
  else if (e.high == e.high)
    interval = " (" + high + " or less)";
  return rounded(e.value) + u + interval;
}

std::string method_text(const model::Data& data, const model::Fit& fit) {
  std::string text(dose_response::name(fit.theta.shape));
  text += ", profile likelihood";
  text += data.repeats.size() > 1 ? " with repeats as replicates" : " of one repeat's wells";
  return text;
}

std::string says(const CurveResult& r, const std::string& why) {
  const std::string who = r.drug + " on " + r.line + ": ", n = repeats_text(r.repeats);
  switch (r.curve_class) {
    case CurveClass::identified:
      return who + "IC50 " + with_interval(r.ic50_nM, "nM") + ", lower plateau " +
             percent(r.emax.value) + " of vehicle, " + n + ".";
    case CurveClass::above_highest:
      return who + "IC50 above " + rounded(r.highest_dose_nM) + " nM, the highest dose, where " +
             percent(r.viability_at_highest_dose.value) + " of vehicle is left; " + n + ".";
    case CurveClass::below_lowest:
      return who + "IC50 below " + rounded(r.lowest_dose_nM) + " nM, the lowest dose; " + n + ".";
    case CurveClass::flat:
      return who + "no response up to " + rounded(r.highest_dose_nM) + " nM; " + n + ".";
    case CurveClass::non_monotone:
      return who + "the response turns. " + why;
    case CurveClass::failed:
      break;
  }
  return who + "no curve.";
}

std::string says(const Comparison& c, const Options& options) {
  const Estimated& f = c.fold_ic50;
  const std::string who = c.resistant + " against " + c.parental + " on " + c.drug + ": ";
  if (f.value != f.value) return who + "the fold is not known. " + f.why;
  std::string text = c.resistant + " is ";
  if (f.relation == Relation::greater) {
    text += "more than " + rounded(f.value, 2) + "-fold less sensitive to " + c.drug + " than " +
            c.parental + (f.low == f.low ? " (at least " + rounded(f.low, 2) + ")" : "");
  } else if (f.relation == Relation::less) {
    text += "less than " + rounded(f.value, 2) + "-fold as resistant to " + c.drug + " as " +
            c.parental + (f.high == f.high ? " (at most " + rounded(f.high, 2) + ")" : "");
  } else {
    const bool more = f.value >= 1.0;
    const double value = more ? f.value : 1.0 / f.value;
    const double low = more ? f.low : 1.0 / f.high, high = more ? f.high : 1.0 / f.low;
    text += rounded(value, 2) + "-fold " + (more ? "less" : "more") + " sensitive to " + c.drug +
            " than " + c.parental + " (" + (low == low ? rounded(low, 2) : "no lower end") +
            " to " + (high == high ? rounded(high, 2) : "no upper end") + ")";
  }
  text += ", " + repeats_text(f.n);
  if (c.p_adjusted == c.p_adjusted) text += ", adjusted " + p_text(c.p_adjusted);
  text += ". ";
  const std::string bar = rounded(options.criterion.fold) + "-fold";
  switch (c.call) {
    case ResistanceCall::resistant:
      text += "That meets the declared criterion of " + bar + ".";
      break;
    case ResistanceCall::not_resistant:
      text += "That stays under the declared criterion of " + bar + ".";
      break;
    case ResistanceCall::restored:
      text += "That counts as restored: within " + rounded(options.criterion.restored_within) +
              "-fold either way.";
      break;
    case ResistanceCall::undecided:
      text += f.n < 2 ? "One repeat holds technical error only, so no call is made."
                      : "The interval does not settle the declared criterion of " + bar + ".";
      break;
    case ResistanceCall::not_assessed:
      break;
  }
  if (c.same_shape_p < 0.05)
    text += " Slope or plateau differ too (" + p_text(c.same_shape_p) + "): not a pure shift.";
  return text;
}

}  // namespace kinescape::viability
