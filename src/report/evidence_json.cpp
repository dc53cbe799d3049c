// SPDX-License-Identifier: Apache-2.0
// The JSON of `kinescape evidence`; schemas/evidence-result.schema.json describes it.
#include <map>

#include "report/evidence_internal.hpp"

namespace kinescape::report {
namespace {

using evidence::Library;
using evidence::Row;

Json begin(const EvidenceContext& context) {
  Json json{{"notice", research_only}, {"packs", Json::array()}};
  if (context.library == nullptr) return json;
  json["packs"] = evidence_packs_json(*context.library);
  json["include_unread"] = context.include_unread;
  return json;
}

std::string finish(const EvidenceContext& context, const Json& body) {
  return room_json("evidence", body, context.provenance, context.problems);
}

Json citation_of(const Library& library, const Row& row) {
  const evidence::Source* source = library.source(row.pack, row.source);
  if (source == nullptr) return {{"id", row.source}};
  return {{"id", source->id},
          {"kind", source->kind},
          {"citation", source->citation},
          {"year", source->year == 0 ? Json(nullptr) : Json(source->year)},
          {"doi", source->doi},
          {"pmid", source->pmid},
          {"url", source->url}};
}

Json lists_of(const std::vector<evidence::Listed>& list) {
  return listed(list, [](const evidence::Listed& l) {
    Json json{{"agent", l.agent}, {"why", l.why}};
    if (l.ic50_nM.status != Status::not_run) json["ic50_nM"] = estimated(l.ic50_nM);
    return json;
  });
}

}  // namespace

Json evidence_packs_json(const Library& library) {
  return listed(library.packs, [](const evidence::Pack& pack) {
    return Json{{"name", pack.name},
                {"version", pack.version},
                {"date", pack.date},
                {"schema", pack.schema},
                {"licence", pack.licence}};
  });
}

Json evidence_row_json(const Library& library, const Row& row) {
  Json json{{"row", row.id},
            {"pack", row.pack},
            {"kind", evidence::name(row.kind)},
            {"agent", row.agent},
            {"gene", row.gene},
            {"variant", row.variant},
            {"variant_as_printed", row.variant_as_printed},
            {"as_printed", row.as_printed},
            {"endpoint", row.endpoint},
            {"fusion", row.fusion},
            {"system", row.system},
            {"readout", evidence::name(row.readout)},
            {"read", evidence::name(row.read)},
            {"confidence", row.confidence},
            {"read_in", row.read_in},
            {"superseded", row.superseded},
            {"cites", row.cites},
            {"note", row.note},
            {"source", citation_of(library, row)}};
  if (row.kind == evidence::RowKind::statement) {
    json["meaning"] = evidence::name(row.meaning);
  } else {
    json["relation"] = evidence::name(row.relation);
    json[row.kind == evidence::RowKind::fold ? "fold" : "value_nM"] = number_or_null(row.low);
    json[row.kind == evidence::RowKind::fold ? "high_fold" : "high_nM"] = number_or_null(row.high);
    if (row.kind == evidence::RowKind::measurement) {
      json["unit"] = row.unit;
      json["spread_nM"] = number_or_null(row.spread_nM);
      json["spread_kind"] = row.spread_kind;
      json["replicates"] = row.replicates;
      json["curve"] = row.curve;
    }
  }
  return json;
}

Json evidence_conflict_json(const Library& library, const evidence::Conflict& c) {
  Json rows = Json::array();
  for (const std::size_t i : c.rows)
    rows.push_back(library.rows[i].pack + ":" + library.rows[i].id);
  for (const auto& id : c.other_rows) rows.push_back(id);
  return {{"kind", c.kind},
          {"class", c.contradiction() ? "contradiction" : "doubt"},
          {"pack", c.pack},
          {"agent", c.agent},
          {"gene", c.variant.gene},
          {"variant", c.variant.key},
          {"says", c.says},
          {"rows", std::move(rows)}};
}

Json evidence_estimate_body(const Library& library, const evidence::PotencyEstimate& e) {
  Json json{{"agent", e.agent},
            {"gene", e.variant.gene},
            {"variant", e.variant.key},
            {"measured", e.measured},
            {"ic50_nM", estimated(e.ic50_nM)},
            {"ic50_predictive_nM", estimated(e.ic50_predictive_nM)},
            {"fold_over_wild_type", estimated(e.fold_over_wild_type)},
            {"window_over_parental", estimated(e.window_over_parental)},
            {"n_sources", e.sources},
            {"n_numbers", e.numbers},
            {"n_folds", e.folds},
            {"n_words", e.words},
            {"unread_rows_weigh", e.unread_weigh}};
  json["rows"] = listed(e.rows, [&](const evidence::RowUse& use) {
    Json row = evidence_row_json(library, library.rows[use.row]);
    row["role"] = use.role;
    row["used"] = use.used;
    row["why"] = use.why;
    row["shift_log10_without_its_source"] = number_or_null(use.shift_log10);
    return row;
  });
  json["leave_one_source_out"] = listed(e.by_source, [](const evidence::SourceWeight& w) {
    return Json{{"source", w.identity},
                {"citation", w.citation},
                {"rows", w.rows},
                {"shift_log10", number_or_null(w.shift_log10)}};
  });
  return json;
}

std::string evidence_estimate_json(const EvidenceContext& context,
                                   const evidence::PotencyEstimate& estimate,
                                   const std::vector<evidence::Spread>& spreads,
                                   const std::vector<evidence::Conflict>& conflicts) {
  Json json = begin(context);
  json.update(evidence_estimate_body(*context.library, estimate));
  json["spreads_log10"] = Json::object();
  for (const auto& s : spreads) json["spreads_log10"][s.name] = number_or_null(s.sd);
  json["conflicts"] =
      listed(conflicts, [&](const auto& c) { return evidence_conflict_json(*context.library, c); });
  return finish(context, json);
}

Json evidence_ranking_json(const Library& library, const evidence::Ranking& r) {
  Json json{{"gene", r.variant.gene}};
  json["variant"] = r.variant.key;
  json["criterion"] = evidence::name(r.criterion);
  json["why"] = r.why;
  json["ranking"] = listed(r.ranking, [](const evidence::Ranked& x) {
    return Json{{"agent", x.agent},
                {"list", x.list},
                {"p_best", number_or_null(x.p_best)},
                {"expected_rank", number_or_null(x.expected_rank)},
                {"p_cover_above_1", number_or_null(x.p_cover_above_1)},
                {"tied_with", x.tied_with},
                {"ic50_nM", estimated(x.potency.ic50_nM)},
                {"ic50_predictive_nM", estimated(x.potency.ic50_predictive_nM)},
                {"fold_over_wild_type", estimated(x.potency.fold_over_wild_type)},
                {"window_over_parental", estimated(x.potency.window_over_parental)},
                {"cover", estimated(x.cover)},
                {"exposure_row", x.exposure_row},
                {"regimen", x.regimen},
                {"exposure_unread", x.exposure_unread},
                {"unread_rows_weigh", x.potency.unread_weigh},
                {"n_sources", x.potency.sources}};
  });
  json["supported"] = lists_of(r.supported);
  json["conflicting"] = lists_of(r.conflicting);
  json["unmeasured"] = lists_of(r.unmeasured);
  json["out_of_scope"] = lists_of(r.out_of_scope);
  json["would_change"] = listed(r.would_change, [](const evidence::Flip& f) {
    return Json{{"kind", f.kind}, {"what", f.what}};
  });
  json["conflicts"] =
      listed(r.conflicts, [&](const auto& c) { return evidence_conflict_json(library, c); });
  return json;
}

std::string evidence_genotype_json(const EvidenceContext& context,
                                   const evidence::Genotype& genotype) {
  Json json = begin(context);
  json["sample"] = genotype.sample;
  json["carried"] = listed(genotype.carried, [](const evidence::Carried& c) {
    return Json{
        {"gene", c.gene},
        {"variant", c.variant.key()},
        {"found", evidence::name(c.found)},
        {"allele_fraction", number_or_null(c.allele_fraction)},
        {"depth", c.depth < 0 ? Json(nullptr) : Json(c.depth)},
        {"as_written", c.as_written},
        {"where", c.where.line > 0 ? "line " + std::to_string(c.where.line) : c.where.item}};
  });
  return finish(context, json);
}

std::string evidence_rank_json(const EvidenceContext& context, const evidence::Ranking& r) {
  Json json = begin(context);
  json.update(evidence_ranking_json(*context.library, r));
  return finish(context, json);
}

std::string evidence_conflicts_json(const EvidenceContext& context,
                                    const std::vector<evidence::Conflict>& conflicts) {
  Json json = begin(context);
  json["conflicts"] =
      listed(conflicts, [&](const auto& c) { return evidence_conflict_json(*context.library, c); });
  return finish(context, json);
}

std::string evidence_table_json(const EvidenceContext& context,
                                const evidence::ComparisonTable& table) {
  const Library& library = *context.library;
  Json json = begin(context);
  json["gene"] = table.gene;
  json["agents"] = table.agents;
  json["variants"] = listed(table.variants, [](const auto& v) { return Json(v.key); });
  json["cells"] = Json::array();
  for (std::size_t v = 0; v < table.variants.size(); ++v) {
    for (std::size_t a = 0; a < table.agents.size(); ++a) {
      const auto& cell = table.cells[v][a];
      Json printed = Json::array();
      for (const std::size_t i : cell.printed)
        printed.push_back(evidence_row_json(library, library.rows[i]));
      json["cells"].push_back({{"agent", table.agents[a]},
                               {"variant", table.variants[v].key},
                               {"measured", cell.potency.measured},
                               {"conflicting", cell.conflicting},
                               {"unread_rows_weigh", cell.potency.unread_weigh},
                               {"ic50_nM", estimated(cell.potency.ic50_nM)},
                               {"ic50_predictive_nM", estimated(cell.potency.ic50_predictive_nM)},
                               {"fold_over_wild_type", estimated(cell.potency.fold_over_wild_type)},
                               {"printed", std::move(printed)}});
    }
  }
  return finish(context, json);
}

std::string evidence_diff_json(const EvidenceContext& context, const evidence::PackDiff& d) {
  Json json = begin(context);
  json["rows"] = listed(d.rows, [](const auto& r) {
    return Json{{"change", r.kind}, {"row", r.row}, {"was", r.was}, {"is", r.is}};
  });
  json["estimates"] = listed(d.estimates, [](const auto& e) {
    return Json{{"agent", e.agent},
                {"gene", e.variant.gene},
                {"variant", e.variant.key},
                {"was_ic50_nM", estimated(e.was)},
                {"is_ic50_nM", estimated(e.is)},
                {"shift_log10", number_or_null(e.shift_log10)}};
  });
  json["ranks"] = listed(d.ranks, [](const auto& r) {
    return Json{{"gene", r.variant.gene}, {"variant", r.variant.key}, {"was", r.was}, {"is", r.is}};
  });
  return finish(context, json);
}

std::string evidence_frequencies_json(
    const EvidenceContext& context, const std::vector<evidence::MechanismFrequency>& frequencies) {
  Json json = begin(context);
  json["mechanisms"] = listed(frequencies, [](const auto& f) {
    return Json{{"prior_agent", f.prior_agent},
                {"mechanism", f.mechanism},
                {"class", f.kind},
                {"setting", f.setting},
                {"proportion", estimated(f.pooled.proportion)},
                {"tau", number_or_null(f.pooled.tau)},
                {"heterogeneity_p", number_or_null(f.pooled.heterogeneity_p)},
                {"rows", f.rows}};
  });
  return finish(context, json);
}

std::string evidence_validate_json(const EvidenceContext& context,
                                   const evidence::HeldOut& held_out) {
  Json json = begin(context);
  json["level"] = held_out.level;
  json["n_sources_left_out"] = held_out.sources;
  json["scores"] = listed(held_out.scores, [](const evidence::HeldOutScore& s) {
    return Json{{"group", s.group},
                {"n", s.n},
                {"model",
                 {{"rmse_log10", number_or_null(s.rmse)},
                  {"mae_log10", number_or_null(s.mae)},
                  {"coverage", number_or_null(s.coverage)},
                  {"mean_log_density", number_or_null(s.log_density)},
                  {"rmse_of_the_pairs_answer_log10", number_or_null(s.answer_rmse)}}},
                {"geometric_mean",
                 {{"rmse_log10", number_or_null(s.geometric_rmse)},
                  {"mae_log10", number_or_null(s.geometric_mae)},
                  {"mean_log_density", number_or_null(s.geometric_log_density)}}}};
  });
  json["values"] = listed(held_out.values, [&](const evidence::HeldOutValue& v) {
    Json row = evidence_row_json(*context.library, context.library->rows[v.row]);
    row["printed_log10_nM"] = v.printed;
    row["expected_log10_nM"] = number_or_null(v.expected);
    row["sd_log10"] = number_or_null(v.sd);
    row["p_below"] = number_or_null(v.p_below);
    row["log_density"] = number_or_null(v.log_density);
    row["pairs_answer_log10_nM"] = number_or_null(v.answer);
    row["geometric_mean_log10_nM"] = number_or_null(v.geometric_mean);
    return row;
  });
  return finish(context, json);
}

std::string evidence_check_json(const EvidenceContext& context,
                                const std::vector<evidence::Conflict>& doubts) {
  Json json = begin(context);
  std::map<std::string, std::size_t> rows;
  if (context.library != nullptr) {
    for (const auto& row : context.library->rows) ++rows[row.pack];
    for (auto& pack : json["packs"]) pack["potency_rows"] = rows[pack["name"]];
    json["doubts"] =
        listed(doubts, [&](const auto& c) { return evidence_conflict_json(*context.library, c); });
  }
  return finish(context, json);
}

}  // namespace kinescape::report
