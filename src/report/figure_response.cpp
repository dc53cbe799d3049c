// SPDX-License-Identifier: Apache-2.0
// Responses of patients: waterfall of best changes, swimmer of calls over time.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/arm_style_internal.hpp"
#include "report/clinical_internal.hpp"
#include "report/figure_theme_internal.hpp"

namespace kinescape::report {
namespace {

using clinical::PatientCall;

constexpr std::size_t most_swimmers = 60;  // of an arm, the longest

/// The colour channel of response classes.
Json response_colour(const char* field, bool legend) {
  Json colour{{"field", field}, {"type", "nominal"}};
  colour["scale"] = {{"domain", {"CR", "PR", "SD", "PD", "NE"}},
                     {"range", {"#0072B2", "#009E73", "#E69F00", "#D55E00", "#5B6770"}}};
  colour["legend"] = legend ? Json{{"title", nullptr}, {"orient", "top"}} : Json(nullptr);
  return colour;
}

std::string shown(clinical::Response r) {
  return r == clinical::Response::non_cr_non_pd ? "SD" : std::string(name(r));
}

/// Patients arm by arm, in the order of the table of arms.
std::vector<std::vector<const PatientCall*>> by_arm(const clinical::ResponseEstimate& e,
                                                    bool (*wanted)(const PatientCall&)) {
  std::vector<std::vector<const PatientCall*>> out;
  for (const auto& arm : e.arms) {
    std::vector<const PatientCall*> in;
    for (const PatientCall& p : e.patients)
      if (p.arm == arm.arm && wanted(p)) in.push_back(&p);
    if (!in.empty()) out.push_back(std::move(in));
  }
  return out;
}

/// A figure of panels, one an arm, that share their scales.
Json panels_of(const std::string& title, const char* words, const char* how, Json panels) {
  Json spec = base_spec(title, "", words, 300);
  for (const char* key : {"width", "height", "autosize"}) spec.erase(key);
  spec[how] = std::move(panels);
  spec["resolve"] = {{"scale", {{"color", "shared"}}}};
  return spec;
}

/// Two views of one name would share their data.
std::string layer_name(const char* name, std::size_t panel) {
  return panel == 0 ? name : fmt::format("{}_{}", name, panel + 1);
}

void name_panel(const std::vector<std::vector<const PatientCall*>>& arms,
                const std::string& arm,
                Json& panel) {
  if (arms.size() > 1) panel["title"] = {{"text", arm}, {"fontSize", 13}, {"offset", 6}};
}

Json waterfall_panel(std::vector<const PatientCall*> all, int width_px, std::size_t panel) {
  std::stable_sort(all.begin(), all.end(), [](auto* a, auto* b) {
    return a->best_change_percent > b->best_change_percent;
  });
  Json rows = Json::array();
  int rank = 0;
  for (const PatientCall* p : all)
    rows.push_back({{"rank", ++rank},
                    {"patient", p->patient},
                    {"arm", p->arm},
                    {"best_change_percent", p->best_change_percent},
                    {"drawn", std::min(100.0, p->best_change_percent)},
                    {"response", shown(p->best)}});
  const Json x{{"field", "rank"},
               {"type", "ordinal"},
               {"axis", {{"title", "patients, by change"}, {"labels", false}, {"ticks", false}}}};
  Json y = quantitative("drawn");
  y["scale"] = {{"domain", {-100, 100}}};
  y["axis"] = {{"title", panel == 0 ? Json("best change from baseline (%)") : Json(nullptr)},
               {"labelOpacity", panel == 0 ? 1 : 0},
               {"values", {-100, -50, 0, 50, 100}}};
  Json layers = Json::array();
  layers.push_back({{"name", layer_name("bars", panel)},
                    {"data", {{"values", std::move(rows)}}},
                    {"mark", {{"type", "bar"}}},
                    {"encoding",
                     {{"x", x},
                      {"y", y},
                      {"color", response_colour("response", true)},
                      {"tooltip",
                       {tip("patient", "patient"),
                        tip("arm", "arm"),
                        tip("best_change_percent", "best change (%)"),
                        tip("response", "best response")}}}}});
  layers.push_back(
      {{"name", layer_name("criterion", panel)},
       {"data", {{"values", Json::array({Json{{"drawn", 20.0}}, Json{{"drawn", -30.0}}})}}},
       {"mark", {{"type", "rule"}, {"color", "#52606d"}, {"strokeDash", {4, 3}}, {"aria", false}}},
       {"encoding", {{"y", y}}}});
  return {{"width", width_px}, {"height", 240}, {"layer", std::move(layers)}};
}

std::optional<Figure> waterfall(const clinical::ResponseEstimate& e) {
  const auto arms =
      by_arm(e, [](const PatientCall& p) { return std::isfinite(p.best_change_percent); });
  std::size_t all = 0;
  for (const auto& arm : arms) all += arm.size();
  if (all < 2) return std::nullopt;
  Figure figure{"clinical_waterfall",
                "Best change of target lesions",
                "Each bar a patient: smallest sum of target diameters against baseline, cut at "
                "+100 %; colour: best overall response, which new and non-target lesions may "
                "worsen. Dashed: +20 % and -30 %.",
                ""};
  Json panels = Json::array();
  for (const auto& arm : arms) {
    const double share = static_cast<double>(arm.size()) / static_cast<double>(all);
    panels.push_back(
        waterfall_panel(arm, std::max(60, static_cast<int>(540.0 * share)), panels.size()));
    name_panel(arms, arm.front()->arm, panels.back());
  }
  figure.spec = text_of(panels_of(figure.title,
                                  "Best change of the sum of target diameters, sorted, by arm",
                                  "hconcat",
                                  std::move(panels)));
  return figure;
}

Json swimmer_panel(const std::vector<const PatientCall*>& all,
                   double last,
                   bool lowest,
                   std::size_t panel) {
  Json bars = Json::array(), points = Json::array(), order = Json::array();
  for (const PatientCall* p : all) {
    order.push_back(p->patient);
    bars.push_back(
        {{"patient", p->patient}, {"arm", p->arm}, {"from", 0.0}, {"day", p->visits.back().day}});
    for (const clinical::VisitCall& v : p->visits)
      points.push_back({{"patient", p->patient},
                        {"day", v.day},
                        {"response", shown(v.overall)},
                        {"why", v.why}});
  }
  Json y = nominal("patient");
  y["sort"] = std::move(order);
  y["axis"] = {{"title", nullptr}, {"domain", false}, {"ticks", false}, {"labelLimit", 140}};
  Json x = quantitative("day");
  x["scale"] = {{"domain", {0.0, last}}, {"nice", false}};
  x["axis"] = {{"title", lowest ? Json("day") : Json(nullptr)},
               {"labels", lowest},
               {"grid", false},
               {"tickCount", 8}};
  Json from = x;
  from["field"] = "from";
  Json layers = Json::array();
  layers.push_back({{"name", layer_name("muted_bar", panel)},
                    {"data", {{"values", std::move(bars)}}},
                    {"mark", {{"type", "bar"}, {"height", 9}, {"color", "#cbd2d9"}}},
                    {"encoding",
                     {{"y", y},
                      {"x", from},
                      {"x2", {{"field", "day"}}},
                      {"tooltip", {tip("patient", "patient"), tip("arm", "arm")}}}}});
  layers.push_back({{"name", layer_name("visits", panel)},
                    {"data", {{"values", std::move(points)}}},
                    {"mark", {{"type", "point"}, {"filled", true}, {"size", 70}, {"opacity", 1}}},
                    {"encoding",
                     {{"y", y},
                      {"x", x},
                      {"color", response_colour("response", true)},
                      {"tooltip",
                       {tip("patient", "patient"),
                        tip("day", "day"),
                        tip("response", "call"),
                        tip("why", "why")}}}}});
  return {
      {"width", 540}, {"height", 18 * static_cast<int>(all.size())}, {"layer", std::move(layers)}};
}

std::optional<Figure> swimmer(const clinical::ResponseEstimate& e) {
  auto arms = by_arm(e, [](const PatientCall& p) { return !p.visits.empty(); });
  if (arms.empty()) return std::nullopt;
  Figure figure{"clinical_swimmer",
                "Each patient over time",
                "A bar from baseline to the last visit; a point at each visit, coloured by the "
                "overall call of that visit.",
                ""};
  double last = 0.0;
  bool cut = false;
  for (auto& arm : arms) {
    std::stable_sort(arm.begin(), arm.end(), [](auto* a, auto* b) {
      return a->visits.back().day > b->visits.back().day;
    });
    if (arm.size() > most_swimmers) {
      arm.resize(most_swimmers);
      cut = true;
    }
    last = std::max(last, arm.front()->visits.back().day);
  }
  if (cut) figure.caption += fmt::format(" The {} longest of each arm.", most_swimmers);
  Json panels = Json::array();
  for (const auto& arm : arms) {
    panels.push_back(swimmer_panel(arm, last, &arm == &arms.back(), panels.size()));
    name_panel(arms, arm.front()->arm, panels.back());
  }
  figure.spec = text_of(panels_of(figure.title,
                                  "Visits of each patient with their overall response, by arm",
                                  "vconcat",
                                  std::move(panels)));
  return figure;
}

}  // namespace

std::vector<Figure> response_figures(const clinical::ResponseEstimate& e) {
  std::vector<Figure> out;
  if (auto f = waterfall(e)) out.push_back(std::move(*f));
  if (auto f = swimmer(e)) out.push_back(std::move(*f));
  return out;
}

}  // namespace kinescape::report
