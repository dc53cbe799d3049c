// SPDX-License-Identifier: Apache-2.0
/// \file How does a room join a study? Each has one file here, named after it, with three verbs:
/// read its blocks of study.toml, load the files they name, run on what was loaded.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/csv.hpp"
#include "base/text.hpp"
#include "base/toml.hpp"
#include "study/study.hpp"

namespace kinescape::study {

/// What the files of a study hold, before anything is estimated.
struct Loaded {
  plate::PlateSet viability;
  std::optional<xenograft::Experiment> xenograft;
  std::vector<clinical::Series> series;
  std::vector<combination::Block> combination;
  std::optional<immunoblot::Blots> immunoblot;
  std::optional<evidence::Library> evidence;
  std::vector<LineVariant> line_variants;
  std::string evidence_gene;
  std::vector<evidence::VariantOf> evidence_variants;
};

void read_viability(TomlReader& top, Study& study);
void load_viability(const Study& study, Loaded& loaded, Problems& problems);
/// What an estimate would refuse.
void check_viability(const Study& study, const Loaded& loaded, Problems& problems);
void run_viability(const Study& study,
                   Loaded& loaded,
                   const RunOptions& options,
                   Results& results,
                   Problems& problems);
/// Every file it names, for the provenance.
[[nodiscard]] std::vector<std::string> files_of_viability(const Study& study);

void read_xenograft(TomlReader& top, Study& study);
void load_xenograft(const Study& study, Loaded& loaded, Problems& problems);
void run_xenograft(const Study& study, Loaded& loaded, Results& results, Problems& problems);
[[nodiscard]] std::vector<std::string> files_of_xenograft(const Study& study);

void read_clinical(TomlReader& top, Study& study);
/// Reads and judges the files; the estimate reads them again.
void load_clinical(const Study& study, Problems& problems);
void run_clinical(const Study& study, Results& results, Problems& problems);
[[nodiscard]] std::vector<std::string> files_of_clinical(const Study& study);

void read_clinical_pool(TomlReader& top, Study& study);
void load_clinical_pool(const Study& study, Loaded& loaded, Problems& problems);
void run_clinical_pool(const Study& study, const Loaded& loaded, Results& results);
[[nodiscard]] std::vector<std::string> files_of_clinical_pool(const Study& study);

void read_combination(TomlReader& top, Study& study);
void load_combination(const Study& study, Loaded& loaded, Problems& problems);
void check_combination(const Study& study, const Loaded& loaded, Problems& problems);
void run_combination(const Study& study,
                     Loaded& loaded,
                     const RunOptions& options,
                     Results& results,
                     Problems& problems);
[[nodiscard]] std::vector<std::string> files_of_combination(const Study& study);

void read_immunoblot(TomlReader& top, Study& study);
void load_immunoblot(const Study& study, Loaded& loaded, Problems& problems);
void run_immunoblot(const Study& study,
                    Loaded& loaded,
                    const RunOptions& options,
                    Results& results,
                    Problems& problems);
[[nodiscard]] std::vector<std::string> files_of_immunoblot(const Study& study);

void read_evidence(TomlReader& top, Study& study);
/// Reads the packs and places every line's genotype in them.
void load_evidence(const Study& study,
                   const RunOptions& options,
                   Loaded& loaded,
                   Problems& problems);
/// After run_viability: its IC50s are what is held against the literature.
void run_evidence(const Study& study,
                  Loaded& loaded,
                  const RunOptions& options,
                  Results& results,
                  Problems& problems);
/// The genotype files; packs bring their own hashes.
[[nodiscard]] std::vector<std::string> files_of_evidence(const Study& study);

// What several of them need.

/// The files that the block's `files` name (relative to `folder`, * in the last part of a name
/// stands for any run of characters), in order of name; a problem for each name that no file bears.
[[nodiscard]] std::vector<std::string> read_files(TomlReader& block,
                                                  const std::filesystem::path& folder);
/// The one file that the block's `key` names; empty: not given, or a problem. `what` it should be.
[[nodiscard]] std::string read_one_file(TomlReader& block,
                                        std::string_view key,
                                        std::string_view what,
                                        const std::filesystem::path& folder);
/// `decimal = "point"` or `"comma"`.
[[nodiscard]] Decimal read_decimal(TomlReader& block);

/// Spelling in the data -> name in the study; exact first, then without regard to case.
class Names {
 public:
  void add(const std::string& name, const std::vector<std::string>& aliases) {
    known_.push_back(name);
    names_[lower(name)] = name;
    for (const std::string& alias : aliases) names_[lower(alias)] = name;
  }
  [[nodiscard]] const std::string* find(const std::string& spelling) const {
    const auto at = names_.find(lower(spelling));
    return at == names_.end() ? nullptr : &at->second;
  }
  [[nodiscard]] bool empty() const { return known_.empty(); }
  [[nodiscard]] const std::vector<std::string>& known() const { return known_; }

 private:
  std::map<std::string, std::string> names_;
  std::vector<std::string> known_;
};

/// The study's lines, and its drugs.
[[nodiscard]] Names line_names(const Study& study);
[[nodiscard]] Names drug_names(const Study& study);

/// Gives `spelling` its name in the study, or reports it once. Where the study names none,
/// spellings are taken as they stand. `kind` is the block it would stand in: "line", "drug".
void settle(std::string& spelling,
            const Names& names,
            std::string_view kind,
            const Where& where,
            std::set<std::string>& reported,
            Problems& problems);

}  // namespace kinescape::study
