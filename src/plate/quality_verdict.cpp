// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "base/number.hpp"
#include "plate/quality_internal.hpp"

namespace kinescape::plate {

namespace {

// What is worth a word. The classes of Z' are those of Zhang 1999.
constexpr double excellent_z_prime = 0.5;
constexpr double place_p = 0.0025;     // one in a hundred honest plates over the four tests
constexpr double place_percent = 5.0;  // edge and drift
constexpr double line_percent = 3.0;   // SD over rows or columns
constexpr double high_cv_percent = 15.0;
constexpr double same_day_percent = 25.0;
constexpr double lost_share = 0.1;

/// Collects reasons with their weight; the verdict is the worst of them. not_assessed weighs least,
/// so that it also serves for mere notes.
class Judge {
 public:
  void say(Verdict weight, std::string sentence) {
    reasons_.emplace_back(weight, std::move(sentence));
  }

  void into(Quality& q) {
    std::stable_sort(reasons_.begin(), reasons_.end(), [](const auto& a, const auto& b) {
      return rank(a.first) < rank(b.first);
    });
    q.verdict = reasons_.empty() ? Verdict::not_assessed : reasons_.front().first;
    for (auto& [weight, sentence] : reasons_) q.reasons.push_back(std::move(sentence));
  }

 private:
  static int rank(Verdict v) {
    switch (v) {
      case Verdict::fail:
        return 0;
      case Verdict::caution:
        return 1;
      case Verdict::pass:
        return 2;
      case Verdict::not_assessed:
        return 3;
    }
    return 3;
  }
  std::vector<std::pair<Verdict, std::string>> reasons_;
};

std::string percent(double value) {
  return rounded(std::abs(value), 2) + " %";
}

std::string p_value(double p) {
  return p < 1e-4 ? "p < 0.0001" : "p = " + rounded(p, 2);
}

std::string count(int n, const std::string& one, const std::string& many) {
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

void judge_z_prime(const Quality& q, Judge& judge) {
  const double z = q.z_prime.value;
  const std::string found = "Z' is " + rounded(z, 2) + " (" + rounded(q.z_prime.low, 2) + " to " +
                            rounded(q.z_prime.high, 2) + ")";
  if (q.ssmd.value < 0.0) {
    judge.say(Verdict::fail,
              "The vehicle wells read lower than the " +
                  std::string(q.positive_n >= 2 ? "positive" : "blank") +
                  " wells: are the roles in the layout right?");
  } else if (z < 0.0 && q.z_prime_robust >= excellent_z_prime) {
    judge.say(Verdict::caution,
              found + ", but " + rounded(q.z_prime_robust, 2) +
                  " by medians: single control wells spoil it.");
  } else if (z < 0.0) {
    judge.say(Verdict::fail, found + ": the spreads of the controls overlap.");
  } else if (z < excellent_z_prime) {
    judge.say(Verdict::caution,
              found + ": the controls separate, but with less than the margin of 0.5.");
  } else {
    judge.say(Verdict::pass, found + ": the controls separate well.");
  }
}

/// \return whether there is something to judge the signal window by.
void judge_window(const PlateView& view, const Quality& q, Scale scale, Judge& judge) {
  if (scale != Scale::signal && q.vehicle_n == 0) {
    judge.say(Verdict::not_assessed,
              "The values are normalised already and come without control wells, so that the "
              "controls cannot be judged.");
    return;
  }
  const auto any = [&](Role role) {
    return std::any_of(
        view.wells.begin(), view.wells.end(), [&](const Well* w) { return w->role == role; });
  };
  if (q.vehicle_n == 0) {
    judge.say(Verdict::fail,
              any(Role::vehicle)
                  ? "No vehicle well has a usable value: there is nothing to relate "
                    "the treated wells to."
                  : "No vehicle wells: there is nothing to relate the treated wells to.");
    return;
  }
  if (q.blank_n == 0 && q.positive_n == 0) {
    if (scale == Scale::signal) {
      judge.say(
          Verdict::caution,
          "No blank and no positive wells: the signal of no cells is not known, and Z' cannot "
          "be computed.");
    }
  } else if (std::isnan(q.z_prime.value)) {
    judge.say(Verdict::caution,
              "Z' needs two wells of each control; there are " +
                  count(q.vehicle_n, "vehicle", "vehicle") + ", " +
                  count(q.positive_n, "positive", "positive") + " and " +
                  count(q.blank_n, "blank well.", "blank wells."));
  } else {
    judge_z_prime(q, judge);
  }
  if (q.vehicle_cv_percent > high_cv_percent) {
    judge.say(Verdict::caution,
              "The vehicle wells vary by " + percent(q.vehicle_cv_percent) +
                  " (CV); below 15 % is usual.");
  }
  for (const std::string& line : vehicle_lines(view)) {
    if (line.empty()) continue;
    if (const auto n = signals(view, Role::vehicle, &line).size(); n < 2) {
      judge.say(Verdict::caution,
                "Line " + line + " has " +
                    count(static_cast<int>(n), "usable vehicle well", "usable vehicle wells") +
                    ": the spread of its controls cannot be judged.");
    }
  }
}

/// Treated lines whose vehicle wells are those of other lines only.
void judge_lines(const PlateView& view, const Quality& q, Judge& judge) {
  if (q.vehicle_n == 0) return;
  const std::vector<std::string> with = vehicle_lines(view);
  if (with.front().empty()) return;
  std::map<std::string, int> treated;
  for (const Well* w : view.wells) {
    if (w->role == Role::sample && !w->line.empty()) ++treated[w->line];
  }
  for (const auto& [line, wells] : treated) {
    if (std::find(with.begin(), with.end(), line) != with.end()) continue;
    judge.say(Verdict::fail,
              "Line " + line + " has " + count(wells, "treated well", "treated wells") +
                  " here but no vehicle wells of its own.");
  }
}

void judge_effects(const Quality& q, Judge& judge) {
  const auto real = [](const SpatialEffect& e, double least) {
    return e.p < place_p && std::abs(e.percent) >= least;
  };
  if (real(q.edge, place_percent)) {
    judge.say(Verdict::caution,
              "The wells at the edge read " + percent(q.edge.percent) +
                  (q.edge.percent < 0.0 ? " lower" : " higher") + " than the others (" +
                  p_value(q.edge.p) + ").");
  }
  if (real(q.drift, place_percent)) {
    judge.say(Verdict::caution,
              "The signal " + std::string(q.drift.percent < 0.0 ? "falls" : "rises") + " by " +
                  percent(q.drift.percent) + " from the first to the last well read (" +
                  p_value(q.drift.p) + ").");
  }
  if (real(q.row, line_percent)) {
    judge.say(Verdict::caution,
              "Rows differ by an SD of " + percent(q.row.percent) + " (" + p_value(q.row.p) + ").");
  }
  if (real(q.column, line_percent)) {
    judge.say(Verdict::caution,
              "Columns differ by an SD of " + percent(q.column.percent) + " (" +
                  p_value(q.column.p) + ").");
  }
}

void judge_wells(const PlateView& view, const Quality& q, Judge& judge) {
  if (!q.outliers.empty()) {
    const FlaggedWell& worst = q.outliers.front();
    const std::string place = view.placed ? "Well " + name(worst.position) : "A well";
    judge.say(Verdict::caution,
              count(static_cast<int>(q.outliers.size()), "well does", "wells do") +
                  " not fit the others of the treatment (flagged, not dropped). " + place + ": " +
                  worst.what + ".");
  }
  if (q.saturated > 0) {
    const auto vehicles = std::count_if(view.wells.begin(), view.wells.end(), [](const Well* w) {
      return w->role == Role::vehicle && w->reading == Reading::saturated;
    });
    judge.say(Verdict::caution,
              count(q.saturated, "well is", "wells are") + " above what the reader can count" +
                  (vehicles > 0 ? ", " + std::to_string(vehicles) +
                                      " of them vehicle wells: the true vehicle signal is higher"
                                : "") +
                  ".");
  }
  const int lost = q.masked + q.missing;
  if (lost > 0) {
    const bool many = lost > lost_share * static_cast<double>(view.wells.size());
    judge.say(many ? Verdict::caution : Verdict::not_assessed,  // a note
              std::to_string(q.masked) + " masked and " + std::to_string(q.missing) + " empty of " +
                  count(static_cast<int>(view.wells.size()), "well.", "wells."));
  }
}

/// Mean vehicle signals less blank by (repeat, line), to hold the plates of a day against each
/// other.
struct VehicleLevel {
  std::size_t plate;
  double net;
};
using Day = std::pair<std::string, std::string>;

std::map<Day, std::vector<VehicleLevel>> vehicle_levels(const std::vector<PlateView>& views) {
  std::map<Day, std::vector<VehicleLevel>> levels;
  for (std::size_t i = 0; i < views.size(); ++i) {
    std::map<Day, std::vector<double>> of;
    for (const Well* w : views[i].wells) {
      if (w->role == Role::vehicle && counts(*w)) of[{w->repeat, w->line}].push_back(w->signal);
    }
    for (auto& [day, values] : of) {
      levels[day].push_back({i, median_of(std::move(values)) - views[i].blank_level});
    }
  }
  return levels;
}

void judge_days(const std::vector<PlateView>& views, std::vector<Judge>& judges) {
  for (const auto& [day, levels] : vehicle_levels(views)) {
    if (levels.size() < 2) continue;
    for (const VehicleLevel& own : levels) {
      std::vector<double> others;
      for (const VehicleLevel& other : levels) {
        if (other.plate != own.plate) others.push_back(other.net);
      }
      const double usual = median_of(std::move(others));
      if (!(usual > 0.0)) continue;
      const double change = 100.0 * (own.net / usual - 1.0);
      if (std::abs(change) < same_day_percent) continue;
      judges[own.plate].say(
          Verdict::caution,
          "The vehicle signal" + (day.second.empty() ? "" : " of " + day.second) + " is " +
              percent(change) + (change < 0.0 ? " lower" : " higher") + " than on the other plate" +
              (levels.size() > 2 ? "s" : "") +
              (day.first.empty() ? " of the set." : " of repeat " + day.first + "."));
    }
  }
}

/// Kinds of control that most plates of the set have and this one lacks.
void judge_missing_kinds(const std::vector<PlateView>& views,
                         const std::vector<Quality>& all,
                         std::vector<Judge>& judges) {
  const auto lacks = [&](int Quality::*n, const std::string& what) {
    const auto with =
        std::count_if(all.begin(), all.end(), [&](const Quality& q) { return q.*n > 0; });
    if (2 * static_cast<std::size_t>(with) <= views.size()) return;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (all[i].*n > 0) continue;
      judges[i].say(Verdict::caution,
                    "No usable " + what + " wells here, though " + std::to_string(with) +
                        " of the " + std::to_string(views.size()) + " plates have them.");
    }
  };
  lacks(&Quality::blank_n, "blank");
  lacks(&Quality::positive_n, "positive");
}

}  // namespace

void judge_verdicts(const std::vector<PlateView>& views, Scale scale, std::vector<Quality>& all) {
  std::vector<Judge> judges(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (views[i].wells.empty()) {
      judges[i].say(Verdict::not_assessed, "No well of this plate has a value.");
      continue;
    }
    judge_window(views[i], all[i], scale, judges[i]);
    judge_lines(views[i], all[i], judges[i]);
    judge_effects(all[i], judges[i]);
    judge_wells(views[i], all[i], judges[i]);
  }
  judge_days(views, judges);
  judge_missing_kinds(views, all, judges);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!views[i].placed && !views[i].wells.empty()) {
      judges[i].say(Verdict::not_assessed,
                    "The wells have no places on the plate, so that edge, row, column and drift "
                    "cannot be judged.");
    }
    judges[i].into(all[i]);
  }
}

}  // namespace kinescape::plate
