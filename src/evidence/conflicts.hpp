// SPDX-License-Identifier: Apache-2.0
/// \file Where does the evidence contradict itself, and which rows cannot be what they say?
///
/// Contradictions are results, not noise to be averaged: opposite words on one pair, numbers far
/// apart after what their sources add, a word against numbers, one fact printed twice differently.
/// Doubtful rows are found from the row and its neighbours alone: citations whose title names other
/// proteins, one bound for every variant, percent without counts.
#pragma once

#include <string>
#include <vector>

#include "evidence/library.hpp"
#include "evidence/potency.hpp"

namespace kinescape::evidence {

struct Conflict {
  std::string kind;  ///< snake_case: opposite_directions, numbers_apart, word_against_number, ...
  std::string pack;  ///< Where a doubt about one pack's own rows lies; "" for contradictions.
  std::string agent;
  VariantOf variant;
  std::string says;                     ///< One sentence for a scientist.
  std::vector<std::size_t> rows;        ///< Indices into Library::rows.
  std::vector<std::string> other_rows;  ///< Ids of outcome and mechanism rows, "pack:row".
  [[nodiscard]] bool contradiction() const { return pack.empty(); }
};

struct ConflictOptions {
  bool include_unread = false;  ///< Rows not read in their source count too.
  double apart_fold = 10.0;     ///< Numbers further apart than this contradict each other.
};

/// All contradictions, then all doubts, in the order of agent and variant. `model` may be null:
/// then what needs study effects is left out.
[[nodiscard]] std::vector<Conflict> find_conflicts(const Library& library,
                                                   const PotencyModel* model,
                                                   const ConflictOptions& options = {});

/// The doubts alone, about one pack or (name "") about all.
[[nodiscard]] std::vector<Conflict> find_doubts(const Library& library,
                                                const std::string& pack = "");

}  // namespace kinescape::evidence
