// SPDX-License-Identifier: Apache-2.0
/// \file What the files of the plan share.
#pragma once

#include "xenograft/design.hpp"

namespace kinescape::xenograft {

/// Power and cost of `animals` mice an arm, by simulation.
[[nodiscard]] PlanRow power_of(const VirtualExperiment& v, const PlanOptions& o, int animals);

/// Adds what other days of measurement and other ends of the study would take.
void compare_protocols(const VirtualExperiment& v, const PlanOptions& o, Plan& plan);

}  // namespace kinescape::xenograft
