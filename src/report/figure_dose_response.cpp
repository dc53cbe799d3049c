// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/figure_dose_rows_internal.hpp"
#include "report/figure_theme_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

Json dose_axis(const std::string& drug, const DoseWindow& w) {
  LogTicks ticks = log_ticks(w.lowest_nM / 1.05, w.highest_nM * 1.05);
  std::string label = "format(datum.value, ',~r')";
  if (!std::isnan(w.vehicle_nM)) {
    ticks.values.insert(ticks.values.begin(), w.vehicle_nM);
    const std::string vehicle = fmt::format("datum.value < {}", w.lowest_nM / 1.5);
    ticks.labelled = vehicle + " || " + ticks.labelled;
    label = vehicle + " ? '0' : " + label;
  }
  ticks.labelled = "(" + ticks.labelled + ")";
  Json axis = log_axis(drug + " (nM)", ticks, label);
  axis["domain"] = std::isnan(w.vehicle_nM);
  axis["grid"] = false;
  return axis;
}

Json x_at(const std::string& field, const Json& scale, const Json& axis) {
  Json x = quantitative(field);
  x["scale"] = scale;
  x["axis"] = axis;
  return x;
}

Json y_axis(const DoseWindow& w) {
  Json values = Json::array();
  const double step = w.top - w.bottom > 1.6 ? 0.5 : 0.25;
  for (double v = std::ceil(w.bottom / step) * step; v <= w.top + 1e-9; v += step)
    values.push_back(v);
  return {{"title", "viability (% of vehicle)"},
          {"values", std::move(values)},
          {"labelExpr", "format(100 * datum.value, ',.0f')"},
          {"domain", false},
          {"ticks", false},
          {"labelPadding", 6}};
}

/// The x axis drawn in two pieces with a break between the vehicle and the lowest dose.
void add_broken_axis(Json& layers, Json& datasets, const Json& x, const DoseWindow& w) {
  if (std::isnan(w.vehicle_nM)) return;
  const double middle = std::sqrt(w.vehicle_nM * w.lowest_nM);
  datasets["axis"] = {{{"from", w.left_nM}, {"to", middle / 1.06}},
                      {{"from", middle * 1.06}, {"to", w.right_nM}}};
  Json from = x;
  from["field"] = "from";
  layers.push_back(
      {{"name", "frame"},
       {"data", {{"name", "axis"}}},
       {"mark", {{"type", "rule"}, {"color", "#9aa5b1"}, {"aria", false}}},
       {"encoding", {{"x", from}, {"x2", {{"field", "to"}}}, {"y", {{"value", "height"}}}}}});
  layers.push_back({{"name", "muted_break"},
                    {"data", {{"values", {{{"from", middle}}}}}},
                    {"mark",
                     {{"type", "text"},
                      {"text", "//"},
                      {"fontSize", 13},
                      {"color", "#52606d"},
                      {"aria", false}}},
                    {"encoding", {{"x", from}, {"y", {{"value", "height"}}}}}});
}

}  // namespace

