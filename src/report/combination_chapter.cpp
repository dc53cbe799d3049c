// SPDX-License-Identifier: Apache-2.0
#include "report/combination_internal.hpp"

namespace kinescape::report {

Chapter combination_chapter(const combination::Estimate& estimate) {
  Chapter chapter;
  chapter.room = "combination";
  chapter.name = "Combination";
  chapter.title = "Combination: synergy by every meaning";
  chapter.methods = estimate.methods;
  chapter.citations = estimate.citations;
  chapter.problems = estimate.problems;
  chapter.json = combination_body(estimate);
  return chapter;
}

std::vector<OutputFile> combination_files(const combination::Estimate& estimate,
                                          const Provenance& provenance,
                                          const Problems& problems) {
  return room_files(combination_chapter(estimate), provenance, problems);
}

}  // namespace kinescape::report
