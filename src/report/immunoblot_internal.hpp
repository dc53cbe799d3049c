// SPDX-License-Identifier: Apache-2.0
/// \file What does a report say of immunoblots and protein assays? The parts of their chapters.
#pragma once

#include <optional>
#include <vector>

#include "immunoblot/estimate.hpp"
#include "immunoblot/protein.hpp"
#include "report/chapter_internal.hpp"

namespace kinescape::report {

[[nodiscard]] Chapter immunoblot_chapter(const immunoblot::Estimate& estimate);
[[nodiscard]] Chapter protein_chapter(const immunoblot::ProteinResult& result);

/// Profiles of the lanes of each strip, at most twelve strips; folds, if there are any.
[[nodiscard]] std::vector<Figure> profile_figures(const immunoblot::Estimate& estimate);
[[nodiscard]] std::optional<Figure> immunoblot_fold_figure(const immunoblot::Estimate& estimate);
/// Folds against time 0 over time; nothing without a time course.
[[nodiscard]] std::optional<Figure> immunoblot_course_figure(const immunoblot::Estimate& estimate);

/// What a blot says in sentences, and the tables of masses, time courses, ranges and readings.
[[nodiscard]] std::string immunoblot_readings(const immunoblot::Estimate& estimate);
[[nodiscard]] std::string folds_html(const immunoblot::Estimate& estimate);
[[nodiscard]] std::string courses_html(const immunoblot::Estimate& estimate);
[[nodiscard]] std::vector<OutputFile> more_blot_tables(const immunoblot::Estimate& estimate);

/// The keys of the results in JSON.
[[nodiscard]] Json immunoblot_body(const immunoblot::Estimate& estimate);
[[nodiscard]] Json protein_body(const immunoblot::ProteinResult& result);

}  // namespace kinescape::report
