// SPDX-License-Identifier: Apache-2.0
// Time courses: folds against time 0, when half is left, and when half is back.
#include <algorithm>
#include <cmath>

#include "immunoblot/series_internal.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::immunoblot {
namespace {

/// A log fold against time 0 and where its variance comes from.
struct Knot {
  double time_h;
  const Group* group;  ///< Null: time 0 itself.
};

/// The log fold on straight lines between the knots.
class FoldLine {
 public:
  FoldLine(const Joint& joint, const Group& start, std::vector<Knot> knots)
      : joint_(joint), start_(start.index), knots_(std::move(knots)) {}
  [[nodiscard]] double last() const { return knots_.back().time_h; }

  struct Place {
    double value, se;
  };
  [[nodiscard]] Place at(double time_h) const {
    std::size_t i = 1;
    while (i + 1 < knots_.size() && time_h > knots_[i].time_h) ++i;
    const Knot &a = knots_[i - 1], &b = knots_[i];
    const double share = (time_h - a.time_h) / (b.time_h - a.time_h);
    const double va = covariance(a, a), vb = covariance(b, b), ab = covariance(a, b);
    const double variance =
        (1.0 - share) * (1.0 - share) * va + share * share * vb + 2.0 * share * (1.0 - share) * ab;
    return {(1.0 - share) * value(a) + share * value(b), std::sqrt(std::max(variance, 0.0))};
  }
  /// The first time from `from` at which the value passes `level` downwards or upwards.
  [[nodiscard]] double crossing(double level, double from, bool down) const {
    for (std::size_t i = 1; i < knots_.size(); ++i) {
      const double t0 = std::max(knots_[i - 1].time_h, from), t1 = knots_[i].time_h;
      if (t1 <= from) continue;
      const double y0 = at(t0).value, y1 = value(knots_[i]);
      if (down ? y0 > level && y1 <= level : y0 < level && y1 >= level)
        return t0 + (t1 - t0) * (level - y0) / (y1 - y0);
    }
    return unknown;
  }
  /// The knot with the smallest value.
  [[nodiscard]] double lowest() const {
    const auto least =
        std::ranges::min_element(knots_, {}, [&](const Knot& k) { return value(k); });
    return least->time_h;
  }

