// SPDX-License-Identifier: Apache-2.0
// A virtual study: mice with their own growth rates, calipers with their scatter, removal at the
// volume limit with the measurement that triggered it.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/errors.hpp"
#include "xenograft/design.hpp"

namespace kinescape::xenograft {
namespace {

/// What each stream of random numbers is for.
enum Draw : std::uint32_t {
  draw_baseline = 301,
  draw_rate,
  draw_caliper,
  draw_loss,
  draw_weight,
  draw_line,
  draw_serial
};

double arm_value(const std::vector<double>& values, std::size_t arm, double fallback) {
  return arm < values.size() ? values[arm] : fallback;
}

/// What the line adds to the rate of an arm.
double line_rate(const Truth& t, Seed seed, std::size_t line, std::size_t arm) {
  Stream stream(seed, draw_line, line);
  double out = t.sd_line_growth_rate_per_day * stream.normal();
  for (std::size_t a = 1; a <= arm; ++a) {
    const double effect = t.sd_line_effect_per_day * stream.normal();
    if (a == arm) out += effect;
  }
  return out;
}

/// ln of the true volume, relative to baseline.
double log_growth(const Truth& t, std::size_t arm, double rate, double own, double day) {
  const double turn = arm_value(t.regrowth_day, arm, unknown);
  if (std::isnan(turn) || day <= turn) return rate * day;
  return rate * turn + (t.growth_rate_per_day.front() + own) * (day - turn);
}

/// How far ln volume lies from the mouse's own line, visit by visit: CAR(1).
class Wander {
 public:
  Wander(const Noise& noise, Stream stream) : noise_(noise), stream_(stream) {}
  double at(double day) {
    if (!(noise_.serial_sd > 0.0)) return 0.0;
    const double kept = std::isnan(day_) ? 0.0 : std::pow(noise_.serial_correlation, day - day_);
    value_ = kept * value_ + noise_.serial_sd * std::sqrt(1.0 - kept * kept) * stream_.normal();
    day_ = day;
    return value_;
  }

