// SPDX-License-Identifier: Apache-2.0
/// \file How many of how many responded, and what does that say? Rates with honest intervals, two
/// arms, and small series from several studies together.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/estimated.hpp"
#include "base/problem.hpp"

namespace kinescape::clinical {

/// A rate with every interval that is in use; each holds the same value.
struct ResponseRate {
  int responders = 0, n = 0;
  Estimated clopper_pearson, wilson, wilson_corrected, mid_p, jeffreys, agresti_coull;
};

/// Counts that cannot be give status not_applicable and no number.
[[nodiscard]] ResponseRate response_rate(int responders, int n, double level = 0.95);

struct RateComparison {
  Estimated difference;  ///< First less second, Newcombe.
  Estimated odds_ratio;  ///< Conditional maximum likelihood, exact interval.
  Estimated risk_ratio;
  double fisher_p = unknown, chi2 = unknown;
};
[[nodiscard]] RateComparison compare_rates(int x1, int n1, int x2, int n2, double level = 0.95);

/// One published series: "9 of 11".
struct Series {
  std::string source, group;  ///< group: what is pooled together, e.g. one combination.
  int responders = 0, n = 0;
  Where where;
};

struct Pooled {
  std::string group;
  int studies = 0, responders = 0, n = 0;
  Estimated rate;        ///< Beta-binomial mean over studies.
  Estimated exact_rate;  ///< Clopper-Pearson of the sums, right only if all share one rate.
  Estimated predictive;  ///< Where the rate of a new study lies.
  Estimated intraclass;  ///< 0: no heterogeneity.
  double heterogeneity_p = unknown, exact_heterogeneity_p = unknown;
  std::vector<Series> series;
  std::vector<Estimated> each;  ///< Clopper-Pearson of each series.
};

/// Columns source (or study), responders, n, and optionally group (drug, combination, variant).
[[nodiscard]] Checked<std::vector<Series>> read_series(std::string_view bytes,
                                                       const std::string& file);
/// All series of all files: two rows of one source in one group are a problem, rows without counts
/// a warning.
[[nodiscard]] Checked<std::vector<Series>> read_series_files(const std::vector<std::string>& paths);
[[nodiscard]] std::vector<Pooled> pool(const std::vector<Series>& series, double level = 0.95);

}  // namespace kinescape::clinical
