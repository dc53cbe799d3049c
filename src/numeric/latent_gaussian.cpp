// SPDX-License-Identifier: Apache-2.0
// Answers of a fitted model (its fit: latent_spreads.cpp, latent_draws.cpp, latent_mode.cpp).
#include "numeric/latent_gaussian.hpp"

#include <cmath>

#include "base/errors.hpp"
#include "numeric/latent_state_internal.hpp"

namespace kinescape::numeric {
namespace {

void check(const LatentModel& model) {
  for (const auto& c : model.columns) {
    if (c.component != LatentColumn::no_prior && c.component >= model.components.size()) {
      throw UsageError("a latent column names a component that is not there");
    }
  }
  for (const auto& o : model.observations) {
    if (o.noise.empty()) throw UsageError("an observation has no noise");
    for (const auto& share : o.noise) {
      if (share.component >= model.components.size())
        throw UsageError("noise of a component that is not there");
    }
    const bool fixed = o.low.terms.empty() && o.high.terms.empty();
    if (o.seen == SeenAs::between && fixed && !(o.low.constant < o.high.constant)) {
      throw UsageError("an interval observation whose bounds cross");
    }
  }
}

}  // namespace

LatentPosterior::LatentPosterior(LatentModel model, const LatentOptions& options) {
  check(model);
  state_ = std::make_unique<State>(std::move(model), options);
  for (std::size_t k = 0; k < state_->model.components.size(); ++k) {
    if (std::isnan(state_->model.components[k].fixed_sd)) state_->free.push_back(k);
  }
  state_->maximise();
  if (state_->draws.empty()) state_->draw_at_mode();
}

LatentPosterior::~LatentPosterior() = default;
LatentPosterior::LatentPosterior(LatentPosterior&&) noexcept = default;
LatentPosterior& LatentPosterior::operator=(LatentPosterior&&) noexcept = default;

bool LatentPosterior::converged() const {
  return state_->converged;
}
const std::string& LatentPosterior::why() const {
  return state_->why;
}
double LatentPosterior::log_marginal() const {
  return state_->mode.log_marginal;
}
double LatentPosterior::sd(std::size_t component) const {
  return std::exp(state_->mode.log_sd.at(component));
}

namespace {

using Places = std::vector<std::size_t>;

double value_at(const LatentForm& form, const Places& place, const Eigen::VectorXd& x) {
  double sum = form.constant;
  for (const auto& t : form.terms)
    sum += t.weight * x[static_cast<Eigen::Index>(place.at(t.column))];
  return sum;
}

Eigen::VectorXd dense(const LatentForm& form, const Places& place, Eigen::Index n) {
  Eigen::VectorXd out = Eigen::VectorXd::Zero(n);
  for (const auto& t : form.terms) out[static_cast<Eigen::Index>(place.at(t.column))] += t.weight;
  return out;
}

/// L^-1 c: its squared length is the variance of c'x.
Eigen::VectorXd half_solved(const latent::Factor& factor, const Eigen::VectorXd& c) {
  return factor.matrixL().solve(c);
}

}  // namespace

LatentMixture LatentPosterior::sd_log(std::size_t component) const {
  LatentMixture out;
  out.weight = state_->weights;
  for (const auto& d : state_->draws) {
    out.mean.push_back(d.log_sd.at(component));
    out.variance.push_back(0.0);
  }
  return out;
}

double LatentPosterior::at_mode(const LatentForm& form) const {
  return value_at(form, state_->place, state_->mode.x);
}

LatentMixture LatentPosterior::distribution(const LatentForm& form,
                                            const std::vector<NoiseShare>& extra) const {
  LatentMixture out;
  out.weight = state_->weights;
  for (const auto& d : state_->draws) {
    out.mean.push_back(value_at(form, state_->place, d.x));
    double variance = half_solved(*d.factor, dense(form, state_->place, d.x.size())).squaredNorm();
    for (const auto& share : extra)
      variance += share.weight * std::exp(2 * d.log_sd.at(share.component));
    out.variance.push_back(variance);
  }
  return out;
}

LatentJoint LatentPosterior::joint(const std::vector<LatentForm>& forms) const {
  LatentJoint out;
  out.weight = state_->weights;
  const auto m = static_cast<Eigen::Index>(forms.size());
  for (const auto& d : state_->draws) {
    Eigen::MatrixXd half(d.x.size(), m);
    std::vector<double> mean;
    for (Eigen::Index i = 0; i < m; ++i) {
      const auto& form = forms[static_cast<std::size_t>(i)];
      half.col(i) = half_solved(*d.factor, dense(form, state_->place, d.x.size()));
      mean.push_back(value_at(form, state_->place, d.x));
    }
    const Eigen::MatrixXd covariance = half.transpose() * half;
    out.mean.push_back(std::move(mean));
    out.covariance.emplace_back(covariance.data(), covariance.data() + covariance.size());
  }
  return out;
}

LatentMixture LatentPosterior::noisier(LatentMixture mixture,
                                       const std::vector<NoiseShare>& extra) const {
  for (std::size_t d = 0; d < mixture.variance.size(); ++d) {
    for (const auto& share : extra)
      mixture.variance[d] +=
          share.weight * std::exp(2 * state_->draws[d].log_sd.at(share.component));
  }
  return mixture;
}

double LatentPosterior::at_mode_without(const LatentForm& form,
                                        const std::vector<std::size_t>& observations) const {
  std::vector<double> weights;
  for (const auto& o : state_->model.observations) weights.push_back(o.weight);
  for (const std::size_t i : observations) weights.at(i) = 0.0;
  const Mode m = state_->engine.solve(state_->mode.log_sd, state_->mode.x, weights);
  return m.converged ? value_at(form, state_->place, m.x) : unknown;
}

}  // namespace kinescape::numeric
