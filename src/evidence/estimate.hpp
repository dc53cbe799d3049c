// SPDX-License-Identifier: Apache-2.0
/// \file One's own plates beside the literature: do they agree, what do both say together, and
/// which agent follows?
///
/// An own IC50 enters as a row of a source of kind own_lab, with its standard error. It is held
/// against what the literature lets expect of one more laboratory in these cells, and both are
/// pooled in one more fit.
#pragma once

#include <string>
#include <vector>

#include "evidence/conflicts.hpp"
#include "evidence/potency.hpp"
#include "evidence/rank.hpp"
#include "evidence/table.hpp"

namespace kinescape::evidence {

/// The IC50 of one line, as one's own plates say.
struct OwnValue {
  std::string line, drug;  ///< As the study names them.
  std::string cells;       ///< Lines derived from one another are one system: the first one's name.
  VariantOf variant;       ///< What the line carries of the target.
  Estimated ic50_nM;
  /// Why it does not weigh with the literature, only beside it; "" when it does. A resistant line
  /// whose genotype is that of its parental line carries something that is not named.
  std::string apart;
};

/// One's own fold of a line over the line it was derived from.
struct OwnFold {
  std::string line, parental, drug;
  VariantOf variant, over;
  Estimated fold;
};

enum class Agreement {
  agrees,
  disagrees,
  no_literature,  ///< No row that may weigh holds the agent on this target.
  no_plate,       ///< The plates give no number, or one whose interval is open at both ends.
};
[[nodiscard]] std::string_view name(Agreement agreement);

/// Own value (or fold) against the literature. It disagrees where it lies outside the interval, of
/// the level that was asked for, of what one more laboratory would print: `p` is twice the chance
/// of a value that far out on its side (for a bound, of a value beyond it).
struct OwnComparison {
  OwnValue own;
  std::string agent;           ///< The drug's name in the packs, or "".
  PotencyEstimate literature;  ///< Own values left out.
  Estimated expected_nM;       ///< What the literature lets expect of these cells and this assay.
  Estimated both_nM;           ///< In these cells and hands, from literature and plates together.
  double p = unknown;
  Agreement agreement = Agreement::no_literature;
  std::string says;
};
struct OwnFoldComparison {
  OwnFold own;
  std::string agent;
  Estimated expected;
  double p = unknown;
  Agreement agreement = Agreement::no_literature;
  std::string says;
};

struct Question {
  std::vector<OwnValue> own;
  std::vector<OwnFold> folds;
  std::string gene;
  std::vector<VariantOf> variants;  ///< To tabulate and rank.
  std::vector<std::string> agents;  ///< As named; empty: every agent with a row on a variant.
  PotencyOptions potency;
  Seed seed{1};  ///< Of the draws behind rankings.
};

struct Estimate {
  Library library;  ///< With the own rows.
  std::string gene;
  bool include_unread = false;
  std::vector<OwnComparison> own;
  std::vector<OwnFoldComparison> folds;
  ComparisonTable table;            ///< From literature and own values together.
  std::vector<Ranking> rankings;    ///< One a variant.
  std::vector<Conflict> conflicts;  ///< Contradictions on these variants.
  std::vector<Spread> spreads;
  Problems problems;
  std::vector<std::string> methods, citations;
};

/// Everything that is published and one's own values on the variants of a study.
[[nodiscard]] Estimate estimate(const Library& library, const Question& question);

}  // namespace kinescape::evidence
