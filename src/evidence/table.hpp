// SPDX-License-Identifier: Apache-2.0
/// \file Agents by variants at a glance, each cell with its interval and what was printed; and what
/// a new pack changes.
#pragma once

#include <string>
#include <vector>

#include "evidence/library.hpp"
#include "evidence/potency.hpp"

namespace kinescape::evidence {

struct TableCell {
  PotencyEstimate potency;
  std::vector<std::size_t> printed;  ///< Rows on this pair, used or not.
  bool conflicting = false;
};

struct ComparisonTable {
  std::string gene;
  std::vector<std::string> agents;
  std::vector<VariantOf> variants;
  std::vector<std::vector<TableCell>> cells;  ///< [variant][agent]
};

struct Conflict;

/// The variants of `gene` that have rows, wild type first, then by residue; with `only` not empty
/// those. Cells without any row keep what the model expects, marked as not measured.
[[nodiscard]] ComparisonTable comparison_table(const Library& library,
                                               const PotencyModel& model,
                                               const std::vector<Conflict>& conflicts,
                                               const std::string& gene,
                                               const std::vector<VariantOf>& only = {});

struct RowChange {
  std::string kind;  ///< added, removed, changed
  std::string row, was, is;
};
struct EstimateChange {
  std::string agent;
  VariantOf variant;
  Estimated was, is;
  double shift_log10 = unknown;
};
struct RankChange {
  VariantOf variant;
  std::vector<std::string> was, is;  ///< Agents by IC50, lowest first, those measured in both.
};
struct PackDiff {
  std::vector<RowChange> rows;
  std::vector<EstimateChange> estimates;  ///< Moved by more than 0.02 log10.
  std::vector<RankChange> ranks;
};

/// What changes from library `a` to library `b`.
[[nodiscard]] PackDiff diff(const Library& a, const Library& b, const PotencyOptions& options);

}  // namespace kinescape::evidence
