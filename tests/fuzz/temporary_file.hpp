// SPDX-License-Identifier: Apache-2.0
/// \file For readers that take a path: the bytes in a file of this process.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

#include "fuzz.hpp"

namespace kinescape::fuzz {

/// The path of a file that holds `bytes`; the same path each time.
inline const std::string& file_with(std::string_view bytes) {
  static const std::string path =
      std::filesystem::temp_directory_path() / ("kinescape_fuzz_" + std::to_string(::getpid()));
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  require(file != nullptr, "the temporary file can be made");
  std::fwrite(bytes.data(), 1, bytes.size(), file);
  std::fclose(file);
  return path;
}

}  // namespace kinescape::fuzz
