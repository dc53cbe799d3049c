// SPDX-License-Identifier: Apache-2.0
/// \file Which surface runs through all wells of a pair, and how sure is each of its numbers? Three
/// models with the interaction among their parameters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/estimated.hpp"
#include "combination/block.hpp"

namespace kinescape::combination {

enum class Model {
  musyc,   ///< Potency, efficacy, cooperativity (Wooten et al. 2021,
           ///< doi:10.1038/s41467-021-24789-z).
  braid,   ///< One interaction kappa (Twarog et al. 2016, doi:10.1038/srep25523).
  zimmer,  ///< Effective doses (Zimmer et al. 2016, doi:10.1073/pnas.1606301113).
};
[[nodiscard]] std::string_view name(Model model);  ///< "MuSyC"
[[nodiscard]] std::string_view key(Model model);   ///< "musyc"

struct SurfaceOptions {
  double level = 0.95;
  double floor = 0.0;       ///< As ScoreOptions.
  bool intervals = true;    ///< Profile likelihood of the interaction parameters.
  bool full_range = false;  ///< Each agent alone runs from 1 to `floor`.
};

/// One parameter. Those on a logarithmic scale are given back on their own.
struct SurfaceParameter {
  std::string key;  ///< "alpha_12", "ec50_a_nM"
  Estimated estimate;
  bool interaction = false;
};

struct SurfaceFit {
  Model model = Model::musyc;
  Status status = Status::not_run;
  std::string why;
  std::vector<SurfaceParameter> parameters;
  std::vector<double> at;  ///< As the search holds them, for predict().
  double residual_sd = unknown;
  /// Wells vary by residual_sd^2 (c + (1 - c) viability^2), c this share.
  double constant_share = 1.0;
  double aicc = unknown;
  int n = 0, k = 0;
  [[nodiscard]] bool usable() const { return status == Status::ok; }
  [[nodiscard]] const Estimated* find(std::string_view key) const;
};

/// MuSyC in the convention of its authors: alpha_12 is how drug a changes the potency of drug b
/// (effective dose alpha_12 d_b), beta how much stronger the pair is than the stronger drug as a
/// share of its effect, gamma_12 how a changes the Hill slope of b. All invariant to dose units.
///
/// Each biological repeat has its own vehicle level and its own potency of each agent; the
/// interaction is common. Wells weigh by a variance a^2 + b^2 viability^2 that is estimated from
/// the residuals. Intervals: where the weighted sum of squares, all else refitted, exceeds its
/// minimum by the F(1, n - k) quantile; an open end is NaN. Two drugs only.
[[nodiscard]] SurfaceFit fit_surface(Model model,
                                     const Cells& cells,
                                     const SurfaceOptions& options = {});

/// Viability that a fit gives to a dose pair, in the mean over repeats.
[[nodiscard]] double predict(const SurfaceFit& fit, double dose_a_nM, double dose_b_nM);

/// Mean over the measured dose pairs of `surface`, in percentage points of effect, of how far the
/// fit lies below itself with its interaction parameters at none.
[[nodiscard]] double interaction_points(const SurfaceFit& fit, const Surface& surface);

/// Variance over repeats of the log potency of an agent, in the mean of both; NaN: one repeat.
[[nodiscard]] double potency_variance(const SurfaceFit& fit, std::size_t repeats);

/// Plain parameters of MuSyC, for the forward model and for tests.
struct MusycTruth {
  double e0 = 1.0, e1 = 0.0, e2 = 0.0, e3 = 0.0;
  double h1 = 1.0, h2 = 1.0, c1_nM = 100.0, c2_nM = 100.0;
  double alpha_12 = 1.0, alpha_21 = 1.0, gamma_12 = 1.0, gamma_21 = 1.0;
};
[[nodiscard]] double musyc(const MusycTruth& truth, double dose_a_nM, double dose_b_nM);

}  // namespace kinescape::combination
