// SPDX-License-Identifier: Apache-2.0
// The fitted coordinates against dose_response/curve, and derivatives against differences.
#include <gtest/gtest.h>

#include <cmath>

#include "viability/quantities_internal.hpp"

namespace kinescape::viability::model {
namespace {

Theta example(Shape shape) {
  Theta t;
  t.shape = shape;
  t.at = {1.4, std::log(1.6), 0.97, 0.13, std::log(0.7), 0.4, 0.3, std::log(1.2), std::log(0.9)};
  return t;
}

const Shape shapes[] = {Shape::log_logistic4,
                        Shape::log_logistic5,
                        Shape::weibull1,
                        Shape::weibull2,
                        Shape::log_normal,
                        Shape::brain_cousens,
                        Shape::biphasic};

TEST(Response, IsThatOfTheDoseResponseRoom) {
  for (Shape shape : shapes) {
    const Theta t = example(shape);
    for (double u : {-1.0, 0.5, 1.4, 2.2, 4.0})
      EXPECT_NEAR(response(t, u), dose_response::value(to_curve(t), std::pow(10.0, u)), 1e-12)
          << dose_response::name(shape) << " at " << u;
  }
}

TEST(Response, HasTheDerivativesOfItsDifferences) {
  for (Shape shape : shapes)
    for (double u : {0.3, 1.4, 2.6}) {
      const Theta t = example(shape);
      std::array<double, 9> d;
      response(t, u, d);
      for (int i : free_parameters(shape, true)) {
        const auto j = static_cast<std::size_t>(i);
        Theta a = t, b = t;
        a.at[j] -= 1e-5, b.at[j] += 1e-5;
        EXPECT_NEAR(d[j], (response(b, u) - response(a, u)) / 2e-5, 1e-8)
            << dose_response::name(shape) << " parameter " << i;
      }
    }
}

TEST(Quantities, HaveTheGradientsOfTheirDifferences) {
  for (Shape shape : {Shape::log_logistic4, Shape::log_logistic5, Shape::biphasic}) {
    const Theta t = example(shape);
    std::array<double, 9> g, unused;
    const AbsoluteIc half(0.5);
    half.value(t, g);
    for (int i : free_parameters(shape, true)) {
      const auto j = static_cast<std::size_t>(i);
      Theta a = t, b = t;
      a.at[j] -= 1e-5, b.at[j] += 1e-5;
      EXPECT_NEAR(g[j], (half.value(b, unused) - half.value(a, unused)) / 2e-5, 1e-6);
    }
  }
}

TEST(Profile, OfAStraightLineIsQuadratic) {
  // One plateau only: the mean of a blank-free, flat, normalised plate has z = |mean - psi| / se.
  Data data;
  data.normalised = true;
  data.plates = {"p"}, data.repeats = {"1"};
  data.has_blank = data.fit_edge = data.fit_gradient = {0};
  data.doses_nM = {1, 10, 100}, data.lowest = 0, data.highest = 2, data.wells = 12;
  for (double u : {0.0, 1.0, 2.0}) {
    Obs o;
    o.repeat = 0, o.log10_dose = u, o.y = 0.9 + 0.01 * u, o.n = 4, o.within = 0.003;
    data.obs.push_back(o);
  }
  Fit fit = fit_shape(data, Shape::flat);
  ASSERT_TRUE(fit.usable);
  const Coordinate top(2);
  const Known k = variances(data, fit, top);
  const Profile p = trace(data, fit, top, 3.0, 0.3, 2.0, std::sqrt(k.naive));
  EXPECT_NEAR(k.profile.psi, 0.91, 2e-3);
  for (double z : {1.0, 2.0, 3.0})
    EXPECT_NEAR(psi_at(p, true, z), k.profile.psi + z * std::sqrt(k.naive), 1e-6);
}

}  // namespace
}  // namespace kinescape::viability::model
