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
/// parameters are drawn, too, from their normal approximation, so that their uncertainty is in the
/// spread between fits. Random slopes and intercepts without subgroups or serial correlation.
[[nodiscard]] CensoredMixedFit fit_mixed_censored(const MixedData& data,
                                                  std::span<const std::uint8_t> below,
                                                  const MixedOptions& options,
                                                  int imputations,
                                                  Seed seed,
                                                  std::uint32_t purpose);

/// Rubin's rules with the small-sample degrees of freedom of Barnard & Rubin 1999
/// (doi:10.1093/biomet/86.4.948); the complete-data degrees are those of `method`.
[[nodiscard]] Contrast contrast(const CensoredMixedFit& fit,
                                std::span<const double> l,
                                DfMethod method);

}  // namespace kinescape::numeric
