// SPDX-License-Identifier: Apache-2.0
// The uncertainty of the standard deviations, by importance draws around their mode.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "numeric/latent_state_internal.hpp"

namespace kinescape::numeric {
namespace {

constexpr std::size_t candidates_a_draw = 2;
constexpr int tail_turns = 2;

}  // namespace

void LatentPosterior::State::integrate(const Eigen::VectorXd& theta,
                                       double center,
                                       const Eigen::MatrixXd& hessian_at) {
  if (options.draws == 0) return;
  const Eigen::Index n = theta.size();
  const SymmetricEigen eigen = symmetric_eigen(hessian_at);
  // Directions that the data hardly bend are cut at a standard deviation of 1 (a factor e).
  const Eigen::VectorXd scale = eigen.values.cwiseMax(1.0).cwiseSqrt().cwiseInverse();
  // The symmetric root: it does not depend on the order or the signs of the eigenvectors.
  const Eigen::MatrixXd root = eigen.with(scale);
  // The posterior of a log standard deviation leans: a long tail to zero, a short one upwards. Each
  // direction has a spread of its own on either side, as far as one step there says (Rue 2009,
  // section 6.5), else the draws would lie where the posterior is not and few would weigh.
  const auto side = [&](Eigen::Index i, double step) {
    const double rise = cost(theta + step * root.col(i)) - center;
    if (!(rise > 0) || rise > 1e50) return rise > 0 ? 0.5 : 2.0;
    return std::clamp(std::abs(step) / std::sqrt(2.0 * rise), 0.5, 2.0);
  };
  // How the latent values follow each direction, so that the solves start where they end.
  Eigen::VectorXd up(n), down(n);
  Eigen::MatrixXd follows_up(mode.x.size(), n), follows_down(mode.x.size(), n);
  for (Eigen::Index i = 0; i < n; ++i) {
    last = mode.x;
    up[i] = side(i, 1.5);
    follows_up.col(i) = (last - mode.x) / 1.5;
    last = mode.x;
    down[i] = side(i, -1.5);
    follows_down.col(i) = (last - mode.x) / 1.5;
  }
  const double df = 7.0;  // heavier tails than a Gaussian, so that no weight runs away
  struct Candidate {
    Mode mode;
    double log_weight = unknown;  // unknown: none
  };
  std::vector<Candidate> candidates(candidates_a_draw * options.draws);
  parallel_for(candidates.size(), options.threads, [&](std::size_t d) {
    Stream stream(options.seed, 1, d / 2);
    Eigen::VectorXd z(n), leaning(n), start = mode.x;
    for (Eigen::Index i = 0; i < n; ++i) z[i] = stream.normal();
    const double chi = 2.0 * stream.gamma(0.5 * df) / df;
    z *= (d % 2 == 0 ? 1.0 : -1.0) / std::sqrt(chi);
    double log_scale = 0;
    for (Eigen::Index i = 0; i < n; ++i) {
      const double s = z[i] > 0 ? up[i] : down[i];
      leaning[i] = s * z[i];
      log_scale += std::log(s);
      start += std::min(std::abs(leaning[i]), 2.0) * (z[i] > 0 ? follows_up : follows_down).col(i);
    }
    const Eigen::VectorXd at = theta + root * leaning;
    if (at.minCoeff() < least_log_sd - 3 || at.maxCoeff() > most_log_sd) return;
    // A factor of its own: threads share none. A weight needs no more than 1e-4.
    Mode m = engine.solve(all_log_sd(at), start, {}, true, 1e-4);
    if (!m.converged) return;
    const double cost_at = -m.log_marginal - log_prior(m.log_sd);
    candidates[d].log_weight =
        center - cost_at + log_scale +
        0.5 * (df + static_cast<double>(n)) * std::log1p(z.squaredNorm() / df);
    m.factor.reset();
    candidates[d].mode = std::move(m);
  });
  std::vector<Mode> tried;
  std::vector<double> log_weight;
  for (Candidate& c : candidates) {
    if (std::isnan(c.log_weight)) continue;
    tried.push_back(std::move(c.mode));
    log_weight.push_back(c.log_weight);
  }
  keep_of(tried, log_weight);
}

/// `mode` with the scales of Student-t priors drawn instead of fixed: turns of a Gibbs sampler
/// (latent values given scales, scales given latent values; Geweke 1993,
/// doi:10.1002/jae.3950080504) from where variational means put it. Fixed, what they leave open
/// would be missing from answers.
Mode LatentPosterior::State::with_tails_drawn(Mode mode, std::size_t draw) const {
  if (!has_tails()) return mode;
  std::vector<double> scales;
  for (const LatentColumn& column : model.columns) scales.push_back(column.scale);
  Stream stream(options.seed, 2, draw);
  Eigen::VectorXd z(mode.x.size());
  for (int turn = 0; turn < tail_turns; ++turn) {
    for (double& one : z) one = stream.normal();
    const Eigen::VectorXd x = mode.x + mode.factor->matrixU().solve(z);
    for (std::size_t j = 0; j < scales.size(); ++j) {
      const LatentColumn& column = model.columns[j];
      if (column.component == LatentColumn::no_prior) continue;
      const double df = model.components[column.component].tail_df;
      if (std::isnan(df)) continue;
      const double off = (x[static_cast<Eigen::Index>(j)] - column.mean) *
                         std::exp(-mode.log_sd[column.component]);
      scales[j] = 0.5 * (df + off * off) / stream.gamma(0.5 * (df + 1.0));
    }
    Mode next = engine.solve(mode.log_sd, mode.x, {}, true, 0.0, scales);
    if (!next.converged) break;
    mode = std::move(next);
  }
  return mode;
}

void LatentPosterior::State::draw_at_mode() {
  draws.assign(has_tails() && mode.converged ? std::max<std::size_t>(1, options.draws) : 1, mode);
  weights.assign(draws.size(), 1.0 / static_cast<double>(draws.size()));
  if (draws.size() == 1) return;
  parallel_for(
      draws.size(), options.threads, [&](std::size_t k) { draws[k] = with_tails_drawn(mode, k); });
}

/// As many of the candidates as draws were asked for, by systematic resampling (Kitagawa 1996,
/// doi:10.1080/10618600.1996.10474692): every answer costs a solve for each draw that is kept.
/// Cutting large weights instead would leave the spread of the proposal in the answer.
void LatentPosterior::State::keep_of(std::vector<Mode>& tried,
                                     const std::vector<double>& log_weight) {
  if (tried.empty()) return;
  const double top = *std::max_element(log_weight.begin(), log_weight.end());
  double sum = 0;
  for (const double w : log_weight) sum += std::exp(w - top);
  const double step = sum / static_cast<double>(options.draws);
  double next = 0.5 * step, passed = 0;
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < tried.size(); ++i) {
    passed += std::exp(log_weight[i] - top);
    double times = 0;
    for (; next < passed; next += step) times += 1.0;
    if (times == 0) continue;
    kept.push_back(i);
    weights.push_back(times);
  }
  draws.resize(kept.size());
  parallel_for(kept.size(), options.threads, [&](std::size_t k) {
    const Mode& at = tried[kept[k]];
    draws[k] = with_tails_drawn(engine.solve(at.log_sd, at.x, {}, true), k);
  });
  sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& w : weights) w /= sum;
}

}  // namespace kinescape::numeric
