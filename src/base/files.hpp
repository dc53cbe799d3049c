// SPDX-License-Identifier: Apache-2.0
/// \file Files whole: read at once or not, written entirely or not at all, and named by content.
#pragma once

#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include "base/problem.hpp"

namespace kinescape {

/// The bytes of a file. Missing, unreadable, a folder, or larger than `max_bytes` is a Problem.
[[nodiscard]] Checked<std::string> read_file(const std::string& path,
                                             std::size_t max_bytes = std::size_t{1} << 30U);

/// Writes `bytes` to `path`: to a temporary file beside it, then renamed, so that a reader sees the
/// old content or the new, never half. Goes through a symbolic link; writes plainly to what is not
/// a regular file (/dev/stdout). What a killed process left hidden, the next one for the same file
/// removes. Throws FileError with the reason (disk full, no permission, ...).
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// A folder of results that appears whole: files are written into a hidden folder, and `commit()`
/// puts them in place: with one rename where the folder is new; else one rename a file, replacing
/// files of the same name and leaving others alone. Without commit() everything is removed and an
/// existing folder is as it was; what a killed process left hidden, the next one for the same
/// folder removes. Throws FileError; UsageError for a path that leaves the folder.
class OutputFolder {
 public:
  explicit OutputFolder(const std::filesystem::path& final_path);
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;
  void write(const std::filesystem::path& relative, std::string_view bytes);
  [[nodiscard]] const std::filesystem::path& staging() const { return staging_; }
  void commit();

 private:
  std::filesystem::path final_, staging_;
  int lock_ = -1;  ///< Says that `staging_` is in use.
  bool committed_ = false;
};

/// SHA-256 (FIPS 180-4) as 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256(std::string_view bytes);

/// The same of a file of any size, streamed.
[[nodiscard]] Checked<std::string> sha256_file(const std::string& path);

}  // namespace kinescape
