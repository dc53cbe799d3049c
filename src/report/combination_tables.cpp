// SPDX-License-Identifier: Apache-2.0
#include "report/combination_internal.hpp"
#include "report/tidy_internal.hpp"

namespace kinescape::report {
namespace {

namespace cb = combination;

struct OfPair {
  const cb::PairResult* pair = nullptr;
  const cb::ScoreResult* score = nullptr;
  const cb::CellResult* cell = nullptr;
  const cb::SurfaceFit* fit = nullptr;
  const cb::SurfaceParameter* parameter = nullptr;
};

void head(Tidy& t, const cb::PairResult* pair) {
  static const cb::PairResult nothing;
  const cb::PairResult& p = pair ? *pair : nothing;
  t.text("line", p.line);
  for (std::size_t k = 0; k < 2; ++k) {
    t.text(k == 0 ? "drug_a" : "drug_b", k < p.drugs.size() ? p.drugs[k] : "");
  }
}

void score_row(Tidy& t, const OfPair& of) {
  static const cb::ScoreResult nothing;
  const cb::ScoreResult& s = of.score ? *of.score : nothing;
  head(t, of.pair);
  t.text("model", std::string(cb::key(s.reference)));
  t.text("call", std::string(cb::name(s.call)));
  t.estimate("summary", "_points", s.summary);
  t.estimate("peak", "_points", s.peak);
  t.number("peak_from_a_nM", s.peak_low_nM[0]);
  t.number("peak_to_a_nM", s.peak_high_nM[0]);
  t.number("peak_from_b_nM", s.peak_low_nM[1]);
  t.number("peak_to_b_nM", s.peak_high_nM[1]);
  t.number("p", s.p);
  t.number("p_adjusted", s.p_adjusted);
  t.number("q_bh", s.q_bh);
  t.count("cells", s.cells);
  t.count("undefined_cells", s.undefined_cells);
  t.method(s.summary);
}

void cell_row(Tidy& t, const OfPair& of) {
  static const cb::CellResult nothing;
  const cb::CellResult& c = of.cell ? *of.cell : nothing;
  head(t, of.pair);
  t.number("dose_a_nM", c.dose_nM[0]);
  t.number("dose_b_nM", c.dose_nM[1]);
  t.number("viability_fraction_of_vehicle", c.viability);
  for (const cb::Reference ref : cb::references) {
    const auto m = static_cast<std::size_t>(ref);
    const std::string key(cb::key(ref));
    t.number(key + "_expected_fraction_of_vehicle", c.expected[m]);
    t.number(key + "_points", c.delta[m]);
    t.number(key + "_p_adjusted", c.p_adjusted[m]);
  }
}

void surface_row(Tidy& t, const OfPair& of) {
  head(t, of.pair);
  t.text("model", of.fit ? std::string(cb::key(of.fit->model)) : "");
  t.text("parameter", of.parameter ? of.parameter->key : "");
  const Estimated e = of.parameter ? of.parameter->estimate : Estimated{};
  t.number("value", e.value);
  t.number("low", e.low);
  t.number("high", e.high);
  t.method(e);
}

void shift_row(Tidy& t, const cb::Sensitisation& s) {
  t.text("line", s.line);
  t.text("drug", s.drug);
  t.text("with", s.with);
  t.number("with_dose_nM", s.with_dose_nM);
  t.number("ic50_alone_nM", s.ic50_alone_nM);
  t.number("ic50_with_nM", s.ic50_with_nM);
  t.estimate("fold", "", s.fold);
  t.number("p", s.p);
  t.number("p_adjusted", s.p_adjusted);
  t.method(s.fold);
}

void comparison_row(Tidy& t, const cb::SensitisationComparison& c) {
  t.text("resistant", c.resistant);
  t.text("parental", c.parental);
  t.text("drug", c.drug);
  t.text("with", c.with);
  t.number("with_dose_nM", c.with_dose_nM);
  t.estimate("ratio", "", c.ratio);
  t.number("p", c.p);
  t.number("p_adjusted", c.p_adjusted);
  t.method(c.ratio);
}

}  // namespace

std::vector<OutputFile> combination_tables(const cb::Estimate& estimate) {
  std::vector<OfPair> scores, cells, surfaces;
  for (const cb::PairResult& pair : estimate.pairs) {
    for (const cb::ScoreResult& s : pair.scores) scores.push_back({&pair, &s});
    for (const cb::CellResult& c : pair.matrix) cells.push_back({&pair, nullptr, &c});
    for (const cb::SurfaceFit* fit : {&pair.musyc, &pair.braid, &pair.zimmer}) {
      for (const auto& p : fit->parameters) surfaces.push_back({&pair, nullptr, nullptr, fit, &p});
    }
  }
  return {table("combination_scores", scores, score_row),
          table("combination_cells", cells, cell_row),
          table("combination_surfaces", surfaces, surface_row),
          table("combination_sensitisation", estimate.sensitisation, shift_row),
          table("combination_sensitisation_comparisons", estimate.comparisons, comparison_row)};
}

}  // namespace kinescape::report
