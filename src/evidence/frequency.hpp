// SPDX-License-Identifier: Apache-2.0
/// \file How often is a mechanism found after an agent, over all series that counted?
#pragma once

#include <string>
#include <vector>

#include "base/estimated.hpp"
#include "evidence/library.hpp"

namespace kinescape::evidence {

/// k of n in one series.
struct Count {
  int positive = 0, total = 0;
};

struct Pooled {
  Estimated proportion;              ///< Of the typical series.
  double tau = unknown;              ///< Spread of the logit between series; 0 where they agree.
  double heterogeneity_p = unknown;  ///< Likelihood ratio, half of chi-squared at the boundary.
};

/// One series: the exact interval (Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404). Several:
/// the binomial-normal random-effects model (Stijnen 2010, doi:10.1002/sim.4040), interval by
/// profile likelihood. Throws UsageError for counts that cannot be.
[[nodiscard]] Pooled pool(const std::vector<Count>& counts, double level = 0.95);

struct MechanismFrequency {
  std::string prior_agent, mechanism, kind, setting;
  Pooled pooled;
  std::vector<std::string> rows;  ///< Ids of the counted rows, "pack:row".
};

/// Each mechanism by prior agent and setting, from the rows that have counts. A paper that prints
/// the same counts twice counts once. Not empty, `prior_agent` and `mechanism` restrict the answer.
[[nodiscard]] std::vector<MechanismFrequency> mechanism_frequencies(
    const Library& library,
    const Admission& admission,
    double level = 0.95,
    const std::string& prior_agent = "",
    const std::string& mechanism = "");

}  // namespace kinescape::evidence
