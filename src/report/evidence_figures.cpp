// SPDX-License-Identifier: Apache-2.0
// Figures of the evidence chapter: the forest of plate, literature and both, and the map of agents
// by variants.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "report/evidence_chapter_internal.hpp"
#include "report/figure_theme_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

constexpr std::size_t most_forest_rows = 60, most_cells = 400;

struct Kind {
  const char *word, *colour, *shape;
};
// Okabe & Ito (2008).
constexpr std::array<Kind, 3> kinds{{{"own plates", "#D55E00", "circle"},
                                     {"literature", "#0072B2", "diamond"},
                                     {"both together", "#009E73", "square"}}};

struct Extent {
  double low = 1e300, high = 0.0;
  void see(double x) {
    if (!(x > 0.0) || !std::isfinite(x)) return;
    low = std::min(low, x);
    high = std::max(high, x);
  }
};

std::string row_name(const evidence::OwnComparison& c) {
  return c.own.drug + " · " + c.own.line;
}

const Estimated& estimate_of(const evidence::OwnComparison& c, std::size_t kind) {
  return kind == 0 ? c.own.ic50_nM : kind == 1 ? c.literature.ic50_nM : c.both_nM;
}

Json forest_row(const evidence::OwnComparison& c, std::size_t kind, const Extent& w) {
  const Estimated& e = estimate_of(c, kind);
  Json row{{"row", row_name(c)},
           {"drug", c.own.drug},
           {"line", c.own.line},
           {"variant", c.own.variant.text()},
           {"kind", kinds.at(kind).word}};
  add_ic50(row, e);
  row["shown"] = in_line(e, "nM");
  row["shown_agreement"] = words(c.agreement);
  const bool range = kind == 1 && std::isfinite(c.expected_nM.value);
  row["expected_low_nM"] =
      range ? number_or_null(std::max(c.expected_nM.low, w.low)) : Json(nullptr);
  row["expected_high_nM"] =
      range ? number_or_null(std::min(c.expected_nM.high, w.high)) : Json(nullptr);
  add_span(row, span_of(e, w.low, w.high));
  return row;
}

