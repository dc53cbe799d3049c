// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "report/combination_internal.hpp"
#include "report/tidy_internal.hpp"

namespace kinescape::report {
namespace {

namespace cb = combination;

/// Columns beyond the second drug are there only where a combination of the run has more.
struct OfPair {
  const cb::PairResult* pair = nullptr;
  const cb::ScoreResult* score = nullptr;
  const cb::CellResult* cell = nullptr;
  const cb::SurfaceFit* fit = nullptr;
  const cb::SurfaceParameter* parameter = nullptr;
  std::size_t drugs = 2;
};

std::string letter(std::size_t drug) {
  return {static_cast<char>('a' + drug)};
}

void head(Tidy& t, const cb::PairResult* pair, std::size_t drugs) {
  static const cb::PairResult nothing;
  const cb::PairResult& p = pair ? *pair : nothing;
  t.text("line", p.line);
  for (std::size_t k = 0; k < drugs; ++k) {
    t.text("drug_" + letter(k), k < p.drugs.size() ? p.drugs[k] : "");
  }
}

void doses(Tidy& t,
           const std::array<double, cb::most_drugs>& dose_nM,
           const cb::PairResult* pair,
           std::size_t drugs) {
  const std::size_t own = pair ? pair->drugs.size() : 0;
  for (std::size_t k = 0; k < drugs; ++k) {
    t.number("dose_" + letter(k) + "_nM", k < own ? dose_nM[k] : unknown);
  }
}

void score_row(Tidy& t, const OfPair& of) {
  static const cb::ScoreResult nothing;
  const cb::ScoreResult& s = of.score ? *of.score : nothing;
  head(t, of.pair, of.drugs);
  t.text("model", std::string(cb::key(s.reference)));
  t.text("call", std::string(cb::name(s.call)));
  t.estimate("summary", "_points", s.summary);
  t.estimate("peak", "_points", s.peak);
  const std::size_t own = of.pair ? of.pair->drugs.size() : 0;
  for (std::size_t k = 0; k < of.drugs; ++k) {
    t.number("peak_from_" + letter(k) + "_nM", k < own ? s.peak_low_nM[k] : unknown);
    t.number("peak_to_" + letter(k) + "_nM", k < own ? s.peak_high_nM[k] : unknown);
  }
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
  head(t, of.pair, of.drugs);
  doses(t, c.dose_nM, of.pair, of.drugs);
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
  head(t, of.pair, of.drugs);
  t.text("model", of.fit ? std::string(cb::key(of.fit->model)) : "");
  t.text("parameter", of.parameter ? of.parameter->key : "");
  const Estimated e = of.parameter ? of.parameter->estimate : Estimated{};
  t.number("value", e.value);
  t.number("low", e.low);
  t.number("high", e.high);
  t.method(e);
}

struct OfCompatible {
  const cb::PairResult* pair = nullptr;
  const cb::CompatibleCell* cell = nullptr;
  std::size_t drugs = 2;
};

void compatible_row(Tidy& t, const OfCompatible& of) {
  static const cb::CompatibleCell nothing;
  const cb::CompatibleCell& c = of.cell ? *of.cell : nothing;
  head(t, of.pair, of.drugs);
  doses(t, c.dose_nM, of.pair, of.drugs);
  t.number("inhibition_percent", c.inhibition_percent);
  t.number("ZIP_fit", c.zip_fitted);
  for (const cb::Reference ref : cb::references) {
    const auto m = static_cast<std::size_t>(ref);
    t.number(std::string(cb::name(ref)) + "_ref", c.expected[m]);
    t.number(std::string(cb::name(ref)) + "_synergy", c.delta[m]);
  }
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
  std::vector<OfCompatible> compatible;
  bool asked = false;
  std::size_t drugs = 2;
  for (const cb::PairResult& pair : estimate.pairs) drugs = std::max(drugs, pair.drugs.size());
  for (const cb::PairResult& pair : estimate.pairs) {
    OfPair of;
    of.pair = &pair;
    of.drugs = drugs;
    for (const cb::ScoreResult& s : pair.scores) {
      of.score = &s;
      scores.push_back(of);
    }
    for (const cb::CellResult& c : pair.matrix) {
      of.cell = &c;
      cells.push_back(of);
    }
    for (const cb::SurfaceFit* fit : {&pair.musyc, &pair.braid, &pair.zimmer}) {
      of.fit = fit;
      for (const auto& p : fit->parameters) {
        of.parameter = &p;
        surfaces.push_back(of);
      }
    }
    asked = asked || pair.compatible;
    if (!pair.compatible) continue;
    for (const auto& cell : pair.compatible->cells) compatible.push_back({&pair, &cell, drugs});
  }
  std::vector<OutputFile> out{
      table("combination_scores", scores, score_row),
      table("combination_cells", cells, cell_row),
      table("combination_surfaces", surfaces, surface_row),
      table("combination_sensitisation", estimate.sensitisation, shift_row),
      table("combination_sensitisation_comparisons", estimate.comparisons, comparison_row)};
  if (asked) out.push_back(table("combination_compatible_cells", compatible, compatible_row));
  return out;
}

}  // namespace kinescape::report
