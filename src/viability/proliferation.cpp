// SPDX-License-Identifier: Apache-2.0
#include "viability/proliferation.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "base/number.hpp"
#include "dose_response/fit.hpp"
#include "dose_response/gr.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::viability {
namespace {

using plate::Role;
using plate::Well;

constexpr std::size_t least_times = 5;  // of a straight line with something left to judge it by
constexpr std::size_t least_doses = 4;  // of a curve

const std::string rate_method = "slope of log2 net signal over time, best straight end part";
const std::string ic50_method =
    "3-parameter log-logistic of each repeat's rates over its untreated rate";

bool untreated(const Well& w) {
  return w.role == Role::vehicle || (w.role == Role::sample && w.dose_nM == 0.0);
}

bool counts(const Well& w, const ProliferationOptions& o) {
  const bool late = w.time_h > 1.05 * o.last_time_h;  // false where no limit was told
  return w.reading == plate::Reading::measured && w.excluded.empty() && w.drug_b.empty() &&
         std::isfinite(w.signal) && w.time_h >= 0.0 && !late;
}

/// Sorted first, so that the order of rows never shows.
double mean_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  double sum = 0.0;
  for (const double v : values) sum += v;
  return values.empty() ? unknown : sum / static_cast<double>(values.size());
}

/// Signals of wells that should read the same, by time.
using Course = std::map<double, std::vector<double>>;

/// One line on one plate in one repeat.
struct Culture {
  std::string plate, line, repeat;
  auto operator<=>(const Culture&) const = default;
};

struct LineAndDrug {
  std::string line, drug;
  bool operator==(const LineAndDrug&) const = default;
};

/// The time courses of all plates, by what stood in the wells.
class Courses {
 public:
  Courses(const plate::PlateSet& set, const ProliferationOptions& options) {
    std::map<std::string, std::set<std::string>> lines;  // of the samples on a plate
    for (const Well& w : set.wells) {
      if (w.role == Role::sample) lines[w.plate].insert(w.line);
    }
    for (const Well& w : set.wells) {
      if (!counts(w, options)) continue;
      if (w.role == Role::blank) {
        blanks_[w.plate][w.time_h].push_back(w.signal);
      } else if (untreated(w)) {
        const auto& here = lines[w.plate];
        const bool only_one = w.line.empty() && here.size() == 1;
        const Culture of{w.plate, only_one ? *here.begin() : w.line, w.repeat};
        vehicles_[of][w.time_h].push_back(w.signal);
      } else if (w.role == Role::sample && w.dose_nM > 0.0) {
        const LineAndDrug curve{w.line, w.drug};
        if (std::find(curves.begin(), curves.end(), curve) == curves.end()) curves.push_back(curve);
        samples_[{w.line, w.drug}][w.dose_nM][{w.plate, w.line, w.repeat}][w.time_h].push_back(
            w.signal);
      }
    }
  }

  std::vector<LineAndDrug> curves;  ///< As first met.

  [[nodiscard]] const std::map<double, std::map<Culture, Course>>& doses_of(
      const LineAndDrug& c) const {
    return samples_.at({c.line, c.drug});
  }

  /// The untreated wells of these cultures.
  [[nodiscard]] std::map<Culture, Course> vehicles_of(const std::set<Culture>& cultures) const {
    std::map<Culture, Course> some;
    for (const Culture& c : cultures) {
      if (const auto at = vehicles_.find(c); at != vehicles_.end()) some.insert(*at);
    }
    return some;
  }

  [[nodiscard]] dose_response::DipRate rate(const std::string& plate, const Course& course) const {
    std::vector<double> time_h, net;
    for (const auto& [t, signals] : course) {
      time_h.push_back(t);
      net.push_back(mean_of(signals) - blank(plate, t));
    }
    return dose_response::dip_rate(time_h, net);
  }

 private:
  [[nodiscard]] double blank(const std::string& plate, double time_h) const {
    const auto of = blanks_.find(plate);
    if (of == blanks_.end() || of->second.empty()) return 0.0;
    const auto at = of->second.find(time_h);
    // Blanks that were read once only stand for all times.
    return mean_of(at != of->second.end() ? at->second : of->second.rbegin()->second);
  }

  std::map<std::string, Course> blanks_;
  std::map<Culture, Course> vehicles_;
  std::map<std::pair<std::string, std::string>, std::map<double, std::map<Culture, Course>>>
      samples_;
};