Figure forest(const std::vector<evidence::OwnComparison>& own) {
  Figure figure{"evidence_forest", "Own plates beside the literature", "", ""};
  figure.caption =
      "IC50 with its 95 % interval: of this study's plates, of the literature without them (mean "
      "over sources), and of both together in these cells. Thin line: what the literature lets one "
      "more laboratory expect in these cells; a plate value outside it disagrees. An arrow marks a "
      "bound or an open "
      "end.";
  Extent w;
  std::vector<const evidence::OwnComparison*> shown;
  for (const auto& c : own) {
    if (c.agent.empty() || shown.size() == most_forest_rows) continue;
    shown.push_back(&c);
    for (std::size_t k = 0; k < kinds.size(); ++k) {
      const Estimated& e = estimate_of(c, k);
      w.see(e.value);
      w.see(std::max(e.low, e.value / 300.0));
      w.see(std::min(e.high, e.value * 300.0));
    }
    w.see(c.expected_nM.low);
    w.see(c.expected_nM.high);
  }
  if (!(w.high > 0.0)) return figure;
  w.low /= 1.6;
  w.high *= 1.6;
  Json rows = Json::array(), order = Json::array(), verdicts = Json::array();
  for (const auto* c : shown) {
    order.push_back(row_name(*c));
    for (std::size_t k = 0; k < kinds.size(); ++k) rows.push_back(forest_row(*c, k, w));
    verdicts.push_back({{"row", row_name(*c)},
                        {"drug", c->own.drug},
                        {"line", c->own.line},
                        {"shown_agreement", std::string(words(c->agreement)) + "  "},
                        {"shown", c->says},
                        {"disagrees", c->agreement == evidence::Agreement::disagrees}});
  }
  Json spec = base_spec(figure.title,
                        "",
                        "IC50 of plates, literature and both for each drug and line",
                        110 + 58 * static_cast<int>(shown.size()));
  spec["datasets"] = {{"ic50", std::move(rows)}, {"verdict", std::move(verdicts)}};
  const Json axis =
      log_axis("IC50 (nM, log axis)", log_ticks(w.low, w.high), "format(datum.value, ',~r')");
  const LogPosition x{w.low, w.high, axis};
  Json y = nominal("row");
  y["sort"] = std::move(order);
  y["scale"] = {{"paddingInner", 0.2}, {"paddingOuter", 0.08}};
  y["axis"] = name_axis();
  y["axis"]["labelLimit"] = 280;
  Json domain = Json::array(), colours = Json::array(), shapes = Json::array();
  for (const Kind& k : kinds) {
    domain.push_back(k.word);
    colours.push_back(k.colour);
    shapes.push_back(k.shape);
  }
  Json offset = nominal("kind");
  offset["sort"] = domain;
  offset["scale"] = {{"domain", domain}};
  const Json legend{{"title", nullptr},
                    {"orient", "top"},
                    {"direction", "horizontal"},
                    {"symbolSize", 110},
                    {"symbolOpacity", 1},
                    {"labelFontSize", 13},
                    {"labelLimit", 200}};
  Json colour = nominal("kind"), shape = nominal("kind");
  colour["scale"] = {{"domain", domain}, {"range", colours}};
  shape["scale"] = {{"domain", domain}, {"range", shapes}};
  colour["legend"] = legend;
  shape["legend"] = legend;
  const Json tooltip{tip("drug", "drug"),
                     tip("line", "line"),
                     tip("variant", "carries"),
                     tip("kind", "from"),
                     tip("shown", "IC50"),
                     tip("shown_agreement", "plates and literature")};
  SharedLayers over("ic50",
                    {{"y", y}, {"yOffset", offset}, {"color", colour}, {"tooltip", tooltip}});
  over.add("expected",
           "isValid(datum.expected_low_nM)",
           {{"type", "rule"}, {"strokeWidth", 1}, {"aria", false}},
           {{"x", x("expected_low_nM")}, {"x2", {{"field", "expected_high_nM"}}}});
  over.add_spans(x, 5, 0.5, 90);
  over.add("ic50",
           "datum.exact",
           {{"type", "point"}, {"filled", true}, {"size", 80}, {"opacity", 1}},
           {{"x", x("drawn")}, {"shape", shape}});
  SharedLayers said(
      "verdict",
      {{"y", y},
       {"tooltip",
        Json{tip("drug", "drug"), tip("line", "line"), tip("shown", "plates and literature")}}});
  for (const bool bad : {false, true}) {
    said.add(bad ? "label_disagrees" : "label_agrees",
             bad ? "datum.disagrees" : "!datum.disagrees",
             {{"type", "text"},
              {"align", "left"},
              {"baseline", "middle"},
              {"dx", 10},
              {"fontSize", 12},
              {"fontWeight", bad ? 600 : 400},
              {"limit", 120}},
             {{"x", {{"value", "width"}}}, {"text", nominal("shown_agreement")}});
  }
  spec["layer"] = std::move(over.layers);
  for (Json& layer : said.layers) spec["layer"].push_back(std::move(layer));
  figure.spec = text_of(spec);
  return figure;
}

Json map_row(const evidence::ComparisonTable& t, std::size_t v, std::size_t a) {
  const auto& cell = t.cells[v][a];
  const Estimated& e = cell.potency.ic50_nM;
  const Estimated& fold = cell.potency.fold_over_wild_type;
  Json row{{"agent", t.agents[a]}, {"variant", t.variants[v].key}};
  add_ic50(row, e);
  row["fold"] = number_or_null(fold.value);
  row["measured"] = cell.potency.measured;
  row["conflicting"] = cell.conflicting;
  row["shown"] = (std::isnan(e.value) ? "—" : rounded(e.value, 2)) + (cell.conflicting ? " †" : "");
  row["shown_full"] = in_line(e, "nM");
  row["shown_fold"] = in_line(fold, "-fold");
  row["shown_rows"] = cell.potency.measured
                          ? fmt::format("{} sources", cell.potency.sources)
                          : std::string("no row on this pair: what the model expects");
  row["log10_ic50"] = std::isnan(e.value) ? Json(nullptr) : number_or_null(std::log10(e.value));
  return row;
}

