// SPDX-License-Identifier: Apache-2.0
#include "numeric/latent_gaussian.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "base/errors.hpp"
#include "numeric/latent_observation_internal.hpp"

namespace kinescape::numeric {
namespace {

std::vector<std::vector<std::string>> read_table(const std::string& name) {
  std::ifstream in(std::string(KINESCAPE_SOURCE_DIR) + "/tests/reference/" + name);
  std::vector<std::vector<std::string>> out;
  for (std::string line; std::getline(in, line);) {
    std::stringstream cells(line);
    out.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) out.back().push_back(cell);
  }
  return out;
}

/// y ~ assay + (1|agent) + (1|variant) + (1|source) + (1|agent:variant) as a latent model.
struct Crossed {
  LatentModel model;
  std::map<std::string, std::size_t> column;
  std::size_t at(const std::string& name, std::size_t component) {
    const auto [it, fresh] = column.try_emplace(name, model.columns.size());
    if (fresh) model.columns.push_back({component, 1.0, 0.0});
    return it->second;
  }
};

Crossed crossed() {
  Crossed c;
  c.model.components.resize(5);  // agent:variant, source, variant, agent, residual
  const auto rows = read_table("latent_gaussian_lme4_data.csv");
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto& r = rows[i];
    LatentObservation o;
    o.value.terms = {{c.at("fixed_intercept", LatentColumn::no_prior), 1.0},
                     {c.at("fixed_assay", LatentColumn::no_prior), std::stod(r[3])},
                     {c.at("blup_agent:variant_" + r[0] + ":" + r[1], 0), 1.0},
                     {c.at("blup_source_" + r[2], 1), 1.0},
                     {c.at("blup_variant_" + r[1], 2), 1.0},
                     {c.at("blup_agent_" + r[0], 3), 1.0}};
    o.low.constant = std::stod(r[4]);
    o.noise = {{4, 1.0}};
    c.model.observations.push_back(o);
  }
  return c;
}

TEST(LatentGaussian, exact_observations_give_lme4s_restricted_likelihood_fit_to_six_digits) {
  Crossed c = crossed();
  LatentOptions options;
  options.draws = 0;
  const LatentPosterior fit(c.model, options);
  ASSERT_TRUE(fit.converged()) << fit.why();
  const std::map<std::string, std::size_t> sds{{"sd_agent:variant", 0},
                                               {"sd_source", 1},
                                               {"sd_variant", 2},
                                               {"sd_agent", 3},
                                               {"sd_Residual", 4}};
  std::size_t checked = 0;
  const auto want = read_table("latent_gaussian_lme4.csv");
  for (std::size_t i = 1; i < want.size(); ++i) {
    const std::string& name = want[i][0];
    const double value = std::stod(want[i][1]);
    double got = unknown;
    if (name == "reml") got = fit.log_marginal();
    if (const auto sd = sds.find(name); sd != sds.end()) got = fit.sd(sd->second);
    if (name == "se_intercept")
      got = fit.distribution({0, {{c.column.at("fixed_intercept"), 1.0}}}).sd();
    if (name == "se_assay") got = fit.distribution({0, {{c.column.at("fixed_assay"), 1.0}}}).sd();
    if (const auto at = c.column.find(name); at != c.column.end())
      got = fit.at_mode({0, {{at->second, 1.0}}});
    // lme4's own optimum is good to about 1e-7 in an sd; absolute, because predictions pass zero.
    EXPECT_NEAR(got, value, 1e-6 * std::max(1.0, std::abs(value))) << name;
    ++checked;
  }
  EXPECT_GT(checked, 40U);
}

TEST(LatentGaussian, known_variances_give_metafors_two_level_fit_to_six_digits) {
  LatentModel model;
  model.components.resize(2);
  model.components[1].fixed_sd = 1.0;
  model.columns.push_back({LatentColumn::no_prior});
  const auto rows = read_table("two_level_metafor.csv");
  for (std::size_t i = 1; rows[i][0].starts_with("trial"); ++i) {
    model.columns.push_back({0});
    LatentObservation o;
    o.value.terms = {{0, 1.0}, {i, 1.0}};
    o.low.constant = std::stod(rows[i][1]);
    o.noise = {{1, std::stod(rows[i][2])}};
    model.observations.push_back(o);
  }
  LatentOptions options;
  options.draws = 0;
  const LatentPosterior fit(model, options);
  ASSERT_TRUE(fit.converged()) << fit.why();
  std::size_t trials = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto& want = rows[i];
    if (want[0].starts_with("trial")) {
      EXPECT_NEAR(fit.at_mode({0, {{0, 1.0}, {i, 1.0}}}), std::stod(want[3]), 1e-6) << want[0];
      ++trials;
    } else if (want[0] == "mean") {
      EXPECT_NEAR(fit.at_mode({0, {{0, 1.0}}}), std::stod(want[1]), 1e-6);
      EXPECT_NEAR(fit.distribution({0, {{0, 1.0}}}).variance.front(), std::stod(want[2]), 1e-6);
    } else {
      EXPECT_NEAR(fit.sd(0) * fit.sd(0), std::stod(want[1]), 1e-6) << want[0];
    }
  }
  EXPECT_EQ(trials, 13U);
}

