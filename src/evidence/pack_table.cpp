// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.hpp"
#include "evidence/pack_table_internal.hpp"

namespace kinescape::evidence {

NamedTable::NamedTable(Grid grid,
                       const std::vector<std::string>& required,
                       const std::vector<std::string>& known,
                       Problems& problems)
    : grid_(std::move(grid)) {
  while (header_ < grid_.rows() && grid_.blank(header_)) ++header_;
  if (header_ == grid_.rows()) {
    problems.push_back({{grid_.file(), 1, 0, "", ""},
                        "the table is empty",
                        "Give it a header and rows, or leave the file out."});
    return;
  }
  std::string unread;
  for (std::size_t c = 0; c < grid_.columns(header_); ++c) {
    const std::string title(grid_.at(header_, c));
    if (title.empty()) continue;
    if (!at_.emplace(title, c).second) {
      problems.push_back({grid_.where(header_, c),
                          "the column \"" + printable(title) + "\" stands twice",
                          "Rename or remove one."});
    } else if (!known.empty() && std::find(known.begin(), known.end(), title) == known.end()) {
      const auto meant = nearest(title, known);
      unread += (unread.empty() ? "" : ", ") + ("\"" + printable(title) + "\"") +
                (meant ? " (did you mean " + *meant + "?)" : "");
    }
  }
  if (!unread.empty()) {
    problems.push_back({grid_.where(header_),
                        "columns that are not read: " + unread,
                        "Check their names.",
                        Severity::warning});
  }
  usable_ = true;
  for (const auto& column : required) {
    if (at_.contains(column)) continue;
    usable_ = false;
    problems.push_back({grid_.where(header_),
                        "the column \"" + column + "\" is missing",
                        "Add it; docs/rooms/evidence.md lists the columns."});
  }
  for (std::size_t r = header_ + 1; r < grid_.rows(); ++r) {
    if (!grid_.blank(r)) lines_.push_back(r);
  }
}

std::string NamedTable::text(std::size_t row, std::string_view column) const {
  const auto at = at_.find(column);
  return at == at_.end() ? std::string() : std::string(grid_.at(lines_[row], at->second));
}

Where NamedTable::where(std::size_t row, std::string_view column) const {
  const auto at = at_.find(column);
  Where out = at == at_.end() ? grid_.where(lines_[row]) : grid_.where(lines_[row], at->second);
  out.item = std::string(column);
  return out;
}

double NamedTable::number(std::size_t row, std::string_view column, Problems& problems) const {
  const std::string cell = text(row, column);
  if (cell.empty()) return unknown;
  const ParsedNumber parsed = parse_number(cell, Decimal::point);
  if (parsed.kind == NumberKind::number) return parsed.value;
  problems.push_back({where(row, column),
                      "\"" + printable(cell) + "\" is no number",
                      "Write a plain number, or leave the cell empty."});
  return unknown;
}

std::vector<std::string> split_list(std::string_view text, char mark) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto at = text.find(mark);
    const auto part = trimmed(text.substr(0, at));
    if (!part.empty()) out.emplace_back(part);
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + 1);
  }
  return out;
}

const std::vector<std::string>& table_names() {
  static const std::vector<std::string> names{"source",
                                              "agent",
                                              "variant",
                                              "protein",
                                              "system",
                                              "assay",
                                              "word",
                                              "measurement",
                                              "fold",
                                              "statement",
                                              "outcome",
                                              "mechanism",
                                              "exposure"};
  return names;
}

const std::vector<std::string>& columns_of(std::string_view table) {
  static const auto split = [](const char* text) { return split_list(text, ','); };
  static const std::map<std::string, std::vector<std::string>, std::less<>> all{
      {"source", split("source,kind,citation,year,doi,pmid,url")},
      {"agent", split("agent,aliases,note")},
      {"variant", split("gene,variant,aliases,note")},
      {"protein", split("gene,accession,first,residues,origin")},
      {"system", split("system,kind,note")},
      {"assay", split("assay,readout,note")},
      {"word", split("word,meaning,note")},
      {"measurement",
       split("row,fact,source,agent,gene,variant,fusion,system,assay,endpoint,relation,as_printed,"
             "unit,value_nM,high_nM,"
             "spread_nM,spread_kind,replicates,dose_low_nM,dose_high_nM,curve,read,confidence,read_"
             "in,cites,supersedes,"
             "disputes,note")},
      {"fold",
       split("row,fact,source,agent,gene,variant,over,fusion,system,assay,endpoint,relation,as_"
             "printed,fold,high_fold,read,"
             "confidence,read_in,cites,supersedes,disputes,note")},
      {"statement",
       split("row,fact,source,agent,gene,variant,fusion,system,assay,word,as_printed,read,"
             "confidence,read_in,cites,"
             "supersedes,disputes,note")},
      {"outcome",
       split("row,source,regimen,mechanism,setting,phase,n,responders,orr_percent,orr_low_percent,"
             "orr_high_percent,pfs_months,pfs_low_months,pfs_high_months,level,as_printed,safety,"
             "read,"
             "confidence,read_in,cites,note")},
      {"mechanism",
       split("row,source,setting,prior_agent,mechanism,class,positive,total,percent,as_printed,"
             "read,confidence,read_in,cites,"
             "note")},
      {"exposure",
       split("row,source,agent,regimen,cmax_ng_per_mL,ctrough_ng_per_mL,auc_ng_h_per_mL,tau_h,"
             "fraction_unbound,"
             "fraction_unbound_low,fraction_unbound_high,molar_mass_g_per_mol,read,confidence,read_"
             "in,note")}};
  static const std::vector<std::string> none;
  const auto found = all.find(table);
  return found == all.end() ? none : found->second;
}

}  // namespace kinescape::evidence
