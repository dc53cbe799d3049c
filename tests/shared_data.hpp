// SPDX-License-Identifier: Apache-2.0
/// \file Where do the reference data lie? In the folder named by the environment variable
/// KINESCAPE_SHARED_DATA, else in ../shared/data beside the checkout. Tests that need them are
/// skipped where they are not.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace kinescape::tests {

/// The folder or file `sub` of the reference data, if it is there.
inline std::optional<std::filesystem::path> shared_data(const std::string& sub) {
  const char* named = std::getenv("KINESCAPE_SHARED_DATA");
  const std::filesystem::path root =
      named != nullptr ? std::filesystem::path(named)
                       : std::filesystem::path(KINESCAPE_SOURCE_DIR) / ".." / "shared" / "data";
  std::error_code error;
  if (std::filesystem::exists(root / sub, error)) return root / sub;
  return std::nullopt;
}

}  // namespace kinescape::tests
