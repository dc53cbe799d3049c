// SPDX-License-Identifier: Apache-2.0
/// \file What does a report say of drug-viability plates? The parts of its chapter.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/chapter_internal.hpp"
#include "report/figure_internal.hpp"

namespace kinescape::report {

/// `study` may be null: then nothing is said of its criterion and drugs.
[[nodiscard]] Chapter viability_chapter(const viability::Estimate& estimate,
                                        const study::Study* study);

/// What its sections are made of.
struct ViabilityParts {
  const viability::Estimate* estimate = nullptr;
  const study::Study* study = nullptr;
  std::optional<Figure> fold, potency;
  struct OfDrug {
    std::string drug;
    Figure figure;
  };
  std::vector<OfDrug> responses;
  struct OfPlate {
    const plate::Quality* quality = nullptr;
    std::optional<Figure> figure;
  };
  std::vector<OfPlate> plates;
  std::size_t drugs_without_figure = 0, plates_without_figure = 0;  ///< Left out for their number.
};

[[nodiscard]] std::string viability_summary(const ViabilityParts& parts);

/// Each a <section>, or "" where there is nothing to say.
[[nodiscard]] std::string responses_html(const ViabilityParts& parts);
[[nodiscard]] std::string curves_html(const viability::Estimate& estimate);
[[nodiscard]] std::string comparisons_html(const viability::Estimate& estimate);
[[nodiscard]] std::string proliferation_html(const viability::Estimate& estimate);
[[nodiscard]] std::string plates_html(const ViabilityParts& parts);
[[nodiscard]] std::string exclusions_html(const viability::Estimate& estimate);

/// tables/*.csv: curves, comparisons, plates, points, exclusions, proliferation (of time courses).
[[nodiscard]] std::vector<OutputFile> viability_tables(const viability::Estimate& estimate);

/// The keys of an estimate in JSON.
[[nodiscard]] Json viability_body(const viability::Estimate& estimate);

}  // namespace kinescape::report
