// SPDX-License-Identifier: Apache-2.0
// The xenograft room's keys in JSON.
#include "report/xenograft_internal.hpp"

namespace kinescape::report {
namespace {

Json model_json(const xenograft::Model& m) {
  Json json{{"status", name(m.status)},
            {"line", m.line},
            {"formula", m.formula},
            {"df_method", m.df_method},
            {"n", m.n},
            {"n_animals", m.animals},
            {"n_below_limit", m.below_limit},
            {"sd_intercept", number_or_null(m.sd_intercept)},
            {"sd_slope_per_day", number_or_null(m.sd_slope)},
            {"correlation", number_or_null(m.correlation)},
            {"sd_residual", number_or_null(m.sd_residual)},
            {"sd_line_intercept", number_or_null(m.sd_line_intercept)},
            {"sd_line_slope_per_day", number_or_null(m.sd_line_slope)},
            {"serial_correlation_per_day", number_or_null(m.serial_correlation)},
            {"log_likelihood", number_or_null(m.log_likelihood)},
            {"singular", m.singular}};
  json["line_effects"] = listed(m.line_effects, [](const xenograft::LineEffect& l) {
    return Json{{"arm", l.arm}, {"sd_per_day", number_or_null(l.sd_per_day)}};
  });
  json["coefficients"] = listed(m.coefficients, [](const xenograft::Coefficient& c) {
    return Json{{"name", c.name},
                {"estimate", number_or_null(c.estimate)},
                {"se", number_or_null(c.se)},
                {"df", number_or_null(c.df)},
                {"p", number_or_null(c.p)},
                {"se_unadjusted", number_or_null(c.se_unadjusted)},
                {"df_satterthwaite", number_or_null(c.df_satterthwaite)}};
  });
  if (!m.why.empty()) json["why"] = m.why;
  return json;
}

Json arm_json(const xenograft::ArmResult& a) {
  return {{"arm", a.arm},
          {"reference", a.reference},
          {"n_animals", a.animals},
          {"growth_rate_per_day", estimated(a.growth_rate_per_day)},
          {"doubling_time_days", estimated(a.doubling_time_days)},
          {"growth_rate_ratio", estimated(a.growth_rate_ratio)},
          {"growth_rate_difference_per_day", estimated(a.growth_rate_difference_per_day)},
          {"p", number_or_null(a.p)},
          {"p_holm", number_or_null(a.p_holm)},
          {"p_dunnett", number_or_null(a.p_dunnett)},
          {"p_permutation", number_or_null(a.p_permutation)},
          {"last_common_day", number_or_null(a.last_common_day)},
          {"tgi_percent", estimated(a.tgi_percent)},
          {"tc_percent", estimated(a.tc_percent)},
          {"tc_median_percent", estimated(a.tc_median_percent)},
          {"tc_rtv_percent", estimated(a.tc_rtv_percent)},
          {"log_rtv_difference", estimated(a.log_rtv_difference)},
          {"rtv_rank_p", number_or_null(a.rtv_rank_p)},
          {"rtv_permutation_p", number_or_null(a.rtv_permutation_p)},
          {"rtv_permutation_exact", a.permutation_exact},
          {"auc_ratio", estimated(a.auc_ratio)},
          {"time_to_multiple_days", estimated(a.time_to_multiple_days)},
          {"n_reached_multiple", a.multiple_events},
          {"growth_delay_days", estimated(a.growth_delay_days)},
          {"multiple_logrank_chi2", number_or_null(a.multiple_chi2)},
          {"multiple_logrank_p", number_or_null(a.multiple_p)},
          {"largest_weight_loss_percent", estimated(a.largest_weight_loss_percent)},
          {"decay_per_day", estimated(a.decay_per_day)},
          {"regrowth_per_day", estimated(a.regrowth_per_day)},
          {"mrecist",
           {{"CR", a.cr}, {"PR", a.pr}, {"SD", a.sd}, {"PD", a.pd}, {"NE", a.not_classified}}}};
}

Json animal_json(const xenograft::AnimalResult& a) {
  return {{"animal", a.id},
          {"arm", a.arm},
          {"line", a.line},
          {"mrecist", a.mrecist},
          {"removed", a.removal},
          {"removed_as_written", a.removal_as_written},
          {"n_visits", a.visits},
          {"baseline_day", number_or_null(a.baseline_day)},
          {"baseline_mm3", number_or_null(a.baseline_mm3)},
          {"best_response_percent", number_or_null(a.best_response_percent)},
          {"best_response_day", number_or_null(a.best_response_day)},
          {"best_average_response_percent", number_or_null(a.best_average_percent)},
          {"best_average_response_day", number_or_null(a.best_average_day)},
          {"auc_mm3_day", number_or_null(a.auc_mm3_day)},
          {"slope_angle_deg", number_or_null(a.slope_angle_deg)},
          {"slope_per_day", number_or_null(a.slope_per_day)},
          {"decay_per_day", number_or_null(a.decay_per_day)},
          {"regrowth_per_day", number_or_null(a.regrowth_per_day)},
          {"multiple_after_day", number_or_null(a.multiple_low)},
          {"multiple_by_day", number_or_null(a.multiple_high)},
          {"largest_weight_loss_percent", number_or_null(a.largest_weight_loss_percent)}};
}

}  // namespace

Json xenograft_body(const xenograft::Estimate& e) {
  Json json = Json::object();
  json["volume_formula"] = e.volume_formula;
  json["palpable_limit_mm3"] = number_or_null(e.palpable_limit_mm3);
  json["mrecist_rule"] = e.mrecist_rule;
  json["model"] = model_json(e.model);
  json["arms"] = listed(e.arms, arm_json);
  json["animals"] = listed(e.animals, animal_json);
  json["lines"] = listed(e.lines, [](const xenograft::LineResult& l) {
    return Json{
        {"line", l.line}, {"model", model_json(l.model)}, {"arms", listed(l.arms, arm_json)}};
  });
  json["combinations"] = listed(e.combinations, [](const xenograft::CombinationResult& c) {
    return Json{{"both", c.both},
                {"first", c.first},
                {"second", c.second},
                {"excess_per_day", estimated(c.excess_per_day)},
                {"p", number_or_null(c.p)},
                {"says", c.says}};
  });
  json["sensitivity"] = listed(e.sensitivity, [](const xenograft::Sensitivity& s) {
    return Json{{"what", s.what},
                {"why", s.why},
                {"arm", s.arm},
                {"growth_rate_difference_per_day", estimated(s.growth_rate_difference_per_day)},
                {"p", number_or_null(s.p)}};
  });
  json["methods"] = e.methods;
  json["citations"] = e.citations;
  return json;
}

std::string xenograft_json(const xenograft::Estimate& e,
                           const Provenance& provenance,
                           const Problems& problems) {
  return room_json("xenograft", xenograft_body(e), provenance, together(problems, e.problems));
}

}  // namespace kinescape::report
