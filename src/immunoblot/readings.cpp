// SPDX-License-Identifier: Apache-2.0
// How does the signal escape? Target off or on, and what lies downstream of it.
#include <algorithm>
#include <cmath>

#include "immunoblot/series_internal.hpp"

namespace kinescape::immunoblot {
namespace {

bool is_downstream(const Fold& f, const RatioOptions& options) {
  return std::ranges::find(options.downstream, f.target + "/" + f.reference) !=
         options.downstream.end();
}

bool same_treatment(const Fold& a, const Fold& b) {
  const bool same_time = a.time_h == b.time_h || (std::isnan(a.time_h) && std::isnan(b.time_h));
  return a.line == b.line && a.drug == b.drug && a.dose_nM == b.dose_nM && same_time &&
         a.against == b.against;
}

/// Two things hold together at least this often, whatever their dependence.
double both(double p, double q) {
  return std::max(0.0, p + q - 1.0);
}

Mechanism mechanism_of(const MechanismReading& r, double level) {
  if (r.p_on_target >= level) return Mechanism::on_target_like;
  if (r.p_bypass >= level) return Mechanism::bypass_like;
  if (r.p_both_off >= level) return Mechanism::both_off;
  return Mechanism::undecided;
}

}  // namespace

std::string_view name(Mechanism mechanism) {
  switch (mechanism) {
    case Mechanism::on_target_like:
      return "on_target_like";
    case Mechanism::bypass_like:
      return "bypass_like";
    case Mechanism::both_off:
      return "both_off";
    case Mechanism::undecided:
      return "undecided";
  }
  return "";
}

void add_readings(const RatioOptions& options, Estimate& estimate) {
  if (options.downstream.empty()) return;
  for (const Fold& f : estimate.folds) {
    const bool against_none = f.against == "no drug" || f.against == "time 0";
    if (is_downstream(f, options) || !against_none) continue;
    MechanismReading r;
    r.target = f.target, r.reference = f.reference, r.line = f.line, r.drug = f.drug;
    r.dose_nM = f.dose_nM, r.time_h = f.time_h;
    r.p_target_off = f.p_suppressed;
    r.p_on_target = 1.0 - f.p_suppressed;
    double all_off = f.p_suppressed;
    for (const Fold& d : estimate.folds) {
      if (!is_downstream(d, options) || !same_treatment(f, d)) continue;
      r.downstream.push_back({d.target, d.reference, d.fold, d.p_maintained});
      if (std::isnan(d.p_maintained)) {
        all_off = unknown;
        continue;
      }
      const double bypass = both(f.p_suppressed, d.p_maintained);
      r.p_bypass = std::isnan(r.p_bypass) ? bypass : std::max(r.p_bypass, bypass);
      all_off = std::isnan(all_off) ? unknown : both(all_off, 1.0 - d.p_maintained);
    }
    if (r.downstream.empty()) continue;  // a course or a dose without them says nothing of escape
    r.p_both_off = all_off;
    r.mechanism = mechanism_of(r, options.level);
    estimate.readings.push_back(std::move(r));
  }
  if (estimate.readings.empty()) return;
  estimate.methods.push_back(
      "Readings: the target is off where less than the declared share is left, and a signal "
      "downstream of it is maintained where more than its declared share is. Where two must hold "
      "together the probability is the least that any dependence leaves (p + q - 1); a reading is "
      "given where it reaches the level.");
}

}  // namespace kinescape::immunoblot
