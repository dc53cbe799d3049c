// SPDX-License-Identifier: Apache-2.0
// The sections that answer: summary, responses, curves, comparisons.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/number.hpp"
#include "report/page_table_internal.hpp"
#include "report/viability_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

/// "1 flat: no response, 2 IC50 above the highest dose"
std::string others_of(const std::vector<viability::CurveResult>& curves) {
  std::map<viability::CurveClass, int> count;
  for (const viability::CurveResult& c : curves) ++count[c.curve_class];
  std::string text;
  for (const auto& [curve_class, n] : count) {
    if (curve_class == viability::CurveClass::identified) continue;
    text += fmt::format("; {} {}", n, words(curve_class));
  }
  return text;
}

std::string comparison_cards(const viability::Estimate& estimate, const study::Study* study) {
  const auto& all = estimate.comparisons;
  if (all.empty()) return "";
  const auto resistant = std::count_if(all.begin(), all.end(), [](const viability::Comparison& c) {
    return c.call == viability::ResistanceCall::resistant;
  });
  std::string rule;
  if (study) {
    rule = fmt::format(" (declared: {}-fold{})",
                       exact(study->criterion.fold),
                       study->criterion.whole_interval ? " with the whole interval" : "");
  }
  std::string cards = card(fmt::format("{} of {}", resistant, all.size()),
                           "comparisons are called resistant" + rule,
                           "comparisons");
  const viability::Comparison* most = nullptr;
  for (const viability::Comparison& c : all) {
    const double fold = c.fold_ic50.value;
    if (c.call != viability::ResistanceCall::resistant || !std::isfinite(fold)) continue;
    if (!most || fold > most->fold_ic50.value) most = &c;
  }
  if (most) {
    const Wording said = wording(most->fold_ic50);
    const std::string aside = said.interval.empty() ? said.flag : said.interval;
    cards += card(said.value + "-fold",
                  fmt::format("largest resistance: {} on {}{}; n = {}",
                              most->drug,
                              most->resistant,
                              aside.empty() ? "" : ", " + aside,
                              most->fold_ic50.n),
                  "comparisons");
  }
  return cards;
}

std::string cards_of(const ViabilityParts& parts) {
  const viability::Estimate& e = *parts.estimate;
  std::string all = comparison_cards(e, parts.study);
  const auto identified =
      std::count_if(e.curves.begin(), e.curves.end(), [](const viability::CurveResult& c) {
        return c.curve_class == viability::CurveClass::identified;
      });
  all += card(fmt::format("{} of {}", identified, e.curves.size()),
              "curves have their IC50 within the doses tested" + others_of(e.curves),
              "curves");
  if (!e.plates.empty()) {
    std::map<plate::Verdict, int> count;
    for (const plate::Quality& q : e.plates) ++count[q.verdict];
    std::string rest;
    for (const auto& [verdict, n] : count) {
      if (verdict != plate::Verdict::pass) rest += fmt::format("; {} {}", n, words(verdict));
    }
    all += card(fmt::format("{} of {}", count[plate::Verdict::pass], e.plates.size()),
                "plates pass" + rest,
                "plates");
  }
  return cards(all);
}

std::string call_mark(viability::ResistanceCall call) {
  return fmt::format("call {}", viability::name(call));
}

std::string sentences_of(const viability::Estimate& e) {
  constexpr std::size_t most = 24;  // a summary; the tables have them all
  std::string items;
  std::size_t said = 0;
  for (const viability::Comparison& c : e.comparisons) {
    if (!c.says.empty() && ++said <= most) items += item(call_mark(c.call), c.says);
  }
  if (e.comparisons.empty()) {
    for (const viability::CurveResult& c : e.curves) {
      if (!c.says.empty() && ++said <= most) items += item("", c.says);
    }
  }
  if (said > most) items += item("", fmt::format("And {} more: see the tables.", said - most));
  return says(items);
}

}  // namespace

std::string viability_summary(const ViabilityParts& parts) {
  if (parts.estimate->curves.empty()) {
    return "<p>No curve was estimated; the problems below say why.</p>\n";
  }
  return cards_of(parts) + sentences_of(*parts.estimate);
}

std::string responses_html(const ViabilityParts& parts) {
  if (parts.responses.empty()) return "";
  std::string html = "<section id=\"responses\"><h2>Dose response</h2>\n<div class=\"grid\">\n";
  for (const ViabilityParts::OfDrug& of : parts.responses) {
    std::string about;
    if (parts.study) {
      for (const study::Drug& drug : parts.study->drugs) {
        if (drug.name == of.drug && !drug.targets.empty()) about = drug.targets;
      }
    }
    html += fmt::format("<article id=\"{}\"><h3>{}{}</h3>\n{}",
                        of.figure.name,
                        escaped(of.drug),
                        about.empty() ? "" : fmt::format(" <small>{}</small>", escaped(about)),
                        figure_html(of.figure));
    html += "<ul class=\"says\">\n";
    for (const viability::CurveResult& c : parts.estimate->curves) {
      if (c.drug == of.drug && !c.says.empty()) html += item("", c.says);
    }
    html += "</ul></article>\n";
  }
  html += "</div>\n<details class=\"legend\"><summary>How to read these figures</summary><p>" +
          escaped(parts.responses[0].figure.caption) + "</p></details>\n";
  if (parts.drugs_without_figure > 0) {
    html +=
        fmt::format("<p class=\"note\">{} more have no figure here; the tables have them.</p>\n",
                    counted(parts.drugs_without_figure, "drug"));
  }
  return html + "</section>\n";
}

