// SPDX-License-Identifier: Apache-2.0
/// \file The evidence room's answers as JSON, CSV and HTML. Every one says that it is for research.
#pragma once

#include <string>
#include <vector>

#include "base/provenance.hpp"
#include "evidence/conflicts.hpp"
#include "evidence/frequency.hpp"
#include "evidence/genotype.hpp"
#include "evidence/held_out.hpp"
#include "evidence/rank.hpp"
#include "evidence/table.hpp"

namespace kinescape::report {

/// Stands in every output of the evidence room.
inline constexpr const char* research_only = "Research use only, not treatment advice";

/// What all answers are made from and with.
struct EvidenceContext {
  const evidence::Library* library = nullptr;
  Provenance provenance;
  Problems problems;
  bool include_unread = false;
};

[[nodiscard]] std::string evidence_estimate_json(const EvidenceContext& context,
                                                 const evidence::PotencyEstimate& estimate,
                                                 const std::vector<evidence::Spread>& spreads,
                                                 const std::vector<evidence::Conflict>& conflicts);
[[nodiscard]] std::string evidence_rank_json(const EvidenceContext& context,
                                             const evidence::Ranking& ranking);
[[nodiscard]] std::string evidence_conflicts_json(const EvidenceContext& context,
                                                  const std::vector<evidence::Conflict>& conflicts);
[[nodiscard]] std::string evidence_table_json(const EvidenceContext& context,
                                              const evidence::ComparisonTable& table);
[[nodiscard]] std::string evidence_table_csv(const EvidenceContext& context,
                                             const evidence::ComparisonTable& table);
[[nodiscard]] std::string evidence_table_html(const EvidenceContext& context,
                                              const evidence::ComparisonTable& table);
[[nodiscard]] std::string evidence_diff_json(const EvidenceContext& context,
                                             const evidence::PackDiff& diff);
[[nodiscard]] std::string evidence_frequencies_json(
    const EvidenceContext& context, const std::vector<evidence::MechanismFrequency>& frequencies);
[[nodiscard]] std::string evidence_genotype_json(const EvidenceContext& context,
                                                 const evidence::Genotype& genotype);
[[nodiscard]] std::string evidence_validate_json(const EvidenceContext& context,
                                                 const evidence::HeldOut& held_out);
/// Packs, counts and problems alone: what `evidence check` and a failed command print.
[[nodiscard]] std::string evidence_check_json(const EvidenceContext& context,
                                              const std::vector<evidence::Conflict>& doubts);

}  // namespace kinescape::report
