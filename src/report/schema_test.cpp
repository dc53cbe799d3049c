// SPDX-License-Identifier: Apache-2.0
// Real outputs against schemas/*.schema.json, by the part of JSON Schema 2020-12 that these use. A
// keyword that is not known here fails the test: nothing in a schema goes unchecked.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "base/files.hpp"
#include "combination/design.hpp"
#include "combination/read.hpp"
#include "report/evidence.hpp"
#include "report/fixture_internal.hpp"
#include "report/report.hpp"

namespace kinescape::report {
namespace {

using nlohmann::json;

class Checker {
 public:
  explicit Checker(const json& root) : root_(root) {}

  bool valid(const json& schema, const json& value, const std::string& at) {
    const std::size_t before = errors.size();
    for (const auto& [keyword, rule] : schema.items()) check(schema, keyword, rule, value, at);
    return errors.size() == before;
  }
  std::vector<std::string> errors;

 private:
  void fail(const std::string& at, const std::string& why) { errors.push_back(at + ": " + why); }

  bool quietly(const json& schema, const json& value) {
    Checker other(root_);
    return other.valid(schema, value, "");
  }

  static bool is(const std::string& type, const json& value) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "number") return value.is_number();
    if (type == "integer") return value.is_number_integer();
    if (type == "boolean") return value.is_boolean();
    return type == "null" && value.is_null();
  }

  void number(const std::string& keyword, double rule, const json& value, const std::string& at) {
    if (!value.is_number()) return;
    const double x = value.get<double>();
    const bool good = keyword == "minimum"            ? x >= rule
                      : keyword == "maximum"          ? x <= rule
                      : keyword == "exclusiveMinimum" ? x > rule
                                                      : x < rule;
    if (!good) fail(at, keyword);
  }

  void object(const json& schema, const json& value, const std::string& at) {
    if (!value.is_object()) return;
    for (const auto& [key, member] : value.items()) {
      if (schema.contains("properties") && schema["properties"].contains(key)) {
        valid(schema["properties"][key], member, at + "/" + key);
      } else if (schema.contains("additionalProperties")) {
        const json& rest = schema["additionalProperties"];
        if (rest.is_object()) {
          valid(rest, member, at + "/" + key);
        } else if (!rest.get<bool>()) {
          fail(at, "unexpected key " + key);
        }
      }
    }
  }

  void check(const json& schema,
             const std::string& keyword,
             const json& rule,
             const json& value,
             const std::string& at) {
    static const std::set<std::string> notes{
        "$schema", "$id", "title", "description", "$defs", "then"};
    static const std::set<std::string> numbers{
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"};
    if (notes.contains(keyword)) return;
    if (numbers.contains(keyword)) return number(keyword, rule.get<double>(), value, at);
    if (keyword == "properties") return object(schema, value, at);
    if (keyword == "additionalProperties") {
      if (!schema.contains("properties")) object(schema, value, at);
    } else if (keyword == "type") {
      const json types = rule.is_array() ? rule : json::array({rule});
      if (std::none_of(types.begin(), types.end(), [&](const json& t) { return is(t, value); })) {
        fail(at, "type " + rule.dump() + " but is " + value.dump());
      }
    } else if (keyword == "enum") {
      if (std::find(rule.begin(), rule.end(), value) == rule.end()) fail(at, value.dump());
    } else if (keyword == "const") {
      if (rule != value) fail(at, value.dump() + " is not " + rule.dump());
    } else if (keyword == "required") {
      for (const json& key : rule) {
        if (value.is_object() && !value.contains(key.get<std::string>()))
          fail(at, "lacks " + key.dump());
      }
    } else if (keyword == "items") {
      for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
        valid(rule, value[i], at + "/" + std::to_string(i));
      }
    } else if (keyword == "pattern") {
      if (value.is_string() &&
          !std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>()))) {
        fail(at, "pattern");
      }
    } else if (keyword == "$ref") {
      valid(root_.at(json::json_pointer(rule.get<std::string>().substr(1))), value, at);
    } else if (keyword == "anyOf") {
      if (std::none_of(
              rule.begin(), rule.end(), [&](const json& s) { return quietly(s, value); })) {
        fail(at, "none of anyOf");
        valid(rule.back(), value, at);  // says why
      }
    } else if (keyword == "allOf") {
      for (const json& s : rule) valid(s, value, at);
    } else if (keyword == "not") {
      if (quietly(rule, value)) fail(at, "not");
    } else if (keyword == "contains") {
      if (value.is_array() && std::none_of(value.begin(), value.end(), [&](const json& v) {
            return quietly(rule, v);
          })) {
        fail(at, "contains");
      }
    } else if (keyword == "if") {
      if (quietly(rule, value)) valid(schema.at("then"), value, at);
    } else {
      fail(at, "the schema uses a keyword this test does not know: " + keyword);
    }
  }

  const json& root_;
};

