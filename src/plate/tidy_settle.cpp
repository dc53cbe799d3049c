// SPDX-License-Identifier: Apache-2.0
// What a well is, from what a row says of it: sample, vehicle or another control.
#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "plate/cells_internal.hpp"
#include "plate/problem_internal.hpp"
#include "plate/tidy_internal.hpp"

namespace kinescape::plate {
namespace {

void clear_drugs(Well& well) {
  well.drug.clear();
  well.drug_b.clear();
  well.dose_nM = 0.0;
  well.dose_b_nM = 0.0;
}

/// The second drug moves to the front when the first is a control or not there.
void order_drugs(Plan& plan) {
  Well& w = plan.well;
  const auto control_b = control_in(w.drug_b);
  if (control_b || says_nothing(w.drug_b)) {
    if (control_b && !plan.role_given && w.drug.empty()) {
      w.role = *control_b;
      plan.role_given = true;
    }
    w.drug_b.clear();
  }
  if (w.drug_b.empty() && w.dose_b_nM == 0.0) plan.dose_b_given = false;
  const bool front_free = w.drug.empty() && w.dose_nM == 0.0;
  if (!front_free || w.drug_b.empty()) return;
  std::swap(w.drug, w.drug_b);
  std::swap(w.dose_nM, w.dose_b_nM);
  plan.dose_given = plan.dose_b_given;
  plan.dose_b_given = false;
}

/// "DMSO" or "media" in the drug column is a role.
void role_from_drug(Plan& plan) {
  Well& w = plan.well;
  if (says_nothing(w.drug)) w.drug.clear();
  const auto control = control_in(w.drug);
  if (!control) return;
  const bool other_drug = !w.drug_b.empty() && !control_in(w.drug_b) && w.dose_b_nM > 0.0;
  w.drug.clear();
  if (plan.role_given || other_drug) return;
  w.role = *control;
  plan.role_given = true;
}

void check_control(Plan& plan, const Where& where, Problems& problems) {
  Well& w = plan.well;
  const bool dosed = w.dose_nM > 0.0 || w.dose_b_nM > 0.0;
  if (w.role == Role::positive || w.role == Role::unused) return;
  if (dosed) {
    problems.push_back(error(where,
                             "a " + std::string(name(w.role)) + " well has a dose of " +
                                 rounded(std::max(w.dose_nM, w.dose_b_nM)) + " nM",
                             "Set the dose to 0, or the role to sample (or positive)."));
  }
  clear_drugs(w);
}

void check_sample(Plan& plan,
                  const Where& where,
                  const std::string& name_drug,
                  Problems& problems) {
  Well& w = plan.well;
  if (w.drug.empty() && w.dose_nM > 0.0) w.drug = name_drug;
  if (w.drug.empty() && w.drug_b.empty()) {
    if (w.dose_nM > 0.0) {
      problems.push_back(error(where,
                               "the well has a dose but no drug",
                               "Name the drug, or set the dose to 0 for a vehicle well."));
    } else if (plan.dose_given && !plan.role_given) {
      w.role = Role::vehicle;
    }
    return;
  }
  const bool missing = !w.drug.empty() && !plan.dose_given;
  const bool missing_b = !w.drug_b.empty() && !plan.dose_b_given;
  if (missing || missing_b) {
    problems.push_back(error(where,
                             "drug " + in_quotes(missing ? w.drug : w.drug_b) + " has no dose",
                             "Give its dose; 0 for a vehicle well."));
    return;
  }
  if (w.dose_nM == 0.0 && w.dose_b_nM == 0.0) {
    w.role = Role::vehicle;
    clear_drugs(w);
  }
}

}  // namespace

bool says_nothing(std::string_view text) {
  const std::string spelled = compact(text);
  return spelled.empty() || spelled == "none" || spelled == "na" || spelled == "nan" ||
         spelled == "null";
}

std::optional<Role> control_in(std::string_view text) {
  const auto role = parse_role(text);
  if (!role || *role == Role::sample) return std::nullopt;
  return role;
}

void settle_plan(Plan& plan, const Where& where, const std::string& name_drug, Problems& problems) {
  if (plan.dose_faulty) return;  // said already; nothing more follows from a dose that is not known
  role_from_drug(plan);
  order_drugs(plan);
  if (plan.well.role == Role::sample) {
    check_sample(plan, where, name_drug, problems);
  } else {
    check_control(plan, where, problems);
  }
}

}  // namespace kinescape::plate
