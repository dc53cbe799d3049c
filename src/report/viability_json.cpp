// SPDX-License-Identifier: Apache-2.0
// What scripts read of drug-viability plates. schemas/*.schema.json describe it; tests hold one to
// the other.
#include <array>

#include "report/json_internal.hpp"
#include "report/viability_internal.hpp"

namespace kinescape::report {
namespace {

Json effect(const plate::SpatialEffect& effect) {
  return {{"percent", number_or_null(effect.percent)}, {"p", number_or_null(effect.p)}};
}

Json plate_json(const plate::Quality& q) {
  Json outliers = Json::array();
  for (const plate::FlaggedWell& well : q.outliers) {
    outliers.push_back({{"well", plate::name(well.position)},
                        {"what", well.what},
                        {"robust_z", number_or_null(well.robust_z)}});
  }
  return {{"plate", q.plate},
          {"wells_in_format", q.format.wells()},
          {"verdict", plate::name(q.verdict)},
          {"reasons", q.reasons},
          {"z_prime", estimated(q.z_prime)},
          {"ssmd", estimated(q.ssmd)},
          {"z_prime_robust", number_or_null(q.z_prime_robust)},
          {"signal_to_background", number_or_null(q.signal_to_background)},
          {"vehicle_cv_percent", number_or_null(q.vehicle_cv_percent)},
          {"replicate_correlation", number_or_null(q.replicate_correlation)},
          {"edge_effect", effect(q.edge)},
          {"row_effect", effect(q.row)},
          {"column_effect", effect(q.column)},
          {"drift", effect(q.drift)},
          {"outliers", std::move(outliers)},
          {"n_sample", q.sample_n},
          {"n_vehicle", q.vehicle_n},
          {"n_blank", q.blank_n},
          {"n_positive", q.positive_n},
          {"n_saturated", q.saturated},
          {"n_masked", q.masked},
          {"n_missing", q.missing}};
}

constexpr std::array<std::string_view, dose_response::parameter_count> parameter_names{
    "log10_ec50_nM",
    "hill_slope",
    "top",
    "bottom",
    "asymmetry",
    "hormesis_per_nM",
    "fraction",
    "log10_ec50_b_nM",
    "hill_slope_b"};

Json shape_json(const dose_response::Curve& curve) {
  Json json{{"shape", dose_response::key(curve.shape)}};
  for (const dose_response::Parameter p : dose_response::free_parameters(curve.shape)) {
    json[std::string(parameter_names[static_cast<std::size_t>(p)])] = number_or_null(curve[p]);
  }
  return json;
}

Json curve_json(const viability::CurveResult& c) {
  Json json{{"line", c.line},
            {"drug", c.drug},
            {"class", viability::name(c.curve_class)},
            {"says", c.says},
            {"ic50_nM", estimated(c.ic50_nM)},
            {"ic50_absolute_nM", estimated(c.ic50_absolute_nM)},
            {"hill_slope", estimated(c.hill_slope)},
            {"emax", estimated(c.emax)},
            {"viability_at_highest_dose", estimated(c.viability_at_highest_dose)},
            {"auc", estimated(c.auc)},
            {"auc_low_nM", number_or_null(c.auc_low_nM)},
            {"auc_high_nM", number_or_null(c.auc_high_nM)},
            {"gr50_nM", estimated(c.gr50_nM)},
            {"gr_max", estimated(c.gr_max)},
            {"gr_aoc", estimated(c.gr_aoc)},
            {"gr_inf", estimated(c.gr_inf)},
            {"h_gr", estimated(c.h_gr)}};
  Json more = Json::array();
  for (const viability::MoreIc& ic : c.more_ic) {
    more.push_back({{"percent", ic.percent},
                    {"relative_nM", estimated(ic.relative_nM)},
                    {"absolute_nM", estimated(ic.absolute_nM)}});
  }
  Json shapes = Json::array();
  for (const viability::ShapeScore& score : c.shapes) {
    shapes.push_back({{"shape", dose_response::key(score.shape)},
                      {"aicc", number_or_null(score.aicc)},
                      {"delta_aicc", number_or_null(score.delta_aicc)},
                      {"chosen", score.chosen}});
  }
  Json repeats = Json::array();
  for (const viability::RepeatCurve& repeat : c.repeat_curves) {
    repeats.push_back({{"repeat", repeat.repeat},
                       {"ic50_nM", number_or_null(repeat.ic50_nM)},
                       {"curve", shape_json(repeat.curve)}});
  }
  json["more_ic"] = std::move(more);
  json["flat_p"] = number_or_null(c.flat_p);
  json["curve"] = shape_json(c.curve);
  json["shapes"] = std::move(shapes);
  json["repeat_curves"] = std::move(repeats);
  json["n_repeats"] = c.repeats;
  json["n_plates"] = c.plates;
  json["n_wells"] = c.wells;
  json["n_excluded_wells"] = c.excluded_wells;
  json["n_censored_wells"] = c.censored_wells;
  json["lowest_dose_nM"] = number_or_null(c.lowest_dose_nM);
  json["highest_dose_nM"] = number_or_null(c.highest_dose_nM);
  json["time_h"] = number_or_null(c.time_h);
  return json;
}

Json comparison_json(const viability::Comparison& c) {
  return {{"drug", c.drug},
          {"resistant", c.resistant},
          {"parental", c.parental},
          {"call", viability::name(c.call)},
          {"says", c.says},
          {"fold_ic50", estimated(c.fold_ic50)},
          {"fold_ic50_absolute", estimated(c.fold_ic50_absolute)},
          {"fold_gr50", estimated(c.fold_gr50)},
          {"emax_difference", estimated(c.emax_difference)},
          {"hill_slope_ratio", estimated(c.hill_slope_ratio)},
          {"p", number_or_null(c.p)},
          {"p_adjusted", number_or_null(c.p_adjusted)},
          {"q_bh", number_or_null(c.q_bh)},
          {"same_shape_p", number_or_null(c.same_shape_p)},
          {"p_equivalence", number_or_null(c.p_equivalence)}};
}

Json proliferation_json(const viability::Proliferation& p) {
  return {{"line", p.line},
          {"drug", p.drug},
          {"says", p.says},
          {"untreated_doublings_per_h", estimated(p.untreated_doublings_per_h)},
          {"highest_dose_doublings_per_h", estimated(p.highest_dose_doublings_per_h)},
          {"ic50_nM", estimated(p.ic50_nM)},
          {"rates", listed(p.rates, [](const viability::ProliferationRate& r) {
             return Json{{"dose_nM", number_or_null(r.dose_nM)},
                         {"doublings_per_h", estimated(r.doublings_per_h)},
                         {"delay_h", number_or_null(r.delay_h)}};
           })}};
}

}  // namespace

Json viability_body(const viability::Estimate& estimate) {
  Json json = Json::object();
  json["plates"] = listed(estimate.plates, plate_json);
  json["curves"] = listed(estimate.curves, curve_json);
  json["comparisons"] = listed(estimate.comparisons, comparison_json);
  json["proliferation"] = listed(estimate.proliferation, proliferation_json);
  json["exclusions"] = listed(estimate.exclusions, [](const viability::Exclusion& e) {
    return Json{{"plate", e.plate},
                {"well", e.well},
                {"line", e.line},
                {"drug", e.drug},
                {"reason", e.reason}};
  });
  json["methods"] = estimate.methods;
  json["citations"] = estimate.citations;
  return json;
}

}  // namespace kinescape::report
