// SPDX-License-Identifier: Apache-2.0
// Scores of three and four drugs: a map of the first two for each dose of the third (side by side)
// and of the fourth (one above the other).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "report/combination_internal.hpp"
#include "report/figure_combination_internal.hpp"

namespace kinescape::report {
namespace {

namespace cb = combination;

constexpr double gap = 0.6;  // between maps, in cells
constexpr std::size_t most_columns_with_numbers = 14;

/// Where the cells of an inner axis stand, repeated for each dose of an outer one.
struct Strip {
  std::vector<double> inner, outer;  ///< Doses above 0; an outer axis may be empty.
  [[nodiscard]] std::size_t blocks() const { return std::max<std::size_t>(1, outer.size()); }
  [[nodiscard]] double start(std::size_t block) const {
    return static_cast<double>(block) * (static_cast<double>(inner.size()) + gap);
  }
  [[nodiscard]] double end() const { return start(blocks()) - gap; }
};

Strip strip_of(const cb::Surface& s, std::size_t inner, std::size_t outer) {
  const auto doses = [&](std::size_t k) {
    if (k >= s.axis_nM.size()) return std::vector<double>{};
    return std::vector<double>(s.axis_nM[k].begin() + 1, s.axis_nM[k].end());
  };
  return {doses(inner), doses(outer)};
}

/// Labels of the inner doses under (or beside) each map.
Json axis_of(const Strip& strip, const std::string& drug, bool y) {
  Json values = Json::array();
  std::string labels = "{";
  for (std::size_t b = 0; b < strip.blocks(); ++b) {
    for (std::size_t i = 0; i < strip.inner.size(); ++i) {
      const double at = strip.start(b) + static_cast<double>(i) + 0.5;
      values.push_back(at);
      labels += fmt::format(
          "{}'{:.1f}':'{}'", labels.size() > 1 ? "," : "", at, rounded(strip.inner[i], 3));
    }
  }
  return {{"title", drug + " (nM)"},
          {"values", std::move(values)},
          {"labelExpr", labels + "}[format(datum.value,'.1f')]"},
          {"labelAngle", y ? 0 : -60},
          {"grid", false},
          {"ticks", false},
          {"domain", false}};
}

Json place(const std::string& field, Json axis, const Strip& strip, double low) {
  return {{"field", field},
          {"type", "quantitative"},
          {"axis", std::move(axis)},
          {"scale", {{"domain", {low, strip.end()}}, {"nice", false}, {"zero", false}}}};
}

/// "drug c 30 nM" above each map.
Json headings(const Strip& across, const Strip& up, const cb::PairResult& pair) {
  Json rows = Json::array();
  for (std::size_t c = 0; c < across.outer.size(); ++c) {
    for (std::size_t d = 0; d < up.blocks(); ++d) {
      std::string text = pair.drugs[2] + " " + rounded(across.outer[c], 3);
      if (!up.outer.empty()) text += ", " + pair.drugs[3] + " " + rounded(up.outer[d], 3);
      rows.push_back({{"x", across.start(c)},
                      {"y", up.start(d) + static_cast<double>(up.inner.size()) + 0.12},
                      {"t", text + " nM"}});
    }
  }
  return {
      {"name", "muted_heading"},
      {"data", {{"values", std::move(rows)}}},
      {"mark",
       {{"type", "text"},
        {"align", "left"},
        {"baseline", "bottom"},
        {"fontSize", 11},
        {"fontWeight", "bold"}}},
      {"encoding", {{"x", quantitative("x")}, {"y", quantitative("y")}, {"text", nominal("t")}}}};
}

}  // namespace

Figure combination_many_figure(const cb::PairResult& pair,
                               cb::Reference reference,
                               const std::string& name) {
  const auto m = static_cast<std::size_t>(reference);
  const cb::Surface& s = pair.cells.mean;
  const Strip across = strip_of(s, 0, 2), up = strip_of(s, 1, 3);
  const auto at = [](const std::vector<double>& doses, double dose) {
    return static_cast<std::size_t>(std::find(doses.begin(), doses.end(), dose) - doses.begin());
  };
  double widest = 10.0;
  Json rows = Json::array();
  for (const cb::CellResult& c : pair.matrix) {
    const double d = c.delta[m];
    if (std::isfinite(d)) widest = std::max(widest, std::fabs(d));
    const double x = across.start(at(across.outer, c.dose_nM[2])) +
                     static_cast<double>(at(across.inner, c.dose_nM[0]));
    const std::size_t block = up.outer.empty() ? 0 : at(up.outer, c.dose_nM[3]);
    const double y = up.start(block) + static_cast<double>(at(up.inner, c.dose_nM[1]));
    Json row{{"x", x},
             {"x2", x + 1.0},
             {"xm", x + 0.5},
             {"y", y},
             {"y2", y + 1.0},
             {"ym", y + 0.5},
             {"points", number_or_null(d)},
             {"p_adjusted", number_or_null(c.p_adjusted[m])},
             {"significant", c.significant[m]},
             {"shown", shown_points(d)}};
    for (std::size_t k = 0; k < pair.drugs.size(); ++k) {
      row[fmt::format("dose_{}_nM", k + 1)] = c.dose_nM[k];
    }
    rows.push_back(std::move(row));
  }
  const std::string model(cb::name(reference));
  const double end = std::ceil(widest);
  Json spec = base_spec(model + ": " + pair_name(pair),
                        "Percentage points of effect beyond the reference; framed cells are beyond "
                        "their error (Holm over the cells)",
                        "Heat maps of " + model + " scores over the doses of " +
                            std::to_string(pair.drugs.size()) + " drugs.",
                        std::clamp(static_cast<int>(36.0 * up.end()) + 130, 260, 900));
  Json tips = Json::array();
  for (std::size_t k = 0; k < pair.drugs.size(); ++k) {
    tips.push_back(tip(fmt::format("dose_{}_nM", k + 1), pair.drugs[k] + " (nM)"));
  }
  tips.push_back(tip("points", "Points"));
  tips.push_back(tip("p_adjusted", "p, adjusted"));
  const Json x = place("x", axis_of(across, pair.drugs[0], false), across, 0.0);
  Json y = place("y", axis_of(up, pair.drugs[1], true), up, 0.0);
  y["scale"]["domain"] = {0.0, up.end() + gap};
  Json cells{{"mark", score_mark()},
             {"encoding",
              {{"x", x},
               {"x2", {{"field", "x2"}}},
               {"y", y},
               {"y2", {{"field", "y2"}}},
               {"color", score_colour(end)},
               {"tooltip", std::move(tips)}}}};
  spec["data"] = {{"values", std::move(rows)}};
  spec["layer"] = Json::array(
      {std::move(cells), significance_frame("x", "x2", "y", "y2"), headings(across, up, pair)});
  const bool numbered = across.blocks() * across.inner.size() <= most_columns_with_numbers;
  if (numbered) {
    spec["layer"].push_back(
        cell_numbers("xm", "ym", fmt::format("abs(datum.points) > {}", 0.7 * end)));
  }
  return {name,
          model + ": " + pair_name(pair),
          "How many percentage points of viability the drugs take together beyond the " + model +
              " reference, a map of the first two drugs for each dose of the others. Orange is "
              "synergy, purple antagonism; " +
              (numbered ? "n.d." : "grey") + " has no reference.",
          text_of(spec)};
}

}  // namespace kinescape::report
