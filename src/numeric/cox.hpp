// SPDX-License-Identifier: Apache-2.0
/// \file What raises the rate of an event, whatever the rate itself does over time? Proportional
/// hazards by partial likelihood (Cox 1972, doi:10.1111/j.2517-6161.1972.tb00899.x).
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/estimated.hpp"
#include "numeric/survival.hpp"

namespace kinescape::numeric {

enum class Ties {
  efron,    ///< Efron 1977 (doi:10.1080/01621459.1977.10480613).
  breslow,  ///< Breslow 1974 (doi:10.2307/2529620).
  exact,    ///< Discrete: all ways to choose who failed (Gail et al. 1981), for small tied sets.
};

/// Covariates that change over time are rows of one subject, (entry, time] each.
struct CoxData {
  FollowUp rows;
  int covariates = 0;
  std::vector<double> x;     ///< rows x covariates, row-major.
  std::vector<int> stratum;  ///< Empty: one baseline hazard; else one per value.
};

struct CoxOptions {
  Ties ties = Ties::efron;
  bool firth = false;  ///< Penalised: finite under separation (Heinze & Schemper 2001,
                       ///< doi:10.1111/j.0006-341X.2001.00114.x). With Efron or Breslow ties.
  double level = 0.95;
  int max_iterations = 50;
  /// Relative change of the log-likelihood at which Newton's steps end: R's survival ends there,
  /// too. As the steps converge quadratically, what is left of an error is below 1e-8 standard
  /// errors.
  double tolerance = 1e-9;
};

enum class CoxEnd {
  not_run,
  converged,
  no_events,
  separated,  ///< A covariate (or a sum of them) tells all events apart: no finite estimate.
  singular,   ///< Covariates that do not vary, or repeat each other, among those at risk.
  out_of_steps,
};
[[nodiscard]] std::string_view name(CoxEnd end);

struct CoxFit {
  CoxEnd end = CoxEnd::not_run;
  std::vector<double> coefficient, se;  ///< ln hazard ratio.
  std::vector<double> low, high;        ///< Wald; profile of the penalised likelihood with Firth.
  std::vector<double> p;                ///< Wald; penalised likelihood ratio with Firth.
  std::vector<double> covariance;       ///< covariates x covariates.
  double log_likelihood_null = unknown, log_likelihood = unknown;
  double score_test = unknown, wald_test = unknown, likelihood_ratio_test = unknown;
  double concordance = unknown;  ///< Of comparable pairs, ties in the predictor counted half.
  int n = 0, events = 0, iterations = 0;
};

/// \throws UsageError for rows of a wrong form or a covariate that is not a number.
[[nodiscard]] CoxFit cox(const CoxData& data, const CoxOptions& options = {});

enum class TimeScale {
  identity,
  kaplan_meier,  ///< 1 - S(t-), pooled: events evenly spread.
};

/// Do the effects change over time? Score test of x g(t) beside x (Grambsch & Therneau 1994,
/// doi:10.1093/biomet/81.3.515, in the exact form that holds the information at each event).
/// `terms[j]`: which term covariate j belongs to, counted from 0.
struct ProportionalityTest {
  std::vector<double> chi2, df, p;  ///< Per term.
  double global_chi2, global_df, global_p;
};
[[nodiscard]] ProportionalityTest proportionality(const CoxData& data,
                                                  const CoxFit& fit,
                                                  std::span<const int> terms,
                                                  TimeScale scale,
                                                  Ties ties = Ties::efron);

}  // namespace kinescape::numeric
