// SPDX-License-Identifier: Apache-2.0
/// \file Where does a newcomer begin? A commented, working study with virtual data.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace kinescape::study {

/// The files of a starter study by their path in its folder: study.toml, design.toml (the virtual
/// experiment and its seed), the plates it gives, and the schema that lets editors complete keys.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> starter();

}  // namespace kinescape::study