std::string verdict(const std::string& schema_name, const json& value) {
  const auto text =
      read_file(std::string(KINESCAPE_SOURCE_DIR) + "/schemas/" + schema_name + ".schema.json");
  const json schema = json::parse(text.value);
  Checker checker(schema);
  checker.valid(schema, value, "");
  std::string all;
  for (const std::string& error : checker.errors) all += error + "\n";
  return all;
}

TEST(Schema, TheStudyResultSatisfiesIt) {
  EXPECT_EQ(verdict("study-result", json::parse(results_json(fixture()))), "");
}

TEST(Schema, AStudyWithoutAnAssaySatisfiesIt) {
  study::Results results = fixture();
  results.viability.reset();
  EXPECT_EQ(verdict("study-result", json::parse(results_json(results))), "");
}

TEST(Schema, TheViabilityResultSatisfiesIt) {
  const study::Results r = fixture();
  EXPECT_EQ(
      verdict("viability-result", json::parse(viability_json(*r.viability, r.provenance, {}))), "");
}

TEST(Schema, ErrorsAloneSatisfyIt) {
  const study::Results r = fixture();
  const Problems errors{{{}, "No control wells.", "Name them.", Severity::error}};
  EXPECT_EQ(verdict("viability-result", json::parse(viability_json({}, r.provenance, errors))), "");
}

TEST(Schema, TheEvidenceResultsSatisfyIt) {
  const std::string root = std::string(KINESCAPE_SOURCE_DIR) + "/knowledge/";
  const auto loaded = evidence::load({root + "guide", root + "literature"});
  ASSERT_TRUE(loaded.ok());
  const evidence::Library& library = loaded.value;
  const EvidenceContext context{&library, fixture().provenance, {}, false};
  evidence::PotencyOptions options;
  options.draws = 8;
  const evidence::PotencyModel model(library, options);
  const auto conflicts = evidence::find_conflicts(library, &model);
  const auto holds = [](const std::string& text) {
    return verdict("evidence-result", json::parse(text));
  };
  const evidence::VariantOf variant{"ALK", "G1202R"};
  EXPECT_EQ(holds(evidence_estimate_json(
                context, model.estimate("crizotinib", variant), model.spreads(), conflicts)),
            "");
  EXPECT_EQ(holds(evidence_estimate_json(
                context, model.estimate("imatinib", variant), model.spreads(), {})),
            "");
  EXPECT_EQ(holds(evidence_rank_json(context, evidence::rank(library, model, conflicts, variant))),
            "");
  EXPECT_EQ(holds(evidence_conflicts_json(context, conflicts)), "");
  EXPECT_EQ(holds(evidence_table_json(
                context, evidence::comparison_table(library, model, conflicts, "ALK", {variant}))),
            "");
  EXPECT_EQ(holds(evidence_check_json(context, evidence::find_doubts(library))), "");
  EXPECT_EQ(holds(evidence_frequencies_json(context, evidence::mechanism_frequencies(library, {}))),
            "");
  evidence::HeldOut held_out;
  held_out.values.push_back({0, 2.0, 2.1, 0.4, 0.4, 2.1, -0.7, unknown});
  held_out.scores.push_back({"all values", 1, 0.1, 0.1, 1.0, -0.7});
  EXPECT_EQ(holds(evidence_validate_json(context, held_out)), "");
  json bad = json::parse(evidence_conflicts_json(context, conflicts));
  bad["notice"] = "take two a day";
  EXPECT_NE(verdict("evidence-result", bad), "");
}

