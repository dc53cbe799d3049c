// SPDX-License-Identifier: Apache-2.0
/// \file Results of immunoblots and protein assays to JSON and to a report.
#pragma once

#include <string>
#include <vector>

#include "report/report.hpp"

namespace kinescape::immunoblot {
struct Estimate;
struct ProteinResult;
}  // namespace kinescape::immunoblot

namespace kinescape::report {

/// The result of `immunoblot analyze --json`. With errors among `problems`, only they are in it.
[[nodiscard]] std::string immunoblot_json(const immunoblot::Estimate& estimate,
                                          const Provenance& provenance,
                                          const Problems& problems);
/// The report of `immunoblot analyze -o DIR`.
[[nodiscard]] std::vector<OutputFile> immunoblot_files(const immunoblot::Estimate& estimate,
                                                       const Provenance& provenance,
                                                       const Problems& problems);

/// The same of `immunoblot protein`.
[[nodiscard]] std::string protein_json(const immunoblot::ProteinResult& result,
                                       const Provenance& provenance,
                                       const Problems& problems);
[[nodiscard]] std::vector<OutputFile> protein_files(const immunoblot::ProteinResult& result,
                                                    const Provenance& provenance,
                                                    const Problems& problems);

}  // namespace kinescape::report