 private:
  [[nodiscard]] double value(const Knot& k) const {
    return k.group == nullptr ? 0.0 : joint_.mean[k.group->index] - joint_.mean[start_];
  }
  [[nodiscard]] double covariance(const Knot& a, const Knot& b) const {
    if (a.group == nullptr || b.group == nullptr) return 0.0;
    const std::size_t k = joint_.mean.size(), i = a.group->index, j = b.group->index;
    const auto& c = joint_.covariance;
    return c[i * k + j] - c[i * k + start_] - c[start_ * k + j] + c[start_ * k + start_];
  }
  const Joint& joint_;
  std::size_t start_;
  std::vector<Knot> knots_;
};

constexpr int grid = 4000;  ///< Steps over the course in which the ends of an interval are sought.

/// The time of a crossing: the interval is where the level lies within that of the line.
Estimated crossing_of(const FoldLine& line, double from, bool down, double df, double level) {
  Estimated e;
  e.level = level;
  e.method = "straight lines between log folds, times at which half lies within their interval";
  const double half = std::log(0.5), t = numeric::student_t_quantile(0.5 + 0.5 * level, df);
  const auto time_of = [&](int i) { return from + (line.last() - from) * i / grid; };
  const auto possible = [&](double time_h) {
    const FoldLine::Place p = line.at(time_h);
    return std::abs(p.value - half) <= t * p.se;
  };
  e.value = line.crossing(half, from, down);
  if (std::isnan(e.value)) {
    int first = 0;
    while (first <= grid && !possible(time_of(first))) ++first;
    e.relation = Relation::greater;
    e.value = e.low = time_of(std::min(first, grid));
    e.status = Status::not_reached;
    e.why = down ? "half of the signal is never gone: from here on it may be"
                 : "half of the signal is not back: from here on it may be";
    return e;
  }
  const int at = static_cast<int>((e.value - from) / (line.last() - from) * grid);
  int low = at, high = at + 1;
  while (low > 0 && possible(time_of(low))) --low;
  while (high < grid && possible(time_of(high))) ++high;
  e.low = time_of(low);
  const bool open = high >= grid && possible(line.last());
  if (!open) e.high = time_of(high);
  e.status = open ? Status::interval_open_high : Status::ok;
  if (open) e.why = "the course ends before the interval does";
  return e;
}

Estimated none(Status status, const char* why, double level) {
  Estimated e;
  e.status = status, e.why = why, e.level = level;
  return e;
}

void add_times(TimeCourse& course, const Experiment& x, const Group& start, double level) {
  std::vector<Knot> knots{{0.0, nullptr}};
  for (const auto& [treatment, group] : x.groups) {
    const auto& [line, drug, dose, time] = treatment;
    const bool mine = line == course.line && drug == course.drug && dose == course.dose_nM;
    if (mine && time > 0.0 && group.any_exact) knots.push_back({time, &group});
  }
  if (knots.size() < 3 || !x.joint.usable || !start.any_exact) {
    const char* why = knots.size() < 3
                          ? "a course needs two later times whose signal is a number"
                          : "time 0 is a bound itself, or stands on no shared membrane";
    course.half_life_h = course.return_h = none(Status::too_few_data, why, level);
    return;
  }
  const double df = x.joint.measurement_only ? 1e6 : x.joint.df;
  const FoldLine line(x.joint, start, std::move(knots));
  course.half_life_h = crossing_of(line, 0.0, true, df, level);
  course.half_life_h.n = course.return_h.n = int(start.samples.size());
  if (!course.half_life_h.exact()) {
    course.return_h =
        none(Status::not_applicable, "half of the signal is never gone, and cannot be back", level);
    return;
  }
  const double lowest = line.lowest();
  if (lowest >= line.last()) {
    course.return_h = none(Status::not_reached, "the signal is lowest at the last time", level);
    return;
  }
  course.return_h = crossing_of(line, lowest, false, df, level);
  course.return_h.n = course.half_life_h.n;
}

}  // namespace

const Group* start_of(const Experiment& experiment, const Treatment& treatment) {
  const auto& [line, drug, dose, time] = treatment;
  for (const Treatment& t : {Treatment{line, drug, dose, 0.0},
                             Treatment{line, "", 0.0, 0.0},
                             Treatment{line, "", 0.0, -1.0}}) {
    const auto at = experiment.groups.find(t);
    if (at != experiment.groups.end()) return &at->second;
  }
  return nullptr;
}

void add_courses(const Experiment& experiment,
                 const std::string& target,
                 const std::string& reference,
                 const RatioOptions& options,
                 Estimate& estimate) {
  std::map<std::tuple<std::string, std::string, double>, TimeCourse> courses;
  for (const auto& [treatment, group] : experiment.groups) {
    const auto& [line, drug, dose, time] = treatment;
    const Group* start = start_of(experiment, treatment);
    if (time <= 0.0 || start == nullptr || start == &group) continue;
    TimeCourse& course = courses[{line, drug, dose}];
    course.line = line, course.drug = drug, course.dose_nM = dose;
    Fold f = fold_of(experiment, group, *start, options);
    course.points.push_back({time, std::move(f.fold), f.lanes});
  }
  for (auto& [key, course] : courses) {
    const auto& [line, drug, dose] = key;
    course.target = target, course.reference = reference;
    add_times(course, experiment, *start_of(experiment, {line, drug, dose, 1.0}), options.level);
    estimate.courses.push_back(std::move(course));
  }
  if (courses.empty()) return;
  const std::string said =
      "Time courses: folds against time 0; half-lives and returns on straight lines between log "
      "folds, their intervals the times at which half lies within the interval of the line.";
  if (std::ranges::find(estimate.methods, said) == estimate.methods.end())
    estimate.methods.push_back(said);
}

}  // namespace kinescape::immunoblot
