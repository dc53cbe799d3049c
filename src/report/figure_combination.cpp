// SPDX-License-Identifier: Apache-2.0
// A dose matrix as it was measured, its scores as a map with contours, equal effects, and what each
// preparation of the data says.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "report/combination_internal.hpp"
#include "report/figure_combination_internal.hpp"

namespace kinescape::report {
namespace {

namespace cb = combination;

constexpr int tile_px = 40;

/// An axis of dose steps: place i is the i-th dose, so that a step is as wide as any other.
Json dose_axis(const std::string& drug, const std::vector<double>& doses_nM, bool y) {
  std::string labels = "[";
  Json values = Json::array();
  for (std::size_t i = 0; i < doses_nM.size(); ++i) {
    if (i > 0) labels += ",";
    labels += "'" + rounded(doses_nM[i], doses_nM[i] == 0.0 ? 1 : 3) + "'";
    values.push_back(i);
  }
  labels += "]";
  return {{"title", drug + " (nM)"},
          {"values", std::move(values)},
          {"labelExpr", labels + "[datum.value]"},
          {"labelAngle", y ? 0 : -40},
          {"grid", false},
          {"ticks", false},
          {"domain", false}};
}

Json place(const std::string& field, const Json& axis, std::size_t steps, std::size_t first) {
  return {{"field", field},
          {"type", "quantitative"},
          {"axis", axis},
          {"scale",
           {{"domain", {static_cast<double>(first) - 0.5, static_cast<double>(steps) - 0.5}},
            {"nice", false},
            {"zero", false}}}};
}

/// A crossing of `level` between two neighbouring cell centres.
struct Segment {
  double x0, y0, x1, y1;
};

/// Marching squares over the centres of the cells; squares with an unmeasured corner are left out.
std::vector<Segment> contour(const std::vector<double>& z,
                             std::size_t na,
                             std::size_t nb,
                             double level) {
  std::vector<Segment> out;
  for (std::size_t i = 1; i + 1 < na; ++i) {
    for (std::size_t j = 1; j + 1 < nb; ++j) {
      const double corner[4] = {
          z[i * nb + j], z[(i + 1) * nb + j], z[(i + 1) * nb + j + 1], z[i * nb + j + 1]};
      const double x[4] = {0.0, 1.0, 1.0, 0.0}, y[4] = {0.0, 0.0, 1.0, 1.0};
      double at[4][2];
      int n = 0;
      for (int e = 0; e < 4; ++e) {
        const int f = (e + 1) % 4;
        if (std::isnan(corner[e]) || std::isnan(corner[f])) {
          n = 0;
          break;
        }
        if ((corner[e] < level) == (corner[f] < level)) continue;
        const double t = (level - corner[e]) / (corner[f] - corner[e]);
        at[n][0] = static_cast<double>(i) + x[e] + t * (x[f] - x[e]);
        at[n][1] = static_cast<double>(j) + y[e] + t * (y[f] - y[e]);
        ++n;
      }
      for (int s = 0; s + 1 < n; s += 2)
        out.push_back({at[s][0], at[s][1], at[s + 1][0], at[s + 1][1]});
    }
  }
  return out;
}

Json contour_layer(const std::vector<double>& z, std::size_t na, std::size_t nb, double widest) {
  const double step = widest > 40.0 ? 20.0 : widest > 16.0 ? 10.0 : widest > 6.0 ? 5.0 : 2.0;
  Json rows = Json::array();
  for (double level = -10.0 * step; level <= 10.0 * step; level += step) {
    if (level == 0.0) continue;  // where noise crosses it says nothing
    for (const Segment& s : contour(z, na, nb, level)) {
      rows.push_back({{"x", s.x0}, {"y", s.y0}, {"x2", s.x1}, {"y2", s.y1}, {"points", level}});
    }
  }
  return {
      {"data", {{"values", std::move(rows)}}},
      {"mark", {{"type", "rule"}, {"color", "#1f2933"}, {"strokeWidth", 1.2}, {"opacity", 0.7}}},
      {"encoding",
       {{"x", quantitative("x")},
        {"y", quantitative("y")},
        {"x2", {{"field", "x2"}}},
        {"y2", {{"field", "y2"}}},
        {"tooltip", Json::array({tip("points", "Contour, points")})}}}};
}

int height_of(std::size_t rows) {
  return std::clamp(static_cast<int>(rows) * tile_px + 110, 260, 640);
}

}  // namespace

Json score_mark() {
  return {{"type", "rect"}, {"stroke", "white"}, {"strokeWidth", 1}, {"invalid", nullptr}};
}

Json score_colour(double end) {
  return {{"condition", {{"test", "!isValid(datum.points)"}, {"value", "#e4e7eb"}}},
          {"field", "points"},
          {"type", "quantitative"},
          {"scale", {{"scheme", "purpleorange"}, {"domain", {-end, end}}}},
          {"legend", {{"title", "Points"}}}};
}

Json significance_frame(const char* x, const char* x2, const char* y, const char* y2) {
  return {
      {"transform", Json::array({{{"filter", "datum.significant"}}})},
      {"mark", {{"type", "rect"}, {"fill", nullptr}, {"stroke", "#1f2933"}, {"strokeWidth", 2}}},
      {"encoding",
       {{"x", quantitative(x)},
        {"x2", {{"field", x2}}},
        {"y", quantitative(y)},
        {"y2", {{"field", y2}}}}}};
}

Json cell_numbers(const char* x, const char* y, const std::string& dark_where) {
  return {{"mark", {{"type", "text"}, {"fontSize", 11}}},
          {"encoding",
           {{"x", quantitative(x)},
            {"y", quantitative(y)},
            {"text", nominal("shown")},
            {"color",
             {{"condition", {{"test", dark_where}, {"value", "white"}}}, {"value", "#1f2933"}}}}}};
}

std::string shown_points(double points) {
  if (!std::isfinite(points)) return "n.d.";
  return std::fabs(points) < 0.5 ? "0" : fmt::format("{:+.0f}", points);
}

Figure combination_matrix_figure(const cb::PairResult& pair, const std::string& name) {
  const cb::Surface& s = pair.cells.mean;
  const std::size_t na = s.axis_nM[0].size(), nb = s.axis_nM[1].size();
  Json rows = Json::array();
  for (std::size_t i = 0; i < na; ++i) {
    for (std::size_t j = 0; j < nb; ++j) {
      const double v = 100.0 * s.viability[i * nb + j];
      if (std::isnan(v)) continue;
      rows.push_back({{"a", i},
                      {"b", j},
                      {"a0", static_cast<double>(i) - 0.5},
                      {"a1", static_cast<double>(i) + 0.5},
                      {"b0", static_cast<double>(j) - 0.5},
                      {"b1", static_cast<double>(j) + 0.5},
                      {"dose_a_nM", s.axis_nM[0][i]},
                      {"dose_b_nM", s.axis_nM[1][j]},
                      {"viability_percent", v},
                      {"shown", fmt::format("{:.0f}", v)}});
    }
  }
  Json spec = base_spec("Response: " + pair_name(pair),
                        "Mean viability in percent; each drug alone in the first column and row",
                        "Heat map of viability over the doses of two drugs.",
                        height_of(nb));
  const Json x = place("a0", dose_axis(pair.drugs[0], s.axis_nM[0], false), na, 0);
  const Json y = place("b0", dose_axis(pair.drugs[1], s.axis_nM[1], true), nb, 0);
  Json cells{{"mark", score_mark()},
             {"encoding",
              {{"x", x},
               {"x2", {{"field", "a1"}}},
               {"y", y},
               {"y2", {{"field", "b1"}}},
               {"color",
                {{"field", "viability_percent"},
                 {"type", "quantitative"},
                 {"scale", {{"scheme", "blues"}, {"domain", {0, 110}}, {"clamp", true}}},
                 {"legend", {{"title", "Viability (%)"}}}}},
               {"tooltip",
                Json::array({tip("dose_a_nM", pair.drugs[0] + " (nM)"),
                             tip("dose_b_nM", pair.drugs[1] + " (nM)"),
                             tip("viability_percent", "Viability (%)")})}}}};
  Json text = cell_numbers("a", "b", "datum.viability_percent > 70");
  Json edges = Json::array();
  edges.push_back({{"a0", 0.5}, {"b0", -0.5}, {"a1", 0.5}, {"b1", static_cast<double>(nb) - 0.5}});
  edges.push_back({{"a0", -0.5}, {"b0", 0.5}, {"a1", static_cast<double>(na) - 0.5}, {"b1", 0.5}});
  Json margin{{"data", {{"values", std::move(edges)}}},
              {"mark", {{"type", "rule"}, {"color", "#1f2933"}, {"strokeWidth", 2}}},
              {"encoding",
               {{"x", quantitative("a0")},
                {"y", quantitative("b0")},
                {"x2", {{"field", "a1"}}},
                {"y2", {{"field", "b1"}}}}}};
  spec["data"] = {{"values", std::move(rows)}};
  spec["layer"] = Json::array({std::move(cells), std::move(text), std::move(margin)});
  return {
      name,
      "Response: " + pair_name(pair),
      "Mean over repeats of viability at each pair of doses. The first column and the first row "
      "are the single agents; their corner is the vehicle.",
      text_of(spec)};
}

Figure combination_delta_figure(const cb::PairResult& pair,
                                cb::Reference reference,
                                const std::string& name) {
  const auto m = static_cast<std::size_t>(reference);
  const cb::Surface& s = pair.cells.mean;
  const std::size_t na = s.axis_nM[0].size(), nb = s.axis_nM[1].size();
  std::vector<double> z(na * nb, unknown);
  double widest = 10.0;
  bool any = false;  // without a cell beyond its error contours would draw noise
  Json rows = Json::array();
  std::size_t cell = 0;
  for (std::size_t i = 1; i < na; ++i) {
    for (std::size_t j = 1; j < nb; ++j) {
      if (std::isnan(s.viability[i * nb + j]) || cell >= pair.matrix.size()) continue;
      const cb::CellResult& c = pair.matrix[cell++];
      const double d = c.delta[m];
      z[i * nb + j] = d;
      if (std::isfinite(d)) widest = std::max(widest, std::fabs(d));
      any = any || c.significant[m];
      rows.push_back({{"a", i},
                      {"b", j},
                      {"a0", static_cast<double>(i) - 0.5},
                      {"a1", static_cast<double>(i) + 0.5},
                      {"b0", static_cast<double>(j) - 0.5},
                      {"b1", static_cast<double>(j) + 0.5},
                      {"dose_a_nM", s.axis_nM[0][i]},
                      {"dose_b_nM", s.axis_nM[1][j]},
                      {"points", number_or_null(d)},
                      {"p_adjusted", number_or_null(c.p_adjusted[m])},
                      {"significant", c.significant[m]},
                      {"shown", shown_points(d)}});
    }
  }
  const std::string model(cb::name(reference));
  Json spec = base_spec(model + ": " + pair_name(pair),
                        "Percentage points of effect beyond the reference; framed cells are beyond "
                        "their error (Holm over the cells)",
                        "Heat map of " + model + " scores over the doses of two drugs.",
                        height_of(nb));
  const Json x = place("a0", dose_axis(pair.drugs[0], s.axis_nM[0], false), na, 1);
  const Json y = place("b0", dose_axis(pair.drugs[1], s.axis_nM[1], true), nb, 1);
  const double end = std::ceil(widest);
  Json cells{{"mark", score_mark()},
             {"encoding",
              {{"x", x},
               {"x2", {{"field", "a1"}}},
               {"y", y},
               {"y2", {{"field", "b1"}}},
               {"color", score_colour(end)},
               {"tooltip",
                Json::array({tip("dose_a_nM", pair.drugs[0] + " (nM)"),
                             tip("dose_b_nM", pair.drugs[1] + " (nM)"),
                             tip("points", "Points"),
                             tip("p_adjusted", "p, adjusted")})}}}};
  Json text = cell_numbers("a", "b", fmt::format("abs(datum.points) > {}", 0.7 * end));
  spec["data"] = {{"values", std::move(rows)}};
  spec["layer"] =
      Json::array({std::move(cells),
                   contour_layer(any ? z : std::vector<double>(z.size(), unknown), na, nb, widest),
                   significance_frame("a0", "a1", "b0", "b1"),
                   std::move(text)});
  return {name,
          model + ": " + pair_name(pair),
          "How many percentage points of viability the pair takes beyond the " + model +
              " reference. Orange is synergy, purple antagonism; lines are contours through the "
              "cells' centres; n.d. has no reference.",
          text_of(spec)};
}

Figure combination_isobole_figure(const cb::PairResult& pair, const std::string& name) {
  const cb::Isobologram& iso = pair.isobologram;
  Json additive = Json::array(), fitted = Json::array(), measured = Json::array();
  additive.push_back({{"a", iso.alone_a_nM}, {"b", 0.0}});
  additive.push_back({{"a", 0.0}, {"b", iso.alone_b_nM}});
  for (const auto& p : iso.fitted) fitted.push_back({{"a", p.dose_a_nM}, {"b", p.dose_b_nM}});
  for (const auto& p : iso.measured) {  // far out of the frame, where the surface turns back
    if (p.dose_a_nM > 2.0 * iso.alone_a_nM || p.dose_b_nM > 2.0 * iso.alone_b_nM) continue;
    measured.push_back({{"a", p.dose_a_nM}, {"b", p.dose_b_nM}});
  }
  const std::string level = fmt::format("{:.0f} %", 100.0 * iso.level);
  Json spec =
      base_spec("Isobologram: " + pair_name(pair),
                "Dose pairs that leave " + level +
                    " viability; below the straight line less is needed than doses that add up",
                "Isobole of two drugs against the line of additive doses.",
                420);
  const auto axis = [](const std::string& field, const std::string& title) {
    Json e = quantitative(field);
    e["axis"] = {{"title", title}};
    return e;
  };
  const Json x = axis("a", pair.drugs[0] + " (nM)"), y = axis("b", pair.drugs[1] + " (nM)");
  const auto line = [&](Json values, const char* colour, Json dash, bool ordered) {
    Json e{{"x", x}, {"y", y}};
    if (ordered) e["order"] = quantitative("a");
    return Json{
        {"data", {{"values", std::move(values)}}},
        {"mark", {{"type", "line"}, {"color", colour}, {"strokeWidth", 2}, {"strokeDash", dash}}},
        {"encoding", std::move(e)}};
  };
  Json labels = Json::array();
  labels.push_back(
      {{"a", 0.3 * iso.alone_a_nM}, {"b", 0.7 * iso.alone_b_nM}, {"t", "doses add up"}});
  if (!iso.fitted.empty()) {
    const auto& p = iso.fitted[iso.fitted.size() * 3 / 4];
    labels.push_back({{"a", p.dose_a_nM}, {"b", p.dose_b_nM}, {"t", "MuSyC surface"}});
  }
  Json points{
      {"data", {{"values", std::move(measured)}}},
      {"mark", {{"type", "point"}, {"filled", true}, {"size", 60}, {"color", "#D55E00"}}},
      {"encoding",
       {{"x", x},
        {"y", y},
        {"tooltip",
         Json::array({tip("a", pair.drugs[0] + " (nM)"), tip("b", pair.drugs[1] + " (nM)")})}}}};
  Json text{
      {"name", "muted_heading"},
      {"data", {{"values", std::move(labels)}}},
      {"mark", {{"type", "text"}, {"align", "left"}, {"dx", 8}, {"dy", -6}, {"fontSize", 12}}},
      {"encoding", {{"x", x}, {"y", y}, {"text", nominal("t")}}}};
  spec["layer"] = Json::array({line(std::move(additive), "#52606d", Json::array({6, 4}), false),
                               line(std::move(fitted), "#0072B2", Json::array(), true),
                               std::move(points),
                               std::move(text)});
  return {
      name,
      "Isobologram: " + pair_name(pair),
      "Dose pairs of equal effect (" + level +
          " viability): along the fitted surface (line) and where rows and columns of the matrix "
          "cross that level (points), against doses that add up (dashed).",
      text_of(spec)};
}

Figure combination_specification_figure(const cb::PairResult& pair, const std::string& name) {
  Json rows = Json::array();
  for (const cb::Specification& s : pair.specifications.rows) {
    const auto& how = s.preparation;
    rows.push_back({{"model", s.name},
                    {"score", s.score},
                    {"baseline", cb::name(how.baseline)},
                    {"normalised", how.own_vehicle ? "own vehicle" : "as given"},
                    {"plateaus", how.full_range ? "0-100" : "free"},
                    {"how",
                     fmt::format("baseline {}, {}, curves {}",
                                 cb::name(how.baseline),
                                 how.own_vehicle ? "own vehicle" : "as given",
                                 how.full_range ? "0-100" : "free")}});
  }
  Json spec = base_spec("What each choice would have said: " + pair_name(pair),
                        "The score under every baseline, normalisation and plateau choice",
                        "Dot plot of scores over preparations of the data.",
                        300);
  Json zero{{"data", {{"values", Json::array({{{"score", 0}}})}}},
            {"mark", {{"type", "rule"}, {"color", "#9aa5b1"}, {"strokeWidth", 1.5}}},
            {"encoding", {{"x", quantitative("score")}}}};
  Json x = quantitative("score");
  x["axis"] = {{"title", "Score (percentage points; above zero is synergy)"}};
  Json dots{
      {"mark", {{"type", "point"}, {"filled", true}, {"size", 80}, {"opacity", 0.75}}},
      {"encoding",
       {{"x", x},
        {"y",
         {{"field", "model"},
          {"type", "nominal"},
          {"sort", nullptr},
          {"axis", {{"title", nullptr}, {"ticks", false}, {"domain", false}}}}},
        {"color",
         {{"field", "baseline"},
          {"type", "nominal"},
          {"scale",
           {{"domain", {"none", "part", "all"}}, {"range", {"#0072B2", "#E69F00", "#009E73"}}}},
          {"legend", {{"title", "Baseline"}}}}},
        {"shape",
         {{"field", "plateaus"}, {"type", "nominal"}, {"legend", {{"title", "Curves run"}}}}},
        {"tooltip",
         Json::array({tip("model", "Model"), tip("how", "How"), tip("score", "Score")})}}}};
  spec["data"] = {{"values", std::move(rows)}};
  spec["layer"] = Json::array({std::move(zero), std::move(dots)});
  return {
      name,
      "What each choice would have said: " + pair_name(pair),
      "One point a way of preparing the data. Synergy is called robust only where the sign holds "
      "in all of them and every model's score is beyond its error.",
      text_of(spec)};
}

}  // namespace kinescape::report
