// SPDX-License-Identifier: Apache-2.0
/// \file From wells to the error of anything that is computed from a dose matrix.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/estimated.hpp"
#include "base/stream.hpp"
#include "combination/block.hpp"

namespace kinescape::combination {

/// Numbers computed from a surface; always as many, NaN where one has no value.
using Functional = std::function<std::vector<double>(const Surface&)>;

/// Several numbers with their joint error.
struct Spread {
  std::vector<double> value, se, df;
  /// One vector of deviations per independent unit (repeats left out in turn, or cells moved), such
  /// that their sum of squares is se^2. Rows: units.
  std::vector<std::vector<double>> parts;
  bool by_repeat = false;
  Status status = Status::not_run;  ///< ok, single_repeat, too_few_data
  std::string method, why;
  int repeats = 0;
};

/// `residual_sd`: what stands in for the spread of wells in a block with one well a cell.
[[nodiscard]] Spread spread_of(const Cells& cells, const Functional& f, double residual_sd);

/// Entry `i` as an estimate with a Student t interval.
[[nodiscard]] Estimated estimated(const Spread& spread, std::size_t i, double level);

/// Two-sided p of value i = 0.
[[nodiscard]] double p_of(const Spread& spread, std::size_t i);

/// The largest of several numbers, with an interval that knows it was chosen.
struct Winner {
  std::size_t at = 0;
  double value = unknown, low = unknown, high = unknown;  ///< Of the number that was chosen.
};

/// The upper end is the number's own. The lower end allows for the choice, by a Gaussian multiplier
/// bootstrap of whole repeats (Chernozhukov et al. 2013, doi:10.1214/13-AOS1161) in which each draw
/// chooses its own largest: the quantile of how far that lies above its centre, in standard errors
/// of its own. Entries within two standard errors of their difference from the largest are centred
/// with it, since among such it is the largest by luck. Of a single repeat: Bonferroni.
[[nodiscard]] Winner winner(const Spread& spread,
                            const std::vector<std::size_t>& of,
                            double level,
                            int draws,
                            Stream stream);

/// Share of draws from the joint error in which entry i is the smallest of `of`.
[[nodiscard]] double chance_smallest(const Spread& spread,
                                     std::size_t i,
                                     const std::vector<std::size_t>& of,
                                     int draws,
                                     Stream stream);

}  // namespace kinescape::combination
