// SPDX-License-Identifier: Apache-2.0
/// \file What is drawn? One function a figure: results in, a Vega-Lite spec with its data out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/chapter_internal.hpp"
#include "study/study.hpp"
#include "viability/estimate.hpp"

namespace kinescape::report {

/// How one cell line looks in every figure of a report.
struct LineStyle {
  std::string line, colour, shape;
};

/// Parental lines first, then as first met; colours of Okabe & Ito (2008), each with its own shape.
[[nodiscard]] std::vector<LineStyle> line_styles(const viability::Estimate& estimate);

/// How resistant, drug by drug: folds on a log axis, most resistant on top. Nothing without
/// comparisons. `criterion`, where one was declared, is drawn.
[[nodiscard]] std::optional<Figure> fold_figure(
    const viability::Estimate& estimate,
    const std::optional<viability::ResistanceCriterion>& criterion);

/// How potent: the IC50 of each drug and line within the doses that were tested.
[[nodiscard]] std::optional<Figure> potency_figure(const viability::Estimate& estimate,
                                                   const std::vector<LineStyle>& styles);

/// One drug on all its lines: repeats, curves with bands, IC50s.
[[nodiscard]] Figure dose_response_figure(const viability::Estimate& estimate,
                                          const std::string& drug,
                                          const std::vector<LineStyle>& styles);

/// One plate as it was read: signal, roles and flags of its wells. Nothing when no well of it has
/// a place.
[[nodiscard]] std::optional<Figure> plate_figure(const viability::Estimate& estimate,
                                                 const plate::Quality& quality);

}  // namespace kinescape::report
