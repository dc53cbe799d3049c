// SPDX-License-Identifier: Apache-2.0
/// \file The wells that take part, plate by plate, for gather_internal.hpp.
#pragma once

#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "viability/gather_internal.hpp"

namespace kinescape::viability {

// Wells of one physical plate that take part, sorted so that the order of rows never matters.
struct Board {
  std::string name;
  std::vector<const plate::Well*> wells;
  double time_h = unknown;
  plate::Format format;
  double most = -std::numeric_limits<double>::infinity(),
         least = std::numeric_limits<double>::infinity();  ///< Of measured signals: bounds for
                                                           ///< censored wells.
  std::set<std::string> lines;                             ///< Of its sample wells.
  bool edge = false, gradient_by_row = false, gradient = false;
};

/// All wells that can answer, by plate, at one time each. Exclusions and problems go to `out`.
[[nodiscard]] std::map<std::string, Board> sort_wells(const plate::PlateSet& set,
                                                      const Options& options,
                                                      Gathered& out);

/// A vehicle of the line: labelled so, or unlabelled on a plate that holds this line only.
[[nodiscard]] bool vehicle_of(const Board& board, const plate::Well& well, const std::string& line);

/// The place of a well in the user's file.
[[nodiscard]] Where where_of(const plate::Well& well);
[[nodiscard]] std::string quoted(const std::string& text);

}  // namespace kinescape::viability
