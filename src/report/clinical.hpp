// SPDX-License-Identifier: Apache-2.0
/// \file What is written of patients: survival, responses, pooled series.
#pragma once

#include "clinical/design.hpp"
#include "clinical/estimate.hpp"
#include "clinical/response.hpp"
#include "report/report.hpp"

namespace kinescape::report {

/// The result of `clinical analyze --json` ("kinescape.clinical/1").
[[nodiscard]] std::string clinical_json(const clinical::Estimate& estimate,
                                        const Provenance& provenance,
                                        const Problems& problems);
/// The report of `clinical analyze -o DIR`.
[[nodiscard]] std::vector<OutputFile> clinical_files(const clinical::Estimate& estimate,
                                                     const Provenance& provenance,
                                                     const Problems& problems);

/// The result of `clinical orr --json`; `against`: the second group, where there is one.
struct OrrAnswer {
  clinical::ResponseRate rate;
  const clinical::ResponseRate* second = nullptr;
  const clinical::RateComparison* comparison = nullptr;
};
[[nodiscard]] std::string orr_json(const OrrAnswer& answer, const Provenance& provenance);
/// The result of `clinical pool --json`.
[[nodiscard]] std::string pool_json(const std::vector<clinical::Pooled>& pooled,
                                    const Provenance& provenance,
                                    const Problems& problems);
/// The report of `clinical pool -o DIR`.
[[nodiscard]] std::vector<OutputFile> pool_files(const std::vector<clinical::Pooled>& pooled,
                                                 const Provenance& provenance,
                                                 const Problems& problems);
/// The result of `clinical plan --json` ("kinescape.clinical-plan/1").
[[nodiscard]] std::string clinical_plan_json(const PlanOf<clinical::Plan>& asked,
                                             const Provenance& provenance,
                                             const Problems& problems);
/// The report of `clinical plan -o DIR`.
[[nodiscard]] std::vector<OutputFile> clinical_plan_files(const PlanOf<clinical::Plan>& asked,
                                                          const Provenance& provenance,
                                                          const Problems& problems);

}  // namespace kinescape::report
