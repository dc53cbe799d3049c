// SPDX-License-Identifier: Apache-2.0
// The evidence chapter as JSON and as tidy tables.
#include "report/evidence_chapter_internal.hpp"
#include "report/evidence_internal.hpp"
#include "report/tidy_internal.hpp"

namespace kinescape::report {
namespace {

Json own_value_json(const evidence::OwnComparison& c) {
  return {{"line", c.own.line},
          {"drug", c.own.drug},
          {"agent", c.agent},
          {"gene", c.own.variant.gene},
          {"variant", c.own.variant.key},
          {"plate_ic50_nM", estimated(c.own.ic50_nM)},
          {"literature_ic50_nM", estimated(c.literature.ic50_nM)},
          {"expected_ic50_nM", estimated(c.expected_nM)},
          {"both_ic50_nM", estimated(c.both_nM)},
          {"p", number_or_null(c.p)},
          {"agreement", evidence::name(c.agreement)},
          {"measured_in_literature", c.literature.measured},
          {"unread_rows_weigh", c.literature.unread_weigh},
          {"n_sources", c.literature.sources},
          {"says", c.says}};
}

Json own_fold_json(const evidence::OwnFoldComparison& c) {
  return {{"line", c.own.line},
          {"parental", c.own.parental},
          {"drug", c.own.drug},
          {"agent", c.agent},
          {"gene", c.own.variant.gene},
          {"variant", c.own.variant.key},
          {"over", c.own.over.key},
          {"plate_fold", estimated(c.own.fold)},
          {"expected_fold", estimated(c.expected)},
          {"p", number_or_null(c.p)},
          {"agreement", evidence::name(c.agreement)},
          {"says", c.says}};
}

struct Cell {
  std::string gene, variant, agent, printed;
  evidence::TableCell cell;
};

std::vector<Cell> cells_of(const evidence::Estimate& e) {
  std::vector<Cell> out;
  for (std::size_t v = 0; v < e.table.variants.size(); ++v) {
    for (std::size_t a = 0; a < e.table.agents.size(); ++a) {
      Cell c{e.gene, e.table.variants[v].key, e.table.agents[a], "", e.table.cells[v][a]};
      for (const std::size_t i : c.cell.printed) {
        const evidence::Row& row = e.library.rows[i];
        c.printed += (c.printed.empty() ? "" : "; ") + row.as_printed +
                     (row.kind == evidence::RowKind::fold ? "-fold" : "") + " (" + row.pack + ":" +
                     row.id + (row.read == evidence::Read::yes ? "" : ", not read") + ")";
      }
      out.push_back(std::move(c));
    }
  }
  return out;
}

struct Place {
  evidence::VariantOf variant;
  std::string criterion;
  evidence::Ranked ranked;
};

std::vector<OutputFile> tables_of_comparison(const evidence::Estimate& e) {
  std::vector<OutputFile> out;
  out.push_back(table("evidence_own", e.own, [](Tidy& t, const evidence::OwnComparison& c) {
    t.text("notice", research_only);
    t.text("line", c.own.line);
    t.text("drug", c.own.drug);
    t.text("agent", c.agent);
    t.text("gene", c.own.variant.gene);
    t.text("variant", c.own.variant.key);
    t.estimate("plate_ic50", "_nM", c.own.ic50_nM);
    t.estimate("literature_ic50", "_nM", c.literature.ic50_nM);
    t.estimate("expected_ic50", "_nM", c.expected_nM);
    t.estimate("both_ic50", "_nM", c.both_nM);
    t.number("p", c.p);
    t.text("agreement", std::string(evidence::name(c.agreement)));
    t.count("n_sources", c.literature.sources);
    t.text("unread_rows_weigh", c.literature.unread_weigh ? "yes" : "no");
    t.text("says", c.says);
  }));
  out.push_back(table("evidence_folds", e.folds, [](Tidy& t, const evidence::OwnFoldComparison& c) {
    t.text("notice", research_only);
    t.text("line", c.own.line);
    t.text("parental", c.own.parental);
    t.text("drug", c.own.drug);
    t.text("agent", c.agent);
    t.text("gene", c.own.variant.gene);
    t.text("variant", c.own.variant.key);
    t.text("over", c.own.over.key);
    t.estimate("plate_fold", "", c.own.fold);
    t.estimate("expected_fold", "", c.expected);
    t.number("p", c.p);
    t.text("agreement", std::string(evidence::name(c.agreement)));
    t.text("says", c.says);
  }));
  return out;
}

}  // namespace

Json evidence_study_body(const study::EvidenceResults& results) {
  const evidence::Estimate& e = results.estimate;
  Json json{{"notice", research_only}, {"gene", e.gene}, {"include_unread", e.include_unread}};
  json["packs"] = evidence_packs_json(e.library);
  json["lines"] = listed(results.lines, [](const study::LineVariant& l) {
    return Json{{"line", l.line},
                {"cells", l.cells},
                {"gene", l.of.variant.gene},
                {"variant", l.of.variant.key},
                {"also", l.of.also},
                {"why", l.of.why}};
  });
  json["own"] = listed(e.own, own_value_json);
  json["folds"] = listed(e.folds, own_fold_json);
  json["cells"] = listed(cells_of(e), [&](const Cell& c) {
    Json rows = Json::array();
    for (const std::size_t i : c.cell.printed)
      rows.push_back(evidence_row_json(e.library, e.library.rows[i]));
    const evidence::PotencyEstimate& p = c.cell.potency;
    return Json{{"gene", c.gene},
                {"variant", c.variant},
                {"agent", c.agent},
                {"measured", p.measured},
                {"conflicting", c.cell.conflicting},
                {"unread_rows_weigh", p.unread_weigh},
                {"n_sources", p.sources},
                {"ic50_nM", estimated(p.ic50_nM)},
                {"ic50_predictive_nM", estimated(p.ic50_predictive_nM)},
                {"fold_over_wild_type", estimated(p.fold_over_wild_type)},
                {"window_over_parental", estimated(p.window_over_parental)},
                {"printed", std::move(rows)}};
  });
  json["rankings"] = listed(
      e.rankings, [&](const evidence::Ranking& r) { return evidence_ranking_json(e.library, r); });
  json["conflicts"] = listed(e.conflicts, [&](const evidence::Conflict& c) {
    return evidence_conflict_json(e.library, c);
  });
  json["spreads_log10"] = Json::object();
  for (const auto& s : e.spreads) json["spreads_log10"][s.name] = number_or_null(s.sd);
  json["methods"] = e.methods;
  json["citations"] = e.citations;
  return json;
}

std::vector<OutputFile> evidence_tables(const study::EvidenceResults& results) {
  const evidence::Estimate& e = results.estimate;
  std::vector<OutputFile> out = tables_of_comparison(e);
  out.push_back(table("evidence_table", cells_of(e), [](Tidy& t, const Cell& c) {
    const evidence::PotencyEstimate& p = c.cell.potency;
    t.text("notice", research_only);
    t.text("gene", c.gene);
    t.text("variant", c.variant);
    t.text("agent", c.agent);
    t.text("measured", p.measured ? "yes" : "no");
    t.text("conflicting", c.cell.conflicting ? "yes" : "no");
    t.text("unread_rows_weigh", p.unread_weigh ? "yes" : "no");
    t.count("n_sources", p.sources);
    t.estimate("ic50", "_nM", p.ic50_nM);
    t.estimate("ic50_predictive", "_nM", p.ic50_predictive_nM);
    t.estimate("fold_over_wild_type", "", p.fold_over_wild_type);
    t.text("as_printed", c.printed);
  }));
  std::vector<Place> places;
  for (const auto& r : e.rankings)
    for (const auto& x : r.ranking)
      places.push_back({r.variant, std::string(evidence::name(r.criterion)), x});
  out.push_back(table("evidence_rankings", places, [](Tidy& t, const Place& p) {
    t.text("notice", research_only);
    t.text("gene", p.variant.gene);
    t.text("variant", p.variant.key);
    t.text("criterion", p.criterion);
    t.text("agent", p.ranked.agent);
    t.text("list", p.ranked.list);
    t.number("p_best", p.ranked.p_best);
    t.number("expected_rank", p.ranked.expected_rank);
    t.number("p_cover_above_1", p.ranked.p_cover_above_1);
    std::string tied;
    for (const auto& a : p.ranked.tied_with) tied += (tied.empty() ? "" : "; ") + a;
    t.text("tied_with", tied);
    t.estimate("ic50", "_nM", p.ranked.potency.ic50_nM);
    t.estimate("fold_over_wild_type", "", p.ranked.potency.fold_over_wild_type);
    t.estimate("window_over_parental", "", p.ranked.potency.window_over_parental);
    t.estimate("cover", "", p.ranked.cover);
  }));
  out.push_back(table("evidence_lines", results.lines, [](Tidy& t, const study::LineVariant& l) {
    t.text("line", l.line);
    t.text("cells", l.cells);
    t.text("gene", l.of.variant.gene);
    t.text("variant", l.of.variant.key);
    std::string also;
    for (const auto& a : l.of.also) also += (also.empty() ? "" : "; ") + a;
    t.text("also", also);
    t.text("why", l.of.why);
  }));
  return out;
}

}  // namespace kinescape::report
