// SPDX-License-Identifier: Apache-2.0
// One record of each database to rows of a pack.
#include <cctype>

#include "base/text.hpp"
#include "evidence/import_internal.hpp"
#include "evidence/pack_table_internal.hpp"

namespace kinescape::evidence {
namespace {

Where at(Where where, const char* item) {
  where.item = item;
  return where;
}

std::string first_of(const Field& field, std::initializer_list<const char*> names) {
  for (const char* column : names) {
    std::string text = field(column);
    if (!trimmed(text).empty()) return std::string(trimmed(text));
  }
  return "";
}

std::optional<Meaning> meaning_of(std::string_view significance) {
  std::string plain = lower(significance);
  std::erase_if(plain, [](char c) { return !std::isalpha(static_cast<unsigned char>(c)); });
  if (plain == "sensitivityresponse" || plain == "sensitivity" || plain == "sensitive")
    return Meaning::sensitive;
  if (plain == "reducedsensitivity" || plain == "intermediate" || plain == "moderatelyresistant")
    return Meaning::intermediate;
  if (plain == "resistance" || plain == "resistant") return Meaning::resistant;
  return std::nullopt;
}

/// "v::ALK Fusion AND ALK G1202R": the part that names changes, with its gene.
struct Profile {
  std::string gene, variant, fusion;
};

std::optional<Profile> profile_of(const std::string& text, const std::string& gene) {
  if (text.find(" NOT ") != std::string::npos || text.starts_with("NOT ") ||
      text.find(" OR ") != std::string::npos)
    return std::nullopt;
  Profile out;
  out.gene = gene;
  std::string rest = text;
  while (!rest.empty()) {
    const auto cut = rest.find(" AND ");
    const std::string part = rest.substr(0, cut);
    rest = cut == std::string::npos ? "" : rest.substr(cut + 5);
    const auto parsed = parse_variants(part, gene);
    if (!parsed.ok() || parsed.value.variants.size() != 1) return std::nullopt;
    const Variant& v = parsed.value.variants.front();
    if (!v.gene.empty() && !out.gene.empty() && v.gene != out.gene && !out.variant.empty())
      return std::nullopt;  // two proteins
    if (!v.gene.empty()) out.gene = v.gene;
    if (!parsed.value.fusion.empty()) out.fusion = parsed.value.fusion;
    if (v.kind == VariantKind::fusion && (cut != std::string::npos || !out.variant.empty()))
      continue;  // where the changes lie
    out.variant += (out.variant.empty() ? "" : "+") + v.key();
  }
  if (out.variant.empty() || out.gene.empty()) return std::nullopt;
  return out;
}

void add_statement(const std::string& id,
                   const std::string& agent,
                   const Profile& profile,
                   const std::string& printed,
                   Meaning meaning,
                   const Source& source,
                   const std::string& read_in,
                   bool clinical,
                   PackBuilder& builder) {
  Row row;
  row.kind = RowKind::statement;
  row.id = id;
  row.fact = source.id + "|" + agent + "|" + profile.gene + "|" + profile.variant + "|" + id;
  row.source = source.id;
  row.agent = agent;
  row.gene = profile.gene;
  row.variant_as_printed = profile.variant;
  row.fusion = profile.fusion;
  row.system = clinical ? "patient" : "unstated";
  row.system_kind = clinical ? SystemKind::patient : SystemKind::unstated;
  row.assay = clinical ? "clinical" : "unstated";
  row.readout = clinical ? Readout::clinical : Readout::viability;
  row.word = row.as_printed = printed;
  row.meaning = meaning;
  row.read = Read::yes;
  row.confidence = "imported";
  row.read_in = read_in;
  builder.add_source(source);
  builder.add(row);
}

}  // namespace

void import_civic_record(const Field& field, const Where& where, PackBuilder& builder) {
  const std::string id = field("evidence_id");
  const std::string status =
      lower(field("status").empty() ? field("evidence_status") : field("status"));
  if (id.empty()) return builder.skip(where, "no evidence_id", "Export the table again.");
  if (!status.empty() && status != "accepted")
    return builder.pass_over("not accepted by an editor");
  if (lower(field("evidence_type")) != "predictive")
    return builder.pass_over("not about the answer to an agent");
  const std::string direction = lower(first_of(field, {"evidence_direction"}));
  if (direction != "supports") return builder.pass_over("does not support what it says");
  const std::string printed = first_of(field, {"significance", "clinical_significance"});
  const auto meaning = meaning_of(printed);
  if (!meaning)
    return builder.skip(at(where, "significance"),
                        "\"" + printable(printed) + "\" is neither sensitivity nor resistance",
                        "Nothing, if it is not about potency.");
  std::string agents = first_of(field, {"therapies", "drugs"});
  for (char& c : agents) {
    if (c == ';' || c == '|') c = ',';  // exports differ in what stands between agents
  }
  const auto each = split_list(agents, ',');
  const std::string interaction = lower(field("drug_interaction_type"));
  if (each.empty())
    return builder.skip(
        at(where, "therapies"), "no agent is named", "Nothing can be said without one.");
  if (each.size() > 1 && interaction != "substitutes")
    return builder.pass_over("several agents at once");
  const std::string text = first_of(field, {"molecular_profile", "variant"});
  const auto profile = profile_of(text, field("gene"));
  if (!profile)
    return builder.skip(at(where, "variant"),
                        "\"" + printable(text) + "\" is no single variant that can be read",
                        "Write it as HGVS to use it.");
  Source source;
  source.id = "pmid" + field("citation_id");
  source.kind = "curated";
  source.citation = first_of(field, {"citation", "source_title"});
  const bool pubmed = lower(field("source_type")).find("pubmed") != std::string::npos;
  if (pubmed) source.pmid = field("citation_id");
  const std::string level = field("evidence_level");
  const bool clinical = level == "A" || level == "B" || level == "C";
  for (std::size_t i = 0; i < each.size(); ++i) {
    add_statement("EID" + id + (each.size() > 1 ? "-" + std::to_string(i + 1) : ""),
                  lower(each[i]),
                  *profile,
                  printed,
                  *meaning,
                  source,
                  "CIViC EID" + id,
                  clinical,
                  builder);
  }
}

void import_chembl_record(const Field& field,
                          const Where& where,
                          const ImportOptions& options,
                          PackBuilder& builder) {
  const std::string type = first_of(field, {"standard_type", "Standard Type"});
  if (type != "IC50" && type != "GI50" && type != "Ki" && type != "Kd" && type != "EC50")
    return builder.pass_over("not IC50, GI50, EC50, Ki or Kd");
  if (!first_of(field, {"data_validity_comment", "Data Validity Comment"}).empty()) {
    return builder.skip(
        at(where, "data_validity_comment"),
        "ChEMBL doubts it: " + first_of(field, {"data_validity_comment", "Data Validity Comment"}),
        "Check the paper.");
  }
  ImportedValue v;
  v.endpoint = type;
  v.id = "A" + first_of(field, {"activity_id", "Activity ID", "Action Type ID"});
  if (v.id == "A") v.id = "L" + std::to_string(where.line);
  v.agent = first_of(
      field, {"molecule_pref_name", "Molecule Name", "molecule_chembl_id", "Molecule ChEMBL ID"});
  v.printed = first_of(field, {"standard_value", "Standard Value"});
  v.relation = first_of(field, {"standard_relation", "Standard Relation"});
  std::erase(v.relation, '\'');
  v.unit = first_of(field, {"standard_units", "Standard Units"});
  v.variant = first_of(field, {"assay_variant_mutation", "Assay Variant Mutation"});
  if (lower(v.variant) == "undefined mutation")
    return builder.skip(at(where, "assay_variant_mutation"),
                        "the mutation is not defined",
                        "Look it up in the paper.");
  if (lower(v.variant) == "none") v.variant.clear();
  for (char& c : v.variant) {
    if (c == ',') c = '+';  // ChEMBL writes changes on one molecule with commas
  }
  const std::string target = first_of(field, {"target_pref_name", "Target Name"});
  const auto mapped = options.genes.find(lower(target));
  v.gene = mapped != options.genes.end() ? mapped->second : options.gene;
  v.source = first_of(field, {"document_chembl_id", "Document ChEMBL ID"});
  if (v.source.empty()) v.source = "ChEMBL";
  const std::string year = first_of(field, {"document_year", "Document Year"});
  v.citation = v.source +
               (first_of(field, {"document_journal", "Document Journal"}).empty()
                    ? ""
                    : ", " + first_of(field, {"document_journal", "Document Journal"})) +
               (year.empty() ? "" : " " + year);
  if (year.size() == 4 && year.find_first_not_of("0123456789") == std::string::npos)
    v.year =
        (year[0] - '0') * 1000 + (year[1] - '0') * 100 + (year[2] - '0') * 10 + (year[3] - '0');
  const std::string assay_type = first_of(field, {"assay_type", "Assay Type"});
  const bool cells =
      assay_type == "F" || !first_of(field, {"assay_cell_type", "Cell Type"}).empty();
  v.system = cells ? first_of(field, {"assay_cell_type", "Cell Type"}) : "cell-free";
  v.system_kind = cells ? SystemKind::unstated : SystemKind::cell_free;
  v.assay = cells ? "cells" : "binding";
  v.readout = cells ? Readout::unclear : Readout::enzyme;
  v.note = "ChEMBL";
  add_value(v, where, options, builder);
}

void import_bindingdb_record(const Field& field,
                             const Where& where,
                             const ImportOptions& options,
                             PackBuilder& builder) {
  const std::string target = first_of(field, {"Target Name", "Target"});
  std::string name_only = target, mutation;
  if (const auto open = target.find('['); open != std::string::npos) {  // "Receptor [L858R,T790M]"
    const auto close = target.find(']', open);
    mutation = target.substr(open + 1, close == std::string::npos ? close : close - open - 1);
    name_only = std::string(trimmed(std::string_view(target).substr(0, open)));
    for (char& c : mutation) {
      if (c == ',') c = '+';
    }
  }
  if (mutation.find('-') != std::string::npos &&
      mutation.find_first_not_of("0123456789-") == std::string::npos)
    mutation.clear();  // a stretch of residues
  const auto mapped = options.genes.find(lower(name_only));
  const std::string entry = first_of(field,
                                     {"UniProt (SwissProt) Entry Name of Target Chain",
                                      "UniProt (SwissProt) Entry Name of Target Chain 1"});
  std::string gene = mapped != options.genes.end() ? mapped->second
                     : entry.ends_with("_HUMAN")   ? entry.substr(0, entry.size() - 6)
                                                   : options.gene;
  bool any = false;
  for (const auto& [column, endpoint] : {std::pair{"IC50 (nM)", "IC50"},
                                         std::pair{"Ki (nM)", "Ki"},
                                         std::pair{"Kd (nM)", "Kd"},
                                         std::pair{"EC50 (nM)", "EC50"}}) {
    ImportedValue v;
    v.printed = first_of(field, {column});
    if (v.printed.empty()) continue;
    any = true;
    v.id = "B" + first_of(field, {"BindingDB Reactant_set_id"}) + "-" + endpoint;
    if (v.id.starts_with("B-")) v.id = "L" + std::to_string(where.line) + "-" + endpoint;
    v.endpoint = endpoint;
    v.unit = "nM";
    v.agent = first_of(field, {"BindingDB Ligand Name", "Ligand Name"});
    if (const auto alias = v.agent.find("::"); alias != std::string::npos)
      v.agent = v.agent.substr(0, alias);
    v.gene = gene;
    v.variant = mutation;
    v.doi = first_of(field, {"Article DOI"});
    v.pmid = first_of(field, {"PMID"});
    v.source = !v.doi.empty() ? v.doi : !v.pmid.empty() ? "pmid" + v.pmid : "BindingDB";
    v.citation = "BindingDB, " + v.source;
    v.system = "cell-free";
    v.system_kind = SystemKind::cell_free;
    v.assay = "binding";
    v.readout = Readout::enzyme;
    v.note = "BindingDB";
    add_value(v, where, options, builder);
  }
  if (!any) builder.pass_over("without IC50, EC50, Ki or Kd");
}

void import_maf_record(const Field& field,
                       const Where& where,
                       const std::vector<std::string>& columns,
                       PackBuilder& builder) {
  const std::string gene = field("Hugo_Symbol"),
                    change = first_of(field, {"HGVSp_Short", "HGVSp", "Protein_Change"});
  bool levels = false;
  for (const auto& column : columns)
    levels = levels || (column.starts_with("LEVEL_") && !trimmed(field(column)).empty());
  if (!levels) return builder.pass_over("without an OncoKB level");
  if (gene.empty())
    return builder.skip(at(where, "Hugo_Symbol"), "no gene is named", "Fill Hugo_Symbol.");
  const auto profile = profile_of(change, gene);
  if (!profile)
    return builder.skip(at(where, "HGVSp_Short"),
                        "\"" + printable(change) + "\" is no protein change that can be read",
                        "Annotate it with HGVSp_Short.");
  Source source;
  source.id = "OncoKB";
  source.kind = "curated";
  source.citation = "OncoKB annotation";
  for (const auto& column : columns) {
    if (!column.starts_with("LEVEL_")) continue;
    const Meaning meaning = column.starts_with("LEVEL_R") ? Meaning::resistant : Meaning::sensitive;
    for (const auto& agent : split_list(field(column), ',')) {
      if (agent.find('+') != std::string::npos) {
        builder.pass_over("several agents at once");
        continue;
      }
      add_statement("L" + std::to_string(where.line) + "-" + column + "-" + lower(agent),
                    lower(agent),
                    *profile,
                    column,
                    meaning,
                    source,
                    "OncoKB " + column,
                    true,
                    builder);
    }
  }
}

void import_table_record(const Field& field,
                         const Where& where,
                         const ImportOptions& options,
                         PackBuilder& builder) {
  const auto of = [&](const char* ours) {
    const auto mapped = options.columns.find(ours);
    return std::string(trimmed(field(mapped == options.columns.end() ? ours : mapped->second)));
  };
  const std::string word = of("word");
  ImportedValue v;
  v.id = of("row").empty() ? "L" + std::to_string(where.line) : of("row");
  v.agent = of("agent");
  v.gene = of("gene").empty() ? options.gene : of("gene");
  v.variant = of("variant");
  v.source = of("source").empty() ? (options.source.empty() ? options.name : options.source)
                                  : of("source");
  v.endpoint = of("endpoint").empty() ? "IC50" : of("endpoint");
  v.system = of("system");
  v.system_kind = SystemKind::engineered;
  v.assay = of("assay").empty() ? "viability" : of("assay");
  v.readout =
      lower(v.assay).find("enzym") != std::string::npos ? Readout::enzyme : Readout::viability;
  v.relation = of("relation");
  v.printed = of("value_nM").empty() ? of("value") : of("value_nM");
  v.unit = of("value_nM").empty() ? of("unit") : "nM";
  if (!word.empty() && v.printed.empty()) {
    const auto meaning = meaning_of(word);
    const auto profile = profile_of(v.variant, v.gene);
    if (!meaning)
      return builder.skip(at(where, "word"),
                          "\"" + printable(word) + "\" says neither sensitive nor resistant",
                          "Write sensitive, intermediate or resistant.");
    if (!profile)
      return builder.skip(at(where, "variant"),
                          "\"" + printable(v.variant) + "\" is no variant that can be read",
                          "Write it as HGVS.");
    if (v.agent.empty()) return builder.skip(at(where, "agent"), "no agent is named", "Name it.");
    add_statement(v.id,
                  v.agent,
                  *profile,
                  word,
                  *meaning,
                  {v.source, options.source_kind, v.source, "", "", "", 0, "", ""},
                  where.file,
                  false,
                  builder);
    return;
  }
  v.note = where.file;
  add_value(v, where, options, builder);
}

}  // namespace kinescape::evidence
