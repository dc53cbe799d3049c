// SPDX-License-Identifier: Apache-2.0
/// \file What the repeats of all members of an experiment say together of how repeats vary.
///
/// Three repeats tell the spread of one number badly (Student's t on 2 degrees of freedom: 4.3),
/// but the members of one experiment vary alike. Each member's variance is taken to be
///   sigma_j^2 = expected_j phi d0 / chi^2(d0),
/// a scale phi common to all and members that differ from it as d0 says (Smyth 2004,
/// doi:10.2202/1544-6115.1027). phi and d0 are integrated over, not estimated: with few members
/// little is shared and with one nothing, which is Student's t on its own repeats. Any one member
/// may be odd, with a variance many times that of the others: a prior with a heavier tail than the
/// chi^2's, after Phipson et al. 2016 (doi:10.1214/16-AOAS920), by a mixture instead of quantiles.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace kinescape::numeric {

/// One number of one member, from its own repeats.
struct OwnSpread {
  double variance = 0.0;  ///< Of the quantity: the sum of the squared contributions.
  double df = 0.0;
  double expected = 0.0;    ///< The variance that is expected of it, up to the common factor.
  std::string row, column;  ///< Two groupings within which days may move members alike.
  std::vector<std::string> repeats;
  std::vector<double> contribution;  ///< By repeat.
};

/// A variance and its degrees of freedom: those of the Student's t whose 80 % and 95 % intervals
/// are those of the posterior.
struct SharedSpread {
  double variance = 0.0, df = 0.0;
};

/// The variances of one number over the members of an experiment, shared between them. Independent
/// of their order.
[[nodiscard]] std::vector<SharedSpread> share_spread(std::span<const OwnSpread> spreads);

/// The same for differences between two members whose repeats ran on the same days: `variance` and
/// `contribution` are of the difference, `sum_variance` is that of the sum. Where days do not move
/// both alike, both estimate the same variance, on twice the degrees of freedom; where they
/// do (correlation rho), the sum's is (1 + rho) / (1 - rho) times larger. rho is common to the
/// experiment and integrated over.
struct PairedSpread {
  OwnSpread difference;
  double sum_variance = 0.0;
};
[[nodiscard]] std::vector<SharedSpread> share_spread(std::span<const PairedSpread> spreads);

/// How much of each other member's evidence counts, 0 to 1: days that move all alike make one
/// observation of many. From the correlations of the contributions within rows, within columns and
/// across both.
[[nodiscard]] double independence(std::span<const OwnSpread> spreads);

}  // namespace kinescape::numeric
