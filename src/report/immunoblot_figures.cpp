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
                  "{}{}{} / {}",
                  f.line,
                  f.line.empty() ? "" : ", ",
                  f.dose_nM > 0.0 ? fmt::format("{} {} nM", f.drug, rounded(f.dose_nM)) : "no drug",
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

}  // namespace kinescape::report
