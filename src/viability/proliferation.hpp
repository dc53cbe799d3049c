// SPDX-License-Identifier: Apache-2.0
/// \file How fast does a line grow at each dose? Rates of proliferation from time courses: the
/// drug-induced proliferation (DIP) rate (Harris et al. 2016, doi:10.1038/nmeth.3852), which does
/// not depend on when the plate was read.
#pragma once

#include <string>
#include <vector>

#include "base/estimated.hpp"
#include "base/problem.hpp"
#include "plate/plate.hpp"

namespace kinescape::viability {

/// Doublings per hour at one dose, once the drug acts; below 0 the cells die.
struct ProliferationRate {
  double dose_nM = 0.0;  ///< 0: untreated.
  Estimated doublings_per_h;
  double delay_h = unknown;  ///< When the straight part begins, mean over repeats.
};

/// One line and one drug.
struct Proliferation {
  std::string line, drug;
  std::vector<ProliferationRate> rates;  ///< By dose, untreated first.
  Estimated untreated_doublings_per_h, highest_dose_doublings_per_h;
  Estimated ic50_nM;  ///< Dose at half of the untreated rate; a bound where that is outside.
  std::string says;   ///< One sentence in plain words.
};

struct ProliferationOptions {
  double level = 0.95;
  double last_time_h = unknown;  ///< Readings after it take no part; NaN: all do.
};

/// Rates of all lines and drugs of raw signals that were read at 5 or more times; empty where there
/// is no time course. The signal, less the mean blank of its plate and time, must follow the number
/// of cells; technical wells are averaged, and the rate of a repeat is that of its averages. n is
/// repeats; intervals are Student's t over repeats, with one repeat those of its straight line. In
/// the order in which lines and drugs are first met.
[[nodiscard]] std::vector<Proliferation> proliferation(const plate::PlateSet& plates,
                                                       const ProliferationOptions& options = {});

}  // namespace kinescape::viability
