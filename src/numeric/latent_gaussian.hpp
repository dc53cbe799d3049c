// SPDX-License-Identifier: Apache-2.0
/// \file What do exact, censored, interval and ordered observations say together about values that
/// are never seen themselves? Linear mixed models whose observations need not be numbers.
///
/// Latent values x have independent Gaussian priors, N(mean_j, scale_j sd_k^2) with the standard
/// deviation sd_k of their component, or none (a fixed effect). An observation is a bound or a
/// value of linear forms of x with Gaussian (or Student-t) noise, so the log posterior of x is
/// concave. Standard deviations come from the Laplace approximation of the marginal likelihood
/// (Tierney & Kadane 1986, doi:10.1080/01621459.1986.10478240), which with exact Gaussian
/// observations is the restricted likelihood itself; their own uncertainty is integrated over by
/// importance sampling around the mode, as in integrated nested Laplace approximations (Rue 2009,
/// doi:10.1111/j.1467-9868.2008.00700.x). A Student-t prior is a Gaussian whose variance is drawn
/// for each column; those variances stand at their variational means (Tipping 2001, JMLR
/// 1:211-244).
#pragma once

#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/estimated.hpp"
#include "base/parallel.hpp"
#include "base/stream.hpp"

namespace kinescape::numeric {

/// `weight` times latent value `column`.
struct LatentTerm {
  std::size_t column = 0;
  double weight = 1.0;
};

/// constant + sum of terms.
struct LatentForm {
  double constant = 0.0;
  std::vector<LatentTerm> terms;
};

/// A latent value. With `component` its prior is N(mean, scale * sd^2 of that component).
struct LatentColumn {
  static constexpr std::size_t no_prior = static_cast<std::size_t>(-1);
  std::size_t component = no_prior;
  double scale = 1.0;
  double mean = 0.0;
};

/// A standard deviation of the model.
struct LatentComponent {
  double fixed_sd = unknown;     ///< Known: this value is used and not estimated.
  double prior_scale = unknown;  ///< sd ~ half-normal of this scale; unknown: flat on log sd.
  /// Its columns have Student-t priors of these degrees of freedom (above 2) and of scale sd;
  /// unknown: Gaussian. The scales of such columns are found, not taken.
  double tail_df = unknown;
  /// Variance of a column about which nothing is known, over sd^2.
  [[nodiscard]] double spread() const {
    return std::isnan(tail_df) ? 1.0 : tail_df / (tail_df - 2.0);
  }
};

/// A share of a component in the variance of an observation's noise.
struct NoiseShare {
  std::size_t component = 0;
  double weight = 1.0;
};

/// One observation: lower < value + noise < upper, or value + noise = exact.
enum class SeenAs { exact, below, above, between };

struct LatentObservation {
  SeenAs seen = SeenAs::exact;
  LatentForm value;               ///< What is observed, without noise.
  LatentForm low, high;           ///< exact: `low`. below: `high`. above: `low`. between: both.
  std::vector<NoiseShare> noise;  ///< Its variance; not empty.
  double weight = 1.0;            ///< Of its log likelihood; 0 leaves it out.
};

struct LatentModel {
  std::vector<LatentColumn> columns;
  std::vector<LatentComponent> components;
  std::vector<LatentObservation> observations;
  double student_df =
      unknown;  ///< Exact observations have Student-t noise of these degrees of freedom.
};

struct LatentOptions {
  std::size_t draws =
      48;               ///< Of the standard deviations, in antithetic pairs; 0: their mode alone.
  Seed seed{20110105};  ///< Of those draws: the same model gives the same bits.
  std::size_t max_steps = 200;
  Threads threads{1};  ///< For the draws; the same bits at any count.
};

/// A Gaussian for a form of x under each draw of the standard deviations.
struct LatentMixture {
  std::vector<double> weight, mean, variance;
  [[nodiscard]] double center() const;
  [[nodiscard]] double sd() const;
  [[nodiscard]] double cdf(double x) const;
  [[nodiscard]] double log_density(double x) const;  ///< -infinity where no part reaches.
  [[nodiscard]] double quantile(double p) const;     ///< To 1e-9 of the spread.
};

/// The same for several forms together.
struct LatentJoint {
  std::vector<double> weight;
  std::vector<std::vector<double>> mean;        ///< [draw][form]
  std::vector<std::vector<double>> covariance;  ///< [draw][form * n + form]
};

/// Lower Cholesky factor (row-major, n x n) of a positive semi-definite matrix; directions without
/// variance get zeros.
[[nodiscard]] std::vector<double> cholesky_lower(const std::vector<double>& matrix, std::size_t n);

/// The posterior. Cheap to move, not copied.
class LatentPosterior {
 public:
  /// Throws UsageError for a model that cannot be (columns out of range, no noise, bounds crossed).
  explicit LatentPosterior(LatentModel model, const LatentOptions& options = {});
  ~LatentPosterior();
  LatentPosterior(LatentPosterior&&) noexcept;
  LatentPosterior& operator=(LatentPosterior&&) noexcept;

  [[nodiscard]] bool converged() const;
  [[nodiscard]] const std::string& why() const;  ///< When not converged.
  [[nodiscard]] double log_marginal() const;     ///< At the mode, without the priors of the sds.
  [[nodiscard]] double sd(std::size_t component) const;  ///< At the mode.
  [[nodiscard]] LatentMixture sd_log(
      std::size_t component) const;                            ///< ln sd, points without spread.
  [[nodiscard]] double at_mode(const LatentForm& form) const;  ///< At the mode of the sds (BLUP).
  /// `extra`: noise added to the form, for what a new observation would show.
  [[nodiscard]] LatentMixture distribution(const LatentForm& form,
                                           const std::vector<NoiseShare>& extra = {}) const;
  /// `mixture` of this posterior with more noise.
  [[nodiscard]] LatentMixture noisier(LatentMixture mixture,
                                      const std::vector<NoiseShare>& extra) const;
  [[nodiscard]] LatentJoint joint(const std::vector<LatentForm>& forms) const;
  /// `form` at the mode of the sds, refitted without the observations that are listed.
  [[nodiscard]] double at_mode_without(const LatentForm& form,
                                       const std::vector<std::size_t>& observations) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kinescape::numeric
