// SPDX-License-Identifier: Apache-2.0
// Figures of immunoblots: lane profiles with their fit, and folds with their intervals.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "report/figure_theme_internal.hpp"
#include "report/immunoblot_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

constexpr std::size_t most_points = 220;  ///< Of one lane's profile.
constexpr int profile_px = 320;

Json profile_rows(const immunoblot::Measured& m, int strip) {
  Json rows = Json::array();
  for (const immunoblot::LaneResult& l : m.lanes) {
    if (l.where.strip != strip || l.fitted.size() != l.profile.size()) continue;
    const std::size_t step = std::max<std::size_t>(1, l.y.size() / most_points);
    for (std::size_t i = 0; i < l.y.size(); i += step) {
      rows.push_back({{"lane", std::to_string(l.where.lane)},
                      {"y_px", l.y[i]},
                      {"measured", l.profile[i] - l.background[i]},
                      {"fitted", l.fitted[i] - l.background[i]}});
    }
  }
  return rows;
}

}  // namespace

std::vector<Figure> profile_figures(const immunoblot::Estimate& estimate) {
  std::vector<Figure> out;
  for (std::size_t i = 0; i < estimate.images.size(); ++i) {
    const auto& image = estimate.images[i];
    for (const auto& strip : image.measured.layout.strips) {
      if (out.size() == 12) return out;
      Figure f;
      f.name = fmt::format("immunoblot_profiles_{}_strip{}", i + 1, strip.strip);
      f.title = fmt::format("Lane profiles, strip {}", strip.strip);
      f.caption =
          "Counts above the background down each lane. Points: measured. Line: the joint fit that "
          "the "
          "volumes are taken from.";
      Json spec = base_spec(f.title, image.file, "Lane profiles with their fit", profile_px);
      spec["data"] = {{"values", profile_rows(image.measured, strip.strip)}};
      Json x = quantitative("y_px");
      x["title"] = "down the lane (pixels)";
      x["scale"] = {{"zero", false}, {"nice", false}};
      Json colour = nominal("lane");
      colour["title"] = "lane";
      colour["scale"] = {{"scheme", "viridis"}};
      colour["sort"] = nullptr;
      const auto y = [](const char* field) {
        Json axis = quantitative(field);
        axis["title"] = "counts above background";
        axis["axis"] = {{"format", "~s"}};
        return axis;
      };
      const Json tips{tip("lane", "lane"), tip("y_px", "row"), tip("measured", "counts")};
      spec["layer"] = Json::array(
          {{{"name", "measured"},
            {"mark", {{"type", "point"}, {"filled", true}, {"size", 9}, {"opacity", 0.55}}},
            {"encoding", {{"x", x}, {"y", y("measured")}, {"color", colour}, {"tooltip", tips}}}},
           {{"name", "fitted"},
            {"mark", {{"type", "line"}, {"strokeWidth", 1.4}}},
            {"encoding", {{"x", x}, {"y", y("fitted")}, {"color", colour}}}}});
      f.spec = text_of(spec);
      out.push_back(std::move(f));
    }
  }
  return out;
}

std::optional<Figure> immunoblot_fold_figure(const immunoblot::Estimate& estimate) {
  double low = 1.0, high = 1.0;
  for (const immunoblot::Fold& f : estimate.folds) {
    for (const double v : {f.fold.value, f.fold.low, f.fold.high}) {
      if (v > 0.0 && std::isfinite(v)) low = std::min(low, v), high = std::max(high, v);
    }
  }
  Json rows = Json::array();
  low = std::max(std::min(low / 1.5, 0.5), 1e-4), high = std::min(std::max(high * 1.5, 2.0), 1e4);
  for (const immunoblot::Fold& f : estimate.folds) {
    if (rows.size() == 60) break;
    Json row{{"treatment",
              fmt::format(
                  "{}{}{}{} / {}",
                  f.line,
                  f.line.empty() ? "" : ", ",
                  f.dose_nM > 0.0 ? fmt::format("{} {} nM", f.drug, rounded(f.dose_nM)) : "no drug",
                  f.time_h >= 0.0 ? fmt::format(", {} h", rounded(f.time_h)) : "",
                  f.against)},
             {"target", f.target + "/" + f.reference},
             {"call", immunoblot::name(f.call)},
             {"fold", number_or_null(f.fold.value)},
             {"shown", in_line(f.fold, "fold")}};
    add_span(row, span_of(f.fold, low, high));
    rows.push_back(std::move(row));
  }
  if (rows.empty()) return std::nullopt;
  Figure f{"immunoblot_folds", "Target over reference, fold", "", ""};
  f.caption =
      "Fold change of target over reference with its interval; an arrow marks a bound. The line is "
      "no change.";
  Json spec = base_spec(f.title, "", "Fold changes with intervals", 90 + 30 * int(rows.size()));
  spec["datasets"] = {{"folds", std::move(rows)}};
  const Json axis = log_axis("fold (log axis)", log_ticks(low, high), "format(datum.value, '~g')");
  const LogPosition x{low, high, axis};
  Json y = nominal("treatment");
  y["sort"] = nullptr;
  y["axis"] = name_axis();
  y["axis"]["labelLimit"] = 280;  // line, drug, dose and what it is compared with
  Json colour = nominal("target");
  colour["legend"] = {{"title", nullptr}, {"orient", "top"}};
  colour["scale"] = {{"range", {"#0072B2", "#D55E00", "#009E73", "#CC79A7"}}};
  const Json tips{tip("treatment", "treatment"),
                  tip("target", "ratio"),
                  tip("shown", "fold"),
                  tip("call", "call")};
  SharedLayers over("folds", {{"y", y}, {"color", colour}, {"tooltip", tips}});
  over.add_spans(x, 4, 0.5, 90);
  over.add("folds",
           "datum.exact",
           {{"type", "point"}, {"filled", true}, {"size", 90}, {"opacity", 1}},
           {{"x", x("drawn")}});
  spec["layer"] = std::move(over.layers);
  spec["layer"].push_back(
      {{"name", "reference"},
       {"data", {{"values", Json::array({Json{{"one", 1.0}}})}}},
       {"mark", {{"type", "rule"}, {"strokeDash", {4, 4}}, {"color", "#52606d"}}},
       {"encoding", {{"x", x("one")}}}});
  f.spec = text_of(spec);
  return f;
}

