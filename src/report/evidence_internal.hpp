// SPDX-License-Identifier: Apache-2.0
/// \file Pieces of the evidence room's JSON that the report uses too. Shared inside the room.
#pragma once

#include "report/chapter_internal.hpp"
#include "report/evidence.hpp"

namespace kinescape::report {

[[nodiscard]] Json evidence_packs_json(const evidence::Library& library);
[[nodiscard]] Json evidence_ranking_json(const evidence::Library& library,
                                         const evidence::Ranking& ranking);
[[nodiscard]] Json evidence_row_json(const evidence::Library& library, const evidence::Row& row);
[[nodiscard]] Json evidence_conflict_json(const evidence::Library& library,
                                          const evidence::Conflict& conflict);
[[nodiscard]] Json evidence_estimate_body(const evidence::Library& library,
                                          const evidence::PotencyEstimate& estimate);
/// "12.3 (4.5 to 33)", "> 1000", or the status in words.
[[nodiscard]] std::string evidence_interval_text(const Estimated& estimate);

}  // namespace kinescape::report
