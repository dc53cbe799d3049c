// SPDX-License-Identifier: Apache-2.0
/// \file What is written of mice.
#pragma once

#include "report/report.hpp"
#include "xenograft/design.hpp"
#include "xenograft/estimate.hpp"

namespace kinescape::report {

/// The result of `xenograft analyze --json` ("kinescape.xenograft/1").
[[nodiscard]] std::string xenograft_json(const xenograft::Estimate& estimate,
                                         const Provenance& provenance,
                                         const Problems& problems);
/// The report of `xenograft analyze -o DIR`.
[[nodiscard]] std::vector<OutputFile> xenograft_files(const xenograft::Estimate& estimate,
                                                      const Provenance& provenance,
                                                      const Problems& problems);
/// The result of `xenograft plan --json` ("kinescape.xenograft-plan/1").
[[nodiscard]] std::string xenograft_plan_json(const PlanOf<xenograft::Plan>& asked,
                                              const Provenance& provenance,
                                              const Problems& problems);
/// The report of `xenograft plan -o DIR`.
[[nodiscard]] std::vector<OutputFile> xenograft_plan_files(const PlanOf<xenograft::Plan>& asked,
                                                           const Provenance& provenance,
                                                           const Problems& problems);

}  // namespace kinescape::report
