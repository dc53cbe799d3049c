// SPDX-License-Identifier: Apache-2.0
/// \file The chapter of the evidence room in a study: own plates beside the literature. Shared
/// inside the room.
#pragma once

#include <vector>

#include "report/chapter_internal.hpp"
#include "study/study.hpp"

namespace kinescape::report {

[[nodiscard]] Chapter evidence_chapter(const study::EvidenceResults& results);

/// The room's keys in results.json.
[[nodiscard]] Json evidence_study_body(const study::EvidenceResults& results);
[[nodiscard]] std::vector<OutputFile> evidence_tables(const study::EvidenceResults& results);

/// Plate, literature and both for each line and drug. Nothing without own values.
[[nodiscard]] std::vector<Figure> evidence_figures(const study::EvidenceResults& results);

/// "agrees", "disagrees", "no literature", "no plate value".
[[nodiscard]] std::string_view words(evidence::Agreement agreement);

}  // namespace kinescape::report
