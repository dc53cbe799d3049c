// SPDX-License-Identifier: Apache-2.0
#include "clinical/reconstruct.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/number.hpp"
#include "base/titled.hpp"

namespace kinescape::clinical {
namespace {

/// Walks the steps of one curve, interval by interval between the printed risk times.
class Reconstruction {
 public:
  explicit Reconstruction(const PublishedCurve& curve) : c_(curve) {
    time_ = c_.time, survival_ = c_.survival;
    if (time_.empty() || time_.front() > 0.0) {
      time_.insert(time_.begin(), 0.0);
      survival_.insert(survival_.begin(), 1.0);
    }
    for (std::size_t k = 1; k < survival_.size(); ++k)
      survival_[k] = std::min(survival_[k], survival_[k - 1]);
    const std::size_t n = time_.size();
    failed_.assign(n, 0), censored_.assign(n, 0);
  }

  void run() {
    int at_risk = c_.at_risk.front();
    double km = 1.0;
    for (std::size_t i = 0; i < c_.risk_time.size(); ++i) {
      const bool last = i + 1 == c_.risk_time.size();
      const std::size_t from = first_at(c_.risk_time[i]),
                        to = last ? time_.size() : first_at(c_.risk_time[i + 1]);
      if (from >= to) continue;
      int lost = last ? censored_at_the_end(at_risk, to, from)
                      : fit_censored(from, to, at_risk, km, c_.at_risk[i + 1]);
      if (last && c_.total_events >= 0) lost = meet_total(from, to, at_risk, km);
      at_risk = walk(from, to, lost, at_risk, km);
    }
    left_ = at_risk;
  }

  void rows(Table& table, int& number) const {
    const auto add = [&](double time, Ending ending, int count) {
      for (int j = 0; j < count; ++j) {
        Row row;
        row.patient = fmt::format("{} {}", c_.arm, ++number);
        row.arm = c_.arm, row.time_low = row.time_high = std::max(time, 1e-9), row.ending = ending;
        table.rows.push_back(std::move(row));
      }
    };
    for (std::size_t k = 0; k < time_.size(); ++k) {
      add(time_[k], Ending::event, failed_[k]);
      const double next = k + 1 < time_.size() ? 0.5 * (time_[k] + time_[k + 1]) : time_[k];
      add(next, Ending::censored, censored_[k]);
    }
    add(std::max(time_.back(), c_.risk_time.back()), Ending::censored, std::max(0, left_));
  }

 private:
  [[nodiscard]] std::size_t first_at(double t) const {
    return static_cast<std::size_t>(std::lower_bound(time_.begin(), time_.end(), t - 1e-12) -
                                    time_.begin());
  }

  /// Censors `lost` evenly over the steps [from, to), then lets the curve fall; returns who is
  /// left.
  int walk(std::size_t from, std::size_t to, int lost, int at_risk, double& km) {
    const std::size_t steps = to - from;
    for (std::size_t k = from; k < to; ++k) failed_[k] = censored_[k] = 0;
    for (int j = 0; j < lost; ++j) {
      const auto place = static_cast<std::size_t>((j + 0.5) / lost * static_cast<double>(steps));
      ++censored_[from + std::min(place, steps - 1)];
    }
    for (std::size_t k = from; k < to; ++k) {
      if (at_risk <= 0) break;
      if (km > 0.0 && k > 0)
        failed_[k] = std::clamp(
            static_cast<int>(std::lround(at_risk * (1.0 - survival_[k] / km))), 0, at_risk);
      km *= 1.0 - static_cast<double>(failed_[k]) / at_risk;
      at_risk -= failed_[k];
      censored_[k] = std::min(censored_[k], at_risk);
      at_risk -= censored_[k];
    }
    return at_risk;
  }

  /// How many are censored so that the next printed number at risk is met.
  int fit_censored(std::size_t from, std::size_t to, int at_risk, double km, int wanted) {
    int best = 0, best_miss = 1 << 30;
    int lost =
        std::max(0,
                 static_cast<int>(std::lround(at_risk * survival_[std::min(to, time_.size() - 1)] /
                                              std::max(1e-12, survival_[from]))) -
                     wanted);
    for (int round = 0; round < 60; ++round) {
      double trial = km;
      const int left = walk(from, to, lost, at_risk, trial), miss = left - wanted;
      if (std::abs(miss) < best_miss) best = lost, best_miss = std::abs(miss);
      if (miss == 0 || (lost == 0 && miss < 0)) break;
      lost = std::clamp(lost + miss, 0, at_risk);
    }
    return best;
  }

  /// After the last printed number censoring goes on at its mean pace.
  [[nodiscard]] int censored_at_the_end(int at_risk, std::size_t to, std::size_t from) const {
    int before = 0;
    for (std::size_t k = 0; k < from; ++k) before += censored_[k];
    const double seen = c_.risk_time.back() - c_.risk_time.front();
    if (!(seen > 0.0)) return 0;
    return std::min(
        at_risk,
        static_cast<int>(std::lround(before * (time_[to - 1] - c_.risk_time.back()) / seen)));
  }

