// SPDX-License-Identifier: Apache-2.0
/// \file kinescape immunoblot
#pragma once

#include "common.hpp"

namespace kinescape::cli {

void add_immunoblot(CLI::App& app, Action& action, const std::string& typed);

}  // namespace kinescape::cli
