// SPDX-License-Identifier: Apache-2.0
/// \file Is there a response at all? The 4-parameter curve against a constant, with a null
/// distribution computed for the actual design.
///
/// The usual F(3, n - 4) does not hold: under a flat response the midpoint and slope are not
/// identified (Davies 1987, doi:10.1093/biomet/74.1.33), and what the best of all curves gains
/// depends on the doses. For given doses and wells the share of the sum of squares that the
/// best curve explains is M B: M is the largest squared cosine between a random direction and the
/// curves, found over 4,000 evenly spread directions; B, the share of the noise that lies between
/// doses, is Beta distributed. Averaging the Beta tail over M gives p values that are exact up to
/// that sample, far into the tail.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace kinescape::dose_response {

/// Null distribution for one design. Immutable once made; share it between curves and threads.
class FlatNull {
 public:
  /// \param log10_dose distinct doses (-infinity: no drug); weight: summed weight of the wells of
  /// each; wells: their number n. Midpoints from lowest to highest (log10), slopes within.
  FlatNull(std::span<const double> log10_dose,
           std::span<const double> weight,
           int wells,
           double lowest_midpoint,
           double highest_midpoint,
           double lowest_slope = 0.2,
           double highest_slope = 12.0);

  /// The same design with another number of wells: some are missing.
  [[nodiscard]] FlatNull with_wells(int wells) const;

  /// Chance of explaining at least this share of the sum of squares about the mean
  /// (1 - residual_sum / residual_sum_of_the_mean) when nothing is there. NaN for a design that
  /// cannot tell: fewer than 4 distinct doses or no degree of freedom left.
  [[nodiscard]] double p(double explained_share) const;

 private:
  void make_table();
  [[nodiscard]] double tail_at(double logit) const;
  [[nodiscard]] double beta_tail(double share) const;
  int wells_ = 0, doses_ = 0;
  std::vector<double> largest_, portion_;  ///< M in bins, and the portion of each.
  std::vector<double> log_tail_;           ///< ln of the Beta tail, by logit.
  std::vector<double> log_p_;              ///< ln p, by logit of the share.
};

/// p of the flat test for one curve: residual sums of the best curve and of the constant.
[[nodiscard]] inline double flat_p(const FlatNull& null, double curve_sum, double constant_sum) {
  return null.p(constant_sum > 0.0 ? 1.0 - curve_sum / constant_sum : 0.0);
}

}  // namespace kinescape::dose_response
