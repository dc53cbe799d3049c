// SPDX-License-Identifier: Apache-2.0
#include "evidence/estimate.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/number.hpp"
#include "base/parallel.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::evidence {
namespace {

constexpr const char* own_pack = "own_lab";

std::vector<std::string> single_changes(const std::string& key) {
  std::vector<std::string> out(1);
  for (const char c : key) {
    if (c == '+') out.emplace_back();
    if (c != '+') out.back() += c;
  }
  return out.size() > 1 ? out : std::vector<std::string>{};
}

/// Of log10 value from an interval; from one end where the other is open; NaN where both are.
double standard_error(const Estimated& e) {
  const double z = numeric::normal_quantile(0.5 * (1.0 + e.level));
  const double up = std::log10(e.high / e.value), down = std::log10(e.value / e.low);
  if (std::isfinite(up) && std::isfinite(down)) return 0.5 * (up + down) / z;
  return (std::isfinite(up) ? up : down) / z;
}

/// A number that can stand beside others: a value with an error, or a bound.
bool usable(const Estimated& e) {
  if (!(e.value > 0)) return false;
  return e.relation != Relation::equal || std::isfinite(standard_error(e));
}

Row row_of(const OwnValue& own, const std::string& agent) {
  Row row;
  row.id = own.line + ", " + own.drug;
  row.fact = std::string(own_pack) + ":" + row.id;
  row.pack = row.source = row.source_identity = own_pack;
  row.agent = agent;
  row.gene = own.variant.gene;
  row.variant = row.variant_as_printed = own.variant.key;
  row.changes = single_changes(own.variant.key);
  row.system = own.cells;
  row.system_kind = SystemKind::cancer_line;
  row.assay = "viability";
  row.readout = Readout::viability;
  row.endpoint = "IC50";
  row.unit = "nM";
  row.curve = "relative";
  row.relation = own.ic50_nM.relation == Relation::greater ? PrintedRelation::above
                 : own.ic50_nM.relation == Relation::less  ? PrintedRelation::below
                                                           : PrintedRelation::exact;
  row.low = own.ic50_nM.value;
  row.as_printed =
      (own.ic50_nM.exact() ? "" : std::string(kinescape::name(own.ic50_nM.relation)) + " ") +
      rounded(row.low);
  if (own.ic50_nM.exact()) row.se_log10 = standard_error(own.ic50_nM);
  row.replicates = own.ic50_nM.n;
  row.read = Read::yes;
  row.confidence = "read";
  row.read_in = "this study";
  return row;
}

/// Twice the chance of a value as far out on its side; for a bound, of one beyond it.
double two_sided(double p_below, Relation relation) {
  const double beyond = relation == Relation::greater ? 1.0 - p_below
                        : relation == Relation::less  ? p_below
                                                      : std::min(p_below, 1.0 - p_below);
  return std::min(1.0, 2.0 * beyond);
}

std::string percent(double p) {
  return p < 0.001 ? "below 0.1 %" : rounded(100.0 * p, 2) + " %";
}

std::string between(const Estimated& e) {
  return rounded(e.low, 2) + " to " + rounded(e.high, 2);
}

void judge(Agreement& agreement, double& p, const Prediction& prediction, const Estimated& own) {
  p = two_sided(prediction.p_below, own.relation);
  agreement = p < 1.0 - prediction.expected.level ? Agreement::disagrees : Agreement::agrees;
}

OwnComparison compare(const OwnValue& own, const Library& library, const PotencyModel& literature) {
  OwnComparison out;
  out.own = own;
  out.agent = library.agent(own.drug);
  if (out.agent.empty()) {
    out.says = "No pack knows " + own.drug + ".";
    return out;
  }
  out.literature = literature.summary(out.agent, own.variant);
  const Row row = row_of(own, out.agent);
  const Prediction prediction = literature.prediction(row);
  out.expected_nM = prediction.expected;
  if (std::isnan(prediction.expected.value)) {
    out.says = prediction.expected.why;
    return out;
  }
  if (!usable(own.ic50_nM)) {
    out.agreement = Agreement::no_plate;
    out.says = "The plates give no IC50 that can be compared.";
    return out;
  }
  judge(out.agreement, out.p, prediction, own.ic50_nM);
  const std::string plate = row.as_printed + " nM on the plates", room = between(out.expected_nM);
  out.says = out.agreement == Agreement::agrees
                 ? plate + " is what the literature lets expect (" + room + " nM)."
                 : plate + ", where the literature lets expect " + room +
                       " nM; chance of a value so far out: " + percent(out.p) + ".";
  if (!out.literature.measured) out.says += " The pair itself is not in the literature.";
  return out;
}

OwnFoldComparison compare(const OwnFold& own,
                          const Library& library,
                          const PotencyModel& literature) {
  OwnFoldComparison out;
  out.own = own;
  out.agent = library.agent(own.drug);
  if (out.agent.empty()) {
    out.says = "No pack knows " + own.drug + ".";
    return out;
  }
  const bool plate = usable(own.fold);
  const Prediction prediction =
      literature.fold_prediction(out.agent,
                                 own.variant,
                                 own.over,
                                 plate ? own.fold.value : 1.0,
                                 plate && own.fold.exact() ? standard_error(own.fold) : unknown);
  out.expected = prediction.expected;
  if (std::isnan(prediction.expected.value)) {
    out.says = prediction.expected.why;
    return out;
  }
  if (!plate) {
    out.agreement = Agreement::no_plate;
    out.says = "The plates give no fold that can be compared.";
    return out;
  }
  judge(out.agreement, out.p, prediction, own.fold);
  const std::string fold =
      (own.fold.exact() ? "" : std::string(kinescape::name(own.fold.relation)) + " ") +
      rounded(own.fold.value) + "-fold on the plates";
  const std::string from = own.variant == own.over
                               ? "lines of one genotype (" + own.variant.text() + ")"
                               : own.variant.text() + " over " + own.over.key;
  out.says = out.agreement == Agreement::agrees
                 ? fold + " is what the literature lets expect of " + from + " (" +
                       between(out.expected) + ")."
                 : fold + ", where the literature lets expect " + between(out.expected) + " of " +
                       from + "; chance of a fold so far out: " + percent(out.p) + "." +
                       (own.variant == own.over && own.fold.value > out.expected.high
                            ? " The genotype that was given does not explain it."
                            : "");
  return out;
}

/// The library with the own values as rows of one source.
Library with_own(Library library, const std::vector<OwnComparison>& own) {
  Source source;
  source.id = source.identity = source.pack = own_pack;
  source.kind = "own_lab";
  source.citation = "this study's plates";
  for (const OwnComparison& c : own) {
    if (c.agent.empty() || !c.own.apart.empty() || !usable(c.own.ic50_nM)) continue;
    library.rows.push_back(row_of(c.own, c.agent));
    library.sources[{own_pack, own_pack}] = source;
  }
  return library;
}

bool wanted(const Question& q, const Library& library, const std::string& agent) {
  if (q.agents.empty()) return true;
  return std::any_of(q.agents.begin(), q.agents.end(), [&](const std::string& text) {
    return library.agent(text) == agent;
  });
}

void keep_agents(ComparisonTable& table, const Question& q, const Library& library) {
  std::vector<std::size_t> kept;
  for (std::size_t a = 0; a < table.agents.size(); ++a) {
    if (wanted(q, library, table.agents[a])) kept.push_back(a);
  }
  ComparisonTable out{table.gene, {}, table.variants, {}};
  for (const std::size_t a : kept) out.agents.push_back(table.agents[a]);
  for (auto& line : table.cells) {
    out.cells.emplace_back();
    for (const std::size_t a : kept) out.cells.back().push_back(std::move(line[a]));
  }
  table = std::move(out);
}

void describe(Estimate& out, const Question& q, std::size_t rows) {
  out.methods = {
      "Published potencies were pooled in one hierarchical model of log10 IC50 (target, agent, "
      "variant, "
      "agent by variant, epistasis of compound variants, source, source by agent, series, readout, "
      "system, residual; heavy-tailed shifts, whose mean targets share) with Gaussian values, "
      "censored bounds, folds within "
      "their source and "
      "words "
      "by ordered probit, fitted by Laplace-marginal likelihood over " +
          std::to_string(rows) + " rows; " +
          rounded(100.0 * q.potency.level, q.potency.level > 0.99 ? 3 : 2) +
          " % intervals integrate over its standard deviations.",
      "Own IC50s entered as one more source with the standard error of their interval. An own "
      "value "
      "disagrees with the literature when it lies outside the " +
          rounded(100.0 * q.potency.level, q.potency.level > 0.99 ? 3 : 2) +
          " % predictive interval of one more laboratory in these cells, its own error included; "
          "of "
          "many comparisons, one in " +
          rounded(1.0 / (1.0 - q.potency.level), 2) +
          " stands out by chance. Values of a line whose genotype is that of the line it was "
          "derived "
          "from stand beside the literature and do not weigh.",
      "Agents were ranked by " + std::to_string(RankOptions{}.draws) +
          " joint draws of the posterior; agents whose order is less than 95 % certain are tied."};
  out.citations = {
      "Tierney L, Kadane JB (1986) Accurate approximations for posterior moments and marginal "
      "densities. J Am Stat Assoc 81:82-86. doi:10.1080/01621459.1986.10478240",
      "Rue H, Martino S, Chopin N (2009) Approximate Bayesian inference for latent Gaussian "
      "models. J "
      "R Stat Soc B 71:319-392. doi:10.1111/j.1467-9868.2008.00700.x",
      "Geweke J (1993) Bayesian treatment of the independent Student-t linear model. J Appl Econom "
      "8:S19-S40. doi:10.1002/jae.3950080504"};
}

}  // namespace

