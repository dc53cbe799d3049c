// SPDX-License-Identifier: Apache-2.0
// Chapter of the evidence room: do the plates agree with what is published, and which agent
// follows?
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "report/evidence_chapter_internal.hpp"
#include "report/evidence_internal.hpp"
#include "report/page_table_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

using evidence::Agreement;

std::string notice() {
  return fmt::format("<p class=\"note\"><b>{}.</b></p>\n", research_only);
}

std::string comma_list(const std::vector<std::string>& all) {
  std::string out;
  for (const auto& one : all) out += (out.empty() ? "" : ", ") + one;
  return out;
}

std::string percent(double p) {
  return std::isnan(p) ? "—" : rounded(100.0 * p, 2) + " %";
}

std::string_view criterion_words(evidence::Criterion criterion) {
  switch (criterion) {
    case evidence::Criterion::cover:
      return "free exposure over IC50";
    case evidence::Criterion::fold:
      return "smallest fold over wild type";
    case evidence::Criterion::window:
      return "window over parental cells";
    case evidence::Criterion::ic50:
      return "lowest IC50";
  }
  return "";
}

std::string first_of(const evidence::Ranking& r) {
  if (r.ranking.empty()) return r.variant.text() + ": " + r.why;
  const evidence::Ranked& top = r.ranking.front();
  if (std::isnan(top.p_best)) return r.variant.text() + ": no agent can be put first.";
  return fmt::format("{}: by {}, {} comes first with probability {}{}.",
                     r.variant.text(),
                     criterion_words(r.criterion),
                     top.agent,
                     percent(top.p_best),
                     top.tied_with.empty()
                         ? std::string()
                         : "; it cannot be told from " + comma_list(top.tied_with));
}

std::string summary(const study::EvidenceResults& results) {
  const evidence::Estimate& e = results.estimate;
  std::size_t compared = 0, agree = 0;
  for (const auto& c : e.own) {
    compared += c.agreement == Agreement::agrees || c.agreement == Agreement::disagrees;
    agree += c.agreement == Agreement::agrees;
  }
  std::string all, sentences;
  if (compared > 0)
    all += card(fmt::format("{} of {}", agree, compared),
                "own IC50s lie where the literature lets one more laboratory expect them",
                "evidence-own");
  for (const auto& c : e.own) {
    if (c.agreement == Agreement::disagrees)
      sentences += item(
          "call resistant",
          fmt::format("{} on {} ({}): {}", c.own.drug, c.own.line, c.own.variant.text(), c.says));
  }
  for (const auto& c : e.folds) {
    if (c.agreement == Agreement::disagrees)
      sentences +=
          item("call resistant",
               fmt::format("{} on {} over {}: {}", c.own.drug, c.own.line, c.own.parental, c.says));
  }
  for (const auto& r : e.rankings) sentences += item("", first_of(r));
  for (const auto& line : results.lines) {
    if (line.of.variant.key.empty())
      sentences += item("call undecided", line.line + ": " + line.of.why);
    else if (!line.of.also.empty())
      sentences +=
          item("call undecided",
               fmt::format("{} also carries {}: what is published on {} does not speak of that.",
                           line.line,
                           comma_list(line.of.also),
                           line.of.variant.text()));
  }
  return notice() + cards(all) + says(sentences);
}

std::string verdict(Agreement agreement) {
  return fmt::format("<span class=\"{}\">{}</span>",
                     agreement == Agreement::disagrees ? "call resistant"
                     : agreement == Agreement::agrees  ? "call not_resistant"
                                                       : "call undecided",
                     words(agreement));
}

std::string own_html(const study::EvidenceResults& results, const std::vector<Figure>& figures) {
  const auto& own = results.estimate.own;
  if (own.empty()) return "";
  std::string html = "<section id=\"evidence-own\"><h2>Own plates beside the literature</h2>\n";
  for (const Figure& f : figures)
    if (f.name == "evidence_forest") html += figure_html(f);
  HtmlTable t("evidence_own",
              "IC50 in nM with 95 % intervals. The plates disagree with the literature where their "
              "value lies outside what the literature lets one more laboratory expect in these "
              "cells; p is twice the chance of a value as far out.");
  for (const char* h : {"Drug", "Line", "Carries"}) t.heading(h);
  t.heading("Plates", "This study's own IC50", true);
  t.heading("Literature", "Mean over sources, own plates left out", true);
  t.heading("To be expected",
            "What one more laboratory would print in these cells, by the literature",
            true);
  t.heading(
      "Both together", "In these cells and this laboratory, from literature and plates", true);
  t.heading("p", "Of a plate value so far from the literature", true);
  t.heading("Plates and literature");
  t.heading("Sources", "On this pair, own plates left out", true);
  for (const auto& c : own) {
    t.row();
    t.text(c.own.drug);
    t.text(c.own.line);
    t.text(c.own.variant.text());
    t.estimate(c.own.ic50_nM);
    t.estimate(c.literature.ic50_nM);
    t.estimate(c.expected_nM);
    t.estimate(c.both_nM);
    t.p(c.p);
    t.html(verdict(c.agreement) + (c.literature.unread_weigh ? " *" : ""));
    t.count(c.literature.sources);
  }
  html += t.str();
  const bool unread =
      std::any_of(own.begin(), own.end(), [](const auto& c) { return c.literature.unread_weigh; });
  if (unread)
    html += "<p class=\"note\">* Rows that were not read in their source weigh on this line.</p>\n";
  return html + "</section>\n";
}

