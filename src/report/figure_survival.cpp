// SPDX-License-Identifier: Apache-2.0
// Survival curves with the numbers at risk below, and hazard ratios as a forest.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "report/arm_style_internal.hpp"
#include "report/clinical_internal.hpp"
#include "report/figure_theme_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

std::string unit_of(const clinical::Estimate& e) {
  return e.time_unit == "as in the file" ? "time" : "time (" + e.time_unit + ")";
}

/// A round step that puts 4 to 8 ticks on [0, last].
double tick_step(double last) {
  const double raw = last / 6.0, decade = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double m : {1.0, 2.0, 2.5, 5.0, 10.0})
    if (m * decade >= raw) return m * decade;
  return 10.0 * decade;
}

/// At risk at `time`: of the first step that is not earlier.
double at_risk(const clinical::ArmResult& a, double time) {
  for (const clinical::CurvePoint& p : a.survival)
    if (p.time >= time) return p.at_risk;
  return 0.0;
}

struct Rows {
  Json steps = Json::array(), ticks = Json::array(), risk = Json::array(), ends = Json::array();
  double last = 0.0;
};

Rows rows_of(const clinical::Estimate& e) {
  Rows out;
  for (const clinical::ArmResult& a : e.arms) {
    out.steps.push_back(
        {{"arm", a.arm}, {"time", 0.0}, {"survival", 1.0}, {"low", 1.0}, {"high", 1.0}});
    double before = 1.0;
    for (const clinical::CurvePoint& p : a.survival) {
      out.last = std::max(out.last, p.time);
      out.steps.push_back({{"arm", a.arm},
                           {"time", p.time},
                           {"survival", number_or_null(p.survival)},
                           {"low", number_or_null(p.low)},
                           {"high", number_or_null(p.high)}});
      if (p.censored > 0.0)
        out.ticks.push_back({{"arm", a.arm}, {"time", p.time}, {"survival", p.survival}});
      before = p.survival;
    }
    if (!a.survival.empty())
      out.ends.push_back({{"arm", a.arm}, {"time", a.survival.back().time}, {"survival", before}});
  }
  if (!(out.last > 0.0)) out.last = 1.0;
  const double step = tick_step(out.last);
  for (const clinical::ArmResult& a : e.arms)
    for (double t = 0.0; t <= out.last * (1.0 + 1e-9); t += step)
      out.risk.push_back({{"arm", a.arm}, {"time", t}, {"at_risk", at_risk(a, t)}});
  return out;
}

Figure survival_figure(const clinical::Estimate& e) {
  Figure figure{"clinical_survival", "Event-free over time", "", ""};
  figure.caption =
      e.interval_censored
          ? "Turnbull's estimate: the curve falls somewhere within each step."
          : "Kaplan-Meier estimate with its pointwise interval (shaded); ticks mark patients whose "
            "follow-up ends without the event. Below: patients at risk.";
  if (!e.reconstructed_from.empty()) figure.caption += " Reconstructed from a published curve.";
  Rows rows = rows_of(e);
  std::vector<std::string> arms;
  for (const clinical::ArmResult& a : e.arms) arms.push_back(a.arm);
  Json x = quantitative("time");
  x["scale"] = {{"domain", {0.0, rows.last}}, {"nice", false}};
  x["axis"] = {{"title", unit_of(e)}, {"grid", false}, {"values", Json::array()}};
  const double step = tick_step(rows.last);
  for (double t = 0.0; t <= rows.last * (1.0 + 1e-9); t += step) x["axis"]["values"].push_back(t);
  Json y = quantitative("survival");
  y["scale"] = {{"domain", {0, 1}}};
  y["axis"] = {{"title", "share event-free"}, {"format", "%"}};
  const Json colour = arm_colour(arms, true);
  Json low = quantitative("low");
  low["scale"] = y["scale"];
  Json layers = Json::array();
  if (!e.interval_censored)
    layers.push_back(
        {{"name", "band"},
         {"mark",
          {{"type", "area"}, {"interpolate", "step-after"}, {"opacity", 0.13}, {"aria", false}}},
         {"encoding", {{"x", x}, {"y", low}, {"y2", {{"field", "high"}}}, {"color", colour}}}});
  layers.push_back(
      {{"name", "curve"},
       {"mark", {{"type", "line"}, {"interpolate", "step-after"}, {"strokeWidth", 2}}},
       {"encoding",
        {{"x", x},
         {"y", y},
         {"color", colour},
         {"tooltip", {tip("arm", "arm"), tip("time", "time"), tip("survival", "event-free")}}}}});
  layers.push_back({{"name", "censored"},
                    {"data", {{"values", std::move(rows.ticks)}}},
                    {"mark",
                     {{"type", "tick"},
                      {"orient", "vertical"},
                      {"size", 10},
                      {"thickness", 1.4},
                      {"aria", false}}},
                    {"encoding", {{"x", x}, {"y", y}, {"color", colour}}}});
  Json curves{{"width", 560},
              {"height", 300},
              {"data", {{"values", std::move(rows.steps)}}},
              {"layer", std::move(layers)}};
  Json spec =
      base_spec(figure.title, "", "Share of patients without the event over time, by arm", 300);
  for (const char* key : {"width", "height", "autosize"}) spec.erase(key);
  spec["vconcat"] = Json::array();
  spec["vconcat"].push_back(std::move(curves));
  if (!e.interval_censored) {
    Json at = x, arm = nominal("arm");
    at["axis"] = nullptr;
    arm["sort"] = arms;
    arm["axis"] = {{"title", nullptr},
                   {"domain", false},
                   {"ticks", false},
                   {"labelLimit", 160},
                   {"offset", 14}};
    Json text = quantitative("at_risk");
    text["format"] = "d";
    spec["vconcat"].push_back(
        {{"width", 560},
         {"height", 22 * static_cast<int>(arms.size())},
         {"title",
          {{"text", "At risk"}, {"fontSize", 12}, {"fontWeight", "normal"}, {"offset", 4}}},
         {"data", {{"values", std::move(rows.risk)}}},
         {"mark", {{"type", "text"}, {"fontSize", 12}}},
         {"encoding",
          {{"x", at}, {"y", arm}, {"text", text}, {"color", arm_colour(arms, false)}}}});
  }
  spec["resolve"] = {{"scale", {{"color", "shared"}}}};
  figure.spec = text_of(spec);
  return figure;
}

