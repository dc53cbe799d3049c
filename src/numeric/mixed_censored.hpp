// SPDX-License-Identifier: Apache-2.0
/// \file What if some values of a mixed model are only known to lie below a limit? They are drawn
/// from what the model and the group's other values leave open, many times, and the fits combined.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/stream.hpp"
#include "numeric/mixed_model.hpp"

namespace kinescape::numeric {

/// Fits that differ in the drawn values only. With nothing censored there is one.
struct CensoredMixedFit {
  MixedEnd end = MixedEnd::not_run;
  std::vector<MixedFit> fits;
  int censored = 0;
};

/// `below[i]` != 0: y[i] is a limit and the value lies under it. Multiple imputation (Rubin 1987):
/// parameters are drawn, too, so that their uncertainty is in the spread between fits: fixed
/// effects from their normal approximation, covariances from an inverse Wishart law around the
/// estimate with the degrees of freedom that the information gives them. Values of a group are
/// drawn given all its other values, with subgroups and serial correlation as the model has them.
[[nodiscard]] CensoredMixedFit fit_mixed_censored(const MixedData& data,
                                                  std::span<const std::uint8_t> below,
                                                  const MixedOptions& options,
                                                  int imputations,
                                                  Seed seed,
                                                  std::uint32_t purpose);

/// The first fit with the mean over all of variances, serial correlation and log-likelihood.
[[nodiscard]] MixedFit mean_variances(const CensoredMixedFit& fit);

/// Rubin's rules with the small-sample degrees of freedom of Barnard & Rubin 1999
/// (doi:10.1093/biomet/86.4.948); the complete-data degrees are those of `method`.
[[nodiscard]] Contrast contrast(const CensoredMixedFit& fit,
                                std::span<const double> l,
                                DfMethod method);

}  // namespace kinescape::numeric
