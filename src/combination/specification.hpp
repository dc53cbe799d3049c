// SPDX-License-Identifier: Apache-2.0
/// \file What would each way of preparing the data have said? The score under every baseline,
/// normalisation and plateau choice, by every model.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "combination/reference.hpp"

namespace kinescape::combination {

/// How a response without any effect is brought to zero before scoring.
enum class Baseline {
  none,
  part,  ///< Cells below zero inhibition only are shifted by the lowest fitted single response.
  all,   ///< Every cell is.
};
[[nodiscard]] std::string_view name(Baseline baseline);

struct Preparation {
  Baseline baseline = Baseline::none;
  bool own_vehicle = false;  ///< Divided by the block's wells without drug.
  bool full_range = false;   ///< Curves run from 100 to 0 % viability, whatever the wells say.
};

/// Of a reference model: its mean score. Of a surface: the mean over the dose pairs of how far it
/// lies below itself without interaction, its own null.
struct Specification {
  std::string_view model, name;  ///< "hsa" .. "zip", "musyc", "braid", "zimmer"; "HSA" ..
  Preparation preparation;
  double score = unknown;
};

enum class Robustness {
  synergy,     ///< Above zero in every specification.
  antagonism,  ///< Below zero in every one.
  depends,     ///< On the specification.
  not_assessed,
};
[[nodiscard]] std::string_view name(Robustness robustness);

struct SpecificationTable {
  std::vector<Specification> rows;
  double lowest = unknown, highest = unknown;
  Robustness sign = Robustness::not_assessed;  ///< Of all rows.
  /// As sign, and the four scores as the data stand are each beyond their error.
  Robustness robust = Robustness::not_assessed;
};

/// `surface` prepared; the shift is 100 - viability in percent, as the tools count it.
[[nodiscard]] Surface prepared(const Surface& surface, const Preparation& how, double floor);

/// `surfaces`: also those of MuSyC, BRAID and effective doses, through the means.
[[nodiscard]] SpecificationTable specifications_of(const Surface& surface,
                                                   double floor,
                                                   bool surfaces);

}  // namespace kinescape::combination
