// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <sstream>

#include "base/csv.hpp"
#include "base/files.hpp"
#include "base/number.hpp"
#include "base/quantity.hpp"
#include "base/text.hpp"
#include "evidence/import_internal.hpp"
#include "evidence/pack_table_internal.hpp"

namespace kinescape::evidence {
namespace {

std::string cell(std::string text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos && trimmed(text).size() == text.size())
    return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
  return out + "\"";
}

using Getter = std::string (*)(const Row&);

/// What stands in a column; looked up once a table, because a million rows ask for it.
Getter getter_of(const std::string& column) {
  static const std::map<std::string, Getter> all{
      {"row", [](const Row& r) { return r.id; }},
      {"fact", [](const Row& r) { return r.fact; }},
      {"source", [](const Row& r) { return r.source; }},
      {"agent", [](const Row& r) { return r.agent; }},
      {"gene", [](const Row& r) { return r.gene; }},
      {"variant", [](const Row& r) { return r.variant_as_printed; }},
      {"over", [](const Row& r) { return r.over; }},
      {"fusion", [](const Row& r) { return r.fusion; }},
      {"system", [](const Row& r) { return r.system; }},
      {"assay", [](const Row& r) { return r.assay; }},
      {"endpoint", [](const Row& r) { return r.endpoint; }},
      {"relation", [](const Row& r) { return std::string(name(r.relation)); }},
      {"as_printed", [](const Row& r) { return r.as_printed; }},
      {"word", [](const Row& r) { return r.word; }},
      {"unit", [](const Row& r) { return r.unit; }},
      {"value_nM", [](const Row& r) { return exact(r.low); }},
      {"fold", [](const Row& r) { return exact(r.low); }},
      {"high_nM", [](const Row& r) { return exact(r.high); }},
      {"high_fold", [](const Row& r) { return exact(r.high); }},
      {"read", [](const Row& r) { return std::string(name(r.read)); }},
      {"confidence", [](const Row& r) { return r.confidence; }},
      {"read_in", [](const Row& r) { return r.read_in; }},
      {"note", [](const Row& r) { return r.note; }}};
  const auto found = all.find(column);
  return found == all.end() ? nullptr : found->second;
}

const std::vector<Getter>& getters_of(RowKind kind) {
  static const auto made = [] {
    std::array<std::vector<Getter>, 3> out;
    for (const RowKind k : {RowKind::measurement, RowKind::fold, RowKind::statement}) {
      for (const auto& column : columns_of(name(k)))
        out[static_cast<std::size_t>(k)].push_back(getter_of(column));
    }
    return out;
  }();
  return made[static_cast<std::size_t>(kind)];
}

template <class Items, class F>
void write_table(std::map<std::string, std::string>& out,
                 const std::string& table,
                 const Items& items,
                 F line) {
  if (items.empty()) return;
  std::ostringstream csv;
  write_csv_row(csv, columns_of(table));
  for (const auto& item : items) {
    std::vector<std::string> cells = line(item);
    cells.resize(columns_of(table).size());
    write_csv_row(csv, cells);
  }
  out[table + ".csv"] = csv.str();
}

}  // namespace

void PackBuilder::add(const Row& row) {
  const std::string table(name(row.kind));
  std::string& text = tables_[table];
  const auto& columns = columns_of(table);
  if (text.empty()) {
    for (std::size_t i = 0; i < columns.size(); ++i) text += (i == 0 ? "" : ",") + columns[i];
    text += '\n';
  }
  bool first = true;
  for (const Getter get : getters_of(row.kind)) {
    if (!first) text += ',';
    first = false;
    if (get != nullptr) text += cell(get(row));
  }
  text += '\n';
  ++lines_[table];
  ++rows_;
  agents_.insert(row.agent);
  if (!row.system.empty()) systems_[row.system] = row.system_kind;
  if (!row.assay.empty()) assays_[row.assay] = row.readout;
  if (row.kind == RowKind::statement) words_[row.word] = row.meaning;
}

void PackBuilder::add_source(const Source& source) {
  sources_.emplace(source.id, source);
}

void PackBuilder::add_variant(const std::string& gene,
                              const std::string& variant,
                              const std::vector<std::string>& aliases) {
  variants_[{gene, variant}].insert(aliases.begin(), aliases.end());
}

void PackBuilder::skip(const Where& where, const std::string& what, const std::string& fix) {
  ++skipped_;
  if (kept_.size() < options_.most_problems)
    kept_.push_back({where, what + "; the row is skipped", fix, Severity::warning});
}

Problems PackBuilder::problems() const {
  Problems out = kept_;
  if (skipped_ > kept_.size()) {
    out.push_back({{},
                   std::to_string(skipped_ - kept_.size()) + " more rows were skipped",
                   "The first are listed.",
                   Severity::warning});
  }
  for (const auto& [reason, n] : passed_over_) {
    out.push_back(
        {{},
         std::to_string(n) + (n == 1 ? " row is" : " rows are") + " no potency evidence: " + reason,
         "Nothing to do.",
         Severity::warning});
  }
  return out;
}

std::map<std::string, std::string> PackBuilder::files() const {
  PackBuilder copy = *this;
  return copy.take_files();
}

