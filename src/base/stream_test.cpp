// SPDX-License-Identifier: Apache-2.0
#include "base/stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <vector>

#include "base/errors.hpp"
#include "base/parallel.hpp"
#include "base/philox_internal.hpp"

namespace kinescape {
namespace {

using Words = std::array<std::uint32_t, 4>;

// The known answers that Random123 1.09 ships for philox4x32 with 10 rounds (tests/kat_vectors).
TEST(Philox, GivesTheKnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const std::uint32_t f = 0xffffffff;
  EXPECT_EQ(philox({f, f, f, f}, {f, f}), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Stream, IsNamedBySeedPurposeAndOwner) {
  Stream zero(Seed{0}, 0, 0);
  EXPECT_EQ(zero.bits(), 0x6627e8d5U);
  Stream named(Seed{0x299f31d0a4093822}, 7, 0x0000000500000003);
  const Words first = philox({0, 3, 5, 7}, {0xa4093822, 0x299f31d0});
  const Words second = philox({1, 3, 5, 7}, {0xa4093822, 0x299f31d0});
  for (const Words& block : {first, second}) {
    for (const std::uint32_t word : block) EXPECT_EQ(named.bits(), word);
  }
}

TEST(Stream, TheSeedMatters) {
  EXPECT_NE(Stream(Seed{1}, 0).uniform(), Stream(Seed{2}, 0).uniform());
  EXPECT_NE(Stream(Seed{1}, 0).uniform(), Stream(Seed{1ULL << 32U}, 0).uniform());
  EXPECT_NE(Stream(Seed{1}, 0).uniform(), Stream(Seed{1}, 1).uniform());
  EXPECT_NE(Stream(Seed{1}, 0, 1).uniform(), Stream(Seed{1}, 0, 1ULL << 32U).uniform());
}

TEST(Stream, NeitherOrderNorThreadMatters) {
  auto draw = [](unsigned threads) {
    std::vector<double> out(500);
    parallel_for(out.size(), Threads{threads}, [&](std::size_t i) {
      Stream s(Seed{42}, 3, i);
      out[i] = s.normal() + s.gamma(0.5) + static_cast<double>(s.binomial(1000, 0.3));
    });
    return out;
  };
  const auto one = draw(1);
  EXPECT_EQ(one, draw(4));
  Stream late(Seed{42}, 3, 499);
  EXPECT_EQ(late.normal() + late.gamma(0.5) + static_cast<double>(late.binomial(1000, 0.3)),
            one[499]);
}

TEST(Stream, RefusesImpossibleArguments) {
  Stream s(Seed{1}, 0);
  EXPECT_THROW(static_cast<void>(s.below(0)), UsageError);
  EXPECT_THROW(static_cast<void>(s.gamma(0.0)), UsageError);
  EXPECT_THROW(static_cast<void>(s.gamma(std::nan(""))), UsageError);
  EXPECT_THROW(static_cast<void>(s.poisson(-1.0)), UsageError);
  EXPECT_THROW(static_cast<void>(s.poisson(2e15)), UsageError);
  EXPECT_THROW(static_cast<void>(s.binomial(10, 1.5)), UsageError);
  EXPECT_THROW(static_cast<void>(s.binomial(10, std::nan(""))), UsageError);
  EXPECT_THROW(static_cast<void>(normal_quantile(0.0)), UsageError);
}

// Expected: the root of ncdf(x) = p, where p is the double, in mpmath 1.4.1 with 400 digits.
TEST(NormalQuantile, IsRightToFifteenDigits) {
  const std::map<double, double> quantiles = {{0.5, 0.0},
                                              {0.975, 1.9599639845400538556},
                                              {0.9, 1.2815515655446005935},
                                              {0.925, 1.4395314709384562291},
                                              {0.25, -0.6744897501960817432},
                                              {0.0749, -1.4402382675279636631},
                                              {1e-5, -4.2648907939228246102},
                                              {1e-10, -6.3613409024040561991},
                                              {1e-300, -37.047096299361199237}};
  for (const auto& [p, want] : quantiles) {
    EXPECT_NEAR(normal_quantile(p), want, 1e-15 * std::max(1.0, std::abs(want))) << p;
  }
}

/// Kolmogorov's distance of draws from a distribution, times sqrt(n): 1.95 is exceeded once in
/// 1000.
double kolmogorov(std::vector<double> draws, const std::function<double(double)>& cdf) {
  std::ranges::sort(draws);
  const auto n = static_cast<double>(draws.size());
  double worst = 0.0;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    const double f = cdf(draws[i]);
    worst = std::max({worst, f - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - f});
  }
  return worst * std::sqrt(n);
}

template <class F>
std::vector<double> draws(std::size_t n, std::uint64_t seed, F draw) {
  Stream s(Seed{seed}, 0);
  std::vector<double> out(n);
  for (double& x : out) x = static_cast<double>(draw(s));
  return out;
}

double normal_cdf(double x) {
  return 0.5 * std::erfc(-x / std::sqrt(2.0));
}

/// The regularised lower incomplete gamma function by its power series.
double gamma_cdf(double shape, double x) {
  double term = std::exp(shape * std::log(x) - x - std::lgamma(shape + 1.0)), sum = term;
  for (double k = 1.0; term > 1e-17 * sum; k += 1.0) sum += term *= x / (shape + k);
  return sum;
}

TEST(Stream, ContinuousDrawsFollowTheirDistributions) {
  constexpr std::size_t n = 100'000;
  EXPECT_LT(
      kolmogorov(draws(n, 1, [](Stream& s) { return s.uniform(); }), [](double x) { return x; }),
      1.95);
  EXPECT_LT(kolmogorov(draws(n, 2, [](Stream& s) { return s.normal(); }), normal_cdf), 1.95);
  EXPECT_LT(kolmogorov(draws(n, 3, [](Stream& s) { return s.exponential(); }),
                       [](double x) { return -std::expm1(-x); }),
            1.95);
  for (const double shape : {0.1, 0.5, 1.0, 3.7, 50.0}) {
    EXPECT_LT(kolmogorov(draws(n, 4, [&](Stream& s) { return s.gamma(shape); }),
                         [&](double x) { return gamma_cdf(shape, x); }),
              1.95)
        << "shape " << shape;
  }
}

/// How many standard deviations the chi-square of counts against exact probabilities lies from its
/// mean, after Wilson and Hilferty. Cells expected to hold fewer than 20 are joined.
double chi_square_z(const std::map<std::uint64_t, double>& probability,
                    const std::vector<double>& drawn) {
  std::map<std::uint64_t, double> counts;
  for (const double x : drawn) counts[static_cast<std::uint64_t>(x)] += 1.0;
  const auto n = static_cast<double>(drawn.size());
  double chi2 = 0.0, cells = 0.0, expected = 0.0, observed = 0.0, expected_left = n, seen = 0.0;
  auto close = [&](double e, double o) {
    chi2 += (o - e) * (o - e) / e;
    cells += 1.0;
  };
  for (const auto& [k, p] : probability) {
    expected += n * p;
    const auto found = counts.find(k);
    if (found != counts.end()) observed += found->second;
    if (expected < 20.0 || expected_left - expected < 20.0) continue;
    close(expected, observed);
    expected_left -= expected;
    seen += observed;
    expected = observed = 0.0;
  }
  close(expected_left, n - seen);
  const double df = cells - 1.0;
  return (std::cbrt(chi2 / df) - (1.0 - 2.0 / (9.0 * df))) / std::sqrt(2.0 / (9.0 * df));
}

long double log_choose(long double n, long double k) {
  return std::lgammal(n + 1) - std::lgammal(k + 1) - std::lgammal(n - k + 1);
}

/// Exact probabilities within 8 standard deviations, in long double.
std::map<std::uint64_t, double> table(long double mean,
                                      long double sd,
                                      long double top,
                                      const std::function<long double(long double)>& log_p) {
  std::map<std::uint64_t, double> out;
  const long double low = std::max(0.0L, std::floor(mean - 8 * sd));
  for (long double k = low; k <= std::min(top, std::ceil(mean + 8 * sd + 20)); k += 1) {
    out[static_cast<std::uint64_t>(k)] = static_cast<double>(std::exp(log_p(k)));
  }
  return out;
}

TEST(Stream, PoissonDrawsHaveTheExactProbabilities) {
  for (const double mean : {0.01, 0.8, 3.3, 9.99, 10.0, 12.5, 30.0, 250.0, 1e4}) {
    const auto want = table(mean, std::sqrt(mean), 1e18L, [&](long double k) {
      return k * std::log(static_cast<long double>(mean)) - mean - std::lgammal(k + 1);
    });
    const auto got = draws(200'000, 5, [&](Stream& s) { return s.poisson(mean); });
    EXPECT_LT(std::abs(chi_square_z(want, got)), 3.5) << "mean " << mean;
  }
}

TEST(Stream, PoissonDrawsStayRightAtEnormousMeans) {
  for (const double mean : {1e9, 1e15}) {
    const auto got = draws(50'000, 6, [&](Stream& s) { return s.poisson(mean); });
    // The skewness is 1/sqrt(mean), far below what 50,000 draws could see.
    EXPECT_LT(kolmogorov(got, [&](double k) { return normal_cdf((k - mean) / std::sqrt(mean)); }),
              1.95)
        << mean;
  }
}

TEST(Stream, BinomialDrawsHaveTheExactProbabilities) {
  struct Case {
    std::uint64_t n;
    double p;
  };
  for (const Case c : {Case{1, 0.3},
                       Case{10, 0.5},
                       Case{15, 0.9},
                       Case{19, 0.5},
                       Case{20, 0.5},
                       Case{100, 0.01},
                       Case{100, 0.2},
                       Case{1000, 0.75},
                       Case{1'000'000, 1e-5},
                       Case{1'000'000'000, 3e-9},
                       Case{1'000'000'000, 2e-8},
                       Case{1'000'000'000, 1e-5}}) {
    const auto n = static_cast<long double>(c.n);
    const auto p = static_cast<long double>(c.p);
    const auto want = table(n * p, std::sqrt(n * p * (1 - p)), n, [&](long double k) {
      return log_choose(n, k) + k * std::log(p) + (n - k) * std::log1p(-p);
    });
    const auto got = draws(200'000, 7, [&](Stream& s) { return s.binomial(c.n, c.p); });
    EXPECT_LT(std::abs(chi_square_z(want, got)), 3.5) << "n " << c.n << " p " << c.p;
  }
}

TEST(Stream, BinomialDrawsStayRightAtEnormousCounts) {
  for (const std::uint64_t n : {std::uint64_t{1'000'000'000}, std::uint64_t{1} << 55U}) {
    const double p = 0.3, mean = p * static_cast<double>(n);
    const double sd = std::sqrt(mean * (1 - p));
    const auto got = draws(20'000, 8, [&](Stream& s) { return s.binomial(n, p); });
    EXPECT_LT(kolmogorov(got, [&](double k) { return normal_cdf((k - mean) / sd); }), 1.95) << n;
  }
}

TEST(Stream, CertainCountsNeedNoChance) {
  Stream s(Seed{1}, 0);
  EXPECT_EQ(s.poisson(0.0), 0U);
  EXPECT_EQ(s.binomial(0, 0.5), 0U);
  EXPECT_EQ(s.binomial(9, 0.0), 0U);
  EXPECT_EQ(s.binomial(9, 1.0), 9U);
  EXPECT_EQ(s.below(1), 0U);
}

TEST(Stream, BelowIsUniform) {
  for (const std::uint64_t n : {3ULL, 10ULL, 1000ULL}) {
    std::map<std::uint64_t, double> want;
    for (std::uint64_t k = 0; k < n; ++k) want[k] = 1.0 / static_cast<double>(n);
    const auto got = draws(100'000, 9, [&](Stream& s) { return s.below(n); });
    EXPECT_LT(std::abs(chi_square_z(want, got)), 3.5) << n;
  }
  Stream s(Seed{1}, 0);
  const std::uint64_t most = 3ULL << 62U;  // a plain remainder would favour the low third by 2:1
  int low = 0;
  for (int i = 0; i < 30'000; ++i) low += s.below(most) < (1ULL << 62U) ? 1 : 0;
  EXPECT_NEAR(low, 10'000, 3.5 * std::sqrt(30'000 * 2.0 / 9.0));
}

}  // namespace
}  // namespace kinescape
