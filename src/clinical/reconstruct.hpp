// SPDX-License-Identifier: Apache-2.0
/// \file What patients lie behind a published curve? Rows that reproduce the printed curve and its
/// numbers at risk (Guyot et al. 2012, doi:10.1186/1471-2288-12-9). They are not real patients.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/problem.hpp"
#include "clinical/table.hpp"

namespace kinescape::clinical {

/// Points read off a curve, and the numbers printed under it.
struct PublishedCurve {
  std::string arm = "published";
  std::vector<double> time, survival;  ///< Survival as a share in [0, 1].
  std::vector<double> risk_time;
  std::vector<int> at_risk;
  int total_events = -1;  ///< When the paper states it.
  std::string source;     ///< For the label: "Smith 2019, figure 2".
};

/// Curve: columns time, survival (or survival_percent), optional arm; risk table: time, at_risk,
/// optional arm. Problems where the curve rises, times repeat, or risk grows.
[[nodiscard]] Checked<std::vector<PublishedCurve>> read_published(std::string_view curve,
                                                                  const std::string& curve_file,
                                                                  std::string_view risk,
                                                                  const std::string& risk_file);

/// Exact times of events as the curve drops, censoring spread evenly between printed risk times so
/// that these are met. The table's `reconstructed_from` says what it is.
[[nodiscard]] Table reconstruct(const std::vector<PublishedCurve>& curves);

}  // namespace kinescape::clinical
