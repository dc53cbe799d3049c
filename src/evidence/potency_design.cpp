// SPDX-License-Identifier: Apache-2.0
// Which latent values a row observes, and how.
#include <algorithm>
#include <cmath>
#include <tuple>

#include "evidence/potency_design_internal.hpp"

namespace kinescape::evidence {
namespace {

using numeric::LatentObservation;
using numeric::SeenAs;

constexpr double print_sd = 0.02;  // two printed digits: up to 5 % either way

/// All that the model sees of a row: rows of one place are the same to it. Fits go through the rows
/// in this order, so that the answer does not depend, to the last bit, on where a row stands.
auto place_in_fit(const Row& r) {
  const auto number = [](double x) { return std::isnan(x) ? -1.0 : x; };
  return std::tuple(r.gene,
                    r.agent,
                    r.variant,
                    r.source_identity,
                    r.system,
                    std::tuple(r.system_kind, r.readout, r.kind, r.relation, r.meaning),
                    number(r.low),
                    number(r.high),
                    number(r.se_log10),
                    r.over,
                    r.fact);
}

std::string pair_name(const Row& row) {
  return row.agent + "|" + row.gene + "|" + row.variant;
}

bool baseline_readout(Readout readout) {
  return readout == Readout::viability || readout == Readout::clinical ||
         readout == Readout::review;
}

/// How a readout that is not viability shifts IC50s: its column, the spread of that shift, and the
/// spread of what each agent adds to it.
struct ReadoutTerms {
  std::string column;
  Component common, by_agent;
};

ReadoutTerms readout_terms(const Row& row) {
  const std::string column = "readout|" + std::string(name(row.readout));
  if (row.readout == Readout::enzyme) return {column, of_enzyme, by_enzyme_agent};
  if (row.readout != Readout::unclear) return {column, of_readout, by_readout_agent};
  // Unclear, but in cells: one of the readouts that cells have. Else it may be anything.
  const bool in_cells = row.system_kind == SystemKind::engineered ||
                        row.system_kind == SystemKind::engineered_parental ||
                        row.system_kind == SystemKind::cancer_line;
  return in_cells ? ReadoutTerms{column + "|cells", of_unclear, by_readout_agent}
                  : ReadoutTerms{column, of_unstated, by_enzyme_agent};
}

/// The variant as a protein by itself: how it binds ATP changes what an assay without cells shows.
std::string enzyme_of(const Row& row) {
  return "enzyme|" + row.gene + "|" + row.variant;
}

/// What one source did with one agent in one system and by one readout.
std::string series_of(const Row& row) {
  return "series|" + row.source_identity + "|" + row.agent + "|" + row.system + "|" +
         std::string(name(row.readout));
}

/// Mean log10 nM of the printed numbers, bounds at their limit.
double center_of(const Library& library, const std::vector<std::size_t>& rows) {
  double sum = 0, numbers = 0;
  for (const std::size_t i : rows) {
    const Row& row = library.rows[i];
    if (row.kind != RowKind::measurement || !(row.low > 0)) continue;
    sum += std::log10(row.low);
    numbers += 1;
  }
  return numbers > 0 ? sum / numbers : 2.0;
}

bool same_setting(const Row& a, const Row& b) {
  return a.source_identity == b.source_identity && a.agent == b.agent && a.gene == b.gene &&
         a.readout == b.readout && a.system == b.system;
}

}  // namespace

void Predictor::add(const Predictor& other, double sign) {
  form.constant += sign * other.form.constant;
  for (auto term : other.form.terms) {
    term.weight *= sign;
    form.terms.push_back(term);
  }
  extra.insert(extra.end(), other.extra.begin(), other.extra.end());
}

PotencyDesign::PotencyDesign(const Library& library, const PotencyOptions& options)
    : library_(library), options_(options) {
  auto& c = model.components;
  c.resize(component_count);
  // Scales of the half-normal priors, log10 units: agents differ by orders of magnitude, sources by
  // about two-fold. The of_* components are known spreads of effects that are estimated themselves.
  c[by_target].prior_scale = 0.5;
  c[by_target_shift].prior_scale = 0.3;
  c[by_agent].prior_scale = 1.0;
  c[by_variant].prior_scale = 0.5;
  c[by_pair].prior_scale = 0.35;
  // Most changes do little and some, as of a gatekeeper, shut an agent out: heavy tails.
  c[by_variant].tail_df = c[by_pair].tail_df = 4.0;
  c[by_epistasis].prior_scale = 0.5;
  c[by_source].prior_scale = 0.4;
  c[by_source_agent].prior_scale = 0.2;
  c[by_series].prior_scale = 0.2;
  c[by_enzyme_agent].prior_scale = 0.5;
  c[by_enzyme_variant].prior_scale = 0.3;
  c[by_readout_agent].prior_scale = 0.2;
  c[by_system].prior_scale = 0.3;
  c[by_system_agent].prior_scale = 0.3;
  c[by_word].prior_scale = 0.5;
  c[by_residual].prior_scale = 0.3;
  c[of_mean].fixed_sd = 4.0;
  c[of_shift].fixed_sd = 1.0;
  c[of_enzyme].fixed_sd = 1.0;
  c[of_readout].fixed_sd = 0.5;
  c[of_unclear].fixed_sd = 0.3;
  c[of_unstated].fixed_sd = 0.5;
  c[of_parental].fixed_sd = 1.5;
  c[of_cut].fixed_sd = 0.5;
  c[of_print].fixed_sd = print_sd;
  if (options.student_t) model.student_df = 4.0;

  add_column("mean", of_mean);
  std::vector<std::size_t> weighing;
  for (std::size_t i = 0; i < library.rows.size(); ++i) {
    const Row& row = library.rows[i];
    uses.push_back({i, false, left_out(row, options.admission), {}});
    if (!uses.back().why.empty()) continue;
    weighing.push_back(i);
    ++same_fact_[row.fact];
    if (row.kind != RowKind::statement) continue;
    ++words_on_pair_[pair_name(row)];
    intermediate_ = intermediate_ || row.meaning == Meaning::intermediate;
  }
  std::stable_sort(weighing.begin(), weighing.end(), [&](std::size_t a, std::size_t b) {
    return place_in_fit(library.rows[a]) < place_in_fit(library.rows[b]);
  });
  center_ = center_of(library, weighing);
  for (const std::size_t i : weighing) add_columns(library.rows[i]);
  add_column("cut|sensitive", of_cut, 0.5);
  if (intermediate_) add_column("cut|resistant", of_cut, 1.0);
  for (const std::size_t i : weighing) add_row(i);
}

void PotencyDesign::add_column(const std::string& name, std::size_t component, double mean) {
  if (columns_.try_emplace(name, model.columns.size()).second)
    model.columns.push_back({component, 1.0, mean});
}

void PotencyDesign::add_columns(const Row& row) {
  add_column("level|" + row.agent + "|" + row.gene, by_agent);
  if (row.parental()) add_column("parental", of_parental, 1.0);
  if (!row.parental()) add_column("target|" + row.gene, by_target);
  const auto variant_columns = [&](const std::string& variant,
                                   const std::vector<std::string>& changes) {
    if (variant == "WT" || variant == "parental") return;
    add_column("shift", of_shift);
    add_column("shift|" + row.gene, by_target_shift);
    const std::vector<std::string> parts = changes.empty() ? std::vector{variant} : changes;
    for (const auto& part : parts) {
      add_column("variant|" + row.gene + "|" + part, by_variant);
      add_column("pair|" + row.agent + "|" + row.gene + "|" + part, by_pair);
    }
    if (parts.size() > 1) {
      add_column("epistasis|" + row.gene + "|" + variant, by_epistasis);
      add_column("epistasis|" + row.agent + "|" + row.gene + "|" + variant, by_epistasis);
    }
  };
  variant_columns(row.variant, row.changes);
  if (row.kind == RowKind::fold) variant_columns(row.over, {});
  if (row.kind == RowKind::statement) return;
  add_column("source|" + row.source_identity, by_source);
  add_column("source|" + row.source_identity + "|" + row.agent, by_source_agent);
  add_column(series_of(row), by_series);
  if (!baseline_readout(row.readout)) {
    const ReadoutTerms terms = readout_terms(row);
    add_column(terms.column, terms.common);
    add_column(terms.column + "|" + row.agent, terms.by_agent);
    if (row.readout == Readout::enzyme) add_column(enzyme_of(row), by_enzyme_variant);
  }
  if (row.system_kind == SystemKind::cancer_line) {
    add_column("system|" + row.system, by_system);
    add_column("system|" + row.system + "|" + row.agent, by_system_agent);
  }
}

void PotencyDesign::add_term(Predictor& to,
                             const std::string& name,
                             std::size_t component,
                             double weight) const {
  const auto found = columns_.find(name);
  if (found != columns_.end()) {
    to.form.terms.push_back({found->second, weight});
  } else {
    to.extra.push_back({component, weight * weight * model.components[component].spread()});
  }
}

Predictor PotencyDesign::shift(const std::string& agent,
                               const std::string& gene,
                               const std::string& variant,
                               const std::vector<std::string>& changes) const {
  Predictor out;
  if (variant == "WT" || variant == "parental") return out;
  const std::vector<std::string> parts = changes.empty() ? std::vector{variant} : changes;
  for (const auto& part : parts) {
    add_term(out, "shift", of_shift);
    add_term(out, "shift|" + gene, by_target_shift);
    add_term(out, "variant|" + gene + "|" + part, by_variant);
    add_term(out, "pair|" + agent + "|" + gene + "|" + part, by_pair);
  }
  if (parts.size() > 1) {
    add_term(out, "epistasis|" + gene + "|" + variant, by_epistasis);
    add_term(out, "epistasis|" + agent + "|" + gene + "|" + variant, by_epistasis);
  }
  return out;
}

Predictor PotencyDesign::potency(const std::string& agent,
                                 const std::string& gene,
                                 const std::string& variant,
                                 const std::vector<std::string>& changes) const {
  Predictor out;
  out.form.constant = center_;
  add_term(out, "mean", of_mean);
  add_term(out, "level|" + agent + "|" + gene, by_agent);
  if (variant == "parental") add_term(out, "parental", of_parental);
  if (variant != "parental") add_term(out, "target|" + gene, by_target);
  out.add(shift(agent, gene, variant, changes), 1.0);
  return out;
}

Predictor PotencyDesign::setting(const Row& row, bool with_source) const {
  Predictor out;
  if (with_source) {
    add_term(out, "source|" + row.source_identity, by_source);
    add_term(out, "source|" + row.source_identity + "|" + row.agent, by_source_agent);
    add_term(out, series_of(row), by_series);
  }
  if (!baseline_readout(row.readout)) {
    const ReadoutTerms terms = readout_terms(row);
    add_term(out, terms.column, terms.common);
    add_term(out, terms.column + "|" + row.agent, terms.by_agent);
    if (row.readout == Readout::enzyme) add_term(out, enzyme_of(row), by_enzyme_variant);
  }
  if (row.system_kind == SystemKind::cancer_line) {
    add_term(out, "system|" + row.system, by_system);
    add_term(out, "system|" + row.system + "|" + row.agent, by_system_agent);
  }
  return out;
}

numeric::NoiseShare PotencyDesign::print_noise(double se_log10) {
  return {of_print, std::isnan(se_log10) ? 1.0 : std::max(1.0, std::pow(se_log10 / print_sd, 2))};
}

bool PotencyDesign::knows_level(const std::string& agent, const std::string& gene) const {
  return columns_.contains("level|" + agent + "|" + gene);
}

const Row* PotencyDesign::counterpart(const Row& row, const std::string& variant) const {
  const Row* first = nullptr;
  for (const Row& other : library_.rows) {
    if (other.kind == RowKind::measurement && other.variant == variant &&
        same_setting(other, row) && left_out(other, options_.admission).empty() &&
        (first == nullptr || place_in_fit(other) < place_in_fit(*first))) {
      first = &other;
    }
  }
  return first;
}

void PotencyDesign::add_row(std::size_t index) {
  const Row& row = library_.rows[index];
  if (row.kind == RowKind::statement) return add_word(index);
  if (row.kind == RowKind::fold) return add_fold(index);
  add_value(index, row.low, row.high, row.relation, false);
}

void PotencyDesign::add_value(
    std::size_t index, double low, double high, PrintedRelation relation, bool as_wild_type) {
  const Row& row = library_.rows[index];
  LatentObservation o;
  Predictor p = as_wild_type ? potency(row.agent, row.gene, row.over, {})
                             : potency(row.agent, row.gene, row.variant, row.changes);
  p.add(setting(row, true), 1.0);
  o.value = p.form;
  o.low.constant = o.high.constant = std::log10(low);
  switch (relation) {
    case PrintedRelation::below:
    case PrintedRelation::at_most:
      o.seen = SeenAs::below;
      break;
    case PrintedRelation::above:
    case PrintedRelation::at_least:
      o.seen = SeenAs::above;
      break;
    case PrintedRelation::interval:
      o.seen = SeenAs::between;
      o.high.constant = std::log10(high);
      break;
    default:
      o.seen = SeenAs::exact;
  }
  o.noise = {{by_residual, 1.0}, print_noise(row.se_log10)};
  o.weight = 1.0 / same_fact_.at(row.fact);
  uses[index].used = true;
  uses[index].why = o.seen == SeenAs::exact     ? "value"
                    : o.seen == SeenAs::between ? "interval"
                                                : "bound";
  if (o.weight < 1.0) uses[index].why += ", one fact printed several times: counts once";
  uses[index].observations.push_back(model.observations.size());
  model.observations.push_back(std::move(o));
}

void PotencyDesign::add_fold(std::size_t index) {
  const Row& row = library_.rows[index];
  if (const Row* numerator = counterpart(row, row.variant);
      numerator != nullptr && row.relation != PrintedRelation::interval) {
    if (counterpart(row, row.over) != nullptr) {
      uses[index].why = "the two values it is made of are rows already";
      return;
    }
    // Its numerator is a row: what it adds is the value of the variant it is over.
    const bool exact =
        row.relation == PrintedRelation::exact || row.relation == PrintedRelation::about;
    if (exact && numerator->relation == PrintedRelation::exact) {
      add_value(index, numerator->low / row.low, unknown, PrintedRelation::exact, true);
      uses[index].why = "the value that it implies for " + row.over;
      return;
    }
  }
  LatentObservation o;
  Predictor p = shift(row.agent, row.gene, row.variant, row.changes);
  p.add(shift(row.agent, row.gene, row.over, {}), -1.0);
  o.value = p.form;
  o.low.constant = o.high.constant = std::log10(row.low);
  if (row.relation == PrintedRelation::interval) {
    o.seen = SeenAs::between;
    o.high.constant = std::log10(row.high);
  } else if (row.relation == PrintedRelation::below || row.relation == PrintedRelation::at_most) {
    o.seen = SeenAs::below;
  } else if (row.relation == PrintedRelation::above || row.relation == PrintedRelation::at_least) {
    o.seen = SeenAs::above;
  }
  o.noise = {{by_residual, 2.0}, {of_print, 1.0}};  // both values of the ratio have one
  o.weight = 1.0 / same_fact_.at(row.fact);
  uses[index].used = true;
  uses[index].why = "fold within its source";
  uses[index].observations.push_back(model.observations.size());
  model.observations.push_back(std::move(o));
}

void PotencyDesign::add_word(std::size_t index) {
  const Row& row = library_.rows[index];
  if (row.variant == "WT" || row.parental()) {
    uses[index].why = "a word on what the others are compared with";
    return;
  }
  LatentObservation o;
  o.value = shift(row.agent, row.gene, row.variant, row.changes).form;
  const std::size_t lower = columns_.at("cut|sensitive");
  const std::size_t upper = intermediate_ ? columns_.at("cut|resistant") : lower;
  if (row.meaning == Meaning::sensitive) {
    o.seen = SeenAs::below;
    o.high.terms = {{lower, 1.0}};
  } else if (row.meaning == Meaning::resistant) {
    o.seen = SeenAs::above;
    o.low.terms = {{upper, 1.0}};
  } else {
    o.seen = SeenAs::between;
    o.low.terms = {{lower, 1.0}};
    o.high.terms = {{upper, 1.0}};
  }
  o.noise = {{by_residual, 1.0},
             {by_source, 1.0},
             {by_source_agent, 1.0},
             {by_series, 1.0},
             {by_word, 1.0}};
  const int words = words_on_pair_.at(pair_name(row));
  o.weight = 1.0 / words;
  uses[index].used = true;
  uses[index].why =
      "word: " + std::string(name(row.meaning)) +
      (words > 1 ? ", one of " + std::to_string(words) + " on this pair that share a weight" : "");
  uses[index].observations.push_back(model.observations.size());
  model.observations.push_back(std::move(o));
}

}  // namespace kinescape::evidence
