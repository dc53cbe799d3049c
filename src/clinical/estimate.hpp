// SPDX-License-Identifier: Apache-2.0
/// \file How long does it hold, in which arm, and is the difference real? From follow-up rows to
/// curves, medians, landmarks, restricted means, tests and hazard ratios.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/estimated.hpp"
#include "base/parallel.hpp"
#include "base/problem.hpp"
#include "base/stream.hpp"
#include "clinical/recist.hpp"
#include "clinical/table.hpp"

namespace kinescape::clinical {

enum class BandScale { plain, log, log_log };
enum class TiedTimes { efron, breslow, exact };

struct Options {
  double level = 0.95;
  /// log_log: its intervals stay within [0, 1] and hold their level in small arms (Borgan & Liestol
  /// 1990).
  BandScale band = BandScale::log_log;
  TiedTimes ties = TiedTimes::efron;
  std::vector<double> landmarks;  ///< Times at which survival is reported.
  double horizon = unknown;       ///< Of the restricted mean; unknown: the longest time that every
                                  ///< arm still follows.
  double rho = 0.0, gamma = 0.0;  ///< Fleming-Harrington weight of the extra test.
  bool firth = false;             ///< Penalised hazard ratios always, not under separation only.
  bool likelihood_intervals = true;  ///< Of interval-censored medians and landmarks.
  int bootstrap_draws = 500;         ///< Of interval-censored medians, beside them.
  Seed seed{1};                      ///< Of those draws; echoed.
  Threads threads;
};

/// One step of a curve.
struct CurvePoint {
  double time, survival, low, high, at_risk, events, censored;
};

struct Landmark {
  double time = unknown;
  Estimated survival;
};

/// Chance of one ending by each time, in the presence of the others.
struct Incidence {
  std::string cause;
  std::vector<double> time, incidence, se;
};

struct ArmResult {
  std::string arm;
  int n = 0, events = 0;
  Estimated median;
  std::vector<CurvePoint> survival;
  std::vector<Landmark> landmarks;
  Estimated restricted_mean;
  double horizon = unknown;
  Estimated median_bootstrap;   ///< Of interval-censored times: the percentile interval.
  Estimated weibull_median;     ///< Parametric companion of interval-censored times.
  double optimality = unknown;  ///< Of the Turnbull masses; NaN otherwise.
  std::vector<Incidence> incidence;
};

struct TestResult {
  std::string name;
  double chi2 = unknown, df = unknown, p = unknown;
  Status status = Status::not_run;
  std::string why;
  std::vector<double> observed, expected;  ///< Per arm, in the order of arms.
};

struct CoxTerm {
  std::string name;
  double estimate = unknown, se = unknown, z = unknown, p = unknown;  ///< ln hazard ratio.
  Estimated hazard_ratio;
};

struct ProportionalTerm {
  std::string name;  ///< A term, or "GLOBAL".
  double chi2, df, p;
};

struct CoxResult {
  Status status = Status::not_run;
  std::string why, ties;
  bool penalised = false;  ///< Firth's likelihood: profile intervals.
  int n = 0, events = 0, dropped = 0;
  std::vector<CoxTerm> coefficients;
  double log_likelihood_null = unknown, log_likelihood = unknown;
  double score_test = unknown, wald_test = unknown, likelihood_ratio_test = unknown;
  double concordance = unknown;
  std::vector<ProportionalTerm> proportionality;  ///< On the Kaplan-Meier scale of time.
};

/// An arm against the reference.
struct ArmComparison {
  std::string arm, reference;
  Estimated restricted_mean_difference;
  Estimated restricted_mean_ratio;
};

struct Estimate {
  std::string time_unit;
  bool interval_censored = false, left_truncated = false;
  std::string reconstructed_from;
  std::vector<ArmResult> arms;    ///< The reference first.
  TestResult logrank;             ///< Stratified when the table has strata.
  std::vector<TestResult> tests;  ///< Weighted log-rank and MaxCombo.
  CoxResult cox;
  std::vector<ArmComparison> comparisons;
  std::optional<ResponseEstimate> response;  ///< Where lesions were read.
  std::vector<std::string> methods, citations;
  Problems problems;  ///< Warnings about what was estimated.
};

[[nodiscard]] Estimate estimate(const Table& table, const Options& options = {});

/// Reads every file, follow-up or lesions by its titles, and estimates what they hold. Lesions
/// alone give their progression as the follow-up.
[[nodiscard]] Checked<Estimate> estimate_files(const std::vector<std::string>& paths,
                                               const ReadOptions& read,
                                               const RecistRules& rules,
                                               const Options& options);

}  // namespace kinescape::clinical
