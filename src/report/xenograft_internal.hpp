// SPDX-License-Identifier: Apache-2.0
/// \file What does a report say of mice? The parts of its chapter.
#pragma once

#include "report/chapter_internal.hpp"
#include "report/xenograft.hpp"

namespace kinescape::report {

[[nodiscard]] Chapter xenograft_chapter(const xenograft::Estimate& estimate);
[[nodiscard]] Json xenograft_body(const xenograft::Estimate& estimate);
[[nodiscard]] std::vector<OutputFile> xenograft_tables(const xenograft::Estimate& estimate);
[[nodiscard]] std::vector<Figure> xenograft_figures(const xenograft::Estimate& estimate);

}  // namespace kinescape::report
