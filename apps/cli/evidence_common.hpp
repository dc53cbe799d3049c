// SPDX-License-Identifier: Apache-2.0
/// \file What the evidence commands share: which packs, which rows, what the output opens with.
#pragma once

#include <string>
#include <vector>

#include "common.hpp"
#include "report/evidence.hpp"

namespace kinescape::cli {

struct EvidenceCall {
  Common common;
  std::vector<std::string> packs;  ///< Folders; none: those that are shipped.
  bool include_unread = false;
  bool student_t = false;
};

struct LoadedEvidence {
  bool ok = false;
  evidence::Library library;
  evidence::PotencyOptions options;
  Provenance provenance;
  Problems problems;
  bool include_unread = false;
  [[nodiscard]] report::EvidenceContext context() const {
    return {&library, provenance, problems, include_unread};
  }
};

/// What of the packs a verb uses, and so which options it has.
enum class EvidenceUse { names, rows, estimates };
void add_evidence_options(CLI::App& app,
                          EvidenceCall& call,
                          EvidenceUse use = EvidenceUse::estimates);
[[nodiscard]] LoadedEvidence load_evidence(const EvidenceCall& call, const std::string& typed);
/// The verbs about packs: check, frequencies, diff, import.
void add_evidence_packs(CLI::App& group, Action& action, const std::string& typed);
/// validate: how well sources that are left out are predicted.
void add_evidence_validate(CLI::App& group, Action& action, const std::string& typed);
/// The end of a command whose packs have errors.
[[nodiscard]] int refuse_evidence(const LoadedEvidence& loaded, const EvidenceCall& call);
/// The folder of the packs that come with this program; "" if it is not found.
[[nodiscard]] std::string knowledge_folder();
/// The packs in it.
[[nodiscard]] std::vector<std::string> shipped_packs();

}  // namespace kinescape::cli
