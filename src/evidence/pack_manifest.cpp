// SPDX-License-Identifier: Apache-2.0
// pack.json: what the pack is and what its tables hash to.
#include <nlohmann/json.hpp>

#include "evidence/pack_table_internal.hpp"

namespace kinescape::evidence {

Checked<Manifest> read_manifest(std::string_view bytes, const std::string& file) {
  Checked<Manifest> out;
  const auto fail = [&](std::string what, std::string fix) {
    out.problems.push_back({{file, 0, 0, "", ""}, std::move(what), std::move(fix)});
  };
  const auto json = nlohmann::json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (!json.is_object()) {
    fail("pack.json is not a JSON object",
         "It holds name, version, date, schema, licence and tables.");
    return out;
  }
  const auto text = [&](const char* key, bool required) -> std::string {
    const auto at = json.find(key);
    if (at != json.end() && at->is_string()) return at->get<std::string>();
    if (required || at != json.end())
      fail("\"" + std::string(key) + "\" is missing or no text", "Add it to pack.json.");
    return "";
  };
  out.value.name = text("name", true);
  out.value.version = text("version", true);
  out.value.date = text("date", true);
  out.value.licence = text("licence", true);
  out.value.description = text("description", false);
  const auto schema = json.find("schema");
  if (schema == json.end() || !schema->is_number_integer() || schema->get<long long>() < 1) {
    fail("\"schema\" is missing or no whole number from 1", "Write \"schema\": 1.");
  } else if (schema->get<long long>() > newest_schema) {
    fail("this pack has schema " + std::to_string(schema->get<long long>()) +
             "; this version of Kinescape reads up to " + std::to_string(newest_schema),
         "Update Kinescape, or ask for the pack in an older schema.");
  } else {
    out.value.schema = schema->get<int>();
  }
  const auto tables = json.find("tables");
  if (tables == json.end() || !tables->is_object() || tables->empty()) {
    fail("\"tables\" is missing or empty",
         "List each table: \"measurement.csv\": {\"sha256\": \"...\"}.");
    return out;
  }
  for (const auto& [name, entry] : tables->items()) {
    const bool plain = name.find('/') == std::string::npos && name.find("..") == std::string::npos;
    const auto hash = entry.is_object() ? entry.find("sha256") : entry.end();
    if (!plain || !name.ends_with(".csv") || !entry.is_object() || hash == entry.end() ||
        !hash->is_string()) {
      fail("the entry \"" + printable(name) + "\" of \"tables\" is no table with a sha256",
           "A table is a file NAME.csv of the folder and has a \"sha256\".");
      continue;
    }
    out.value.tables[name] = hash->get<std::string>();
  }
  return out;
}

std::string write_manifest(const Manifest& manifest,
                           const std::map<std::string, std::size_t>& rows) {
  nlohmann::ordered_json json{{"name", manifest.name},
                              {"version", manifest.version},
                              {"date", manifest.date},
                              {"schema", manifest.schema},
                              {"licence", manifest.licence},
                              {"description", manifest.description},
                              {"tables", nlohmann::ordered_json::object()}};
  for (const auto& [file, hash] : manifest.tables) {
    json["tables"][file] = {{"sha256", hash}};
    if (const auto n = rows.find(file); n != rows.end()) json["tables"][file]["rows"] = n->second;
  }
  return json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace kinescape::evidence