Figure forest_figure(const clinical::Estimate& e) {
  Figure figure{"clinical_forest",
                "Hazard ratios",
                "Cox model, log axis; left of 1 the event comes later. Arrows mark ends that lie "
                "beyond the axis or are open.",
                ""};
  double low = 0.5, high = 2.0;
  for (const clinical::CoxTerm& t : e.cox.coefficients)
    for (const double v : {t.hazard_ratio.value, t.hazard_ratio.low, t.hazard_ratio.high})
      if (std::isfinite(v) && v > 0.0)
        low = std::min(low, std::max(0.8 * v, 1e-3)),
        high = std::max(high, std::min(1.25 * v, 1e3));
  Json rows = Json::array(), order = Json::array();
  for (const clinical::CoxTerm& t : e.cox.coefficients) {
    const std::string words = term_words(e, t.name);
    order.push_back(words);
    Json row{{"row", words},
             {"hazard_ratio", number_or_null(t.hazard_ratio.value)},
             {"low", number_or_null(t.hazard_ratio.low)},
             {"high", number_or_null(t.hazard_ratio.high)},
             {"shown", in_line(t.hazard_ratio, "")},
             {"shown_p", "p " + p_value(t.p)}};
    add_span(row, span_of(t.hazard_ratio, low, high));
    rows.push_back(std::move(row));
  }
  Json spec = base_spec(figure.title,
                        "",
                        "Hazard ratio of each term with its interval",
                        78 + 44 * static_cast<int>(e.cox.coefficients.size()));
  spec["datasets"] = {{"terms", std::move(rows)}};
  Json axis =
      log_axis("hazard ratio (log axis)", log_ticks(low, high), "format(datum.value, ',~r')");
  axis["grid"] = true;
  const LogPosition x{low, high, axis};
  Json y = nominal("row");
  y["sort"] = std::move(order);
  y["axis"] = name_axis();
  y["axis"]["labelLimit"] = 230;
  SharedLayers over(
      "terms",
      {{"y", y},
       {"color", {{"value", "#0072B2"}}},
       {"tooltip", {tip("row", "term"), tip("shown", "hazard ratio"), tip("shown_p", "test")}}});
  over.layers.push_back({{"name", "reference"},
                         {"data", {{"values", Json::array({Json{{"at", 1.0}}})}}},
                         {"mark", {{"type", "rule"}, {"color", "#52606d"}, {"aria", false}}},
                         {"encoding", {{"x", x("at")}}}});
  over.add_spans(x, 3, 0.55, 110);
  over.add("ratio",
           "isValid(datum.drawn)",
           {{"type", "point"}, {"filled", true}, {"size", 130}, {"opacity", 1}},
           {{"x", x("drawn")}});
  over.add_right_labels({"label_ratio", "shown"}, {"label_p", "shown_p"});
  spec["layer"] = std::move(over.layers);
  figure.spec = text_of(spec);
  return figure;
}

}  // namespace

std::string term_words(const clinical::Estimate& e, const std::string& term) {
  if (!term.starts_with("arm[") || !term.ends_with("]") || e.arms.empty()) return term;
  return term.substr(4, term.size() - 5) + " against " + e.arms.front().arm;
}

std::vector<Figure> clinical_figures(const clinical::Estimate& e) {
  std::vector<Figure> out;
  if (e.response) out = response_figures(*e.response);
  if (!e.arms.empty()) out.push_back(survival_figure(e));
  if (!e.cox.coefficients.empty()) out.push_back(forest_figure(e));
  return out;
}

}  // namespace kinescape::report
