// SPDX-License-Identifier: Apache-2.0
// What a row or one more laboratory would print, and joint draws.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "evidence/potency_state_internal.hpp"

namespace kinescape::evidence {
namespace {

constexpr const char* method = "hierarchical model of log10 IC50, Laplace-marginal likelihood";

}  // namespace

Estimated interval(const LatentMixture& m, double level) {
  Estimated e;
  e.level = level;
  e.method = method;
  e.status = Status::ok;
  const double tail = 0.5 * (1.0 - level);
  e.value = std::pow(10.0, m.center());
  e.low = std::pow(10.0, m.quantile(tail));
  e.high = std::pow(10.0, m.quantile(1.0 - tail));
  return e;
}

Estimated none(Status status, double level, std::string why) {
  Estimated e;
  e.level = level;
  e.method = method;
  e.status = status;
  e.why = std::move(why);
  return e;
}

std::vector<std::string> changes_of(const std::string& key) {
  std::vector<std::string> out;
  std::size_t from = 0;
  while (key.find('+', from) != std::string::npos || from > 0) {
    const std::size_t plus = key.find('+', from);
    out.push_back(key.substr(from, plus == std::string::npos ? plus : plus - from));
    if (plus == std::string::npos) break;
    from = plus + 1;
  }
  return out;
}

Prediction PotencyModel::prediction(const Row& row) const {
  Prediction out;
  if (!usable() || !state_->design.knows_level(row.agent, row.gene)) {
    out.expected = none(Status::too_few_data,
                        state_->options.level,
                        "No row that may weigh holds " + row.agent + " and " + row.gene + ".");
    return out;
  }
  Predictor p = state_->design.potency(row.agent, row.gene, row.variant, row.changes);
  p.add(state_->design.setting(row, false), 1.0);
  const LatentMixture m = state_->mixture(p,
                                          {{by_source, 1.0},
                                           {by_source_agent, 1.0},
                                           {by_series, 1.0},
                                           {by_residual, 1.0},
                                           PotencyDesign::print_noise(row.se_log10)});
  out.expected = interval(m, state_->options.level);
  out.p_below = m.cdf(std::log10(row.low));
  out.sd_log10 = m.sd();
  out.log_density = m.log_density(std::log10(row.low));
  return out;
}

Estimated PotencyModel::in_setting(const Row& row) const {
  if (!usable() || !state_->design.knows_level(row.agent, row.gene))
    return none(Status::too_few_data, state_->options.level, "No row that may weigh is there.");
  Predictor p = state_->design.potency(row.agent, row.gene, row.variant, row.changes);
  p.add(state_->design.setting(row, true), 1.0);
  LatentMixture m = state_->mixture(p);
  const LatentMixture residual = state_->mixture({}, {{by_residual, 1.0}});
  const bool value = row.low > 0 && (row.relation == PrintedRelation::exact ||
                                     row.relation == PrintedRelation::about);
  const double noise = std::pow(std::isnan(row.se_log10) ? 0.0 : row.se_log10, 2);
  // What is true there is what the model expects plus a residual of its own, of which the row's
  // value tells what its error allows: given the expectation, both are Gaussian.
  for (std::size_t d = 0; d < m.mean.size(); ++d) {
    const double own = residual.variance[d];
    const double part = value ? own / (own + noise) : 0.0;
    m.mean[d] += part * (value ? std::log10(row.low) - m.mean[d] : 0.0);
    m.variance[d] = (1 - part) * (1 - part) * m.variance[d] + (value ? part * noise : own);
  }
  return interval(m, state_->options.level);
}

Prediction PotencyModel::fold_prediction(const std::string& agent,
                                         const VariantOf& variant,
                                         const VariantOf& over,
                                         double fold,
                                         double se_log10) const {
  Prediction out;
  if (!usable() || !state_->design.knows_level(agent, variant.gene)) {
    out.expected = none(Status::too_few_data,
                        state_->options.level,
                        "No row that may weigh holds " + agent + " and " + variant.gene + ".");
    return out;
  }
  Predictor p;
  if (variant != over) {  // else what both share would be counted twice
    p = state_->design.shift(agent, variant.gene, variant.key, changes_of(variant.key));
    p.add(state_->design.shift(agent, over.gene, over.key, changes_of(over.key)), -1.0);
  }
  const LatentMixture m =
      state_->mixture(p, {{by_residual, 2.0}, PotencyDesign::print_noise(se_log10)});
  out.expected = interval(m, state_->options.level);
  out.p_below = m.cdf(std::log10(fold));
  return out;
}

double PotencyModel::adjusted_log10(const Row& row) const {
  const bool value = row.kind == RowKind::measurement && (row.relation == PrintedRelation::exact ||
                                                          row.relation == PrintedRelation::about);
  if (!usable() || !value) return unknown;
  return std::log10(row.low) - state_->posterior->at_mode(state_->design.setting(row, true).form);
}

PotencyDraws PotencyModel::draws(const std::vector<std::string>& agents,
                                 const VariantOf& variant,
                                 std::size_t n,
                                 Seed seed) const {
  PotencyDraws out;
  if (!usable() || agents.empty()) return out;
  const State& s = *state_;
  const std::vector<std::string> changes = changes_of(variant.key);
  std::vector<Predictor> predictors;  // IC50, fold and parental of each agent
  for (const auto& agent : agents) {
    predictors.push_back(s.potency(agent, variant));
    predictors.push_back(s.design.shift(agent, variant.gene, variant.key, changes));
    predictors.push_back(s.design.potency(agent, "", "parental", {}));
  }
  std::vector<numeric::LatentForm> forms;
  for (const auto& p : predictors) forms.push_back(p.form);
  const numeric::LatentJoint joint = s.posterior->joint(forms);
  const std::size_t m = forms.size();
  std::vector<std::vector<double>> factors;
  for (std::size_t d = 0; d < joint.weight.size(); ++d)
    factors.push_back(numeric::cholesky_lower(joint.covariance[d], m));
  // What no column stands for: of the variant for all agents alike, of the pair for each by itself.
  std::vector<std::vector<double>> of_variant_sd, of_pair_sd;  // [agent][draw]
  for (std::size_t a = 0; a < agents.size(); ++a) {
    const auto& extra = predictors[3 * a + 1].extra;
    of_variant_sd.push_back(s.loose_sd(extra, true));
    of_pair_sd.push_back(s.loose_sd(extra, false));
  }
  std::vector<double> cumulative(joint.weight.size());
  std::partial_sum(joint.weight.begin(), joint.weight.end(), cumulative.begin());
  for (std::size_t i = 0; i < n; ++i) {
    Stream stream(seed, 2, i / 2);
    const double u = stream.uniform() * cumulative.back();
    const auto d = static_cast<std::size_t>(
        std::lower_bound(cumulative.begin(), cumulative.end(), u) - cumulative.begin());
    std::vector<double> z(m);
    for (double& one : z) one = (i % 2 == 0 ? 1.0 : -1.0) * stream.normal();
    std::vector<double> x = joint.mean[std::min(d, joint.mean.size() - 1)];
    const auto& lower = factors[std::min(d, factors.size() - 1)];
    for (std::size_t r = 0; r < m; ++r) {
      for (std::size_t c = 0; c <= r; ++c) x[r] += lower[r * m + c] * z[c];
    }
    std::vector<double> ic50, fold, window;
    const std::size_t at = std::min(d, joint.mean.size() - 1);
    const double sign = i % 2 == 0 ? 1.0 : -1.0, shared = sign * stream.normal();
    for (std::size_t a = 0; a < agents.size(); ++a) {
      const double loose =
          of_variant_sd[a][at] * shared + of_pair_sd[a][at] * sign * stream.normal();
      x[3 * a] += loose;
      x[3 * a + 1] += loose;
      ic50.push_back(x[3 * a]);
      fold.push_back(x[3 * a + 1]);
      window.push_back(s.parental_known(agents[a]) ? x[3 * a + 2] - x[3 * a] : unknown);
    }
    out.log10_ic50.push_back(std::move(ic50));
    out.log10_fold.push_back(std::move(fold));
    out.log10_window.push_back(std::move(window));
  }
  return out;
}

}  // namespace kinescape::evidence
