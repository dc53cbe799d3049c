// SPDX-License-Identifier: Apache-2.0
/// \file The texts that the program carries for `study new`.
#pragma once

#include <string_view>

namespace kinescape::study {

extern const std::string_view starter_study;   ///< examples/starter/study.toml
extern const std::string_view starter_design;  ///< examples/starter/design.toml
extern const std::string_view study_schema;    ///< schemas/study.schema.json

}  // namespace kinescape::study
