// SPDX-License-Identifier: Apache-2.0
/// \file Exceptions: misuse of the library, an unusable model, or a bug. Faulty data never throws.
#pragma once

#include <stdexcept>
#include <string>

namespace kinescape {

/// The caller asked for something that cannot be asked (wrong option, impossible argument).
struct UsageError : std::invalid_argument {
  explicit UsageError(const std::string& what) : std::invalid_argument(what) {}
};

/// A file could not be read or written for a reason outside its content (permission, disk full).
struct FileError : std::runtime_error {
  FileError(std::string path_, const std::string& why)
      : std::runtime_error(path_ + ": " + why), path(std::move(path_)) {}
  std::string path;
};

/// Something that cannot happen did: a bug in Kinescape.
struct InternalError : std::logic_error {
  explicit InternalError(const std::string& what) : std::logic_error(what) {}
};

}  // namespace kinescape
