// SPDX-License-Identifier: Apache-2.0
#include "xenograft/estimate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "xenograft/estimate_internal.hpp"

namespace kinescape::xenograft {
namespace {

std::vector<ArmResult> arms_for(const Experiment& e, const Selection& which) {
  std::vector<ArmResult> out;
  for (const std::string& arm : e.arms) {
    ArmResult a;
    a.arm = arm;
    for (const Animal& animal : e.animals)
      a.animals += animal.arm == arm && (which.all_lines || animal.line == which.line);
    if (a.animals == 0) continue;
    a.reference = out.empty() ? "" : out.front().arm;
    out.push_back(std::move(a));
  }
  return out;
}

void one_line(const Experiment& e, const Options& o, const std::string& line, Estimate& out) {
  Selection which;
  which.line = line, which.all_lines = false;
  LineResult r;
  r.line = line;
  const Fitted fitted = fit_model(e, o, which);
  r.model = fitted.model;
  r.arms = arms_for(e, which);
  rates(fitted, o, r.arms);
  endpoints(e, out.animals, o, which, r.arms);
  out.lines.push_back(std::move(r));
}

/// The change of one arm's growth rate under another selection of visits or mice.
void refit(const Experiment& e,
           const Options& o,
           const Selection& which,
           const std::string& what,
           const std::string& why,
           Estimate& out) {
  const Fitted fitted = fit_model(e, o, which);
  std::vector<ArmResult> arms = arms_for(e, {});
  rates(fitted, o, arms);
  for (std::size_t a = 1; a < arms.size(); ++a)
    out.sensitivity.push_back(
        {what, why, arms[a].arm, arms[a].growth_rate_difference_per_day, arms[a].p});
}

/// Calipers differ between hands: where several people measured, each with a level of its own.
void by_operator(const Experiment& e, const Options& o, Estimate& out) {
  const auto operators = operators_of(e);
  if (operators.size() < 2) return;
  Selection which;
  which.by_operator = true;
  refit(e,
        o,
        which,
        "everyone who measured with a level of their own",
        fmt::format("{} people measured ({}): calipers differ between hands. If this differs from "
                    "the main result, who measured explains part of it.",
                    operators.size(),
                    fmt::join(operators, ", ")),
        out);
  const Estimated& d = out.sensitivity.back().growth_rate_difference_per_day;
  if (d.status == Status::too_few_data)
    out.problems.push_back({{},
                            "who measured and what was given cannot be told apart",
                            "Let everyone measure mice of every arm, in random order.",
                            Severity::warning});
}

void say_methods(const Experiment& e, const Options& o, Estimate& out) {
  out.methods.push_back(
      e.volumes_given
          ? "Volumes as given in the table; the formula they were made with is not known to us."
          : "Volume from calipers: " + std::string(words(e.formula)) + ".");
  out.methods.push_back(
      fmt::format("Growth model: {}; tests by {}.", out.model.formula, out.model.df_method));
  if (!o.knots.empty())
    out.methods.push_back(
        fmt::format("Growth rates, ratios and combinations are of the days before {}, the first on "
                    "which rates may change; the model's coefficients hold the others.",
                    exact(*std::min_element(o.knots.begin(), o.knots.end()))));
  if (out.model.below_limit > 0)
    out.methods.push_back(fmt::format(
        "{} volumes below the palpable limit{} enter as left-censored: {} draws from "
        "what the model leaves open, combined by Rubin's rules.",
        out.model.below_limit,
        std::isnan(e.palpable_limit_mm3)
            ? " that stands in their cells"
            : fmt::format(
                  " of {} mm3{}",
                  exact(e.palpable_limit_mm3),
                  e.limit_assumed ? " (not stated: the smallest volume that was measured)" : ""),
        o.imputations));
  if (!o.random_slope)
    out.methods.emplace_back(
        "Random intercept alone: its p values take differences between mice for precision (type-I "
        "error above 50 % in simulated studies); do not act on them.");
  out.methods.push_back("mRECIST: " + out.mrecist_rule + ".");
  out.methods.push_back(fmt::format("Permutation and bootstrap with seed {}.", o.seed.value));
  out.citations = {"Kenward & Roger 1997, doi:10.2307/2533558",
                   "Gao et al. 2015, doi:10.1038/nm.3954",
                   "Dunnett 1955, doi:10.1080/01621459.1955.10501294",
                   "Fieller 1954, doi:10.1111/j.2517-6161.1954.tb00159.x"};
  if (out.model.below_limit > 0)
    out.citations.emplace_back("Barnard & Rubin 1999, doi:10.1093/biomet/86.4.948");
}

}  // namespace

void sensitivity(const Experiment& e, const Options& o, Estimate& out) {
  if (!out.model.coefficients.empty() && e.arms.size() > 1) {
    int by_volume = 0, by_health = 0;
    for (const Animal& a : e.animals) {
      by_volume += a.removal == Removal::volume_limit;
      by_health += a.removal == Removal::humane || a.removal == Removal::found_dead;
    }
    Selection which;
    if (by_volume > 0) {
      which.visits = [](const Animal& a, std::size_t i) {
        return a.removal != Removal::volume_limit || i + 1 < a.visits.size();
      };
      refit(e,
            o,
            which,
            "without the visits that triggered removal",
            fmt::format("{} mice left at the volume limit. The measurement that removed them "
                        "belongs in the model: with it, leaving depends on what was seen; without "
                        "it, the fastest tumours look slower. Shown for contrast.",
                        by_volume),
            out);
    }
    if (by_health > 0) {
      which = {};
      which.animals = [](const Animal& a) {
        return a.removal != Removal::humane && a.removal != Removal::found_dead;
      };
      refit(e,
            o,
            which,
            "without mice lost to death or welfare",
            fmt::format("{} mice were lost for reasons that volumes may not tell: if this differs "
                        "from the main result, leaving was not at random.",
                        by_health),
            out);
    }
  }
  if (!out.model.coefficients.empty() && e.arms.size() > 1) by_operator(e, o, out);
  if (out.model.below_limit > 0 && !o.drop_below_limit) {
    Options dropped = o;
    dropped.drop_below_limit = true;
    refit(e,
          dropped,
          {},
          "volumes below the limit left out",
          "Leaving out what could not be felt overstates shrunken tumours. Shown for contrast.",
          out);
  }
}

Estimate estimate(const Experiment& e, const Options& o) {
  Estimate out;
  out.volume_formula = e.volumes_given ? "as given" : std::string(words(e.formula));
  out.palpable_limit_mm3 = e.palpable_limit_mm3;
  out.mrecist_rule = words(o.mrecist);
  for (const Animal& a : e.animals) out.animals.push_back(describe(a, o));
  const Selection all;
  const Fitted fitted = fit_model(e, o, all);
  out.model = fitted.model;
  out.arms = arms_for(e, all);
  rates(fitted, o, out.arms);
  endpoints(e, out.animals, o, all, out.arms);
  combinations(fitted, o, out);
  if (e.lines.size() > 1)
    for (const std::string& line : e.lines) one_line(e, o, line, out);
  mean_curves(e, o, out);
  multiple_curves(e, out);
  sensitivity(e, o, out);
  if (e.limit_assumed)
    out.problems.push_back(
        {{},
         fmt::format("no palpable limit is stated: {} mm3, the smallest volume measured, is taken",
                     exact(e.palpable_limit_mm3)),
         "State it with --palpable-mm3.",
         Severity::warning});
  if (!out.model.why.empty())
    out.problems.push_back({{}, out.model.why, "Two mice an arm or more.", Severity::warning});
  say_methods(e, o, out);
  return out;
}

}  // namespace kinescape::xenograft
