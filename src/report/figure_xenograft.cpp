// SPDX-License-Identifier: Apache-2.0
// Mice: spider, means with intervals, waterfall, time to a multiple of baseline.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "report/arm_style_internal.hpp"
#include "report/figure_theme_internal.hpp"
#include "report/wording_internal.hpp"
#include "report/xenograft_internal.hpp"

namespace kinescape::report {
namespace {

using xenograft::AnimalResult;

std::vector<std::string> arms_of(const xenograft::Estimate& e) {
  std::vector<std::string> out;
  for (const auto& a : e.arms) out.push_back(a.arm);
  return out;
}

struct Frame {
  double low = 1e300, high = 0.0;
};

Frame frame_of(const xenograft::Estimate& e) {
  Frame f;
  for (const AnimalResult& a : e.animals)
    for (const double v : a.volume_mm3)
      if (v > 0.0) f.low = std::min(f.low, v), f.high = std::max(f.high, v);
  if (!(f.high > 0.0)) return {1.0, 10.0};
  return {f.low / 1.15, f.high * 1.15};
}

LogPosition volume_axis(const Frame& f) {
  Json axis =
      log_axis("volume (mm³, log axis)", log_ticks(f.low, f.high), "format(datum.value, ',~r')");
  axis["grid"] = true;
  return {f.low, f.high, axis};
}

Json day_axis() {
  Json x = quantitative("day");
  x["axis"] = {{"title", "day"}, {"grid", false}};
  x["scale"] = {{"nice", false}};
  return x;
}

Figure spider(const xenograft::Estimate& e) {
  Figure figure{"xenograft_spider",
                "Every mouse",
                "One line a mouse, on a log axis. Hollow: below the palpable limit, drawn at the "
                "limit. A cross: the mouse left for a reason other than the end of the study.",
                ""};
  Json rows = Json::array(), ends = Json::array();
  for (const AnimalResult& a : e.animals) {
    for (std::size_t i = 0; i < a.day.size(); ++i)
      if (a.volume_mm3[i] > 0.0)
        rows.push_back({{"animal", a.line + " " + a.id},
                        {"arm", a.arm},
                        {"day", a.day[i]},
                        {"volume_mm3", a.volume_mm3[i]},
                        {"below_limit", static_cast<bool>(a.below_limit[i])}});
    if (!a.day.empty() && a.volume_mm3.back() > 0.0 && a.removal != "none" &&
        a.removal != "end_of_study")
      ends.push_back({{"animal", a.id},
                      {"arm", a.arm},
                      {"day", a.day.back()},
                      {"volume_mm3", a.volume_mm3.back()},
                      {"removed", a.removal_as_written}});
  }
  const LogPosition y = volume_axis(frame_of(e));
  const auto arms = arms_of(e);
  const bool many = arms.size() > 7 || e.animals.size() > 120;
  Json spec = base_spec(figure.title, "", "Volume of each tumour over time, by arm", 380);
  const Json x = day_axis(), colour = arm_colour(arms, !many);
  const Json tips{tip("animal", "mouse"),
                  tip("arm", "arm"),
                  tip("day", "day"),
                  tip("volume_mm3", "volume (mm³)")};
  const double opacity = many ? 0.25 : 0.75;
  spec["layer"] = Json::array();
  spec["layer"].push_back({{"name", "mice"},
                           {"data", {{"values", rows}}},
                           {"mark", {{"type", "line"}, {"strokeWidth", 1.3}, {"opacity", opacity}}},
                           {"encoding",
                            {{"x", x},
                             {"y", y("volume_mm3")},
                             {"color", colour},
                             {"detail", nominal("animal")},
                             {"tooltip", tips}}}});
  if (!many)
    spec["layer"].push_back(
        {{"name", "visits"},
         {"data", {{"values", std::move(rows)}}},
         {"mark", {{"type", "point"}, {"size", 18}, {"opacity", 0.8}}},
         {"encoding",
          {{"x", x},
           {"y", y("volume_mm3")},
           {"color", colour},
           {"fillOpacity",
            {{"condition", {{"test", "datum.below_limit"}, {"value", 0}}}, {"value", 1}}},
           {"fill", colour},
           {"tooltip", tips}}}});
  if (!ends.empty())
    spec["layer"].push_back(
        {{"name", "removed"},
         {"data", {{"values", std::move(ends)}}},
         {"mark",
          {{"type", "point"},
           {"shape", "M-1,-1L1,1M-1,1L1,-1"},
           {"size", 90},
           {"strokeWidth", 2},
           {"opacity", 1}}},
         {"encoding",
          {{"x", x},
           {"y", y("volume_mm3")},
           {"color", colour},
           {"tooltip", {tip("animal", "mouse"), tip("removed", "removed"), tip("day", "day")}}}}});
  figure.spec = text_of(spec);
  return figure;
}

Figure means(const xenograft::Estimate& e) {
  Figure figure{
      "xenograft_means",
      "Mean growth",
      "Geometric mean volume and its interval while every mouse of the arm is measured; thin and "
      "dashed from the day on which the first is missing, where the mean of those left misleads.",
      ""};
  Json whole = Json::array(), part = Json::array();
  std::string arm;
  bool broken = false;
  const xenograft::MeanPoint* before = nullptr;
  for (const xenograft::MeanPoint& m : e.means) {
    if (m.arm != arm) arm = m.arm, broken = false, before = nullptr;
    if (2 * m.measured < m.of && !broken && before == nullptr) continue;  // a stray early day
    Json row{{"arm", m.arm},
             {"day", m.day},
             {"mean_mm3", number_or_null(m.mean_mm3)},
             {"low_mm3", number_or_null(m.low_mm3)},
             {"high_mm3", number_or_null(m.high_mm3)},
             {"measured", m.measured},
             {"of", m.of}};
    const bool full = m.measured == m.of;
    if (!full && !broken && before != nullptr)
      part.push_back({{"arm", m.arm},
                      {"day", before->day},
                      {"mean_mm3", number_or_null(before->mean_mm3)},
                      {"measured", before->measured},
                      {"of", before->of}});
    broken = broken || !full;
    (broken ? part : whole).push_back(std::move(row));
    before = &m;
  }
  Frame f = frame_of(e);
  const LogPosition y = volume_axis(f);
  const auto arms = arms_of(e);
  Json spec = base_spec(figure.title, "", "Mean tumour volume over time, by arm", 360);
  const Json x = day_axis(), colour = arm_colour(arms, arms.size() <= 7);
  const Json tips{tip("arm", "arm"),
                  tip("day", "day"),
                  tip("mean_mm3", "geometric mean (mm³)"),
                  tip("measured", "mice measured"),
                  tip("of", "of")};
  Json layers = Json::array();
  Json low = y("low_mm3");
  layers.push_back(
      {{"name", "band"},
       {"data", {{"values", whole}}},
       {"mark", {{"type", "area"}, {"opacity", 0.15}, {"clip", true}, {"aria", false}}},
       {"encoding", {{"x", x}, {"y", low}, {"y2", {{"field", "high_mm3"}}}, {"color", colour}}}});
  layers.push_back(
      {{"name", "means"},
       {"data", {{"values", whole}}},
       {"mark", {{"type", "line"}, {"strokeWidth", 2.4}, {"point", {{"size", 36}}}}},
       {"encoding", {{"x", x}, {"y", y("mean_mm3")}, {"color", colour}, {"tooltip", tips}}}});
  layers.push_back(
      {{"name", "thinned"},
       {"data", {{"values", std::move(part)}}},
       {"mark", {{"type", "line"}, {"strokeWidth", 1}, {"strokeDash", {3, 3}}, {"opacity", 0.7}}},
       {"encoding", {{"x", x}, {"y", y("mean_mm3")}, {"color", colour}, {"tooltip", tips}}}});
  spec["layer"] = std::move(layers);
  figure.spec = text_of(spec);
  return figure;
}

std::optional<Figure> waterfall(const xenograft::Estimate& e) {
  std::vector<const AnimalResult*> all;
  for (const AnimalResult& a : e.animals)
    if (std::isfinite(a.best_response_percent)) all.push_back(&a);
  if (all.size() < 2) return std::nullopt;
  std::stable_sort(all.begin(), all.end(), [](auto* a, auto* b) {
    return a->best_response_percent > b->best_response_percent;
  });
  Figure figure{
      "xenograft_waterfall",
      "Best response of each mouse",
      "Change from baseline at each mouse's best visit, cut at +200 %. Rule of the classes: " +
          e.mrecist_rule + ".",
      ""};
  Json rows = Json::array();
  int at = 0;
  for (const AnimalResult* a : all)
    rows.push_back({{"rank", ++at},
                    {"animal", a->line + " " + a->id},
                    {"arm", a->arm},
                    {"best_response_percent", a->best_response_percent},
                    {"drawn", std::min(200.0, a->best_response_percent)},
                    {"mrecist", a->mrecist}});
  const auto arms = arms_of(e);
  Json spec = base_spec(figure.title, "", "Best change of volume from baseline, sorted", 300);
  Json x{{"field", "rank"},
         {"type", "ordinal"},
         {"axis", {{"title", "mice, by response"}, {"labels", false}, {"ticks", false}}}};
  Json y = quantitative("drawn");
  y["axis"] = {{"title", "best change of volume (%)"}};
  // Room for the class above a bar that is cut.
  if (all.front()->best_response_percent > 180.0) y["scale"] = {{"domainMax", 230}};
  Json layers = Json::array();
  layers.push_back({{"name", "bars"},
                    {"data", {{"values", rows}}},
                    {"mark", {{"type", "bar"}}},
                    {"encoding",
                     {{"x", x},
                      {"y", y},
                      {"color", arm_colour(arms, arms.size() <= 7)},
                      {"tooltip",
                       {tip("animal", "mouse"),
                        tip("arm", "arm"),
                        tip("best_response_percent", "best change (%)"),
                        tip("mrecist", "class")}}}}});
  if (all.size() <= 40) {
    Json label = nominal("mrecist");
    Json mark{{"type", "text"}, {"fontSize", 11}};
    if (all.size() <= 20) {
      mark["dy"] = {{"expr", "datum.drawn < 0 ? 10 : -8"}};
    } else {  // upright, where two letters are wider than a bar
      mark["angle"] = 270;
      mark["align"] = {{"expr", "datum.drawn < 0 ? 'right' : 'left'"}};
      mark["dx"] = {{"expr", "datum.drawn < 0 ? -4 : 4"}};
    }
    layers.push_back({{"name", "classes"},
                      {"data", {{"values", std::move(rows)}}},
                      {"mark", std::move(mark)},
                      {"encoding", {{"x", x}, {"y", y}, {"text", label}}}});
  }
  spec["layer"] = std::move(layers);
  figure.spec = text_of(spec);
  return figure;
}

std::optional<Figure> multiples(const xenograft::Estimate& e) {
  if (e.multiples.size() < 2 || e.arms.size() > 7) return std::nullopt;
  Figure figure{"xenograft_multiple",
                "Time to a multiple of baseline",
                "Share of mice whose tumour has not been seen at the multiple of its baseline "
                "volume, from the first visit that saw it (Kaplan-Meier).",
                ""};
  Json rows = Json::array();
  for (const xenograft::MultiplePoint& p : e.multiples)
    rows.push_back(
        {{"arm", p.arm}, {"day", p.day}, {"share_below", p.share_below}, {"at_risk", p.at_risk}});
  Json spec =
      base_spec(figure.title, "", "Share of mice below the multiple over time, by arm", 280);
  Json y = quantitative("share_below");
  y["scale"] = {{"domain", {0, 1}}};
  y["axis"] = {{"title", "share of mice below it"}, {"format", "%"}};
  Json x = day_axis();
  x["axis"]["title"] = "days after baseline";
  spec["data"] = {{"values", std::move(rows)}};
  spec["mark"] = {{"type", "line"}, {"interpolate", "step-after"}, {"strokeWidth", 2}};
  spec["encoding"] = {{"x", x},
                      {"y", y},
                      {"color", arm_colour(arms_of(e), true)},
                      {"tooltip",
                       {tip("arm", "arm"),
                        tip("day", "day"),
                        tip("share_below", "share below"),
                        tip("at_risk", "at risk")}}};
  figure.spec = text_of(spec);
  return figure;
}

}  // namespace

std::vector<Figure> xenograft_figures(const xenograft::Estimate& e) {
  std::vector<Figure> out;
  if (e.animals.empty()) return out;
  out.push_back(means(e));
  out.push_back(spider(e));
  if (auto f = waterfall(e)) out.push_back(std::move(*f));
  if (auto f = multiples(e)) out.push_back(std::move(*f));
  return out;
}

}  // namespace kinescape::report
