// SPDX-License-Identifier: Apache-2.0
// What the mouse and patient rooms print bears the keys that scripts rely on, and their pages hold
// what they found.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "clinical/design.hpp"
#include "report/clinical.hpp"
#include "report/xenograft.hpp"
#include "xenograft/design.hpp"

namespace kinescape::report {
namespace {

using nlohmann::json;

/// Every key of `value` is in the schema and every required one is there; objects all the way down.
void expect_keys(const json& root, json schema, const json& value, const std::string& at) {
  while (schema.contains("$ref"))
    schema = root.at(json::json_pointer(schema["$ref"].get<std::string>().substr(1)));
  if (schema.contains("anyOf")) {
    if (value.is_null()) return;
    schema = schema["anyOf"].back();
    return expect_keys(root, schema, value, at);
  }
  if (value.is_array() && schema.contains("items"))
    for (std::size_t i = 0; i < value.size(); ++i)
      expect_keys(root, schema["items"], value[i], at + "/" + std::to_string(i));
  if (!value.is_object() || !schema.contains("properties")) return;
  for (const json& key : schema["required"])
    EXPECT_TRUE(value.contains(key.get<std::string>())) << at << " lacks " << key;
  for (const auto& [key, member] : value.items()) {
    ASSERT_TRUE(schema["properties"].contains(key)) << at << " has " << key;
    expect_keys(root, schema["properties"][key], member, at + "/" + key);
  }
  // One form of estimate everywhere: "ok" has a value and both ends.
  if (value.contains("relation") && value["status"] == "ok")
    for (const char* key : {"value", "low", "high"})
      EXPECT_TRUE(value[key].is_number()) << at << key;
}

void expect_schema(const std::string& name, const std::string& printed) {
  const auto text =
      read_file(std::string(KINESCAPE_SOURCE_DIR) + "/schemas/" + name + ".schema.json");
  const json schema = json::parse(text.value);
  expect_keys(schema, schema, json::parse(printed), "");
}

xenograft::Estimate mice() {
  xenograft::Design d;
  d.arms = {{"control", 5}, {"treated", 5}};
  for (int day = 0; day <= 24; day += 4) d.days.push_back(day);
  d.palpable_limit_mm3 = 60.0;
  xenograft::Truth t;
  t.growth_rate_per_day = {0.09, -0.05};
  xenograft::Options o;
  o.draws = 50;
  return xenograft::estimate(xenograft::simulate(d, t, {}, Seed{2}), o);
}

clinical::Estimate patients(double scans) {
  clinical::Design d;
  d.arms = {{"control", 30}, {"treated", 30}};
  d.scan_every_months = scans;
  clinical::Truth t;
  t.median_months = {5.0, 12.0};
  clinical::Options o;
  o.landmarks = {6.0};
  o.bootstrap_draws = 30;
  return clinical::estimate(clinical::simulate(d, t, Seed{2}), o);
}

TEST(TrialsSchema, MiceAndPatientsBearTheirKeys) {
  expect_schema("xenograft-result", xenograft_json(mice(), {}, {}));
  expect_schema("clinical-result", clinical_json(patients(0.0), {}, {}));
  expect_schema("clinical-result", clinical_json(patients(2.0), {}, {}));
}

TEST(TrialsSchema, TheContractsOwnKeys) {
  const json x = json::parse(xenograft_json(mice(), {}, {}));
  EXPECT_EQ(x["schema"], "kinescape.xenograft/1");
  EXPECT_EQ(x["model"]["coefficients"][3]["name"], "day:arm[treated]");
  for (const char* key : {"estimate", "se", "df", "p"})
    EXPECT_TRUE(x["model"]["coefficients"][1].contains(key));
  for (const char* key : {"growth_rate_per_day", "growth_rate_ratio", "tgi_percent"})
    EXPECT_TRUE(x["arms"][1].contains(key));
  EXPECT_TRUE(x["animals"][0].contains("mrecist"));
  const json c = json::parse(clinical_json(patients(0.0), {}, {}));
  for (const char* key : {"n", "events", "median", "survival"})
    EXPECT_TRUE(c["arms"][0].contains(key));
  for (const char* key : {"chi2", "df", "p"}) EXPECT_TRUE(c["logrank"][key].is_number());
  EXPECT_EQ(c["cox"]["coefficients"][0]["name"], "arm[treated]");
  const auto rate = clinical::response_rate(9, 11);
  const json o = json::parse(orr_json({rate, nullptr, nullptr}, {}));
  EXPECT_NEAR(
      o["orr"]["clopper_pearson"]["low"].get<double>(), 0.4822441, 1e-7);  // binom.test(9, 11)
}

TEST(TrialsPage, HoldsFiguresTablesAndWhatIsRefused) {
  const auto files = xenograft_files(mice(), {}, {});
  const auto has = [&](const std::string& path) {
    return std::any_of(
        files.begin(), files.end(), [&](const OutputFile& f) { return f.path == path; });
  };
  EXPECT_TRUE(has("report.html"));
  EXPECT_TRUE(has("figures/xenograft_spider.vl.json"));
  EXPECT_TRUE(has("tables/xenograft_arms.csv"));
  const auto clinical = clinical_files(patients(0.0), {}, {});
  EXPECT_TRUE(std::any_of(clinical.begin(), clinical.end(), [](const OutputFile& f) {
    return f.path == "figures/clinical_survival.vl.json";
  }));
  for (const auto* all : {&files, &clinical})
    for (const OutputFile& f : *all)
      if (f.path.extension() == ".json")
        EXPECT_NO_THROW(static_cast<void>(json::parse(f.bytes))) << f.path;
}

}  // namespace
}  // namespace kinescape::report
