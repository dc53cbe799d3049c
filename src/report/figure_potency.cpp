// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "report/figure_theme_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

constexpr int line_px = 22;
constexpr std::size_t most_rows = 120;

struct Window {
  double low_nM = 1.0, high_nM = 10.0;
};

/// All tested doses and every finite IC50 near them.
Window window_of(const std::vector<const viability::CurveResult*>& curves) {
  double low = 1e300, high = 0.0;
  for (const viability::CurveResult* c : curves) {
    if (c->lowest_dose_nM > 0.0) low = std::min(low, c->lowest_dose_nM);
    if (c->highest_dose_nM > 0.0) high = std::max(high, c->highest_dose_nM);
  }
  if (!(high > 0.0)) return {};
  return {low / 2.5, high * 2.5};
}

Json potency_row(const viability::CurveResult& c, const Window& w) {
  const Estimated& e = c.ic50_nM;
  const Wording said = wording(e);
  Json row{{"drug", c.drug}, {"line", c.line}};
  add_ic50(row, e);
  row["lowest_dose_nM"] = number_or_null(c.lowest_dose_nM);
  row["highest_dose_nM"] = number_or_null(c.highest_dose_nM);
  row["shown"] = std::isnan(e.value) ? said.flag : said.value + " nM";
  row["shown_full"] = in_line(e, "nM");
  add_span(row, span_of(e, w.low_nM, w.high_nM));
  return row;
}

}  // namespace

std::optional<Figure> potency_figure(const viability::Estimate& estimate,
                                     const std::vector<LineStyle>& styles) {
  std::vector<const viability::CurveResult*> curves;
  std::vector<std::string> drugs;
  for (const viability::CurveResult& c : estimate.curves) {
    if (curves.size() == most_rows) break;
    curves.push_back(&c);
    if (std::find(drugs.begin(), drugs.end(), c.drug) == drugs.end()) drugs.push_back(c.drug);
  }
  if (curves.empty()) return std::nullopt;
  const Window w = window_of(curves);
  Json rows = Json::array();
  for (const viability::CurveResult* c : curves) rows.push_back(potency_row(*c, w));

  Figure figure{"potency", "IC50 of each drug", "", ""};
  figure.caption =
      "IC50 with its interval. Thin line: the doses that were tested. An arrow marks a bound, or "
      "an "
      "end that the data leave open.";
  const int lines = static_cast<int>(styles.size());
  const int band_px = std::max(44, lines * line_px + 8);
  Json spec = base_spec(figure.title,
                        "",
                        "IC50 of each drug on each line",
                        110 + band_px * static_cast<int>(drugs.size()));
  spec["datasets"] = {{"ic50", std::move(rows)}};

  const LogTicks ticks = log_ticks(w.low_nM, w.high_nM);
  const Json axis = log_axis("IC50 (nM, log axis)", ticks, "format(datum.value, ',~r')");
  const LogPosition x{w.low_nM, w.high_nM, axis};
  Json line_order = Json::array();
  for (const LineStyle& style : styles) line_order.push_back(style.line);
  Json y = nominal("drug");
  y["sort"] = drugs;
  y["scale"] = {{"paddingInner", 0.15}, {"paddingOuter", 0.05}};
  y["axis"] = name_axis();
  Json offset = nominal("line");
  offset["sort"] = line_order;
  offset["scale"] = {{"domain", line_order}};
  Json colour = colour_of_lines(styles), shape = shape_of_lines(styles);
  const Json legend{{"title", nullptr},
                    {"orient", "top"},
                    {"direction", "horizontal"},
                    {"symbolSize", 110},
                    {"symbolOpacity", 1},
                    {"labelFontSize", 13},
                    {"labelLimit", 200}};
  const Json tooltip{
      tip("drug", "drug"), tip("line", "line"), tip("shown_full", "IC50"), tip("n", "repeats")};

  // One legend for all layers: a layer that forbids it would take it from the others.
  colour["legend"] = legend;
  shape["legend"] = legend;

  SharedLayers over("ic50",
                    {{"y", y}, {"yOffset", offset}, {"color", colour}, {"tooltip", tooltip}});
  over.add("frame",
           "isValid(datum.lowest_dose_nM)",
           {{"type", "rule"}, {"strokeWidth", 1}, {"color", "#9aa5b1"}, {"aria", false}},
           {{"x", x("lowest_dose_nM")},
            {"x2", {{"field", "highest_dose_nM"}}},
            {"color", {{"value", "#9aa5b1"}}}});
  over.add_spans(x, 4, 0.5, 90);
  over.add("ic50",
           "datum.exact",
           {{"type", "point"}, {"filled", true}, {"size", 90}, {"opacity", 1}},
           {
               {"x", x("drawn")},
               {"shape", shape},
           });
  over.add("label_ic50",
           "",
           {{"type", "text"},
            {"align", "left"},
            {"baseline", "middle"},
            {"dx", 10},
            {"fontSize", 12},
            {"limit", 220}},
           {{"x", {{"value", "width"}}}, {"text", nominal("shown")}});
  spec["layer"] = std::move(over.layers);
  figure.spec = text_of(spec);
  return figure;
}

}  // namespace kinescape::report
