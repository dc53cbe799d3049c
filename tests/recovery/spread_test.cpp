// SPDX-License-Identifier: Apache-2.0
// Do intervals from shared spreads cover what they promise: curves alike, not alike, one odd, and
// differences with and without common days? Gaussian repeats; no plate.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "base/stream.hpp"
#include "numeric/distribution.hpp"
#include "numeric/shared_spread.hpp"
#include "spread_draws.hpp"

namespace kinescape::numeric {
namespace {

using tests::draw;
using tests::spread_of;

// Share of 95 % intervals that hold the truth, over experiments of `curves` curves.
double coverage(int curves, int repeats, double d0, std::uint64_t seed) {
  constexpr int curves_in_all = 6000;
  int covered = 0, n = 0;
  for (std::uint64_t experiment = 0; n < curves_in_all; ++experiment) {
    Stream random(Seed{seed}, 1, experiment);
    std::vector<OwnSpread> all;
    std::vector<double> means;
    for (int i = 0; i < curves; ++i) {
      double chi2 = 0.0, mean = 0.0;
      for (int k = 0; k < static_cast<int>(d0); ++k) chi2 += std::pow(random.normal(), 2);
      const double sd = d0 > 0.0 ? std::sqrt(d0 / chi2) : 1.0;
      all.push_back(draw(random, repeats, sd, mean, std::to_string(i)));
      means.push_back(mean);
    }
    const auto shared = share_spread(all);
    for (std::size_t i = 0; i < all.size(); ++i, ++n)
      covered += std::abs(means[i]) <
                 student_t_quantile(0.975, shared[i].df) * std::sqrt(shared[i].variance);
  }
  return static_cast<double>(covered) / n;
}

TEST(SpreadRecovery, IntervalsCoverWhetherCurvesAreAlikeOrNot) {
  // Binomial SD 0.3 %. The prior is proper: it is calibrated on average over d0, not at each.
  std::uint64_t seed = 100;
  for (int curves : {2, 6})
    for (int repeats : {2, 3, 5})
      for (double d0 : {0.0, 8.0, 4.0}) {  // 0: all alike
        const double c = coverage(curves, repeats, d0, ++seed);
        EXPECT_GE(c, 0.935) << curves << " curves, R = " << repeats << ", d0 = " << d0;
        EXPECT_LE(c, 0.965) << curves << " curves, R = " << repeats << ", d0 = " << d0;
      }
}

// Coverage of one curve among `curves` whose variance is `odd` times that of the others, and of
// those others.
struct OddCoverage {
  double odd = 0.0, others = 0.0;
};

OddCoverage odd_coverage(int curves, int repeats, double odd, std::uint64_t seed) {
  constexpr int experiments = 1500;
  OddCoverage c;
  for (std::uint64_t experiment = 0; experiment < experiments; ++experiment) {
    Stream random(Seed{seed}, 1, experiment);
    std::vector<OwnSpread> all;
    std::vector<double> means(static_cast<std::size_t>(curves));
    for (std::size_t i = 0; i < means.size(); ++i)
      all.push_back(
          draw(random, repeats, i == 0 ? std::sqrt(odd) : 1.0, means[i], std::to_string(i)));
    const auto shared = share_spread(all);
    for (std::size_t i = 0; i < means.size(); ++i) {
      const bool covered = std::abs(means[i]) <
                           student_t_quantile(0.975, shared[i].df) * std::sqrt(shared[i].variance);
      (i == 0 ? c.odd : c.others) += covered / (i == 0 ? 1.0 : curves - 1.0);
    }
  }
  return {c.odd / experiments, c.others / experiments};
}

TEST(SpreadRecovery, AnOddCurveIsCoveredAsFarAsItsOwnRepeatsGiveItAway) {
  // One of six has ten times the variance. At two repeats two fifths of such curves look like the
  // others on their own repeats: whoever covers those has to widen every interval. With the others'
  // scale known and their coverage at most 96.5 %, no rule covers the odd one more than in about
  // 74, 85 and 95 % (R = 2, 3, 5; docs/adr/0006). Binomial SD 1 %.
  struct Case {
    int repeats;
    double least;
  };
  std::uint64_t seed = 300;
  for (const Case c : {Case{2, 0.76}, Case{3, 0.81}, Case{5, 0.88}, Case{10, 0.92}}) {
    const OddCoverage got = odd_coverage(6, c.repeats, 10.0, ++seed);
    EXPECT_GE(got.odd, c.least) << "R = " << c.repeats;
    EXPECT_GE(got.others, 0.935) << "R = " << c.repeats;
  }
}

// The same for differences of two curves; `rho` between them over days.
double paired_coverage(int pairs, int repeats, double rho, std::uint64_t seed) {
  constexpr int differences_in_all = 6000;
  int covered = 0, n = 0;
  const double scale = std::sqrt(repeats * (repeats - 1.0));
  for (std::uint64_t experiment = 0; n < differences_in_all; ++experiment) {
    Stream random(Seed{seed}, 1, experiment);
    std::vector<PairedSpread> all;
    std::vector<double> means;
    for (int i = 0; i < pairs; ++i) {
      std::vector<double> difference, sum;
      double mean = 0.0, mean_sum = 0.0;
      for (int r = 0; r < repeats; ++r) {
        const double a = random.normal(),
                     b = rho * a + std::sqrt(1.0 - rho * rho) * random.normal();
        difference.push_back(a - b), sum.push_back(a + b);
        mean += (a - b) / repeats, mean_sum += (a + b) / repeats;
      }
      PairedSpread p;
      for (double& x : sum) p.sum_variance += std::pow((x - mean_sum) / scale, 2);
      for (double& x : difference) x = (x - mean) / scale;
      p.difference = spread_of(difference, std::to_string(i));
      all.push_back(p);
      means.push_back(mean);
    }
    const auto shared = share_spread(all);
    for (std::size_t i = 0; i < all.size(); ++i, ++n)
      covered += std::abs(means[i]) <
                 student_t_quantile(0.975, shared[i].df) * std::sqrt(shared[i].variance);
  }
  return static_cast<double>(covered) / n;
}

TEST(SpreadRecovery, DifferencesCoverWithAndWithoutCommonDays) {
  std::uint64_t seed = 200;
  for (int pairs : {1, 6})
    for (int repeats : {2, 3, 5}) {
      // Independent days: as promised (binomial SD 0.3 %). Days in common: never too narrow.
      const double c = paired_coverage(pairs, repeats, 0.0, ++seed);
      EXPECT_GE(c, 0.935) << pairs << " pairs, R = " << repeats;
      EXPECT_LE(c, 0.965) << pairs << " pairs, R = " << repeats;
      for (double rho : {0.5, 0.9})
        EXPECT_GE(paired_coverage(pairs, repeats, rho, ++seed), 0.935)
            << pairs << " pairs, R = " << repeats << ", rho = " << rho;
    }
}

}  // namespace
}  // namespace kinescape::numeric
