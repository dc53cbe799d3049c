// SPDX-License-Identifier: Apache-2.0
// RECIST 1.1: targets, non-targets, new lesions; overall response of a visit; best response.
#include "clinical/recist.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/number.hpp"
#include "base/text.hpp"

namespace kinescape::clinical {

std::string_view name(Response r) {
  switch (r) {
    case Response::not_evaluable:
      return "NE";
    case Response::progression:
      return "PD";
    case Response::stable:
      return "SD";
    case Response::non_cr_non_pd:
      return "Non-CR/Non-PD";
    case Response::partial:
      return "PR";
    case Response::complete:
      return "CR";
  }
  return "";
}

namespace {

bool in_brain(const LesionReading& x) {
  const std::string organ = lower(x.organ);
  return organ.find("brain") != std::string::npos || organ.find("intracran") != std::string::npos ||
         organ == "cns";
}

/// What the sum is made of at one visit.
struct Targets {
  double sum = 0.0;
  bool complete = true;  // every baseline target was assessed
  bool all_gone = true;  // nodes below 10 mm count as gone
  int counted = 0;
};

struct State {
  double baseline = unknown, nadir = std::numeric_limits<double>::infinity();
  std::vector<const LesionReading*> targets, others;  // of the baseline
};

const LesionReading* find(const Assessment& visit, const std::string& lesion) {
  for (const LesionReading& x : visit.readings)
    if (x.lesion == lesion) return &x;
  return nullptr;
}

Targets measure(const Assessment& visit, const State& state, const RecistRules& rules) {
  Targets out;
  for (const LesionReading* base : state.targets) {
    const LesionReading* now = find(visit, base->lesion);
    if (now == nullptr || now->state == LesionState::not_assessed ||
        now->state == LesionState::present) {
      out.complete = false;
      continue;
    }
    ++out.counted;
    const double size = now->state == LesionState::absent      ? 0.0
                        : now->state == LesionState::too_small ? rules.too_small_mm
                                                               : now->diameter_mm;
    out.sum += std::isnan(size) ? 0.0 : size;
    out.all_gone = out.all_gone && (size == 0.0 || (base->node && size < 10.0));
  }
  return out;
}

void call_targets(const Targets& t, const State& state, VisitCall& v) {
  if (state.targets.empty()) {
    v.target = Response::not_evaluable;
    v.why = "no target lesion";
    return;
  }
  v.sum_mm = t.sum;
  v.nadir_mm = state.nadir;
  v.change_from_nadir_percent = 100.0 * (t.sum - state.nadir) / state.nadir;
  v.change_from_baseline_percent = 100.0 * (t.sum - state.baseline) / state.baseline;
  const bool rises = t.sum - state.nadir >= 5.0 - 1e-9 && t.sum >= 1.2 * state.nadir - 1e-9;
  if (rises) {
    v.target = Response::progression;
    v.why = fmt::format("sum {} mm is {} % and {} mm above the nadir of {} mm{}",
                        rounded(t.sum, 4),
                        state.nadir > 0.0 ? rounded(v.change_from_nadir_percent) : "-",
                        rounded(t.sum - state.nadir, 3),
                        rounded(state.nadir, 4),
                        t.complete ? "" : ", though a target was not assessed");
  } else if (!t.complete) {
    v.target = Response::not_evaluable;
    v.why = fmt::format("{} of {} targets assessed", t.counted, state.targets.size());
    v.sum_mm = v.change_from_baseline_percent = v.change_from_nadir_percent = unknown;
  } else if (t.all_gone) {
    v.target = Response::complete;
    v.why = "all targets gone (nodes below 10 mm)";
  } else if (t.sum <= 0.7 * state.baseline + 1e-9) {
    v.target = Response::partial;
    v.why = fmt::format("sum {} mm is {} % below the baseline of {} mm",
                        rounded(t.sum, 4),
                        rounded(-v.change_from_baseline_percent),
                        rounded(state.baseline, 4));
  } else {
    v.target = Response::stable;
    v.why = fmt::format("sum {} mm: {} % from baseline, {} % from nadir",
                        rounded(t.sum, 4),
                        rounded(v.change_from_baseline_percent),
                        rounded(v.change_from_nadir_percent));
  }
}

void call_others(const Assessment& visit, const State& state, VisitCall& v) {
  bool worse = false, missing = false, gone = true;
  for (const LesionReading* base : state.others) {
    const LesionReading* now = find(visit, base->lesion);
    if (now == nullptr || now->state == LesionState::not_assessed) {
      missing = true;
      continue;
    }
    worse = worse || now->state == LesionState::worse;
    gone = gone && (now->state == LesionState::absent ||
                    (base->node && now->state == LesionState::measured && now->diameter_mm < 10.0));
  }
  v.non_target = state.others.empty() ? Response::complete
                 : worse              ? Response::progression
                 : missing            ? Response::not_evaluable
                 : gone               ? Response::complete
                                      : Response::non_cr_non_pd;
  if (worse) v.why += "; a non-target lesion progressed unequivocally";
  if (missing && !worse) v.why += "; a non-target lesion was not assessed";
  for (const LesionReading& x : visit.readings)
    if (x.kind == LesionKind::fresh && x.state != LesionState::absent &&
        x.state != LesionState::not_assessed) {
      v.new_lesion = true;
      v.why += fmt::format("; new lesion \"{}\"", x.lesion);
    }
}

/// Tables 1 and 2 of the paper.
Response overall(const VisitCall& v, const State& state) {
  if (v.new_lesion || v.target == Response::progression || v.non_target == Response::progression)
    return Response::progression;
  if (state.targets.empty())
    return v.non_target == Response::complete && !state.others.empty() ? Response::complete
                                                                       : v.non_target;
  if (v.target == Response::not_evaluable) return Response::not_evaluable;
  if (v.target == Response::complete)
    return v.non_target == Response::complete ? Response::complete : Response::partial;
  return v.target;
}

State baseline_of(const LesionPatient& p, bool brain_only) {
  State state;
  if (p.visits.empty()) return state;
  double sum = 0.0;
  for (const LesionReading& x : p.visits.front().readings) {
    if (brain_only && !in_brain(x)) continue;
    if (x.kind == LesionKind::target && x.state == LesionState::measured) {
      state.targets.push_back(&x);
      sum += x.diameter_mm;
    } else if (x.kind == LesionKind::non_target) {
      state.others.push_back(&x);
    }
  }
  if (!state.targets.empty()) state.baseline = state.nadir = sum;
  return state;
}

std::vector<VisitCall> calls(const LesionPatient& p, const RecistRules& rules, bool brain_only) {
  State state = baseline_of(p, brain_only);
  std::vector<VisitCall> out;
  for (std::size_t i = 1; i < p.visits.size(); ++i) {
    Assessment visit = p.visits[i];
    if (brain_only)
      std::erase_if(visit.readings, [](const LesionReading& x) { return !in_brain(x); });
    VisitCall v;
    v.day = visit.day;
    const Targets t = measure(visit, state, rules);
    call_targets(t, state, v);
    call_others(visit, state, v);
    v.overall = overall(v, state);
    if (t.complete && !state.targets.empty()) state.nadir = std::min(state.nadir, t.sum);
    out.push_back(std::move(v));
  }
  return out;
}

/// The best call up to progression; confirmed ones only if the rules ask for it.
Response best_of(const std::vector<VisitCall>& visits,
                 double baseline_day,
                 const RecistRules& rules,
                 bool& confirmed,
                 std::string& why) {
  Response best = Response::not_evaluable;
  confirmed = false;
  const auto better = [&](Response r, const std::string& reason) {
    if (r > best) best = r, why = reason;
  };
  for (std::size_t i = 0; i < visits.size(); ++i) {
    const VisitCall& v = visits[i];
    const bool early = v.day - baseline_day < rules.stable_at_least_days;
    if (v.overall == Response::progression) {
      better(Response::progression, fmt::format("progression on day {}", exact(v.day)));
      break;
    }
    if (v.overall == Response::stable || v.overall == Response::non_cr_non_pd)
      if (!early)
        better(v.overall,
               fmt::format("stable on day {}, at least {} days after baseline",
                           exact(v.day),
                           exact(rules.stable_at_least_days)));
    if (v.overall < Response::partial) continue;
    bool again = false;
    for (std::size_t j = i + 1; j < visits.size() && visits[j].overall != Response::progression;
         ++j) {
      if (visits[j].overall >= v.overall && visits[j].day - v.day >= rules.confirm_after_days)
        again = true;
      if (visits[j].overall == Response::stable) break;  // a fall back to SD ends the run
    }
    if (again || !rules.confirmation) {
      if (v.overall > best) confirmed = again;
      better(v.overall,
             fmt::format("{} on day {}{}",
                         name(v.overall),
                         exact(v.day),
                         again ? ", confirmed" : ", not confirmed"));
    } else if (!early) {
      better(Response::stable,
             fmt::format("{} on day {} was not confirmed after {} days: SD",
                         name(v.overall),
                         exact(v.day),
                         exact(rules.confirm_after_days)));
    }
  }
  return best;
}

}  // namespace

PatientCall assess(const LesionPatient& p, const RecistRules& rules) {
  PatientCall out;
  out.patient = p.patient, out.arm = p.arm;
  if (p.visits.empty()) return out;
  const double day0 = p.visits.front().day;
  const State base = baseline_of(p, false);
  out.baseline_sum_mm = base.baseline, out.targets = static_cast<int>(base.targets.size());
  out.visits = calls(p, rules, false);
  out.best = best_of(out.visits, day0, rules, out.confirmed, out.why);
  if (out.visits.empty()) out.why = "no visit after baseline";
  out.last_without_day = 0.0;
  for (const VisitCall& v : out.visits) {
    if (!std::isnan(v.change_from_baseline_percent))
      out.best_change_percent =
          std::isnan(out.best_change_percent)
              ? v.change_from_baseline_percent
              : std::min(out.best_change_percent, v.change_from_baseline_percent);
    if (v.overall == Response::progression) {
      out.progression_day = v.day - day0;
      break;
    }
    if (v.overall != Response::not_evaluable) out.last_without_day = v.day - day0;
  }
  const State brain = baseline_of(p, true);
  out.intracranial = !brain.targets.empty() || !brain.others.empty();
  if (out.intracranial) {
    bool ignored = false;
    std::string reason;
    out.best_intracranial = best_of(calls(p, rules, true), day0, rules, ignored, reason);
  }
  return out;
}

}  // namespace kinescape::clinical