/// Rates of one treatment: by repeat, the mean over its plates.
struct Rates {
  std::map<std::string, double> of_repeat;
  double delay_h = unknown;
  dose_response::DipRate only;  ///< Of the only repeat, for the error of its line.
};

Rates rates_of(const Courses& courses, const std::map<Culture, Course>& cultures) {
  std::map<std::string, std::vector<double>> each;
  std::vector<double> delays;
  Rates out;
  for (const auto& [culture, course] : cultures) {
    if (course.size() < least_times) continue;
    const auto rate = courses.rate(culture.plate, course);
    if (rate.status != Status::ok) continue;
    each[culture.repeat].push_back(rate.doublings_per_h);
    delays.push_back(rate.delay_h);
    out.only = rate;
  }
  for (const auto& [repeat, some] : each) out.of_repeat[repeat] = mean_of(some);
  out.delay_h = mean_of(delays);
  return out;
}

/// Mean and Student's t interval.
Estimated over_repeats(const std::vector<double>& values, double level) {
  Estimated e;
  e.level = level;
  e.n = static_cast<int>(values.size());
  e.value = mean_of(values);
  if (values.size() < 2) return e;
  double squares = 0.0;
  for (const double v : values) squares += (v - e.value) * (v - e.value);
  const auto n = static_cast<double>(values.size());
  const double half =
      numeric::student_t_quantile(0.5 + 0.5 * level, n - 1.0) * std::sqrt(squares / (n - 1.0) / n);
  e.low = e.value - half;
  e.high = e.value + half;
  e.status = Status::ok;
  return e;
}

Estimated estimated(const Rates& rates, double level) {
  std::vector<double> values;
  for (const auto& [repeat, rate] : rates.of_repeat) values.push_back(rate);
  Estimated e = over_repeats(values, level);
  e.method = rate_method + ", Student t over repeats";
  if (values.empty()) {
    e.status = Status::too_few_data;
    e.why = "No straight part of at least 5 readings with a signal above the blank.";
  } else if (values.size() == 1) {
    const auto& line = rates.only;
    const double half = numeric::student_t_quantile(0.5 + 0.5 * level, line.points - 2.0) * line.se;
    e.low = e.value - half;
    e.high = e.value + half;
    e.method = rate_method + ", Student t of the line";
    e.status = Status::single_repeat;
    e.why = "One biological repeat: the interval holds the error of its straight line only.";
  }
  return e;
}

/// Each repeat's rates over its own untreated rate.
std::map<std::string, dose_response::Observations> relative_rates(
    const std::map<double, Rates>& by_dose) {
  std::map<std::string, dose_response::Observations> of;
  const auto& control = by_dose.begin()->second.of_repeat;
  for (const auto& [dose, rates] : by_dose) {
    for (const auto& [repeat, rate] : rates.of_repeat) {
      const auto at = control.find(repeat);
      if (dose <= 0.0 || at == control.end() || !(at->second > 0.0)) continue;
      of[repeat].dose_nM.push_back(dose);
      of[repeat].response.push_back(rate / at->second);
    }
  }
  return of;
}

double mean_at(const std::map<std::string, dose_response::Observations>& of, double dose_nM) {
  std::vector<double> values;
  for (const auto& [repeat, seen] : of) {
    for (std::size_t i = 0; i < seen.dose_nM.size(); ++i) {
      if (seen.dose_nM[i] == dose_nM) values.push_back(seen.response[i]);
    }
  }
  return mean_of(values);
}

Estimated without(Status status, const std::string& why, double level, int n) {
  Estimated e;
  e.level = level;
  e.n = n;
  e.status = status;
  e.method = ic50_method;
  e.why = why;
  return e;
}

Estimated bound(Relation relation, double dose_nM, double level, int n) {
  const bool above = relation == Relation::greater;
  Estimated e = without(above ? Status::above_highest_dose : Status::below_lowest_dose,
                        above ? "More than half of the untreated rate is left at the highest dose."
                              : "Less than half of the untreated rate is left at the lowest dose.",
                        level,
                        n);
  e.value = dose_nM;
  e.relation = relation;
  return e;
}

