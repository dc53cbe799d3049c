// SPDX-License-Identifier: Apache-2.0
/// \file What a fitted latent Gaussian model holds. Shared inside the room.
#pragma once

#include <Eigen/Dense>
#include <cmath>
#include <string>
#include <vector>

#include "numeric/latent_gaussian_internal.hpp"

namespace kinescape::numeric {

using latent::Engine;
using latent::Mode;

inline constexpr double least_log_sd = -9.0, most_log_sd = 3.5;

struct LatentPosterior::State {
  State(LatentModel m, const LatentOptions& o)
      : place(latent::elimination_place(m)),
        model(latent::moved(std::move(m), place)),
        options(o),
        engine(model) {}
  std::vector<std::size_t> place;  // of each column as it was named, in `model`
  LatentModel model;               // its columns in the order in which they are eliminated
  LatentOptions options;
  Engine engine;
  std::vector<std::size_t> free;  // components that are estimated
  Mode mode;
  std::vector<Mode> draws;
  std::vector<double> weights;
  bool converged = false;
  std::string why;
  mutable Eigen::VectorXd last;  // where the next solve starts

  [[nodiscard]] std::vector<double> all_log_sd(const Eigen::VectorXd& theta) const {
    std::vector<double> out;
    for (const auto& c : model.components)
      out.push_back(std::isnan(c.fixed_sd) ? 0.0 : std::log(c.fixed_sd));
    for (std::size_t i = 0; i < free.size(); ++i)
      out[free[i]] = theta[static_cast<Eigen::Index>(i)];
    return out;
  }
  [[nodiscard]] double log_prior(const std::vector<double>& log_sd) const {
    double sum = 0;
    for (const std::size_t k : free) {
      const double scale = model.components[k].prior_scale;
      if (std::isnan(scale)) continue;
      const double z = std::exp(log_sd[k]) / scale;
      sum += log_sd[k] - 0.5 * z * z;
    }
    return sum;
  }
  [[nodiscard]] Mode solve(const Eigen::VectorXd& theta, bool keep = false) const {
    Mode m = engine.solve(all_log_sd(theta), last, {}, keep);
    if (m.converged) last = m.x;
    return m;
  }
  [[nodiscard]] double cost(const Eigen::VectorXd& theta) const {
    const Mode m = solve(theta);
    if (!m.converged || !std::isfinite(m.log_marginal)) return 1e100;
    return -m.log_marginal - log_prior(m.log_sd);
  }
  /// Cost and its gradient. Exact, but for Student-t noise, whose curvature is an expected one.
  double cost_and_gradient(const Eigen::VectorXd& theta, Eigen::VectorXd& gradient) const;
  [[nodiscard]] Eigen::MatrixXd hessian(const Eigen::VectorXd& theta, double h) const;
  void maximise();
  /// Quasi-Newton steps from `theta`; `gradient` and the cost that is returned are of where they
  /// end, `inverse` is what they take for the inverse of the curvature.
  double approach(Eigen::VectorXd& theta, Eigen::VectorXd& gradient, Eigen::MatrixXd& inverse);
  [[nodiscard]] bool has_tails() const;
  [[nodiscard]] Mode with_tails_drawn(Mode mode, std::size_t draw) const;
  void adapt_tails(const Eigen::VectorXd& theta);
  void integrate(const Eigen::VectorXd& theta, double center, const Eigen::MatrixXd& hessian);
  void draw_at_mode();  // where no standard deviation is drawn
  void keep_of(std::vector<Mode>& tried, const std::vector<double>& log_weight);
};

}  // namespace kinescape::numeric
