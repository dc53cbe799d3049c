// SPDX-License-Identifier: Apache-2.0
#include "study/starter.hpp"

#include "base/errors.hpp"
#include "plate/write.hpp"
#include "study/starter_internal.hpp"
#include "viability/design_file.hpp"

namespace kinescape::study {

std::vector<std::pair<std::string, std::string>> starter() {
  const auto experiment = viability::read_design(starter_design, "design.toml");
  if (!experiment.ok() || !experiment.value.seed) {
    throw InternalError("the starter's design: " + describe(experiment.problems));
  }
  const auto& [design, truth, noise, seed] = experiment.value;
  const auto plates = viability::simulate(design, truth, noise, *seed);
  return {{"study.toml", std::string(starter_study)},
          {"design.toml", std::string(starter_design)},
          {"study.schema.json", std::string(study_schema)},
          {"plates.csv", plate::write_tidy(plates)}};
}

}  // namespace kinescape::study