TEST(LatentGaussian, derivatives_of_every_kind_of_observation_meet_finite_differences) {
  const double h = 1e-5;
  for (const SeenAs seen : {SeenAs::exact, SeenAs::below, SeenAs::above, SeenAs::between}) {
    for (const double l : {-30.0, -4.0, -0.3, 0.2, 3.0, 18.0}) {
      const double u = l + 0.7, v = 0.5;
      const auto at = [&](double du, double dl) {
        return latent::contribution(seen, u + du, l + dl, v, unknown);
      };
      const auto c = at(0, 0);
      const double tolerance = 2e-5 * std::max(1.0, std::abs(c.value));
      EXPECT_NEAR(c.by_u, (at(h, 0).value - at(-h, 0).value) / (2 * h), tolerance);
      EXPECT_NEAR(c.by_l, (at(0, h).value - at(0, -h).value) / (2 * h), tolerance);
      EXPECT_NEAR(c.by_uu, (at(h, 0).by_u - at(-h, 0).by_u) / (2 * h), tolerance);
      EXPECT_NEAR(c.by_ll, (at(0, h).by_l - at(0, -h).by_l) / (2 * h), tolerance);
      EXPECT_NEAR(c.by_ul, (at(0, h).by_u - at(0, -h).by_u) / (2 * h), tolerance);
    }
  }
}

TEST(LatentGaussian, order_of_the_observations_changes_no_answer) {
  Crossed c = crossed();
  const LatentPosterior forward(c.model);
  std::reverse(c.model.observations.begin(), c.model.observations.end());
  const LatentPosterior backward(c.model);
  const LatentForm form{0, {{0, 1.0}, {2, 1.0}}};
  EXPECT_NEAR(forward.distribution(form).quantile(0.975),
              backward.distribution(form).quantile(0.975),
              1e-5);
}

TEST(LatentGaussian, a_shift_and_a_stretch_of_the_data_shift_and_stretch_the_answer) {
  Crossed c = crossed();
  LatentOptions options;
  options.draws = 0;
  const LatentForm form{0, {{0, 1.0}, {2, 1.0}}};
  const double before = LatentPosterior(c.model, options).at_mode(form);
  for (auto& o : c.model.observations) o.low.constant = 3.0 * o.low.constant + 10.0;
  EXPECT_NEAR(LatentPosterior(c.model, options).at_mode(form), 3.0 * before + 10.0, 1e-5);
}

TEST(LatentGaussian, censored_values_lie_where_the_bounds_say) {
  LatentModel m;
  m.columns = {{LatentColumn::no_prior, 1.0, 0.0}};
  m.components = {{1.0, unknown}};
  const auto add = [&](SeenAs seen, double low, double high) {
    LatentObservation o;
    o.seen = seen;
    o.value.terms = {{0, 1.0}};
    o.low.constant = low;
    o.high.constant = high;
    o.noise = {{0, 1.0}};
    m.observations.push_back(o);
  };
  add(SeenAs::below, 0, 1.0);
  add(SeenAs::above, 1.0, 0);
  const LatentPosterior fit(m);
  EXPECT_NEAR(fit.at_mode({0, {{0, 1.0}}}), 1.0, 1e-9)
      << "one below and one above 1: symmetric about 1";
  // Log-probit curvature at zero: 2 * h^2 with h = phi(0) / Phi(0).
  const double h = 2.0 * 0.3989422804014327;
  EXPECT_NEAR(fit.distribution({0, {{0, 1.0}}}).sd(), 1.0 / std::sqrt(2.0 * h * h), 1e-9);
}

TEST(LatentGaussian, a_student_t_prior_gives_the_posterior_that_quadrature_gives) {
  // x ~ t(4) of scale 1, seen once with a Gaussian error: a value near is drawn in, one far is not.
  const double df = 4.0, error_sd = 0.6;
  for (const double seen : {0.4, 2.0, 6.0}) {
    LatentModel m;
    m.columns = {{0, 1.0, 0.0}};
    m.components = {{1.0, unknown, df}, {error_sd, unknown}};
    LatentObservation o;
    o.value.terms = {{0, 1.0}};
    o.low.constant = seen;
    o.noise = {{1, 1.0}};
    m.observations = {o};
    LatentOptions options;
    options.draws = 4000;
    const LatentMixture x = LatentPosterior(m, options).distribution({0, {{0, 1.0}}});
    double mass = 0, first = 0, second = 0;
    for (double at = -12.0; at <= 15.0; at += 1e-3) {
      const double density = std::pow(1.0 + at * at / df, -0.5 * (df + 1.0)) *
                             std::exp(-0.5 * std::pow((seen - at) / error_sd, 2));
      mass += density, first += at * density, second += at * at * density;
    }
    const double mean = first / mass, sd = std::sqrt(second / mass - mean * mean);
    double mixture_mean = 0;
    for (std::size_t d = 0; d < x.mean.size(); ++d) mixture_mean += x.weight[d] * x.mean[d];
    EXPECT_NEAR(mixture_mean, mean, 0.03) << seen;
    EXPECT_NEAR(x.sd() / sd, 1.0, 0.03) << seen;
  }
}

TEST(LatentGaussian, what_cannot_be_a_model_is_refused) {
  LatentModel m;
  m.columns = {{0, 1.0, 0.0}};
  m.components = {{1.0, unknown}};
  LatentObservation o;
  o.value.terms = {{3, 1.0}};
  o.noise = {{0, 1.0}};
  m.observations = {o};
  EXPECT_THROW(LatentPosterior{m}, UsageError);
  m.observations[0].value.terms = {{0, 1.0}};
  m.observations[0].noise.clear();
  EXPECT_THROW(LatentPosterior{m}, UsageError);
}

}  // namespace
}  // namespace kinescape::numeric