  /// Censoring of the last stretch that makes the stated number of events.
  int meet_total(std::size_t from, std::size_t to, int at_risk, double km) {
    int before = 0, best = 0, best_miss = 1 << 30;
    for (std::size_t k = 0; k < from; ++k) before += failed_[k];
    for (int lost = 0; lost <= at_risk; ++lost) {
      double trial = km;
      walk(from, to, lost, at_risk, trial);
      int events = before;
      for (std::size_t k = from; k < to; ++k) events += failed_[k];
      if (std::abs(events - c_.total_events) < best_miss)
        best = lost, best_miss = std::abs(events - c_.total_events);
    }
    return best;
  }

  const PublishedCurve& c_;
  std::vector<double> time_, survival_;
  std::vector<int> failed_, censored_;
  int left_ = 0;
};

PublishedCurve& curve_of(std::vector<PublishedCurve>& all, const std::string& arm) {
  for (PublishedCurve& c : all)
    if (c.arm == arm) return c;
  all.emplace_back().arm = arm;
  return all.back();
}

void read_points(std::string_view bytes,
                 const std::string& file,
                 std::vector<PublishedCurve>& all,
                 Problems& problems) {
  auto grids = read_grids(bytes, file);
  append(problems, std::move(grids.problems));
  for (const Grid& grid : grids.value) {
    TitledTable t(grid, problems);
    const auto time = t.required("time", {"time", "timemonths", "timedays", "t", "months", "x"});
    auto s = t.find({"survival", "s", "surv", "survivalpercent", "percent", "y"});
    if (!s) s = t.required("survival", {"survival"});
    const auto arm = t.find({"arm", "group", "treatment"});
    if (!time || !s) continue;
    const std::string title = plain_title(t.title(*s));
    const double factor = title.find("percent") != std::string::npos ? 0.01 : 1.0;
    for (const std::size_t r : t.rows()) {
      const double x = t.number(r, time), y = factor * t.number(r, s);
      if (!(x >= 0.0) || !(y >= 0.0 && y <= 1.0)) {
        t.problem(r,
                  s,
                  "a point is not a time of 0 or more and a share between 0 and 1",
                  "Call the column survival_percent if it is in percent.");
        continue;
      }
      PublishedCurve& c = curve_of(all, arm ? t.text(r, arm) : "published");
      if (!c.time.empty() && x < c.time.back())
        t.problem(r,
                  time,
                  fmt::format("the time {} comes after {}", exact(x), exact(c.time.back())),
                  "Sort the points by time.");
      if (!c.survival.empty() && y > c.survival.back() + 0.02)
        t.problem(r,
                  s,
                  fmt::format("the curve rises from {} to {}", exact(c.survival.back()), exact(y)),
                  "Read the point again: survival cannot rise.");
      c.time.push_back(x);
      c.survival.push_back(y);
    }
  }
}

void read_risk(std::string_view bytes,
               const std::string& file,
               std::vector<PublishedCurve>& all,
               Problems& problems) {
  auto grids = read_grids(bytes, file);
  append(problems, std::move(grids.problems));
  for (const Grid& grid : grids.value) {
    TitledTable t(grid, problems);
    const auto time = t.required("time", {"time", "timemonths", "timedays", "t", "months"});
    const auto n = t.required("at_risk", {"atrisk", "n", "nrisk", "numberatrisk"});
    const auto arm = t.find({"arm", "group", "treatment"});
    if (!time || !n) continue;
    for (const std::size_t r : t.rows()) {
      const double x = t.number(r, time), count = t.number(r, n);
      PublishedCurve& c = curve_of(all, arm ? t.text(r, arm) : "published");
      if (!(x >= 0.0) || !(count >= 0.0) || count != std::floor(count) || count > 1e6) {
        t.problem(r,
                  n,
                  "not a time and a whole number at risk",
                  "Write what is printed under the curve.");
        continue;
      }
      if (!c.at_risk.empty() && (count > c.at_risk.back() || x <= c.risk_time.back()))
        t.problem(r,
                  n,
                  "the numbers at risk grow, or their times do not",
                  "Check the row against the paper.");
      c.risk_time.push_back(x);
      c.at_risk.push_back(static_cast<int>(count));
    }
  }
}

}  // namespace

Checked<std::vector<PublishedCurve>> read_published(std::string_view curve,
                                                    const std::string& curve_file,
                                                    std::string_view risk,
                                                    const std::string& risk_file) {
  Checked<std::vector<PublishedCurve>> out;
  read_points(curve, curve_file, out.value, out.problems);
  read_risk(risk, risk_file, out.value, out.problems);
  if (!out.ok()) return out;
  for (PublishedCurve& c : out.value) {
    c.source = curve_file;
    if (c.time.empty() || c.at_risk.empty())
      out.problems.push_back(
          {{curve_file, 0, 0, c.arm, ""},
           fmt::format("arm \"{}\" has a curve or numbers at risk, not both", c.arm),
           "Give both, with the same name of the arm.",
           Severity::error});
  }
  return out;
}

Table reconstruct(const std::vector<PublishedCurve>& curves) {
  Table out;
  for (const PublishedCurve& c : curves) {
    Reconstruction r(c);
    r.run();
    int number = 0;
    r.rows(out, number);
    out.arms.push_back(c.arm);
    if (out.reconstructed_from.empty())
      out.reconstructed_from = c.source.empty() ? "a published curve" : c.source;
  }
  return out;
}

}  // namespace kinescape::clinical
