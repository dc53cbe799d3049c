// SPDX-License-Identifier: Apache-2.0
// How many mice? The power of the very test that the analysis will make, in simulated studies.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/number.hpp"
#include "base/toml.hpp"
#include "numeric/distribution.hpp"
#include "numeric/proportion.hpp"
#include "xenograft/design.hpp"
#include "xenograft/estimate_internal.hpp"
#include "xenograft/plan_internal.hpp"

namespace kinescape::xenograft {
namespace {

/// p of the last arm's growth rate against the reference; NaN where the study gave none.
double p_of(const Experiment& e) {
  Options options;
  options.imputations = 5;
  const Fitted fitted = fit_model(e, options, {});
  if (!fitted.usable() || fitted.arms.size() < 2) return unknown;
  auto l = fitted.slope_of(fitted.arms.size() - 1);
  l[1] = 0.0;
  return numeric::contrast(fitted.fit, l, numeric::DfMethod::kenward_roger).p;
}

/// The fewest implants of which with 90 % chance `wanted` bear a tumour.
int implants_for(int wanted, double take_rate) {
  int implants = wanted;
  while (numeric::beta_upper(take_rate, wanted, implants - wanted + 1.0) > 0.1) ++implants;
  return implants;
}

double middle_of(std::vector<double> values) {
  const auto half = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), half, values.end());
  return *half;
}

}  // namespace

PlanRow power_of(const VirtualExperiment& v, const PlanOptions& o, int animals) {
  Design design = v.design;
  for (ArmDesign& a : design.arms) a.animals = animals;
  const auto studies = static_cast<std::size_t>(o.studies);
  std::vector<double> p(studies), days(studies), visits(studies), last(studies), removed(studies);
  parallel_for(studies, o.threads, [&](std::size_t i) {
    const Experiment e = simulate(
        design,
        v.truth,
        v.noise,
        Seed{o.seed.value * 1000003ULL + static_cast<std::uint64_t>(animals) * 100003ULL + i});
    p[i] = p_of(e);
    for (const Animal& a : e.animals) {
      visits[i] += static_cast<double>(a.visits.size());
      removed[i] += a.removal == Removal::volume_limit || a.removal == Removal::humane;
      if (a.visits.empty()) continue;
      days[i] += a.visits.back().day - a.visits.front().day;
      last[i] = std::max(last[i], a.visits.back().day);
    }
    removed[i] /= static_cast<double>(e.animals.size());
  });
  int hits = 0;
  double share = 0.0;
  for (const double x : p) hits += x < o.alpha;
  for (const double x : removed) share += x / o.studies;
  const auto limits =
      numeric::proportion_interval(hits, o.studies, 0.95, numeric::ProportionMethod::wilson);
  return {animals,
          implants_for(animals, design.take_rate),
          static_cast<double>(hits) / o.studies,
          limits.low,
          limits.high,
          middle_of(std::move(days)),
          middle_of(std::move(visits)),
          middle_of(std::move(last)),
          share};
}

Plan plan(const VirtualExperiment& v, const PlanOptions& o) {
  Plan out;
  Estimated& n = out.animals_per_arm;
  n.method =
      fmt::format("{} simulated studies of each size, Kenward-Roger test of day:arm at {}, seed {}",
                  o.studies,
                  exact(o.alpha),
                  o.seed.value);
  n.n = o.studies;
  for (int animals = std::max(2, o.from); animals <= o.to; ++animals) {
    out.rows.push_back(power_of(v, o, animals));
    if (o.progress)
      o.progress({"sizes",
                  static_cast<std::uint64_t>(animals - o.from + 1),
                  static_cast<std::uint64_t>(o.to - o.from + 1)});
    const PlanRow& row = out.rows.back();
    if (std::isnan(n.value) && row.power >= o.power) n.value = animals;
    if (std::isnan(n.low) && row.power_high >= o.power) n.low = animals;
    if (std::isnan(n.high) && row.power_low >= o.power) n.high = animals;
    if (!std::isnan(n.high)) break;
  }
  if (std::isnan(n.value)) {
    n.relation = Relation::greater;
    n.value = o.to;
    n.status = Status::not_reached;
    n.why = fmt::format("{} mice an arm do not reach a power of {}.", o.to, exact(o.power));
    out.says = n.why;
    if (!o.only_mice) compare_protocols(v, o, out);
    return out;
  }
  n.status = std::isnan(n.high) ? Status::interval_open_high : Status::ok;
  const auto at = std::find_if(out.rows.begin(), out.rows.end(), [&](const PlanRow& r) {
    return r.animals_per_arm == static_cast<int>(n.value);
  });
  out.says = fmt::format(
      "{} mice an arm ({} implanted, so that with 90 % chance the arm is filled) reach a power of "
      "{}.",
      at->animals_per_arm,
      at->implanted_per_arm,
      rounded(at->power, 2));
  if (!o.only_mice) compare_protocols(v, o, out);
  return out;
}

