// SPDX-License-Identifier: Apache-2.0
/// \file What does a person read, and what does a script? Results to files; no statistic is
/// computed here.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/problem.hpp"
#include "base/provenance.hpp"
#include "combination/design.hpp"
#include "combination/estimate.hpp"
#include "study/study.hpp"
#include "viability/estimate.hpp"

namespace kinescape::report {

/// A plan beside the power it was asked for.
template <class Plan>
struct PlanOf {
  Plan plan;
  double wanted_power = 0.8;
};

/// One file of a report, by its path inside the output folder.
struct OutputFile {
  std::filesystem::path path;
  std::string bytes;
};

/// Everything `study run` writes: report.html, results.json, tables/*.csv, figures/*.vl.json.
/// SVG figures are made from the specs by render_svg, which needs another program.
[[nodiscard]] std::vector<OutputFile> study_files(const study::Results& results);

/// SVG of each figures/*.vl.json among `files`, by the Vega libraries in Node.js. Without a `node`
/// to run: no files and a warning.
[[nodiscard]] Checked<std::vector<OutputFile>> render_svg(const std::vector<OutputFile>& files);

/// The result of `viability analyze --json`. With errors among `problems`, only they are in it.
[[nodiscard]] std::string viability_json(const viability::Estimate& estimate,
                                         const Provenance& provenance,
                                         const Problems& problems);

/// The report of `viability analyze -o DIR`: the same chapter without a study around it.
[[nodiscard]] std::vector<OutputFile> viability_files(const viability::Estimate& estimate,
                                                      const Provenance& provenance,
                                                      const Problems& problems);

/// The same two of `combination analyze`.
[[nodiscard]] std::string combination_json(const combination::Estimate& estimate,
                                           const Provenance& provenance,
                                           const Problems& problems);
[[nodiscard]] std::vector<OutputFile> combination_files(const combination::Estimate& estimate,
                                                        const Provenance& provenance,
                                                        const Problems& problems);
/// The result of `combination plan --json`.
[[nodiscard]] std::string combination_plan_json(const std::vector<combination::PlanRow>& rows,
                                                int simulations,
                                                const Provenance& provenance);

}  // namespace kinescape::report
