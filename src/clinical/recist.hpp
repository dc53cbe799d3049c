// SPDX-License-Identifier: Apache-2.0
/// \file Did the tumours shrink, by the rules? RECIST 1.1 (Eisenhauer et al. 2009,
/// doi:10.1016/j.ejca.2008.10.026) from a table of lesions, with the reason for every call.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/estimated.hpp"
#include "base/problem.hpp"
#include "base/table.hpp"
#include "clinical/response.hpp"
#include "clinical/table.hpp"

namespace kinescape::clinical {

enum class LesionKind { target, non_target, fresh };

/// What a cell said of a lesion at a visit.
enum class LesionState {
  measured,
  too_small,  ///< Seen, too small to measure: 5 mm by the rule.
  absent,     ///< Gone.
  present,    ///< Of a non-target lesion: still there.
  worse,      ///< Of a non-target lesion: unequivocal progression.
  not_assessed,
};

struct LesionReading {
  std::string lesion, organ;
  LesionKind kind = LesionKind::target;
  bool node = false;  ///< Short axis counts; normal below 10 mm.
  LesionState state = LesionState::not_assessed;
  double diameter_mm = unknown;
  Where where;
};

struct Assessment {
  double day = unknown;
  std::vector<LesionReading> readings;
};

struct LesionPatient {
  std::string patient, arm;
  std::vector<Assessment> visits;  ///< Ascending days; the first is the baseline.
};

struct LesionTable {
  std::vector<LesionPatient> patients;
};

/// Whether the titles are those of a lesion table.
[[nodiscard]] bool has_lesion_columns(std::string_view bytes, const std::string& file);

/// Columns patient, day, lesion, organ, kind (target, non-target, new), diameter_mm or what people
/// write instead (TSTM, absent, present, PD); optionally arm, node. All problems at once.
[[nodiscard]] Checked<LesionTable> read_lesions(std::string_view bytes, const std::string& file);

enum class Response { not_evaluable, progression, stable, non_cr_non_pd, partial, complete };
[[nodiscard]] std::string_view name(Response response);  ///< NE, PD, SD, Non-CR/Non-PD, PR, CR

struct RecistRules {
  bool confirmation = false;  ///< CR and PR count when seen again this much later.
  double confirm_after_days = 28.0;
  double stable_at_least_days = 42.0;  ///< From baseline.
  double too_small_mm = 5.0;
};

struct VisitCall {
  double day = unknown;
  double sum_mm = unknown, nadir_mm = unknown;
  double change_from_baseline_percent = unknown, change_from_nadir_percent = unknown;
  Response target = Response::not_evaluable, non_target = Response::not_evaluable;
  bool new_lesion = false;
  Response overall = Response::not_evaluable;
  std::string why;  ///< The audit trail: which rule made the call, with its numbers.
};

struct PatientCall {
  std::string patient, arm;
  double baseline_sum_mm = unknown;
  int targets = 0;
  std::vector<VisitCall> visits;  ///< After baseline.
  Response best = Response::not_evaluable;
  bool confirmed = false;
  std::string why;
  double best_change_percent = unknown;
  double progression_day = unknown;   ///< Of the first visit that shows it.
  double last_without_day = unknown;  ///< Last evaluable visit before it.
  bool intracranial = false;          ///< A lesion in the brain at baseline.
  Response best_intracranial = Response::not_evaluable;
};

[[nodiscard]] PatientCall assess(const LesionPatient& patient, const RecistRules& rules = {});

struct ArmResponse {
  std::string arm;
  int complete = 0, partial = 0, stable = 0, progression = 0, not_evaluable = 0;
  ResponseRate orr, dcr;          ///< NE counts as no response.
  ResponseRate intracranial_orr;  ///< Of patients with brain lesions at baseline.
  /// Against the first arm; not_applicable for that itself.
  std::string reference;
  RateComparison orr_against, dcr_against;
};

struct ResponseEstimate {
  std::vector<PatientCall> patients;
  std::vector<ArmResponse> arms;
  std::vector<std::string> methods, citations;
  Problems problems;  ///< More than five targets, a target too small at baseline, ...
};
/// `order`: of arms, the reference first; those it does not name follow by name.
[[nodiscard]] ResponseEstimate assess(const LesionTable& table,
                                      const RecistRules& rules = {},
                                      double level = 0.95,
                                      const std::vector<std::string>& order = {});

/// Progression as follow-up: known to lie between the last visit without it and the first with.
[[nodiscard]] Table progression_table(const ResponseEstimate& estimate);

}  // namespace kinescape::clinical