TEST(Schema, AStudyWithEvidenceSatisfiesItAndItsPageSaysWhatItIsFor) {
  const std::string root = std::string(KINESCAPE_SOURCE_DIR) + "/knowledge/";
  const auto loaded = evidence::load({root + "literature"});
  ASSERT_TRUE(loaded.ok());
  Estimated ic50;
  ic50.value = 90000.0;
  ic50.low = 60000.0;
  ic50.high = 130000.0;
  ic50.status = Status::ok;
  const evidence::VariantOf wild{"ALK", "WT"}, variant{"ALK", "G1202R"};
  evidence::Question q;
  q.gene = "ALK";
  q.variants = {wild, variant};
  q.own = {{"H-P", "crizotinib", "H-P", wild, ic50, ""},
           {"H-R", "crizotinib", "H-P", variant, {}, ""},
           {"H-R", "nothing", "H-P", variant, ic50, "apart"}};
  q.folds = {{"H-R", "H-P", "crizotinib", variant, wild, ic50}};
  q.potency.draws = 8;
  study::Results results = fixture();
  results.evidence = study::EvidenceResults{
      {{"H-P", "H-P", {wild, "", {"MET amplification"}}}, {"H-R", "H-P", {{"ALK", ""}, "?", {}}}},
      evidence::estimate(loaded.value, q)};
  EXPECT_EQ(verdict("study-result", json::parse(results_json(results))), "");
  for (const OutputFile& file : study_files(results)) {
    if (file.path != "report.html") continue;
    EXPECT_NE(file.bytes.find(research_only), std::string::npos);
    EXPECT_NE(file.bytes.find("MET amplification"), std::string::npos);
  }
  EXPECT_EQ(results.evidence->estimate.own[0].agreement, evidence::Agreement::disagrees);
}

combination::Estimate virtual_combination() {
  combination::Design d;
  d.lines = {"L"};
  d.doses_a_nM = d.doses_b_nM = {10, 30, 100, 300, 1000};
  const auto blocks = combination::blocks_of(
      combination::simulate(d, {{"L", combination::Together::loewe, {}}}, {}, Seed{1}));
  combination::Options options;
  options.compatible.emplace();
  return combination::estimate(blocks.value, options).value;
}

combination::Estimate three_drugs() {
  combination::Block block;
  block.drugs = {"a", "b", "c"};
  block.repeats = {"1", "2"};
  for (int repeat = 0; repeat < 2; ++repeat) {
    for (int i = 0; i < 64; ++i) {
      const double a = 10.0 * (i / 16), b = 10.0 * (i / 4 % 4), c = 10.0 * (i % 4);
      combination::Well w;
      w.dose_nM = {a, b, c};
      w.viability = 1.0 / ((1.0 + a / 20.0) * (1.0 + b / 15.0) * (1.0 + c / 30.0)) +
                    0.003 * ((7 * i + 5 * repeat) % 11 - 5);
      w.repeat = repeat;
      block.wells.push_back(w);
    }
  }
  return combination::estimate({block}).value;
}

TEST(Schema, TheCombinationResultSatisfiesIt) {
  const combination::Estimate e = virtual_combination();
  EXPECT_EQ(verdict("combination-result", json::parse(combination_json(e, {}, {}))), "");
  EXPECT_EQ(verdict("combination-result", json::parse(combination_json(three_drugs(), {}, {}))),
            "");
  study::Results results = fixture();
  results.combination = e;
  EXPECT_EQ(verdict("study-result", json::parse(results_json(results))), "");
}

TEST(Schema, CatchesWhatMustNotBe) {
  const study::Results r = fixture();
  const json good = json::parse(viability_json(*r.viability, r.provenance, {}));
  json bad = good;
  bad["curves"][0]["ic50_nM"].erase("relation");
  EXPECT_NE(verdict("viability-result", bad), "");
  bad = good;
  bad["curves"][0]["ic50_nM"]["low"] = nullptr;  // an "ok" with an open end
  EXPECT_NE(verdict("viability-result", bad), "");
  bad = good;
  bad.erase("plates");
  EXPECT_NE(verdict("viability-result", bad), "");
  bad = good;
  bad["comparisons"][0]["p_adjusted"] = 1.5;
  EXPECT_NE(verdict("viability-result", bad), "");
}

}  // namespace
}  // namespace kinescape::report