std::string folds_html(const study::EvidenceResults& results) {
  const auto& folds = results.estimate.folds;
  if (folds.empty()) return "";
  HtmlTable t("evidence_folds",
              "Fold of a line's IC50 over that of the line it was derived from, and what the "
              "literature lets expect of the two genotypes. A fold beyond it has a cause that the "
              "genotype does not name.");
  for (const char* h : {"Drug", "Line", "Carries", "Over", "Carries"}) t.heading(h);
  t.heading("Plates", "", true);
  t.heading("To be expected", "What one more laboratory would print, by the literature", true);
  t.heading("p", "Of a fold so far out", true);
  t.heading("Plates and literature");
  for (const auto& c : folds) {
    t.row();
    t.text(c.own.drug);
    t.text(c.own.line);
    t.text(c.own.variant.text());
    t.text(c.own.parental);
    t.text(c.own.over.text());
    t.estimate(c.own.fold);
    t.estimate(c.expected);
    t.p(c.p);
    t.html(verdict(c.agreement));
  }
  return "<section id=\"evidence-folds\"><h2>Folds beside the literature</h2>\n" + t.str() +
         "</section>\n";
}

/// As printed, with where it stands on hover.
std::string printed_html(const evidence::Library& library, const evidence::TableCell& cell) {
  std::string out;
  for (const std::size_t i : cell.printed) {
    const evidence::Row& row = library.rows[i];
    const evidence::Source* source = library.source(row.pack, row.source);
    const std::string where =
        (source != nullptr && !source->citation.empty() ? source->citation : row.source) + ", " +
        row.system + (row.read_in.empty() ? "" : ", read in " + row.read_in) +
        (row.read == evidence::Read::yes ? "" : " [not read in its source]") +
        (row.superseded ? " [superseded]" : "");
    out += fmt::format("{}<span title=\"{}\">{}{}{}</span>",
                       out.empty() ? "" : "; ",
                       escaped(where),
                       escaped(row.as_printed),
                       row.kind == evidence::RowKind::fold ? "-fold" : "",
                       row.read == evidence::Read::yes ? "" : "*");
  }
  return out;
}

std::string table_html(const study::EvidenceResults& results, const std::vector<Figure>& figures) {
  const auto& e = results.estimate;
  if (e.table.agents.empty()) return "";
  std::string html = fmt::format("<section id=\"evidence-table\"><h2>{}: agents by variants</h2>\n",
                                 escaped(e.gene));
  for (const Figure& f : figures)
    if (f.name == "evidence_variants") html += figure_html(f);
  HtmlTable t("evidence_table",
              "IC50 in nM with 95 % intervals, from literature and own plates together; pairs "
              "without a row show what the model expects. As printed: hover for the source; * not "
              "read in its source.");
  for (const char* h : {"Variant", "Agent"}) t.heading(h);
  t.heading("IC50 (nM)", "Mean over sources", true);
  t.heading("One more laboratory", "95 % predictive interval", true);
  t.heading("Fold over wild type", "", true);
  t.heading("Sources", "", true);
  for (const char* h : {"As printed", "Rows"}) t.heading(h);
  for (std::size_t v = 0; v < e.table.variants.size(); ++v) {
    for (std::size_t a = 0; a < e.table.agents.size(); ++a) {
      const auto& cell = e.table.cells[v][a];
      t.row();
      t.text(e.table.variants[v].key);
      t.text(e.table.agents[a]);
      t.estimate(cell.potency.ic50_nM);
      t.estimate(cell.potency.ic50_predictive_nM);
      t.estimate(cell.potency.fold_over_wild_type);
      t.count(cell.potency.sources);
      t.html(printed_html(e.library, cell));
      t.text(cell.conflicting        ? "contradict each other"
             : cell.potency.measured ? ""
             : cell.printed.empty()  ? "none: expected"
                                     : "none that may weigh");
    }
  }
  return html + t.str() + "</section>\n";
}

std::string list_html(const char* name, const std::vector<evidence::Listed>& list) {
  if (list.empty()) return "";
  std::vector<std::string> agents;
  for (const auto& l : list) agents.push_back(l.agent);
  return fmt::format("<li><b>{}:</b> {}</li>\n", name, escaped(comma_list(agents)));
}

