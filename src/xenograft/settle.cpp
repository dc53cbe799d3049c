// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "base/csv.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "xenograft/read_internal.hpp"

namespace kinescape::xenograft {
namespace {

bool has(const std::string& text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view w) {
    return text.find(w) != std::string::npos;
  });
}

void order_visits(Animal& a, Problems& problems) {
  bool told = false;
  for (std::size_t i = 1; i < a.visits.size() && !told; ++i) {
    const Visit &before = a.visits[i - 1], &now = a.visits[i];
    if (now.day >= before.day || now.where.file != before.where.file) continue;
    told = true;
    problems.push_back(
        {now.where,
         fmt::format("the days of mouse \"{}\" are out of order: day {} after day {}",
                     printable(a.id),
                     exact(now.day),
                     exact(before.day)),
         "Mend the day, or sort the rows if the days are right.",
         Severity::error});
  }
  std::stable_sort(a.visits.begin(), a.visits.end(), [](const Visit& x, const Visit& y) {
    return x.day < y.day;
  });
  for (std::size_t i = 1; i < a.visits.size(); ++i) {
    if (a.visits[i].day != a.visits[i - 1].day) continue;
    problems.push_back({a.visits[i].where,
                        fmt::format("mouse \"{}\" is measured twice on day {}: also at line {}",
                                    printable(a.id),
                                    exact(a.visits[i].day),
                                    a.visits[i - 1].where.line),
                        "Keep one measurement a day; average repeated ones before.",
                        Severity::error});
  }
}

void palpable_limit(const ReadOptions& options, Experiment& e) {
  e.palpable_limit_mm3 = options.palpable_limit_mm3;
  bool any = false;
  double smallest = std::numeric_limits<double>::infinity();
  for (const Animal& a : e.animals)
    for (const Visit& v : a.visits) {
      any |= v.below_limit && std::isnan(v.volume_mm3);
      if (!v.below_limit && v.volume_mm3 > 0.0) smallest = std::min(smallest, v.volume_mm3);
    }
  if (!any || !std::isfinite(smallest)) return;
  if (std::isnan(e.palpable_limit_mm3)) {
    e.palpable_limit_mm3 = smallest;
    e.limit_assumed = true;
  }
  for (Animal& a : e.animals)
    for (Visit& v : a.visits)
      if (v.below_limit && std::isnan(v.volume_mm3)) v.volume_mm3 = e.palpable_limit_mm3;
}

void name_arms(const ReadOptions& options, Experiment& e, Problems& problems) {
  std::set<std::string> names;
  for (const Animal& a : e.animals) {
    names.insert(a.arm);
    if (std::find(e.lines.begin(), e.lines.end(), a.line) == e.lines.end())
      e.lines.push_back(a.line);
  }
  std::string reference = options.reference;
  if (reference.empty()) {
    for (const std::string& n : names)
      if (reference.empty() &&
          (iequal(n, "control") || iequal(n, "vehicle") || iequal(n, "untreated") ||
           iequal(n, "ctrl") || iequal(n, "placebo")))
        reference = n;
  } else if (!names.contains(reference) && !names.empty()) {
    problems.push_back(
        {{e.animals.front().visits.empty() ? "" : e.animals.front().visits.front().where.file,
          0,
          0,
          "",
          ""},
         "no arm is called \"" + printable(reference) + "\"",
         "Name one of the arms of the table with --reference.",
         Severity::error});
  }
  if (names.contains(reference)) e.arms.push_back(reference);
  for (const std::string& n : names)
    if (n != reference) e.arms.push_back(n);
}

}  // namespace

std::string_view name(Removal removal) {
  switch (removal) {
    case Removal::none:
      return "none";
    case Removal::volume_limit:
      return "volume_limit";
    case Removal::humane:
      return "humane";
    case Removal::found_dead:
      return "found_dead";
    case Removal::unrelated:
      return "unrelated";
    case Removal::end_of_study:
      return "end_of_study";
  }
  return "";
}

Removal parse_removal(std::string_view text) {
  const std::string t = lower(text);
  if (has(t, {"volume", "size", "burden", "limit", "too large"})) return Removal::volume_limit;
  if (has(t, {"ulcer", "weight", "humane", "moribund", "condition", "sick", "welfare"}))
    return Removal::humane;
  if (has(t, {"dead", "death", "died"})) return Removal::found_dead;
  if (has(t, {"end", "scheduled", "complete", "terminat"})) return Removal::end_of_study;
  return Removal::unrelated;
}

void settle(const ReadOptions& options,
            const std::map<std::ptrdiff_t, double>& removed_day,
            Experiment& e,
            Problems& problems) {
  e.formula = options.formula;
  for (Animal& a : e.animals) order_visits(a, problems);
  for (const auto& [index, day] : removed_day) {
    const Animal& a = e.animals[static_cast<std::size_t>(index)];
    if (!a.visits.empty() && a.visits.back().day > day)
      problems.push_back(
          {a.visits.back().where,
           fmt::format("mouse \"{}\" is measured on day {}, after its removal on day {}",
                       printable(a.id),
                       exact(a.visits.back().day),
                       exact(day)),
           "Write the reason beside the last visit, or mend the day.",
           Severity::error});
  }
  palpable_limit(options, e);
  name_arms(options, e, problems);
}

std::string write_experiment(const Experiment& e) {
  std::ostringstream out;
  bool calipers = false, lines = false, weights = false;
  for (const Animal& a : e.animals) {
    lines |= !a.line.empty();
    for (const Visit& v : a.visits)
      calipers |= !std::isnan(v.length_mm), weights |= !std::isnan(v.weight_g);
  }
  std::vector<std::string> titles = {"animal", "arm", "day"};
  if (lines) titles.emplace_back("line");
  if (calipers) titles.insert(titles.end(), {"length_mm", "width_mm"});
  titles.emplace_back("volume_mm3");
  if (weights) titles.emplace_back("weight_g");
  titles.emplace_back("removed");
  write_csv_row(out, titles);
  for (const Animal& a : e.animals)
    for (std::size_t i = 0; i < a.visits.size(); ++i) {
      const Visit& v = a.visits[i];
      std::vector<std::string> cells = {a.id, a.arm, exact(v.day)};
      if (lines) cells.push_back(a.line);
      if (calipers) cells.insert(cells.end(), {exact(v.length_mm), exact(v.width_mm)});
      cells.push_back(v.below_limit ? (std::isnan(v.volume_mm3) ? "NP" : "<" + exact(v.volume_mm3))
                                    : exact(v.volume_mm3));
      if (weights) cells.push_back(exact(v.weight_g));
      cells.push_back(i + 1 == a.visits.size() ? a.removal_as_written : "");
      write_csv_row(out, cells);
    }
  return out.str();
}

}  // namespace kinescape::xenograft
