// SPDX-License-Identifier: Apache-2.0
/// \file How much does a drug slow growth, whatever the line's own pace? Growth-rate inhibition
/// (Hafner et al. 2016, doi:10.1038/nmeth.3853) and the drug-induced proliferation rate of a time
/// course (Harris et al. 2016, doi:10.1038/nmeth.3852).
#pragma once

#include <span>
#include <string>

#include "base/estimated.hpp"
#include "dose_response/curve.hpp"
#include "dose_response/fit.hpp"

namespace kinescape::dose_response {

/// Growth-rate inhibition value 2^(log2(x/x0) / log2(control/x0)) - 1: 1 is untreated growth, 0 a
/// standstill, below 0 death. Any units, the same for all three; NaN unless all are above 0 and the
/// control has changed since the start.
[[nodiscard]] double gr_value(double treated, double control, double start);

/// The same when the start was not counted, from the control's number of doublings over the
/// exposure: 2^((log2(treated/control) + doublings) / doublings) - 1.
[[nodiscard]] double gr_value_from_doublings(double treated, double control, double doublings);

/// log2(control / start).
[[nodiscard]] double doublings(double control, double start);

/// Defaults are the limits of the reference implementations, so that numbers agree.
struct GrOptions {
  double level = 0.95;
  double lowest_slope = 0.1, highest_slope = 5.0;
  double lowest_gr_inf = -1.0, highest_gr_inf = 1.0;
  double decades_beyond = 2.0;  ///< Window of GEC50 beyond the lowest and the highest dose.
  double flat_alpha = 0.05;     ///< F test of the sigmoid (3 parameters) against a constant.
};

/// The GR metrics of one curve. Intervals: profile likelihood; for GR_AOC and GRmax, which are sums
/// of the wells themselves, Student t. A flat curve has status no_response in what a curve is
/// needed for.
struct GrMetrics {
  Curve curve;                 ///< 3-parameter log-logistic with top 1, or flat.
  double flat_p = unknown;     ///< Of the F test.
  double r_squared = unknown;  ///< 1 - residual sum / sum of squares about the mean.
  Estimated gr50_nM;           ///< Dose at GR = 0.5; a bound where it lies outside the doses.
  Estimated gr_max;            ///< The lower mean GR of the two highest doses.
  Estimated gr_aoc;    ///< Area over the curve (1 - GR), trapezoids on log10 dose, per decade.
  Estimated gec50_nM;  ///< Dose at half the effect.
  Estimated gr_inf;    ///< Plateau.
  Estimated h_gr;      ///< Slope.
};
/// \param dose_nM > 0, one per well; gr: GR values, NaN where missing.
[[nodiscard]] GrMetrics gr_metrics(std::span<const double> dose_nM,
                                   std::span<const double> gr,
                                   const GrOptions& options = {});

/// Rate of proliferation, doublings per hour, from one well or the mean of several.
struct DipRate {
  double doublings_per_h = unknown, se = unknown;
  double delay_h = unknown;    ///< Where the straight part begins.
  double intercept = unknown;  ///< log2 count at time 0 of that line.
  double adjusted_r_squared = unknown;
  int points = 0;  ///< In the straight part.
  Status status = Status::too_few_data;
};
/// The slope of log2(count) over time once the drug acts: of all lines from some time to the end,
/// with at least 5 points, the one with the largest adjusted r^2 (1 - rmse)^2 (n - 3)^(1/4).
[[nodiscard]] DipRate dip_rate(std::span<const double> time_h, std::span<const double> count);

}  // namespace kinescape::dose_response
