// SPDX-License-Identifier: Apache-2.0
/// \file From ratios of lanes to folds of treatments, dose series, time courses and readings.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "immunoblot/estimate.hpp"
#include "immunoblot/ratios_internal.hpp"

namespace kinescape::immunoblot {

/// Multiple of a standard error that a normal interval of this level has.
[[nodiscard]] double normal_z(double level);

/// A treatment: line, drug, dose, time (-1: none). No drug is the dose 0 of every drug of its line.
using Treatment = std::tuple<std::string, std::string, double, double>;

struct Group {
  std::vector<const Ratio*> lanes;
  std::set<std::string> membranes, samples;
  bool any_exact = false;
  std::size_t index = 0;   ///< In the joint model, if any lane is exact.
  double bound = unknown;  ///< Mean log bound where none is.
  Relation relation = Relation::equal;
};

/// All ratios of one target over one reference.
struct Experiment {
  std::map<Treatment, Group> groups;
  std::vector<std::string> membranes;
  Joint joint;
};

/// One treatment over another.
[[nodiscard]] Fold fold_of(const Experiment& experiment,
                           const Group& a,
                           const Group& b,
                           const RatioOptions& options);

/// What a treatment's times are held against: its own time 0, else its line's without drug at time
/// 0 or without a time; null if there is none.
[[nodiscard]] const Group* start_of(const Experiment& experiment, const Treatment& treatment);

void add_courses(const Experiment& experiment,
                 const std::string& target,
                 const std::string& reference,
                 const RatioOptions& options,
                 Estimate& estimate);

void add_folds(const RatioOptions& options, Estimate& estimate);

/// Readings of all treatments whose ratios were declared downstream.
void add_readings(const RatioOptions& options, Estimate& estimate);

}  // namespace kinescape::immunoblot
