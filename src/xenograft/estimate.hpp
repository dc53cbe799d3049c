// SPDX-License-Identifier: Apache-2.0
/// \file Does the treatment slow the tumour, by how much, and could that be chance? From visits to
/// a growth model whose tests hold with six mice an arm, and to the endpoints people ask for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/estimated.hpp"
#include "base/problem.hpp"
#include "base/stream.hpp"
#include "xenograft/experiment.hpp"

namespace kinescape::xenograft {

/// Response of one mouse (Gao et al. 2015, doi:10.1038/nm.3954). The day from which responses count
/// moves disease control more than any drug: it stands beside every class.
struct MrecistRule {
  double first_day = 10.0;  ///< Days after baseline.
  double cr_best = -95.0, cr_average = -40.0;
  double pr_best = -50.0, pr_average = -20.0;
  double sd_best = 35.0, sd_average = 30.0;
};
[[nodiscard]] std::string words(const MrecistRule& rule);

/// "AB is A with B": is it more than A and B alone, added on the log scale?
struct Combination {
  std::string both, first, second;
};

/// "both = first + second", spaces as wanted; nothing where it is not that.
[[nodiscard]] std::optional<Combination> parse_combination(std::string_view text);

struct Options {
  double level = 0.95;
  /// false: mice share one growth rate. Its tests take mouse-to-mouse differences for precision; it
  /// is there to be compared with, and every output says so.
  bool random_slope = true;
  bool serial_correlation = false;  ///< CAR(1) residuals within a mouse.
  bool satterthwaite = false;       ///< Instead of Kenward and Roger's degrees of freedom.
  bool common_effect = false;       ///< One effect for all lines, instead of one that varies.
  bool drop_below_limit = false;    ///< Leave out volumes below the limit instead of censoring.
  std::vector<double> knots;        ///< Days at which growth rates may change.
  double start_day = unknown;       ///< Baseline: the last visit on or before it; else the first.
  MrecistRule mrecist;
  double multiple = 2.0;  ///< Of the baseline volume, for time to multiple.
  std::vector<Combination> combinations;
  int draws = 2000;  ///< Of bootstrap and of inexact permutation tests.
  int imputations = 20;
  Seed seed{1};
};

struct Coefficient {
  std::string name;  ///< "day", "arm[treated]", "day:arm[treated]"
  double estimate = unknown, se = unknown, df = unknown, p = unknown;
  double se_unadjusted = unknown, df_satterthwaite = unknown;
};

/// How the effect on the growth rate varies between tumour lines.
struct LineEffect {
  std::string arm;
  double sd_per_day = unknown;
};

/// ln volume = intercept + day + arm + day:arm, random intercept and slope per mouse.
struct Model {
  Status status = Status::not_run;
  std::string why, line, formula, df_method;
  std::vector<Coefficient> coefficients;
  double sd_intercept = unknown, sd_slope = unknown, correlation = unknown, sd_residual = unknown;
  double sd_line_intercept = unknown, sd_line_slope = unknown;  ///< Several lines.
  std::vector<LineEffect> line_effects;  ///< Of arms whose effect may vary between lines.
  double serial_correlation = unknown, log_likelihood = unknown;
  int n = 0, animals = 0, below_limit = 0;
  bool singular = false;
};

/// An arm, and that arm against the reference.
struct ArmResult {
  std::string arm, reference;
  int animals = 0;
  Estimated growth_rate_per_day;  ///< Of ln volume.
  Estimated doubling_time_days;
  Estimated growth_rate_ratio;  ///< Treated over reference, Fieller.
  Estimated growth_rate_difference_per_day;
  double p = unknown, p_holm = unknown, p_dunnett = unknown;  ///< Of the difference.
  double p_permutation = unknown;    ///< Of mice's own slopes, re-allotted.
  double last_common_day = unknown;  ///< Last on which every mouse of both arms was measured.
  Estimated tgi_percent;             ///< 100 (1 - mean rise treated / mean rise reference) on it.
  Estimated tc_percent, tc_median_percent, tc_rtv_percent;  ///< Volumes; relative volumes.
  Estimated log_rtv_difference;  ///< Welch on ln(V / V0); exp of it: tc_rtv_percent.
  double rtv_rank_p = unknown, rtv_permutation_p = unknown;
  bool permutation_exact = false;
  Estimated auc_ratio;              ///< Mean area under volume to that day, treated over reference.
  Estimated time_to_multiple_days;  ///< Median, known between visits.
  Estimated growth_delay_days;      ///< Difference of first-seen medians.
  double multiple_chi2 = unknown, multiple_p = unknown;  ///< Log-rank of first-seen times.
  int multiple_events = 0;
  Estimated largest_weight_loss_percent;  ///< Mean over mice of each one's worst day.
  /// Means over the mice whose volumes a decay and a regrowth describe better than one rate does.
  Estimated decay_per_day, regrowth_per_day;
  int cr = 0, pr = 0, sd = 0, pd = 0, not_classified = 0;
};

struct AnimalResult {
  std::string id, arm, line, removal, removal_as_written;
  int visits = 0;
  double baseline_mm3 = unknown, baseline_day = unknown;
  std::string mrecist;  ///< CR, PR, SD, PD, or NE with too few visits after the rule's first day.
  double best_response_percent = unknown, best_response_day = unknown;
  double best_average_percent = unknown, best_average_day = unknown;
  double auc_mm3_day = unknown, slope_angle_deg = unknown, slope_per_day = unknown;
  double largest_weight_loss_percent = unknown;
  double multiple_low = unknown, multiple_high = unknown;  ///< Days after baseline; high infinite.
  double decay_per_day = unknown, regrowth_per_day = unknown;  ///< Where that curve fits better.
  std::vector<double> day, volume_mm3;                         ///< For the spider.
  std::vector<bool> below_limit;
};

/// Mean of ln volume with its t interval, at days when every mouse of the arm was measured or the
/// mean of those left would mislead (flagged).
struct MeanPoint {
  std::string arm;
  double day, mean_mm3, low_mm3, high_mm3;
  int measured, of;
};

struct CombinationResult {
  std::string both, first, second;
  Estimated excess_per_day;  ///< Below 0: more than the two added.
  double p = unknown;
  std::string says;
};

/// The same difference under another assumption about who left and why.
struct Sensitivity {
  std::string what, why, arm;
  Estimated growth_rate_difference_per_day;
  double p = unknown;
};

/// Kaplan-Meier of the time to a multiple of baseline.
struct MultiplePoint {
  std::string arm;
  double day, share_below, at_risk;
};

struct LineResult {
  std::string line;
  Model model;
  std::vector<ArmResult> arms;
};

struct Estimate {
  std::string volume_formula;
  double palpable_limit_mm3 = unknown;
  std::string mrecist_rule;
  Model model;
  std::vector<ArmResult> arms;
  std::vector<AnimalResult> animals;
  std::vector<LineResult> lines;  ///< Where there are several, each on its own.
  std::vector<MeanPoint> means;
  std::vector<MultiplePoint> multiples;
  std::vector<CombinationResult> combinations;
  std::vector<Sensitivity> sensitivity;
  std::vector<std::string> methods, citations;
  Problems problems;
};

[[nodiscard]] Estimate estimate(const Experiment& experiment, const Options& options = {});

/// One mouse by itself: mRECIST, areas, slopes. Days count from its baseline.
[[nodiscard]] AnimalResult describe(const Animal& animal, const Options& options);

}  // namespace kinescape::xenograft
