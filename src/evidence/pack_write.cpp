// SPDX-License-Identifier: Apache-2.0
// A pack to its files, so that importers and tests make what read_pack reads.
#include <cmath>
#include <sstream>

#include "base/csv.hpp"
#include "base/files.hpp"
#include "base/number.hpp"
#include "evidence/pack_names_internal.hpp"
#include "evidence/pack_table_internal.hpp"

namespace kinescape::evidence {
namespace {

std::string joined(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items) out += (out.empty() ? "" : ";") + item;
  return out;
}

std::string whole(int n) {
  return n == 0 ? "" : std::to_string(n);
}

using Cells = std::map<std::string, std::string>;

Cells row_cells(const Row& r) {
  Cells c{{"row", r.id},
          {"fact", r.fact},
          {"source", r.source},
          {"agent", r.agent},
          {"gene", r.gene},
          {"variant", r.variant_as_printed},
          {"over", r.over},
          {"fusion", r.fusion},
          {"system", r.system},
          {"assay", r.assay},
          {"endpoint", r.endpoint},
          {"as_printed", r.as_printed},
          {"word", r.word},
          {"unit", r.unit},
          {"relation", std::string(name(r.relation))},
          {"read", std::string(name(r.read))},
          {"confidence", r.confidence},
          {"read_in", r.read_in},
          {"cites", joined(r.cites)},
          {"supersedes", joined(r.supersedes)},
          {"disputes", joined(r.disputes)},
          {"note", r.note},
          {"replicates", whole(r.replicates)},
          {"spread_nM", exact(r.spread_nM)},
          {"spread_kind", r.spread_kind},
          {"dose_low_nM", exact(r.dose_low_nM)},
          {"dose_high_nM", exact(r.dose_high_nM)},
          {"curve", r.curve.empty() ? "unstated" : r.curve}};
  c[r.kind == RowKind::fold ? "fold" : "value_nM"] = exact(r.low);
  c[r.kind == RowKind::fold ? "high_fold" : "high_nM"] = exact(r.high);
  return c;
}

/// The lines of one table, each as column -> cell.
std::vector<Cells> lines_of(const Pack& pack, const std::string& table) {
  std::vector<Cells> out;
  if (table == "source") {
    for (const auto& s : pack.sources) {
      out.push_back({{"source", s.id},
                     {"kind", s.kind},
                     {"citation", s.citation},
                     {"year", whole(s.year)},
                     {"doi", s.doi},
                     {"pmid", s.pmid},
                     {"url", s.url}});
    }
  } else if (table == "agent") {
    for (const auto& a : pack.agents)
      out.push_back({{"agent", a.name}, {"aliases", joined(a.aliases)}});
  } else if (table == "variant") {
    for (const auto& v : pack.variants)
      out.push_back({{"gene", v.gene}, {"variant", v.variant}, {"aliases", joined(v.aliases)}});
  } else if (table == "protein") {
    for (const auto& p : pack.proteins) {
      out.push_back({{"gene", p.gene},
                     {"accession", p.accession},
                     {"first", std::to_string(p.first)},
                     {"residues", p.residues},
                     {"origin", p.origin}});
    }
  } else if (table == "system") {
    for (const auto& [text, kind] : pack.systems)
      out.push_back({{"system", text}, {"kind", std::string(name(kind))}});
  } else if (table == "assay") {
    for (const auto& [text, readout] : pack.assays)
      out.push_back({{"assay", text}, {"readout", std::string(name(readout))}});
  } else if (table == "word") {
    for (const auto& [text, meaning] : pack.words)
      out.push_back({{"word", text}, {"meaning", std::string(name(meaning))}});
  } else if (table == "outcome") {
    for (const auto& o : pack.outcomes) {
      out.push_back({{"row", o.id},
                     {"source", o.source},
                     {"regimen", o.regimen},
                     {"mechanism", o.mechanism},
                     {"setting", o.setting},
                     {"phase", o.phase},
                     {"n", exact(o.n)},
                     {"responders", exact(o.responders)},
                     {"orr_percent", exact(o.orr_percent)},
                     {"pfs_months", exact(o.pfs_months)},
                     {"orr_low_percent", exact(o.orr_low_percent)},
                     {"orr_high_percent", exact(o.orr_high_percent)},
                     {"pfs_low_months", exact(o.pfs_low_months)},
                     {"pfs_high_months", exact(o.pfs_high_months)},
                     {"level", exact(o.level)},
                     {"as_printed", o.as_printed},
                     {"safety", o.safety},
                     {"read", std::string(name(o.read))},
                     {"read_in", o.read_in},
                     {"cites", joined(o.cites)},
                     {"note", o.note}});
    }
  } else if (table == "mechanism") {
    for (const auto& m : pack.mechanisms) {
      out.push_back({{"row", m.id},
                     {"source", m.source},
                     {"setting", m.setting},
                     {"prior_agent", m.prior_agent},
                     {"mechanism", m.mechanism},
                     {"class", m.kind},
                     {"positive", exact(m.positive)},
                     {"total", exact(m.total)},
                     {"percent", exact(m.percent)},
                     {"as_printed", m.as_printed},
                     {"read", std::string(name(m.read))},
                     {"read_in", m.read_in},
                     {"cites", joined(m.cites)},
                     {"note", m.note}});
    }
  } else if (table == "exposure") {
    for (const auto& e : pack.exposures) {
      out.push_back({{"row", e.id},
                     {"source", e.source},
                     {"agent", e.agent},
                     {"regimen", e.regimen},
                     {"cmax_ng_per_mL", exact(e.cmax_ng_per_mL)},
                     {"ctrough_ng_per_mL", exact(e.ctrough_ng_per_mL)},
                     {"auc_ng_h_per_mL", exact(e.auc_ng_h_per_mL)},
                     {"tau_h", exact(e.tau_h)},
                     {"fraction_unbound", exact(e.fraction_unbound)},
                     {"fraction_unbound_low", exact(e.fraction_unbound_low)},
                     {"fraction_unbound_high", exact(e.fraction_unbound_high)},
                     {"molar_mass_g_per_mol", exact(e.molar_mass_g_per_mol)},
                     {"read", std::string(name(e.read))},
                     {"read_in", e.read_in},
                     {"note", e.note}});
    }
  } else {
    for (const auto& r : pack.rows) {
      if (name(r.kind) == table) out.push_back(row_cells(r));
    }
  }
  return out;
}

}  // namespace

std::map<std::string, std::string> pack_files(const Pack& pack) {
  std::map<std::string, std::string> out;
  Manifest manifest{
      pack.name, pack.version, pack.date, pack.licence, pack.description, newest_schema, {}};
  std::map<std::string, std::size_t> rows;
  for (const auto& table : table_names()) {
    const auto lines = lines_of(pack, table);
    if (lines.empty()) continue;
    std::ostringstream csv;
    const auto& columns = columns_of(table);
    write_csv_row(csv, columns);
    for (const auto& line : lines) {
      std::vector<std::string> cells;
      for (const auto& column : columns) {
        const auto at = line.find(column);
        cells.push_back(at == line.end() ? "" : at->second);
      }
      write_csv_row(csv, cells);
    }
    out[table + ".csv"] = csv.str();
    rows[table + ".csv"] = lines.size();
    manifest.tables[table + ".csv"] = sha256(csv.str());
  }
  out["pack.json"] = write_manifest(manifest, rows);
  return out;
}

}  // namespace kinescape::evidence
