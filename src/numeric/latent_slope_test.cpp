// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "numeric/latent_observation_internal.hpp"

namespace kinescape::numeric::latent {
namespace {

/// Two crossed effects and a cut that is latent itself; every kind of observation.
LatentModel every_kind() {
  LatentModel m;
  m.components = {{unknown, 1.0}, {unknown, 0.5}, {unknown, 0.3}, {0.5, unknown}};
  for (int j = 0; j < 3; ++j) m.columns.push_back({0, 1.0, 0.2});
  for (int j = 0; j < 4; ++j) m.columns.push_back({1, 1.0, 0.0});
  m.columns.push_back({3, 1.0, 0.4});
  m.columns.push_back({3, 1.0, 1.1});
  m.columns.push_back({LatentColumn::no_prior, 1.0, 0.0});
  for (std::size_t i = 0; i < 24; ++i) {
    LatentObservation o;
    o.value.terms = {{i % 3, 1.0}, {3 + (i / 3) % 4, i % 5 == 0 ? 2.0 : 1.0}};
    if (i % 2 == 0) o.value.terms.push_back({9, 1.0});
    o.noise = {{2, 1.0}, {1, 0.3}};
    const double y = std::sin(1.7 * static_cast<double>(i)) + 0.3;
    o.low.constant = o.high.constant = y;
    o.seen = std::array{SeenAs::exact, SeenAs::below, SeenAs::above, SeenAs::between}[i % 4];
    if (i % 4 == 3) o.high.constant = y + 0.7;
    if (i % 8 == 7) {
      o.low = {0.0, {{7, 1.0}}};
      o.high = {0.0, {{8, 1.0}}};
    }
    if (i % 7 == 0) o.weight = 0.5;
    m.observations.push_back(o);
  }
  return m;
}

TEST(LatentSlope, of_the_marginal_likelihood_is_that_of_finite_differences) {
  const LatentModel model = every_kind();
  for (const double spread : {0.2, 0.6, 1.3}) {
    const std::vector<double> at{std::log(spread), std::log(0.7), std::log(0.4), std::log(0.5)};
    const MarginalSlope here = marginal_slope(model, at);
    ASSERT_EQ(here.slope.size(), at.size());
    for (std::size_t k = 0; k < at.size(); ++k) {
      auto up = at, down = at;
      up[k] += 1e-4;
      down[k] -= 1e-4;
      const double difference =
          (marginal_slope(model, up).log_marginal - marginal_slope(model, down).log_marginal) /
          2e-4;
      EXPECT_NEAR(here.slope[k], difference, 1e-5 * (1 + std::abs(difference)))
          << "component " << k << ", sd " << spread << "; differences lose half the digits";
    }
  }
}

TEST(LatentSlope, third_derivatives_are_the_slopes_of_the_second) {
  const double u = 0.9, l = -0.4, v = 0.37, h = 1e-5;
  for (const SeenAs seen : {SeenAs::below, SeenAs::above, SeenAs::between}) {
    const ThirdDerivatives d = third_derivatives(seen, u, l, v);
    const auto by = [&](double du, double dl) {
      return contribution(seen, u + du, l + dl, v, unknown);
    };
    EXPECT_NEAR(d.uuu, (by(h, 0).by_uu - by(-h, 0).by_uu) / (2 * h), 1e-6);
    EXPECT_NEAR(d.uul, (by(0, h).by_uu - by(0, -h).by_uu) / (2 * h), 1e-6);
    EXPECT_NEAR(d.ull, (by(h, 0).by_ll - by(-h, 0).by_ll) / (2 * h), 1e-6);
    EXPECT_NEAR(d.lll, (by(0, h).by_ll - by(0, -h).by_ll) / (2 * h), 1e-6);
  }
}

}  // namespace
}  // namespace kinescape::numeric::latent
