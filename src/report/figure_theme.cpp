// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "report/figure_theme_internal.hpp"

namespace kinescape::report {
namespace {

constexpr const char* font = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif";
constexpr const char* ink = "#1f2933";
constexpr const char* soft_ink = "#52606d";
constexpr const char* line_ink = "#9aa5b1";

Json config() {
  return {{"font", font},
          {"view", {{"stroke", nullptr}}},
          {"axis",
           {{"labelFontSize", 12},
            {"titleFontSize", 13},
            {"titleFontWeight", "normal"},
            {"labelColor", soft_ink},
            {"titleColor", ink},
            {"domainColor", line_ink},
            {"tickColor", line_ink},
            {"gridColor", "#e4e7eb"},
            {"titlePadding", 10}}},
          {"legend",
           {{"labelFontSize", 12},
            {"titleFontSize", 12},
            {"titleFontWeight", "normal"},
            {"labelColor", ink},
            {"titleColor", soft_ink}}},
          {"title",
           {{"anchor", "start"},
            {"fontSize", 16},
            {"fontWeight", 600},
            {"color", ink},
            {"subtitleFontSize", 12},
            {"subtitleColor", soft_ink},
            {"offset", 14}}},
          {"text", {{"fontSize", 13}, {"color", ink}}}};
}

}  // namespace

Json base_spec(const std::string& title,
               const std::string& subtitle,
               const std::string& description,
               int height_px) {
  Json heading{{"text", title}};
  if (!subtitle.empty()) heading["subtitle"] = subtitle;
  return {{"$schema", "https://vega.github.io/schema/vega-lite/v6.json"},
          {"title", std::move(heading)},
          {"description", description},
          {"width", figure_width_px},
          {"height", height_px},
          {"autosize", {{"type", "fit"}, {"contains", "padding"}}},
          {"padding", 8},
          {"background", "white"},
          {"config", config()}};
}

Json quantitative(const std::string& field) {
  return {{"field", field}, {"type", "quantitative"}};
}

Json nominal(const std::string& field) {
  return {{"field", field}, {"type", "nominal"}};
}

LogTicks log_ticks(double low, double high) {
  LogTicks ticks;
  const int first = static_cast<int>(std::floor(std::log10(low)));
  const int last = static_cast<int>(std::ceil(std::log10(high)));
  for (int decade = first; decade <= last; ++decade) {
    for (int step = 1; step <= 9; ++step) {
      // 10^-2 is not a double; the quotient of two that are is the nearest one.
      const double value =
          decade < 0 ? step / std::pow(10.0, -decade) : step * std::pow(10.0, decade);
      if (value >= low && value <= high) ticks.values.push_back(value);
    }
  }
  const std::string leading = "datum.value / pow(10, floor(log(datum.value) / LN10 + 1e-9))";
  const bool narrow = std::log10(high / low) < 2.2;
  ticks.labelled =
      narrow ? "indexof([1, 2, 5], round(" + leading + ")) >= 0" : "round(" + leading + ") == 1";
  return ticks;
}

Json log_axis(const std::string& title, const LogTicks& ticks, const std::string& label) {
  const Json longer{{"condition", {{"test", ticks.labelled}, {"value", 6}}}, {"value", 3}};
  const Json decade{{"condition", {{"test", ticks.labelled}, {"value", 1}}}, {"value", 0}};
  return {{"title", title},
          {"values", ticks.values},
          {"labelExpr", ticks.labelled + " ? " + label + " : ''"},
          {"labelOverlap", false},
          {"labelFlush", false},
          {"tickSize", longer},
          {"gridOpacity", decade}};
}

std::optional<Span> span_of(const Estimated& e, double low, double high, double reach) {
  if (!std::isfinite(e.value) || e.value <= 0.0) return std::nullopt;
  const auto inside = [&](double x) { return std::clamp(x, low, high); };
  Span s;
  s.at = inside(e.value);
  const auto end_or_at = [&](double end) { return std::isfinite(end) ? inside(end) : s.at; };
  if (e.relation == Relation::equal) {
    s.open_low = !(e.low >= low);  // beyond the frame, or NaN: open
    s.open_high = !(e.high <= high);
    s.from = s.open_low ? low : e.low;
    s.to = s.open_high ? high : e.high;
  } else if (e.relation == Relation::greater) {
    s.open_high = true;
    s.from = end_or_at(e.low);
    s.to = std::min(high, s.at * reach);
  } else {
    s.open_low = true;
    s.from = std::max(low, s.at / reach);
    s.to = end_or_at(e.high);
  }
  s.from = std::min(s.from, s.at);
  s.to = std::max(s.to, s.at);
  s.exact = e.relation == Relation::equal && s.at == e.value;
  return s;
}

void add_span(Json& row, const std::optional<Span>& span) {
  if (!span) return;
  row["drawn_from"] = span->from;
  row["drawn"] = span->at;
  row["drawn_to"] = span->to;
  row["open_low"] = span->open_low;
  row["open_high"] = span->open_high;
  row["exact"] = span->exact;
}

void add_ic50(Json& row, const Estimated& ic50_nM) {
  row["ic50_nM"] = number_or_null(ic50_nM.value);
  row["low_nM"] = number_or_null(ic50_nM.low);
  row["high_nM"] = number_or_null(ic50_nM.high);
  row["relation"] = std::isnan(ic50_nM.value) ? "" : std::string(name(ic50_nM.relation));
  row["status"] = name(ic50_nM.status);
  row["n"] = ic50_nM.n;
}

Json LogPosition::operator()(const char* field) const {
  Json at = quantitative(field);
  at["scale"] = {{"type", "log"}, {"domain", {low, high}}, {"nice", false}};
  at["axis"] = axis;
  return at;
}

Json name_axis() {
  return {{"title", nullptr},
          {"domain", false},
          {"ticks", false},
          {"labelFontSize", 13},
          {"labelPadding", 8},
          {"labelLimit", 150},
          {"labelColor", "#1f2933"}};
}

SharedLayers::SharedLayers(std::string data, Json shared)
    : data_(std::move(data)), shared_(std::move(shared)) {}

void SharedLayers::add(const char* layer_name, const char* test, Json mark, Json encoding) {
  for (const auto& [channel, value] : shared_.items()) {
    if (!encoding.contains(channel)) encoding[channel] = value;
  }
  Json made{{"name", layer_name}, {"data", {{"name", data_}}}};
  if (*test != '\0') made["transform"] = Json::array({Json{{"filter", test}}});
  made["mark"] = std::move(mark);
  made["encoding"] = std::move(encoding);
  layers.push_back(std::move(made));
}

void SharedLayers::add_spans(const LogPosition& x, int bar_px, double opacity, int arrow_size) {
  add("interval",
      "isValid(datum.drawn)",
      {{"type", "rule"}, {"strokeWidth", bar_px}, {"opacity", opacity}},
      {{"x", x("drawn_from")}, {"x2", {{"field", "drawn_to"}}}});
  const auto arrow = [&](const char* layer_name, const char* test, const char* shape) {
    const bool right = std::string_view(layer_name) == "open_high";
    add(layer_name,
        test,
        {{"type", "point"},
         {"filled", true},
         {"shape", shape},
         {"size", arrow_size},
         {"opacity", 1}},
        {{"x", x(right ? "drawn_to" : "drawn_from")}});
  };
  arrow("open_high", "datum.open_high", "triangle-right");
  arrow("open_low", "datum.open_low", "triangle-left");
}

void SharedLayers::add_right_labels(RightLabel upper, RightLabel lower, const char* colour) {
  for (const RightLabel& label : {upper, lower}) {
    const bool bold = label.layer_name == upper.layer_name;
    Json mark{
        {"type", "text"}, {"align", "left"}, {"dx", 14}, {"dy", bold ? -8 : 8}, {"limit", 260}};
    mark[bold ? "fontWeight" : "fontSize"] = bold ? 600 : 12;
    Json encoding{{"x", {{"value", "width"}}}, {"text", nominal(label.field)}};
    if (*colour != '\0') encoding["color"] = {{"value", colour}};
    add(label.layer_name, "", std::move(mark), std::move(encoding));
  }
}

Json colour_of_lines(const std::vector<LineStyle>& styles) {
  Json scale{{"domain", Json::array()}, {"range", Json::array()}};
  for (const LineStyle& style : styles) {
    scale["domain"].push_back(style.line);
    scale["range"].push_back(style.colour);
  }
  return {{"field", "line"}, {"type", "nominal"}, {"scale", std::move(scale)}, {"legend", nullptr}};
}

Json shape_of_lines(const std::vector<LineStyle>& styles) {
  Json scale{{"domain", Json::array()}, {"range", Json::array()}};
  for (const LineStyle& style : styles) {
    scale["domain"].push_back(style.line);
    scale["range"].push_back(style.shape);
  }
  return {{"field", "line"}, {"type", "nominal"}, {"scale", std::move(scale)}, {"legend", nullptr}};
}

Json tip(const std::string& field, const std::string& shown_as) {
  return {{"field", field}, {"type", "nominal"}, {"title", shown_as}};
}

std::vector<LineStyle> line_styles(const viability::Estimate& estimate) {
  // Okabe & Ito; yellow is left out (no contrast on white), black stands for "the rest".
  static constexpr std::array<const char*, 7> colours{
      "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5B6770"};
  static constexpr std::array<const char*, 6> shapes{
      "circle", "triangle-up", "square", "diamond", "triangle-down", "cross"};
  std::vector<std::string> lines;
  const auto add = [&lines](const std::string& line) {
    if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
  };
  for (const viability::Comparison& c : estimate.comparisons) add(c.parental);
  for (const viability::CurveResult& c : estimate.curves) add(c.line);
  std::vector<LineStyle> styles;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    styles.push_back({lines[i], colours[i % colours.size()], shapes[i % shapes.size()]});
  }
  return styles;
}

}  // namespace kinescape::report
