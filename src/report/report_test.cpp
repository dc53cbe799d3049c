// SPDX-License-Identifier: Apache-2.0
#include "report/report.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "base/csv.hpp"
#include "report/fixture_internal.hpp"
#include "report/viability_internal.hpp"
#include "report/wording_internal.hpp"

namespace kinescape::report {
namespace {

using nlohmann::json;

json viability() {
  const study::Results r = fixture();
  return json::parse(viability_json(*r.viability, r.provenance, r.problems));
}

TEST(Contract, OpensWithSchemaProvenanceAndProblems) {
  const study::Results r = fixture();
  const auto text = viability_json(*r.viability, r.provenance, r.problems);
  const auto ordered = nlohmann::ordered_json::parse(text);
  std::vector<std::string> keys;
  for (const auto& [key, value] : ordered.items()) keys.push_back(key);
  ASSERT_GE(keys.size(), 6U);
  EXPECT_EQ(std::vector<std::string>(keys.begin(), keys.begin() + 6),
            (std::vector<std::string>{
                "schema", "provenance", "problems", "plates", "curves", "comparisons"}));
  EXPECT_EQ(ordered["schema"], "kinescape.viability/1");
  EXPECT_EQ(nlohmann::ordered_json::parse(results_json(r)).items().begin().key(), "schema");
}

TEST(Contract, AnEstimateIsOneObjectOfEightKeys) {
  const json ic50 = viability()["curves"][0]["ic50_nM"];
  EXPECT_EQ(ic50.size(), 8U);
  EXPECT_DOUBLE_EQ(ic50["value"].get<double>(), 22.0);
  EXPECT_DOUBLE_EQ(ic50["low"].get<double>(), 22.0 / 1.18);
  EXPECT_EQ(ic50["relation"], "=");
  EXPECT_EQ(ic50["status"], "ok");
  EXPECT_EQ(ic50["n"], 3);
  EXPECT_DOUBLE_EQ(ic50["level"].get<double>(), 0.95);
  EXPECT_EQ(ic50["method"], "4-parameter log-logistic, profile likelihood");
}

TEST(Contract, ABoundHasItsRelationAndAnOpenEnd) {
  const json fold = viability()["comparisons"][4]["fold_ic50"];
  EXPECT_EQ(fold["relation"], ">");
  EXPECT_DOUBLE_EQ(fold["value"].get<double>(), 12.2);
  EXPECT_TRUE(fold["high"].is_null());
  EXPECT_EQ(fold["status"], "above_highest_dose");
}

TEST(Contract, NoAnswerIsNullAndSaysWhy) {
  const json all = viability();
  const json ic50 = all["curves"][10]["ic50_nM"];
  EXPECT_TRUE(ic50["value"].is_null());
  EXPECT_EQ(ic50["status"], "no_response");
  EXPECT_EQ(ic50["why"], "The response does not differ from flat.");
  EXPECT_TRUE(all["comparisons"][5]["p_adjusted"].is_null());
}

TEST(Contract, InfinityBecomesNull) {
  study::Results r = fixture();
  r.viability->curves[0].ic50_nM.high = std::numeric_limits<double>::infinity();
  const std::string text = results_json(r);
  EXPECT_TRUE(json::parse(text)["viability"]["curves"][0]["ic50_nM"]["high"].is_null());
}

TEST(Contract, WithErrorsOnlyTheProblemsAreThere) {
  const study::Results r = fixture();
  const Problems errors{
      {{"a.csv", 3, 2, "", "x,y"}, "No controls.", "Name them.", Severity::error}};
  const json all = json::parse(viability_json(*r.viability, r.provenance, errors));
  EXPECT_FALSE(all.contains("curves"));
  EXPECT_EQ(all["problems"][0]["line"], 3);
  EXPECT_EQ(all["problems"][0]["severity"], "error");
}

TEST(Contract, BytesThatAreNotTextDoNotBreakIt) {
  study::Results r = fixture();
  r.viability->curves[0].line = "H\xff\"</script>";
  EXPECT_TRUE(json::accept(results_json(r)));
}

std::string bytes_of(const std::vector<OutputFile>& files, const std::string& path) {
  for (const OutputFile& file : files) {
    if (file.path == path) return file.bytes;
  }
  ADD_FAILURE() << path << " is missing";
  return "";
}

std::size_t column(const Grid& grid, std::string_view name) {
  for (std::size_t c = 0; c < grid.columns(0); ++c) {
    if (grid.at(0, c) == name) return c;
  }
  ADD_FAILURE() << "no column " << name;
  return 0;
}

TEST(Tables, KeepFullPrecisionAndSayHow) {
  const study::Results r = fixture();
  const auto grid =
      read_csv(bytes_of(viability_tables(*r.viability), "tables/curves.csv"), "curves.csv").value;
  ASSERT_EQ(grid.rows(), 13U);
  const double low = std::stod(std::string(grid.at(1, column(grid, "ic50_low_nM"))));
  EXPECT_EQ(low, 22.0 / 1.18);
  EXPECT_EQ(grid.at(1, column(grid, "status")), "ok");
  EXPECT_EQ(grid.at(1, column(grid, "method")), "4-parameter log-logistic, profile likelihood");
  EXPECT_EQ(grid.at(10, column(grid, "ic50_relation")), ">");
  EXPECT_EQ(grid.at(10, column(grid, "ic50_high_nM")), "");
  EXPECT_EQ(grid.at(11, column(grid, "ic50_nM")), "");
  EXPECT_EQ(grid.at(11, column(grid, "ic50_status")), "no_response");
}

TEST(Tables, RatesOfTimeCoursesHaveARowForEachDose) {
  auto r = fixture();
  const auto rates =
      read_csv(bytes_of(viability_tables(*r.viability), "tables/proliferation.csv"), "p.csv").value;
  ASSERT_EQ(rates.rows(), 4U);
  const std::string page = study_files(r)[0].bytes;
  EXPECT_NE(page.find("Growth under the drug"), std::string::npos);
  r.viability->proliferation.clear();
  EXPECT_EQ(study_files(r)[0].bytes.find("Growth under the drug"), std::string::npos);
  for (const OutputFile& f : viability_tables(*r.viability)) {
    EXPECT_NE(f.path, "tables/proliferation.csv") << "no time course, no table";
  }
}

TEST(Tables, QuoteNamesThatHoldDelimiters) {
  study::Results r = fixture();
  r.viability->curves[0].drug = "drug, \"A\"\n2";
  const auto grid =
      read_csv(bytes_of(viability_tables(*r.viability), "tables/curves.csv"), "curves.csv").value;
  EXPECT_EQ(grid.at(1, column(grid, "drug")), "drug, \"A\"\n2");
}

TEST(Tables, HaveTheSameHeaderWithAndWithoutRows) {
  const study::Results r = fixture();
  const auto full = viability_tables(*r.viability), empty = viability_tables({});
  ASSERT_EQ(empty.size() + 1, full.size()) << "rates are a table only where there are some";
  for (std::size_t i = 0; i < empty.size(); ++i) {
    EXPECT_EQ(full[i].bytes.substr(0, full[i].bytes.find('\n')),
              empty[i].bytes.substr(0, empty[i].bytes.find('\n')))
        << full[i].path;
  }
}

Estimated estimate(double value, double low, double high) {
  Estimated e;
  e.value = value;
  e.low = low;
  e.high = high;
  e.status = Status::ok;
  e.n = 3;
  return e;
}

TEST(Wording, SaysBoundsOpenEndsAndSilence) {
  EXPECT_EQ(in_line(estimate(12.34, 9.8, 15.1), "nM"), "12.3 nM (9.80 – 15.1)");
  Estimated e = estimate(12.34, 9.8, unknown);
  e.status = Status::interval_open_high;
  EXPECT_EQ(wording(e).interval, "9.80 – open");
  e = estimate(10000, 8000, unknown);
  e.relation = Relation::greater;
  e.status = Status::above_highest_dose;
  EXPECT_EQ(in_line(e, "nM"), "> 10000 nM (not reached)");
  e = estimate(1, unknown, 1.4);
  e.relation = Relation::less;
  e.status = Status::below_lowest_dose;
  EXPECT_EQ(in_line(e, "nM"), "< 1.00 nM (below the lowest dose)");
  e = estimate(unknown, unknown, unknown);
  e.status = Status::no_response;
  EXPECT_EQ(in_line(e, "nM"), "— (no response)");
}

TEST(Wording, SignsAndSmallP) {
  EXPECT_EQ(number(-0.5), "−0.500");
  EXPECT_EQ(number(unknown), "—");
  EXPECT_EQ(p_value(1e-9), "< 0.0001");
  EXPECT_EQ(p_value(unknown), "—");
}

TEST(Wording, FileNamesAreHarmless) {
  EXPECT_EQ(slug("../a b\n/ü"), "a-b");
  EXPECT_EQ(slug("µ"), "x");
}

TEST(Files, TheSameResultsGiveTheSameBytes) {
  const auto once = study_files(fixture()), again = study_files(fixture());
  ASSERT_EQ(once.size(), again.size());
  for (std::size_t i = 0; i < once.size(); ++i) {
    EXPECT_EQ(once[i].path, again[i].path);
    EXPECT_TRUE(once[i].bytes == again[i].bytes) << once[i].path;
  }
}

TEST(Files, TwoDrugsWithOneSlugHaveTwoFigures) {
  study::Results r = fixture();
  for (auto& c : r.viability->curves) {
    if (c.drug == "drug B") c.drug = "drug-A";
  }
  std::set<std::string> paths;
  for (const OutputFile& file : study_files(r))
    EXPECT_TRUE(paths.insert(file.path.string()).second);
  EXPECT_TRUE(paths.contains("figures/dose_response_drug-A.vl.json"));
  EXPECT_TRUE(paths.contains("figures/dose_response_drug-A-2.vl.json"));
}

}  // namespace
}  // namespace kinescape::report
