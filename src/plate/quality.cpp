// SPDX-License-Identifier: Apache-2.0
#include "plate/quality.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "plate/quality_internal.hpp"

namespace kinescape::plate {

namespace {

/// The read that is judged: the last time of the wells under treatment, the first channel there.
std::vector<const Well*> judged_read(const std::vector<const Well*>& wells) {
  double last = -1.0;
  for (const Well* w : wells) {
    if (w->role != Role::day0 && w->time_h > last) last = w->time_h;
  }
  const auto of_time = [&](const Well& w) {
    return w.role == Role::day0 || std::isnan(w.time_h) || w.time_h == last;
  };
  const std::string* channel = nullptr;
  std::vector<const Well*> kept;
  for (const Well* w : wells) {
    if (w->role == Role::unused || !of_time(*w)) continue;
    if (channel == nullptr) channel = &w->channel;
    if (w->channel == *channel) kept.push_back(w);
  }
  return kept;
}

auto treatment_key(const Well& w) {
  return std::tie(w.role, w.line, w.drug, w.dose_nM, w.drug_b, w.dose_b_nM, w.repeat);
}

std::vector<Treatment> by_treatment(const std::vector<const Well*>& wells) {
  std::vector<const Well*> sorted;
  for (const Well* w : wells) {
    if (counts(*w)) sorted.push_back(w);
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const Well* a, const Well* b) {
    return treatment_key(*a) < treatment_key(*b);
  });
  std::vector<Treatment> treatments;
  for (const Well* w : sorted) {
    const bool same =
        !treatments.empty() && treatment_key(*treatments.back().wells.front()) == treatment_key(*w);
    if (!same) treatments.emplace_back();
    treatments.back().wells.push_back(w);
  }
  return treatments;
}

void count_wells(const PlateView& view, Quality& q) {
  for (const Well* w : view.wells) {
    q.saturated += w->reading == Reading::saturated;
    q.masked += w->reading == Reading::masked;
    q.missing += w->reading == Reading::missing;
    if (!counts(*w)) continue;
    q.vehicle_n += w->role == Role::vehicle;
    q.blank_n += w->role == Role::blank;
    q.positive_n += w->role == Role::positive;
    q.sample_n += w->role == Role::sample;
  }
}

}  // namespace

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::caution:
      return "caution";
    case Verdict::fail:
      return "fail";
    case Verdict::not_assessed:
      return "not_assessed";
  }
  return "not_assessed";
}

bool counts(const Well& well) {
  return well.reading == Reading::measured && well.excluded.empty() && std::isfinite(well.signal);
}

PlateView view_of(const PlateInfo& info, const std::vector<const Well*>& wells) {
  PlateView view;
  view.info = &info;
  view.wells = judged_read(wells);
  view.treatments = by_treatment(view.wells);
  view.placed =
      !view.wells.empty() &&
      std::all_of(view.wells.begin(), view.wells.end(), [](const Well* w) { return w->placed; });
  const std::vector<double> blanks = signals(view, Role::blank);
  if (!blanks.empty()) view.blank_level = median_of(blanks);
  for (Treatment& t : view.treatments) {
    double sum = 0.0;
    for (const Well* w : t.wells) sum += w->signal;
    t.mean = sum / static_cast<double>(t.wells.size());
    t.net = std::max(0.0, t.mean - view.blank_level);
  }
  return view;
}

std::vector<Quality> assess(const PlateSet& plates) {
  std::map<std::string_view, std::vector<const Well*>> wells_of;
  for (const Well& w : plates.wells) wells_of[w.plate].push_back(&w);
  std::vector<PlateView> views;
  std::vector<Quality> all;
  for (const PlateInfo& info : plates.plates) {
    views.push_back(view_of(info, wells_of[info.name]));
    Quality& q = all.emplace_back();
    q.plate = info.name;
    q.format = info.format;
    count_wells(views.back(), q);
    judge_controls(views.back(), q);
    q.replicate_correlation = replicate_correlation(views.back());
    judge_places(views.back(), q);
  }
  judge_verdicts(views, plates.scale, all);
  return all;
}

}  // namespace kinescape::plate
