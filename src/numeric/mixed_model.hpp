// SPDX-License-Identifier: Apache-2.0
/// \file What do groups have in common when each has a level and a trend of its own? Linear mixed
/// models with tests that hold in small samples.
///
///     y_i = X_i beta + Z_i b_i + e_i,  b_i ~ N(0, D),  e_i ~ N(0, sigma^2 R_i)
///
/// fitted by restricted (or full) maximum likelihood to full convergence of the exact Newton steps.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/estimated.hpp"

namespace kinescape::numeric {

/// Rows in any order; rows of one group need not stand together.
struct MixedData {
  int fixed = 0, random = 0;  ///< Columns of x and of z; random = 0: one group a row, plain model.
  /// The last so many columns of z vary between groups only (not between subgroups), each on its
  /// own.
  int lone = 0;
  std::vector<double> y;
  std::vector<double> x;      ///< rows x fixed, row-major.
  std::vector<double> z;      ///< rows x random, row-major.
  std::vector<int> group;     ///< Independent units: any integers.
  std::vector<int> subgroup;  ///< Optional units inside a group, with their own z effects.
  std::vector<double> time;   ///< Only for serial correlation.
};

struct MixedOptions {
  bool reml = true;
  bool correlated = true;           ///< D full; false: diagonal.
  bool serial_correlation = false;  ///< R = phi^|t - t'| within the innermost unit (CAR(1)).
  int max_iterations = 200;
  bool by_rows = false;  ///< Form every covariance of rows; slow, to hold the fast way against.
};

enum class MixedEnd { not_run, converged, singular_design, too_few_data, out_of_steps };
[[nodiscard]] std::string_view name(MixedEnd end);

enum class DfMethod {
  kenward_roger,  ///< 1997, doi:10.2307/2533558; adjusted standard error as well.
  satterthwaite,  ///< Giesbrecht & Burns 1985, doi:10.2307/2530898, by the observed information.
};

struct MixedFit {
  MixedEnd end = MixedEnd::not_run;
  std::vector<double> beta;                 ///< fixed
  std::vector<double> covariance;           ///< fixed x fixed, at the estimated variances.
  std::vector<double> covariance_adjusted;  ///< Kenward and Roger's.
  std::vector<double> random_covariance;    ///< D of the groups, random x random.
  std::vector<double> subgroup_covariance;  ///< D of the subgroups, 0 for lone columns; empty
                                            ///< without subgroups.
  double residual_sd = unknown;
  double serial_correlation = unknown;  ///< phi, at distance 1 of time.
  double log_likelihood = unknown;      ///< Restricted when reml.
  bool singular = false;  ///< D lies on its boundary: a variance of 0, or correlation of +-1.
  int rows = 0, groups = 0, iterations = 0;
  std::vector<double> random_effects;  ///< Predicted b, groups x random, groups ascending.
  std::vector<int> group_ids;          ///< Of those rows.
  /// What a contrast needs: covariance of the variance parameters (expected and observed
  /// information) and the derivatives X'V^-1 V_k V^-1 X, each fixed x fixed.
  std::vector<double> variance_covariance, variance_covariance_observed;
  std::vector<std::vector<double>> variance_derivatives;
  /// Degrees of freedom of each variance parameter, 2 v^2 / var(v): entries of D of the groups, of
  /// the subgroups, sigma^2, decay.
  std::vector<double> variance_df;
};

/// \throws UsageError for columns of unequal length or values that are not numbers.
[[nodiscard]] MixedFit fit_mixed(const MixedData& data, const MixedOptions& options = {});

/// l'beta with its standard error, degrees of freedom and two-sided p; NaN if the fit has none.
struct Contrast {
  double estimate, se, df, p;
};
[[nodiscard]] Contrast contrast(const MixedFit& fit, std::span<const double> l, DfMethod method);

}  // namespace kinescape::numeric