std::map<std::string, std::string> PackBuilder::take_files() {
  using Cells = std::vector<std::string>;
  std::map<std::string, std::string> out;
  for (auto& [table, text] : tables_) out[table + ".csv"] = std::move(text);
  tables_.clear();
  write_table(out, "source", sources_, [](const auto& entry) {
    const Source& s = entry.second;
    return Cells{
        s.id, s.kind, s.citation, s.year == 0 ? "" : std::to_string(s.year), s.doi, s.pmid, s.url};
  });
  write_table(out, "agent", agents_, [](const std::string& a) { return Cells{a}; });
  write_table(out, "system", systems_, [](const auto& s) {
    return Cells{s.first, std::string(name(s.second))};
  });
  write_table(out, "assay", assays_, [](const auto& a) {
    return Cells{a.first, std::string(name(a.second))};
  });
  write_table(out, "word", words_, [](const auto& w) {
    return Cells{w.first, std::string(name(w.second))};
  });
  write_table(out, "variant", variants_, [](const auto& v) {
    std::string aliases;
    for (const auto& alias : v.second) aliases += (aliases.empty() ? "" : ";") + alias;
    return Cells{v.first.first, v.first.second, aliases};
  });
  Manifest manifest{options_.name,
                    "1.0.0",
                    options_.date,
                    options_.licence,
                    "Imported by Kinescape",
                    newest_schema,
                    {}};
  std::map<std::string, std::size_t> rows;
  for (const auto& [file, bytes] : out) {
    manifest.tables[file] = sha256(bytes);
    rows[file] = static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\n')) - 1;
  }
  out["pack.json"] = write_manifest(manifest, rows);
  return out;
}

std::optional<PrintedValue> printed_value(std::string_view text) {
  text = trimmed(text);
  PrintedValue out;
  for (const std::string_view mark : {"<=", ">=", "<", ">", "~", "="}) {
    if (text.substr(0, mark.size()) == mark) {
      out.relation = parse_relation(mark).value_or(PrintedRelation::exact);
      text = trimmed(text.substr(mark.size()));
      break;
    }
  }
  const ParsedNumber number = parse_number(text, Decimal::point);
  if (number.kind == NumberKind::number && number.value > 0) {
    out.value = number.value;
    return out;
  }
  const auto dash = text.find('-', 1);  // "100-200"
  if (dash == std::string_view::npos || out.relation != PrintedRelation::exact) return std::nullopt;
  const ParsedNumber low = parse_number(text.substr(0, dash), Decimal::point),
                     high = parse_number(text.substr(dash + 1), Decimal::point);
  if (low.kind != NumberKind::number || high.kind != NumberKind::number || !(low.value > 0) ||
      !(high.value > low.value))
    return std::nullopt;
  return PrintedValue{PrintedRelation::interval, low.value, high.value};
}

void add_value(const ImportedValue& v,
               const Where& where,
               const ImportOptions& options,
               PackBuilder& builder) {
  const auto at = [&](const char* item) {
    Where place = where;
    place.item = item;
    return place;
  };
  if (trimmed(v.agent).empty()) return builder.skip(at("agent"), "no agent is named", "Name it.");
  if (v.gene.empty())
    return builder.skip(at("target"),
                        "the target is no gene that was told",
                        "Map it: --target \"NAME=GENE\", or --gene.");
  auto value = printed_value(v.printed);
  if (!value)
    return builder.skip(
        at("value"), "\"" + printable(v.printed) + "\" is no positive number", "Check the cell.");
  if (!v.relation.empty()) {
    const auto relation = parse_relation(v.relation);
    if (!relation)
      return builder.skip(at("relation"),
                          "\"" + printable(v.relation) + "\" is no relation",
                          "=, ~, <, <=, > or >=.");
    if (value->relation == PrintedRelation::exact) value->relation = *relation;
  }
  const std::string& unit = v.unit.empty() ? options.unit : v.unit;
  const auto factor = nanomolar_per(unit);
  if (!factor) {
    return builder.skip(at("unit"),
                        unit.empty() ? "the value has no unit"
                                     : "\"" + printable(unit) + "\" is no unit of concentration",
                        "Name it with --unit, or mend the cell.");
  }
  auto variants = parse_variants(v.variant.empty() ? "WT" : v.variant, v.gene, {}, at("variant"));
  if (!variants.ok())
    return builder.skip(
        at("variant"), variants.problems.front().what, variants.problems.front().fix);
  if (variants.value.variants.size() != 1)
    return builder.skip(at("variant"), "one value for several variants", "Give each its own row.");
  Row row;
  row.kind = RowKind::measurement;
  row.id = v.id;
  row.fact = options.name + ":" + v.id;
  row.source = v.source;
  row.agent = std::string(trimmed(v.agent));
  row.gene = variants.value.variants.front().kind == VariantKind::parental ? "" : v.gene;
  row.variant_as_printed = variants.value.variants.front().key();
  row.fusion = variants.value.fusion;
  row.system = v.system.empty() ? "unstated" : v.system;
  row.system_kind = v.system_kind;
  row.assay = v.assay.empty() ? "unstated" : v.assay;
  row.readout = v.readout;
  row.endpoint = v.endpoint;
  row.relation = value->relation;
  row.unit = unit;
  row.low = value->value * *factor;
  row.high = value->high * *factor;
  row.as_printed = std::string(trimmed(v.printed));
  row.read = Read::yes;
  row.confidence = "imported";
  row.read_in = v.note;
  builder.add_source({v.source,
                      options.source_kind,
                      v.citation.empty() ? v.source : v.citation,
                      v.doi,
                      v.pmid,
                      "",
                      v.year,
                      "",
                      ""});
  builder.add(row);
}

}  // namespace kinescape::evidence