Figure dose_response_figure(const viability::Estimate& estimate,
                            const std::string& drug,
                            const std::vector<LineStyle>& styles) {
  Curves curves;
  for (const LineStyle& style : styles) {
    for (const viability::CurveResult& c : estimate.curves) {
      if (c.drug == drug && c.line == style.line) curves.push_back(&c);
    }
  }
  const DoseWindow w = dose_window(curves);
  const double floor = w.bottom - w.strip * (static_cast<double>(curves.size()) + 0.5);
  const Json x_scale{{"type", "log"}, {"domain", {w.left_nM, w.right_nM}}, {"nice", false}};
  const Json axis = dose_axis(drug, w);
  const auto x = [&](const std::string& field) { return x_at(field, x_scale, axis); };
  const auto y = [&](const std::string& field) {
    Json at = quantitative(field);
    at["scale"] = {{"domain", {floor, w.top}}, {"nice", false}};
    at["axis"] = y_axis(w);
    return at;
  };
  const Json colour = colour_of_lines(styles), shape = shape_of_lines(styles);

  Figure figure{"dose_response_" + slug(drug), drug, "", ""};
  figure.caption =
      "Points: one biological repeat each, mean of its wells with standard error, set side by "
      "side. "
      "Line and band: fitted curve with its pointwise interval. Below: IC50 with its interval; an "
      "arrow marks an end that the data leave open. Crosses: wells kept out of the fit; hollow "
      "triangles: wells beyond what the reader can count.";
  Json spec = base_spec(
      drug, "", "Viability against dose of " + drug + " for each line", dose_response_height_px);
  Json& datasets = spec["datasets"] = {{"curve", curve_rows(curves, w)},
                                       {"repeats", mean_rows(curves, w)},
                                       {"ic50", ic50_rows(curves, w)},
                                       {"labels", label_rows(curves, w)}};
  const Json marked = marked_rows(curves, w);
  Json layers = Json::array();
  const auto layer = [&layers](const char* layer_name, const char* data, Json mark, Json encoding) {
    layers.push_back({{"name", layer_name},
                      {"data", {{"name", data}}},
                      {"mark", std::move(mark)},
                      {"encoding", std::move(encoding)}});
  };
  layer("band",
        "curve",
        {{"type", "area"}, {"opacity", 0.16}, {"aria", false}},
        {{"x", x("dose_nM")},
         {"y", y("drawn_low")},
         {"y2", {{"field", "drawn_high"}}},
         {"color", colour}});
  layers.push_back(
      {{"name", "reference"},
       {"data", {{"values", {{{"half", 0.5}}}}}},
       {"mark", {{"type", "rule"}, {"color", "#9aa5b1"}, {"strokeDash", {3, 3}}, {"aria", false}}},
       {"encoding", {{"y", y("half")}}}});
  layer("curve",
        "curve",
        {{"type", "line"}, {"strokeWidth", 2.5}, {"clip", true}},
        {{"x", x("dose_nM")}, {"y", y("viability")}, {"color", colour}});
  layer("error_bars",
        "repeats",
        {{"type", "rule"}, {"strokeWidth", 1}, {"opacity", 0.7}, {"aria", false}},
        {{"x", x("drawn_dose_nM")},
         {"y", y("drawn_low")},
         {"y2", {{"field", "drawn_high"}}},
         {"color", colour}});
  layer("repeats",
        "repeats",
        {{"type", "point"}, {"filled", true}, {"size", 38}, {"opacity", 0.85}},
        {{"x", x("drawn_dose_nM")},
         {"y", y("drawn")},
         {"color", colour},
         {"shape", shape},
         {"tooltip",
          {tip("line", "line"),
           tip("repeat", "repeat"),
           tip("shown_dose", "dose"),
           tip("shown", "viability")}}});
  if (!marked.empty()) {
    datasets["marked"] = marked;
    const Json tooltip{
        tip("line", "line"), tip("plate", "plate"), tip("well", "well"), tip("reason", "why")};
    for (const auto& [layer_name, test, drawn_as] :
         {std::tuple{"excluded", "datum.mark == 'excluded'", "M-1,-1L1,1M-1,1L1,-1"},
          std::tuple{"censored", "datum.mark != 'excluded'", "triangle-up"}}) {
      layers.push_back({{"name", layer_name},
                        {"data", {{"name", "marked"}}},
                        {"transform", {{{"filter", test}}}},
                        {"mark",
                         {{"type", "point"},
                          {"filled", false},
                          {"size", 70},
                          {"strokeWidth", 1.8},
                          {"shape", drawn_as}}},
                        {"encoding",
                         {{"x", x("drawn_dose_nM")},
                          {"y", y("drawn")},
                          {"color", colour},
                          {"tooltip", tooltip}}}});
    }
  }
  const Json ic50_tip{tip("line", "line"), tip("shown", "IC50"), tip("n", "repeats")};
  layer("ic50_interval",
        "ic50",
        {{"type", "rule"}, {"strokeWidth", 3}, {"opacity", 0.55}},
        {{"x", x("drawn_from")},
         {"x2", {{"field", "drawn_to"}}},
         {"y", y("y")},
         {"color", colour},
         {"tooltip", ic50_tip}});
  const auto ic50_mark = [&](const char* layer_name,
                             const char* test,
                             const char* field,
                             Json mark) {
    mark["opacity"] = 1;
    layers.push_back(
        {{"name", layer_name},
         {"data", {{"name", "ic50"}}},
         {"transform", {{{"filter", test}}}},
         {"mark", std::move(mark)},
         {"encoding", {{"x", x(field)}, {"y", y("y")}, {"color", colour}, {"tooltip", ic50_tip}}}});
  };
  ic50_mark("ic50_tick",
            "datum.exact",
            "drawn",
            {{"type", "tick"}, {"orient", "vertical"}, {"size", 15}, {"thickness", 3}});
  ic50_mark("ic50_open_high",
            "datum.open_high",
            "drawn_to",
            {{"type", "point"}, {"filled", true}, {"shape", "triangle-right"}, {"size", 80}});
  ic50_mark("ic50_open_low",
            "datum.open_low",
            "drawn_from",
            {{"type", "point"}, {"filled", true}, {"shape", "triangle-left"}, {"size", 80}});
  layer("label_name",
        "labels",
        {{"type", "text"},
         {"align", "left"},
         {"dx", 6},
         {"dy", -7},
         {"fontWeight", 600},
         {"limit", 220}},
        {{"x", {{"value", "width"}}}, {"y", y("y")}, {"text", nominal("line")}, {"color", colour}});
  layer(
      "label_ic50",
      "labels",
      {{"type", "text"}, {"align", "left"}, {"dx", 6}, {"dy", 9}, {"fontSize", 12}, {"limit", 220}},
      {{"x", {{"value", "width"}}}, {"y", y("y")}, {"text", nominal("ic50")}, {"color", colour}});
  layers.push_back({{"name", "muted_strip"},
                    {"data", {{"values", {{{"y", floor + 0.5 * (w.bottom - floor)}}}}}},
                    {"mark",
                     {{"type", "text"},
                      {"text", "IC50"},
                      {"align", "right"},
                      {"dx", -6},
                      {"fontSize", 12},
                      {"color", "#52606d"},
                      {"aria", false}}},
                    {"encoding", {{"x", {{"value", 0}}}, {"y", y("y")}}}});
  add_broken_axis(layers, datasets, x("from"), w);
  spec["layer"] = std::move(layers);
  figure.spec = text_of(spec);
  return figure;
}

}  // namespace kinescape::report
