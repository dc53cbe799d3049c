// SPDX-License-Identifier: Apache-2.0
/// \file What scripts read: the study's JSON and the tidy tables.
#pragma once

#include <string>
#include <vector>

#include "report/report.hpp"

namespace kinescape::report {

/// results.json of a study ("kinescape.study/1").
[[nodiscard]] std::string study_json(const study::Results& results);

/// tables/*.csv: curves, comparisons, plates, points, exclusions; full precision, units in the
/// column names, an empty cell where there is no number.
[[nodiscard]] std::vector<OutputFile> tables(const viability::Estimate& estimate);

}  // namespace kinescape::report
