// SPDX-License-Identifier: Apache-2.0
// What figures draw of every arm: the mean over time, and the share below the multiple.
#include <cmath>
#include <map>

#include "numeric/distribution.hpp"
#include "numeric/survival.hpp"
#include "numeric/two_sample.hpp"
#include "xenograft/estimate_internal.hpp"

namespace kinescape::xenograft {

void mean_curves(const Experiment& e, const Options& o, Estimate& out) {
  for (const std::string& arm : e.arms) {
    std::map<double, std::vector<double>> by_day;
    int of = 0;
    for (const Animal& a : e.animals) {
      if (a.arm != arm) continue;
      ++of;
      for (const Visit& v : a.visits)
        if (v.volume_mm3 > 0.0) by_day[v.day].push_back(std::log(v.volume_mm3));
    }
    for (const auto& [day, y] : by_day) {
      const auto mean = numeric::mean_of(y);
      const double half = mean.n > 1
                              ? numeric::student_t_quantile(0.5 + 0.5 * o.level, mean.n - 1) *
                                    std::sqrt(mean.squared_error)
                              : unknown;
      out.means.push_back({arm,
                           day,
                           std::exp(mean.mean),
                           std::exp(mean.mean - half),
                           std::exp(mean.mean + half),
                           mean.n,
                           of});
    }
  }
}

void multiple_curves(const Experiment& e, Estimate& out) {
  for (const std::string& arm : e.arms) {
    numeric::FollowUp rows;
    for (const AnimalResult& a : out.animals) {
      const bool seen = std::isfinite(a.multiple_high);
      const double time = seen ? a.multiple_high : a.multiple_low;
      if (a.arm != arm || !(time > 0.0)) continue;
      rows.time.push_back(time);
      rows.event.push_back(seen);
    }
    const auto curve = numeric::kaplan_meier(rows);
    out.multiples.push_back({arm, 0.0, 1.0, static_cast<double>(rows.time.size())});
    for (std::size_t i = 0; i < curve.time.size(); ++i)
      out.multiples.push_back({arm, curve.time[i], curve.survival[i], curve.at_risk[i]});
  }
}

}  // namespace kinescape::xenograft