Figure map_of(const evidence::ComparisonTable& t) {
  Figure figure{"evidence_variants", "Agents by variants", "", ""};
  figure.caption =
      "IC50 in nM (mean over sources, own plates included); darker is more potent. Faint: no row "
      "on "
      "that pair, the model's expectation only. A dagger: its rows contradict each other. "
      "Intervals are in the table below.";
  if (t.agents.empty() || t.agents.size() * t.variants.size() > most_cells) return figure;
  Json rows = Json::array(), variants = Json::array();
  std::size_t agents = 0;
  for (std::size_t v = 0; v < t.variants.size(); ++v) variants.push_back(t.variants[v].key);
  for (std::size_t a = 0; a < t.agents.size(); ++a) {
    // An agent without any row that may weigh is in the table alone.
    if (std::isnan(t.cells.front()[a].potency.ic50_nM.value)) continue;
    ++agents;
    for (std::size_t v = 0; v < t.variants.size(); ++v) rows.push_back(map_row(t, v, a));
  }
  if (agents == 0) return figure;
  Json spec = base_spec(figure.title + " of " + t.gene,
                        "",
                        "IC50 of each agent against each variant",
                        100 + 30 * static_cast<int>(agents));
  spec["width"] = std::min(figure_width_px, 280 + 80 * static_cast<int>(t.variants.size()));
  spec["data"] = {{"values", std::move(rows)}};
  Json x = nominal("variant");
  x["sort"] = variants;
  x["axis"] = {{"title", nullptr},
               {"orient", "top"},
               {"labelAngle", t.variants.size() > 8 ? -45 : 0},
               {"labelFontSize", 13},
               {"labelLimit", 160}};
  Json y = nominal("agent");
  y["axis"] = name_axis();
  y["axis"]["minExtent"] = 110;
  Json colour = quantitative("log10_ic50");
  colour["scale"] = {{"domain", {0.0, 4.0}}, {"clamp", true}, {"range", {"#08306b", "#f7fbff"}}};
  colour["legend"] = {{"title", "IC50 (nM)"},
                      {"values", {0, 1, 2, 3, 4}},
                      {"labelExpr", "format(pow(10, datum.value), ',~r')"},
                      {"orient", "right"}};
  const Json tooltip{tip("agent", "agent"),
                     tip("variant", "variant"),
                     tip("shown_full", "IC50"),
                     tip("shown_fold", "over wild type"),
                     tip("shown_rows", "rows")};
  const Json cells{
      {"name", "cells"},
      {"mark", {{"type", "rect"}, {"stroke", "white"}, {"strokeWidth", 2}}},
      {"encoding",
       {{"x", x},
        {"y", y},
        {"color", colour},
        {"opacity", {{"condition", {{"test", "datum.measured"}, {"value", 1.0}}}, {"value", 0.3}}},
        {"tooltip", tooltip}}}};
  const auto text = [&](const char* layer_name, const char* test, const char* ink) {
    return Json{{"name", layer_name},
                {"transform", Json::array({{{"filter", test}}})},
                {"mark", {{"type", "text"}, {"fontSize", 12}, {"color", ink}, {"aria", false}}},
                {"encoding", {{"x", x}, {"y", y}, {"text", nominal("shown")}}}};
  };
  spec["layer"] =
      Json::array({cells,
                   text("on_dark", "datum.measured && datum.log10_ic50 < 1.9", "#ffffff"),
                   text("on_light", "datum.measured && !(datum.log10_ic50 < 1.9)", "#1f2933"),
                   text("muted_faint", "!datum.measured", "#52606d")});
  figure.spec = text_of(spec);
  return figure;
}

}  // namespace

std::string_view words(evidence::Agreement agreement) {
  switch (agreement) {
    case evidence::Agreement::agrees:
      return "agree";
    case evidence::Agreement::disagrees:
      return "disagree";
    case evidence::Agreement::no_literature:
      return "no literature";
    case evidence::Agreement::no_plate:
      return "no plate value";
  }
  return "";
}

std::vector<Figure> evidence_figures(const study::EvidenceResults& results) {
  std::vector<Figure> out{forest(results.estimate.own), map_of(results.estimate.table)};
  std::erase_if(out, [](const Figure& f) { return f.spec.empty(); });
  return out;
}

}  // namespace kinescape::report
