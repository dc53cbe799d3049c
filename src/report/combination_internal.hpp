// SPDX-License-Identifier: Apache-2.0
/// \file The chapter of the combination room, and the pieces its files share.
#pragma once

#include <string>
#include <vector>

#include "combination/estimate.hpp"
#include "report/chapter_internal.hpp"

namespace kinescape::report {

[[nodiscard]] Chapter combination_chapter(const combination::Estimate& estimate);

/// The room's keys in JSON.
[[nodiscard]] Json combination_body(const combination::Estimate& estimate);

/// "drug a + drug b on line"
[[nodiscard]] std::string pair_name(const combination::PairResult& pair);

[[nodiscard]] std::vector<OutputFile> combination_tables(const combination::Estimate& estimate);

/// The response matrix with the single agents at its margins.
[[nodiscard]] Figure combination_matrix_figure(const combination::PairResult& pair,
                                               const std::string& name);
/// The scores of the cells as a heat map with contours; cells beyond their error are ringed.
[[nodiscard]] Figure combination_delta_figure(const combination::PairResult& pair,
                                              combination::Reference reference,
                                              const std::string& name);
/// The same of three and four drugs: a map of the first two for each dose of the others.
[[nodiscard]] Figure combination_many_figure(const combination::PairResult& pair,
                                             combination::Reference reference,
                                             const std::string& name);
/// Equal effect: additive doses, the fitted surface, what was measured.
[[nodiscard]] Figure combination_isobole_figure(const combination::PairResult& pair,
                                                const std::string& name);
/// The score under every preparation of the data.
[[nodiscard]] Figure combination_specification_figure(const combination::PairResult& pair,
                                                      const std::string& name);

}  // namespace kinescape::report
