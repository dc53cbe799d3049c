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

constexpr std::size_t most_swimmers = 80;

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

std::optional<Figure> waterfall(const clinical::ResponseEstimate& e) {
  std::vector<const PatientCall*> all;
  for (const PatientCall& p : e.patients)
    if (std::isfinite(p.best_change_percent)) all.push_back(&p);
  if (all.size() < 2) return std::nullopt;
  std::stable_sort(all.begin(), all.end(), [](auto* a, auto* b) {
    return a->best_change_percent > b->best_change_percent;
  });
  Figure figure{"clinical_waterfall",
                "Best change of target lesions",
                "Each bar a patient: smallest sum of target diameters against baseline, cut at "
                "+100 %; colour: best overall response, which new and non-target lesions may "
                "worsen. Dashed: +20 % and -30 %.",
                ""};
  Json rows = Json::array();
  int rank = 0;
  for (const PatientCall* p : all)
    rows.push_back({{"rank", ++rank},
                    {"patient", p->patient},
                    {"arm", p->arm},
                    {"best_change_percent", p->best_change_percent},
                    {"drawn", std::min(100.0, p->best_change_percent)},
                    {"response", shown(p->best)}});
  Json spec =
      base_spec(figure.title, "", "Best change of the sum of target diameters, sorted", 300);
  Json x{{"field", "rank"},
         {"type", "ordinal"},
         {"axis", {{"title", "patients, by change"}, {"labels", false}, {"ticks", false}}}};
  Json y = quantitative("drawn");
  y["axis"] = {{"title", "best change from baseline (%)"}};
  spec["layer"] = Json::array();
  spec["layer"].push_back({{"name", "bars"},
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
  spec["layer"].push_back(
      {{"name", "criterion"},
       {"data", {{"values", Json::array({Json{{"drawn", 20.0}}, Json{{"drawn", -30.0}}})}}},
       {"mark", {{"type", "rule"}, {"color", "#52606d"}, {"strokeDash", {4, 3}}, {"aria", false}}},
       {"encoding", {{"y", y}}}});
  figure.spec = text_of(spec);
  return figure;
}

std::optional<Figure> swimmer(const clinical::ResponseEstimate& e) {
  std::vector<const PatientCall*> all;
  for (const PatientCall& p : e.patients)
    if (!p.visits.empty()) all.push_back(&p);
  if (all.empty()) return std::nullopt;
  std::stable_sort(all.begin(), all.end(), [](auto* a, auto* b) {
    return a->visits.back().day > b->visits.back().day;
  });
  if (all.size() > most_swimmers) all.resize(most_swimmers);
  Figure figure{"clinical_swimmer",
                "Each patient over time",
                "A bar from baseline to the last visit; a point at each visit, coloured by the "
                "overall call of that visit.",
                ""};
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
  Json spec = base_spec(figure.title,
                        "",
                        "Visits of each patient with their overall response",
                        60 + 18 * static_cast<int>(all.size()));
  Json y = nominal("patient");
  y["sort"] = std::move(order);
  y["axis"] = {{"title", nullptr}, {"domain", false}, {"ticks", false}, {"labelLimit", 140}};
  Json x = quantitative("day");
  x["axis"] = {{"title", "day"}, {"grid", false}};
  Json from = x;
  from["field"] = "from";
  spec["layer"] = Json::array();
  spec["layer"].push_back({{"name", "muted"},
                           {"data", {{"values", std::move(bars)}}},
                           {"mark", {{"type", "bar"}, {"height", 9}, {"color", "#cbd2d9"}}},
                           {"encoding",
                            {{"y", y},
                             {"x", from},
                             {"x2", {{"field", "day"}}},
                             {"tooltip", {tip("patient", "patient"), tip("arm", "arm")}}}}});
  spec["layer"].push_back(
      {{"name", "visits"},
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
  figure.spec = text_of(spec);
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
