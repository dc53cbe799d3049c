// SPDX-License-Identifier: Apache-2.0
// What drc 3.2-0 answered beyond its coefficients, as the README of the reference data prints it:
// tests, absolute doses, ratios, counts and mixtures. A printed number is met to half a unit of its
// last digit, or to 1e-4 where more digits stand.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "conformance/drc_data.hpp"
#include "conformance/drc_stop.hpp"
#include "dose_response/fit.hpp"
#include "dose_response/mixture.hpp"
#include "dose_response/quantal.hpp"
#include "dose_response/wald.hpp"
#include "shared_data.hpp"

namespace kinescape::dose_response {
namespace {

using enum Parameter;

class DrcAnswers : public testing::Test {
 protected:
  void SetUp() override {
    const auto folder = tests::shared_data("dose-response/drc");
    if (!folder) GTEST_SKIP() << "the reference data are not beside the checkout";
    folder_ = *folder;
  }

  [[nodiscard]] std::vector<tests::Cells> rows(const std::string& name) const {
    return tests::read_rows(folder_ / (name + ".csv"));
  }

  [[nodiscard]] tests::CurveData ryegrass() const {
    return tests::curve_data(rows("ryegrass"), "conc", "rootl", "");
  }

  std::filesystem::path folder_;
};

TEST_F(DrcAnswers, RyegrassCriteriaAndTests) {
  const auto data = ryegrass();
  const auto fit = [&](Shape shape) { return fit_curve(shape, data.groups[0]); };
  const Fit four = fit(Shape::log_logistic4);
  EXPECT_NEAR(four.aic(), 42.310, 5e-4);
  EXPECT_NEAR(fit(Shape::weibull2).aic(), 41.827, 5e-4);
  EXPECT_NEAR(fit(Shape::log_logistic5).aic(), 43.757, 5e-4);
  EXPECT_NEAR(fit(Shape::log_normal).aic(), 42.584, 5e-4);
  EXPECT_NEAR(fit(Shape::weibull1).aic(), 44.934, 5e-4);
  EXPECT_NEAR(fit(Shape::log_logistic3).aic(), 45.208, 5e-4);
  const FTest lack = lack_of_fit(four);
  EXPECT_NEAR(lack.f, 0.24106, 5e-6);
  EXPECT_NEAR(lack.p, 0.86648, 5e-6);
  const auto effect = likelihood_ratio(fit(Shape::flat), four);
  EXPECT_NEAR(effect.chi_squared, 91.878, 5e-4);
  EXPECT_EQ(effect.df, 3.0);
  EXPECT_NEAR(std::pow(10.0, log10_dose_at_nM(four.curves[0], 4.0)), 3.135926, 5e-7);
  EXPECT_NEAR(four.residual_sum, 5.4002146, 5e-8);
}

TEST_F(DrcAnswers, SeleniumCounts) {
  const auto table = rows("selenium");
  const auto type = tests::column(table, "type"), conc = tests::column(table, "conc");
  const auto total = tests::column(table, "total"), dead = tests::column(table, "dead");
  std::vector<std::string> names;
  std::vector<Quantal> groups;
  for (std::size_t i = 1; i < table.size(); ++i) {
    if (names.empty() || names.back() != table[i][type]) {
      names.push_back(table[i][type]);
      groups.emplace_back();
    }
    groups.back().dose_nM.push_back(std::stod(table[i][conc]));
    groups.back().total.push_back(std::stod(table[i][total]));
    groups.back().affected.push_back(std::stod(table[i][dead]));
  }
  ASSERT_EQ(groups.size(), 4U);
  const QuantalFit counts = fit_quantal(Shape::log_logistic2, groups);
  const Fit& fit = counts.fit;
  ASSERT_TRUE(fit.usable());
  int seen = 0;
  for (const auto& row : rows("expected_drc_3.2-0")) {
    if (row.size() < 8 || row[0] != "selenium") continue;
    ++seen;
    const auto expect = [&](double got, std::size_t at) {
      const double want = std::stod(row[at]);
      EXPECT_NEAR(got, want, 1e-4 * std::fabs(want)) << row[2] << ' ' << row[7] << ' ' << at;
    };
    if (row[2] == "RSE;logLik") {
      expect(fit.log_likelihood, 4);
      continue;
    }
    const bool dose = row[7] != "coef/Wald";
    const auto name = dose ? row[2].substr(5, 1) : row[2].substr(2);
    const auto g =
        static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
    const bool slope = row[2][0] == 'b';
    const Wald z = wald(fit, parameter_of(slope ? hill_slope : log10_ec50, g));
    const Wald w = slope ? z : power_of_ten(z);
    expect(w.estimate, 3);
    expect(w.se, 4);
    const bool log_scale = row[7] == "ED/tfls";
    expect(log_scale ? std::pow(10.0, z.interval().low) : w.interval().low, 5);
    expect(log_scale ? std::pow(10.0, z.interval().high) : w.interval().high, 6);
  }
  EXPECT_EQ(seen, 17);
  // Three of 151 died without selenium, which a curve from exactly 0 cannot say.
  EXPECT_GE(counts.impossible, 1);
}

std::vector<Ray> rays_of(const std::vector<tests::Cells>& table) {
  const auto data = tests::curve_data(table, "dose", "rgr", "pct");
  std::vector<Ray> rays;
  for (std::size_t g = 0; g < data.names.size(); ++g) {
    if (data.names[g] == "999") continue;
    rays.push_back({std::stod(data.names[g]) / 100.0, data.groups[g]});
  }
  // Untreated wells belong to every ray; they say the same in any of them.
  const auto& control = data.groups[data.group("999")];
  auto& wells = rays.front().wells;
  wells.dose_nM.insert(wells.dose_nM.end(), control.dose_nM.begin(), control.dose_nM.end());
  wells.response.insert(wells.response.end(), control.response.begin(), control.response.end());
  return rays;
}

/// Rays with a midpoint each, at the optimum and where drc stops.
Fit free_rays(const std::vector<Ray>& rays, bool bottom_zero, bool stopped) {
  std::vector<Observations> groups;
  for (const Ray& r : rays) groups.push_back(r.wells);
  const auto shape = bottom_zero ? Shape::log_logistic3 : Shape::log_logistic4;
  const Fit fit = fit_curves(shape, groups, std::vector<Parameter>{top, bottom});
  return stopped ? tests::where_drc_stops(fit, groups) : fit;
}

double ec50(const Fit& fit, const std::vector<Ray>& rays, double share) {
  const auto found =
      std::find_if(rays.begin(), rays.end(), [&](const Ray& r) { return r.share_a == share; });
  const auto at = static_cast<std::size_t>(found - rays.begin());
  return std::pow(10.0, fit.curves[at][log10_ec50]);
}

/// Where drc stops when it fits concentration addition to rays with a lower limit of 0, from the
/// rays fitted with a midpoint each (drc's mixture()).
struct AdditionStop {
  double a = unknown, b = unknown, residual_sum = unknown;
};
AdditionStop where_drc_stops_adding(const std::vector<Ray>& rays, const Fit& free) {
  std::vector<Observations> groups;
  for (const Ray& r : rays) groups.push_back(r.wells);
  const double dose_unit = tests::drc_unit(groups, true), unit = tests::drc_unit(groups, false);
  tests::Vector start;
  for (const Curve& c : free.curves) start.push_back(c[hill_slope]);
  start.push_back(free.curves[0][top] / unit);
  start.push_back(ec50(free, rays, 1.0) / dose_unit);
  start.push_back(ec50(free, rays, 0.0) / dose_unit);
  Fit moved = free;
  const auto objective = [&](const tests::Vector& x) {
    const std::size_t r = rays.size();
    for (std::size_t i = 0; i < r; ++i) {
      const auto m = mixture_midpoint(
          rays[i].share_a, std::log(x[r + 1] * dose_unit), std::log(x[r + 2] * dose_unit), 1.0);
      moved.curves[i][hill_slope] = x[i];
      moved.curves[i][top] = x[r] * unit;
      moved.curves[i][log10_ec50] = m.log_ec50 / std::log(10.0);
    }
    return tests::drc_sum(moved, groups, unit);
  };
  const auto stop = numeric::variable_metric(objective, start);
  const std::size_t r = rays.size();
  return {stop.at[r + 1] * dose_unit, stop.at[r + 2] * dose_unit, objective(stop.at) * unit * unit};
}

TEST_F(DrcAnswers, MixtureOfTwoAcids) {
  const auto rays = rays_of(rows("acidiq"));
  const Fit free = free_rays(rays, false, false);
  EXPECT_NEAR(ec50(free, rays, 1.0), 308.438, 5e-4);
  EXPECT_NEAR(ec50(free, rays, 0.0), 347.659, 5e-4);
  const MixtureFit bent = fit_mixture(rays);
  EXPECT_NEAR(bent.lambda, 0.280635, 1e-4 * 0.280635);
  EXPECT_LT(additivity(fit_mixture(rays, {Isobole::concentration_addition, false}), bent).p, 1e-6);
}

TEST_F(DrcAnswers, MixtureOfTwoHerbicides) {
  const auto rays = rays_of(rows("glymet"));
  const Fit free = free_rays(rays, true, false), stopped = free_rays(rays, true, true);
  EXPECT_NEAR(ec50(free, rays, 1.0), 133319, 1e-4 * 133319);
  EXPECT_NEAR(ec50(free, rays, 0.0), 128136, 1e-4 * 128136);
  EXPECT_NEAR(ec50(stopped, rays, 1.0), 133319, 0.5);
  EXPECT_NEAR(ec50(stopped, rays, 0.0), 128136, 0.5);
  const MixtureFit bent = fit_mixture(rays, {Isobole::hewlett, true});
  EXPECT_NEAR(bent.lambda, 0.867902, 1e-4 * 0.867902);
  EXPECT_NEAR(bent.lambda_se, 0.136672, 1e-4 * 0.136672);
  const MixtureFit straight = fit_mixture(rays, {Isobole::concentration_addition, true});
  const auto stop = where_drc_stops_adding(rays, stopped);
  EXPECT_NEAR(stop.a, 147335, 0.5);
  EXPECT_NEAR(stop.b, 141652, 0.5);
  EXPECT_LE(straight.residual_sum, stop.residual_sum);
  EXPECT_NEAR(straight.residual_sum, stop.residual_sum, 1e-6 * stop.residual_sum);
}

TEST_F(DrcAnswers, PotencyRatiosOfTwoHerbicides) {
  const auto data = tests::curve_data(rows("S.alba"), "Dose", "DryMatter", "Herbicide");
  const std::size_t g = data.group("Glyphosate"), b = data.group("Bentazone");
  const Scalar e_g = parameter_of(log10_ec50, g), e_b = parameter_of(log10_ec50, b);
  const auto own =
      tests::where_drc_stops(fit_curves(Shape::log_logistic4, data.groups, {}), data.groups);
  const auto common = tests::where_drc_stops(
      fit_curves(Shape::log_logistic4, data.groups, std::vector<Parameter>{top, bottom}),
      data.groups);
  const Wald ratio = power_of_ten(wald(own, log10_fold(b, g)));
  EXPECT_NEAR(ratio.estimate, 0.471406, 5e-7);
  EXPECT_NEAR(ratio.interval().low, 0.34781, 5e-6);
  EXPECT_NEAR(ratio.interval().high, 0.59501, 5e-6);
  const Interval fieller = fieller_interval(own, e_b, e_g);
  EXPECT_NEAR(fieller.low, 0.36534, 5e-6);
  EXPECT_NEAR(fieller.high, 0.62228, 5e-6);
  const Wald inverse = power_of_ten(wald(own, log10_fold(g, b)));
  EXPECT_NEAR(inverse.estimate, 2.121316, 5e-7);
  EXPECT_NEAR(inverse.se, 0.278057, 5e-7);
  EXPECT_NEAR(inverse.p(1.0), 1.58e-4, 5e-7);
  const Wald shared = power_of_ten(wald(common, log10_fold(b, g)));
  EXPECT_NEAR(shared.estimate, 0.428048, 5e-7);
  EXPECT_NEAR(shared.interval().low, 0.34026, 5e-6);
  EXPECT_NEAR(shared.interval().high, 0.51583, 5e-6);
  const Interval shared_fieller = fieller_interval(common, e_b, e_g);
  EXPECT_NEAR(shared_fieller.low, 0.34990, 5e-6);
  EXPECT_NEAR(shared_fieller.high, 0.52990, 5e-6);
  const FTest test = compare_nested(common, own);
  EXPECT_NEAR(test.f, 0.58756, 5e-6);
  EXPECT_EQ(test.df1, 2.0);
  EXPECT_EQ(test.df2, 60.0);
  EXPECT_NEAR(test.p, 0.55885, 5e-6);
}

}  // namespace
}  // namespace kinescape::dose_response
