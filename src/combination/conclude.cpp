// SPDX-License-Identifier: Apache-2.0
// What is called of a score and of a pair, and the sentences that say it.
#include <algorithm>
#include <cmath>

#include "base/number.hpp"
#include "combination/results_internal.hpp"

namespace kinescape::combination {

void call(ScoreResult& s, double level) {
  const std::string model(name(s.reference));
  if (std::isnan(s.summary.value)) {
    s.call = Call::not_identifiable;
    s.says = model + ": " + s.summary.why + ".";
    return;
  }
  if (std::isnan(s.p_adjusted)) {
    s.call = Call::not_identifiable;
    s.says = model + ": " + rounded(s.summary.value) + " points; " +
             (s.summary.why.empty() ? "nothing says how sure that is" : s.summary.why) + ".";
    return;
  }
  s.call = s.p_adjusted >= 1.0 - level ? Call::additive_within_error
           : s.summary.value > 0.0     ? Call::synergy
                                       : Call::antagonism;
  const std::string interval = rounded(s.summary.value) + " points (" + rounded(s.summary.low) +
                               " to " + rounded(s.summary.high) + ")";
  s.says = model + ": " + (s.call == Call::additive_within_error ? "additive within error, " : "") +
           interval +
           (s.call == Call::synergy      ? " more effect than expected"
            : s.call == Call::antagonism ? " of effect, less than expected"
                                         : "") +
           (s.summary.status == Status::single_repeat ? "; one repeat, technical error only" : "") +
           ".";
}

void conclude(PairResult& pair) {
  int synergy = 0, antagonism = 0, unsure = 0;
  for (const ScoreResult& s : pair.scores) {
    synergy += s.call == Call::synergy;
    antagonism += s.call == Call::antagonism;
    unsure += s.call == Call::not_identifiable;
  }
  auto& table = pair.specifications;
  table.robust = table.sign;
  const int all = static_cast<int>(reference_count);
  if ((table.sign == Robustness::synergy && synergy < all) ||
      (table.sign == Robustness::antagonism && antagonism < all)) {
    table.robust = Robustness::depends;
  }
  if (unsure == all) {
    pair.says = "The data cannot tell: " + pair.scores[1].summary.why + ".";
  } else if (table.robust == Robustness::synergy) {
    pair.says =
        "Robust synergy: by all four meanings, beyond error, under every choice of baseline, "
        "normalisation and plateau, and on every fitted surface.";
  } else if (table.robust == Robustness::antagonism) {
    pair.says =
        "Robust antagonism: by all four meanings, beyond error, under every choice of "
        "baseline, normalisation and plateau, and on every fitted surface.";
  } else if (synergy == 0 && antagonism == 0) {
    pair.says = "Additive within error by every meaning that could be assessed.";
  } else {
    std::string list;
    for (const ScoreResult& s : pair.scores) {
      if (!list.empty()) list += ", ";
      std::string word(name(s.call));
      std::replace(word.begin(), word.end(), '_', ' ');
      list += std::string(name(s.reference)) + ": " + word;
    }
    pair.says = "It depends on the meaning: " + list + ".";
  }
}

}  // namespace kinescape::combination