std::string ranking_html(const evidence::Ranking& r, std::size_t at) {
  std::string html =
      fmt::format("<h3>{}, by {}</h3>\n", escaped(r.variant.text()), criterion_words(r.criterion));
  if (!r.why.empty()) html += "<p>" + escaped(r.why) + "</p>\n";
  if (!r.ranking.empty()) {
    HtmlTable t(at == 0 ? "evidence_rankings" : "",
                "Agents with rows on this variant. The order is never more certain than the last "
                "column says.");
    t.heading("Agent");
    t.heading("IC50 (nM)", "", true);
    t.heading("Fold over wild type", "", true);
    t.heading("Window over parental", "", true);
    t.heading("Free exposure over IC50", "", true);
    t.heading("P(best)", "", true);
    t.heading("P(cover above 1)", "", true);
    t.heading("Cannot be told from");
    for (const auto& x : r.ranking) {
      t.row();
      t.text(x.agent + (x.list == "conflicting" ? " †" : ""),
             x.list == "conflicting" ? "Its rows contradict each other." : "");
      t.estimate(x.potency.ic50_nM);
      t.estimate(x.potency.fold_over_wild_type);
      t.estimate(x.potency.window_over_parental);
      t.estimate(x.cover);
      t.number(x.p_best, 2);
      t.number(x.p_cover_above_1, 2);
      t.text(comma_list(x.tied_with));
    }
    html += t.str();
  }
  html += "<ul>\n" + list_html("Supported by rows that agree, in either direction", r.supported) +
          list_html("Conflicting", r.conflicting) + list_html("Unmeasured", r.unmeasured) +
          list_html("Out of scope", r.out_of_scope);
  for (const auto& f : r.would_change)
    html += "<li><b>Would change the order at the top:</b> " + escaped(f.what) + "</li>\n";
  return html + "</ul>\n";
}

std::string rankings_html(const study::EvidenceResults& results) {
  std::string html;
  for (std::size_t i = 0; i < results.estimate.rankings.size(); ++i)
    html += ranking_html(results.estimate.rankings[i], i);
  return html.empty() ? ""
                      : "<section id=\"evidence-ranking\"><h2>Which agent follows</h2>\n" +
                            notice() + html + "</section>\n";
}

std::string conflicts_html(const study::EvidenceResults& results) {
  const auto& e = results.estimate;
  if (e.conflicts.empty()) return "";
  std::string html =
      "<section id=\"evidence-conflicts\"><h2>Where the evidence contradicts itself</h2>\n<ul>\n";
  for (const auto& c : e.conflicts) html += "<li>" + escaped(c.says) + "</li>\n";
  return html + "</ul></section>\n";
}

std::string packs_html(const study::EvidenceResults& results) {
  const auto& e = results.estimate;
  HtmlTable lines("evidence_lines", "What each line carries of the target, as the packs call it.");
  for (const char* h : {"Line", "Carries", "Also", "Note"}) lines.heading(h);
  for (const auto& l : results.lines) {
    lines.row();
    lines.text(l.line);
    lines.text(l.of.variant.key.empty() ? "—" : l.of.variant.text());
    lines.text(comma_list(l.of.also));
    lines.text(l.of.why);
  }
  std::string html = "<section id=\"evidence-packs\"><h2>Genotypes and packs</h2>\n" +
                     (lines.empty() ? std::string() : lines.str()) + "<ul>\n";
  for (const auto& p : e.library.packs)
    html += fmt::format("<li>Pack {} {} of {}; licence: {}</li>\n",
                        escaped(p.name),
                        escaped(p.version),
                        escaped(p.date),
                        escaped(p.licence));
  html += fmt::format("</ul><p class=\"note\">Rows that were not read in their source {}.</p>\n",
                      e.include_unread ? "weigh, and are marked *" : "are shown and do not weigh");
  return html + "</section>\n";
}

}  // namespace

Chapter evidence_chapter(const study::EvidenceResults& results) {
  Chapter c;
  c.room = "evidence";
  c.name = "Evidence";
  c.title = "Evidence: published potencies";
  c.summary = summary(results);
  c.figures = evidence_figures(results);
  c.sections.push_back({"evidence-own", "Plates and literature", own_html(results, c.figures)});
  c.sections.push_back({"evidence-folds", "Folds", folds_html(results)});
  c.sections.push_back({"evidence-table", "Agents by variants", table_html(results, c.figures)});
  c.sections.push_back({"evidence-ranking", "Ranking", rankings_html(results)});
  c.sections.push_back({"evidence-conflicts", "Conflicts", conflicts_html(results)});
  c.sections.push_back({"evidence-packs", "Genotypes and packs", packs_html(results)});
  c.methods = results.estimate.methods;
  c.citations = results.estimate.citations;
  c.problems = results.estimate.problems;
  c.tables = evidence_tables(results);
  c.json = evidence_study_body(results);
  return c;
}

}  // namespace kinescape::report