std::string curves_html(const viability::Estimate& estimate) {
  if (estimate.curves.empty()) return "";
  bool growth = false;
  for (const viability::CurveResult& c : estimate.curves) {
    growth = growth || std::isfinite(c.gr50_nM.value);
  }
  HtmlTable table("curves", "One row for each drug and line. Hover for full precision and method.");
  table.heading("Drug");
  table.heading("Line");
  table.heading("Repeats", "Biological repeats (wells in the fit)", true);
  table.heading("IC50 (nM)", "Relative: halfway between the curve's plateaus", true);
  table.heading("IC50, absolute (nM)", "Dose at half of vehicle", true);
  table.heading("Hill slope", "", true);
  table.heading("Emax (% of vehicle)", "Lower plateau", true);
  table.heading("AUC", "Mean response over the stated doses, on the log axis", true);
  if (growth) table.heading("GR50 (nM)", "Corrected for growth rate", true);
  table.heading("Class");
  table.heading("Curve");
  for (const viability::CurveResult& c : estimate.curves) {
    table.row();
    table.text(c.drug);
    table.text(c.line);
    table.html(fmt::format("{} <small>({})</small>",
                           c.repeats,
                           counted(static_cast<std::size_t>(std::max(0, c.wells)), "well")));
    table.estimate(c.ic50_nM);
    table.estimate(c.ic50_absolute_nM);
    table.estimate(c.hill_slope);
    table.estimate(c.emax, 100.0);
    table.estimate(c.auc);
    if (growth) table.estimate(c.gr50_nM);
    table.text(words(c.curve_class),
               std::isfinite(c.flat_p) ? "p of a flat response: " + exact(c.flat_p) : "");
    table.text(dose_response::name(c.curve.shape));
  }
  return "<section id=\"curves\"><h2>Curves</h2>\n" + table.str() + "</section>\n";
}

std::string comparisons_html(const viability::Estimate& estimate) {
  if (estimate.comparisons.empty()) return "";
  bool growth = false;
  for (const viability::Comparison& c : estimate.comparisons) {
    growth = growth || std::isfinite(c.fold_gr50.value);
  }
  HtmlTable table("comparisons",
                  "Resistant over parental. p is adjusted for the number of comparisons (Holm).");
  table.heading("Drug");
  table.heading("Resistant");
  table.heading("Parental");
  table.heading("Fold IC50", "Ratio of relative IC50s", true);
  table.heading("Fold IC50, absolute", "Ratio of the doses at half of vehicle", true);
  if (growth) table.heading("Fold GR50", "Corrected for growth rate", true);
  table.heading("Emax change (% of vehicle)", "Resistant minus parental", true);
  table.heading("Slope ratio", "", true);
  table.heading("p, adjusted", "Of a fold of 1, by Holm", true);
  table.heading("p, same shape", "Of equal slope and plateaus; small: not a pure shift", true);
  table.heading("Call");
  for (const viability::Comparison& c : estimate.comparisons) {
    table.row();
    table.text(c.drug);
    table.text(c.resistant);
    table.text(c.parental);
    table.estimate(c.fold_ic50);
    table.estimate(c.fold_ic50_absolute);
    if (growth) table.estimate(c.fold_gr50);
    table.estimate(c.emax_difference, 100.0);
    table.estimate(c.hill_slope_ratio);
    table.p(c.p_adjusted);
    table.p(c.same_shape_p);
    table.html(
        fmt::format("<span class=\"call {}\">{}</span>", viability::name(c.call), words(c.call)));
  }
  return "<section id=\"comparisons\"><h2>Resistant against parental</h2>\n" + table.str() +
         "</section>\n";
}

std::string proliferation_html(const viability::Estimate& estimate) {
  if (estimate.proliferation.empty()) return "";
  HtmlTable table("proliferation",
                  "Rates once the drug acts; negative: the cells die. The file has every dose.");
  table.heading("Drug");
  table.heading("Line");
  table.heading("Untreated (doublings a day)", "Slope of log2 signal over time", true);
  table.heading("Highest dose (doublings a day)", "", true);
  table.heading("Dose at half of the untreated rate (nM)", "", true);
  table.heading("Delay (h)", "When the straight part begins at the highest dose", true);
  std::string items;
  for (const viability::Proliferation& p : estimate.proliferation) {
    table.row();
    table.text(p.drug);
    table.text(p.line);
    table.estimate(p.untreated_doublings_per_h, 24.0);
    table.estimate(p.highest_dose_doublings_per_h, 24.0);
    table.estimate(p.ic50_nM);
    table.number(p.rates.back().delay_h);
    items += item("", p.says);
  }
  return "<section id=\"proliferation\"><h2>Growth under the drug</h2>\n" + says(items) +
         table.str() + "</section>\n";
}

}  // namespace kinescape::report
