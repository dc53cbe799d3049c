// SPDX-License-Identifier: Apache-2.0
// Which shape? The log-logistic one, unless the data clearly ask for more.
#include <algorithm>
#include <cmath>
#include <limits>

#include "viability/analyse_internal.hpp"

namespace kinescape::viability {
namespace {

using dose_response::Shape;
using model::Data;
using model::Fit;

constexpr double infinity = std::numeric_limits<double>::infinity();

// How far AICc must fall before a more complex shape replaces the log-logistic one: repeats that
// differ in slope or plateau look like a more complex curve when pooled.
constexpr double margin = 10.0;

double aicc_of(const Data& data, const Fit& fit) {
  double log_variance = 0.0;
  for (std::size_t i = 0; i < data.obs.size(); ++i)
    log_variance += data.obs[i].n * std::log(fit.variance[i]);
  double within = 0.0;
  for (std::size_t i = 0; i < data.obs.size(); ++i) within += data.obs[i].within / fit.variance[i];
  const double k = data.wells - fit.df + 2.0, n = data.wells;
  return log_variance + within + fit.q + 2.0 * k + 2.0 * k * (k + 1.0) / std::max(1.0, n - k - 1.0);
}

// The flat curve under the variances of the fitted one, so that both are scored alike.
double flat_aicc(const Data& data, const Fit& fit) {
  return aicc_of(data, model::refit_shape(data, fit, Shape::flat));
}

// Does the fitted curve go above the untreated level at a tested dose? Without that, hormesis
// would only be another way to bend a falling curve.
bool rises(const Data& data, const Fit& fit) {
  return std::any_of(data.doses_nM.begin(), data.doses_nM.end(), [&](double dose) {
    return model::response(fit.theta, std::log10(dose)) > fit.theta.at[2] + 0.05;
  });
}

}  // namespace

Choice choose_shape(const Data& data, const Options& options) {
  const Shape base = data.normalised ? Shape::log_logistic4 : Shape::log_logistic3u;
  std::vector<Shape> candidates = options.shapes;
  const bool told = !candidates.empty();
  if (!told) candidates = {base, Shape::log_logistic5, Shape::brain_cousens, Shape::biphasic};
  Choice choice;
  const Shape first = *std::find_if(
      candidates.begin(), candidates.end() - 1, [](Shape s) { return s != Shape::flat; });
  choice.fit = model::fit_shape(data, first == Shape::flat ? base : first);
  if (!choice.fit.usable) return choice;
  const double flat = flat_aicc(data, choice.fit), plain = aicc_of(data, choice.fit);
  choice.scores.push_back({Shape::flat, flat, unknown, false});
  choice.scores.push_back({choice.fit.theta.shape, plain, unknown, true});
  Fit best = choice.fit;
  double best_score = plain;
  for (Shape shape : candidates) {
    if (shape == first || shape == Shape::flat) continue;
    const auto more = model::free_parameters(shape, data.normalised).size();
    const auto fewer = model::free_parameters(first, data.normalised).size();
    // Fewer doses than parameters: the shape could not be told apart from noise.
    if (data.doses_nM.size() < more + 1) continue;
    Fit fit = model::refit_shape(data, choice.fit, shape);
    if (!fit.usable) continue;
    const double score = aicc_of(data, fit);
    choice.scores.push_back({shape, score, unknown, false});
    if (!told && shape == Shape::brain_cousens && !rises(data, fit)) continue;
    if (score < best_score && plain - score > (more > fewer ? margin : 0.0)) {
      best = fit;
      best_score = score;
    }
  }
  choice.fit = best;
  double least = infinity;
  for (const auto& s : choice.scores) least = std::min(least, s.aicc);
  for (auto& s : choice.scores) {
    s.delta_aicc = s.aicc - least;
    s.chosen = s.shape == best.theta.shape;
  }
  return choice;
}

}  // namespace kinescape::viability
