// SPDX-License-Identifier: Apache-2.0
// The chapters that let a reader judge: plates, exclusions, problems, methods, provenance.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/page_internal.hpp"
#include "report/page_table_internal.hpp"
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

std::string plate_html(const Content::OfPlate& of) {
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

std::string place_of(const Where& where) {
  std::string place = where.file;
  if (where.line > 0) place += fmt::format(" line {}", where.line);
  if (!where.item.empty()) place += (place.empty() ? "" : ", ") + where.item;
  return place;
}

/// Text with each "doi:10..." or "https://doi.org/10..." made a link: the only way out of the page.
std::string with_doi_links(std::string_view text) {
  std::string html;
  while (!text.empty()) {
    std::size_t at = std::string_view::npos, prefix = 0;
    for (const std::string_view mark : {"https://doi.org/10.", "doi:10.", "DOI 10."}) {
      const std::size_t found = text.find(mark);
      if (found < at) at = found, prefix = mark.size() - 3;
    }
    if (at == std::string_view::npos) break;
    const std::size_t begin = at + prefix;
    // Old DOIs hold brackets and semicolons: only space and quotes end one, trailing marks do not
    // belong to it, and a closing bracket does only when it was opened there.
    std::size_t end = std::min(text.find_first_of(" \t\n\"", begin), text.size());
    const auto opened = [&] { return text.substr(begin, end - begin).find('(') < end - begin; };
    while (end > begin && (std::string_view(".,;").find(text[end - 1]) != std::string_view::npos ||
                           (text[end - 1] == ')' && !opened()))) {
      --end;
    }
    const std::string doi = escaped(text.substr(begin, end - begin));
    std::string address;
    for (const char c : text.substr(begin, end - begin)) {
      address += c == '<' ? "%3C" : c == '>' ? "%3E" : escaped(std::string_view(&c, 1));
    }
    html += escaped(text.substr(0, at));
    html += fmt::format("<a href=\"https://doi.org/{}\">doi:{}</a>", address, doi);
    text.remove_prefix(end);
  }
  return html + escaped(text);
}

}  // namespace

std::string plates_section(const Content& content) {
  if (!content.estimate || content.estimate->plates.empty()) return "";
  std::string html = "<section id=\"plates\"><h2>Plates</h2>\n" + quality_table(*content.estimate);
  html += "<div class=\"grid\">\n";
  const Figure* any = nullptr;
  for (const Content::OfPlate& of : content.plates) {
    html += plate_html(of);
    if (of.figure) any = &*of.figure;
  }
  html += "</div>\n";
  if (any) html += "<p class=\"note\">" + escaped(any->caption) + "</p>\n";
  if (content.plates_without_figure > 0) {
    html += fmt::format("<p class=\"note\">{} more have no map here; the table has them.</p>\n",
                        counted(content.plates_without_figure, "plate"));
  }
  return html + "</section>\n";
}

std::string exclusions_section(const Content& content) {
  if (!content.estimate) return "";
  std::string html = "<section id=\"exclusions\"><h2>Kept out</h2>\n";
  if (content.estimate->exclusions.empty()) {
    return html + "<p>No well and no plate was kept out.</p></section>\n";
  }
  HtmlTable table("exclusions", "Wells and plates that took no part, and why.");
  for (const char* heading : {"Plate", "Well", "Line", "Drug", "Reason"}) table.heading(heading);
  for (const viability::Exclusion& e : content.estimate->exclusions) {
    table.row();
    for (const std::string* cell : {&e.plate, &e.well, &e.line, &e.drug, &e.reason})
      table.text(*cell);
  }
  return html + table.str() + "</section>\n";
}

std::string problems_section(const Content& content) {
  std::string html = "<section id=\"problems\"><h2>Problems and warnings</h2>\n";
  if (content.problems.empty()) return html + "<p>None.</p></section>\n";
  html += "<ol class=\"problems\">\n";
  for (const Problem& problem : content.problems) {
    const bool error = problem.severity == Severity::error;
    const std::string place = place_of(problem.where);
    html += fmt::format(
        "<li class=\"{}\"><b>{}</b> ", error ? "error" : "warning", error ? "Error" : "Warning");
    if (!place.empty()) html += fmt::format("<code>{}</code> ", escaped(place));
    html += escaped(problem.what);
    if (!problem.where.shown.empty()) {
      html += fmt::format("<pre>{}</pre>", escaped(printable(problem.where.shown, 300)));
    }
    if (!problem.fix.empty()) html += fmt::format(" <em>{}</em>", escaped(problem.fix));
    html += "</li>\n";
  }
  return html + "</ol></section>\n";
}

std::string methods_section(const Content& content) {
  if (!content.estimate) return "";
  std::string html = "<section id=\"methods\"><h2>Methods</h2>\n<p>";
  for (const std::string& sentence : content.estimate->methods) {
    html += with_doi_links(sentence) + " ";
  }
  html += "</p>\n";
  if (!content.estimate->citations.empty()) {
    html += "<h3>Cite</h3>\n<ol class=\"citations\">\n";
    for (const std::string& citation : content.estimate->citations) {
      html += "<li>" + with_doi_links(citation) + "</li>\n";
    }
    html += "</ol>\n";
  }
  return html + "</section>\n";
}

std::string provenance_section(const Content& content) {
  const Provenance& p = *content.provenance;
  std::string html = "<section id=\"provenance\"><h2>Provenance</h2>\n<dl class=\"facts\">\n";
  const auto fact = [&html](std::string_view term, std::string_view value) {
    html += fmt::format("<dt>{}</dt><dd><code>{}</code></dd>\n", term, escaped(value));
  };
  fact("Version", "kinescape " + p.version);
  fact("Command", p.command);
  if (p.seed) fact("Seed", std::to_string(p.seed->value));
  html += "</dl>\n";
  if (!p.inputs.empty()) {
    HtmlTable table("inputs", "What was read.");
    table.heading("File");
    table.heading("Bytes", "", true);
    table.heading("SHA-256");
    for (const InputFile& input : p.inputs) {
      table.row();
      table.text(input.path);
      table.number(static_cast<double>(input.bytes), 12);
      table.html("<code>" + escaped(input.sha256) + "</code>");
    }
    html += table.str();
  }
  return html + "</section>\n";
}

}  // namespace kinescape::report
