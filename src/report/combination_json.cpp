// SPDX-License-Identifier: Apache-2.0
// What scripts read of a combination; schemas/combination-result.schema.json describes it.
#include "report/combination_internal.hpp"

namespace kinescape::report {
namespace {

namespace cb = combination;

Json doses(const std::array<double, cb::most_drugs>& dose_nM, std::size_t drugs) {
  Json out = Json::array();
  for (std::size_t k = 0; k < drugs; ++k) out.push_back(number_or_null(dose_nM[k]));
  return out;
}

Json score_json(const cb::ScoreResult& s, std::size_t drugs) {
  return {{"summary", estimated(s.summary)},
          {"peak", estimated(s.peak)},
          {"unit", "percentage points"},
          {"peak_region",
           {{"low_nM", doses(s.peak_low_nM, drugs)}, {"high_nM", doses(s.peak_high_nM, drugs)}}},
          {"p", number_or_null(s.p)},
          {"p_adjusted", number_or_null(s.p_adjusted)},
          {"q_bh", number_or_null(s.q_bh)},
          {"call", cb::name(s.call)},
          {"says", s.says},
          {"n_cells", s.cells},
          {"n_undefined_cells", s.undefined_cells}};
}

Json surface_json(const cb::SurfaceFit& fit) {
  Json out = Json::object();
  for (const cb::SurfaceParameter& p : fit.parameters) out[p.key] = estimated(p.estimate);
  out["status"] = name(fit.status);
  if (!fit.why.empty()) out["why"] = fit.why;
  out["residual_sd"] = number_or_null(fit.residual_sd);
  out["aicc"] = number_or_null(fit.aicc);
  out["n_wells"] = fit.n;
  out["n_parameters"] = fit.k;
  return out;
}

Json cell_json(const cb::CellResult& c, std::size_t drugs) {
  Json out{{"dose_nM", doses(c.dose_nM, drugs)}, {"viability", number_or_null(c.viability)}};
  for (const cb::Reference ref : cb::references) {
    const auto m = static_cast<std::size_t>(ref);
    out[std::string(cb::key(ref))] = {{"expected", number_or_null(c.expected[m])},
                                      {"delta", number_or_null(c.delta[m])},
                                      {"p_adjusted", number_or_null(c.p_adjusted[m])},
                                      {"significant", c.significant[m]}};
  }
  return out;
}

Json margins(const cb::PairResult& pair) {
  Json out = Json::array();
  const cb::Surface& s = pair.cells.mean;
  for (std::size_t k = 0; k < pair.drugs.size(); ++k) {
    Json points = Json::array();
    for (std::size_t i = 0; i < s.axis_nM[k].size(); ++i) {
      points.push_back({{"dose_nM", s.axis_nM[k][i]},
                        {"viability", number_or_null(s.viability[i * s.stride(k)])}});
    }
    const cb::Agent a = k < pair.agents.size() ? pair.agents[k] : cb::Agent{};
    out.push_back({{"drug", pair.drugs[k]},
                   {"curve",
                    {{"top", number_or_null(a.top)},
                     {"bottom", number_or_null(a.bottom)},
                     {"ec50_nM", number_or_null(a.ec50_nM)},
                     {"hill_slope", number_or_null(a.hill_slope)}}},
                   {"points", std::move(points)}});
  }
  return out;
}

Json index_json(const cb::PairResult& pair) {
  const cb::MedianEffect& m = pair.median_effect;
  Json lines = Json::array(), reductions = Json::array(), cells = Json::array();
  for (std::size_t k = 0; k < m.lines.size(); ++k) {
    lines.push_back({{"drug", pair.drugs[k]},
                     {"m", number_or_null(m.lines[k].m)},
                     {"dm_nM", number_or_null(m.lines[k].dm_nM)},
                     {"r", number_or_null(m.lines[k].r)},
                     {"n_doses", m.lines[k].points}});
    reductions.push_back({{"drug", pair.drugs[k]}, {"index", estimated(m.dose_reduction[k])}});
  }
  for (const cb::IndexCell& c : m.cells) {
    cells.push_back({{"dose_nM", doses(c.dose_nM, pair.drugs.size())},
                     {"affected", number_or_null(c.affected)},
                     {"combination_index", number_or_null(c.combination_index)},
                     {"dose_reduction", doses(c.dose_reduction, pair.drugs.size())}});
  }
  return {{"combination_index", estimated(m.combination_index)},
          {"dose_reduction", std::move(reductions)},
          {"lines", std::move(lines)},
          {"cells", std::move(cells)}};
}

Json isobole_json(const cb::Isobologram& iso) {
  const auto points = [](const std::vector<cb::Isobologram::Point>& all) {
    return listed(all, [](const cb::Isobologram::Point& p) {
      return Json{{"dose_a_nM", number_or_null(p.dose_a_nM)},
                  {"dose_b_nM", number_or_null(p.dose_b_nM)}};
    });
  };
  return {{"viability", number_or_null(iso.level)},
          {"alone_a_nM", number_or_null(iso.alone_a_nM)},
          {"alone_b_nM", number_or_null(iso.alone_b_nM)},
          {"fitted", points(iso.fitted)},
          {"measured", points(iso.measured)},
          {"why", iso.why}};
}

Json specifications_json(const cb::SpecificationTable& t) {
  return {{"lowest", number_or_null(t.lowest)},
          {"highest", number_or_null(t.highest)},
          {"sign", cb::name(t.sign)},
          {"robust", cb::name(t.robust)},
          {"rows", listed(t.rows, [](const cb::Specification& s) {
             return Json{{"reference", s.model},
                         {"baseline", cb::name(s.preparation.baseline)},
                         {"own_vehicle", s.preparation.own_vehicle},
                         {"plateaus", s.preparation.full_range ? "0-100" : "free"},
                         {"score", number_or_null(s.score)}};
           })}};
}

Json compatible_json(const cb::Compatible& c, std::size_t drugs) {
  const auto by_model = [](const std::array<double, cb::reference_count>& values) {
    Json out = Json::object();
    for (const cb::Reference ref : cb::references) {
      out[std::string(cb::key(ref))] = number_or_null(values[static_cast<std::size_t>(ref)]);
    }
    return out;
  };
  return {{"program", "SynergyFinder 3"},
          {"status", name(c.status)},
          {"why", c.why},
          {"baseline", cb::name(c.options.baseline)},
          {"emin_percent", number_or_null(c.options.emin_percent)},
          {"emax_percent", number_or_null(c.options.emax_percent)},
          {"dose_unit_nM", number_or_null(c.options.unit_nM)},
          {"summary", by_model(c.summary)},
          {"differs", c.differs},
          {"curves",
           listed(c.curves,
                  [](const cb::CompatibleCurve& k) {
                    return Json{{"drug", k.drug},
                                {"shape", k.shape},
                                {"b", number_or_null(k.b)},
                                {"c_percent", number_or_null(k.c)},
                                {"d_percent", number_or_null(k.d)},
                                {"e", number_or_null(k.e)},
                                {"residual_sum", number_or_null(k.residual_sum)},
                                {"least_sum", number_or_null(k.least_sum)}};
                  })},
          {"cells", listed(c.cells, [&](const cb::CompatibleCell& cell) {
             return Json{{"dose_nM", doses(cell.dose_nM, drugs)},
                         {"inhibition_percent", number_or_null(cell.inhibition_percent)},
                         {"zip_fit_percent", number_or_null(cell.zip_fitted)},
                         {"reference_percent", by_model(cell.expected)},
                         {"synergy", by_model(cell.delta)}};
           })}};
}

Json pair_json(const cb::PairResult& pair) {
  const std::size_t drugs = pair.drugs.size();
  Json out{{"line", pair.line},
           {"drug_a", pair.drugs[0]},
           {"drug_b", pair.drugs[1]},
           {"drugs", pair.drugs},
           {"says", pair.says},
           {"n_repeats", pair.repeats},
           {"n_wells", pair.wells},
           {"n_excluded_wells", pair.excluded_wells}};
  Json scores = Json::object();
  for (const cb::ScoreResult& s : pair.scores) {
    scores[std::string(cb::key(s.reference))] = score_json(s, drugs);
  }
  out["scores"] = std::move(scores);
  for (const cb::SurfaceFit* fit : {&pair.musyc, &pair.braid, &pair.zimmer}) {
    out[std::string(cb::key(fit->model))] = surface_json(*fit);
  }
  out["robust"] = cb::name(pair.specifications.robust);
  out["best_pair"] = {{"dose_nM", doses(pair.best.dose_nM, drugs)},
                      {"viability", estimated(pair.best.viability)},
                      {"p_best", number_or_null(pair.best.p_best)}};
  out["median_effect"] = index_json(pair);
  out["isobologram"] = isobole_json(pair.isobologram);
  out["specifications"] = specifications_json(pair.specifications);
  if (pair.compatible) out["compatible"] = compatible_json(*pair.compatible, drugs);
  out["single_agents"] = margins(pair);
  out["matrix"] = listed(pair.matrix, [&](const cb::CellResult& c) { return cell_json(c, drugs); });
  return out;
}

}  // namespace

std::string pair_name(const cb::PairResult& pair) {
  std::string out = pair.drugs[0];
  for (std::size_t k = 1; k < pair.drugs.size(); ++k) out += " + " + pair.drugs[k];
  return pair.line.empty() ? out : out + " on " + pair.line;
}

Json combination_body(const cb::Estimate& estimate) {
  Json json = Json::object();
  json["effect"] = cb::name(estimate.effect);
  json["pairs"] = listed(estimate.pairs, pair_json);
  json["sensitisation"] = listed(estimate.sensitisation, [](const cb::Sensitisation& s) {
    return Json{{"line", s.line},
                {"drug", s.drug},
                {"with", s.with},
                {"with_dose_nM", s.with_dose_nM},
                {"ic50_alone_nM", number_or_null(s.ic50_alone_nM)},
                {"ic50_with_nM", number_or_null(s.ic50_with_nM)},
                {"fold", estimated(s.fold)},
                {"p", number_or_null(s.p)},
                {"p_adjusted", number_or_null(s.p_adjusted)}};
  });
  json["sensitisation_comparisons"] =
      listed(estimate.comparisons, [](const cb::SensitisationComparison& c) {
        return Json{{"resistant", c.resistant},
                    {"parental", c.parental},
                    {"drug", c.drug},
                    {"with", c.with},
                    {"with_dose_nM", c.with_dose_nM},
                    {"ratio", estimated(c.ratio)},
                    {"p", number_or_null(c.p)},
                    {"p_adjusted", number_or_null(c.p_adjusted)}};
      });
  json["methods"] = estimate.methods;
  json["citations"] = estimate.citations;
  return json;
}

std::string combination_json(const cb::Estimate& estimate,
                             const Provenance& provenance,
                             const Problems& problems) {
  return room_json(
      "combination", combination_body(estimate), provenance, together(problems, estimate.problems));
}

std::string combination_plan_json(const std::vector<cb::PlanRow>& rows,
                                  int simulations,
                                  const Provenance& provenance) {
  Json body{{"n_simulations", simulations}};
  body["matrices"] = listed(rows, [](const cb::PlanRow& row) {
    Json out{{"doses", row.doses},
             {"repeats", row.repeats},
             {"wells", row.wells},
             {"dilution", number_or_null(row.step)}};
    for (const cb::Reference ref : cb::references) {
      const auto m = static_cast<std::size_t>(ref);
      out[std::string(cb::key(ref))] = {{"true_score", number_or_null(row.true_score[m])},
                                        {"power", number_or_null(row.power[m])}};
    }
    return out;
  });
  return room_json("combination-plan", body, provenance, {});
}

}  // namespace kinescape::report
