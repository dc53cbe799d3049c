// SPDX-License-Identifier: Apache-2.0
#include "combination/estimate.hpp"

#include <algorithm>
#include <cmath>

#include "base/errors.hpp"
#include "combination/read.hpp"
#include "combination/results_internal.hpp"
#include "numeric/multiplicity.hpp"

namespace kinescape::combination {
namespace {

Block on_scale(const Block& block, const Options& options) {
  if (options.effect == Effect::viability) return block;
  Block out = block;
  for (Well& w : out.wells) w.viability = growth_rate_value(w.viability, options.doublings);
  return out;
}

/// p values of all combinations answer for their number; calls follow from the adjusted ones.
void adjust(Estimate& estimate, double level) {
  for (const Reference ref : references) {
    const auto m = static_cast<std::size_t>(ref);
    std::vector<double> p;
    for (const PairResult& pair : estimate.pairs) p.push_back(pair.scores[m].p);
    const auto holm = numeric::holm(p), bh = numeric::benjamini_hochberg(p);
    for (std::size_t i = 0; i < p.size(); ++i) {
      ScoreResult& s = estimate.pairs[i].scores[m];
      s.p_adjusted = holm[i];
      s.q_bh = bh[i];
      call(s, level);
    }
  }
  for (PairResult& pair : estimate.pairs) conclude(pair);
}

void cite(const Options& options, Estimate& out) {
  out.methods = {
      "Scores are percentage points of " +
          std::string(options.effect == Effect::viability ? "viability" : "growth rate") +
          " below the reference, averaged over the dose pairs; above zero is synergy.",
      "HSA and Bliss use the measured single agents, Loewe and ZIP their 4-parameter log-logistic "
      "curves with a common response without drug. Loewe is solved exactly and has no value where "
      "the weaker drug never reaches the effect.",
      "Each biological repeat was left out in turn for the error of every score (plates and days "
      "go with their repeat), with Student's t; the summaries of several combinations share what "
      "their repeats say of spread; a single repeat holds technical error only.",
      "A peak is the highest mean over 3 x 3 neighbouring dose pairs; its lower end allows for "
      "having been chosen (multiplier bootstrap of whole repeats, " +
          std::to_string(options.draws) + " draws, seed " + std::to_string(options.seed.value) +
          ")."};
  out.citations = {"Berenbaum 1989, Pharmacol Rev 41:93-141 (HSA)",
                   "Bliss 1939, doi:10.1111/j.1744-7348.1939.tb06990.x",
                   "Loewe & Muischnek 1926, doi:10.1007/BF01952257",
                   "Yadav et al. 2015, doi:10.1016/j.csbj.2015.09.001 (ZIP)",
                   "Chou & Talalay 1984, doi:10.1016/0065-2571(84)90007-4",
                   "Smyth 2004, doi:10.2202/1544-6115.1027 (shared spread)"};
  if (options.compatible) {
    out.methods.push_back(
        "Beside them stands what SynergyFinder 3 prints: its curves where the search of R's drc "
        "ends, its baseline and plateaus as asked, means of replicates, no interval.");
    out.citations.push_back("Zheng et al. 2022, doi:10.1016/j.gpb.2022.01.004 (SynergyFinder)");
    out.citations.push_back("Ritz et al. 2015, doi:10.1371/journal.pone.0146021 (drc)");
  }
  if (!options.surfaces) return;
  out.methods.push_back(
      "MuSyC, BRAID and effective-dose surfaces are fitted to the wells of all repeats at once, "
      "each repeat with its own vehicle level and potencies; intervals are profile likelihood.");
  out.citations.push_back("Wooten et al. 2021, doi:10.1038/s41467-021-24789-z (MuSyC)");
  out.citations.push_back("Twarog et al. 2016, doi:10.1038/srep25523 (BRAID)");
  out.citations.push_back("Zimmer et al. 2016, doi:10.1073/pnas.1606301113 (effective dose)");
}

}  // namespace

std::string_view name(Effect effect) {
  return effect == Effect::viability ? "viability" : "growth_rate";
}

std::string_view name(Call call) {
  switch (call) {
    case Call::synergy:
      return "synergy";
    case Call::antagonism:
      return "antagonism";
    case Call::additive_within_error:
      return "additive_within_error";
    case Call::not_identifiable:
      return "not_identifiable";
  }
  return "not_identifiable";
}

Problems Options::check() const {
  Problems out;
  const auto refuse = [&](const char* what, const char* fix) {
    out.push_back({{}, what, fix, Severity::error});
  };
  if (!(level > 0.0 && level < 1.0)) refuse("the level is not between 0 and 1", "0.95 is usual.");
  if (draws < 100) refuse("fewer than 100 bootstrap draws", "1999 are usual.");
  if (effect == Effect::growth_rate && !(doublings > 0.0)) {
    refuse("growth-rate effects need the doublings of untreated cells during the assay",
           "Give --doublings: hours under drug over the doubling time.");
  }
  if (compatible) append(out, compatible->check());
  if (compatible && effect == Effect::growth_rate) {
    refuse("SynergyFinder scores inhibition, not growth rates",
           "Leave out --compatible or --effect growth-rate.");
  }
  return out;
}

PairResult estimate_block(const Block& block, const Options& options) {
  Options alone = options;
  alone.share_spread = false;
  return pair_result(on_scale(block, options), alone);
}

Checked<Estimate> estimate(const std::vector<Block>& blocks, const Options& options) {
  Checked<Estimate> out;
  out.problems = options.check();
  append(out.problems, check(blocks));
  if (has_errors(out.problems)) return out;
  out.value.effect = options.effect;
  out.value.pairs.resize(blocks.size());
  std::vector<std::vector<Sensitisation>> shifts(blocks.size());
  parallel_for(blocks.size(), options.threads, [&](std::size_t i) {
    const Block block = on_scale(blocks[i], options);
    Options own = options;
    own.share_spread = options.share_spread && blocks.size() > 1;
    out.value.pairs[i] = pair_result(block, own);
    shifts[i] = sensitisation_of(block,
                                 out.value.pairs[i].cells,
                                 out.value.pairs[i].musyc.residual_sd,
                                 options.effect == Effect::viability ? 0.0 : -1.0,
                                 options.level);
  });
  for (auto& s : shifts) {
    for (auto& one : s) out.value.sensitisation.push_back(std::move(one));
  }
  out.value.comparisons = compare_lines(out.value.sensitisation, options.pairs, options.level);
  if (options.share_spread) share_errors(out.value.pairs, options.level);
  adjust(out.value, options.level);
  cite(options, out.value);
  out.value.problems = out.problems;
  return out;
}

}  // namespace kinescape::combination