Checked<VirtualExperiment> read_design(std::string_view bytes, const std::string& file) {
  Checked<VirtualExperiment> out;
  auto parsed = parse_toml(bytes, file);
  out.problems = std::move(parsed.problems);
  if (has_errors(out.problems)) return out;
  VirtualExperiment& v = out.value;
  TomlReader top(parsed.value, file, "", out.problems);
  if (top.has("seed")) v.seed = Seed{static_cast<std::uint64_t>(top.number("seed", 0, 0, 9e15))};
  for (TomlReader& arm : top.tables("arm")) {
    v.design.arms.push_back({arm.required_text("name"), arm.integer("animals", 8, 1, 10000)});
    v.truth.growth_rate_per_day.push_back(arm.required_number("growth_rate_per_day", -1.0, 1.0));
    v.truth.regrowth_day.push_back(arm.number("regrowth_day", unknown, 0.0, 10000.0));
    v.truth.weight_loss_percent.push_back(arm.number("weight_loss_percent", 0.0, 0.0, 60.0));
    arm.finish();
  }
  TomlReader design = top.table("design");
  v.design.lines = design.integer("lines", 1, 1, 100);
  v.design.days = design.numbers("days", -1000.0, 10000.0);
  v.design.volume_limit_mm3 = design.number("volume_limit_mm3", 1500.0, 1.0, 1e5);
  v.design.weight_loss_limit_percent = design.number("weight_loss_limit_percent", 20.0, 1.0, 100.0);
  v.design.palpable_limit_mm3 = design.number("palpable_limit_mm3", unknown, 0.001, 1000.0);
  v.design.take_rate = design.number("take_rate", 1.0, 0.05, 1.0);
  v.design.stop_when_gone = design.number("stop_when_gone", unknown, 0.0, 1.0);
  design.finish();
  TomlReader truth = top.table("truth");
  v.truth.sd_growth_rate_per_day = truth.number("sd_growth_rate_per_day", 0.01, 0.0, 1.0);
  v.truth.sd_line_growth_rate_per_day = truth.number("sd_line_growth_rate_per_day", 0.0, 0.0, 1.0);
  v.truth.sd_line_effect_per_day = truth.number("sd_line_effect_per_day", 0.0, 0.0, 1.0);
  v.truth.baseline_mm3 = truth.number("baseline_mm3", 150.0, 0.1, 1e4);
  v.truth.baseline_cv = truth.number("baseline_cv", 0.35, 0.0, 3.0);
  v.truth.weight_g = truth.number("weight_g", 22.0, 1.0, 1000.0);
  v.truth.loss_rate_per_day = truth.number("loss_rate_per_day", 0.0, 0.0, 1.0);
  truth.finish();
  TomlReader noise = top.table("noise");
  v.noise.diameter_cv = noise.number("diameter_cv", 0.06, 0.0, 1.0);
  v.noise.length_over_width = noise.number("length_over_width", 1.25, 1.0, 5.0);
  v.noise.serial_sd = noise.number("serial_sd", 0.0, 0.0, 3.0);
  v.noise.serial_correlation = noise.number("serial_correlation", 0.5, 0.0, 0.999);
  noise.finish();
  top.finish();
  if (!has_errors(out.problems))
    for (Problem p : v.design.check()) {
      p.where.file = file;
      out.problems.push_back(std::move(p));
    }
  return out;
}

}  // namespace kinescape::xenograft
