// SPDX-License-Identifier: Apache-2.0
// The sections that let a reader judge: plates, and what was kept out.
#include <fmt/format.h>

#include <cmath>

#include "report/page_table_internal.hpp"
#include "report/viability_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

std::string verdict_badge(plate::Verdict verdict) {
  return fmt::format("<span class=\"verdict {}\">{}</span>", plate::name(verdict), words(verdict));
}

/// Size of an effect above its p.
std::string effect_cell(const plate::SpatialEffect& effect) {
  if (!std::isfinite(effect.percent)) return "—";
  return fmt::format("<b>{} %</b><span>p {}{}</span>",
                     number(effect.percent, 2),
                     effect.p < 1e-4 ? "" : "= ",
                     escaped(p_value(effect.p)));
}

/// "1 outlier, 2 masked"; a dash when nothing is flagged.
std::string flags_of(const plate::Quality& q) {
  std::string text;
  for (const auto& [n, what] : {std::pair{static_cast<int>(q.outliers.size()), "outlier"},
                                {q.saturated, "saturated"},
                                {q.masked, "masked"},
                                {q.missing, "missing"}}) {
    if (n > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", n, what);
  }
  return text.empty() ? "—" : text;
}

std::string quality_table(const viability::Estimate& estimate) {
  HtmlTable table("plates", "Quality of each plate. Nothing is dropped for it; wells are flagged.");
  table.heading("Plate");
  table.heading("Verdict");
  table.heading("Z′", "Zhang 1999; vehicle against blank or kill control", true);
  table.heading("SSMD", "Strictly standardised mean difference", true);
  table.heading("Signal / background", "", true);
  table.heading("Vehicle CV (%)", "", true);
  table.heading("Replicate r", "Correlation of replicate wells", true);
  table.heading("Edge", "Effect in percent of the vehicle signal", true);
  table.heading("Rows", "Effect in percent of the vehicle signal", true);
  table.heading("Columns", "Effect in percent of the vehicle signal", true);
  table.heading("Drift", "Along the reading order, in percent of the vehicle signal", true);
  table.heading("Wells", "Hover for sample, vehicle, blank and kill control");
  table.heading("Flagged", "Outliers, saturated, masked, missing");
  for (const plate::Quality& q : estimate.plates) {
    table.row();
    table.text(q.plate);
    table.html(verdict_badge(q.verdict));
    table.estimate(q.z_prime);
    table.estimate(q.ssmd);
    table.number(q.signal_to_background);
    table.number(q.vehicle_cv_percent);
    table.number(q.replicate_correlation);
    table.html(effect_cell(q.edge), "num est");
    table.html(effect_cell(q.row), "num est");
    table.html(effect_cell(q.column), "num est");
    table.html(effect_cell(q.drift), "num est");
    const std::string wells = fmt::format("{} sample, {} vehicle, {} blank, {} kill control",
                                          q.sample_n,
                                          q.vehicle_n,
                                          q.blank_n,
                                          q.positive_n);
    table.text(fmt::format("{}", q.sample_n + q.vehicle_n + q.blank_n + q.positive_n), wells);
    table.text(flags_of(q));
  }
  return table.str();
}

std::string plate_html(const ViabilityParts::OfPlate& of) {
  std::string html = fmt::format(
      "<article><h3>{} {}</h3>\n", escaped(of.quality->plate), verdict_badge(of.quality->verdict));
  if (!of.quality->reasons.empty()) {
    html += "<ul class=\"says\">\n";
    for (const std::string& reason : of.quality->reasons) {
      html += fmt::format("<li>{}</li>\n", escaped(reason));
    }
    html += "</ul>\n";
  }
  html += of.figure ? figure_html(*of.figure)
                    : "<p class=\"note\">The files place no well of this plate: no map.</p>\n";
  return html + "</article>\n";
}

}  // namespace

std::string plates_html(const ViabilityParts& parts) {
  if (parts.estimate->plates.empty()) return "";
  std::string html = "<section id=\"plates\"><h2>Plates</h2>\n" + quality_table(*parts.estimate);
  html += "<div class=\"grid\">\n";
  const Figure* any = nullptr;
  for (const ViabilityParts::OfPlate& of : parts.plates) {
    html += plate_html(of);
    if (of.figure) any = &*of.figure;
  }
  html += "</div>\n";
  if (any) html += "<p class=\"note\">" + escaped(any->caption) + "</p>\n";
  if (parts.plates_without_figure > 0) {
    html += fmt::format("<p class=\"note\">{} more have no map here; the table has them.</p>\n",
                        counted(parts.plates_without_figure, "plate"));
  }
  return html + "</section>\n";
}

std::string exclusions_html(const viability::Estimate& estimate) {
  std::string html = "<section id=\"exclusions\"><h2>Kept out</h2>\n";
  if (estimate.exclusions.empty()) {
    return html + "<p>No well and no plate was kept out.</p></section>\n";
  }
  HtmlTable table("exclusions", "Wells and plates that took no part, and why.");
  for (const char* heading : {"Plate", "Well", "Line", "Drug", "Reason"}) table.heading(heading);
  for (const viability::Exclusion& e : estimate.exclusions) {
    table.row();
    for (const std::string* cell : {&e.plate, &e.well, &e.line, &e.drug, &e.reason})
      table.text(*cell);
  }
  return html + table.str() + "</section>\n";
}

}  // namespace kinescape::report
