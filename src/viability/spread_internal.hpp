// SPDX-License-Identifier: Apache-2.0
/// \file What the repeats of all curves of an experiment say together of how repeats vary.
///
/// Three repeats tell the spread of one curve badly (Student's t on 2 degrees of freedom: 4.3), but
/// the curves of one experiment vary alike. Each curve's variance is taken to be
///   sigma_j^2 = expected_j phi d0 / chi^2(d0),
/// a scale phi common to all and curves that differ from it as d0 says (Smyth 2004,
/// doi:10.2202/1544-6115.1027). phi and d0 are integrated over, not estimated: with few curves
/// little is shared and with one nothing, which is Student's t on its own repeats. Any one curve
/// may be odd, with a variance many times that of the others: a prior with a heavier tail than the
/// chi^2's, after Phipson et al. 2016 (doi:10.1214/16-AOAS920), by a mixture instead of quantiles.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace kinescape::viability {

/// One quantity of one curve, from its own repeats.
struct Spread {
  double variance = 0.0;  ///< Of the quantity: the sum of the squared contributions.
  double df = 0.0;
  double expected = 0.0;  ///< The variance that is expected of it, up to the common factor.
  std::string line, drug;
  std::vector<std::string> repeats;
  std::vector<double> contribution;  ///< By repeat.
};

/// A variance and its degrees of freedom: those of the Student's t whose 80 % and 95 % intervals
/// are those of the posterior.
struct Shared {
  double variance = 0.0, df = 0.0;
};

/// The variances of one quantity over the curves of an experiment, shared between them.
/// Independent of the order of the curves.
[[nodiscard]] std::vector<Shared> share_spread(std::span<const Spread> spreads);

/// The same for differences between two curves whose repeats ran on the same days: `variance` and
/// `contribution` are of the difference, `sum_variance` is that of the sum. Where days do not move
/// both curves alike, both estimate the same variance, on twice the degrees of freedom; where they
/// do (correlation rho), the sum's is (1 + rho) / (1 - rho) times larger. rho is common to the
/// experiment and integrated over.
struct PairedSpread {
  Spread difference;
  double sum_variance = 0.0;
};
[[nodiscard]] std::vector<Shared> share_spread(std::span<const PairedSpread> spreads);

/// How much of each other curve's evidence counts, 0 to 1: days that move all curves alike make one
/// observation of many. From the correlations of the contributions within lines, within drugs and
/// across both.
[[nodiscard]] double independence(std::span<const Spread> spreads);

}  // namespace kinescape::viability