 private:
  const Noise& noise_;
  Stream stream_;
  double day_ = unknown, value_ = 0.0;
};

/// Cuts every mouse at the visit by which `share` of the reference's mice have left.
void stop_early(const std::vector<double>& days, double share, Experiment& e) {
  const auto left_by = [](const Animal& a, double day) {
    return a.removal != Removal::end_of_study && a.removal != Removal::none &&
           (a.visits.empty() || a.visits.back().day <= day);
  };
  for (const double day : days) {
    int gone = 0, all = 0;
    for (const Animal& a : e.animals)
      if (a.arm == e.arms.front()) gone += left_by(a, day), ++all;
    if (gone == 0 || gone < share * all) continue;
    for (Animal& a : e.animals) {
      if (left_by(a, day)) continue;
      std::erase_if(a.visits, [&](const Visit& v) { return v.day > day; });
      a.removal = Removal::end_of_study, a.removal_as_written = "end of study";
    }
    return;
  }
}

}  // namespace

Problems Design::check() const {
  Problems out;
  const auto say = [&](std::string what, std::string fix) {
    out.push_back({{}, std::move(what), std::move(fix), Severity::error});
  };
  if (arms.empty()) say("the design has no arm", "Add [[arm]] blocks; the first is the reference.");
  for (const ArmDesign& a : arms)
    if (a.animals < 1) say("arm \"" + a.name + "\" has no mouse", "Give it animals = 2 or more.");
  if (lines < 1) say("there is no tumour line", "Write lines = 1 or more.");
  if (days.size() < 2 || !std::is_sorted(days.begin(), days.end()) ||
      std::adjacent_find(days.begin(), days.end()) != days.end())
    say("the days of measurement are not two or more, ascending", "Write days = [0, 3, 7, ...].");
  if (!(volume_limit_mm3 > 0.0))
    say("the volume limit is not positive", "Write the limit of the licence in mm3.");
  if (!std::isnan(stop_when_gone) && !(stop_when_gone > 0.0 && stop_when_gone <= 1.0))
    say("stop_when_gone is not a share above 0", "Write 0.5 for half of the reference's mice.");
  return out;
}

Experiment simulate(const Design& d, const Truth& t, const Noise& noise, Seed seed) {
  if (has_errors(d.check()) || t.growth_rate_per_day.size() != d.arms.size())
    throw UsageError("xenograft::simulate: the design has problems, or not one growth rate an arm");
  Experiment out;
  out.lines.clear();
  for (int line = 0; line < d.lines; ++line)
    out.lines.push_back(d.lines == 1 ? "" : fmt::format("L{}", line + 1));
  out.palpable_limit_mm3 = d.palpable_limit_mm3;
  std::uint64_t mouse = 0;
  for (std::size_t arm = 0; arm < d.arms.size(); ++arm) {
    out.arms.push_back(d.arms[arm].name);
    for (int i = 0; i < d.arms[arm].animals * d.lines; ++i, ++mouse) {
      const auto line = static_cast<std::size_t>(i / d.arms[arm].animals);
      Animal a{fmt::format("M{:03d}", mouse + 1),
               d.arms[arm].name,
               out.lines[line],
               {},
               Removal::none,
               ""};
      Stream start(seed, draw_baseline, mouse), pace(seed, draw_rate, mouse),
          calipers(seed, draw_caliper, mouse), loss(seed, draw_loss, mouse),
          scale(seed, draw_weight, mouse);
      Wander wander(noise, Stream(seed, draw_serial, mouse));
      const double sd = std::sqrt(std::log1p(t.baseline_cv * t.baseline_cv));
      const double log_baseline = std::log(t.baseline_mm3) - 0.5 * sd * sd + sd * start.normal();
      const double own = t.sd_growth_rate_per_day * pace.normal();
      const double rate = t.growth_rate_per_day[arm] + own + line_rate(t, seed, line, arm);
      const double lost_on =
          t.loss_rate_per_day > 0.0 ? loss.exponential() / t.loss_rate_per_day : 1e300;
      const double worst =
          std::max(0.0, arm_value(t.weight_loss_percent, arm, 0.0) * (1.0 + 0.4 * scale.normal()));
      for (const double day : d.days) {
        if (day > lost_on) {
          a.removal = Removal::unrelated, a.removal_as_written = "unrelated loss";
          break;
        }
        const double volume = std::exp(
            log_baseline + log_growth(t, arm, rate, own, day - d.days.front()) + wander.at(day));
        // Axes of a body whose length x width^2 / 2 is the volume, each read with its own error.
        const double width = std::cbrt(2.0 * volume / noise.length_over_width);
        Visit v;
        v.day = day;
        v.length_mm =
            noise.length_over_width * width * std::exp(noise.diameter_cv * calipers.normal());
        v.width_mm = width * std::exp(noise.diameter_cv * calipers.normal());
        v.volume_mm3 =
            volume_mm3(VolumeFormula::half_length_width2, v.length_mm, v.width_mm, unknown);
        if (v.width_mm > v.length_mm)
          std::swap(v.length_mm, v.width_mm);  // the longer is the length
        const double share = (day - d.days.front()) / std::max(1.0, d.days.back() - d.days.front());
        const double lost_percent = worst * 4.0 * share * (1.0 - share) + 0.8 * scale.normal();
        v.weight_g = t.weight_g * (1.0 - 0.01 * lost_percent);
        if (v.volume_mm3 < d.palpable_limit_mm3) {
          v.below_limit = true;
          v.volume_mm3 = d.palpable_limit_mm3;
          v.length_mm = v.width_mm = unknown;
        }
        a.visits.push_back(v);
        if (v.volume_mm3 >= d.volume_limit_mm3) {
          a.removal = Removal::volume_limit, a.removal_as_written = "volume limit";
          break;
        }
        if (lost_percent >= d.weight_loss_limit_percent) {
          a.removal = Removal::humane, a.removal_as_written = "weight loss";
          break;
        }
        if (day == d.days.back())
          a.removal = Removal::end_of_study, a.removal_as_written = "end of study";
      }
      out.animals.push_back(std::move(a));
    }
  }
  if (!std::isnan(d.stop_when_gone)) stop_early(d.days, d.stop_when_gone, out);
  return out;
}

std::vector<Allotted> randomise(const Experiment& baseline,
                                const std::vector<std::string>& arms,
                                Seed seed) {
  if (arms.size() < 2) throw UsageError("randomise: name two arms or more");
  std::vector<Allotted> out;
  for (const Animal& a : baseline.animals)
    for (const Visit& v : a.visits)
      if (!std::isnan(v.volume_mm3)) {
        out.push_back({a.id, "", v.volume_mm3, 0});
        break;
      }
  std::stable_sort(out.begin(), out.end(), [](const Allotted& x, const Allotted& y) {
    return x.volume_mm3 > y.volume_mm3;
  });
  constexpr std::uint32_t draw_allotment = 310;
  for (std::size_t block = 0; block * arms.size() < out.size(); ++block) {
    Stream stream(seed, draw_allotment, block);
    std::vector<std::string> order = arms;
    for (std::size_t i = order.size(); i > 1; --i)
      std::swap(order[i - 1], order[static_cast<std::size_t>(stream.below(i))]);
    for (std::size_t i = 0; i < arms.size() && block * arms.size() + i < out.size(); ++i) {
      out[block * arms.size() + i].arm = order[i];
      out[block * arms.size() + i].block = static_cast<int>(block) + 1;
    }
  }
  return out;
}

}  // namespace kinescape::xenograft
