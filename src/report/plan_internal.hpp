// SPDX-License-Identifier: Apache-2.0
/// \file What does a plan say? Its body, which JSON and report share.
#pragma once

#include "report/clinical.hpp"
#include "report/json_internal.hpp"
#include "report/xenograft.hpp"

namespace kinescape::report {

[[nodiscard]] Json xenograft_plan_body(const xenograft::Plan& plan);
[[nodiscard]] Json clinical_plan_body(const clinical::Plan& plan);

}  // namespace kinescape::report
