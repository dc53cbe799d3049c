// SPDX-License-Identifier: Apache-2.0
// Cox by Firth's penalised partial likelihood: l + ln|I| / 2, whose maximum is finite when a
// covariate separates all events (Heinze & Schemper 2001, doi:10.1111/j.0006-341X.2001.00114.x).
#include <cmath>

#include "numeric/cox_internal.hpp"
#include "numeric/distribution.hpp"
#include "numeric/root_internal.hpp"

namespace kinescape::numeric {
namespace {

struct Penalised {
  double value = 0.0;
  Eigen::VectorXd gradient;
  Eigen::MatrixXd information;
};

double penalised_value(const PartialLikelihood& l) {
  const Cholesky factor(l.information);
  return factor.ok() ? l.value + 0.5 * factor.log_determinant() : -1e300;
}

/// The gradient gains half of tr(I^-1 dI/dbeta_k): third moments over the risk sets.
Penalised penalised(const CoxSet& set, const Eigen::VectorXd& beta, Ties ties) {
  const PartialLikelihood l = partial_likelihood(set, beta, ties);
  Penalised out{penalised_value(l), l.gradient, l.information};
  const Eigen::MatrixXd c = inverse_symmetric(l.information);
  walk_risk_sets(set, beta, ties, c, [&](const RiskSet& r) {
    out.gradient += 0.5 * (r.penalty_ax - r.penalty_a * r.mean - 2.0 * (r.variance * (c * r.mean)));
  });
  return out;
}

/// Maximum with coefficient `held` fixed at its value in `beta` (held < 0: none).
double maximise(const CoxSet& set, Ties ties, int held, Eigen::VectorXd& beta, int& iterations) {
  Penalised here = penalised(set, beta, ties);
  std::vector<Eigen::Index> free;
  for (Eigen::Index j = 0; j < beta.size(); ++j)
    if (j != held) free.push_back(j);
  if (free.empty()) return here.value;
  for (iterations = 0; iterations < 200; ++iterations) {
    const Eigen::VectorXd u = here.gradient(free);
    const Eigen::MatrixXd info = here.information(free, free);
    Eigen::VectorXd move = solve_symmetric(info, u);
    const double largest = move.cwiseAbs().maxCoeff();
    if (largest > 5.0) move *= 5.0 / largest;
    Eigen::VectorXd next = beta;
    Penalised there;
    int halved = 0;
    for (;; ++halved) {
      for (std::size_t k = 0; k < free.size(); ++k)
        next(free[k]) = beta(free[k]) + move(static_cast<Eigen::Index>(k));
      there = penalised(set, next, ties);
      if (there.value >= here.value - 1e-12 * std::fabs(here.value) || halved > 40) break;
      move *= 0.5;
    }
    if (halved > 40) break;
    beta = next;
    here = std::move(there);
    if (move.cwiseAbs().maxCoeff() < 1e-11 * (1.0 + beta.cwiseAbs().maxCoeff())) break;
  }
  return here.value;
}

}  // namespace

void fit_firth(const CoxSet& set, const CoxOptions& options, CoxFit& fit) {
  const Eigen::Index p = set.x.cols();
  Eigen::VectorXd beta = Eigen::VectorXd::Zero(p);
  fit.log_likelihood_null =
      penalised_value(partial_likelihood(set, Eigen::VectorXd::Zero(p), options.ties));
  fit.log_likelihood = maximise(set, options.ties, -1, beta, fit.iterations);
  const PartialLikelihood at = partial_likelihood(set, beta, options.ties);
  const Eigen::MatrixXd covariance = inverse_symmetric(at.information);
  fit.covariance.assign(covariance.data(), covariance.data() + covariance.size());
  fit.likelihood_ratio_test = 2.0 * (fit.log_likelihood - fit.log_likelihood_null);
  fit.wald_test = beta.dot(at.information * beta);
  fit.concordance = concordance(set, beta);
  const double drop = 0.5 * chi_squared_quantile(options.level, 1.0);
  for (Eigen::Index j = 0; j < p; ++j) {
    const double se = std::sqrt(covariance(j, j));
    int ignored = 0;
    const auto profile = [&](double value) {
      Eigen::VectorXd start = beta;
      start(j) = value;
      return maximise(set, options.ties, static_cast<int>(j), start, ignored) -
             (fit.log_likelihood - drop);
    };
    const auto end = [&](double direction) {
      double far = 2.0 * se;
      for (int i = 0; i < 8 && profile(beta(j) + direction * far) > 0.0; ++i) far *= 2.0;
      if (profile(beta(j) + direction * far) > 0.0) return unknown;  // open
      double inside = beta(j), outside = beta(j) + direction * far;
      for (int i = 0; i < 46; ++i) {
        const double middle = 0.5 * (inside + outside);
        (profile(middle) > 0.0 ? inside : outside) = middle;
      }
      return 0.5 * (inside + outside);
    };
    fit.coefficient.push_back(beta(j));
    fit.se.push_back(se);
    fit.low.push_back(end(-1.0));
    fit.high.push_back(end(1.0));
    Eigen::VectorXd start = beta;
    start(j) = 0.0;
    const double without = maximise(set, options.ties, static_cast<int>(j), start, ignored);
    fit.p.push_back(chi_squared_upper(2.0 * std::max(0.0, fit.log_likelihood - without), 1.0));
  }
  fit.end = CoxEnd::converged;
}

}  // namespace kinescape::numeric
