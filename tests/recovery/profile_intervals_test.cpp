// SPDX-License-Identifier: Apache-2.0
// Simulate, fit, count: how often do 95 % profile intervals hold the truth?
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "dose_response/batch_fit.hpp"
#include "dose_response/fit.hpp"
#include "numeric/distribution.hpp"

namespace kinescape::dose_response {
namespace {

using enum Parameter;

struct Setting {
  std::string name;
  std::vector<double> doses_nM;
  int wells = 3;
  double log10_ec50 = 0.0, slope = 1.0, top = 1.0, bottom = 0.0;

  [[nodiscard]] Curve truth() const {
    Curve c;
    c.shape = Shape::log_logistic4;
    c[Parameter::log10_ec50] = log10_ec50;
    c[hill_slope] = slope;
    c[Parameter::top] = top;
    c[Parameter::bottom] = bottom;
    return c;
  }
};

std::vector<Setting> settings() {
  const std::vector<double> eight{3, 10, 30, 100, 300, 1000, 3000, 10000};
  return {
      {"full", eight, 3, 2.3, 1.2, 1.0, 0.1},
      {"six_doses", {10, 50, 250, 1250, 6250, 31250}, 3, 2.9, 1.0, 1.0, 0.15},
      {"steep", eight, 3, 2.2, 4.0, 1.0, 0.0},
      {"shallow", eight, 3, 2.2, 0.6, 1.0, 0.0},
      {"partial", eight, 3, 4.3, 1.3, 1.0, 0.0},
  };
}

Observations simulate(const Setting& s, std::mt19937_64& bits) {
  constexpr double sd = 0.06;
  const Curve truth = s.truth();
  Observations o;
  for (const double d : s.doses_nM) {
    for (int r = 0; r < s.wells; ++r) {
      const double u = (static_cast<double>(bits() >> 11U) + 0.5) * 0x1p-53;
      o.dose_nM.push_back(d);
      o.response.push_back(value(truth, d) + sd * numeric::normal_quantile(u));
    }
  }
  return o;
}

/// An open end excludes nothing.
bool holds(double low, double high, double truth) {
  return !(truth < low) && !(truth > high);
}

class Coverage : public testing::TestWithParam<Setting> {};

TEST_P(Coverage, OfTheBatchedMidpoint) {
  const Setting& s = GetParam();
  std::mt19937_64 bits(31);
  constexpr std::size_t n = 4000;
  std::vector<double> all;
  Observations o;
  for (std::size_t i = 0; i < n; ++i) {
    o = simulate(s, bits);
    all.insert(all.end(), o.response.begin(), o.response.end());
  }
  BatchOptions options;
  options.intervals = true;
  const BatchFit fit = batch_fit({n, o.dose_nM.size(), o.dose_nM, all}, options);
  int hit = 0;
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_NE(fit.status[i], Status::failed);
    hit += holds(fit.log10_ec50_low[i], fit.log10_ec50_high[i], s.log10_ec50);
  }
  const double share = static_cast<double>(hit) / n;
  std::printf("%s: batched midpoint %.2f %%\n", s.name.c_str(), 100 * share);
  EXPECT_GE(share, 0.935) << s.name;
  if (s.name != "partial") {
    EXPECT_LE(share, 0.975) << s.name;
  }
}

TEST_P(Coverage, OfTheSingleFit) {
  const Setting& s = GetParam();
  std::mt19937_64 bits(32);
  constexpr int n = 300;
  const Curve truth = s.truth();
  const std::vector<Scalar> scalars{parameter_of(log10_ec50),
                                    log10_dose_at(0.5),
                                    parameter_of(bottom),
                                    area(s.doses_nM.front(), s.doses_nM.back())};
  std::vector<int> hit(scalars.size(), 0);
  for (int i = 0; i < n; ++i) {
    const Observations o = simulate(s, bits);
    const Fit fit = fit_curve(Shape::log_logistic4, o);
    for (std::size_t k = 0; k < scalars.size(); ++k) {
      const Interval interval = profile_interval(fit, std::span(&o, 1), scalars[k]);
      hit[k] += holds(interval.low, interval.high, scalars[k].value(std::span(&truth, 1)));
    }
  }
  for (std::size_t k = 0; k < scalars.size(); ++k) {
    std::printf("%s: %s %d of %d\n", s.name.c_str(), scalars[k].name.c_str(), hit[k], n);
    // Not below 95 % beyond chance (1 in 1,000 at these fixed seeds).
    EXPECT_GE(hit[k], 272) << s.name << ' ' << scalars[k].name << " of " << n;
  }
}

INSTANTIATE_TEST_SUITE_P(Designs, Coverage, testing::ValuesIn(settings()), [](const auto& test) {
  return test.param.name;
});

}  // namespace
}  // namespace kinescape::dose_response