std::optional<Figure> immunoblot_course_figure(const immunoblot::Estimate& estimate) {
  double low = 0.5, high = 1.0;
  Json rows = Json::array();
  for (const immunoblot::TimeCourse& c : estimate.courses) {
    std::string course = c.target + "/" + c.reference + " " + c.line;
    if (c.dose_nM > 0.0) course += fmt::format(", {} {} nM", c.drug, number(c.dose_nM));
    rows.push_back({{"course", course}, {"time_h", 0.0}, {"fold", 1.0}, {"shown", "1"}});
    for (const auto& p : c.points) {
      Json row{{"course", course}, {"time_h", p.time_h}, {"shown", in_line(p.fold, "")}};
      if (!(p.fold.value > 0.0)) continue;
      if (p.fold.exact()) {
        row["fold"] = p.fold.value;
        row["low"] = p.fold.low, row["high"] = p.fold.high;
        low = std::min(low, p.fold.low), high = std::max(high, p.fold.high);
      } else {
        row["bound"] = p.fold.value;
        low = std::min(low, p.fold.value), high = std::max(high, p.fold.value);
      }
      rows.push_back(std::move(row));
    }
  }
  if (rows.empty()) return {};
  Figure f;
  f.name = "immunoblot_courses";
  f.title = "Time courses";
  f.caption =
      "What is left of time 0, with the interval. Open triangles: bounds. The dashed line is half.";
  Json spec = base_spec(f.title, "against time 0", "Folds over time", 300);
  spec["data"] = {{"values", std::move(rows)}};
  Json x = quantitative("time_h");
  x["title"] = "hours";
  const auto y = [&](const char* field) {
    Json axis = quantitative(field);
    axis["title"] = "fold against time 0";
    axis["scale"] = {{"type", "log"}, {"domain", {0.9 * low, 1.1 * high}}, {"nice", false}};
    axis["axis"] = {{"format", "~g"}, {"tickCount", 6}};
    return axis;
  };
  Json colour = nominal("course");
  colour["legend"] = {{"title", nullptr}, {"orient", "top"}, {"columns", 1}, {"labelLimit", 600}};
  colour["scale"] = {{"range", {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"}}};
  const Json tips{tip("course", "course"), tip("time_h", "hours"), tip("shown", "fold")};
  Json rule{{"x", x}, {"y", y("low")}, {"y2", {{"field", "high"}}}, {"color", colour}};
  spec["layer"] = Json::array(
      {{{"name", "reference"},
        {"data", {{"values", Json::array({Json{{"half", 0.5}}})}}},
        {"mark", {{"type", "rule"}, {"strokeDash", {4, 4}}, {"color", "#52606d"}}},
        {"encoding", {{"y", y("half")}}}},
       {{"name", "lines"},
        {"mark", {{"type", "line"}, {"strokeWidth", 1.6}}},
        {"encoding", {{"x", x}, {"y", y("fold")}, {"color", colour}}}},
       {{"name", "intervals"},
        {"mark", {{"type", "rule"}, {"strokeWidth", 1.6}}},
        {"encoding", std::move(rule)}},
       {{"name", "folds"},
        {"mark", {{"type", "point"}, {"filled", true}, {"size", 60}, {"opacity", 1}}},
        {"encoding", {{"x", x}, {"y", y("fold")}, {"color", colour}, {"tooltip", tips}}}},
       {{"name", "bounds"},
        {"mark", {{"type", "point"}, {"shape", "triangle-down"}, {"size", 70}}},
        {"encoding", {{"x", x}, {"y", y("bound")}, {"color", colour}, {"tooltip", tips}}}}});
  f.spec = text_of(spec);
  return f;
}

}  // namespace kinescape::report
