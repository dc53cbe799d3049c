// SPDX-License-Identifier: Apache-2.0
// CIViC's GraphQL answer and ChEMBL's web service, record by record.
#include <nlohmann/json.hpp>

#include "evidence/import_internal.hpp"

namespace kinescape::evidence {
namespace {

using Json = nlohmann::json;

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null() || value.is_object() || value.is_array()) return "";
  return value.dump();
}

std::string member(const Json& object, const char* key) {
  if (!object.is_object()) return "";
  const auto at = object.find(key);
  return at == object.end() ? "" : text_of(*at);
}

const Json& child(const Json& object, const char* key) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto at = object.find(key);
  return at == object.end() ? none : *at;
}

/// CIViC: names of the JSON under those of the table.
std::string civic_field(const Json& item, std::string_view column) {
  if (column == "evidence_id") return member(item, "id");
  if (column == "status") return member(item, "status");
  if (column == "evidence_type") return member(item, "evidenceType");
  if (column == "evidence_direction") return member(item, "evidenceDirection");
  if (column == "evidence_level") return member(item, "evidenceLevel");
  if (column == "significance") return member(item, "significance");
  if (column == "molecular_profile") return member(child(item, "molecularProfile"), "name");
  if (column == "citation_id") return member(child(item, "source"), "citationId");
  if (column == "source_type") return member(child(item, "source"), "sourceType");
  if (column == "source_title") return member(child(item, "source"), "title");
  if (column == "drug_interaction_type") return member(item, "therapyInteractionType");
  if (column != "therapies") return "";
  std::string out;
  const Json& therapies = child(item, "therapies");
  if (!therapies.is_array()) return "";
  for (const auto& t : therapies) out += (out.empty() ? "" : ",") + member(t, "name");
  return out;
}

/// The list of records, wherever the answer keeps it.
const Json* records_of(const Json& json) {
  if (json.is_array()) return &json;
  for (const char* key : {"activities", "data", "evidenceItems", "nodes"}) {
    const Json& inner = child(json, key);
    if (inner.is_array() || inner.is_object()) {
      if (const Json* found = records_of(inner)) return found;
    }
  }
  return nullptr;
}

}  // namespace

Problems import_json(ImportFrom from,
                     std::string_view bytes,
                     const std::string& file,
                     const ImportOptions& options,
                     PackBuilder& builder) {
  const Json json = Json::parse(bytes.begin(), bytes.end(), nullptr, false);
  const Json* records = json.is_discarded() ? nullptr : records_of(json);
  if (records == nullptr) {
    return {{{file, 0, 0, "", ""},
             json.is_discarded() ? "this is no JSON" : "no list of records is in this JSON",
             "Export it again."}};
  }
  std::size_t index = 0;
  for (const auto& record : *records) {
    const Where where{file, 0, 0, "record " + std::to_string(++index), ""};
    if (!record.is_object()) {
      builder.skip(where, "this is no record", "Export it again.");
    } else if (from == ImportFrom::civic) {
      import_civic_record(
          [&](std::string_view c) { return civic_field(record, c); }, where, builder);
    } else {
      import_chembl_record(
          [&](std::string_view c) { return member(record, std::string(c).c_str()); },
          where,
          options,
          builder);
    }
  }
  return {};
}

}  // namespace kinescape::evidence
