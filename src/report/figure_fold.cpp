// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "report/figure_theme_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

constexpr int fold_row_px = 44;
constexpr std::size_t most_folds = 60;  ///< More would be a table; the table has them all.

using Comparisons = std::vector<const viability::Comparison*>;

struct FoldWindow {
  double low = 1.0, high = 1.0;
};

/// Largest fold first; those without a fold last.
Comparisons sorted(const viability::Estimate& estimate) {
  Comparisons all;
  for (const viability::Comparison& c : estimate.comparisons) all.push_back(&c);
  std::stable_sort(all.begin(), all.end(), [](auto* a, auto* b) {
    const double x = a->fold_ic50.value, y = b->fold_ic50.value;
    return std::isfinite(x) && (!std::isfinite(y) || x > y);
  });
  if (all.size() > most_folds) all.resize(most_folds);
  return all;
}

/// Holds 1, the criterion and what is known of each fold, but never more than six decades.
FoldWindow window_of(const Comparisons& all, double criterion) {
  FoldWindow w{0.7, std::max(1.5, 1.3 * (std::isfinite(criterion) ? criterion : 1.0))};
  const auto see = [&w](double fold) {
    if (!std::isfinite(fold) || fold <= 0.0) return;
    w.low = std::min(w.low, std::max(fold / 1.25, 1e-3));
    w.high = std::max(w.high, std::min(fold * 1.25, 1e4));
  };
  for (const viability::Comparison* c : all) {
    const Estimated& e = c->fold_ic50;
    see(e.value);
    see(e.low);
    see(e.high);
    if (e.relation == Relation::greater) see(2.0 * e.value);  // room for the arrow
    if (e.relation == Relation::less) see(0.5 * e.value);
  }
  return w;
}

Json fold_row(const viability::Comparison& c, const FoldWindow& w, const std::string& label) {
  const Estimated& e = c.fold_ic50;
  const Wording said = wording(e);
  Json row{{"row", label},
           {"drug", c.drug},
           {"resistant", c.resistant},
           {"parental", c.parental},
           {"fold_ic50", number_or_null(e.value)},
           {"low", number_or_null(e.low)},
           {"high", number_or_null(e.high)},
           {"relation", std::isnan(e.value) ? "" : std::string(name(e.relation))},
           {"status", name(e.status)},
           {"n", e.n},
           {"p_adjusted", number_or_null(c.p_adjusted)},
           {"call", viability::name(c.call)},
           {"shown_call", words(c.call)},
           {"shown",
            e.exact()             ? fmt::format("{}× ({})", said.value, said.interval)
            : std::isnan(e.value) ? said.flag
                                  : said.value + "×"},
           {"shown_p", p_value(c.p_adjusted)}};
  add_span(row, span_of(e, w.low, w.high, 1.9));
  return row;
}

Json call_scale(const char* resistant,
                const char* not_resistant,
                const char* restored,
                const char* open) {
  return {{"domain", {"resistant", "not_resistant", "restored", "undecided", "not_assessed"}},
          {"range", {resistant, not_resistant, restored, open, open}}};
}

Json reference(const char* layer_name, double fold, const Json& x, bool dashed) {
  Json mark{{"type", "rule"}, {"color", dashed ? "#D55E00" : "#52606d"}, {"aria", false}};
  if (dashed) mark["strokeDash"] = {4, 3};
  return {{"name", layer_name},
          {"data", {{"values", Json::array({Json{{"at", fold}}})}}},
          {"mark", std::move(mark)},
          {"encoding", {{"x", x}}}};
}

}  // namespace

std::optional<Figure> fold_figure(const viability::Estimate& estimate,
                                  const std::optional<viability::ResistanceCriterion>& criterion) {
  if (estimate.comparisons.empty()) return std::nullopt;
  const Comparisons all = sorted(estimate);
  const FoldWindow w = window_of(all, criterion ? criterion->fold : unknown);
  bool one_pair = true;
  for (const viability::Comparison* c : all) {
    one_pair = one_pair && c->resistant == all[0]->resistant && c->parental == all[0]->parental;
  }
  Json rows = Json::array(), order = Json::array();
  for (const viability::Comparison* c : all) {
    const std::string label = one_pair ? c->drug : c->drug + " · " + c->resistant;
    order.push_back(label);
    rows.push_back(fold_row(*c, w, label));
  }

  Figure figure{"fold_resistance", "", "", ""};
  figure.title =
      one_pair ? fmt::format("Resistance of {} against {}", all[0]->resistant, all[0]->parental)
               : "Resistance of each line against its parental line";
  figure.caption =
      "Fold change of the IC50 on a log axis, with its interval. An arrow marks an end that the "
      "data leave open, or a bound.";
  if (criterion) {
    figure.caption += fmt::format(
        " Dashed: the declared criterion, {}-fold{}. Shaded: within {}-fold of parental.",
        exact(criterion->fold),
        criterion->whole_interval ? ", which the whole interval must exceed" : "",
        exact(criterion->restored_within));
  }
  Json spec = base_spec(figure.title,
                        "",
                        "Fold change of the IC50 for each drug",
                        78 + fold_row_px * static_cast<int>(all.size()));
  spec["datasets"] = {{"folds", std::move(rows)}};

  const LogTicks ticks = log_ticks(w.low, w.high);
  Json axis = log_axis("fold change of the IC50 (log axis)", ticks, "format(datum.value, ',~r')");
  axis["grid"] = true;
  const LogPosition x{w.low, w.high, axis};
  Json y = nominal("row");
  y["sort"] = std::move(order);
  y["scale"] = {{"padding", 0.1}};
  y["axis"] = name_axis();
  Json colour = nominal("call");
  colour["scale"] = call_scale("#D55E00", "#0072B2", "#009E73", "#5B6770");
  colour["legend"] = nullptr;
  Json shape = nominal("call");
  shape["scale"] = call_scale("circle", "diamond", "square", "triangle-up");
  shape["legend"] = nullptr;
  const Json tooltip{tip("drug", "drug"),
                     tip("resistant", "resistant"),
                     tip("parental", "parental"),
                     tip("shown", "fold"),
                     tip("shown_p", "adjusted p"),
                     tip("n", "repeats"),
                     tip("shown_call", "call")};

  SharedLayers over("folds", {{"y", y}, {"color", colour}, {"tooltip", tooltip}});
  if (criterion) {
    Json from = x("from");
    const double within = criterion->restored_within;
    over.layers.push_back(
        {{"name", "shade"},
         {"data",
          {{"values",
            Json::array({Json{{"from", std::max(w.low, 1.0 / within)},
                              {"to", std::min(w.high, within)}}})}}},
         {"mark", {{"type", "rect"}, {"color", "#009E73"}, {"opacity", 0.1}, {"aria", false}}},
         {"encoding", {{"x", std::move(from)}, {"x2", {{"field", "to"}}}}}});
    over.layers.push_back(reference("criterion", criterion->fold, x("at"), true));
  }
  over.layers.push_back(reference("reference", 1.0, x("at"), false));
  over.add_spans(x, 3, 0.55, 110);
  over.add("fold",
           "isValid(datum.drawn)",
           {{"type", "point"}, {"filled", true}, {"size", 130}, {"opacity", 1}},
           {{"x", x("drawn")}, {"shape", shape}});
  over.add_right_labels({"label_fold", "shown"}, {"label_call", "shown_call"}, "");
  spec["layer"] = std::move(over.layers);
  figure.spec = text_of(spec);
  return figure;
}

}  // namespace kinescape::report
