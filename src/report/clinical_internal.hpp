// SPDX-License-Identifier: Apache-2.0
/// \file What does a report say of patients? The parts of its chapter.
#pragma once

#include "report/chapter_internal.hpp"
#include "report/clinical.hpp"

namespace kinescape::report {

[[nodiscard]] Chapter clinical_chapter(const clinical::Estimate& estimate);
[[nodiscard]] Json clinical_body(const clinical::Estimate& estimate);
[[nodiscard]] Chapter pool_chapter(const std::vector<clinical::Pooled>& pooled);
[[nodiscard]] Json pool_body(const std::vector<clinical::Pooled>& pooled);
[[nodiscard]] std::vector<OutputFile> clinical_tables(const clinical::Estimate& estimate);
[[nodiscard]] std::vector<Figure> clinical_figures(const clinical::Estimate& estimate);
/// A term of the Cox model as a reader says it: "arm[x]" is x against the reference.
[[nodiscard]] std::string term_words(const clinical::Estimate& estimate, const std::string& term);
/// Waterfall of best changes and swimmer of calls over time.
[[nodiscard]] std::vector<Figure> response_figures(const clinical::ResponseEstimate& estimate);

}  // namespace kinescape::report
