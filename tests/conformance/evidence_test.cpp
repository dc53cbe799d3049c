// SPDX-License-Identifier: Apache-2.0
// Whole exports as they were released, broken rows and all.
#include <gtest/gtest.h>

#include "evidence/import.hpp"
#include "shared_data.hpp"

namespace kinescape::evidence {
namespace {

struct Exported {
  const char* file;
  ImportFrom from;
  std::size_t rows;
};

TEST(EvidenceExports, civic_of_three_years_imports_and_reports_what_it_skips) {
  const auto folder = tests::shared_data("evidence");
  if (!folder) GTEST_SKIP() << "no reference data";
  for (const Exported& e : {Exported{"civic_evidence_2021-02.tsv", ImportFrom::civic, 300},
                            Exported{"civic_alk_2025-10.tsv", ImportFrom::civic, 80},
                            Exported{"civic_alk_2025-10.json", ImportFrom::civic, 80}}) {
    ImportOptions options;
    PackBuilder builder(options);
    const auto problems = import_file(e.from, (*folder / e.file).string(), options, builder);
    EXPECT_FALSE(has_errors(problems)) << e.file << ": " << describe(problems);
    EXPECT_GT(builder.rows(), e.rows) << e.file;
    std::printf("%s: %zu rows, %zu skipped\n", e.file, builder.rows(), builder.skipped());
  }
}

TEST(EvidenceExports, the_json_and_the_table_of_one_release_say_the_same) {
  const auto folder = tests::shared_data("evidence");
  if (!folder) GTEST_SKIP() << "no reference data";
  ImportOptions options;
  PackBuilder table(options), json(options);
  static_cast<void>(
      import_file(ImportFrom::civic, (*folder / "civic_alk_2025-10.tsv").string(), options, table));
  static_cast<void>(
      import_file(ImportFrom::civic, (*folder / "civic_alk_2025-10.json").string(), options, json));
  EXPECT_EQ(table.rows(), json.rows());
}

TEST(EvidenceExports, the_vcf_names_variants) {
  const auto folder = tests::shared_data("evidence");
  if (!folder) GTEST_SKIP() << "no reference data";
  ImportOptions options;
  PackBuilder builder(options);
  EXPECT_FALSE(has_errors(import_file(
      ImportFrom::civic_vcf, (*folder / "civic_accepted_2019-10.vcf").string(), options, builder)));
  EXPECT_NE(builder.files().at("variant.csv").find("ALK,G1202R"), std::string::npos);
  std::printf("%zu lines skipped\n", builder.skipped());
}

}  // namespace
}  // namespace kinescape::evidence
