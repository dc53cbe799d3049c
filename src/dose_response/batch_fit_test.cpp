// SPDX-License-Identifier: Apache-2.0
#include "dose_response/batch_fit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "base/errors.hpp"
#include "dose_response/curve.hpp"
#include "dose_response/fit.hpp"
#include "dose_response/simd_internal.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::dose_response {
namespace {

using enum Parameter;
const std::vector<double> design{3, 10, 30, 100, 300, 1000, 3000, 10000};

struct Set {
  std::vector<double> dose_nM, response;
  std::size_t curves = 0;
  [[nodiscard]] BatchData data() const { return {curves, dose_nM.size(), dose_nM, response}; }
  /// The same with every curve's doses written out.
  [[nodiscard]] std::vector<double> own_doses() const {
    std::vector<double> all;
    for (std::size_t c = 0; c < curves; ++c) all.insert(all.end(), dose_nM.begin(), dose_nM.end());
    return all;
  }
};

/// Full, partial (midpoint above the doses) and flat curves in turn, 3 wells a dose.
Set simulate(std::size_t curves, double sd, unsigned seed, bool with_vehicle = false) {
  std::mt19937_64 bits(seed);
  const auto uniform = [&] { return (static_cast<double>(bits() >> 11U) + 0.5) * 0x1p-53; };
  Set s;
  s.curves = curves;
  std::vector<double> doses = design;
  if (with_vehicle) doses.insert(doses.begin(), 0.0);
  for (const double d : doses) s.dose_nM.insert(s.dose_nM.end(), 3, d);
  for (std::size_t c = 0; c < curves; ++c) {
    Curve curve;
    curve.shape = Shape::log_logistic4;
    curve[log10_ec50] = c % 10 == 8 ? 4.2 + uniform() : 0.8 + 2.9 * uniform();
    curve[hill_slope] = 0.5 * std::exp(1.8 * uniform());
    curve[top] = 0.9 + 0.2 * uniform();
    curve[bottom] = c % 10 == 9 ? curve[top] : 0.5 * uniform();
    for (const double d : s.dose_nM) {
      s.response.push_back(value(curve, d) + sd * numeric::normal_quantile(uniform()));
    }
  }
  return s;
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}
void expect_same_bits(const BatchFit& a, const BatchFit& b) {
  EXPECT_TRUE(same_bits(a.log10_ec50, b.log10_ec50));
  EXPECT_TRUE(same_bits(a.hill_slope, b.hill_slope));
  EXPECT_TRUE(same_bits(a.top, b.top));
  EXPECT_TRUE(same_bits(a.bottom, b.bottom));
  EXPECT_TRUE(same_bits(a.residual_sum, b.residual_sum));
  EXPECT_TRUE(same_bits(a.flat_p, b.flat_p));
  EXPECT_TRUE(same_bits(a.log10_ec50_low, b.log10_ec50_low));
  EXPECT_TRUE(same_bits(a.log10_ec50_high, b.log10_ec50_high));
  EXPECT_EQ(a.status, b.status);
}

BatchOptions with_intervals() {
  BatchOptions o;
  o.intervals = true;
  return o;
}

FitOptions like(const BatchOptions& b) {
  FitOptions o;
  o.decades_below = b.decades_below;
  o.decades_above = b.decades_above;
  o.lowest_slope = b.lowest_slope;
  o.highest_slope = b.highest_slope;
  return o;
}

Observations row(const Set& s, std::size_t c) {
  const auto from = s.response.begin() + static_cast<std::ptrdiff_t>(c * s.dose_nM.size());
  return {s.dose_nM, {from, from + static_cast<std::ptrdiff_t>(s.dose_nM.size())}, {}};
}

double ulps(double got, long double want) {
  const double unit = std::ldexp(1.0, std::ilogb(static_cast<double>(want)) - 52);
  return std::fabs(static_cast<double>((static_cast<long double>(got) - want) / unit));
}

TEST(Lanes, ExponentialAndLogarithmAreWithinTwoUlp) {
  using Two = simd::Width<16>;
  double worst_exp = 0.0, worst_log = 0.0;
  for (double t = -690.0; t < 690.0; t += 0.0371) {
    worst_exp = std::max(
        worst_exp, ulps(simd::exp<Two>(Two::D{t, t})[0], std::exp(static_cast<long double>(t))));
  }
  for (double x = 1e-12; x < 1e12; x *= 1.00371) {
    if (std::fabs(std::log(x)) < 1e-3) continue;
    worst_log = std::max(worst_log, ulps(simd::log(x), std::log(static_cast<long double>(x))));
  }
  EXPECT_LE(worst_exp, 2.0);
  EXPECT_LE(worst_log, 2.0);
  EXPECT_EQ(simd::log(1.0), 0.0);
}

TEST(BatchFit, FindsWhatTheSingleFitFindsOrBetter) {
  const Set s = simulate(60, 0.05, 7);
  const BatchOptions options;
  const BatchFit batch = batch_fit(s.data(), options);
  for (std::size_t c = 0; c < s.curves; ++c) {
    const Fit one = fit_curve(Shape::log_logistic4, row(s, c), like(options));
    ASSERT_TRUE(one.usable()) << c;
    EXPECT_LE(batch.residual_sum[c], one.residual_sum * (1 + 1e-9)) << c;
    const Curve got{Shape::log_logistic4,
                    {batch.log10_ec50[c], batch.hill_slope[c], batch.top[c], batch.bottom[c]}};
    double sum = 0.0;
    const Observations o = row(s, c);
    for (std::size_t i = 0; i < o.dose_nM.size(); ++i) {
      sum += std::pow(o.response[i] - value(got, o.dose_nM[i]), 2);
    }
    EXPECT_NEAR(batch.residual_sum[c], sum, 1e-9 * sum) << c;  // the sum is that of its parameters
  }
}

TEST(BatchFit, NoiseFreeWellsGiveTheirCurveBack) {
  const Set s = simulate(40, 0.0, 8);
  const BatchFit batch = batch_fit(s.data());
  for (std::size_t c = 0; c < s.curves; ++c) {
    EXPECT_LT(batch.residual_sum[c], 1e-20) << c;
  }
}

TEST(BatchFit, IsTheSameToTheLastBitOnEveryInstructionSetAndThreadCount) {
  const Set s = simulate(1100, 0.05, 9);
  BatchOptions options = with_intervals();
  const BatchFit widest = batch_fit(s.data(), options);
  options.threads = Threads{3};
  expect_same_bits(batch_fit(s.data(), options), widest);
  options.lanes = BatchOptions::Lanes::avx2;
  expect_same_bits(batch_fit(s.data(), options), widest);
  options.lanes = BatchOptions::Lanes::baseline;
  expect_same_bits(batch_fit(s.data(), options), widest);
  const auto own = s.own_doses();
  BatchData data = s.data();
  data.dose_nM = own;
  const BatchFit own_baseline = batch_fit(data, options);
  options.lanes = BatchOptions::Lanes::widest;
  expect_same_bits(batch_fit(data, options), own_baseline);
}

TEST(BatchFit, DoesNotDependOnTheOrderOfCurvesOrWells) {
  const Set s = simulate(700, 0.05, 10);
  const std::size_t wells = s.dose_nM.size();
  const BatchFit straight = batch_fit(s.data(), with_intervals());
  Set turned = s;
  std::reverse(turned.dose_nM.begin(), turned.dose_nM.end());
  std::reverse(turned.response.begin(), turned.response.end());  // curves and wells
  BatchFit back = batch_fit(turned.data(), with_intervals());
  for (auto* v : {&back.log10_ec50,
                  &back.hill_slope,
                  &back.top,
                  &back.bottom,
                  &back.residual_sum,
                  &back.flat_p,
                  &back.log10_ec50_low,
                  &back.log10_ec50_high}) {
    std::reverse(v->begin(), v->end());
  }
  std::reverse(back.status.begin(), back.status.end());
  expect_same_bits(back, straight);
  ASSERT_EQ(wells, 24U);
}

TEST(BatchFit, UnitsOfTheDoseDoNotMatter) {
  const Set s = simulate(200, 0.05, 11);
  Set micromolar = s;
  for (double& d : micromolar.dose_nM) d *= 1e-3;
  const BatchFit a = batch_fit(s.data(), with_intervals());
  const BatchFit b = batch_fit(micromolar.data(), with_intervals());
  EXPECT_EQ(a.status, b.status);
  for (std::size_t c = 0; c < s.curves; ++c) {
    EXPECT_NEAR(a.residual_sum[c], b.residual_sum[c], 1e-9 * a.residual_sum[c]) << c;
    if (a.status[c] != Status::ok) continue;
    EXPECT_NEAR(a.log10_ec50[c], b.log10_ec50[c] + 3.0, 1e-6) << c;
    EXPECT_NEAR(a.log10_ec50_low[c], b.log10_ec50_low[c] + 3.0, 1e-6) << c;
  }
}

TEST(BatchFit, OwnDosesGiveWhatSharedDosesGive) {
  const Set s = simulate(500, 0.05, 12);
  const auto own = s.own_doses();
  BatchData data = s.data();
  data.dose_nM = own;
  const BatchFit a = batch_fit(s.data()), b = batch_fit(data);
  for (std::size_t c = 0; c < s.curves; ++c) {
    EXPECT_NEAR(a.residual_sum[c], b.residual_sum[c], 1e-8 * a.residual_sum[c]) << c;
  }
}

TEST(BatchFit, MissingWellsTakeNoPart) {
  Set s = simulate(30, 0.05, 13);
  for (std::size_t c = 0; c < s.curves; ++c) s.response[c * 24 + c % 24] = unknown;
  const BatchOptions options;
  const BatchFit batch = batch_fit(s.data(), options);
  for (std::size_t c = 0; c < s.curves; ++c) {
    EXPECT_EQ(batch.wells[c], 23);
    const Fit one = fit_curve(Shape::log_logistic4, row(s, c), like(options));
    EXPECT_LE(batch.residual_sum[c], one.residual_sum * (1 + 1e-9)) << c;
  }
}

TEST(BatchFit, VehicleWellsAreDoseZero) {
  const Set s = simulate(40, 0.05, 14, true);
  const BatchOptions options;
  const BatchFit batch = batch_fit(s.data(), options);
  for (std::size_t c = 0; c < s.curves; ++c) {
    const Fit one = fit_curve(Shape::log_logistic4, row(s, c), like(options));
    EXPECT_LE(batch.residual_sum[c], one.residual_sum * (1 + 1e-9)) << c;
  }
}

TEST(BatchFit, IntervalsAreThoseOfTheSingleFit) {
  const Set s = simulate(40, 0.05, 15);
  const BatchOptions options = with_intervals();
  const BatchFit batch = batch_fit(s.data(), options);
  int closed = 0;
  for (std::size_t c = 0; c < s.curves; ++c) {
    if (batch.status[c] != Status::ok) continue;
    const Observations o = row(s, c);
    const Fit one = fit_curve(Shape::log_logistic4, o, like(options));
    const Interval i =
        profile_interval(one, std::span(&o, 1), parameter_of(log10_ec50), like(options));
    ASSERT_FALSE(std::isnan(i.low) || std::isnan(i.high)) << c;
    EXPECT_NEAR(batch.log10_ec50_low[c], i.low, 1e-5) << c;
    EXPECT_NEAR(batch.log10_ec50_high[c], i.high, 1e-5) << c;
    ++closed;
  }
  EXPECT_GE(closed, 20);
}

TEST(BatchFit, StatusSaysWhatTheNumbersAreWorth) {
  const Set s = simulate(400, 0.03, 16);
  const BatchFit batch = batch_fit(s.data(), with_intervals());
  int flat_missed = 0, flat = 0, partial_missed = 0;
  for (std::size_t c = 0; c < s.curves; ++c) {
    EXPECT_NE(batch.status[c], Status::failed) << c;
    if (c % 10 == 9) {
      ++flat;
      flat_missed += batch.status[c] != Status::no_response;
    }
    if (c % 10 == 8) {
      partial_missed += batch.status[c] == Status::ok;  // the midpoint lies beyond the doses
    }
  }
  EXPECT_EQ(flat, 40);
  EXPECT_LE(partial_missed, 3);
  EXPECT_LE(flat_missed, 2);
}

TEST(BatchFit, TooFewDosesAreSaidToBe) {
  const std::vector<double> dose{1, 10, 100}, response{1, 0.5, 0.1};
  const BatchFit three = batch_fit({1, 3, dose, response});
  EXPECT_EQ(three.status[0], Status::too_few_data);
  EXPECT_TRUE(std::isnan(three.log10_ec50[0]));
  Set s = simulate(2, 0.05, 17);
  std::fill(s.response.begin(), s.response.begin() + 24, unknown);
  const BatchFit empty = batch_fit(s.data(), with_intervals());
  EXPECT_EQ(empty.status[0], Status::too_few_data);
  EXPECT_TRUE(std::isnan(empty.residual_sum[0]));
  EXPECT_FALSE(std::isnan(empty.residual_sum[1]));
  EXPECT_EQ(empty.wells[0], 0);
}

TEST(BatchFit, ConstantAndExtremeResponsesDoNoHarm) {
  Set s = simulate(4, 0.05, 18);
  std::fill(s.response.begin(), s.response.begin() + 24, 1.0);
  for (std::size_t i = 24; i < 48; ++i) s.response[i] *= 1e120;
  for (std::size_t i = 48; i < 72; ++i) s.response[i] = 1e-9 * s.response[i] + 1e6;
  const BatchFit fit = batch_fit(s.data(), with_intervals());
  EXPECT_EQ(fit.status[0], Status::no_response);
  EXPECT_NEAR(fit.residual_sum[0], 0.0, 1e-25);
  EXPECT_TRUE(std::isfinite(fit.log10_ec50[1]));
  EXPECT_TRUE(std::isfinite(fit.log10_ec50[2]));
  EXPECT_FALSE(std::isnan(fit.log10_ec50[3]));
}

TEST(BatchFit, ImpossibleInputIsMisuse) {
  Set s = simulate(2, 0.05, 19);
  BatchData data = s.data();
  data.response = data.response.first(47);
  EXPECT_THROW(static_cast<void>(batch_fit(data)), UsageError);
  s.dose_nM[3] = -1;
  EXPECT_THROW(static_cast<void>(batch_fit(s.data())), UsageError);
  s.dose_nM[3] = 3;
  BatchOptions options;
  options.lowest_slope = 20;
  EXPECT_THROW(static_cast<void>(batch_fit(s.data(), options)), UsageError);
}

}  // namespace
}  // namespace kinescape::dose_response
