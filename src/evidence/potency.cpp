// SPDX-License-Identifier: Apache-2.0
// Answers of the fitted model: intervals, contrasts, the rows that carry them.
#include "evidence/potency.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "evidence/potency_state_internal.hpp"

namespace kinescape::evidence {
namespace {

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

Problems PotencyOptions::check() const {
  Problems out;
  if (!(level > 0 && level < 1)) {
    out.push_back({{"", 0, 0, "level", ""},
                   "the level of intervals is not between 0 and 1",
                   "0.95 is usual."});
  }
  return out;
}

PotencyModel::PotencyModel(const Library& library, const PotencyOptions& options)
    : state_(std::make_unique<State>(library, options)) {
  State& s = *state_;
  if (s.design.model.observations.empty()) {
    s.why = "no row of the packs may weigh in an estimate";
    return;
  }
  for (const auto& use : s.design.uses) {
    auto& of = s.observations_of[library.rows[use.row].source_identity];
    of.insert(of.end(), use.observations.begin(), use.observations.end());
  }
  numeric::LatentOptions how;
  how.draws = options.draws;
  how.threads = options.threads;
  s.posterior = std::make_unique<numeric::LatentPosterior>(s.design.model, how);
  if (!s.posterior->converged()) s.why = s.posterior->why();
}

PotencyModel::~PotencyModel() = default;
PotencyModel::PotencyModel(PotencyModel&&) noexcept = default;
PotencyModel& PotencyModel::operator=(PotencyModel&&) noexcept = default;

bool PotencyModel::usable() const {
  return state_->posterior != nullptr && state_->posterior->converged();
}
const std::string& PotencyModel::why() const {
  return state_->why;
}

std::size_t PotencyModel::used_rows() const {
  return static_cast<std::size_t>(std::count_if(state_->design.uses.begin(),
                                                state_->design.uses.end(),
                                                [](const auto& u) { return u.used; }));
}

std::vector<Spread> PotencyModel::spreads() const {
  static constexpr std::array<std::pair<const char*, std::size_t>, 16> named{
      {{"target", by_target},
       {"shift_by_target", by_target_shift},
       {"agent", by_agent},
       {"variant", by_variant},
       {"agent_by_variant", by_pair},
       {"epistasis", by_epistasis},
       {"source", by_source},
       {"source_by_agent", by_source_agent},
       {"series", by_series},
       {"enzyme_by_agent", by_enzyme_agent},
       {"enzyme_by_variant", by_enzyme_variant},
       {"readout_by_agent", by_readout_agent},
       {"system", by_system},
       {"system_by_agent", by_system_agent},
       {"word", by_word},
       {"residual", by_residual}}};
  std::vector<Spread> out;
  if (!state_->posterior) return out;
  for (const auto& [text, component] : named)
    out.push_back({text, state_->posterior->sd(component)});
  return out;
}

void PotencyModel::State::fill_intervals(PotencyEstimate& out) const {
  const double level = options.level;
  const auto fail = [&](Status status, const std::string& text) {
    out.ic50_nM = out.ic50_predictive_nM = out.fold_over_wild_type = out.window_over_parental =
        none(status, level, text);
  };
  if (!posterior || !posterior->converged()) return fail(Status::failed, why);
  if (!design.knows_level(out.agent, out.variant.gene)) {
    return fail(Status::too_few_data,
                "No row that may weigh holds " + out.agent + " and " +
                    (out.variant.gene.empty() ? std::string("parental cells") : out.variant.gene) +
                    ".");
  }
  const std::vector<std::string> changes = changes_of(out.variant.key);
  const Predictor p = potency(out.agent, out.variant);
  const LatentMixture mean = mixture(p);
  out.ic50_nM = interval(mean, level);
  out.ic50_predictive_nM = interval(
      posterior->noisier(
          mean, {{by_source, 1.0}, {by_source_agent, 1.0}, {by_series, 1.0}, {by_residual, 1.0}}),
      level);
  if (out.variant.key == "WT" || out.variant.key == "parental") {
    out.fold_over_wild_type = none(Status::not_applicable, level, "This is what folds are over.");
  } else {
    out.fold_over_wild_type = interval(
        mixture(design.shift(out.agent, out.variant.gene, out.variant.key, changes)), level);
  }
  if (out.variant.key == "parental") {
    out.window_over_parental = none(Status::not_applicable, level, "These are the parental cells.");
  } else if (!parental_known(out.agent)) {
    out.window_over_parental =
        none(Status::too_few_data, level, "No row holds " + out.agent + " on parental cells.");
  } else {
    Predictor window = design.potency(out.agent, "", "parental", {});
    window.add(p, -1.0);
    out.window_over_parental = interval(mixture(window), level);
  }
}

void PotencyModel::State::fill_rows(PotencyEstimate& out) const {
  const std::vector<std::string> changes = changes_of(out.variant.key);
  std::set<std::string> sources;
  for (std::size_t i = 0; i < library.rows.size(); ++i) {
    const Row& row = library.rows[i];
    const bool same_gene = row.gene == out.variant.gene;
    if (row.agent != out.agent) continue;
    RowUse use;
    if (same_gene && row.variant == out.variant.key) {
      use.role = "this pair";
    } else if (same_gene && row.variant == "WT") {
      use.role = "wild type";
    } else if (same_gene && contains(changes, row.variant)) {
      use.role = "part of the compound variant";
    } else if (row.parental()) {
      use.role = "parental";
    } else {
      continue;
    }
    use.row = i;
    use.used = design.uses[i].used;
    use.why = design.uses[i].why;
    if (use.used) {
      out.unread_weigh = out.unread_weigh || (row.read != Read::yes && use.role != "parental");
      if (use.role == "this pair") {
        sources.insert(row.source_identity);
        ++(row.kind == RowKind::measurement ? out.numbers
           : row.kind == RowKind::fold      ? out.folds
                                            : out.words);
      }
    }
    out.rows.push_back(std::move(use));
  }
  std::stable_sort(out.rows.begin(), out.rows.end(), [](const RowUse& a, const RowUse& b) {
    const auto rank = [](const RowUse& u) {
      return u.role == "this pair" ? 0 : u.role == "wild type" ? 1 : u.role == "parental" ? 3 : 2;
    };
    return std::pair{!a.used, rank(a)} < std::pair{!b.used, rank(b)};
  });
  out.sources = static_cast<int>(sources.size());
  out.measured = !sources.empty();
}

void PotencyModel::State::fill_sources(PotencyEstimate& out) const {
  if (!posterior || std::isnan(out.ic50_nM.value)) return;
  const std::vector<std::string> changes = changes_of(out.variant.key);
  std::map<std::string, int> rows;
  for (const auto& use : design.uses) {
    const Row& row = library.rows[use.row];
    const bool same_variant = row.gene == out.variant.gene &&
                              (row.variant == out.variant.key || contains(changes, row.variant));
    if (use.used && ((row.agent == out.agent && row.gene == out.variant.gene) || same_variant))
      ++rows[row.source_identity];
  }
  const Predictor p = potency(out.agent, out.variant);
  const double with = posterior->at_mode(p.form);
  for (const auto& [identity, n] : rows) {
    SourceWeight w;
    w.identity = identity;
    w.rows = n;
    w.shift_log10 = posterior->at_mode_without(p.form, observations_of.at(identity)) - with;
    for (const auto& [key, source] : library.sources) {
      if (source.identity == identity) w.citation = source.citation;
    }
    out.by_source.push_back(std::move(w));
  }
  std::stable_sort(
      out.by_source.begin(), out.by_source.end(), [](const SourceWeight& a, const SourceWeight& b) {
        return std::abs(a.shift_log10) > std::abs(b.shift_log10);
      });
  for (auto& use : out.rows) {
    for (const auto& w : out.by_source) {
      if (use.used && w.identity == library.rows[use.row].source_identity)
        use.shift_log10 = w.shift_log10;
    }
  }
}

PotencyEstimate PotencyModel::summary(const std::string& agent, const VariantOf& variant) const {
  PotencyEstimate out;
  out.agent = agent;
  out.variant = variant;
  state_->fill_intervals(out);
  state_->fill_rows(out);
  const bool answered = !std::isnan(out.ic50_nM.value);
  for (Estimated* e : {&out.ic50_nM,
                       &out.ic50_predictive_nM,
                       &out.fold_over_wild_type,
                       &out.window_over_parental}) {
    e->n = out.sources;
    if (answered && !out.measured && e->why.empty()) {
      e->why =
          "Not measured: what the agent does elsewhere and the variant does to other agents lets "
          "expect this.";
    }
  }
  return out;
}

PotencyEstimate PotencyModel::estimate(const std::string& agent, const VariantOf& variant) const {
  PotencyEstimate out = summary(agent, variant);
  state_->fill_sources(out);
  return out;
}

double PotencyModel::log10_without(const std::string& agent,
                                   const VariantOf& variant,
                                   const std::string& source_identity) const {
  const auto found = state_->observations_of.find(source_identity);
  if (!usable() || found == state_->observations_of.end()) return unknown;
  return state_->posterior->at_mode_without(state_->potency(agent, variant).form, found->second);
}

std::vector<std::string> PotencyModel::agents_of(const std::string& gene) const {
  std::set<std::string> out;
  for (const auto& use : state_->design.uses) {
    const Row& row = state_->library.rows[use.row];
    if (use.used && row.gene == gene) out.insert(row.agent);
  }
  return {out.begin(), out.end()};
}

}  // namespace kinescape::evidence
