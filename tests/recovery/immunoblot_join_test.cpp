// SPDX-License-Identifier: Apache-2.0
// Do intervals of folds hold where some ratios are bounds, and where treatments share some
// membranes only? From ratios drawn as the model has them, without pictures.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <functional>

#include "base/stream.hpp"
#include "immunoblot/ratios_internal.hpp"
#include "numeric/distribution.hpp"
#include "recovery/immunoblot_blots.hpp"

namespace kinescape::immunoblot {
namespace {

using tests::experiments;

struct Held {
  int n = 0, covered = 0, usable = 0;
  double bias = 0.0, width = 0.0, bounds = 0.0;
  [[nodiscard]] double share() const { return double(covered) / usable; }
};

/// Treatment 1 against 0, whose true difference is `difference`.
Held held(int n,
          std::size_t groups,
          std::size_t membranes,
          double difference,
          const std::function<std::vector<LogRatio>(Stream&)>& draw) {
  Held out;
  out.n = n;
  for (int i = 0; i < n; ++i) {
    Stream stream(Seed{11}, 3, std::uint64_t(i));
    const auto data = draw(stream);
    for (const LogRatio& d : data)
      out.bounds += (d.relation != Relation::equal) / double(data.size()) / n;
    const Joint j = join(data, groups, membranes);
    if (!j.usable) continue;
    ++out.usable;
    const double variance =
        j.covariance[0] + j.covariance[groups + 1] - j.covariance[1] - j.covariance[groups];
    const double t = numeric::student_t_quantile(0.975, j.df), off = j.mean[1] - j.mean[0];
    out.covered += std::abs(off - difference) < t * std::sqrt(variance);
    out.bias += (off - difference) / n, out.width += 2.0 * t * std::sqrt(variance) / n;
  }
  std::printf("usable %d/%d, bounds %.2f, covered %.4f, bias %.4f, width %.3f\n",
              out.usable,
              n,
              out.bounds,
              out.share(),
              out.bias,
              out.width);
  return out;
}

/// Two treatments in five samples each, every sample on three membranes; the second's lanes fall
/// under what can be seen about as often as `low` says.
std::vector<LogRatio> with_bounds(Stream& stream, double between, double limit) {
  std::vector<LogRatio> data;
  double membrane[3];
  for (double& m : membrane) m = 0.3 * stream.normal();
  for (std::size_t g = 0; g < 2; ++g) {
    for (std::size_t s = 0; s < 5; ++s) {
      const double own = between * stream.normal();
      for (std::size_t m = 0; m < 3; ++m) {
        LogRatio d;
        d.group = g, d.membrane = m, d.sample = 1 + 5 * g + s;
        d.value = -1.0 * double(g) + own + membrane[m] + 0.15 * stream.normal();
        d.se = 0.05;
        const double seen = limit + membrane[m];
        if (d.value < seen) d.value = seen, d.relation = Relation::less;
        data.push_back(d);
      }
    }
  }
  return data;
}

TEST(ImmunoblotJoinRecovery, SamplesWithBoundsAmongTheirLanesAreCovered) {
  const int n = experiments(1000);
  for (const double between : {0.05, 0.3}) {
    for (const double limit : {-1.4, -1.1}) {
      const Held h =
          held(n, 2, 3, -1.0, [&](Stream& stream) { return with_bounds(stream, between, limit); });
      EXPECT_GT(h.usable, 0.97 * n);
      EXPECT_GT(h.share(), 0.935 - (n < 1000 ? 0.03 : 0.0));
      EXPECT_LT(h.share(), 0.975);  // bounds leave intervals a little wide: 95.7 to 97.1 %
      EXPECT_LT(std::abs(h.bias), 0.1 * h.width);
    }
  }
}

/// Six membranes, of three treatments each holds two (twice each).
std::vector<LogRatio> in_part(Stream& stream, double membrane_sd) {
  std::vector<LogRatio> data;
  for (std::size_t m = 0; m < 6; ++m) {
    const double level = membrane_sd * stream.normal();
    for (std::size_t g = 0; g < 3; ++g) {
      if (g == m % 3) continue;
      for (int lane = 0; lane < 2; ++lane) {
        LogRatio d;
        d.group = g, d.membrane = m, d.se = 0.05;
        d.value = -1.0 * double(g) + level + 0.15 * stream.normal();
        data.push_back(d);
      }
    }
  }
  return data;
}

TEST(ImmunoblotJoinRecovery, TreatmentsThatShareSomeMembranesAreCovered) {
  const int n = experiments(2000);
  for (const double sd : {0.05, 0.15, 0.5}) {
    const Held h = held(n, 3, 6, -1.0, [&](Stream& stream) { return in_part(stream, sd); });
    EXPECT_EQ(h.usable, n);
    EXPECT_NEAR(h.share(), 0.95, n < 1000 ? 0.05 : 0.015);
    EXPECT_LT(std::abs(h.bias), 0.1 * h.width);
  }
}

}  // namespace
}  // namespace kinescape::immunoblot