Estimated ic50_of(const std::map<double, Rates>& by_dose, double level) {
  using namespace dose_response;
  const auto of = relative_rates(by_dose);
  const int n = static_cast<int>(of.size());
  if (n == 0) {
    return without(Status::not_applicable, "No repeat has untreated cells that grow.", level, 0);
  }
  std::set<double> doses;
  for (const auto& [repeat, seen] : of) doses.insert(seen.dose_nM.begin(), seen.dose_nM.end());
  if (doses.size() < least_doses) {
    return without(Status::too_few_data, "Fewer than 4 doses with a rate.", level, n);
  }
  const double lowest = *doses.begin(), highest = *doses.rbegin();
  if (mean_at(of, highest) > 0.5) return bound(Relation::greater, highest, level, n);
  if (mean_at(of, lowest) < 0.5) return bound(Relation::less, lowest, level, n);
  FitOptions options;
  options.level = level;
  options.falling_only = true;
  const Scalar half = log10_dose_at(0.5);
  std::vector<double> positions;
  Interval single;
  for (const auto& [repeat, seen] : of) {
    const Fit fit = fit_curve(Shape::log_logistic3u, seen, options);
    if (!fit.usable()) continue;
    const double x = half.value(fit.curves);
    if (!(x >= std::log10(lowest)) || !(x <= std::log10(highest))) continue;
    positions.push_back(x);
    if (n == 1) single = profile_interval(fit, std::span(&seen, 1), half, options);
  }
  if (positions.size() < of.size()) {
    return without(Status::failed,
                   "A repeat has no dose at which half of its untreated rate is left.",
                   level,
                   n);
  }
  Estimated e = over_repeats(positions, level);
  e.method = ic50_method + ", Student t of log dose over repeats";
  if (n == 1) {
    e.low = single.low;
    e.high = single.high;
    e.method = ic50_method + ", profile likelihood";
    e.status = Status::single_repeat;
    e.why = "One biological repeat: the interval holds the scatter about its curve only.";
  }
  return mapped(e, [](double x) { return std::pow(10.0, x); });
}

std::string per_day(const Estimated& e) {
  return std::isnan(e.value) ? "not known" : rounded(24.0 * e.value, 2) + " doublings a day";
}

std::string says(const Proliferation& p) {
  const Estimated& last = p.highest_dose_doublings_per_h;
  const double highest_dose_nM = p.rates.back().dose_nM;
  const double x = p.ic50_nM.value;
  const std::string half =
      std::isnan(x)                             ? ""
      : p.ic50_nM.relation == Relation::greater ? "; half of it lies above " + rounded(x) + " nM"
      : p.ic50_nM.relation == Relation::less    ? "; half of it lies below " + rounded(x) + " nM"
                                                : "; half of it at " + rounded(x) + " nM";
  return p.drug + " on " + p.line + ": untreated cells grow at " +
         per_day(p.untreated_doublings_per_h) + ", at " + rounded(highest_dose_nM) + " nM " +
         (last.value < 0.0 ? "they die at " + per_day(mapped(last, [](double v) { return -v; }))
                           : "at " + per_day(last)) +
         half + ".";
}

Proliferation one(const Courses& courses, const LineAndDrug& curve, double level) {
  Proliferation out;
  out.line = curve.line;
  out.drug = curve.drug;
  std::set<Culture> cultures;
  std::map<double, Rates> by_dose;
  for (const auto& [dose, of] : courses.doses_of(curve)) {
    for (const auto& [culture, course] : of) cultures.insert(culture);
    by_dose[dose] = rates_of(courses, of);
  }
  by_dose[0.0] = rates_of(courses, courses.vehicles_of(cultures));
  bool any = false;
  for (const auto& [dose, rates] : by_dose) {
    out.rates.push_back({dose, estimated(rates, level), rates.delay_h});
    any = any || !rates.of_repeat.empty();
  }
  if (!any) return {};
  out.untreated_doublings_per_h = out.rates.front().doublings_per_h;
  out.highest_dose_doublings_per_h = out.rates.back().doublings_per_h;
  out.ic50_nM = ic50_of(by_dose, level);
  out.says = says(out);
  return out;
}

}  // namespace

std::vector<Proliferation> proliferation(const plate::PlateSet& plates,
                                         const ProliferationOptions& options) {
  if (plates.scale != plate::Scale::signal) return {};
  const Courses courses(plates, options);
  std::vector<Proliferation> out;
  for (const LineAndDrug& curve : courses.curves) {
    Proliferation p = one(courses, curve, options.level);
    if (!p.rates.empty()) out.push_back(std::move(p));
  }
  return out;
}

}  // namespace kinescape::viability
