// SPDX-License-Identifier: Apache-2.0
/// \file From plates to the data of each curve: which wells answer for which line and drug.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "viability/estimate.hpp"
#include "viability/model_internal.hpp"

namespace kinescape::viability {

/// Everything about one line and drug that is needed to estimate it.
struct Job {
  std::string line, drug;
  model::Data data;
  struct Shown {
    const plate::Well* well = nullptr;
    int unit = -1;  ///< Index of its plate in data.plates; -1: not in the fit.
    std::string excluded;
    double edge = 0.0, gradient = 0.0;  ///< As in model::Obs.
  };
  std::vector<Shown> wells;  ///< Sample and vehicle wells of this curve, sorted.
  double time_h = unknown;
  int excluded = 0, censored = 0, physical_plates = 0;
  std::string hopeless;                ///< Why nothing can be fitted; empty: it can.
  std::map<std::string, double> day0;  ///< Net signal at the start of treatment, by repeat.
};

struct Gathered {
  std::vector<Job> jobs;
  std::vector<Exclusion> exclusions;
  Problems problems;
  std::vector<plate::Quality> quality;
};

[[nodiscard]] Gathered gather(const plate::PlateSet& plates, const Options& options);

}  // namespace kinescape::viability
