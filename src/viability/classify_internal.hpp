// SPDX-License-Identifier: Apache-2.0
/// \file What kind of curve is it: seen on both sides, out of range, flat, or turning?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "viability/estimate.hpp"
#include "viability/model_internal.hpp"

namespace kinescape::viability {

/// The test against a constant response, calibrated for one design.
class FlatTest {
 public:
  explicit FlatTest(const model::Data& data);
  /// Designs with the same key share a calibration.
  [[nodiscard]] static std::string key(const model::Data& data);
  [[nodiscard]] double p(const model::Data& data, const model::Fit& fit) const;

 private:
  std::vector<double> null_;  // Ascending.
};

inline constexpr double flat_level = 0.01;  ///< Of the flat test.

struct Classified {
  CurveClass curve_class = CurveClass::failed;
  std::string why;  ///< For everything but identified.
};

/// A curve that ends at no viability, with its midpoint above the doses, if it does as well as the
/// best. As well as the repeats agree: where they vary more than the wells say, the wells'
/// likelihood is no judge of a step between two doses.
[[nodiscard]] std::optional<model::Theta> full_effect_beyond(const model::Data& data,
                                                             const model::Fit& fit);
/// Why the IC50 lies above the doses.
[[nodiscard]] std::string half_not_reached(const model::Data& data, const model::Fit& fit);

/// \param midpoint profile of the relative log10 IC50, before the repeats widen it.
[[nodiscard]] Classified classify(const model::Data& data,
                                  const model::Fit& fit,
                                  const model::Profile& midpoint,
                                  double flat_p);

/// The largest rise of the response with dose, in standard errors of the wells, and its size.
struct Rise {
  double z = 0.0, size = 0.0;
  double from_log10 = unknown, to_log10 = unknown;
};
[[nodiscard]] Rise largest_rise(const model::Data& data, const model::Fit& fit);

}  // namespace kinescape::viability
