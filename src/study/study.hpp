// SPDX-License-Identifier: Apache-2.0
/// \file What belongs to this study? The study file, read with all its problems at once, and run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/problem.hpp"
#include "base/progress.hpp"
#include "base/provenance.hpp"
#include "clinical/estimate.hpp"
#include "clinical/response.hpp"
#include "combination/estimate.hpp"
#include "combination/read.hpp"
#include "evidence/estimate.hpp"
#include "evidence/genotype.hpp"
#include "immunoblot/blots.hpp"
#include "plate/plate.hpp"
#include "viability/estimate.hpp"
#include "xenograft/estimate.hpp"

namespace kinescape::study {

struct CellLine {
  std::string name;
  std::vector<std::string> aliases;  ///< Other spellings in the data files.
  std::string parental;  ///< Name of the line it was derived from; empty: it is a parental line.
  double doubling_time_h = unknown;
  std::string genotype;  ///< As written: fusions and variants, separated by semicolons.
  std::string genotype_file, genotype_sample;  ///< VCF, BCF or MAF, and its sample.
  Where genotype_at;
  std::string description;
};

struct Drug {
  std::string name;
  std::vector<std::string> aliases;  ///< Other spellings in the data files.
  std::string targets;               ///< As written.
  std::string description;
};

/// One `[[viability]]` block: the files of one assay and how to read them.
struct ViabilityInput {
  std::vector<std::string> files;  ///< Resolved against the study's folder.
  plate::ReadOptions read;
  double time_h = unknown;
};

/// One `[[combination]]` block: dose matrices of drugs given together.
struct CombinationInput {
  std::vector<std::string> files;
  combination::ReadOptions read;
  double cap_a_nM = unknown, cap_b_nM = unknown;
};

/// One `[[immunoblot]]` block: pictures of blots and what stood in their lanes.
struct ImmunoblotInput {
  immunoblot::BlotFiles files;
  immunoblot::BlotOptions options;
};

/// One `[[xenograft]]` block: the tables of one study in mice and how to analyse them.
struct XenograftInput {
  std::vector<std::string> files;
  xenograft::ReadOptions read;
  xenograft::Options options;
};

/// One `[[clinical]]` block: follow-up and lesions of one trial and how to analyse them.
struct ClinicalInput {
  std::vector<std::string> files;
  clinical::ReadOptions read;
  clinical::RecistRules rules;
  clinical::Options options;
};

/// One `[[clinical_pool]]` block: small series of responses, pooled by what they were treated with.
struct PoolInput {
  std::vector<std::string> files;
};

/// The `[evidence]` block: which packs to read, and what to ask of them beside the study's own.
struct EvidenceInput {
  std::vector<std::string> packs;     ///< Folders; empty: the packs that come with the program.
  bool include_unread = false;        ///< Rows that were not read in their source weigh, too.
  std::string gene;                   ///< The target; empty: the one that all genotypes share.
  std::vector<std::string> variants;  ///< Beside those of the lines.
  std::vector<std::string> agents;    ///< Beside the study's drugs.
  Where at;
};

struct Study {
  std::string path, folder;  ///< Of the study file.
  std::string title, question;
  std::vector<std::string> authors;
  bool virtual_data = false;  ///< Every output then says so.
  std::vector<CellLine> lines;
  std::vector<Drug> drugs;
  std::vector<ViabilityInput> viability;
  std::vector<CombinationInput> combination;
  std::vector<ImmunoblotInput> immunoblot;
  std::vector<XenograftInput> xenograft;
  std::vector<ClinicalInput> clinical;
  std::vector<PoolInput> clinical_pool;
  std::optional<EvidenceInput> evidence;
  viability::ResistanceCriterion criterion;
  double level = 0.95;
  std::vector<double> more_ic_percent;  ///< Beside IC50.
  std::optional<double> auc_low_nM, auc_high_nM;
};

/// Reads study.toml and checks that everything it names is there; all problems at once.
[[nodiscard]] Checked<Study> read_study(const std::string& path);

/// What a line carries of the target of the study's evidence.
struct LineVariant {
  std::string line, cells;  ///< Lines derived from one another are the same cells.
  evidence::OfGene of;
};

struct EvidenceResults {
  std::vector<LineVariant> lines;
  evidence::Estimate estimate;
};

/// What a run of a study found; the report is made from this and from nothing else.
struct Results {
  Study study;
  Provenance provenance;
  std::optional<viability::Estimate> viability;
  std::optional<combination::Estimate> combination;
  std::optional<immunoblot::Estimate> immunoblot;
  std::optional<xenograft::Estimate> xenograft;
  std::optional<clinical::Estimate> clinical;
  std::vector<clinical::Pooled> clinical_pool;
  std::optional<EvidenceResults> evidence;
  Problems problems;  ///< Warnings of reading and running.
};

struct RunOptions {
  std::vector<std::string> shipped_packs;  ///< Evidence packs for studies that name none.
  Threads threads;
  ProgressSink progress;
};

/// Reads every file the study names and runs every assay. Errors: no result.
[[nodiscard]] Checked<Results> run(const Study& study, const RunOptions& options = {});

/// Reads every file the study names without running anything: all problems that a run would meet
/// before its first estimate.
[[nodiscard]] Problems check(const Study& study, const RunOptions& options = {});

}  // namespace kinescape::study
