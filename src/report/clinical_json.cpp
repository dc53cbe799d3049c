// SPDX-License-Identifier: Apache-2.0
// The clinical room's keys in JSON.
#include "report/clinical_internal.hpp"

namespace kinescape::report {
namespace {

Json point_json(const clinical::CurvePoint& p) {
  return {{"time", p.time},
          {"survival", number_or_null(p.survival)},
          {"low", number_or_null(p.low)},
          {"high", number_or_null(p.high)},
          {"at_risk", number_or_null(p.at_risk)},
          {"events", number_or_null(p.events)},
          {"censored", number_or_null(p.censored)}};
}

Json incidence_json(const clinical::Incidence& i) {
  Json points = Json::array();
  for (std::size_t k = 0; k < i.time.size(); ++k)
    points.push_back({{"time", i.time[k]},
                      {"incidence", number_or_null(i.incidence[k])},
                      {"se", number_or_null(i.se[k])}});
  return {{"cause", i.cause}, {"points", std::move(points)}};
}

Json arm_json(const clinical::ArmResult& a) {
  return {{"arm", a.arm},
          {"n", a.n},
          {"events", a.events},
          {"median", estimated(a.median)},
          {"restricted_mean", estimated(a.restricted_mean)},
          {"horizon", number_or_null(a.horizon)},
          {"median_bootstrap", estimated(a.median_bootstrap)},
          {"weibull_median", estimated(a.weibull_median)},
          {"turnbull_optimality", number_or_null(a.optimality)},
          {"landmarks",
           listed(a.landmarks,
                  [](const clinical::Landmark& l) {
                    return Json{{"time", l.time}, {"survival", estimated(l.survival)}};
                  })},
          {"incidence", listed(a.incidence, incidence_json)},
          {"survival", listed(a.survival, point_json)}};
}

Json test_json(const clinical::TestResult& t) {
  Json json{{"name", t.name},
            {"chi2", number_or_null(t.chi2)},
            {"df", number_or_null(t.df)},
            {"p", number_or_null(t.p)},
            {"status", name(t.status)}};
  Json observed = Json::array(), expected = Json::array();
  for (const double x : t.observed) observed.push_back(number_or_null(x));
  for (const double x : t.expected) expected.push_back(number_or_null(x));
  json["observed"] = std::move(observed), json["expected"] = std::move(expected);
  if (!t.why.empty()) json["why"] = t.why;
  return json;
}

Json cox_json(const clinical::CoxResult& c) {
  Json json{{"status", name(c.status)},
            {"ties", c.ties},
            {"penalised", c.penalised},
            {"n", c.n},
            {"events", c.events},
            {"n_dropped", c.dropped},
            {"log_likelihood_null", number_or_null(c.log_likelihood_null)},
            {"log_likelihood", number_or_null(c.log_likelihood)},
            {"score_test", number_or_null(c.score_test)},
            {"wald_test", number_or_null(c.wald_test)},
            {"likelihood_ratio_test", number_or_null(c.likelihood_ratio_test)},
            {"concordance", number_or_null(c.concordance)}};
  json["coefficients"] = listed(c.coefficients, [](const clinical::CoxTerm& t) {
    return Json{{"name", t.name},
                {"estimate", number_or_null(t.estimate)},
                {"se", number_or_null(t.se)},
                {"z", number_or_null(t.z)},
                {"p", number_or_null(t.p)},
                {"hazard_ratio", estimated(t.hazard_ratio)}};
  });
  json["proportional_hazards"] = listed(c.proportionality, [](const clinical::ProportionalTerm& t) {
    return Json{{"term", t.name},
                {"chi2", number_or_null(t.chi2)},
                {"df", number_or_null(t.df)},
                {"p", number_or_null(t.p)}};
  });
  if (!c.why.empty()) json["why"] = c.why;
  return json;
}

Json rate_json(const clinical::ResponseRate& r) {
  return {{"responders", r.responders},
          {"n", r.n},
          {"clopper_pearson", estimated(r.clopper_pearson)},
          {"wilson", estimated(r.wilson)},
          {"wilson_corrected", estimated(r.wilson_corrected)},
          {"mid_p", estimated(r.mid_p)},
          {"jeffreys", estimated(r.jeffreys)},
          {"agresti_coull", estimated(r.agresti_coull)}};
}

Json visit_json(const clinical::VisitCall& v) {
  return {{"day", number_or_null(v.day)},
          {"sum_mm", number_or_null(v.sum_mm)},
          {"nadir_mm", number_or_null(v.nadir_mm)},
          {"change_from_baseline_percent", number_or_null(v.change_from_baseline_percent)},
          {"change_from_nadir_percent", number_or_null(v.change_from_nadir_percent)},
          {"target", name(v.target)},
          {"non_target", name(v.non_target)},
          {"new_lesion", v.new_lesion},
          {"overall", name(v.overall)},
          {"why", v.why}};
}

Json patient_json(const clinical::PatientCall& p) {
  return {{"patient", p.patient},
          {"arm", p.arm},
          {"bor", name(p.best)},
          {"confirmed", p.confirmed},
          {"why", p.why},
          {"baseline_sum_mm", number_or_null(p.baseline_sum_mm)},
          {"n_targets", p.targets},
          {"best_change_percent", number_or_null(p.best_change_percent)},
          {"progression_day", number_or_null(p.progression_day)},
          {"last_without_progression_day", number_or_null(p.last_without_day)},
          {"intracranial", p.intracranial},
          {"bor_intracranial", p.intracranial ? Json(name(p.best_intracranial)) : Json(nullptr)},
          {"visits", listed(p.visits, visit_json)}};
}

Json rates_json(const clinical::RateComparison& c) {
  return {{"difference", estimated(c.difference)},
          {"odds_ratio", estimated(c.odds_ratio)},
          {"risk_ratio", estimated(c.risk_ratio)},
          {"fisher_p", number_or_null(c.fisher_p)},
          {"chi2", number_or_null(c.chi2)}};
}

Json response_json(const clinical::ResponseEstimate& r) {
  return {{"arms",
           listed(r.arms,
                  [](const clinical::ArmResponse& a) {
                    return Json{
                        {"arm", a.arm},
                        {"CR", a.complete},
                        {"PR", a.partial},
                        {"SD", a.stable},
                        {"PD", a.progression},
                        {"NE", a.not_evaluable},
                        {"orr", rate_json(a.orr)},
                        {"dcr", rate_json(a.dcr)},
                        {"intracranial_orr",
                         a.intracranial_orr.n > 0 ? rate_json(a.intracranial_orr) : Json(nullptr)},
                        {"reference", a.reference},
                        {"orr_against", rates_json(a.orr_against)},
                        {"dcr_against", rates_json(a.dcr_against)}};
                  })},
          {"patients", listed(r.patients, patient_json)}};
}

}  // namespace

Json clinical_body(const clinical::Estimate& e) {
  Json json = Json::object();
  json["time_unit"] = e.time_unit;
  json["interval_censored"] = e.interval_censored;
  json["left_truncated"] = e.left_truncated;
  json["reconstructed_from"] =
      e.reconstructed_from.empty() ? Json(nullptr) : Json(e.reconstructed_from);
  json["arms"] = listed(e.arms, arm_json);
  json["logrank"] = test_json(e.logrank);
  json["tests"] = listed(e.tests, test_json);
  json["cox"] = cox_json(e.cox);
  json["comparisons"] = listed(e.comparisons, [](const clinical::ArmComparison& c) {
    return Json{{"arm", c.arm},
                {"reference", c.reference},
                {"restricted_mean_difference", estimated(c.restricted_mean_difference)},
                {"restricted_mean_ratio", estimated(c.restricted_mean_ratio)}};
  });
  json["response"] = e.response ? response_json(*e.response) : Json(nullptr);
  json["methods"] = e.methods;
  json["citations"] = e.citations;
  return json;
}

std::string clinical_json(const clinical::Estimate& e,
                          const Provenance& provenance,
                          const Problems& problems) {
  return room_json("clinical", clinical_body(e), provenance, together(problems, e.problems));
}

std::string orr_json(const OrrAnswer& answer, const Provenance& provenance) {
  Json json = Json::object();
  json["orr"] = rate_json(answer.rate);
  if (answer.second != nullptr) json["against"] = rate_json(*answer.second);
  if (answer.comparison != nullptr) json["comparison"] = rates_json(*answer.comparison);
  return room_json("clinical-orr", json, provenance, {});
}

Json pool_body(const std::vector<clinical::Pooled>& pooled) {
  Json json = Json::object();
  json["pooled"] = listed(pooled, [](const clinical::Pooled& p) {
    Json series = Json::array();
    for (std::size_t i = 0; i < p.series.size(); ++i)
      series.push_back({{"source", p.series[i].source},
                        {"responders", p.series[i].responders},
                        {"n", p.series[i].n},
                        {"rate", estimated(p.each[i])}});
    return Json{{"group", p.group},
                {"studies", p.studies},
                {"responders", p.responders},
                {"n", p.n},
                {"rate", estimated(p.rate)},
                {"exact_rate", estimated(p.exact_rate)},
                {"predictive", estimated(p.predictive)},
                {"intraclass", estimated(p.intraclass)},
                {"heterogeneity_p", number_or_null(p.heterogeneity_p)},
                {"exact_heterogeneity_p", number_or_null(p.exact_heterogeneity_p)},
                {"series", std::move(series)}};
  });
  return json;
}

std::string pool_json(const std::vector<clinical::Pooled>& pooled,
                      const Provenance& provenance,
                      const Problems& problems) {
  return room_json("clinical-pool", pool_body(pooled), provenance, problems);
}

}  // namespace kinescape::report
