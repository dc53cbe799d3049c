// SPDX-License-Identifier: Apache-2.0
// Responses of patients to rates of arms, arms against each other, and progression as follow-up.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/number.hpp"
#include "base/text.hpp"
#include "clinical/recist.hpp"

namespace kinescape::clinical {
namespace {

void warn(const LesionPatient& p, Problems& problems) {
  if (p.visits.empty()) return;
  std::map<std::string, int> per_organ;
  int all = 0;
  for (const LesionReading& x : p.visits.front().readings) {
    if (x.kind != LesionKind::target) continue;
    ++all, ++per_organ[x.organ];
    const double least = x.node ? 15.0 : 10.0;
    if (x.state != LesionState::measured || x.diameter_mm < least)
      problems.push_back({x.where,
                          fmt::format("target \"{}\" of patient \"{}\" is below {} mm at baseline: "
                                      "not measurable by RECIST 1.1",
                                      printable(x.lesion),
                                      printable(p.patient),
                                      exact(least)),
                          "Call it non-target.",
                          Severity::warning});
  }
  const auto where = p.visits.front().readings.front().where;
  if (all > 5)
    problems.push_back({where,
                        fmt::format("patient \"{}\" has {} targets: RECIST 1.1 takes five at most",
                                    printable(p.patient),
                                    all),
                        "Call the others non-target.",
                        Severity::warning});
  for (const auto& [organ, n] : per_organ)
    if (n > 2 && !organ.empty())
      problems.push_back(
          {where,
           fmt::format("patient \"{}\" has {} targets in \"{}\": two an organ at most",
                       printable(p.patient),
                       n,
                       printable(organ)),
           "Call the others non-target.",
           Severity::warning});
}

ArmResponse counted(const std::string& arm,
                    const std::vector<const PatientCall*>& patients,
                    double level) {
  ArmResponse a;
  a.arm = arm;
  int brain = 0, brain_responders = 0;
  for (const PatientCall* p : patients) {
    a.complete += p->best == Response::complete, a.partial += p->best == Response::partial;
    a.stable += p->best == Response::stable || p->best == Response::non_cr_non_pd;
    a.progression += p->best == Response::progression,
        a.not_evaluable += p->best == Response::not_evaluable;
    brain += p->intracranial;
    brain_responders += p->intracranial && p->best_intracranial >= Response::partial;
  }
  const int n = static_cast<int>(patients.size());
  a.orr = response_rate(a.complete + a.partial, n, level);
  a.dcr = response_rate(a.complete + a.partial + a.stable, n, level);
  a.intracranial_orr = response_rate(brain_responders, brain, level);
  return a;
}

RateComparison against(const ResponseRate& a, const ResponseRate& reference, double level) {
  return compare_rates(a.responders, a.n, reference.responders, reference.n, level);
}

RateComparison of_the_reference(int n) {
  RateComparison out;
  for (Estimated* e : {&out.difference, &out.odds_ratio, &out.risk_ratio})
    e->status = Status::not_applicable, e->why = "The reference arm.", e->n = n;
  return out;
}

}  // namespace

ResponseEstimate assess(const LesionTable& table,
                        const RecistRules& rules,
                        double level,
                        const std::vector<std::string>& order) {
  ResponseEstimate out;
  std::map<std::string, std::vector<const PatientCall*>> arms;
  out.patients.reserve(table.patients.size());
  for (const LesionPatient& p : table.patients) {
    warn(p, out.problems);
    out.patients.push_back(assess(p, rules));
    arms[p.arm].push_back(&out.patients.back());
  }
  for (const std::string& arm : order)
    if (const auto at = arms.find(arm); at != arms.end()) {
      out.arms.push_back(counted(arm, at->second, level));
      arms.erase(at);
    }
  for (const auto& [arm, patients] : arms) out.arms.push_back(counted(arm, patients, level));
  for (ArmResponse& a : out.arms) {
    const ArmResponse& first = out.arms.front();
    const bool reference = &a == &first;
    a.reference = reference ? "" : first.arm;
    a.orr_against = reference ? of_the_reference(a.orr.n) : against(a.orr, first.orr, level);
    a.dcr_against = reference ? of_the_reference(a.dcr.n) : against(a.dcr, first.dcr, level);
  }
  out.methods.push_back(fmt::format(
      "RECIST 1.1: sum of longest diameters (short axis of nodes), too small to measure = {} mm, "
      "SD from day {} on, CR and PR {}; NE counts as no response.",
      exact(rules.too_small_mm),
      exact(rules.stable_at_least_days),
      rules.confirmation ? fmt::format("confirmed after {} days", exact(rules.confirm_after_days))
                         : "need not be confirmed"));
  out.citations.emplace_back("Eisenhauer et al. 2009, doi:10.1016/j.ejca.2008.10.026");
  return out;
}

Table progression_table(const ResponseEstimate& e) {
  Table out;
  out.time_unit = "days";
  for (const PatientCall& p : e.patients) {
    if (p.visits.empty()) continue;
    const bool seen = !std::isnan(p.progression_day);
    Row row;
    row.patient = p.patient, row.arm = p.arm;
    row.time_low = row.time_high = seen ? p.progression_day : p.last_without_day;
    row.ending = seen ? Ending::event : Ending::censored;
    if (!(row.time_low > 0.0)) row.time_low = row.time_high = 1e-3;  // seen at baseline only
    out.rows.push_back(std::move(row));
  }
  for (const ArmResponse& a : e.arms) out.arms.push_back(a.arm);
  return out;
}

}  // namespace kinescape::clinical
