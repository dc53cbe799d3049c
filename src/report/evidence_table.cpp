// SPDX-License-Identifier: Apache-2.0
// The comparison table for people (HTML, provenance on hover) and for spreadsheets (CSV).
#include <cmath>
#include <sstream>

#include "base/csv.hpp"
#include "base/number.hpp"
#include "report/evidence_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

using evidence::Row;

std::string printed_with_source(const evidence::Library& library, const Row& row) {
  const evidence::Source* source = library.source(row.pack, row.source);
  std::string out =
      row.as_printed + (row.kind == evidence::RowKind::fold ? "-fold" : "") + ", " +
      (source != nullptr && !source->citation.empty() ? source->citation : row.source) + ", " +
      row.system;
  if (!row.read_in.empty()) out += ", read in " + row.read_in;
  if (row.read != evidence::Read::yes)
    out += row.read == evidence::Read::no ? " [NOT READ in its source]"
                                          : " [quoted, not read in its source]";
  if (row.superseded) out += " [superseded]";
  return out;
}

std::string cell_html(const EvidenceContext& context, const evidence::TableCell& cell) {
  const auto& library = *context.library;
  std::string title, printed;
  for (const std::size_t i : cell.printed) {
    const Row& row = library.rows[i];
    title += printed_with_source(library, row) + "\n";
    const std::string mark = row.read == evidence::Read::yes ? "" : "*";
    printed += (printed.empty() ? "" : "; ") + row.as_printed +
               (row.kind == evidence::RowKind::fold ? "-fold" : "") + mark;
  }
  std::string kind = cell.potency.measured ? "measured" : "expected";
  if (cell.conflicting) kind += " conflict";
  std::string out =
      "<td class=\"" + kind + "\" title=\"" +
      escaped(title.empty() ? "No row on this pair; what the model expects." : title) + "\">";
  if (std::isnan(cell.potency.ic50_nM.value)) {
    out += "<span class=\"none\">" + std::string(printed.empty() ? "no row" : "no estimate") +
           "</span>";
  } else {
    out += "<b>" + escaped(rounded(cell.potency.ic50_nM.value, 2)) + "</b> <small>" +
           escaped(rounded(cell.potency.ic50_nM.low, 2)) + " to " +
           escaped(rounded(cell.potency.ic50_nM.high, 2)) + "</small>";
  }
  if (!printed.empty()) out += "<br><i>" + escaped(printed) + "</i>";
  if (cell.conflicting) out += "<br><span class=\"flag\">rows contradict</span>";
  return out + "</td>";
}

constexpr const char* style =
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem;color:#1b1b1b;background:#fff}"
    "table{border-collapse:collapse}th,td{border:1px solid #c9c9c9;padding:.35rem "
    ".55rem;text-align:left;vertical-align:top}"
    "th{background:#f1f3f5;position:sticky;top:0}tbody th{position:static;white-space:nowrap}td "
    "i{color:#555}"
    "td.expected{color:#777;background:#fafafa}td.conflict{outline:2px solid "
    "#b3541e;outline-offset:-2px}"
    ".flag{color:#b3541e;font-weight:600}.none{color:#777}.notice{font-weight:600}small{white-"
    "space:nowrap}";

}  // namespace

std::string evidence_interval_text(const Estimated& e) {
  if (std::isnan(e.value)) return std::string(name(e.status));
  std::string out = e.relation == Relation::equal ? "" : std::string(name(e.relation)) + " ";
  out += rounded(e.value, 3);
  if (e.relation == Relation::equal)
    out += " (" + (std::isnan(e.low) ? "open" : rounded(e.low, 2)) + " to " +
           (std::isnan(e.high) ? "open" : rounded(e.high, 2)) + ")";
  return out;
}

std::string evidence_table_csv(const EvidenceContext& context,
                               const evidence::ComparisonTable& table) {
  std::ostringstream out;
  const std::vector<std::string> header{"notice",
                                        "gene",
                                        "variant",
                                        "agent",
                                        "measured",
                                        "conflicting",
                                        "unread_rows_weigh",
                                        "n_sources",
                                        "ic50_nM",
                                        "ic50_low_nM",
                                        "ic50_high_nM",
                                        "predictive_low_nM",
                                        "predictive_high_nM",
                                        "fold_over_wild_type",
                                        "fold_low",
                                        "fold_high",
                                        "as_printed",
                                        "printed_rows",
                                        "status"};
  write_csv_row(out, header);
  for (std::size_t v = 0; v < table.variants.size(); ++v) {
    for (std::size_t a = 0; a < table.agents.size(); ++a) {
      const auto& cell = table.cells[v][a];
      const auto& p = cell.potency;
      std::string printed, rows;
      for (const std::size_t i : cell.printed) {
        const Row& row = context.library->rows[i];
        printed += (printed.empty() ? "" : "; ") + row.as_printed +
                   (row.kind == evidence::RowKind::fold ? "-fold" : "");
        rows += (rows.empty() ? "" : "; ") + row.pack + ":" + row.id;
      }
      const auto yes = [](bool b) { return std::string(b ? "yes" : "no"); };
      const std::vector<std::string> cells{research_only,
                                           table.gene,
                                           table.variants[v].key,
                                           table.agents[a],
                                           yes(p.measured),
                                           yes(cell.conflicting),
                                           yes(p.unread_weigh),
                                           std::to_string(p.sources),
                                           exact(p.ic50_nM.value),
                                           exact(p.ic50_nM.low),
                                           exact(p.ic50_nM.high),
                                           exact(p.ic50_predictive_nM.low),
                                           exact(p.ic50_predictive_nM.high),
                                           exact(p.fold_over_wild_type.value),
                                           exact(p.fold_over_wild_type.low),
                                           exact(p.fold_over_wild_type.high),
                                           printed,
                                           rows,
                                           std::string(name(p.ic50_nM.status))};
      write_csv_row(out, cells);
    }
  }
  return out.str();
}

std::string evidence_table_html(const EvidenceContext& context,
                                const evidence::ComparisonTable& table) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" +
      escaped(table.gene) + ": agents by variants</title><style>" + style +
      "</style></head><body>\n<h1>" + escaped(table.gene) +
      ": IC50 of agents by variants, nM</h1>\n<p class=\"notice\">" + research_only +
      ".</p>\n<p>Bold: mean of log IC50 over sources with its 95 % interval. "
      "Italic: as printed (* not read in its source; hover for where it stands). Grey: not "
      "measured, what the model expects.</p>\n<table><thead><tr><th>Variant</th>";
  for (const auto& agent : table.agents) out += "<th>" + escaped(agent) + "</th>";
  out += "</tr></thead><tbody>\n";
  for (std::size_t v = 0; v < table.variants.size(); ++v) {
    out += "<tr><th>" + escaped(table.variants[v].key) + "</th>";
    for (const auto& cell : table.cells[v]) out += cell_html(context, cell);
    out += "</tr>\n";
  }
  out += "</tbody></table>\n<p>";
  for (const auto& pack : context.library->packs)
    out += escaped("Pack " + pack.name + " " + pack.version + " (" + pack.date + "). ");
  return out + "Kinescape " + escaped(context.provenance.version) + ". " +
         escaped(context.provenance.command) + "</p>\n</body></html>\n";
}

}  // namespace kinescape::report
