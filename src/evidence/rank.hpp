// SPDX-License-Identifier: Apache-2.0
/// \file Which agent still works against this variant, how sure is that, and what would change it?
#pragma once

#include <string>
#include <vector>

#include "base/stream.hpp"
#include "evidence/conflicts.hpp"
#include "evidence/potency.hpp"

namespace kinescape::evidence {

/// What "best" means: the highest cover, the smallest fold over wild type, the widest window over
/// parental cells, or the lowest IC50.
enum class Criterion { cover, fold, window, ic50 };

struct RankOptions {
  bool include_unread = false;  ///< Exposures that were not read weigh too.
  std::optional<Criterion> by;  ///< Unset: cover where two agents have an exposure, else fold.
  double ic_percent = 50.0;     ///< Cover is over this inhibitory concentration: 50 or 90.
  double hill_slope = 1.0;      ///< Turns IC50 into IC90: times 9^(1/slope).
  std::size_t draws = 4000;
  Seed seed{1};
};

struct Ranked {
  std::string agent;
  std::string list;  ///< supported, conflicting
  PotencyEstimate potency;
  Estimated cover;  ///< Free mean steady-state concentration over IC50 (or IC90).
  std::string exposure_row, regimen;
  bool exposure_unread = false;
  double p_best = unknown;  ///< Among the ranked agents that the criterion can compare.
  double expected_rank = unknown;
  double p_cover_above_1 = unknown;
  std::vector<std::string> tied_with;  ///< Agents whose order to this one is below 95 % certain.
};

/// One row or assumption whose change would reverse the two agents at the top.
struct Flip {
  std::string kind;  ///< source, exposure
  std::string what;
};

struct Listed {
  std::string agent, why;
  Estimated ic50_nM;  ///< For an unmeasured pair: what the model expects.
};

struct Ranking {
  VariantOf variant;
  Criterion criterion = Criterion::fold;
  std::vector<Ranked>
      ranking;  ///< Measured agents, by expected rank; never read without tied_with.
  std::vector<Listed> supported, conflicting, unmeasured, out_of_scope;
  std::vector<Flip> would_change;
  std::vector<Conflict> conflicts;  ///< On this variant.
  std::string why;                  ///< When nothing can be ranked.
};

[[nodiscard]] Ranking rank(const Library& library,
                           const PotencyModel& model,
                           const std::vector<Conflict>& conflicts,
                           const VariantOf& variant,
                           const RankOptions& options = {});

[[nodiscard]] std::string_view name(Criterion criterion);

}  // namespace kinescape::evidence
