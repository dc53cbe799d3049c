// SPDX-License-Identifier: Apache-2.0
// What the plans of mice and of patients say, as JSON.
#include "report/chapter_internal.hpp"
#include "report/plan_internal.hpp"

namespace kinescape::report {
namespace {

Json power_json(double power, double low, double high) {
  return {{"power", number_or_null(power)},
          {"power_low", number_or_null(low)},
          {"power_high", number_or_null(high)}};
}

Json mice_json(const xenograft::PlanRow& r) {
  Json out{{"animals_per_arm", r.animals_per_arm}, {"implanted_per_arm", r.implanted_per_arm}};
  out.update(power_json(r.power, r.power_low, r.power_high));
  out.update({{"mouse_days", number_or_null(r.mouse_days)},
              {"measurements", number_or_null(r.measurements)},
              {"last_day", number_or_null(r.last_day)},
              {"removed_share", number_or_null(r.removed_share)}});
  return out;
}

}  // namespace

Json xenograft_plan_body(const xenograft::Plan& plan) {
  Json body{{"says", plan.says},
            {"says_of_protocols", plan.says_of_options},
            {"animals_per_arm", estimated(plan.animals_per_arm)},
            {"sizes", listed(plan.rows, mice_json)}};
  body["protocols"] = listed(plan.options, [](const xenograft::PlanOption& o) {
    return Json{{"every_days", o.every_days},
                {"until_day", o.until_day},
                {"volume_limit_mm3", o.volume_limit_mm3},
                {"stop_when_gone", number_or_null(o.stop_when_gone)},
                {"as_designed", o.as_designed},
                {"animals_per_arm", estimated(o.animals_per_arm)},
                {"at", mice_json(o.at)}};
  });
  return body;
}

Json clinical_plan_body(const clinical::Plan& plan) {
  Json body{{"says", plan.says},
            {"hazard_ratio", number_or_null(1.0 / plan.hazard_ratio)},
            {"schoenfeld_events", number_or_null(plan.schoenfeld_events)},
            {"patients_per_arm", estimated(plan.patients_per_arm)}};
  body["looks"] = listed(plan.looks, [](const clinical::Look& l) {
    return Json{{"information", l.information}, {"z_limit", l.z_limit}, {"p_limit", l.p_limit}};
  });
  body["sizes"] = listed(plan.rows, [](const clinical::PlanRow& r) {
    Json out{{"patients_per_arm", r.patients_per_arm}, {"events", number_or_null(r.events)}};
    out.update(power_json(r.power, r.power_low, r.power_high));
    out.update({{"stopped_by", r.stopped_by},
                {"expected_events", number_or_null(r.expected_events)},
                {"expected_months", number_or_null(r.expected_months)},
                {"planned_months", number_or_null(r.planned_months)}});
    return out;
  });
  return body;
}

std::string xenograft_plan_json(const PlanOf<xenograft::Plan>& asked,
                                const Provenance& provenance,
                                const Problems& problems) {
  return room_json("xenograft-plan", xenograft_plan_body(asked.plan), provenance, problems);
}

std::string clinical_plan_json(const PlanOf<clinical::Plan>& asked,
                               const Provenance& provenance,
                               const Problems& problems) {
  return room_json("clinical-plan", clinical_plan_body(asked.plan), provenance, problems);
}

}  // namespace kinescape::report
