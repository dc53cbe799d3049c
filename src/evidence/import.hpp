// SPDX-License-Identifier: Apache-2.0
/// \file What other databases hold, as an evidence pack. Rows that cannot be read are reported and
/// skipped, never guessed.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/pack.hpp"

namespace kinescape::evidence {

enum class ImportFrom {
  table,      ///< Any CSV or TSV with a column map.
  civic,      ///< CIViC evidence TSV, old or molecular-profile schema, or GraphQL JSON, by content.
  civic_vcf,  ///< CIViC VCF: variants and their names; it holds no agents.
  chembl,     ///< ChEMBL activities, delimited or JSON.
  bindingdb,  ///< BindingDB TSV.
  oncokb_maf,  ///< MAF annotated by OncoKB: levels by agent.
};

struct ImportOptions {
  std::string name = "imported";  ///< Of the pack.
  std::string date;               ///< "2026-11-25"; of the pack, as the caller says.
  std::string licence = "see the source";
  std::map<std::string, std::string> columns;  ///< table: our column -> theirs.
  std::map<std::string, std::string> genes;    ///< Target name as printed -> gene.
  std::string gene, source;                    ///< For all rows, where no column says.
  std::string unit = "";                       ///< Of a value column that names none.
  std::string source_kind = "database";        ///< "own_lab" for one's own values.
  std::size_t most_problems = 200;             ///< The rest is counted.
};

/// Makes the tables of a pack line by line, without keeping rows.
class PackBuilder {
 public:
  explicit PackBuilder(const ImportOptions& options) : options_(options) {}
  void add(const Row& row);
  void add_source(const Source& source);
  void add_variant(const std::string& gene,
                   const std::string& variant,
                   const std::vector<std::string>& aliases);
  void add_word(const std::string& word, Meaning meaning) { words_[word] = meaning; }
  void skip(const Where& where, const std::string& what, const std::string& fix);
  void pass_over(const std::string& reason) { ++passed_over_[reason]; }
  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t skipped() const { return skipped_; }
  /// The files of the pack, by name.
  [[nodiscard]] std::map<std::string, std::string> files() const;
  /// The same without copying; the builder is empty after it.
  [[nodiscard]] std::map<std::string, std::string> take_files();
  /// What was skipped and passed over, as warnings.
  [[nodiscard]] Problems problems() const;

 private:
  ImportOptions options_;
  std::map<std::string, std::string> tables_;  // measurement, fold, statement so far
  std::map<std::string, std::size_t> lines_;
  std::map<std::string, Source> sources_;
  std::set<std::string> agents_;
  std::map<std::string, SystemKind> systems_;
  std::map<std::string, Readout> assays_;
  std::map<std::string, Meaning> words_;
  std::map<std::pair<std::string, std::string>, std::set<std::string>> variants_;
  Problems kept_;
  std::map<std::string, std::size_t> passed_over_;
  std::size_t rows_ = 0, skipped_ = 0;
};

/// Reads the file at `path` into `builder`. Errors: the file itself cannot be read as that.
[[nodiscard]] Problems import_file(ImportFrom from,
                                   const std::string& path,
                                   const ImportOptions& options,
                                   PackBuilder& builder);

/// The same from bytes, for files that are read whole (all but long delimited ones).
[[nodiscard]] Problems import_bytes(ImportFrom from,
                                    std::string_view bytes,
                                    const std::string& file,
                                    const ImportOptions& options,
                                    PackBuilder& builder);

}  // namespace kinescape::evidence