std::string_view name(Agreement agreement) {
  switch (agreement) {
    case Agreement::agrees:
      return "agrees";
    case Agreement::disagrees:
      return "disagrees";
    case Agreement::no_literature:
      return "no_literature";
    case Agreement::no_plate:
      return "no_plate";
  }
  return "";
}

Estimate estimate(const Library& library, const Question& question) {
  Estimate out;
  out.gene = question.gene;
  out.include_unread = question.potency.admission.unread;
  std::vector<OwnComparison> named;  // whose drug is known, before anything is fitted
  for (const OwnValue& own : question.own) {
    named.emplace_back();
    named.back().own = own;
    named.back().agent = library.agent(own.drug);
  }
  out.library = with_own(library, named);
  std::vector<std::unique_ptr<PotencyModel>> models(2);
  const std::vector<const Library*> of{&library, &out.library};
  const std::size_t fits = out.library.rows.size() > library.rows.size() ? 2 : 1;
  parallel_for(fits, {}, [&](std::size_t i) {
    models[i] = std::make_unique<PotencyModel>(*of[i], question.potency);
  });
  const PotencyModel& literature = *models[0];
  const PotencyModel& both = fits == 2 ? *models[1] : literature;
  if (!both.usable()) {
    out.problems.push_back({{"", 0, 0, "evidence", ""},
                            "the evidence could not be pooled: " + both.why(),
                            "Check the packs with kinescape evidence check.",
                            Severity::warning});
  }
  for (const OwnValue& own : question.own) {
    out.own.push_back(compare(own, library, literature));
    OwnComparison& c = out.own.back();
    if (c.agent.empty()) continue;
    c.both_nM.level = question.potency.level;
    if (!own.apart.empty()) {
      c.both_nM.status = Status::not_applicable;
      c.both_nM.why = own.apart;
      continue;
    }
    c.both_nM = both.in_setting(row_of(own, c.agent));
    c.both_nM.n = c.literature.sources + (usable(own.ic50_nM) ? 1 : 0);
  }
  for (const OwnFold& own : question.folds) out.folds.push_back(compare(own, library, literature));
  const auto conflicts =
      find_conflicts(out.library, &both, {out.include_unread, ConflictOptions{}.apart_fold});
  for (const Conflict& c : conflicts) {
    if (c.contradiction() &&
        std::find(question.variants.begin(), question.variants.end(), c.variant) !=
            question.variants.end())
      out.conflicts.push_back(c);
  }
  out.table = comparison_table(out.library, both, conflicts, question.gene, question.variants);
  keep_agents(out.table, question, out.library);
  RankOptions how;
  how.include_unread = out.include_unread;
  how.seed = question.seed;
  for (const VariantOf& variant : question.variants)
    out.rankings.push_back(rank(out.library, both, conflicts, variant, how));
  out.spreads = both.spreads();
  describe(out, question, both.used_rows());
  return out;
}

}  // namespace kinescape::evidence
